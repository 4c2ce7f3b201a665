/* num.c: numbers: conversions, arithmetic that needs care, comparisons of integers with floats. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include "core.h"
#include "front/proto.h"

#define TWO63 9223372036854775808.0

bool core_flt2int(lua_Number n, lua_Integer *out) {
  if (!(n >= -TWO63 && n < TWO63)) return false;
  lua_Integer i = (lua_Integer)n;
  if ((lua_Number)i != n) return false;
  *out = i;
  return true;
}

/* Nonzero when all of s (len bytes, then NUL) is a numeral. */
size_t core_str2num(const char *s, size_t len, Value *out) {
  struct fe_number num;
  size_t used = fe_str2num(s, &num);
  if (used != len + 1) return 0;
  if (num.is_int)
    set_int(out, num.u.i);
  else
    set_flt(out, num.u.n);
  return used;
}

static bool str_num(const Value *o, Value *out) {
  return is_str(o) && core_str2num(o->v.s->s, o->v.s->len, out) != 0;
}

bool core_tonum(const Value *o, lua_Number *out) {
  Value v;
  if (o->tt == TFLT) {
    *out = o->v.n;
    return true;
  }
  if (o->tt != TINT) {
    if (!str_num(o, &v)) return false;
    o = &v;
  }
  *out = o->tt == TINT ? (lua_Number)o->v.i : o->v.n;
  return true;
}

bool core_toint(const Value *o, lua_Integer *out) {
  Value v;
  if (o->tt != TINT && o->tt != TFLT) {
    if (!str_num(o, &v)) return false;
    o = &v;
  }
  if (o->tt == TFLT) return core_flt2int(o->v.n, out);
  *out = o->v.i;
  return true;
}

static int int_tostr(lua_Integer i, char *buf) {
  char tmp[24];
  int n = 0, len = 0;
  uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
  do {
    tmp[n++] = (char)('0' + u % 10);
    u /= 10;
  } while (u != 0);
  if (i < 0) buf[len++] = '-';
  while (n > 0) buf[len++] = tmp[--n];
  buf[len] = '\0';
  return len;
}

int core_num_tostr(const Value *o, char *buf) {
  if (o->tt == TINT) return int_tostr(o->v.i, buf);
  int n = snprintf(buf, NUM_BUF, LUA_NUMBER_FMT, o->v.n);
  if (buf[strspn(buf, "-0123456789")] == '\0') { /* looks like an integer */
    buf[n++] = *localeconv()->decimal_point;
    buf[n++] = '0';
    buf[n] = '\0';
  }
  return n;
}

void core_tostring_inplace(lua_State *L, Value *o) {
  char buf[NUM_BUF];
  int n = core_num_tostr(o, buf);
  set_str(o, core_str_new(L, buf, (size_t)n));
}

lua_Integer core_imod_special(lua_State *L, lua_Integer b) {
  if (b == 0) core_err(L, "attempt to perform 'n%%0'");
  return 0; /* the smallest integer % -1 would overflow */
}

lua_Integer core_idiv_special(lua_State *L, lua_Integer a, lua_Integer b) {
  if (b == 0) core_err(L, "attempt to divide by zero");
  return (lua_Integer)(0u - (lua_Unsigned)a);
}

lua_Number core_fmod(lua_Number a, lua_Number b) {
  lua_Number r = fmod(a, b);
  if (r != 0 && (r < 0) != (b < 0)) r += b;
  return r;
}

lua_Number core_fpow(lua_Number a, lua_Number b) { return b == 2 ? a * a : pow(a, b); }

lua_Integer core_shl(lua_Integer x, lua_Integer y) {
  if (y <= -64 || y >= 64) return 0;
  if (y < 0) return (lua_Integer)((lua_Unsigned)x >> -y);
  return (lua_Integer)((lua_Unsigned)x << y);
}

/* Integer against float without rounding the integer. */
static bool lt_int_flt(lua_Integer i, lua_Number f) {
  if (-(1ll << 53) <= i && i <= (1ll << 53)) return (lua_Number)i < f;
  if (isnan(f)) return false;
  if (f >= TWO63) return true;
  if (f <= -TWO63) return false;
  return i < (lua_Integer)ceil(f);
}
static bool le_int_flt(lua_Integer i, lua_Number f) {
  if (-(1ll << 53) <= i && i <= (1ll << 53)) return (lua_Number)i <= f;
  if (isnan(f)) return false;
  if (f >= TWO63) return true;
  if (f < -TWO63) return false;
  return i <= (lua_Integer)floor(f);
}

bool core_lt_num(const Value *a, const Value *b) {
  if (a->tt == TINT) return b->tt == TINT ? a->v.i < b->v.i : lt_int_flt(a->v.i, b->v.n);
  if (b->tt == TFLT) return a->v.n < b->v.n;
  return !isnan(a->v.n) && !le_int_flt(b->v.i, a->v.n);
}
bool core_le_num(const Value *a, const Value *b) {
  if (a->tt == TINT) return b->tt == TINT ? a->v.i <= b->v.i : le_int_flt(a->v.i, b->v.n);
  if (b->tt == TFLT) return a->v.n <= b->v.n;
  return !isnan(a->v.n) && !lt_int_flt(b->v.i, a->v.n);
}

static lua_Integer arith_int(lua_State *L, int op, lua_Integer x, lua_Integer y) {
  lua_Unsigned a = (lua_Unsigned)x, b = (lua_Unsigned)y;
  switch (op) {
  case LUA_OPADD: return (lua_Integer)(a + b);
  case LUA_OPSUB: return (lua_Integer)(a - b);
  case LUA_OPMUL: return (lua_Integer)(a * b);
  case LUA_OPMOD: return core_imod(L, x, y);
  case LUA_OPIDIV: return core_idiv(L, x, y);
  case LUA_OPUNM: return (lua_Integer)(0u - a);
  case LUA_OPBAND: return (lua_Integer)(a & b);
  case LUA_OPBOR: return (lua_Integer)(a | b);
  case LUA_OPBXOR: return (lua_Integer)(a ^ b);
  case LUA_OPSHL: return core_shl(x, y);
  case LUA_OPSHR: return core_shl(x, y == LUA_MININTEGER ? 64 : -y);
  default: return (lua_Integer)~a; /* LUA_OPBNOT */
  }
}

static lua_Number arith_flt(int op, lua_Number x, lua_Number y) {
  switch (op) {
  case LUA_OPADD: return x + y;
  case LUA_OPSUB: return x - y;
  case LUA_OPMUL: return x * y;
  case LUA_OPDIV: return x / y;
  case LUA_OPMOD: return core_fmod(x, y);
  case LUA_OPPOW: return core_fpow(x, y);
  case LUA_OPIDIV: return floor(x / y);
  default: return -x; /* LUA_OPUNM */
  }
}

/* op is LUA_OP*; operands are numbers. False when a bitwise operand has no integer value. */
bool core_arith_raw(lua_State *L, int op, const Value *a, const Value *b, Value *res) {
  lua_Integer x, y;
  if (!is_num(a) || !is_num(b)) return false;
  if ((op >= LUA_OPBAND && op <= LUA_OPSHR) || op == LUA_OPBNOT) {
    if (!core_toint(a, &x) || !core_toint(b, &y)) return false;
    set_int(res, arith_int(L, op, x, y));
    return true;
  }
  if (op != LUA_OPDIV && op != LUA_OPPOW && a->tt == TINT && b->tt == TINT) {
    set_int(res, arith_int(L, op, a->v.i, b->v.i));
    return true;
  }
  lua_Number p = a->tt == TINT ? (lua_Number)a->v.i : a->v.n;
  lua_Number q = b->tt == TINT ? (lua_Number)b->v.i : b->v.n;
  set_flt(res, arith_flt(op, p, q));
  return true;
}

size_t core_utf8(char *buf, unsigned long c) {
  char tmp[8];
  size_t n = 0;
  if (c < 0x80) {
    buf[0] = (char)c;
    return 1;
  }
  unsigned long first_max = 0x3f; /* largest payload of the first byte */
  do {
    tmp[n++] = (char)(0x80 | (c & 0x3f));
    c >>= 6;
    first_max >>= 1;
  } while (c > first_max);
  tmp[n++] = (char)((~first_max << 1) | c);
  for (size_t i = 0; i < n; i++) buf[i] = tmp[n - 1 - i];
  return n;
}
