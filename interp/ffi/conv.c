/* conv.c: Lua values to C values and back. The rules are those of LuaJIT's documentation, with Lua
 * 5.4's integers in the place of boxed 64-bit numbers. */
#include "ffi_impl.h"

#include <lualib.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ messages */

void gffi_raise(lua_State *L, const char *fmt, ...) {
  va_list ap;
  luaL_where(L, 1);
  va_start(ap, fmt);
  lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  lua_concat(L, 2);
  lua_error(L);
  abort(); /* not reached */
}

const char *value_repr(lua_State *L, int idx) {
  char buf[CTYPE_REPR_MAX];
  size_t len;
  idx = lua_absindex(L, idx);
  cdata *cd = cdata_at(L, idx);
  if (cd != NULL) {
    if (cd->ct->kind == CK_CTYPE) return lua_pushfstring(L, "a ctype");
    return lua_pushfstring(L, "'%s'", ctype_repr(cd->ct, "", buf, sizeof buf));
  }
  switch (lua_type(L, idx)) {
  case LUA_TNUMBER:
    lua_pushvalue(L, idx);
    lua_pushfstring(L, "number %s", lua_tostring(L, -1));
    lua_remove(L, -2);
    return lua_tostring(L, -1);
  case LUA_TSTRING: {
    const char *s = lua_tolstring(L, idx, &len);
    snprintf(buf, sizeof buf, "%.24s", s);
    return lua_pushfstring(L, "string \"%s%s\"", buf, strlen(s) > 24 ? "..." : "");
  }
  case LUA_TBOOLEAN:
    return lua_pushfstring(L, "boolean %s", lua_toboolean(L, idx) ? "true" : "false");
  case LUA_TNONE: return lua_pushliteral(L, "no value");
  default: return lua_pushstring(L, luaL_typename(L, idx));
  }
}

/* "bad argument #1 to 'abs'", "member 'x' of 'struct s'", ... */
static const char *push_context(lua_State *L, const struct conv_ctx *cx) {
  char buf[CTYPE_REPR_MAX];
  if (cx->field != NULL)
    return lua_pushfstring(L, "member '%s' of '%s'", cx->field,
                           ctype_repr(cx->owner, "", buf, sizeof buf));
  if (cx->func == NULL) return lua_pushliteral(L, "bad value");
  if (cx->arg == 0) return lua_pushfstring(L, "bad result of %s", cx->func);
  return lua_pushfstring(L, "bad argument #%d to '%s'", cx->arg, cx->func);
}

int conv_fail(lua_State *L, const struct conv_ctx *cx, const ctype *ct, int idx, const char *why) {
  char buf[CTYPE_REPR_MAX];
  idx = lua_absindex(L, idx);
  const char *where = push_context(L, cx), *value = value_repr(L, idx);
  ctype_repr(ct, "", buf, sizeof buf);
  return luaL_error(L, "%s (cannot convert %s to '%s'%s%s)", where, value, buf,
                    why != NULL ? ": " : "", why != NULL ? why : "");
}

static void range_fail(lua_State *L, const struct conv_ctx *cx, const ctype *ct, int idx) {
  char buf[CTYPE_REPR_MAX];
  idx = lua_absindex(L, idx);
  const char *where = push_context(L, cx), *value = value_repr(L, idx);
  luaL_error(L, "%s (%s does not fit '%s')", where, value, ctype_repr(ct, "", buf, sizeof buf));
}

/* ------------------------------------------------------------------ numbers */

static int64_t double_to_int(double d) {
  if (d >= -0x1p63 && d < 0x1p63) return (int64_t)d;
  if (d >= 0x1p63 && d < 0x1p64) return (int64_t)(uint64_t)d;
  return INT64_MIN;
}

static bool int_fits(enum ctype_prim prim, int64_t v) {
  switch (prim) {
  case CP_BOOL: return v == 0 || v == 1;
  case CP_I8: return v == (int8_t)v;
  case CP_U8: return v == (uint8_t)v;
  case CP_I16: return v == (int16_t)v;
  case CP_U16: return v == (uint16_t)v;
  case CP_I32: return v == (int32_t)v;
  case CP_U32: return v == (uint32_t)v;
  case CP_U64: return v >= 0;
  default: return true;
  }
}

static bool double_fits(enum ctype_prim prim, double d) {
  if (isnan(d) || d < -0x1p63 || d >= (prim == CP_U64 ? 0x1p64 : 0x1p63)) return false;
  if (trunc(d) < d || trunc(d) > d) return false;
  return prim == CP_U64 ? d >= 0 : int_fits(prim, (int64_t)d);
}

/* The scalar of a number's kind at p, as an integer (*is_float false) or a double. */
static bool load_number(const ctype *ct, const void *p, int64_t *i, double *d, bool *is_float) {
  *is_float = false;
  *i = 0;
  *d = 0;
#define LOAD_INT(T)                                                                                \
  do {                                                                                             \
    T v;                                                                                           \
    memcpy(&v, p, sizeof v);                                                                       \
    *i = (int64_t)v;                                                                               \
    return true;                                                                                   \
  } while (0)
#define LOAD_FLOAT(T)                                                                              \
  do {                                                                                             \
    T v;                                                                                           \
    memcpy(&v, p, sizeof v);                                                                       \
    *d = (double)v;                                                                                \
    *is_float = true;                                                                              \
    return true;                                                                                   \
  } while (0)
  switch ((enum ctype_prim)ct->un->prim) {
  case CP_BOOL: *i = *(const unsigned char *)p != 0; return true;
  case CP_I8: LOAD_INT(int8_t);
  case CP_U8: LOAD_INT(uint8_t);
  case CP_I16: LOAD_INT(int16_t);
  case CP_U16: LOAD_INT(uint16_t);
  case CP_I32: LOAD_INT(int32_t);
  case CP_U32: LOAD_INT(uint32_t);
  case CP_I64:
  case CP_U64: LOAD_INT(uint64_t);
  case CP_F32:
  case CP_C32: LOAD_FLOAT(float);
  case CP_F64:
  case CP_C64: LOAD_FLOAT(double);
  case CP_LD:
  case CP_CLD: LOAD_FLOAT(long double);
  case CP_NONE:
  case CP_PTR:
  case CP_AGG: break;
  }
  return false;
}

/* An enum's constant by its name. */
static bool enum_constant(lua_State *L, gffi_state *st, int idx, int64_t *out) {
  size_t len;
  const char *s = lua_tolstring(L, idx, &len);
  pthread_mutex_lock(&st->mtx);
  const csym *sym = symtab_find(&st->names, s, len);
  bool ok = sym != NULL && sym->kind == CS_INT;
  if (ok) *out = sym->i;
  pthread_mutex_unlock(&st->mtx);
  return ok;
}

static int64_t cdata_integer(lua_State *L, const struct conv_ctx *cx, const ctype *ct, int idx,
                             const cdata *cd) {
  int64_t i = 0;
  double d = 0;
  bool is_float = false;
  if (cx->cast && (cd->ct->kind == CK_PTR || cd->ct->kind == CK_FUNC || ctype_is_aggregate(cd->ct)))
    return (int64_t)(uintptr_t)cdata_address(cd);
  if (cd->ct->kind == CK_CTYPE || !load_number(cd->ct, cd->p, &i, &d, &is_float))
    return conv_fail(L, cx, ct, idx, NULL);
  if (gffi_is_strict(cx->st) && !cx->cast) {
    bool big = cd->ct->un->prim == CP_U64 && i < 0;
    bool ok = is_float ? double_fits(ct->un->prim, d)
              : big    ? ct->un->prim == CP_U64
                       : int_fits(ct->un->prim, i);
    if (!ok) range_fail(L, cx, ct, idx);
  }
  return is_float ? double_to_int(d) : i;
}

int64_t conv_integer(lua_State *L, const struct conv_ctx *cx, const ctype *ct, int idx) {
  if (lua_isinteger(L, idx)) {
    int64_t v = lua_tointeger(L, idx);
    if (gffi_is_strict(cx->st) && !cx->cast && !int_fits(ct->un->prim, v))
      range_fail(L, cx, ct, idx);
    return v;
  }
  int64_t v = 0;
  cdata *cd;
  switch (lua_type(L, idx)) {
  case LUA_TNUMBER: {
    double d = lua_tonumber(L, idx);
    if (gffi_is_strict(cx->st) && !cx->cast && !double_fits(ct->un->prim, d))
      range_fail(L, cx, ct, idx);
    return ct->kind == CK_BOOL ? (d < 0 || d > 0 || isnan(d)) : double_to_int(d);
  }
  case LUA_TBOOLEAN: return lua_toboolean(L, idx);
  case LUA_TSTRING:
    if (ct->kind == CK_ENUM && enum_constant(L, cx->st, idx, &v)) return v;
    return conv_fail(L, cx, ct, idx, ct->kind == CK_ENUM ? "no such constant" : NULL);
  case LUA_TNIL:
    if (!cx->cast) conv_fail(L, cx, ct, idx, NULL);
    return 0;
  default:
    cd = cdata_at(L, idx);
    if (cd != NULL) return cdata_integer(L, cx, ct, idx, cd);
    if (cx->cast && lua_isuserdata(L, idx)) return (int64_t)(uintptr_t)lua_touserdata(L, idx);
    return conv_fail(L, cx, ct, idx, NULL);
  }
}

double conv_number(lua_State *L, const struct conv_ctx *cx, const ctype *ct, int idx) {
  int64_t i = 0;
  double d = 0;
  bool is_float = false;
  cdata *cd;
  switch (lua_type(L, idx)) {
  case LUA_TNUMBER: return lua_tonumber(L, idx);
  case LUA_TBOOLEAN: return lua_toboolean(L, idx);
  case LUA_TUSERDATA:
    cd = cdata_test(L, idx);
    if (cd == NULL || cd->ct->kind == CK_CTYPE || !load_number(cd->ct, cd->p, &i, &d, &is_float))
      break;
    return is_float ? d : (cd->ct->un->flags & CF_UNSIGNED) != 0 ? (double)(uint64_t)i : (double)i;
  default: break;
  }
  conv_fail(L, cx, ct, idx, NULL);
  return d;
}

static long double conv_long_double(lua_State *L, const struct conv_ctx *cx, const ctype *ct,
                                    int idx) {
  long double v;
  cdata *cd = cdata_test(L, idx);
  if (cd != NULL && cd->ct->un->prim == CP_LD) {
    memcpy(&v, cd->p, sizeof v);
    return v;
  }
  if (lua_isinteger(L, idx)) return (long double)lua_tointeger(L, idx);
  return (long double)conv_number(L, cx, ct, idx);
}

/* ------------------------------------------------------------------ pointers */

/* May a pointer to `from` be used as one to `to`? same: below the first level nothing may differ.
 */
static bool pointee_compatible(const ctype *to, const ctype *from, bool same) {
  if (to == from) return true;
  if (same ? to->quals != from->quals : (to->quals & from->quals) != from->quals) return false;
  const ctype *a = to->un, *b = from->un;
  if (a == b) return true;
  if (!same && (a->kind == CK_VOID || b->kind == CK_VOID)) return true;
  if (ctype_is_integer(a) && ctype_is_integer(b))
    return (a->kind == CK_BOOL) == (b->kind == CK_BOOL) && ctype_size(a) == ctype_size(b) &&
           (!same || ((a->flags ^ b->flags) & CF_UNSIGNED) == 0);
  if (a->kind != b->kind) return false;
  if (a->kind == CK_PTR) return pointee_compatible(a->base, b->base, true);
  if (a->kind == CK_ARRAY)
    return (a->nelem == b->nelem || ((a->flags | b->flags) & (CF_OPEN | CF_VLA)) != 0) &&
           pointee_compatible(a->base, b->base, same);
  if (a->kind == CK_FLOAT || a->kind == CK_COMPLEX) return a->size == b->size;
  return a->kind == CK_FUNC && ctype_same(a, b);
}

static const ctype *decayed(const ctype *ct) {
  return ct->kind == CK_PTR || ct->kind == CK_ARRAY ? ct->base : ct;
}

static void *pointer_from_cdata(lua_State *L, const struct conv_ctx *cx, ctype *ct, int idx,
                                const cdata *cd) {
  int64_t i = 0;
  double d = 0;
  bool is_float = false;
  int kind = cd->ct->kind;
  if (kind == CK_CTYPE) conv_fail(L, cx, ct, idx, NULL);
  if (kind == CK_PTR || kind == CK_FUNC || ctype_is_aggregate(cd->ct)) {
    const ctype *from = decayed(cd->ct);
    bool array_itself = kind == CK_ARRAY && ct->base->kind == CK_ARRAY &&
                        pointee_compatible(ct->base, cd->ct, false); /* T(*)[n] from T[n] */
    if (!cx->cast && !array_itself && !pointee_compatible(ct->base, from, false)) {
      bool drops = (ct->base->quals & from->quals) != from->quals;
      conv_fail(L, cx, ct, idx, drops ? "it is const" : NULL);
    }
    return cdata_address(cd);
  }
  if (!cx->cast || !load_number(cd->ct, cd->p, &i, &d, &is_float)) conv_fail(L, cx, ct, idx, NULL);
  return (void *)(uintptr_t)(is_float ? double_to_int(d) : i);
}

static void *pointer_from_userdata(lua_State *L, const struct conv_ctx *cx, ctype *ct, int idx) {
  if (lua_islightuserdata(L, idx)) return lua_touserdata(L, idx);
  luaL_Stream *file = luaL_testudata(L, idx, LUA_FILEHANDLE);
  if (file != NULL) {
    if (file->closef == NULL) conv_fail(L, cx, ct, idx, "closed file");
    return file->f;
  }
  if (!cx->cast && ct->base->kind != CK_VOID) conv_fail(L, cx, ct, idx, NULL);
  return lua_touserdata(L, idx);
}

static void *pointer_from_string(lua_State *L, const struct conv_ctx *cx, ctype *ct, int idx) {
  union {
    const char *in;
    void *out;
  } u = {.in = lua_tostring(L, idx)};
  const ctype *base = ct->base;
  if (base->kind != CK_VOID && !ctype_is_byte(base->un)) conv_fail(L, cx, ct, idx, NULL);
  if (!cx->cast && (base->quals & CQ_CONST) == 0)
    conv_fail(L, cx, ct, idx, "a string is const; copy it with ffi.new and ffi.copy");
  return u.out;
}

void *conv_pointer(lua_State *L, const struct conv_ctx *cx, ctype *ct, int idx) {
  cdata *cd;
  switch (lua_type(L, idx)) {
  case LUA_TNIL: return NULL;
  case LUA_TSTRING: return pointer_from_string(L, cx, ct, idx);
  case LUA_TLIGHTUSERDATA: return lua_touserdata(L, idx);
  case LUA_TUSERDATA:
    cd = cdata_test(L, idx);
    return cd != NULL ? pointer_from_cdata(L, cx, ct, idx, cd)
                      : pointer_from_userdata(L, cx, ct, idx);
  case LUA_TFUNCTION:
    cd = cdata_at(L, idx);
    if (cd != NULL) return pointer_from_cdata(L, cx, ct, idx, cd);
    if (ct->base->kind != CK_FUNC) conv_fail(L, cx, ct, idx, NULL);
    return cx->cast ? callback_create(L, ct->base, idx) : callback_cached(L, ct->base, idx);
  case LUA_TNUMBER:
    if (!cx->cast) break;
    return (void *)(uintptr_t)(lua_isinteger(L, idx) ? lua_tointeger(L, idx)
                                                     : double_to_int(lua_tonumber(L, idx)));
  default: break;
  }
  conv_fail(L, cx, ct, idx, NULL);
  return NULL;
}

/* ------------------------------------------------------------------ storing */

static void store_complex(lua_State *L, const struct conv_ctx *cx, const ctype *ct, void *p,
                          int idx) {
  double re = 0, im = 0;
  cdata *cd = cdata_test(L, idx);
  if (cd != NULL && cd->ct->un->kind == CK_COMPLEX) {
    if (cd->ct->un->prim == ct->un->prim) {
      memmove(p, cd->p, ct->un->size);
      return;
    }
    if (cd->ct->un->prim == CP_C32) {
      float v[2];
      memcpy(v, cd->p, sizeof v);
      re = (double)v[0];
      im = (double)v[1];
    } else if (cd->ct->un->prim == CP_C64) {
      double v[2];
      memcpy(v, cd->p, sizeof v);
      re = v[0];
      im = v[1];
    } else {
      long double v[2];
      memcpy(v, cd->p, sizeof v);
      re = (double)v[0];
      im = (double)v[1];
    }
  } else if (lua_istable(L, idx)) {
    idx = lua_absindex(L, idx);
    int at = lua_rawgeti(L, idx, 0) == LUA_TNIL ? 1 : 0;
    lua_pop(L, 1);
    for (int k = 0; k < 2; k++) {
      if (lua_rawgeti(L, idx, at + k) != LUA_TNIL)
        *(k == 0 ? &re : &im) = conv_number(L, cx, ct, -1);
      lua_pop(L, 1);
    }
  } else {
    re = conv_number(L, cx, ct, idx);
  }
  if (ct->un->prim == CP_C32)
    memcpy(p, (float[2]){(float)re, (float)im}, 2 * sizeof(float));
  else if (ct->un->prim == CP_C64)
    memcpy(p, (double[2]){re, im}, 2 * sizeof(double));
  else
    memcpy(p, (long double[2]){(long double)re, (long double)im}, 2 * sizeof(long double));
}

/* A record or array as a whole. */
static void store_aggregate(lua_State *L, const struct conv_ctx *cx, ctype *ct, void *p, int idx) {
  cdata *cd = cdata_test(L, idx);
  size_t size = ctype_size(ct);
  if (cd != NULL && cd->ct->kind != CK_CTYPE && ctype_is_aggregate(cd->ct)) {
    bool same = cd->ct->un == ct->un || ctype_same(cd->ct->un, ct->un);
    if (!same || size == CT_INCOMPLETE) conv_fail(L, cx, ct, idx, NULL);
    memmove(p, cd->p, size);
    return;
  }
  if (lua_istable(L, idx) && ct->kind != CK_OPAQUE && size != CT_INCOMPLETE) {
    init_table(L, cx, ct, p, ct->nelem, idx);
    return;
  }
  if (ct->kind == CK_ARRAY && ctype_is_byte(ct->base->un) && lua_type(L, idx) == LUA_TSTRING) {
    size_t len;
    const char *s = lua_tolstring(L, idx, &len);
    if (len > ct->nelem) conv_fail(L, cx, ct, idx, "it is too long");
    memcpy(p, s, len < ct->nelem ? len + 1 : len);
    return;
  }
  conv_fail(L, cx, ct, idx, NULL);
}

void conv_store(lua_State *L, const struct conv_ctx *cx, ctype *ct, void *p, int idx) {
#define STORE(T, v)                                                                                \
  do {                                                                                             \
    T t = (T)(v);                                                                                  \
    memcpy(p, &t, sizeof t);                                                                       \
    return;                                                                                        \
  } while (0)
  switch ((enum ctype_prim)ct->un->prim) {
  case CP_BOOL: STORE(bool, conv_integer(L, cx, ct, idx) != 0);
  case CP_I8:
  case CP_U8: STORE(uint8_t, conv_integer(L, cx, ct, idx));
  case CP_I16:
  case CP_U16: STORE(uint16_t, conv_integer(L, cx, ct, idx));
  case CP_I32:
  case CP_U32: STORE(uint32_t, conv_integer(L, cx, ct, idx));
  case CP_I64:
  case CP_U64: STORE(int64_t, conv_integer(L, cx, ct, idx));
  case CP_F32: STORE(float, conv_number(L, cx, ct, idx));
  case CP_F64: STORE(double, conv_number(L, cx, ct, idx));
  case CP_LD: STORE(long double, conv_long_double(L, cx, ct, idx));
  case CP_PTR: STORE(void *, conv_pointer(L, cx, ct, idx));
  case CP_C32:
  case CP_C64:
  case CP_CLD: store_complex(L, cx, ct, p, idx); return;
  case CP_AGG:
    if (ct->kind != CK_FUNC) {
      store_aggregate(L, cx, ct, p, idx);
      return;
    }
    break;
  case CP_NONE: break;
  }
  conv_fail(L, cx, ct, idx, NULL);
}

/* ------------------------------------------------------------------ pushing */

void conv_push_u64(lua_State *L, gffi_state *st, uint64_t v) {
  if (v <= INT64_MAX) {
    lua_pushinteger(L, (lua_Integer)v);
  } else {
    cdata *cd = cdata_new(L, st->t_ulong, sizeof v, 0);
    memcpy(cd->p, &v, sizeof v);
  }
}

static void push_boxed(lua_State *L, ctype *ct, const void *p) {
  size_t size = ctype_size(ct);
  cdata *cd = cdata_new(L, ct->un, size, 0);
  memcpy(cd->p, p, size);
}

/* An array member [0] or [1] at the end of a record continues behind it; that is handled where the
 * member is known. */
static size_t array_bound(const ctype *ct) {
  return (ct->flags & (CF_OPEN | CF_VLA)) != 0 ? CD_UNBOUNDED : ct->nelem;
}

void conv_push(lua_State *L, ctype *ct, void *p, int anchor) {
#define PUSH_INT(T)                                                                                \
  do {                                                                                             \
    T t;                                                                                           \
    memcpy(&t, p, sizeof t);                                                                       \
    lua_pushinteger(L, (lua_Integer)t);                                                            \
    return;                                                                                        \
  } while (0)
#define PUSH_FLOAT(T)                                                                              \
  do {                                                                                             \
    T t;                                                                                           \
    memcpy(&t, p, sizeof t);                                                                       \
    lua_pushnumber(L, (lua_Number)t);                                                              \
    return;                                                                                        \
  } while (0)
  switch ((enum ctype_prim)ct->un->prim) {
  case CP_BOOL: lua_pushboolean(L, *(const unsigned char *)p != 0); return;
  case CP_I8: PUSH_INT(int8_t);
  case CP_U8: PUSH_INT(uint8_t);
  case CP_I16: PUSH_INT(int16_t);
  case CP_U16: PUSH_INT(uint16_t);
  case CP_I32: PUSH_INT(int32_t);
  case CP_U32: PUSH_INT(uint32_t);
  case CP_I64: PUSH_INT(int64_t);
  case CP_U64: {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    conv_push_u64(L, ct->st, v);
    return;
  }
  case CP_F32: PUSH_FLOAT(float);
  case CP_F64: PUSH_FLOAT(double);
  case CP_LD: PUSH_FLOAT(long double);
  case CP_PTR: {
    void *v;
    memcpy(&v, p, sizeof v);
    cdata_pointer(L, ct, v, 0);
    return;
  }
  case CP_C32:
  case CP_C64:
  case CP_CLD: push_boxed(L, ct, p); return;
  case CP_AGG: cdata_ref(L, ct, p, ct->kind == CK_ARRAY ? array_bound(ct) : 0, anchor); return;
  case CP_NONE: lua_pushnil(L); return;
  }
}

/* ------------------------------------------------------------------ bit-fields */

static uint64_t bits_load(const cfield *f, const void *base) {
  const unsigned char *b = (const unsigned char *)base + f->offset;
  unsigned nbytes = (f->bitpos + f->bits + 7u) / 8u;
  uint64_t low = 0;
  for (unsigned i = 0; i < nbytes && i < 8; i++) low |= (uint64_t)b[i] << (8 * i);
  low >>= f->bitpos;
  if (nbytes == 9) low |= (uint64_t)b[8] << (64 - f->bitpos);
  return f->bits == 64 ? low : low & ((UINT64_C(1) << f->bits) - 1);
}

void conv_push_bits(lua_State *L, const cfield *f, const void *base) {
  uint64_t v = bits_load(f, base);
  if (f->ct->kind == CK_BOOL) {
    lua_pushboolean(L, v != 0);
  } else if ((f->ct->un->flags & CF_UNSIGNED) != 0) {
    conv_push_u64(L, f->ct->st, v);
  } else {
    unsigned up = 64u - f->bits;
    lua_pushinteger(L, (lua_Integer)((int64_t)(v << up) >> up));
  }
}

void conv_store_bits(lua_State *L, const struct conv_ctx *cx, const cfield *f, void *base,
                     int idx) {
  unsigned char *b = (unsigned char *)base + f->offset;
  uint64_t v = (uint64_t)conv_integer(L, cx, f->ct, idx);
  if (f->ct->kind == CK_BOOL) v = v != 0;
  if (gffi_is_strict(cx->st) && f->bits < 64) {
    bool is_signed = (f->ct->un->flags & CF_UNSIGNED) == 0;
    unsigned up = 64u - f->bits;
    if (is_signed ? (int64_t)(v << up) >> up != (int64_t)v : v >> f->bits != 0)
      range_fail(L, cx, f->ct, idx);
  }
  for (unsigned done = 0; done < f->bits;) { /* byte by byte: a field may lie across nine */
    unsigned pos = f->bitpos + done, in = pos % 8, n = 8 - in;
    if (n > f->bits - done) n = f->bits - done;
    unsigned mask = ((1u << n) - 1) << in;
    b[pos / 8] = (unsigned char)((b[pos / 8] & ~mask) | ((unsigned)(v >> done) << in & mask));
    done += n;
  }
}
