/* lib_aux.c: functions of the auxiliary library that check and then act: references, metatables by
 * name, subtables. Here the two steps are one. */
#include "api.h"

#define FREELIST                                                                                   \
  (LUA_RIDX_LAST + 1) /* as in stock Lua: t[FREELIST] heads the list of free references */

static lua_Integer int_at(Table *t, lua_Integer i) {
  Value v;
  const Value *s = tab_get_int(t, i);
  if (s == NULL) return 0;
  slot_get(&v, s);
  return v.tt == TINT ? v.v.i : 0;
}
static void put(lua_State *L, Table *t, lua_Integer i, const Value *v) {
  Value k;
  set_int(&k, i);
  core_tab_insert(L, t, &k, v);
}

struct ref_op {
  Table *t;
  lua_Integer ref;
};
static void do_ref(lua_State *L, void *ud) {
  struct ref_op *op = ud;
  Value v;
  lua_Integer head = int_at(op->t, FREELIST);
  if (head != 0) {
    set_int(&v, int_at(op->t, head));
    put(L, op->t, FREELIST, &v);
  } else {
    if (tab_get_int(op->t, FREELIST) == NULL) {
      set_int(&v, 0);
      put(L, op->t, FREELIST, &v);
    }
    head = (lua_Integer)core_tab_len(op->t) + 1;
  }
  put(L, op->t, head, L->top - 1);
  op->ref = head;
}
static void do_unref(lua_State *L, void *ud) {
  struct ref_op *op = ud;
  Value v;
  set_int(&v, int_at(op->t, FREELIST));
  put(L, op->t, op->ref, &v);
  set_int(&v, op->ref);
  put(L, op->t, FREELIST, &v);
}

static void locked(lua_State *L, Table *t, core_pfunc f, void *ud) {
  if (is_private(L, &t->h)) {
    f(L, ud);
    return;
  }
  core_tab_lock(L, t);
  int st = core_run_protected(L, f, ud);
  RLX_SET(t->resizing, 0);
  core_tab_unlock(t);
  if (st != LUA_OK) {
    L->m->pin[2] = NULL;
    core_throw(L, st);
  }
}

LUALIB_API int luaL_ref(lua_State *L, int idx) {
  Value t = index2copy(L, idx);
  if (is_nil(L->top - 1)) {
    L->top--;
    return LUA_REFNIL;
  }
  struct ref_op op = {t.v.t, 0};
  if (!is_private(L, t.v.gc)) publish_val(L, L->top - 1);
  locked(L, t.v.t, do_ref, &op);
  L->top--;
  return (int)op.ref;
}

LUALIB_API void luaL_unref(lua_State *L, int idx, int ref) {
  if (ref < 0) return;
  Value t = index2copy(L, idx);
  struct ref_op op = {t.v.t, ref};
  locked(L, t.v.t, do_unref, &op);
}

/* ---- t[key] = val unless t[key] is there already ---- */
struct once_op {
  Table *t;
  const Value *key, *val;
  Value found;
};
static void do_once(lua_State *L, void *ud) {
  struct once_op *op = ud;
  const Value *s = core_tab_get(op->t, op->key);
  if (s != NULL) slot_get(&op->found, s);
  if (is_nil(&op->found)) core_tab_insert(L, op->t, op->key, op->val);
}

/* Table on top, key string: true when it went in; else the value found replaces it. */
static bool put_once(lua_State *L, Table *t, String *key) {
  Value k;
  set_str(&k, key);
  struct once_op op = {t, &k, L->top - 1, core_nil};
  if (!is_private(L, &t->h)) publish_val(L, L->top - 1);
  L->m->pin[2] = &key->h; /* collections may run while we wait for the lock or for readers */
  locked(L, t, do_once, &op);
  L->m->pin[2] = NULL;
  if (is_nil(&op.found)) return true;
  val_copy(L->top - 1, &op.found);
  return false;
}

LUALIB_API int luaL_newmetatable(lua_State *L, const char *tname) {
  if (luaL_getmetatable(L, tname) != LUA_TNIL) return 0;
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  lua_pushstring(L, tname);
  lua_setfield(L, -2, "__name");
  return put_once(L, L->g->registry.v.t, core_str_lit(L, tname));
}

LUALIB_API int luaL_getsubtable(lua_State *L, int idx, const char *fname) {
  if (lua_getfield(L, idx, fname) == LUA_TTABLE) return 1;
  lua_pop(L, 1);
  idx = lua_absindex(L, idx);
  Value t = index2copy(L, idx);
  lua_newtable(L);
  if (t.tt == TTAB && RLX(t.v.t->mt) == NULL) {
    if (put_once(L, t.v.t, core_str_lit(L, fname))) return 0;
    if (lua_istable(L, -1)) return 1;
    lua_pop(L, 1);
    lua_newtable(L);
  }
  lua_pushvalue(L, -1);
  lua_setfield(L, idx, fname);
  return 0;
}
