/* api_table.c: lua.h: tables, metatables, userdata. */
#include "api.h"

/* ---- get ---- */
static int push_slot(lua_State *L, const Value *s) {
  if (s == NULL)
    set_nil(L->top);
  else
    slot_get(L->top, s);
  api_inc(L);
  return basetype(L->top[-1].tt);
}

/* Key in *k, not on the stack; pushes the result. */
static int get_push(lua_State *L, const Value *o, const Value *k) {
  Value res;
  if (o->tt == TTAB) {
    Value *s = core_tab_get(o->v.t, k);
    if (s != NULL) {
      slot_get(L->top, s);
      if (!is_nil(L->top)) {
        api_inc(L);
        return basetype(L->top[-1].tt);
      }
    }
  }
  core_get(L, o, k, &res);
  val_copy(L->top, &res);
  api_inc(L);
  return basetype(res.tt);
}

static Value globals(lua_State *L) {
  Value v;
  slot_get(&v, tab_get_int(L->g->registry.v.t, LUA_RIDX_GLOBALS));
  return v;
}

/* A string key for a lookup: rooted by nothing, for no collection happens before it is used. Should
 * a metamethod be called, it goes to the stack as an argument. */
static Value str_key(lua_State *L, const char *s) {
  Value k;
  set_str(&k, core_str_lit(L, s));
  return k;
}

LUA_API int lua_getglobal(lua_State *L, const char *name) {
  Value g = globals(L), k = str_key(L, name);
  return get_push(L, &g, &k);
}
LUA_API int lua_getfield(lua_State *L, int idx, const char *name) {
  Value o = index2copy(L, idx), k = str_key(L, name);
  return get_push(L, &o, &k);
}
LUA_API int lua_geti(lua_State *L, int idx, lua_Integer n) {
  Value k, o = index2copy(L, idx);
  if (likely(o.tt == TTAB)) {
    const Value *s = tab_get_int(o.v.t, n);
    Pair x = s != NULL ? pair_load(s) : pair_make(0, TNIL);
    if (likely(pair_tag(x) != TNIL)) {
      pair_put(L->top, x);
      api_inc(L);
      return (int)basetype(pair_tag(x));
    }
  }
  set_int(&k, n);
  return get_push(L, &o, &k);
}
LUA_API int lua_gettable(lua_State *L, int idx) {
  Value res, o = index2copy(L, idx);
  core_get(L, &o, L->top - 1, &res);
  val_copy(L->top - 1, &res);
  return basetype(res.tt);
}
LUA_API int lua_rawget(lua_State *L, int idx) {
  Value o = index2copy(L, idx);
  Value *s = core_tab_get(o.v.t, L->top - 1);
  L->top--;
  return push_slot(L, s);
}
LUA_API int lua_rawgeti(lua_State *L, int idx, lua_Integer n) {
  Value o = index2copy(L, idx);
  return push_slot(L, tab_get_int(o.v.t, n));
}
LUA_API int lua_rawgetp(lua_State *L, int idx, const void *p) {
  Value k, o = index2copy(L, idx);
  set_obj(&k, (void *)(uintptr_t)p, TLUD);
  return push_slot(L, core_tab_get(o.v.t, &k));
}

LUA_API int lua_next(lua_State *L, int idx) {
  Value o = index2copy(L, idx);
  int more = core_tab_next(L, o.v.t, L->top - 1);
  L->top += more ? 1 : -1;
  return more;
}

/* ---- set ---- */
static void set_from(lua_State *L, const Value *o, const Value *k, const Value *v) {
  if (o->tt == TTAB && is_private(L, o->v.gc)) {
    Value *s = core_tab_get(o->v.t, k);
    if (s != NULL && slot_tag(s) != TNIL) {
      slot_set(s, v);
      return;
    }
  }
  core_set(L, o, k, v);
}

LUA_API void lua_setglobal(lua_State *L, const char *name) {
  Value g = globals(L), k = str_key(L, name);
  set_from(L, &g, &k, L->top - 1);
  L->top--;
}
LUA_API void lua_setfield(lua_State *L, int idx, const char *name) {
  Value o = index2copy(L, idx), k = str_key(L, name);
  set_from(L, &o, &k, L->top - 1);
  L->top--;
}
LUA_API void lua_seti(lua_State *L, int idx, lua_Integer n) {
  Value k, o = index2copy(L, idx);
  if (likely(o.tt == TTAB && is_private(L, o.v.gc))) {
    Value *s = tab_get_int(o.v.t, n);
    if (likely(s != NULL && slot_tag(s) != TNIL)) {
      slot_set(s, --L->top);
      return;
    }
  }
  set_int(&k, n);
  set_from(L, &o, &k, L->top - 1);
  L->top--;
}
LUA_API void lua_settable(lua_State *L, int idx) {
  Value o = index2copy(L, idx);
  set_from(L, &o, L->top - 2, L->top - 1);
  L->top -= 2;
}
LUA_API void lua_rawset(lua_State *L, int idx) {
  Value o = index2copy(L, idx);
  core_tab_set(L, o.v.t, L->top - 2, L->top - 1);
  L->top -= 2;
}
LUA_API void lua_rawseti(lua_State *L, int idx, lua_Integer n) {
  Value o = index2copy(L, idx);
  core_tab_set_int(L, o.v.t, n, L->top - 1);
  L->top--;
}
LUA_API void lua_rawsetp(lua_State *L, int idx, const void *p) {
  Value k, o = index2copy(L, idx);
  set_obj(&k, (void *)(uintptr_t)p, TLUD);
  core_tab_set(L, o.v.t, &k, L->top - 1);
  L->top--;
}

/* ---- creation ---- */
LUA_API void lua_createtable(lua_State *L, int narr, int nrec) {
  Table *t = core_tab_new(L);
  set_obj(L->top, t, TTAB);
  api_inc(L);
  if (narr > 0 || nrec > 0)
    core_tab_resize(L, t, narr > 0 ? (uint32_t)narr : 0, nrec > 0 ? (uint32_t)nrec : 0);
  api_poll(L);
}

LUA_API void *lua_newuserdatauv(lua_State *L, size_t size, int nuv) {
  if (unlikely(size > SIZE_MAX / 4)) core_err_mem(L);
  Udata *u = obj_new(L, sizeof *u + (size_t)nuv * sizeof(Value) + size, TUD);
  u->nuv = (uint32_t)nuv;
  u->len = size;
  u->mt = NULL;
  for (int i = 0; i < nuv; i++) pair_store(&u->uv[i], pair_make(0, TNIL));
  set_obj(L->top, u, TUD);
  api_inc(L);
  api_poll(L);
  return udata_mem(u);
}

/* ---- metatables, user values ---- */
LUA_API int lua_getmetatable(lua_State *L, int idx) {
  Value o = index2copy(L, idx);
  Table *mt = core_metatable(L, &o);
  if (mt == NULL) return 0;
  set_obj(L->top, mt, TTAB);
  api_inc(L);
  return 1;
}

LUA_API int lua_setmetatable(lua_State *L, int idx) {
  Value o = index2copy(L, idx);
  const Value *v = L->top - 1;
  Table *mt = is_nil(v) ? NULL : v->v.t;
  if (o.tt == TTAB || o.tt == TUD) {
    if (!is_private(L, o.v.gc)) publish_val(L, v);
    /* [mt] release: the metatable's contents before its reference. Pairs with the DEP loads of mt.
     */
    if (o.tt == TTAB)
      REL_SET(o.v.t->mt, mt);
    else
      REL_SET(o.v.ud->mt, mt);
    core_gc_register_fin(L, o.v.gc, mt);
  } else {
    if (mt != NULL && L->g->parallel) publish_val(L, v);
    REL_SET(L->g->mt[basetype(o.tt)], mt); /* [mt] */
  }
  L->top--;
  return 1;
}

LUA_API int lua_getiuservalue(lua_State *L, int idx, int n) {
  Value o = index2copy(L, idx);
  if (n <= 0 || n > (int)o.v.ud->nuv) {
    lua_pushnil(L);
    return LUA_TNONE;
  }
  return push_slot(L, &o.v.ud->uv[n - 1]);
}

LUA_API int lua_setiuservalue(lua_State *L, int idx, int n) {
  Value o = index2copy(L, idx);
  bool ok = n > 0 && n <= (int)o.v.ud->nuv;
  if (ok) {
    if (!is_private(L, o.v.gc)) publish_val(L, L->top - 1);
    slot_set(&o.v.ud->uv[n - 1], L->top - 1);
  }
  L->top--;
  return ok;
}
