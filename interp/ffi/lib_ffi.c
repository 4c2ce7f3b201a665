/* lib_ffi.c: require "ffi": the functions of the module. */
#include "ffi_impl.h"

#include <stdlib.h>
#include <string.h>

static const char key_typecache; /* registry: declaration text -> type */

/* ------------------------------------------------------------------ declarations */

#define PARAMS_MAX 64

/* `$` parameters from idx on; the strings stay on the stack. */
static size_t collect_params(lua_State *L, int idx, struct decl_param *p) {
  int n = lua_gettop(L) - idx + 1;
  if (n > PARAMS_MAX) luaL_error(L, "more than %d parameters of a declaration", PARAMS_MAX);
  for (int i = 0; i < n; i++) {
    cdata *cd = cdata_at(L, idx + i);
    memset(&p[i], 0, sizeof p[i]);
    if (cd != NULL) {
      p[i].kind = DP_TYPE;
      p[i].ct = cd->ct->kind == CK_CTYPE ? cd->p : cd->ct;
    } else if (lua_isinteger(L, idx + i)) {
      p[i].kind = DP_INT;
      p[i].i = lua_tointeger(L, idx + i);
    } else if (lua_type(L, idx + i) == LUA_TSTRING) {
      p[i].kind = DP_NAME;
      p[i].s = lua_tolstring(L, idx + i, &p[i].len);
    } else {
      luaL_error(L, "parameter %d of a declaration must be a type, an integer or a name, not %s",
                 i + 1, value_repr(L, idx + i));
    }
  }
  return n > 0 ? (size_t)n : 0;
}

/* "file.lua:12" of the caller. */
static const char *push_where(lua_State *L) {
  lua_Debug ar;
  if (!lua_getstack(L, 1, &ar) || !lua_getinfo(L, "Sl", &ar) || ar.currentline <= 0)
    return lua_pushliteral(L, "a declaration");
  return lua_pushfstring(L, "%s:%d", ar.short_src, ar.currentline);
}

static int lib_cdef(lua_State *L) {
  struct decl_param params[PARAMS_MAX];
  char err[DECL_ERROR_MAX];
  struct decl_source src = {.params = params};
  src.text = luaL_checklstring(L, 1, &src.len);
  src.nparams = collect_params(L, 2, params);
  src.where = push_where(L);
  if (!decl_parse_all(gffi_of(L), &src, err)) return luaL_error(L, "declaration:%s", err);
  return 0;
}

static ctype *parse_type(lua_State *L, int idx, int params_at) {
  struct decl_param params[PARAMS_MAX];
  char err[DECL_ERROR_MAX];
  struct decl_source src = {.params = params};
  src.text = lua_tolstring(L, idx, &src.len);
  src.nparams = params_at != 0 ? collect_params(L, params_at, params) : 0;
  src.where = push_where(L);
  ctype *ct = decl_parse_type(gffi_of(L), &src, err);
  if (ct == NULL) luaL_error(L, "type '%s':%s", src.text, err);
  lua_pop(L, 1);
  return ct;
}

/* A type from its declaration; each text is parsed once. */
static ctype *cached_type(lua_State *L, int idx) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_typecache);
  lua_pushvalue(L, idx);
  lua_rawget(L, -2);
  ctype *ct = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (ct == NULL) {
    ct = parse_type(L, idx, 0);
    lua_pushvalue(L, idx);
    lua_pushlightuserdata(L, ct);
    lua_rawset(L, -3);
  }
  lua_pop(L, 1);
  return ct;
}

static ctype *check_type(lua_State *L, int idx) {
  if (lua_type(L, idx) == LUA_TSTRING) return cached_type(L, idx);
  cdata *cd = cdata_at(L, idx);
  if (cd == NULL) luaL_typeerror(L, idx, "C type");
  return cd->ct->kind == CK_CTYPE ? cd->p : cd->ct;
}

static int lib_typeof(lua_State *L) {
  ctype *ct =
      lua_gettop(L) > 1 && lua_type(L, 1) == LUA_TSTRING ? parse_type(L, 1, 2) : check_type(L, 1);
  ctype_push(L, ct);
  return 1;
}

/* ------------------------------------------------------------------ objects */

static size_t check_count(lua_State *L, int idx, const ctype *ct, size_t esize, size_t base) {
  char buf[CTYPE_REPR_MAX];
  ctype_repr(ct, "", buf, sizeof buf);
  if (lua_type(L, idx) != LUA_TNUMBER)
    luaL_error(L, "bad argument #%d to 'new' (number of elements of '%s' expected, got %s)", idx,
               buf, value_repr(L, idx));
  lua_Number n = lua_tonumber(L, idx);
  if (!(n >= 0) || (esize > 0 && n > (lua_Number)((SIZE_MAX / 4 - base) / esize)))
    luaL_error(L, "bad argument #%d to 'new' (%s is no number of elements for '%s')", idx,
               lua_tostring(L, idx), buf);
  return (size_t)n;
}

static const ctype *vla_element(const ctype *ct) {
  if (ct->kind == CK_ARRAY) return ct->base;
  return ct->un->fields[ct->un->nfields - 1].ct->base;
}

/* Type ct, arguments from idx on. */
static int new_object(lua_State *L, ctype *ct, int idx) {
  char buf[CTYPE_REPR_MAX];
  struct conv_ctx cx = {.st = ct->st, .func = "new", .arg = 2};
  int nargs = lua_gettop(L) - idx + 1;
  size_t size = ctype_size(ct), nelem = ct->nelem;
  if ((ct->un->flags & CF_VLA) != 0) {
    const ctype *elem = vla_element(ct);
    size_t esize = ctype_size(elem), base = 0;
    if (ct->kind == CK_RECORD) base = ct->un->fields[ct->un->nfields - 1].offset;
    nelem = check_count(L, idx, ct, esize, base + 64);
    size_t bytes = base + nelem * esize;
    size = ct->kind == CK_ARRAY || bytes > size ? bytes : size;
    idx++;
    nargs--;
  } else if (size == CT_INCOMPLETE) {
    return luaL_error(L, "bad argument #1 to 'new' (the size of '%s' is not known)",
                      ctype_repr(ct, "", buf, sizeof buf));
  }
  luaL_checkstack(L, 16, NULL);
  cdata *cd = cdata_new(L, ct, size, nelem);
  init_store(L, &cx, cd, idx, nargs);
  cdata_new_finalizer(L, ct);
  return 1;
}

static int lib_new(lua_State *L) {
  ctype *ct = check_type(L, 1);
  return new_object(L, ct, 2);
}

int ctype_construct(lua_State *L) {
  cdata *cd = lua_touserdata(L, 1);
  ctype *ct = cd->p;
  if (cdata_has_new(ct) && cdata_push_usermeta(L, ct, "__new")) {
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
  }
  return new_object(L, ct, 2);
}

/* A pointer that was made from memory of ours keeps it alive. */
static int cast_anchor(lua_State *L, int idx) {
  const cdata *cd = cdata_test(L, idx);
  if (cd == NULL || cd->ct->kind == CK_CTYPE)
    return lua_type(L, idx) == LUA_TSTRING || lua_isuserdata(L, idx) ? idx : 0;
  if (cd->ct->kind == CK_PTR) {
    bool any = lua_getiuservalue(L, idx, 1) != LUA_TNONE && !lua_isnil(L, -1);
    lua_pop(L, 1);
    return any ? idx : 0;
  }
  return ctype_is_aggregate(cd->ct) ? idx : 0;
}

static int lib_cast(lua_State *L) {
  ctype *ct = check_type(L, 1);
  struct conv_ctx cx = {.st = ct->st, .func = "cast", .arg = 2, .cast = true};
  luaL_checkany(L, 2);
  if (ct->kind == CK_PTR) {
    void *p = conv_pointer(L, &cx, ct, 2);
    cdata_pointer(L, ct, p, cast_anchor(L, 2));
    return 1;
  }
  if (!ctype_is_integer(ct) && ct->kind != CK_FLOAT && ct->kind != CK_COMPLEX) {
    const cdata *cd = cdata_test(L, 2);
    if (cd == NULL || cd->ct->un != ct->un) return conv_fail(L, &cx, ct, 2, NULL);
    lua_settop(L, 2);
    return 1;
  }
  if (ctype_size(ct) == CT_INCOMPLETE) return conv_fail(L, &cx, ct, 2, "incomplete type");
  cdata *cd = cdata_new(L, ct, ctype_size(ct), 0);
  conv_store(L, &cx, ct, cd->p, 2);
  return 1;
}

static int lib_metatype(lua_State *L) {
  char buf[CTYPE_REPR_MAX];
  ctype *ct = check_type(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  if (ct->kind != CK_RECORD && ct->kind != CK_COMPLEX && ct->kind != CK_OPAQUE)
    return luaL_error(L, "bad argument #1 to 'metatype' ('%s' is no struct or union)",
                      ctype_repr(ct, "", buf, sizeof buf));
  lua_settop(L, 2);
  cdata_set_metatype(L, ct->un);
  ctype_push(L, ct);
  return 1;
}

static cdata *check_cdata(lua_State *L, int idx) {
  cdata *cd = cdata_test(L, idx);
  if (cd == NULL || cd->ct->kind == CK_CTYPE) luaL_typeerror(L, idx, "cdata");
  return cd;
}

static int lib_gc(lua_State *L) {
  check_cdata(L, 1);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  cdata_set_finalizer(L, 1);
  return 1;
}

/* ffi.addressof(cdata): the address of the value, as a pointer to its type. */
static int lib_addressof(lua_State *L) {
  cdata *cd = check_cdata(L, 1);
  ctype *ct = gffi_pointer_type(L, cd->ct);
  cdata_pointer(L, ct, cd->p, 1);
  return 1;
}

/* ------------------------------------------------------------------ questions */

static int lib_sizeof(lua_State *L) {
  cdata *cd = cdata_test(L, 1);
  ctype *ct = check_type(L, 1);
  size_t size = ctype_size(ct);
  if (cd != NULL && cd->ct == ct) {
    size = cdata_extent(cd);
    if (ctype_is_aggregate(ct) && size != CD_UNBOUNDED) {
      lua_pushinteger(L, (lua_Integer)size);
      return 1;
    }
    size = ctype_size(ct);
  }
  if ((ct->un->flags & CF_VLA) != 0) {
    if (lua_isnoneornil(L, 2)) return 0;
    const ctype *elem = vla_element(ct);
    size_t base = ct->kind == CK_RECORD ? ct->un->fields[ct->un->nfields - 1].offset : 0;
    size_t bytes = base + check_count(L, 2, ct, ctype_size(elem), base) * ctype_size(elem);
    size = ct->kind == CK_ARRAY || bytes > size ? bytes : size;
  }
  if (size == CT_INCOMPLETE) return 0;
  lua_pushinteger(L, (lua_Integer)size);
  return 1;
}

static int lib_alignof(lua_State *L) {
  ctype *ct = check_type(L, 1);
  if (!ctype_is_complete(ct) && ct->kind != CK_ARRAY) return 0;
  lua_pushinteger(L, (lua_Integer)(ct->kind == CK_ARRAY ? ct->un->align : ctype_align(ct)));
  return 1;
}

static int lib_offsetof(lua_State *L) {
  ctype *ct = check_type(L, 1);
  cfield f;
  size_t len;
  const char *name = luaL_checklstring(L, 2, &len);
  if (ct->kind != CK_RECORD || !record_find(ct->un, name, len, &f)) return 0;
  lua_pushinteger(L, (lua_Integer)f.offset);
  if (!f.bitfield) return 1;
  lua_pushinteger(L, f.bitpos);
  lua_pushinteger(L, f.bits);
  return 3;
}

static int lib_istype(lua_State *L) {
  ctype *ct = check_type(L, 1);
  cdata *cd = cdata_at(L, 2);
  bool is = false;
  if (cd != NULL && cd->ct->kind != CK_CTYPE) {
    is = cd->ct->un == ct->un || ctype_same(cd->ct->un, ct->un);
    if (!is && ct->kind == CK_RECORD && cd->ct->kind == CK_PTR) is = cd->ct->base->un == ct->un;
  }
  lua_pushboolean(L, is);
  return 1;
}

static int lib_type(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, cdata_test(L, 1) != NULL ? "cdata" : luaL_typename(L, 1));
  return 1;
}

static int lib_tonumber(lua_State *L) {
  cdata *cd = cdata_test(L, 1);
  if (cd == NULL) {
    luaL_checkany(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING && lua_stringtonumber(L, lua_tostring(L, 1)) != 0) return 1;
    if (lua_type(L, 1) == LUA_TNUMBER)
      lua_settop(L, 1);
    else
      lua_pushnil(L);
    return 1;
  }
  struct conv_ctx cx = {.st = cd->ct->st, .func = "tonumber", .arg = 1};
  if (ctype_is_integer(cd->ct) && cd->ct->un->prim != CP_U64) {
    lua_pushinteger(L, conv_integer(L, &cx, cd->ct->st->t_long, 1));
  } else if (ctype_is_integer(cd->ct)) {
    uint64_t v;
    memcpy(&v, cd->p, sizeof v);
    if (v <= INT64_MAX)
      lua_pushinteger(L, (lua_Integer)v);
    else
      lua_pushnumber(L, (lua_Number)v);
  } else if (cd->ct->kind == CK_FLOAT || cd->ct->kind == CK_COMPLEX) {
    lua_pushnumber(L, conv_number(L, &cx, cd->ct->st->t_double, 1));
  } else {
    lua_pushnil(L);
  }
  return 1;
}

/* tonumber that knows C values; upvalue 1: the one before. */
static int compat_tonumber(lua_State *L) {
  if (lua_gettop(L) == 1 && cdata_test(L, 1) != NULL) return lib_tonumber(L);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/* ffi.compat(): replaces the globals type and tonumber by ones that know C values, for scripts
 * written for LuaJIT. Calling it again changes nothing. */
static int lib_compat(lua_State *L) {
  lua_getglobal(L, "tonumber");
  if (lua_tocfunction(L, -1) != compat_tonumber) {
    lua_pushcclosure(L, compat_tonumber, 1);
    lua_setglobal(L, "tonumber");
  }
  lua_pushcfunction(L, lib_type);
  lua_setglobal(L, "type");
  return 0;
}

/* ------------------------------------------------------------------ memory */

/* The bytes at the pointer-like argument idx, and how many are known to be there. */
static char *check_memory(lua_State *L, int idx, const char *func, bool write, size_t *extent) {
  gffi_state *st = gffi_of(L);
  struct conv_ctx cx = {.st = st, .func = func, .arg = idx};
  const cdata *cd = cdata_test(L, idx);
  char *p;
  *extent = cd != NULL                        ? cdata_extent(cd)
            : lua_type(L, idx) == LUA_TSTRING ? lua_rawlen(L, idx) + 1
                                              : CD_UNBOUNDED;
  if (cd != NULL && cd->ct->kind != CK_CTYPE && !ctype_is_aggregate(cd->ct) &&
      cd->ct->kind != CK_PTR) {
    if (cd->ct->kind == CK_FUNC) conv_fail(L, &cx, st->t_voidp, idx, NULL);
    p = cd->p; /* a number: its own bytes */
  } else if (write || lua_type(L, idx) != LUA_TSTRING) {
    ctype *to = st->t_voidp;
    if (!write) cx.cast = lua_type(L, idx) != LUA_TNUMBER; /* reading from const is fine */
    if (lua_type(L, idx) == LUA_TFUNCTION) conv_fail(L, &cx, to, idx, NULL);
    p = conv_pointer(L, &cx, to, idx);
  } else {
    union {
      const char *in;
      char *out;
    } u = {.in = lua_tostring(L, idx)};
    p = u.out;
  }
  if (p == NULL) luaL_error(L, "bad argument #%d to '%s' (NULL pointer)", idx, func);
  return p;
}

static size_t check_length(lua_State *L, int idx, const char *func) {
  struct conv_ctx cx = {.st = gffi_of(L), .func = func, .arg = idx};
  int64_t n = conv_integer(L, &cx, cx.st->t_long, idx);
  if (n < 0)
    luaL_error(L, "bad argument #%d to '%s' (length %I is negative)", idx, func, (LUAI_UACINT)n);
  return (size_t)n;
}

static void check_extent(lua_State *L, int idx, const char *func, size_t n, size_t extent) {
  char buf[CTYPE_REPR_MAX];
  if (n <= extent) return;
  const cdata *cd = cdata_test(L, idx);
  const char *what = cd == NULL ? "string" : ctype_repr(cd->ct, "", buf, sizeof buf);
  luaL_error(L, "bad argument #%d to '%s' (%I bytes, but '%s' has %I)", idx, func, (LUAI_UACINT)n,
             what, (LUAI_UACINT)extent);
}

static int lib_string(lua_State *L) {
  size_t extent;
  if (lua_type(L, 1) == LUA_TSTRING && lua_isnoneornil(L, 2)) {
    lua_settop(L, 1);
    return 1;
  }
  char *p = check_memory(L, 1, "string", false, &extent);
  if (!lua_isnoneornil(L, 2)) {
    size_t n = check_length(L, 2, "string");
    check_extent(L, 1, "string", n, extent);
    lua_pushlstring(L, p, n);
    return 1;
  }
  const cdata *cd = cdata_test(L, 1);
  if (cd != NULL) {
    const ctype *base =
        cd->ct->kind == CK_PTR || cd->ct->kind == CK_ARRAY ? cd->ct->base->un : cd->ct;
    if (!ctype_is_byte(base) && base->kind != CK_VOID) {
      char buf[CTYPE_REPR_MAX];
      return luaL_error(L, "bad argument #1 to 'string' ('%s' needs a length)",
                        ctype_repr(cd->ct, "", buf, sizeof buf));
    }
  }
  lua_pushlstring(L, p, extent == CD_UNBOUNDED ? strlen(p) : strnlen(p, extent));
  return 1;
}

static int lib_copy(lua_State *L) {
  size_t dst_extent, src_extent, n;
  char *dst = check_memory(L, 1, "copy", true, &dst_extent);
  char *src = check_memory(L, 2, "copy", false, &src_extent);
  if (lua_isnoneornil(L, 3)) {
    if (lua_type(L, 2) != LUA_TSTRING)
      return luaL_error(L, "bad argument #3 to 'copy' (length expected, got no value)");
    n = lua_rawlen(L, 2) + 1;
  } else {
    n = check_length(L, 3, "copy");
  }
  check_extent(L, 1, "copy", n, dst_extent);
  check_extent(L, 2, "copy", n, src_extent);
  memmove(dst, src, n);
  return 0;
}

static int lib_fill(lua_State *L) {
  size_t extent;
  struct conv_ctx cx = {.st = gffi_of(L), .func = "fill", .arg = 3};
  char *dst = check_memory(L, 1, "fill", true, &extent);
  size_t n = check_length(L, 2, "fill");
  int c = lua_isnoneornil(L, 3) ? 0 : (int)conv_integer(L, &cx, cx.st->t_int, 3);
  check_extent(L, 1, "fill", n, extent);
  memset(dst, c, n);
  return 0;
}

/* ------------------------------------------------------------------ settings */

static int lib_errno(lua_State *L) {
  lua_pushinteger(L, gffi_errno);
  if (!lua_isnoneornil(L, 1)) gffi_errno = (int)luaL_checkinteger(L, 1);
  return 1;
}

static int lib_strict(lua_State *L) {
  gffi_state *st = gffi_of(L);
  lua_pushboolean(L, gffi_is_strict(st));
  if (!lua_isnone(L, 1))
    atomic_store_explicit(&st->strict, lua_toboolean(L, 1), memory_order_relaxed);
  return 1;
}

static int lib_abi(lua_State *L) {
  static const char *const yes[] = {
    sizeof(void *) == 8 ? "64bit" : "32bit",
    "fpu",
    "hardfp",
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    "be",
#else
    "le",
#endif
    "gc64"
  };
  const char *what = luaL_checkstring(L, 1);
  bool is = false;
  for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) is = is || strcmp(what, yes[i]) == 0;
  lua_pushboolean(L, is);
  return 1;
}

#if defined __linux__
#  define OS_NAME "Linux"
#elif defined __APPLE__
#  define OS_NAME "OSX"
#elif defined __FreeBSD__ || defined __NetBSD__ || defined __OpenBSD__
#  define OS_NAME "BSD"
#else
#  define OS_NAME "POSIX"
#endif
#if defined __x86_64__
#  define ARCH_NAME "x64"
#elif defined __aarch64__
#  define ARCH_NAME "arm64"
#elif defined __i386__
#  define ARCH_NAME "x86"
#elif defined __riscv
#  define ARCH_NAME "riscv64"
#else
#  define ARCH_NAME "other"
#endif

static const luaL_Reg functions[] = {{"cdef", lib_cdef},
                                     {"load", clib_load},
                                     {"typeof", lib_typeof},
                                     {"new", lib_new},
                                     {"cast", lib_cast},
                                     {"metatype", lib_metatype},
                                     {"gc", lib_gc},
                                     {"sizeof", lib_sizeof},
                                     {"alignof", lib_alignof},
                                     {"offsetof", lib_offsetof},
                                     {"istype", lib_istype},
                                     {"type", lib_type},
                                     {"tonumber", lib_tonumber},
                                     {"string", lib_string},
                                     {"copy", lib_copy},
                                     {"fill", lib_fill},
                                     {"errno", lib_errno},
                                     {"strict", lib_strict},
                                     {"abi", lib_abi},
                                     {"addressof", lib_addressof},
                                     {"gil", lib_gil},
                                     {"compat", lib_compat},
                                     {NULL, NULL}};

int luaopen_ffi(lua_State *L) {
  gffi_state *st = gffi_state_create(rt_of(L));
  if (st == NULL) return luaL_error(L, "not enough memory for ffi");
  cdata_open(L, st); /* owns st from here on */
  callback_open(L);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key_typecache);
  luaL_newlib(L, functions);
  clib_open(L, st);
  lua_setfield(L, -2, "C");
  cdata_pointer(L, st->t_voidp, NULL, 0);
  lua_setfield(L, -2, "nullptr");
  lua_pushliteral(L, OS_NAME);
  lua_setfield(L, -2, "os");
  lua_pushliteral(L, ARCH_NAME);
  lua_setfield(L, -2, "arch");
  return 1;
}
