/* undump.c: a binary chunk of stock Lua 5.4 to a tree of functions.
 *
 * Nothing in the chunk is believed: sizes are backed by data before memory is spent on them,
 * nesting is limited, and verify.c checks each function before its parent is complete. */
#include "chunk.h"

#include <limits.h>
#include <string.h>

enum { NESTING_MAX = 200 }; /* source cannot nest deeper */

void fe_fail_chunk(struct job *j, const char *fmt, ...) {
  const char *name = j->chunkname;
  va_list args;
  size_t len;
  if (*name == '@' || *name == '=')
    name++;
  else if (*name == FE_SIGNATURE[0])
    name = "binary string";
  va_start(args, fmt);
  const char *why = fe_format(j, &len, fmt, args);
  va_end(args);
  fe_fail(j, FE_ERRSYNTAX, "%s: bad binary format (%s)", name, why);
}

/* --- bytes --- */

static void get(struct job *j, void *dst, size_t n) {
  while (n > 0) {
    if (fe_peek(j) == FE_EOZ) fe_fail_chunk(j, "truncated chunk");
    size_t part = (size_t)(j->end - j->p);
    if (part > n) part = n;
    memcpy(dst, j->p, part);
    j->p += part;
    dst = (char *)dst + part;
    n -= part;
  }
}

static int get_byte(struct job *j) {
  if (fe_peek(j) == FE_EOZ) fe_fail_chunk(j, "truncated chunk");
  return *j->p++;
}

static size_t get_size(struct job *j, size_t max) {
  size_t n = 0;
  int b;
  do {
    b = get_byte(j);
    if (n >= max >> 7) fe_fail_chunk(j, "integer overflow");
    n = n << 7 | (size_t)(b & 0x7f);
  } while ((b & 0x80) == 0);
  return n;
}

static int32_t get_int(struct job *j) { return (int32_t)get_size(j, INT_MAX); }

/* --- arrays: n elements are promised; memory grows with those that came --- */

struct filling {
  void *v;
  int32_t cap;
};

static void grow(struct job *j, struct filling *a, int32_t have, int32_t promised, size_t elem) {
  if (have < a->cap) return;
  int32_t cap = a->cap == 0 ? 64 : a->cap > promised / 2 ? promised : a->cap * 2;
  if (cap > promised) cap = promised;
  void *v = fe_new_array(j, cap, elem);
  if (have > 0) memcpy(v, a->v, (size_t)have * elem);
  a->v = v;
  a->cap = cap;
}

/* Raw bytes of n elements. */
static void *get_array(struct job *j, int32_t n, size_t elem) {
  if (n == 0) return NULL;
  fe_peek(j);
  if ((size_t)(j->end - j->p) / elem >= (size_t)n) { /* all of it is there */
    void *v = fe_new_array(j, n, elem);
    get(j, v, (size_t)n * elem);
    return v;
  }
  struct filling a = {NULL, 0};
  for (int32_t have = 0; have < n; have = a.cap) {
    grow(j, &a, have, n, elem);
    get(j, (char *)a.v + (size_t)have * elem, (size_t)(a.cap - have) * elem);
  }
  return a.v;
}

static struct fe_str *new_string(struct job *j, size_t len) {
  struct fe_str *s = fe_new(j, sizeof *s + len + 1);
  s->len = len;
  s->hash = 0;
  s->token = 0;
  s->kindex = -1;
  s->data[len] = '\0';
  return s;
}

static struct fe_str *get_string(struct job *j) {
  size_t n = get_size(j, SIZE_MAX);
  if (n == 0) return NULL;
  if (--n >= INT_MAX) fe_fail_memory(j);
  fe_peek(j);
  if (n <= 4096 || n <= (size_t)(j->end - j->p)) {
    struct fe_str *s = new_string(j, n);
    get(j, s->data, n);
    return s;
  }
  const char *bytes = get_array(j, (int32_t)n, 1);
  struct fe_str *s = new_string(j, n);
  memcpy(s->data, bytes, n);
  return s;
}

/* --- functions --- */

static struct fe_const get_constant(struct job *j) {
  struct fe_const k = {.type = FE_KNIL};
  switch (get_byte(j)) {
  case CHUNK_NIL: break;
  case CHUNK_FALSE: k.type = FE_KFALSE; break;
  case CHUNK_TRUE: k.type = FE_KTRUE; break;
  case CHUNK_INT:
    k.type = FE_KINT;
    get(j, &k.u.i, sizeof k.u.i);
    break;
  case CHUNK_FLT:
    k.type = FE_KFLT;
    get(j, &k.u.n, sizeof k.u.n);
    break;
  case CHUNK_SHORT_STR:
  case CHUNK_LONG_STR:
    k.type = FE_KSTR;
    k.u.s = get_string(j);
    if (k.u.s == NULL) fe_fail_chunk(j, "bad format for constant string");
    break;
  default: fe_fail_chunk(j, "invalid constant");
  }
  return k;
}

static void get_constants(struct job *j, struct fe_proto *p) {
  struct filling a = {NULL, 0};
  p->nk = get_int(j);
  for (int32_t i = 0; i < p->nk; i++) {
    grow(j, &a, i, p->nk, sizeof *p->k);
    p->k = a.v;
    p->k[i] = get_constant(j);
  }
}

static void get_upvalues(struct job *j, struct fe_proto *p) {
  int32_t n = get_int(j);
  if (n > UINT8_MAX) fe_fail_chunk(j, "too many upvalues");
  p->nupvals = (uint8_t)n;
  p->upvals = fe_new_array(j, n, sizeof *p->upvals);
  for (int32_t i = 0; i < n; i++) {
    struct fe_upval *u = &p->upvals[i];
    *u = (struct fe_upval){.name = NULL};
    u->instack = (uint8_t)get_byte(j);
    u->idx = (uint8_t)get_byte(j);
    u->kind = (uint8_t)get_byte(j);
    if (u->instack > 1 || u->kind > FE_VAR_COMPTIME) fe_fail_chunk(j, "invalid upvalue");
  }
}

static void get_debug(struct job *j, struct fe_proto *p) {
  struct filling abs = {NULL, 0}, locs = {NULL, 0};
  p->nlineinfo = get_int(j);
  p->lineinfo = get_array(j, p->nlineinfo, 1);
  p->nabslineinfo = get_int(j);
  for (int32_t i = 0; i < p->nabslineinfo; i++) {
    grow(j, &abs, i, p->nabslineinfo, sizeof *p->abslineinfo);
    p->abslineinfo = abs.v;
    p->abslineinfo[i].pc = get_int(j);
    p->abslineinfo[i].line = get_int(j);
  }
  p->nlocvars = get_int(j);
  for (int32_t i = 0; i < p->nlocvars; i++) {
    grow(j, &locs, i, p->nlocvars, sizeof *p->locvars);
    p->locvars = locs.v;
    struct fe_locvar *l = &p->locvars[i];
    *l = (struct fe_locvar){.name = get_string(j)};
    l->startpc = get_int(j);
    l->endpc = get_int(j);
  }
  int32_t names = get_int(j);
  if (names > p->nupvals) fe_fail_chunk(j, "too many upvalue names");
  for (int32_t i = 0; i < names; i++) p->upvals[i].name = get_string(j);
}

static struct fe_proto *get_function(struct job *j, const struct fe_str *outer_source, int depth);

static void get_protos(struct job *j, struct fe_proto *p, int depth) {
  struct filling a = {NULL, 0};
  int32_t n = get_int(j);
  for (int32_t i = 0; i < n; i++) {
    grow(j, &a, i, n, sizeof *p->p);
    p->p = a.v;
    p->p[i] = get_function(j, p->source, depth + 1);
    p->np = i + 1;
  }
}

static struct fe_proto *get_function(struct job *j, const struct fe_str *outer_source, int depth) {
  if (depth > NESTING_MAX) fe_fail_chunk(j, "functions nested too deeply");
  struct fe_proto *p = fe_new(j, sizeof *p);
  memset(p, 0, sizeof *p);
  p->source = get_string(j);
  if (p->source == NULL) p->source = outer_source;
  p->linedefined = get_int(j);
  p->lastlinedefined = get_int(j);
  p->numparams = (uint8_t)get_byte(j);
  p->is_vararg = (uint8_t)get_byte(j);
  p->maxstacksize = (uint8_t)get_byte(j);
  p->ncode = get_int(j);
  p->code = get_array(j, p->ncode, sizeof *p->code);
  get_constants(j, p);
  get_upvalues(j, p);
  get_protos(j, p, depth);
  get_debug(j, p);
  fe_verify(j, p);
  return p;
}

/* --- captures: what capture.c knows of source, from the code. The flow of each function has told
 * which registers it writes while a closure holds them; here come the assignments by closures. ---
 */

static bool has_bit(const uint64_t bits[4], int i) { return (bits[i / 64] >> i % 64 & 1) != 0; }
static void set_bit(uint64_t bits[4], int i) { bits[i / 64] |= UINT64_C(1) << i % 64; }

/* Adds to `assigned` the upvalues that p or a function in it assigns. */
static void find_assignments(struct fe_proto *p, uint64_t assigned[4]) {
  for (int32_t pc = 0; pc < p->ncode; pc++) {
    if (fe_op_of(p->code[pc]) == OP_SETUPVAL) set_bit(assigned, fe_b(p->code[pc]));
  }
  for (int32_t i = 0; i < p->np; i++) {
    uint64_t inner[4] = {0, 0, 0, 0};
    find_assignments(p->p[i], inner);
    for (int u = 0; u < p->p[i]->nupvals; u++) {
      const struct fe_upval *up = &p->p[i]->upvals[u];
      if (has_bit(inner, u)) set_bit(up->instack ? p->byref : assigned, up->idx);
    }
  }
}

static void resolve_captures(const struct fe_proto *p) {
  for (int32_t i = 0; i < p->np; i++) {
    for (int u = 0; u < p->p[i]->nupvals; u++) {
      struct fe_upval *up = &p->p[i]->upvals[u];
      up->byvalue = up->instack ? !has_bit(p->byref, up->idx) : p->upvals[up->idx].byvalue;
    }
    resolve_captures(p->p[i]);
  }
}

static void find_captures(struct fe_proto *main) {
  uint64_t assigned[4] = {0, 0, 0, 0};
  find_assignments(main, assigned);
  for (int u = 0; u < main->nupvals; u++) main->upvals[u].byvalue = !has_bit(assigned, u);
  resolve_captures(main);
}

/* --- the chunk --- */

static void expect_literal(struct job *j, const char *s, size_t n, const char *why) {
  char got[8];
  get(j, got, n);
  if (memcmp(got, s, n) != 0) fe_fail_chunk(j, "%s", why);
}

static void expect_byte(struct job *j, int b, const char *why) {
  if (get_byte(j) != b) fe_fail_chunk(j, "%s", why);
}

static void get_header(struct job *j) {
  int64_t i;
  double n;
  expect_literal(j, FE_SIGNATURE, sizeof FE_SIGNATURE - 1, "not a binary chunk");
  expect_byte(j, FE_CHUNK_VERSION, "version mismatch");
  expect_byte(j, FE_CHUNK_FORMAT, "format mismatch");
  expect_literal(j, FE_CHUNK_DATA, sizeof FE_CHUNK_DATA - 1, "corrupted chunk");
  expect_byte(j, sizeof(uint32_t), "Instruction size mismatch");
  expect_byte(j, sizeof i, "lua_Integer size mismatch");
  expect_byte(j, sizeof n, "lua_Number size mismatch");
  get(j, &i, sizeof i);
  if (i != FE_CHUNK_INT) fe_fail_chunk(j, "integer format mismatch");
  get(j, &n, sizeof n);
  if (n != FE_CHUNK_FLT) fe_fail_chunk(j, "float format mismatch");
}

const struct fe_proto *fe_undump(struct job *j) {
  get_header(j);
  int nupvals = get_byte(j);
  struct fe_proto *main = get_function(j, NULL, 1);
  if (main->nupvals != nupvals) fe_fail_chunk(j, "number of upvalues mismatch");
  find_captures(main);
  return main;
}
