/* arith.c: arithmetic and comparison of C values: pointers, 64-bit integers that Lua's cannot hold,
 * and the metamethods of a metatype where an operand is a pointer to its record. */
#include "ffi_impl.h"

#include <math.h>
#include <string.h>

struct operand {
  enum { OP_NONE, OP_INT, OP_UINT, OP_FLOAT, OP_PTR } kind;
  int64_t i;
  double d;
  char *p;
  cdata *cd;
  ctype *elem; /* OP_PTR: what it points to */
};

static void load_cdata(lua_State *L, int idx, struct operand *o) {
  const ctype *ct = o->cd->ct;
  if (ct->kind == CK_PTR || ct->kind == CK_ARRAY) {
    o->kind = OP_PTR;
    o->p = cdata_address(o->cd);
    o->elem = ct->base;
  } else if (ct->kind == CK_RECORD || ct->kind == CK_FUNC) {
    o->kind = OP_PTR;
    o->p = o->cd->p;
    o->elem = NULL;
  } else if (ctype_is_integer(ct)) {
    struct conv_ctx cx = {.st = ct->st, .cast = true};
    o->kind = ct->un->prim == CP_U64 ? OP_UINT : OP_INT;
    o->i = conv_integer(L, &cx, ct, idx);
  } else if (ct->kind == CK_FLOAT) {
    struct conv_ctx cx = {.st = ct->st};
    o->kind = OP_FLOAT;
    o->d = conv_number(L, &cx, ct, idx);
  }
}

static void load(lua_State *L, int idx, struct operand *o) {
  memset(o, 0, sizeof *o);
  switch (lua_type(L, idx)) {
  case LUA_TNUMBER:
    if (lua_isinteger(L, idx)) {
      o->kind = OP_INT;
      o->i = lua_tointeger(L, idx);
    } else {
      double d = lua_tonumber(L, idx);
      o->kind = OP_FLOAT;
      o->d = d;
      if (trunc(d) >= d && trunc(d) <= d && d >= -0x1p63 && d < 0x1p63) { /* as in LuaJIT, where */
        o->kind = OP_INT; /* all numbers are doubles */
        o->i = (int64_t)d;
      }
    }
    break;
  case LUA_TUSERDATA:
  case LUA_TFUNCTION:
    o->cd = cdata_at(L, idx);
    if (o->cd != NULL) load_cdata(L, idx, o);
    break;
  default: break;
  }
}

static double to_double(const struct operand *o) {
  return o->kind == OP_FLOAT ? o->d : o->kind == OP_UINT ? (double)(uint64_t)o->i : (double)o->i;
}

enum op {
  ADD,
  SUB,
  MUL,
  DIV,
  MOD,
  POW,
  IDIV,
  UNM,
  BAND,
  BOR,
  BXOR,
  SHL,
  SHR,
  BNOT,
  CONCAT,
  LEN,
  LT,
  LE,
  EQ
};
static const char *const events[] = {
    "__add",  "__sub", "__mul", "__div",  "__mod",    "__pow", "__idiv", "__unm", "__band", "__bor",
    "__bxor", "__shl", "__shr", "__bnot", "__concat", "__len", "__lt",   "__le",  "__eq"};

/* A metatype's metamethod of one of the operands; else an error. */
static int fallback(lua_State *L, enum op op) {
  for (int i = 1; i <= 2; i++) {
    cdata *cd = cdata_test(L, i);
    if (cd == NULL || cd->ct->kind == CK_CTYPE || !cdata_push_usermeta(L, cd->ct, events[op]))
      continue;
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 1);
    return 1;
  }
  if (op == EQ) {
    lua_pushboolean(L, 0);
    return 1;
  }
  const char *a = value_repr(L, 1);
  if (op == UNM || op == BNOT || op == LEN)
    return luaL_error(L, "%s has no operator %s", a, events[op] + 2);
  const char *b = value_repr(L, 2);
  if (op == LT || op == LE) return luaL_error(L, "attempt to compare %s with %s", a, b);
  return luaL_error(L, "operator %s cannot take %s and %s", events[op] + 2, a, b);
}

static uint64_t power(uint64_t b, uint64_t e) {
  uint64_t r = 1;
  for (; e != 0; e >>= 1, b *= b)
    if ((e & 1) != 0) r *= b;
  return r;
}

static int64_t divide(lua_State *L, enum op op, int64_t a, int64_t b, bool is_unsigned) {
  if (b == 0)
    luaL_error(L, "attempt to perform 'n%s0' on 64-bit integers",
               op == MOD   ? "%%"
               : op == DIV ? "/"
                           : "//");
  if (is_unsigned)
    return (int64_t)(op == MOD ? (uint64_t)a % (uint64_t)b : (uint64_t)a / (uint64_t)b);
  if (b == -1) return op == MOD ? 0 : (int64_t)(0 - (uint64_t)a);
  if (op == MOD) return a % b;
  int64_t q = a / b;
  return op == IDIV && a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

static int64_t integer_op(lua_State *L, enum op op, int64_t a, int64_t b, bool is_unsigned) {
  uint64_t x = (uint64_t)a, y = (uint64_t)b;
  switch (op) {
  case ADD: return (int64_t)(x + y);
  case SUB: return (int64_t)(x - y);
  case MUL: return (int64_t)(x * y);
  case POW:
    if (!is_unsigned && b < 0) return a == 1 || (a == -1 && (b & 1) == 0) ? 1 : a == -1 ? -1 : 0;
    return (int64_t)power(x, y);
  case UNM: return (int64_t)(0 - x);
  case BAND: return (int64_t)(x & y);
  case BOR: return (int64_t)(x | y);
  case BXOR: return (int64_t)(x ^ y);
  case BNOT: return (int64_t)~x;
  case SHL: return (int64_t)(x << (y & 63));
  case SHR: return (int64_t)(x >> (y & 63));
  case DIV:
  case MOD:
  case IDIV: return divide(L, op, a, b, is_unsigned);
  case CONCAT:
  case LEN:
  case LT:
  case LE:
  case EQ: break;
  }
  return 0;
}

static double float_op(enum op op, double a, double b) {
  switch (op) {
  case ADD: return a + b;
  case SUB: return a - b;
  case MUL: return a * b;
  case DIV: return a / b;
  case POW: return pow(a, b);
  case IDIV: return floor(a / b);
  case MOD: return a - floor(a / b) * b;
  default: return -a;
  }
}

static int numbers(lua_State *L, enum op op, const struct operand *a, const struct operand *b) {
  bool u = a->kind == OP_UINT || b->kind == OP_UINT;
  gffi_state *st = a->cd != NULL ? a->cd->ct->st : b->cd->ct->st;
  if (a->kind == OP_FLOAT || b->kind == OP_FLOAT) {
    if (op >= BAND && op <= BNOT) return fallback(L, op);
    lua_pushnumber(L, float_op(op, to_double(a), to_double(b)));
    return 1;
  }
  int64_t r = integer_op(L, op, a->i, b->i, u);
  if (u)
    conv_push_u64(L, st, (uint64_t)r);
  else
    lua_pushinteger(L, r);
  return 1;
}

static size_t elem_size(lua_State *L, const struct operand *o) {
  char buf[CTYPE_REPR_MAX];
  size_t size = o->elem == NULL ? CT_INCOMPLETE : ctype_size(o->elem);
  if (size == CT_INCOMPLETE && o->elem != NULL && o->elem->kind == CK_VOID) return 1; /* as gcc */
  if (size == CT_INCOMPLETE)
    luaL_error(L, "'%s' points to a type without a size",
               ctype_repr(o->cd->ct, "", buf, sizeof buf));
  return size;
}

/* Pointer and integer; the result keeps alive what the operand does. */
static int offset_pointer(lua_State *L, const struct operand *p, int idx, int64_t n) {
  ctype *ct = p->cd->ct;
  if (ct->kind == CK_ARRAY) ct = gffi_pointer_type(L, ct->base);
  size_t size = elem_size(L, p);
  cdata_pointer(L, ct, (char *)((uintptr_t)p->p + (uintptr_t)n * size), idx);
  return 1;
}

static int pointer_difference(lua_State *L, const struct operand *a, const struct operand *b) {
  size_t size = elem_size(L, a);
  if (a->elem->un != b->elem->un && !ctype_same(a->elem->un, b->elem->un)) return fallback(L, SUB);
  int64_t bytes = (int64_t)((uintptr_t)a->p - (uintptr_t)b->p);
  lua_pushinteger(L, size == 0 ? 0 : bytes / (int64_t)size);
  return 1;
}

static bool is_int(const struct operand *o) { return o->kind == OP_INT || o->kind == OP_UINT; }

static int arith(lua_State *L, enum op op) {
  struct operand a, b;
  load(L, 1, &a);
  load(L, 2, &b);
  if (a.cd == NULL && b.cd == NULL) return fallback(L, op);
  if (a.kind == OP_PTR && a.elem != NULL && is_int(&b) && (op == ADD || op == SUB))
    return offset_pointer(L, &a, 1, op == ADD ? b.i : (int64_t)(0 - (uint64_t)b.i));
  if (b.kind == OP_PTR && b.elem != NULL && is_int(&a) && op == ADD)
    return offset_pointer(L, &b, 2, a.i);
  if (a.kind == OP_PTR && b.kind == OP_PTR && op == SUB && a.elem != NULL && b.elem != NULL)
    return pointer_difference(L, &a, &b);
  if (a.kind == OP_NONE || b.kind == OP_NONE || a.kind == OP_PTR || b.kind == OP_PTR ||
      op == CONCAT || op == LEN)
    return fallback(L, op);
  return numbers(L, op, &a, &b);
}

static int compare_numbers(enum op op, const struct operand *a, const struct operand *b) {
  if (a->kind == OP_FLOAT || b->kind == OP_FLOAT) {
    double x = to_double(a), y = to_double(b);
    return op == LT ? x < y : op == LE ? x <= y : x <= y && x >= y;
  }
  if (op == EQ) return a->i == b->i;
  if (a->kind == OP_UINT || b->kind == OP_UINT)
    return op == LT ? (uint64_t)a->i < (uint64_t)b->i : (uint64_t)a->i <= (uint64_t)b->i;
  return op == LT ? a->i < b->i : a->i <= b->i;
}

static int compare(lua_State *L, enum op op) {
  struct operand a, b;
  int r;
  load(L, 1, &a);
  load(L, 2, &b);
  if (a.cd != NULL && b.cd != NULL && a.cd->ct->kind == CK_CTYPE && b.cd->ct->kind == CK_CTYPE &&
      op == EQ) {
    r = a.cd->p == b.cd->p || ctype_same(a.cd->p, b.cd->p);
  } else if (a.kind == OP_PTR && b.kind == OP_PTR) {
    r = op == EQ   ? a.p == b.p
        : op == LT ? (uintptr_t)a.p < (uintptr_t)b.p
                   : (uintptr_t)a.p <= (uintptr_t)b.p;
  } else if (a.kind == OP_NONE || b.kind == OP_NONE || a.kind == OP_PTR || b.kind == OP_PTR) {
    return fallback(L, op);
  } else {
    r = compare_numbers(op, &a, &b);
  }
  lua_pushboolean(L, r);
  return 1;
}

#define BINARY(name, op)                                                                           \
  static int name(lua_State *L) { return arith(L, op); }
BINARY(m_add, ADD)
BINARY(m_sub, SUB)
BINARY(m_mul, MUL)
BINARY(m_div, DIV)
BINARY(m_mod, MOD)
BINARY(m_pow, POW)
BINARY(m_idiv, IDIV)
BINARY(m_unm, UNM)
BINARY(m_band, BAND)
BINARY(m_bor, BOR)
BINARY(m_bxor, BXOR)
BINARY(m_shl, SHL)
BINARY(m_shr, SHR)
BINARY(m_bnot, BNOT)
BINARY(m_concat, CONCAT)
BINARY(m_len, LEN)
static int m_lt(lua_State *L) { return compare(L, LT); }
static int m_le(lua_State *L) { return compare(L, LE); }
static int m_eq(lua_State *L) { return compare(L, EQ); }

void arith_register(lua_State *L) {
  static const lua_CFunction fns[] = {m_add,    m_sub,  m_mul, m_div,  m_mod, m_pow, m_idiv,
                                      m_unm,    m_band, m_bor, m_bxor, m_shl, m_shr, m_bnot,
                                      m_concat, m_len,  m_lt,  m_le,   m_eq};
  for (size_t i = 0; i < sizeof fns / sizeof fns[0]; i++) {
    lua_pushcfunction(L, fns[i]);
    lua_setfield(L, -2, events[i]);
  }
}
