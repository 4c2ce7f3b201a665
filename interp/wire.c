/* wire.c: Lua values as bytes. The format is in wire.h. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAG_NIL, TAG_FALSE, TAG_TRUE, TAG_INT, TAG_FLOAT, TAG_STRING, TAG_TABLE };

static const unsigned char magic[4] = {'g', 'w', '1', 0};
#define HEADER    8u /* the magic and the number of tables */
#define BODY_MIN  2u /* end of array, end of pairs */
#define SHOWN_MAX 40 /* characters of a string key in a message */

void wire_free(struct wire_buf *buf) {
  free(buf->bytes);
  *buf = (struct wire_buf){0};
}

bool wire_append(struct wire_buf *buf, const void *bytes, size_t len) {
  if (len > buf->cap - buf->len) {
    size_t cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap - buf->len < len) {
      if (cap > SIZE_MAX / 2) return false;
      cap *= 2;
    }
    unsigned char *grown = realloc(buf->bytes, cap);
    if (grown == NULL) return false;
    buf->bytes = grown;
    buf->cap = cap;
  }
  if (len > 0) memcpy(buf->bytes + buf->len, bytes, len);
  buf->len += len;
  return true;
}

/* ---- encode ---- */

struct seen { /* a table that was met: its address and number; id 0 is an empty place */
  const void *at;
  uint32_t id;
};

struct encoder {
  struct wire_buf *out;
  struct seen *seen; /* open addressing, at most half full */
  size_t places;
  uint32_t count;    /* tables met */
  uint32_t current;  /* the table whose body is being written; 0: the value itself */
  uint32_t *parents; /* by id: the table in which it was met first */
  size_t parents_cap;
  int rc;
  char *why;
};

/* Places on the stack of encode_body. */
enum { AT_VALUE = 2, AT_TABLES = 3, AT_BODY = 4 };

static bool put(struct encoder *e, const void *bytes, size_t len) {
  if (!wire_append(e->out, bytes, len)) e->rc = GILT_ENOMEM;
  return e->rc == GILT_OK;
}

static bool put_tag(struct encoder *e, unsigned char tag) { return put(e, &tag, 1); }

static bool put_varint(struct encoder *e, uint64_t v) {
  unsigned char bytes[10];
  size_t n = 0;
  do {
    bytes[n++] = (unsigned char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
    v >>= 7;
  } while (v > 0);
  return put(e, bytes, n);
}

static bool put_integer(struct encoder *e, lua_Integer value) {
  uint64_t v = (uint64_t)value;
  return put_tag(e, TAG_INT) && put_varint(e, (v << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

static bool put_float(struct encoder *e, lua_Number value) {
  uint64_t v;
  unsigned char bytes[8];
  _Static_assert(sizeof value == sizeof v, "lua_Number is a double");
  memcpy(&v, &value, sizeof v);
  for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(v >> (8 * i));
  return put_tag(e, TAG_FLOAT) && put(e, bytes, sizeof bytes);
}

static size_t place_of(const struct encoder *e, const void *at) {
  size_t mask = e->places - 1;
  size_t i = (size_t)(((uint64_t)(uintptr_t)at >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20) & mask;
  while (e->seen[i].id != 0 && e->seen[i].at != at) i = (i + 1) & mask;
  return i;
}

static bool grow_seen(struct encoder *e) {
  struct encoder old = *e;
  e->places = old.places == 0 ? 64 : old.places * 2;
  e->seen = calloc(e->places, sizeof *e->seen);
  if (e->seen == NULL) {
    *e = old;
    e->rc = GILT_ENOMEM;
    return false;
  }
  for (size_t i = 0; i < old.places; i++)
    if (old.seen[i].id != 0) e->seen[place_of(e, old.seen[i].at)] = old.seen[i];
  free(old.seen);
  return true;
}

static bool remember_parent(struct encoder *e) {
  if (e->count >= e->parents_cap) {
    size_t cap = e->parents_cap == 0 ? 32 : e->parents_cap * 2;
    uint32_t *grown = realloc(e->parents, cap * sizeof *grown);
    if (grown == NULL) {
      e->rc = GILT_ENOMEM;
      return false;
    }
    e->parents = grown;
    e->parents_cap = cap;
  }
  e->parents[e->count] = e->current;
  return true;
}

/* The table at idx by its number; a new one is put in line for its body. */
static bool put_table(lua_State *L, struct encoder *e, int idx) {
  const void *at = lua_topointer(L, idx);
  if ((size_t)e->count * 2 >= e->places && !grow_seen(e)) return false;
  size_t place = place_of(e, at);
  if (e->seen[place].id == 0) {
    if (e->count == UINT32_MAX - 1 || !remember_parent(e)) {
      e->rc = GILT_ENOMEM;
      return false;
    }
    e->seen[place] = (struct seen){.at = at, .id = ++e->count};
    lua_pushvalue(L, idx);
    lua_rawseti(L, AT_TABLES, (lua_Integer)e->count);
  }
  return put_tag(e, TAG_TABLE) && put_varint(e, e->seen[place].id);
}

/* ---- saying what can't be sent ---- */

struct text {
  char *at;
  size_t left;
};

static void say(struct text *t, const char *s) {
  size_t n = strlen(s);
  if (n >= t->left) n = t->left - 1;
  memcpy(t->at, s, n);
  t->at[n] = '\0';
  t->at += n;
  t->left -= n;
}

static bool is_name(const char *s, size_t len) {
  if (len == 0 || len > SHOWN_MAX || (s[0] >= '0' && s[0] <= '9')) return false;
  for (size_t i = 0; i < len; i++) {
    char c = s[i];
    bool word =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!word) return false;
  }
  return true;
}

static void say_string_key(struct text *t, const char *s, size_t len) {
  char shown[SHOWN_MAX + 8];
  if (is_name(s, len)) {
    (void)snprintf(shown, sizeof shown, ".%s", s);
    say(t, shown);
    return;
  }
  say(t, "[\"");
  for (size_t i = 0; i < len && i < SHOWN_MAX; i++) {
    unsigned char c = (unsigned char)s[i];
    bool plain = c >= 32 && c != 127 && c != '"' && c != '\\';
    (void)snprintf(shown, sizeof shown, plain ? "%c" : "\\x%02X", c);
    say(t, shown);
  }
  say(t, len > SHOWN_MAX ? "...\"]" : "\"]");
}

/* One step of a path: the key at idx, which must not be converted (lua_next needs it). */
static void say_key(lua_State *L, struct text *t, int idx) {
  char shown[64];
  switch (lua_type(L, idx)) {
  case LUA_TSTRING: {
    size_t len;
    const char *s = lua_tolstring(L, idx, &len);
    say_string_key(t, s, len);
    break;
  }
  case LUA_TNUMBER:
    if (lua_isinteger(L, idx)) {
      (void)snprintf(shown, sizeof shown, "[%" PRId64 "]", (int64_t)lua_tointeger(L, idx));
    } else {
      (void)snprintf(shown, sizeof shown, "[%.14g]", (double)lua_tonumber(L, idx));
    }
    say(t, shown);
    break;
  case LUA_TBOOLEAN: say(t, lua_toboolean(L, idx) ? "[true]" : "[false]"); break;
  default:
    (void)snprintf(shown, sizeof shown, "[%s]", lua_typename(L, lua_type(L, idx)));
    say(t, shown);
  }
}

#define PATH_STEPS 12 /* the innermost ones; more are shown as "..." */

/* Pushes the key under which table `id` is found in its parent, or nil when it is a key itself. */
static void push_key_of(lua_State *L, const struct encoder *e, uint32_t id) {
  lua_rawgeti(L, AT_TABLES, (lua_Integer)id);
  lua_rawgeti(L, AT_TABLES, (lua_Integer)e->parents[id - 1]);
  lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    bool here = lua_rawequal(L, -1, -4);
    lua_pop(L, 1);
    if (here) {
      lua_replace(L, -3);
      lua_pop(L, 1);
      return;
    }
  }
  lua_pop(L, 2);
  lua_pushnil(L);
}

/* The path from the value to the table `id`, outermost first. */
static void say_path(lua_State *L, const struct encoder *e, struct text *t, uint32_t id) {
  uint32_t chain[PATH_STEPS];
  int n = 0;
  while (id != 0 && e->parents[id - 1] != 0 && n < PATH_STEPS) {
    chain[n++] = id;
    id = e->parents[id - 1];
  }
  if (id != 0 && e->parents[id - 1] != 0) say(t, "...");
  while (n > 0) {
    push_key_of(L, e, chain[--n]);
    if (lua_isnil(L, -1)) {
      say(t, "[a key]");
    } else {
      say_key(L, t, -1);
    }
    lua_pop(L, 1);
  }
}

static const char *what_is(lua_State *L, int idx) {
  switch (lua_type(L, idx)) {
  case LUA_TFUNCTION: return "a function";
  case LUA_TTHREAD: return "a coroutine";
  case LUA_TTABLE: return "a table with a metatable";
  default: return "a userdata";
  }
}

/* Writes `why`. The culprit is at idx; its key, where it is a value of a table, at key_idx (or 0).
 */
static bool refuse(lua_State *L, struct encoder *e, int idx, int key_idx) {
  struct text t = {.at = e->why, .left = WIRE_WHY};
  e->rc = GILT_EINVAL;
  if (e->current == 0) {
    say(&t, what_is(L, idx));
    return false;
  }
  say(&t, "a table with ");
  say(&t, what_is(L, idx));
  say(&t, key_idx != 0 ? " at " : " as a key");
  if (key_idx == 0 && e->parents[e->current - 1] != 0) say(&t, " of ");
  say_path(L, e, &t, e->current);
  if (key_idx != 0) say_key(L, &t, key_idx);
  return false;
}

static bool put_value(lua_State *L, struct encoder *e, int idx, int key_idx) {
  size_t len;
  const char *s;
  switch (lua_type(L, idx)) {
  case LUA_TNIL: return put_tag(e, TAG_NIL);
  case LUA_TBOOLEAN: return put_tag(e, lua_toboolean(L, idx) ? TAG_TRUE : TAG_FALSE);
  case LUA_TNUMBER:
    return lua_isinteger(L, idx) ? put_integer(e, lua_tointeger(L, idx))
                                 : put_float(e, lua_tonumber(L, idx));
  case LUA_TSTRING:
    s = lua_tolstring(L, idx, &len);
    return put_tag(e, TAG_STRING) && put_varint(e, len) && put(e, s, len);
  case LUA_TTABLE:
    if (!lua_getmetatable(L, idx)) return put_table(L, e, idx);
    lua_pop(L, 1);
    return refuse(L, e, idx, key_idx);
  default: return refuse(L, e, idx, key_idx);
  }
}

/* The body of the table at AT_BODY, on the top. */
static bool put_body(lua_State *L, struct encoder *e) {
  lua_Integer next = 1; /* 0: past the array part */
  lua_pushnil(L);
  while (lua_next(L, AT_BODY) != 0) {
    int key = AT_BODY + 1, value = AT_BODY + 2;
    if (next != 0 && lua_isinteger(L, key) && lua_tointeger(L, key) == next) {
      next++;
    } else {
      if (next != 0 && !put_tag(e, TAG_NIL)) return false;
      next = 0;
      if (!put_value(L, e, key, 0)) return false;
    }
    if (!put_value(L, e, value, key)) return false;
    lua_settop(L, key);
  }
  return (next == 0 || put_tag(e, TAG_NIL)) && put_tag(e, TAG_NIL);
}

static void put_count(struct encoder *e, size_t start) {
  for (int i = 0; i < 4; i++)
    e->out->bytes[start + sizeof magic + (size_t)i] = (unsigned char)(e->count >> (8 * i));
}

/* Arguments: the encoder, the value. */
static int encode_body(lua_State *L) {
  struct encoder *e = lua_touserdata(L, 1);
  unsigned char count[4] = {0};
  size_t start = e->out->len;
  lua_newtable(L);
  if (!put(e, magic, sizeof magic) || !put(e, count, sizeof count)) return 0;
  if (!put_value(L, e, AT_VALUE, 0)) return 0;
  for (e->current = 1; e->current <= e->count; e->current++) {
    lua_rawgeti(L, AT_TABLES, (lua_Integer)e->current);
    if (!put_body(L, e)) return 0;
    lua_settop(L, AT_TABLES);
  }
  put_count(e, start);
  return 0;
}

int wire_encode(lua_State *L, int idx, struct wire_buf *out, char why[WIRE_WHY]) {
  struct encoder e = {.out = out, .rc = GILT_OK, .why = why};
  size_t start = out->len;
  why[0] = '\0';
  idx = lua_absindex(L, idx);
  if (!lua_checkstack(L, 4)) return GILT_ENOMEM;
  lua_pushcfunction(L, encode_body);
  lua_pushlightuserdata(L, &e);
  lua_pushvalue(L, idx);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
    lua_pop(L, 1);
    e.rc = GILT_ENOMEM; /* the only thing in there that can raise */
  }
  free(e.seen);
  free(e.parents);
  if (e.rc != GILT_OK) out->len = start;
  return e.rc;
}

/* ---- decode ---- */

struct decoder {
  const unsigned char *at, *end;
  uint32_t tables;
  int rc;
};

enum { AT_DECODED = 2, AT_TABLE = 4 }; /* 3 is the value itself */

static bool malformed(struct decoder *d) {
  d->rc = GILT_EPROTO;
  return false;
}

static size_t left(const struct decoder *d) { return (size_t)(d->end - d->at); }

static bool get_varint(struct decoder *d, uint64_t *out) {
  uint64_t v = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (d->at == d->end) return malformed(d);
    unsigned char byte = *d->at++;
    if (shift == 63 && byte > 1) return malformed(d);
    v |= (uint64_t)(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      *out = v;
      return true;
    }
  }
  return malformed(d);
}

static bool get_float(lua_State *L, struct decoder *d) {
  uint64_t v = 0;
  double number;
  if (left(d) < 8) return malformed(d);
  for (int i = 0; i < 8; i++) v |= (uint64_t)*d->at++ << (8 * i);
  memcpy(&number, &v, sizeof number);
  lua_pushnumber(L, number);
  return true;
}

/* Pushes the next value; nil for TAG_NIL. */
static bool get_value(lua_State *L, struct decoder *d) {
  uint64_t v;
  if (d->at == d->end) return malformed(d);
  unsigned char tag = *d->at++;
  switch (tag) {
  case TAG_NIL: lua_pushnil(L); return true;
  case TAG_FALSE:
  case TAG_TRUE: lua_pushboolean(L, tag == TAG_TRUE); return true;
  case TAG_INT:
    if (!get_varint(d, &v)) return false;
    lua_pushinteger(L, (lua_Integer)((v >> 1) ^ ((v & 1) != 0 ? UINT64_MAX : 0)));
    return true;
  case TAG_FLOAT: return get_float(L, d);
  case TAG_STRING:
    if (!get_varint(d, &v) || v > left(d)) return malformed(d);
    lua_pushlstring(L, (const char *)d->at, (size_t)v);
    d->at += v;
    return true;
  case TAG_TABLE:
    if (!get_varint(d, &v) || v < 1 || v > d->tables) return malformed(d);
    lua_rawgeti(L, AT_DECODED, (lua_Integer)v);
    return true;
  default: return malformed(d);
  }
}

/* All tables exist before the first body, so that a reference may point anywhere. */
static void make_tables(lua_State *L, struct decoder *d) {
  lua_createtable(L, d->tables < 1u << 30 ? (int)d->tables : 0, 0);
  for (uint32_t id = 1; id <= d->tables; id++) {
    lua_newtable(L);
    lua_rawseti(L, AT_DECODED, (lua_Integer)id);
  }
}

static bool usable_key(lua_State *L) {
  if (lua_type(L, -1) != LUA_TNUMBER || lua_isinteger(L, -1)) return true;
  lua_Number n = lua_tonumber(L, -1);
  return n == n; /* NaN is no key */
}

static bool get_body(lua_State *L, struct decoder *d) {
  for (lua_Integer i = 1;; i++) {
    if (!get_value(L, d)) return false;
    if (lua_isnil(L, -1)) break;
    lua_rawseti(L, AT_TABLE, i);
  }
  lua_pop(L, 1);
  for (;;) {
    if (!get_value(L, d)) return false;
    if (lua_isnil(L, -1)) break;
    if (!usable_key(L) || !get_value(L, d)) return malformed(d);
    lua_rawset(L, AT_TABLE);
  }
  lua_pop(L, 1);
  return true;
}

/* Argument: the decoder. Returns the value, or nothing. */
static int decode_body(lua_State *L) {
  struct decoder *d = lua_touserdata(L, 1);
  make_tables(L, d);
  if (!get_value(L, d)) return 0;
  for (uint32_t id = 1; id <= d->tables; id++) {
    lua_rawgeti(L, AT_DECODED, (lua_Integer)id);
    if (!get_body(L, d)) return 0;
    lua_settop(L, AT_TABLE - 1);
  }
  if (d->at != d->end && !malformed(d)) return 0;
  return 1;
}

int wire_decode(lua_State *L, const void *bytes, size_t len) {
  struct decoder d = {.at = bytes, .rc = GILT_OK};
  if (len < HEADER || memcmp(bytes, magic, sizeof magic) != 0) return GILT_EPROTO;
  d.end = d.at + len;
  d.at += sizeof magic;
  for (int i = 0; i < 4; i++) d.tables |= (uint32_t)*d.at++ << (8 * i);
  if (d.tables > left(&d) / BODY_MIN) return GILT_EPROTO;
  if (!lua_checkstack(L, 4)) return GILT_ENOMEM;
  int top = lua_gettop(L);
  lua_pushcfunction(L, decode_body);
  lua_pushlightuserdata(L, &d);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) d.rc = GILT_ENOMEM;
  if (d.rc != GILT_OK) lua_settop(L, top);
  return d.rc;
}
