/* lib_gilt.c: `require "gilt"` (what am I running in?) and `require "gilt.gil"` (the lock). */
#include "lib.h"

#include <string.h>

/* gilt.version: string. gilt.core: "stock", "gilt": the Lua core below. gilt.mode: "serial",
 * "threads", "free", "processes", "isolates". gilt.worker, gilt.workers: this worker's number from
 * 1 on, and how many there are. gilt.gil: is there a lock, and is it on? The latter four are looked
 * up when read: they differ from worker to worker. */
static int gilt_index(lua_State *L) {
  const char *key = lua_tostring(L, 2);
  rt_worker_info info = rt_worker(rt_self());
  if (key == NULL)
    lua_pushnil(L);
  else if (strcmp(key, "mode") == 0)
    lua_pushstring(L, info.mode);
  else if (strcmp(key, "worker") == 0)
    lua_pushinteger(L, info.worker);
  else if (strcmp(key, "workers") == 0)
    lua_pushinteger(L, info.workers);
  else if (strcmp(key, "gil") == 0)
    lua_pushboolean(L, rt_locks(rt_self()));
  else
    lua_pushnil(L);
  return 1;
}

int luaopen_gilt(lua_State *L) {
  static const luaL_Reg meta[] = {{"__index", gilt_index}, {NULL, NULL}};
  lua_newtable(L);
  lua_pushliteral(L, GILT_VERSION);
  lua_setfield(L, -2, "version");
  lua_pushliteral(L, GILT_CORE_NAME);
  lua_setfield(L, -2, "core");
  luaL_newlib(L, meta);
  lua_setmetatable(L, -2);
  return 1;
}

#if GILT_GIL
static gil *lock_of(lua_State *L) { return rt_of(L)->lock; }

/* enabled() -> boolean. */
static int lock_enabled(lua_State *L) {
  lua_pushboolean(L, rt_locks(rt_self()));
  return 1;
}

/* enable(on) -> boolean before the call. Off: from now on the threads of this interpreter run in
 * parallel on one heap; on: one at a time again. Both take effect for all threads before it
 * returns. Other threads reach a safepoint first, so one that computes in a C function is waited
 * for. */
static int lock_enable(lua_State *L) {
  rt_thread *t = rt_self();
  luaL_checktype(L, 1, LUA_TBOOLEAN);
  lua_pushboolean(L, rt_locks(t));
  if (rt_set_gil(t, lua_toboolean(L, 1)) != GILT_OK)
    return luaL_error(L, "the GIL cannot be switched off: %s",
                      GILT_OWN_CORE ? "this processor has no atomic 16-byte accesses"
                                    : "threads need it on Lua's own core "
                                      "(gilt built with -DGILT_CORE=gilt can run without)");
  return 1;
}

/* For what asks that the caller holds the lock, while it is off: it is free to be taken. No Lua
 * between the two. */
static void hold_lock(rt_thread *t) {
  if (rt_locks(t)) return;
  rt_go_outside(t);
  gil_acquire(t->lock);
}

static void let_lock_go(rt_thread *t) {
  if (rt_locks(t)) return;
  gil_release(t->lock);
  rt_go_inside(t);
}

/* policy([name]) -> name before the call. */
static int gil_policy_(lua_State *L) {
  rt_thread *t = rt_self();
  lua_pushstring(L, gil_policy(t->rt->lock));
  if (lua_isnoneornil(L, 1)) return 1;
  const char *name = luaL_checkstring(L, 1);
  hold_lock(t);
  int rc = gil_set_policy(t->lock, name);
  let_lock_go(t);
  if (rc != GILT_OK) return luaL_argerror(L, 1, lua_pushfstring(L, "no lock policy '%s'", name));
  rt_poke_all(t->rt); /* `tick` has to be offered the lock from now on */
  return 1;
}

/* policies() -> list of names, the default first. */
static int gil_policies(lua_State *L) {
  const char *const *names = gil_policy_names();
  lua_newtable(L);
  for (int i = 0; names[i] != NULL; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* interval([seconds]) -> the switch interval in seconds before the call. 20e-6 to 10 s, clamped. */
static int gil_interval_(lua_State *L) {
  gil *g = lock_of(L);
  lua_pushnumber(L, (lua_Number)gil_interval(g) / 1e9);
  if (lua_isnoneornil(L, 1)) return 1;
  lua_Number s = luaL_checknumber(L, 1);
  luaL_argcheck(L, s > 0, 1, "positive number of seconds expected");
  gil_set_interval(g, s >= 10 ? GIL_INTERVAL_MAX_NS : (uint64_t)(s * 1e9));
  return 1;
}

static void set_count(lua_State *L, const char *key, uint64_t n) {
  lua_pushinteger(L, (lua_Integer)n);
  lua_setfield(L, -2, key);
}

static void set_seconds(lua_State *L, const char *key, uint64_t ns) {
  lua_pushnumber(L, (lua_Number)ns / 1e9);
  lua_setfield(L, -2, key);
}

static void push_stats(lua_State *L, const gil_stats *s) {
  lua_createtable(L, 0, 16);
  set_count(L, "acquisitions", s->acquisitions);
  set_count(L, "contended", s->contended);
  set_count(L, "quick", s->quick);
  set_count(L, "switches_requested", s->switches_requested);
  set_count(L, "switches_voluntary", s->switches_voluntary);
  set_count(L, "requests", s->requests);
  set_count(L, "failed_wakeups", s->failed_wakeups);
  set_count(L, "threads", s->threads);
  set_seconds(L, "wait", s->wait_ns);
  set_seconds(L, "hold", s->hold_ns);
  set_seconds(L, "longest_wait", s->longest_wait_ns);
  set_seconds(L, "longest_hold", s->longest_hold_ns);
  set_seconds(L, "life", s->life_ns);
  lua_createtable(L, 0, GIL_STATE_COUNT);
  for (int i = 0; i < GIL_STATE_COUNT; i++)
    set_seconds(L, gil_state_name((enum gil_state)i), s->state_ns[i]);
  lua_setfield(L, -2, "states");
}

/* stats() -> table: of the calling thread; stats("total"): of all threads, ended ones too. Times in
 * seconds. The times in `states` add up to `life`. */
static int gil_stats_(lua_State *L) {
  static const char *const scopes[] = {"thread", "total", NULL};
  gil_stats s;
  if (luaL_checkoption(L, 1, "thread", scopes) == 0)
    gil_thread_stats(rt_self()->lock, &s);
  else
    gil_total_stats(lock_of(L), &s);
  push_stats(L, &s);
  return 1;
}

/* collections() -> table: count, total, marking, last, longest (pauses, in seconds), markers
 * (threads that marked in the last one), live (bytes after it). nil: this core keeps no such books.
 */
static int gil_collections_(lua_State *L) {
  struct rt_gc_stats s;
  if (!rt_core_gc_stats(rt_self(), &s)) {
    lua_pushnil(L);
    return 1;
  }
  lua_createtable(L, 0, 7);
  set_count(L, "count", s.collections);
  set_count(L, "markers", s.markers);
  set_count(L, "live", s.live_bytes);
  set_seconds(L, "total", s.total_ns);
  set_seconds(L, "marking", s.marking_ns);
  set_seconds(L, "last", s.last_ns);
  set_seconds(L, "longest", s.longest_ns);
  return 1;
}

/* histogram("hold" | "wait" | "handoff" [, quantile...]) -> a table { count, mean, max }, in
 * seconds, then the value at each quantile (0 to 1); nil for each while nothing was counted. */
static int gil_histogram_(lua_State *L) {
  static const char *const names[] = {"hold", "wait", "handoff", NULL};
  int which = luaL_checkoption(L, 1, NULL, names), n = lua_gettop(L);
  for (int i = 2; i <= n; i++) {
    lua_Number q = luaL_checknumber(L, i);
    luaL_argcheck(L, q >= 0 && q <= 1, i, "number from 0 to 1 expected");
  }
  luaL_checkstack(L, n + 2, "too many quantiles");
  gil_hist *h = lua_newuserdatauv(L, sizeof *h, 0);
  gil_histogram(lock_of(L), (enum gil_histogram)which, h);
  lua_createtable(L, 0, 3);
  set_count(L, "count", h->count);
  set_seconds(L, "max", h->max);
  set_seconds(L, "mean", h->count > 0 ? h->sum / h->count : 0);
  for (int i = 2; i <= n; i++) {
    if (h->count == 0)
      lua_pushnil(L);
    else
      lua_pushnumber(L, (lua_Number)gil_hist_quantile(h, lua_tonumber(L, i)) / 1e9);
  }
  return n;
}

/* longest() -> seconds, thread name, "file:line function" of the longest hold; nil: none yet. */
static int gil_longest_(lua_State *L) {
  gil_longest longest;
  gil_longest_hold(lock_of(L), &longest);
  if (longest.hold_ns == 0) {
    luaL_pushfail(L);
    return 1;
  }
  lua_pushnumber(L, (lua_Number)longest.hold_ns / 1e9);
  lua_pushstring(L, longest.thread);
  lua_pushstring(L, longest.what);
  return 3;
}

/* reset(): all counters of all threads start from zero. */
static int gil_reset(lua_State *L) {
  (void)L;
  rt_thread *t = rt_self();
  hold_lock(t);
  gil_reset_stats(t->lock);
  let_lock_go(t);
  return 0;
}
#else
static int lock_enabled(lua_State *L) {
  lua_pushboolean(L, 0);
  return 1;
}

static int lock_enable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TBOOLEAN);
  if (lua_toboolean(L, 1)) return luaL_error(L, "this build of gilt has no GIL");
  lua_pushboolean(L, 0);
  return 1;
}
#endif

int luaopen_gilt_gil(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"enabled", lock_enabled},
    {"enable", lock_enable},
#if GILT_GIL
    {"policy", gil_policy_},
    {"policies", gil_policies},
    {"interval", gil_interval_},
    {"stats", gil_stats_},
    {"collections", gil_collections_},
    {"histogram", gil_histogram_},
    {"longest", gil_longest_},
    {"reset", gil_reset},
#endif
    {NULL, NULL}
  };
  luaL_newlib(L, functions);
  return 1;
}
