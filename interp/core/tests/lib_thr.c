/* lib_thr.c: threads for the core's own tests: thr.spawn(f, ...), t:join(), thr.gil(bool),
 * thr.stats(), thr.tick(). A minimal GIL drives the core's poll callback, as gil/ does in the whole
 * of gilt. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <lua.h>
#include <lauxlib.h>
#include "gilt_core.h"
#include "lib_thr.h"

/* Shared by the thread and its userdata; the last one frees it. */
struct thr {
  pthread_t pt;
  lua_State *L;
  int refs, nargs, status, joined;
};
static void thr_unref(struct thr *t) {
  if (__atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL) == 0) free(t);
}
static struct thr *check_thr(lua_State *L) { return *(struct thr **)luaL_checkudata(L, 1, "thr"); }

static struct {
  pthread_mutex_t m;
  pthread_cond_t none;
  int n;
} live = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
static void live_add(int d) {
  pthread_mutex_lock(&live.m);
  live.n += d;
  if (live.n == 0) pthread_cond_broadcast(&live.none);
  pthread_mutex_unlock(&live.m);
}

/* ---- a lock handed over at polls ---- */
static struct {
  pthread_mutex_t m;
  pthread_cond_t freed, taken;
  bool on, held, stop;
  int waiters;
  unsigned long turns;
  lua_State *holder;
  pthread_t ticker;
} gil = {.m = PTHREAD_MUTEX_INITIALIZER,
         .freed = PTHREAD_COND_INITIALIZER,
         .taken = PTHREAD_COND_INITIALIZER};

static void gil_take_locked(lua_State *L) {
  gil.waiters++;
  while (gil.held) pthread_cond_wait(&gil.freed, &gil.m);
  gil.waiters--;
  gil.held = true;
  gil.turns++;
  gil.holder = L;
  pthread_cond_broadcast(&gil.taken);
}
static void gil_take(lua_State *L) {
  pthread_mutex_lock(&gil.m);
  if (gil.on) gil_take_locked(L);
  pthread_mutex_unlock(&gil.m);
}
static void gil_drop(void) {
  pthread_mutex_lock(&gil.m);
  gil.held = false;
  gil.holder = NULL;
  pthread_cond_signal(&gil.freed);
  pthread_mutex_unlock(&gil.m);
}

/* Around everything that blocks. */
static void enter(lua_State *L) {
  gilt_core_enter_safe(L);
  if (gil.on) gil_drop();
}
static void leave(lua_State *L) {
  gil_take(L);
  gilt_core_leave_safe(L);
  if (gil.on) gilt_core_take_turn(L);
}

/* Poll callback: hand the lock to somebody who waits for it. */
static void hand_over(lua_State *L, void *ud) {
  (void)ud;
  if (!gil.on) return;
  gilt_core_enter_safe(L);
  pthread_mutex_lock(&gil.m);
  if (gil.waiters > 0) {
    unsigned long turn = gil.turns;
    gil.held = false;
    gil.holder = NULL;
    pthread_cond_signal(&gil.freed);
    while (gil.turns == turn) pthread_cond_wait(&gil.taken, &gil.m);
    gil_take_locked(L);
  }
  pthread_mutex_unlock(&gil.m);
  gilt_core_leave_safe(L);
  gilt_core_take_turn(L);
}

static void *tick(void *ud) {
  (void)ud;
  struct timespec t = {0, 200000};
  while (!gil.stop) {
    nanosleep(&t, NULL);
    pthread_mutex_lock(&gil.m);
    if (gil.holder != NULL && gil.waiters > 0) gilt_core_poke(gil.holder);
    pthread_mutex_unlock(&gil.m);
  }
  return NULL;
}

/* ---- threads ---- */
static void *thread_main(void *ud) {
  struct thr *t = ud;
  gil_take(t->L);
  if (gilt_core_attach(t->L) != LUA_OK) abort();
  lua_pushnil(t->L); /* attached, it is a root by itself */
  lua_rawsetp(t->L, LUA_REGISTRYINDEX, t);
  t->status = lua_pcall(t->L, t->nargs, LUA_MULTRET, 0);
  gilt_core_detach(t->L);
  if (gil.on) gil_drop();
  thr_unref(t);
  live_add(-1);
  return NULL;
}

void thr_wait_all(lua_State *L) {
  enter(L);
  pthread_mutex_lock(&live.m);
  while (live.n > 0) pthread_cond_wait(&live.none, &live.m);
  pthread_mutex_unlock(&live.m);
  leave(L);
}

static void gil_start(lua_State *L);

/* Without the GIL, or with it where the CPU cannot do better. */
static void go_parallel(lua_State *L) {
  const char *why = NULL;
  if (gilt_core_can_parallel(&why)) {
    gilt_core_set_parallel(L, true);
    return;
  }
  fprintf(stderr, "gilt_core_lua: with the GIL: %s\n", why);
  gil_start(L);
}

static int l_spawn(lua_State *L) {
  int n = lua_gettop(L);
  luaL_checktype(L, 1, LUA_TFUNCTION);
  struct thr **box = lua_newuserdatauv(L, sizeof *box, 1);
  struct thr *t = *box = calloc(1, sizeof *t);
  if (t == NULL) return luaL_error(L, "no memory for a thread");
  t->refs = 1;
  luaL_setmetatable(L, "thr");
  t->nargs = n - 1;
  t->L = lua_newthread(L);
  lua_setiuservalue(L, -2, 1);
  if (!gil.on) go_parallel(L);
  luaL_checkstack(t->L, n, NULL);
  for (int i = 1; i <= n; i++) lua_pushvalue(L, i);
  lua_xmove(L, t->L, n);
  lua_getiuservalue(L, -1, 1);
  gilt_core_share(L, -1); /* the new thread and all on its stack */
  lua_pop(L, 1);
  lua_getiuservalue(L, -1, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, t); /* the userdata may be garbage before the thread starts */
  t->refs++;
  live_add(1);
  if (pthread_create(&t->pt, NULL, thread_main, t) != 0) {
    t->refs--;
    t->joined = 1;
    live_add(-1);
    return luaL_error(L, "cannot start a thread");
  }
  return 1;
}

static int l_join(lua_State *L) {
  struct thr *t = check_thr(L);
  if (t->joined) return luaL_error(L, "joined already");
  t->joined = 1;
  enter(L);
  pthread_join(t->pt, NULL);
  leave(L);
  int n = lua_gettop(t->L);
  if (t->status != LUA_OK) {
    lua_xmove(t->L, L, 1);
    return lua_error(L);
  }
  luaL_checkstack(L, n, NULL);
  lua_xmove(t->L, L, n);
  return n;
}

static int l_gc(lua_State *L) {
  struct thr **box = luaL_checkudata(L, 1, "thr");
  struct thr *t = *box;
  *box = NULL;
  if (t == NULL) return 0;
  if (!t->joined) pthread_detach(t->pt);
  thr_unref(t);
  return 0;
}

static void gil_start(lua_State *L) {
  if (gil.on) return;
  gilt_core_set_poll(L, hand_over, NULL);
  gilt_core_set_parallel(L, false);
  gil.on = true;
  gil_take(L);
  gil.stop = false;
  pthread_create(&gil.ticker, NULL, tick, NULL);
}
static int l_gil(lua_State *L) {
  if (lua_toboolean(L, 1)) gil_start(L);
  return 0;
}

static int l_stats(lua_State *L) {
  struct gilt_core_stats s;
  gilt_core_stats(L, &s);
  lua_createtable(L, 0, 12);
#define FIELD(name) (lua_pushinteger(L, (lua_Integer)s.name), lua_setfield(L, -2, #name))
  FIELD(collections);
  FIELD(gc_ns);
  FIELD(mark_ns);
  FIELD(pause_last_ns);
  FIELD(pause_max_ns);
  FIELD(markers);
  FIELD(emergencies);
  FIELD(live_bytes);
#undef FIELD
#define FIELD(name) (lua_pushinteger(L, (lua_Integer)s.n.name), lua_setfield(L, -2, #name));
  GILT_CORE_COUNTERS(FIELD)
#undef FIELD
  return 1;
}

static int l_clock(lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec * 1e-9);
  return 1;
}
/* Each call gives the next number, whichever thread calls. */
static int l_tick(lua_State *L) {
  static long long ticks;
  lua_pushinteger(L, __atomic_add_fetch(&ticks, 1, __ATOMIC_SEQ_CST));
  return 1;
}
static int l_stress(lua_State *L) {
  gilt_core_stress_gc(L, lua_toboolean(L, 1));
  return 0;
}
static int l_markers(lua_State *L) {
  gilt_core_set_markers(L, (unsigned)luaL_checkinteger(L, 1));
  return 0;
}
static int l_starve(lua_State *L) {
  gilt_core_starve_marking(L, lua_toboolean(L, 1));
  return 0;
}
static int l_failalloc(lua_State *L) {
  gilt_core_fail_alloc(L, (long)luaL_checkinteger(L, 1));
  return 0;
}
/* The n-th allocation from now fails, and succeeds when it is tried again; -1: none. */
static long once_left = -1;
static int fail_once(void *ud) {
  (void)ud;
  if (once_left < 0) return GILT_CORE_SUCCEED;
  return once_left-- == 0 ? GILT_CORE_FAIL_ONCE : GILT_CORE_SUCCEED;
}
static int l_failonce(lua_State *L) {
  once_left = (long)luaL_checkinteger(L, 1);
  gilt_core_fail_hook(L, once_left >= 0 ? fail_once : NULL, NULL);
  return 0;
}
static int l_parallel(lua_State *L) {
  lua_pushboolean(L, gilt_core_set_parallel(L, lua_toboolean(L, 1)));
  return 1;
}

int luaopen_thr(lua_State *L) {
  static const luaL_Reg methods[] = {{"join", l_join}, {"__gc", l_gc}, {NULL, NULL}};
  static const luaL_Reg funcs[] = {{"spawn", l_spawn},
                                   {"gil", l_gil},
                                   {"stats", l_stats},
                                   {"clock", l_clock},
                                   {"tick", l_tick},
                                   {"stress", l_stress},
                                   {"failalloc", l_failalloc},
                                   {"parallel", l_parallel},
                                   {"markers", l_markers},
                                   {"starve", l_starve},
                                   {"failonce", l_failonce},
                                   {NULL, NULL}};
  luaL_newmetatable(L, "thr");
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, funcs);
  return 1;
}
