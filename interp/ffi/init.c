/* init.c: initializers of ffi.new: values in a row, tables by name and by position, strings. */
#include "ffi_impl.h"

#include <string.h>

#define INIT_DEPTH_MAX 100

static void check_depth(lua_State *L) {
  luaL_checkstack(L, 16, "tables nested too deeply in an initializer");
  if (lua_gettop(L) > INIT_DEPTH_MAX * 16)
    luaL_error(L, "tables nested too deeply in an initializer");
}

/* One initializer for an array sets all its elements. */
static void replicate(char *p, size_t esize, size_t nelem) {
  for (size_t i = 1; i < nelem; i++) memcpy(p + i * esize, p, esize);
}

static void array_from_table(lua_State *L, const struct conv_ctx *cx, const ctype *ct, char *p,
                             size_t nelem, int idx) {
  size_t esize = ctype_size(ct->base), n = 0;
  lua_Integer first = lua_rawgeti(L, idx, 0) == LUA_TNIL ? 1 : 0;
  lua_pop(L, 1);
  while (lua_rawgeti(L, idx, first + (lua_Integer)n) != LUA_TNIL) {
    char buf[CTYPE_REPR_MAX];
    if (n >= nelem)
      luaL_error(L, "too many initializers for '%s'", ctype_repr(ct, "", buf, sizeof buf));
    conv_store(L, cx, ct->base, p + n++ * esize, lua_gettop(L));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (n == 1) replicate(p, esize, nelem);
}

/* The last member [?], with the number of elements that ffi.new got. */
static void store_vla(lua_State *L, const struct conv_ctx *cx, const ctype *ct, char *p,
                      size_t nelem, int idx) {
  if (lua_istable(L, idx)) {
    array_from_table(L, cx, ct, p, nelem, idx);
  } else if (ctype_is_byte(ct->base->un) && lua_type(L, idx) == LUA_TSTRING) {
    size_t len;
    const char *s = lua_tolstring(L, idx, &len);
    if (len > nelem) conv_fail(L, cx, ct, idx, "it is too long");
    memcpy(p, s, len < nelem ? len + 1 : len);
  } else {
    conv_fail(L, cx, ct, idx, NULL);
  }
}

static void store_field(lua_State *L, const struct conv_ctx *cx, const ctype *owner,
                        const cfield *f, void *p, int idx) {
  struct conv_ctx sub = {.st = cx->st, .field = f->name, .owner = owner};
  char *at = (char *)p + f->offset;
  if (f->bitfield)
    conv_store_bits(L, &sub, f, p, idx);
  else if (f->ct->kind == CK_ARRAY && (f->ct->flags & CF_VLA) != 0)
    store_vla(L, &sub, f->ct, at, cx->vla, idx);
  else
    conv_store(L, &sub, f->ct, at, idx);
}

static bool is_anonymous(const cfield *f) {
  return f->name == NULL && !f->bitfield && f->ct->kind == CK_RECORD;
}

/* Members of ct, in order, from the table's names; returns whether one was set. */
static bool record_by_name(lua_State *L, const struct conv_ctx *cx, const ctype *ct, char *p,
                           int idx) {
  bool any = false;
  for (uint32_t i = 0; i < ct->nfields; i++) {
    const cfield *f = &ct->fields[i];
    bool set = false;
    if (is_anonymous(f)) {
      set = record_by_name(L, cx, f->ct->un, p + f->offset, idx);
    } else if (f->name != NULL) {
      lua_pushstring(L, f->name);
      set = lua_rawget(L, idx) != LUA_TNIL;
      if (set) store_field(L, cx, ct, f, p, lua_gettop(L));
      lua_pop(L, 1);
    }
    any = any || set;
    if (set && (ct->flags & CF_UNION) != 0) break;
  }
  return any;
}

static void record_by_position(lua_State *L, const struct conv_ctx *cx, const ctype *ct, char *p,
                               int idx, lua_Integer *at) {
  for (uint32_t i = 0; i < ct->nfields; i++) {
    const cfield *f = &ct->fields[i];
    if (is_anonymous(f)) {
      record_by_position(L, cx, f->ct->un, p + f->offset, idx, at);
    } else if (f->name != NULL) {
      bool set = lua_rawgeti(L, idx, (*at)++) != LUA_TNIL;
      if (set) store_field(L, cx, ct, f, p, lua_gettop(L));
      lua_pop(L, 1);
      if (!set) return;
    }
    if ((ct->flags & CF_UNION) != 0) return;
  }
}

void init_table(lua_State *L, const struct conv_ctx *cx, ctype *ct, void *p, size_t nelem,
                int idx) {
  idx = lua_absindex(L, idx);
  check_depth(L);
  if (ct->kind == CK_ARRAY) {
    array_from_table(L, cx, ct, p, nelem, idx);
    return;
  }
  lua_Integer at = lua_rawgeti(L, idx, 0) != LUA_TNIL ? 0 : 1;
  lua_pop(L, 1);
  bool positional = lua_rawgeti(L, idx, at) != LUA_TNIL;
  lua_pop(L, 1);
  if (positional)
    record_by_position(L, cx, ct->un, p, idx, &at);
  else
    record_by_name(L, cx, ct->un, p, idx);
}

static void too_many(lua_State *L, const ctype *ct) {
  char buf[CTYPE_REPR_MAX];
  luaL_error(L, "too many initializers for '%s'", ctype_repr(ct, "", buf, sizeof buf));
}

static void array_from_values(lua_State *L, const struct conv_ctx *cx, const cdata *cd, int idx,
                              int n) {
  size_t esize = ctype_size(cd->ct->base);
  if ((size_t)n > cd->nelem) too_many(L, cd->ct);
  for (int i = 0; i < n; i++)
    conv_store(L, cx, cd->ct->base, (char *)cd->p + (size_t)i * esize, idx + i);
  if (n == 1) replicate(cd->p, esize, cd->nelem);
}

static void record_from_values(lua_State *L, const struct conv_ctx *cx, const ctype *ct, char *p,
                               int *idx, int *n) {
  for (uint32_t i = 0; i<ct->nfields && * n> 0; i++) {
    const cfield *f = &ct->fields[i];
    if (is_anonymous(f)) {
      record_from_values(L, cx, f->ct->un, p + f->offset, idx, n);
    } else if (f->name != NULL) {
      store_field(L, cx, ct, f, p, *idx);
      ++*idx;
      --*n;
    }
    if ((ct->flags & CF_UNION) != 0) return;
  }
}

/* Can the value at idx initialize the whole of cd? */
static bool whole(lua_State *L, const cdata *cd, int idx) {
  if (lua_istable(L, idx)) return true;
  if (cd->ct->kind == CK_ARRAY && ctype_is_byte(cd->ct->base->un))
    return lua_type(L, idx) == LUA_TSTRING;
  const cdata *src = cdata_test(L, idx);
  return src != NULL && src->ct->kind != CK_CTYPE &&
         (src->ct->un == cd->ct->un || (src->ct->kind == CK_ARRAY && ctype_same(src->ct, cd->ct)));
}

static void init_whole(lua_State *L, const struct conv_ctx *cx, cdata *cd, int idx) {
  bool unsized = (cd->ct->un->flags & (CF_VLA | CF_OPEN)) != 0;
  if (lua_istable(L, idx)) {
    init_table(L, cx, cd->ct, cd->p, cd->nelem, idx);
  } else if (unsized && lua_type(L, idx) == LUA_TSTRING) {
    size_t len;
    const char *s = lua_tolstring(L, idx, &len);
    if (len > cd->nelem) conv_fail(L, cx, cd->ct, idx, "it is too long");
    memcpy(cd->p, s, len < cd->nelem ? len + 1 : len);
  } else if (unsized && cd->ct->kind == CK_ARRAY) {
    const cdata *src = cdata_test(L, idx);
    if (src->nelem > cd->nelem) conv_fail(L, cx, cd->ct, idx, "it is too long");
    memcpy(cd->p, src->p, src->nelem * ctype_size(cd->ct->base));
  } else {
    conv_store(L, cx, cd->ct, cd->p, idx);
  }
}

void init_store(lua_State *L, const struct conv_ctx *outer, cdata *cd, int idx, int n) {
  struct conv_ctx with_count = *outer, *cx = &with_count;
  if (n == 0) return;
  cx->vla = cd->nelem;
  bool aggregate = cd->ct->kind == CK_ARRAY || cd->ct->kind == CK_RECORD;
  if (aggregate && n == 1 && whole(L, cd, idx)) {
    init_whole(L, cx, cd, idx);
  } else if (cd->ct->kind == CK_ARRAY) {
    array_from_values(L, cx, cd, idx, n);
  } else if (cd->ct->kind == CK_RECORD) {
    int at = idx, left = n;
    record_from_values(L, cx, cd->ct->un, cd->p, &at, &left);
    if (left > 0) too_many(L, cd->ct);
  } else if (n == 1) {
    conv_store(L, cx, cd->ct, cd->p, idx);
  } else if (cd->ct->kind == CK_COMPLEX && n == 2) {
    lua_createtable(L, 2, 0);
    for (int i = 0; i < 2; i++) {
      lua_pushvalue(L, idx + i);
      lua_rawseti(L, -2, i + 1);
    }
    conv_store(L, cx, cd->ct, cd->p, -1);
    lua_pop(L, 1);
  } else {
    too_many(L, cd->ct);
  }
}
