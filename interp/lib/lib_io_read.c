/* lib_io_read.c: read formats.
 *
 * A call reads by all its formats under one claim, into C memory, and makes Lua values of it
 * afterwards: a Lua string may cost a collection, whose finalizers may use this very file. */
#include "io_impl.h"
#include "scratch.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdint.h>

#define FIXED_FORMATS 8
#define NUMERAL_MAX   200 /* characters; a longer numeral is no number */

/* ---- the job: formats in, values out ---- */

enum format { READ_LINE, READ_LINE_KEEP, READ_NUMBER, READ_ALL, READ_COUNT, READ_INVALID };

enum value_type { VALUE_FAIL, VALUE_STRING, VALUE_INTEGER, VALUE_FLOAT };

typedef struct item {
  enum format format;
  enum value_type type;
  size_t count; /* of READ_COUNT */
  size_t start, len;
  union {
    lua_Integer i;
    lua_Number n;
  } u;
} item;

typedef struct job {
  io_use use;
  item *items;
  int total; /* formats given */
  int done;  /* values to push; the last one may be a failure */
  bool nomem;
  scratch bytes;
} job;

enum step { STEP_OK, STEP_FAIL, STEP_ERROR, STEP_INTR, STEP_NOMEM };

static enum step step_of(enum io_result r) {
  switch (r) {
  case IO_OK: return STEP_OK;
  case IO_EOF: return STEP_FAIL;
  case IO_FAIL: return STEP_ERROR;
  case IO_INTR: return STEP_INTR;
  }
  return STEP_ERROR;
}

/* ---- lines ---- */

/* Moves buffered bytes up to and with a newline. True: there was one. */
static bool take_line_part(job *j, bool *nomem) {
  FILE *f = j->use.f;
  sbuf_lock(f);
  size_t have;
  const char *p = sbuf_peek(f, &have);
  const char *newline = have > 0 ? memchr(p, '\n', have) : NULL;
  size_t n = newline != NULL ? (size_t)(newline - p) + 1 : have;
  if (!scratch_reserve(&j->bytes, n)) {
    *nomem = true;
  } else if (n > 0) {
    memcpy(j->bytes.data + j->bytes.len, p, n);
    j->bytes.len += n;
    sbuf_take(f, n);
  }
  sbuf_unlock(f);
  return newline != NULL;
}

static enum step read_line(job *j, item *it) {
  bool nomem = false, found;
  while (!(found = take_line_part(j, &nomem)) && !nomem) {
    enum io_result r = chan_fill(&j->use);
    if (r == IO_EOF) break;
    if (r != IO_OK) return step_of(r);
  }
  if (nomem) return STEP_NOMEM;
  it->len = j->bytes.len - it->start;
  if (it->len == 0) return STEP_FAIL;
  if (found && it->format == READ_LINE) it->len--;
  it->type = VALUE_STRING;
  return STEP_OK;
}

/* ---- counts, everything ---- */

static enum step read_bytes(job *j, item *it, size_t want) {
  size_t step = SCRATCH_FIXED;
  while (want > 0) {
    size_t room = j->bytes.cap - j->bytes.len;
    if (room == 0) {
      if (step < (1u << 20)) step *= 4;
      if (!scratch_reserve(&j->bytes, step < want ? step : want)) return STEP_NOMEM;
      room = j->bytes.cap - j->bytes.len;
    }
    size_t got;
    enum io_result r =
        chan_read(&j->use, j->bytes.data + j->bytes.len, room < want ? room : want, &got);
    if (r == IO_EOF) break;
    if (r != IO_OK) return step_of(r);
    j->bytes.len += got;
    want -= got;
  }
  it->len = j->bytes.len - it->start;
  it->type = VALUE_STRING;
  return STEP_OK;
}

static enum step read_count(job *j, item *it) {
  if (it->count == 0) { /* the empty string, unless at the end of the file */
    size_t have;
    sbuf_lock(j->use.f);
    sbuf_peek(j->use.f, &have);
    sbuf_unlock(j->use.f);
    it->type = VALUE_STRING;
    return have > 0 ? STEP_OK : step_of(chan_fill(&j->use));
  }
  enum step s = read_bytes(j, it, it->count);
  return s == STEP_OK && it->len == 0 ? STEP_FAIL : s;
}

/* ---- numerals ---- */

/* Looks at the buffer in place, with the FILE locked but while it is being filled. */
typedef struct numeral {
  job *job;
  const unsigned char *p, *end; /* what is buffered; *p is the next character */
  size_t buffered;
  int c; /* *p, or EOF */
  enum step trouble;
  size_t len;
  char text[NUMERAL_MAX + 1];
} numeral;

static void numeral_begin(numeral *m) {
  sbuf_lock(m->job->use.f);
  m->p = (const unsigned char *)sbuf_peek(m->job->use.f, &m->buffered);
  m->end = m->p + m->buffered;
}

/* Takes what was looked at and passed. */
static void numeral_end(numeral *m) {
  sbuf_take(m->job->use.f, m->buffered - (size_t)(m->end - m->p));
  sbuf_unlock(m->job->use.f);
}

static void refill(numeral *m) {
  m->c = EOF;
  numeral_end(m);
  enum io_result r = m->trouble == STEP_OK ? chan_fill(&m->job->use) : IO_EOF;
  if (r != IO_OK && r != IO_EOF) m->trouble = step_of(r);
  numeral_begin(m);
  if (r == IO_OK && m->p < m->end) m->c = *m->p;
}

static void look(numeral *m) {
  if (m->p < m->end)
    m->c = *m->p;
  else
    refill(m);
}

static void advance(numeral *m) {
  m->p++;
  look(m);
}

/* Takes the next character into the numeral; a numeral that is too long becomes an invalid one. */
static bool keep(numeral *m) {
  if (m->len >= NUMERAL_MAX) {
    m->text[0] = '\0';
    return false;
  }
  m->text[m->len++] = (char)m->c;
  advance(m);
  return true;
}

static bool keep_either(numeral *m, int a, int b) { return (m->c == a || m->c == b) && keep(m); }

static bool is_digit(int c, bool hex) { return c != EOF && (hex ? isxdigit(c) : isdigit(c)); }

/* Digits that are in the buffer, at most as many as fit. */
static void keep_run(numeral *m, bool hex) {
  const unsigned char *p = m->p;
  size_t len = m->len;
  while (p < m->end && len < NUMERAL_MAX && is_digit(*p, hex)) m->text[len++] = (char)*p++;
  m->p = p;
  m->len = len;
  look(m);
}

static int keep_digits(numeral *m, bool hex) {
  size_t before = m->len;
  while (is_digit(m->c, hex)) {
    if (m->len >= NUMERAL_MAX) {
      keep(m);
      break;
    }
    keep_run(m, hex);
  }
  return (int)(m->len - before);
}

static bool keep_point(numeral *m) {
  if (m->c == EOF || !ispunct(m->c)) return false; /* spares asking for the locale */
  return keep_either(m, '.', (unsigned char)localeconv()->decimal_point[0]);
}

static void scan_numeral(numeral *m) {
  bool hex = false;
  int digits = 0;
  look(m);
  while (m->c != EOF && isspace(m->c)) advance(m);
  keep_either(m, '-', '+');
  if (keep_either(m, '0', '0')) {
    if (keep_either(m, 'x', 'X'))
      hex = true;
    else
      digits = 1;
  }
  digits += keep_digits(m, hex);
  if (keep_point(m)) digits += keep_digits(m, hex);
  if (digits > 0 && keep_either(m, hex ? 'p' : 'e', hex ? 'P' : 'E')) {
    keep_either(m, '-', '+');
    keep_digits(m, false);
  }
}

static enum step read_number(lua_State *L, job *j, item *it) {
  numeral m;
  m.job = j;
  m.trouble = STEP_OK;
  m.len = 0;
  numeral_begin(&m);
  scan_numeral(&m);
  numeral_end(&m);
  if (m.trouble == STEP_INTR || m.trouble == STEP_ERROR) return m.trouble;
  m.text[m.len] = '\0';
  /* Neither allocates nor raises, so it may be called under the claim. */
  if (lua_stringtonumber(L, m.text) == 0) return STEP_FAIL;
  it->type = lua_isinteger(L, -1) ? VALUE_INTEGER : VALUE_FLOAT;
  if (it->type == VALUE_INTEGER)
    it->u.i = lua_tointeger(L, -1);
  else
    it->u.n = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return STEP_OK;
}

/* ---- running a job ---- */

static enum step read_item(lua_State *L, job *j, item *it) {
  it->start = j->bytes.len;
  it->len = 0;
  switch (it->format) {
  case READ_LINE:
  case READ_LINE_KEEP: return read_line(j, it);
  case READ_NUMBER: return read_number(L, j, it);
  case READ_ALL: return read_bytes(j, it, SIZE_MAX);
  case READ_COUNT: return read_count(j, it);
  case READ_INVALID: break;
  }
  return STEP_ERROR;
}

/* Reads until a format fails or is invalid. STEP_FAIL: the last value is a failure. */
static enum step run_job(lua_State *L, job *j) {
  if (feof_unlocked(j->use.f) || ferror_unlocked(j->use.f)) clearerr(j->use.f);
  for (j->done = 0; j->done < j->total;) {
    item *it = &j->items[j->done];
    if (it->format == READ_INVALID) return STEP_OK;
    enum step s = read_item(L, j, it);
    j->done++;
    if (s == STEP_OK) continue;
    it->type = VALUE_FAIL;
    return s;
  }
  return STEP_OK;
}

static enum format format_of_string(const char *p) {
  if (*p == '*') p++; /* as written for Lua 5.2 and older */
  switch (*p) {
  case 'n': return READ_NUMBER;
  case 'l': return READ_LINE;
  case 'L': return READ_LINE_KEEP;
  case 'a': return READ_ALL;
  }
  return READ_INVALID;
}

/* Raises nothing: what is invalid is complained about when reading gets there. */
static void parse_format(lua_State *L, int arg, item *it) {
  if (lua_type(L, arg) == LUA_TNUMBER) {
    int exact;
    lua_Integer n = lua_tointegerx(L, arg, &exact);
    it->format = exact && n >= 0 ? READ_COUNT : READ_INVALID;
    it->count = (size_t)n;
  } else if (lua_type(L, arg) == LUA_TSTRING) {
    it->format = format_of_string(lua_tostring(L, arg));
  } else {
    it->format = READ_INVALID;
  }
}

static int raise_format(lua_State *L, int arg) {
  if (lua_type(L, arg) == LUA_TNUMBER) {
    luaL_checkinteger(L, arg);
    lua_pushliteral(L, "not enough memory"); /* for a negative count */
    return lua_error(L);
  }
  luaL_checkstring(L, arg);
  return luaL_argerror(L, arg, "invalid format");
}

static void push_items(lua_State *L, const job *j) {
  for (int i = 0; i < j->done; i++) {
    const item *it = &j->items[i];
    switch (it->type) {
    case VALUE_FAIL: luaL_pushfail(L); break;
    case VALUE_STRING: lua_pushlstring(L, j->bytes.data + it->start, it->len); break;
    case VALUE_INTEGER: lua_pushinteger(L, it->u.i); break;
    case VALUE_FLOAT: lua_pushnumber(L, it->u.n); break;
    }
  }
}

static int push_items_protected(lua_State *L) {
  const job *j = lua_touserdata(L, 1);
  luaL_checkstack(L, j->done, "too many results");
  push_items(L, j);
  return j->done;
}

/* malloc'ed bytes must not be lost to an error in making strings of them. */
static int push_results(lua_State *L, job *j) {
  if (j->bytes.data == j->bytes.fixed) {
    push_items(L, j);
    return j->done;
  }
  lua_pushcfunction(L, push_items_protected);
  lua_pushlightuserdata(L, j);
  int status = lua_pcall(L, 1, j->done, 0);
  scratch_free(&j->bytes);
  return status == LUA_OK ? j->done : lua_error(L);
}

static int finish_job(lua_State *L, job *j, enum step s, int first) {
  switch (s) {
  case STEP_INTR: scratch_free(&j->bytes); return rt_raise_interrupt(L, rt_self());
  case STEP_NOMEM: scratch_free(&j->bytes); return luaL_error(L, "not enough memory");
  case STEP_ERROR:
    scratch_free(&j->bytes);
    errno = j->use.err;
    return luaL_fileresult(L, 0, NULL);
  case STEP_OK:
  case STEP_FAIL: break;
  }
  if (s == STEP_OK && j->done < j->total) {
    scratch_free(&j->bytes);
    return raise_format(L, first + j->done);
  }
  return push_results(L, j);
}

int io_read_formats(lua_State *L, int idx, int first, const char *closed_message) {
  job j;
  item fixed[FIXED_FORMATS];
  int last = idx >= first ? idx - 1 : lua_gettop(L);
  int nargs = last - first + 1;
  j.items = fixed;
  j.total = nargs > 0 ? nargs : 1;
  scratch_init(&j.bytes);
  if (nargs <= 0) {
    fixed[0].format = READ_LINE;
  } else {
    luaL_checkstack(L, 2 * nargs + LUA_MINSTACK, "too many arguments");
    if (nargs > FIXED_FORMATS) j.items = lua_newuserdatauv(L, sizeof(item) * (size_t)nargs, 0);
    for (int i = 0; i < nargs; i++) parse_format(L, first + i, &j.items[i]);
  }

  enum stream_error e = stream_use(L, idx, &j.use, CLAIM_WAIT);
  if (e != STREAM_OK) return stream_raise(L, e, closed_message);
  enum step s = run_job(L, &j);
  stream_done(&j.use);
  return finish_job(L, &j, s, first);
}
