/* lib_atomic.c: `require "gilt.atomic"`: values that threads change without a lock of their own.
 *
 *   new([n])                 an integer, 0 if none is given. Arithmetic wraps around, as Lua's does
 *   counter:load(), counter:store(n)
 *   counter:add([n])         adds n (1) -> the new value
 *   counter:exchange(n)      -> the value before
 *   counter:compare_exchange(expected, n)  -> true; or false and the value that was there instead
 *   counter:max(n), counter:min(n)         keeps the larger (smaller) one -> the new value
 *
 *   ref([value])             any value, nil too: load, store, exchange, compare_exchange
 *                            (equal as rawequal says)
 *
 * Each operation is one step for all threads, and all of them are sequentially consistent: they
 * happen in one order that every thread sees, together with what the threads do before and after.
 * None blocks. With the GIL on they are the same. */
#include "lib.h"
#include "waitline.h"

#define COUNTER_TYPE "gilt.atomic"
#define REF_TYPE     "gilt.atomic.ref"

typedef _Atomic(lua_Integer) counter;

static counter *check_counter(lua_State *L) { return wl_check(L, 1, COUNTER_TYPE); }

static int push(lua_State *L, lua_Integer n) {
  lua_pushinteger(L, n);
  return 1;
}

/* Signed overflow is defined for atomic read-modify-write operations; not for the sum we return. */
static lua_Integer wrapping_sum(lua_Integer a, lua_Integer b) {
  return (lua_Integer)((lua_Unsigned)a + (lua_Unsigned)b);
}

/* seq_cst everywhere: pairs with every other operation on a counter. */
static int counter_load(lua_State *L) { return push(L, atomic_load(check_counter(L))); }

static int counter_store(lua_State *L) {
  atomic_store(check_counter(L), luaL_checkinteger(L, 2));
  return 0;
}

static int counter_add(lua_State *L) {
  counter *c = check_counter(L);
  lua_Integer n = luaL_optinteger(L, 2, 1);
  return push(L, wrapping_sum(atomic_fetch_add(c, n), n));
}

static int counter_exchange(lua_State *L) {
  counter *c = check_counter(L);
  return push(L, atomic_exchange(c, luaL_checkinteger(L, 2)));
}

static int counter_compare_exchange(lua_State *L) {
  counter *c = check_counter(L);
  lua_Integer expected = luaL_checkinteger(L, 2), wanted = luaL_checkinteger(L, 3);
  bool done = atomic_compare_exchange_strong(c, &expected, wanted);
  lua_pushboolean(L, done);
  if (done) return 1;
  lua_pushinteger(L, expected);
  return 2;
}

static int extreme(lua_State *L, bool largest) {
  counter *c = check_counter(L);
  lua_Integer n = luaL_checkinteger(L, 2), now = atomic_load(c);
  while (largest ? n > now : n < now)
    if (atomic_compare_exchange_weak(c, &now, n)) return push(L, n);
  return push(L, now);
}

static int counter_max(lua_State *L) { return extreme(L, true); }
static int counter_min(lua_State *L) { return extreme(L, false); }

static int counter_tostring(lua_State *L) {
  lua_pushfstring(L, COUNTER_TYPE ": %I", (LUAI_UACINT)atomic_load(check_counter(L)));
  return 1;
}

static int new_counter(lua_State *L) {
  lua_Integer n = luaL_optinteger(L, 1, 0);
  atomic_init((counter *)wl_new(L, sizeof(counter), 0), n);
  return 1;
}

/* ---- any value: user value 1, with the guard held ---- */

static struct guard *check_ref(lua_State *L) { return wl_check(L, 1, REF_TYPE); }

static int ref_load(lua_State *L) {
  struct guard *g = check_ref(L);
  lua_settop(L, 1);
  (void)guard_lock(g);
  lua_getiuservalue(L, 1, 1);
  guard_unlock(g);
  return 1;
}

/* Puts the value at `arg` in; the one before is on L's top. */
static void swap(lua_State *L, int arg) {
  lua_getiuservalue(L, 1, 1);
  lua_pushvalue(L, arg);
  lua_setiuservalue(L, 1, 1);
}

static int ref_exchange(lua_State *L) {
  struct guard *g = check_ref(L);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  rt_core_share(L, 1); /* now, for with the guard held it would take time */
  (void)guard_lock(g);
  swap(L, 2);
  guard_unlock(g);
  return 1;
}

static int ref_store(lua_State *L) {
  ref_exchange(L);
  return 0;
}

static int ref_compare_exchange(lua_State *L) {
  struct guard *g = check_ref(L);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  rt_core_share(L, 1);
  (void)guard_lock(g);
  lua_getiuservalue(L, 1, 1);
  bool done = lua_rawequal(L, 2, 4);
  if (done) swap(L, 3);
  guard_unlock(g);
  lua_pushboolean(L, done);
  if (done) return 1;
  lua_pushvalue(L, 4);
  return 2;
}

static int new_ref(lua_State *L) {
  lua_settop(L, 1);
  guard_init(wl_new(L, sizeof(struct guard), 1));
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, 2, 1);
  return 1;
}

int luaopen_gilt_atomic(lua_State *L) {
  static const luaL_Reg meta[] = {{"__tostring", counter_tostring}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"load", counter_load},
                                     {"store", counter_store},
                                     {"add", counter_add},
                                     {"exchange", counter_exchange},
                                     {"compare_exchange", counter_compare_exchange},
                                     {"max", counter_max},
                                     {"min", counter_min},
                                     {NULL, NULL}};
  static const luaL_Reg ref_meta[] = {{NULL, NULL}};
  static const luaL_Reg ref_methods[] = {{"load", ref_load},
                                         {"store", ref_store},
                                         {"exchange", ref_exchange},
                                         {"compare_exchange", ref_compare_exchange},
                                         {NULL, NULL}};
  lua_createtable(L, 0, 2);
  wl_type(L, COUNTER_TYPE, meta, methods);
  lua_pushcclosure(L, new_counter, 1);
  lua_setfield(L, -2, "new");
  wl_type(L, REF_TYPE, ref_meta, ref_methods);
  lua_pushcclosure(L, new_ref, 1);
  lua_setfield(L, -2, "ref");
  return 1;
}
