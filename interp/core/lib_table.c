/* lib_table.c: table.insert and table.remove, atomic on one table: a shared table's lock is held
 * from reading the length to the last store. Tables with metatables, and wrong arguments, go to the
 * stock functions. */
#include "table.h"

int core_stock_luaopen_table(lua_State *L);
static lua_CFunction stock_insert, stock_remove; /* (c) the same in every heap */

static Table *plain_table(lua_State *L) {
  const Value *o = L->ci->func + 1;
  return o < L->top && o->tt == TTAB && RLX(o->v.t->mt) == NULL ? o->v.t : NULL;
}

static void get_raw(Table *t, lua_Integer i, Value *out) {
  const Value *s = tab_get_int(t, i);
  if (s == NULL)
    set_nil(out);
  else
    slot_get(out, s);
}
/* Private, or the lock is held. */
static void set_raw(lua_State *L, Table *t, lua_Integer i, const Value *v) {
  Value k;
  Value *s = tab_get_int(t, i);
  if (s != NULL) {
    slot_set(s, v);
    return;
  }
  set_int(&k, i);
  /* A resize waits for other threads: a collection may run, and one of them may overwrite the slot
   * that v was read from. */
  L->m->pin[3] = is_gc(v) ? v->v.gc : NULL;
  core_tab_insert(L, t, &k, v);
  L->m->pin[3] = NULL;
}

struct list_op {
  Table *t;
  lua_Integer pos;
  bool at_end, bad_pos;
};

static void do_insert(lua_State *L, void *ud) {
  struct list_op *op = ud;
  lua_Integer e = (lua_Integer)core_tab_len(op->t) + 1;
  if (op->at_end) op->pos = e;
  if ((lua_Unsigned)op->pos - 1u >= (lua_Unsigned)e) {
    op->bad_pos = true;
    return;
  }
  for (lua_Integer i = e; i > op->pos; i--) {
    Value v;
    get_raw(op->t, i - 1, &v);
    set_raw(L, op->t, i, &v);
  }
  set_raw(L, op->t, op->pos, L->top - 1);
}

/* Leaves the removed value on the stack's top slot, which the caller has made nil. */
static void do_remove(lua_State *L, void *ud) {
  struct list_op *op = ud;
  lua_Integer size = (lua_Integer)core_tab_len(op->t), pos = op->at_end ? size : op->pos;
  if (pos != size && (lua_Unsigned)pos - 1u > (lua_Unsigned)size) {
    op->bad_pos = true;
    return;
  }
  get_raw(op->t, pos, L->top - 1);
  for (; pos < size; pos++) {
    Value v;
    get_raw(op->t, pos + 1, &v);
    set_raw(L, op->t, pos, &v);
  }
  if (tab_get_int(op->t, pos) != NULL) set_raw(L, op->t, pos, &core_nil);
}

static void run_op(lua_State *L, struct list_op *op, core_pfunc f) {
  if (likely(is_private(L, &op->t->h))) {
    f(L, op);
    return;
  }
  publish_val(L, L->top - 1);
  core_tab_lock(L, op->t);
  int st = core_run_protected(L, f, op); /* no memory: the lock must not stay */
  RLX_SET(op->t->resizing, 0);
  core_tab_unlock(op->t);
  if (unlikely(st != LUA_OK)) {
    L->m->pin[3] = NULL;
    core_throw(L, st);
  }
}

static int table_insert(lua_State *L) {
  int n = lua_gettop(L);
  struct list_op op = {.t = plain_table(L), .at_end = n == 2};
  if (op.t == NULL || (n != 2 && n != 3)) return stock_insert(L);
  if (n == 3) op.pos = luaL_checkinteger(L, 2);
  run_op(L, &op, do_insert);
  luaL_argcheck(L, !op.bad_pos, 2, "position out of bounds");
  return 0;
}

static int table_remove(lua_State *L) {
  int n = lua_gettop(L);
  struct list_op op = {.t = plain_table(L), .at_end = n == 1};
  if (op.t == NULL || n > 2) return stock_remove(L);
  if (n == 2) op.pos = luaL_checkinteger(L, 2);
  lua_pushnil(L);
  run_op(L, &op, do_remove);
  luaL_argcheck(L, !op.bad_pos, 1, "position out of bounds");
  return 1;
}

LUAMOD_API int luaopen_table(lua_State *L) {
  static const luaL_Reg funcs[] = {
      {"insert", table_insert}, {"remove", table_remove}, {NULL, NULL}};
  core_stock_luaopen_table(L);
  lua_getfield(L, -1, "insert");
  lua_getfield(L, -2, "remove");
  __atomic_store_n(&stock_insert, lua_tocfunction(L, -2), __ATOMIC_RELAXED);
  __atomic_store_n(&stock_remove, lua_tocfunction(L, -1), __ATOMIC_RELAXED);
  lua_pop(L, 2);
  luaL_setfuncs(L, funcs, 0);
  return 1;
}
