/* lib_thread.c: `require "gilt.thread"`: OS threads that run Lua functions in this interpreter. */
#include "lib.h"
#include "../experiment_env.h"
#include "../thread.h"

#include <string.h>

#define THREAD_TYPE "gilt.thread"

struct handle {
  _Atomic(rt_task *) task; /* relaxed; changes once, when the handle goes. NULL: the handle of a
                            * thread that gilt did not start (main, host threads) */
  char name[64];
};

static struct handle *check_thread(lua_State *L) { return luaL_checkudata(L, 1, THREAD_TYPE); }

static struct handle *new_handle(lua_State *L) {
  struct handle *h = lua_newuserdatauv(L, sizeof *h, 0);
  memset(h, 0, sizeof *h);
  luaL_setmetatable(L, THREAD_TYPE);
  return h;
}

/* Starts what is on the stack from index `fn` on. */
static int start(lua_State *L, int fn, const char *name, enum gil_class cls, int priority) {
  static _Atomic unsigned counter;
  char numbered[64];
  luaL_checktype(L, fn, LUA_TFUNCTION);
  if (!GILT_GIL)
    return luaL_error(L, "this build has no GIL, so threads cannot share an interpreter");
  if (rt_closing(rt_of(L)))
    return luaL_error(L, "cannot start a thread: the interpreter is closing");
  if (name == NULL) {
    unsigned n = 1 + atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);
    snprintf(numbered, sizeof numbered, "thread-%u", n);
    name = numbered;
  }
  struct handle *h = new_handle(L);
  lua_insert(L, fn);
  h->task = rt_task_new(L, lua_gettop(L) - fn - 1, name);
  if (h->task == NULL) return luaL_error(L, "not enough memory");
  snprintf(h->name, sizeof h->name, "%s", name);
  h->task->cls = cls;
  h->task->priority = priority;
  lua_pushvalue(L, fn);
  lua_rawsetp(L, lua_upvalueindex(1), h->task); /* handle by task, weak: for current() */
  int rc = rt_task_start(L, h->task);
  if (rc != 0) return luaL_error(L, "cannot start a thread: %s", strerror(rc));
  lua_settop(L, fn);
  return 1;
}

/* spawn(fn, ...) -> thread. Runs fn(...) in a new OS thread. Raises where the system has no more
 * threads. */
static int th_spawn(lua_State *L) { return start(L, 1, NULL, GIL_CLASS_AUTO, 0); }

/* start(options, fn, ...) -> thread. options: name = string, class = "auto" | "latency" |
 * "throughput", priority = -10..10 (higher goes first among threads of its class). */
static int th_start(lua_State *L) {
  static const char *const classes[] = {"auto", "latency", "throughput", NULL};
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "name");
  const char *name = luaL_optstring(L, -1, NULL);
  lua_getfield(L, 1, "priority");
  lua_Integer priority = luaL_optinteger(L, -1, 0);
  if (priority < GIL_PRIORITY_MIN || priority > GIL_PRIORITY_MAX)
    return luaL_error(L, "priority must be between %d and %d", GIL_PRIORITY_MIN, GIL_PRIORITY_MAX);
  lua_getfield(L, 1, "class");
  int cls = 0;
  if (!lua_isnil(L, -1)) cls = luaL_checkoption(L, -1, NULL, classes);
  char copy[64];
  if (name != NULL) snprintf(copy, sizeof copy, "%s", name);
  lua_pop(L, 3);
  return start(L, 2, name != NULL ? copy : NULL, (enum gil_class)cls, (int)priority);
}

uint64_t rt_deadline_arg(lua_State *L, int arg) {
  if (lua_isnoneornil(L, arg)) return UINT64_MAX;
  lua_Number s = luaL_checknumber(L, arg);
  luaL_argcheck(L, s >= 0, arg, "negative or invalid time");
  return s > 1e9 ? UINT64_MAX : rt_now_ns() + (uint64_t)(s * 1e9);
}

static int push_outcome(lua_State *L, rt_task *task) {
  lua_State *from = task->L;
  bool failed = rt_task_state(task) == TASK_FAILED;
  int n = failed ? 1 : task->nresults;
  luaL_checkstack(L, n + 1, "too many results");
  if (failed) luaL_pushfail(L);
  pthread_mutex_lock(&task->mtx); /* several joiners; these calls neither run Lua nor raise */
  bool room = lua_checkstack(from, n);
  if (room) {
    int first = failed ? lua_gettop(from) : 1;
    for (int i = 0; i < n; i++) lua_pushvalue(from, first + i);
    lua_xmove(from, L, n);
  }
  pthread_mutex_unlock(&task->mtx);
  if (!room) return luaL_error(L, "too many results");
  return failed ? 2 : n;
}

/* thread:join([timeout]) -> the function's results; or nil and the error (a message with its
 * traceback, or the error object); or nil, "timeout". Gives the GIL up while it waits. May be
 * called again and by several threads. */
static int th_join(lua_State *L) {
  struct handle *h = check_thread(L);
  rt_thread *t = rt_self();
  uint64_t deadline = rt_deadline_arg(L, 2);
  if (h->task == NULL) return luaL_error(L, "thread '%s' was not started by gilt.thread", h->name);
  if (h->task->L == t->base) return luaL_error(L, "a thread cannot join itself");
  int rc = rt_task_join(t, h->task, deadline);
  if (rc == GILT_EINTERRUPTED) return rt_raise_interrupt(L, t);
  if (rc == GILT_ETIMEOUT) {
    luaL_pushfail(L);
    lua_pushliteral(L, "timeout");
    return 2;
  }
  return push_outcome(L, h->task);
}

/* thread:status() -> "running", "done", "failed". */
static int th_status(lua_State *L) {
  static const char *const names[] = {"running", "done", "failed"};
  struct handle *h = check_thread(L);
  lua_pushstring(L, h->task == NULL ? names[0] : names[rt_task_state(h->task)]);
  return 1;
}

/* thread:interrupt(): raises "interrupted!" in the thread, in Lua code within one switch interval,
 * in a call that blocks at once. No effect on one that has ended. */
static int th_interrupt(lua_State *L) {
  struct handle *h = check_thread(L);
  if (h->task == NULL) return luaL_error(L, "thread '%s' was not started by gilt.thread", h->name);
  rt_task_interrupt(h->task);
  return 0;
}

/* current() -> the handle of the calling thread. */
static int th_current(lua_State *L) {
  rt_thread *t = rt_self();
  if (t->task != NULL && lua_rawgetp(L, lua_upvalueindex(1), t->task) != LUA_TNIL) return 1;
  if (t->task == NULL && lua_rawgetp(L, lua_upvalueindex(1), t) != LUA_TNIL) return 1;
  struct handle *h = new_handle(L);
  if (t->task != NULL) {
    h->task = t->task;
    atomic_fetch_add_explicit(&h->task->refs, 1, memory_order_relaxed);
    snprintf(h->name, sizeof h->name, "%s", h->task->name);
  } else {
    snprintf(h->name, sizeof h->name, "%s", t->base == t->rt->L ? "main" : "host");
  }
  lua_pushvalue(L, -1);
  lua_rawsetp(L, lua_upvalueindex(1), t->task != NULL ? (void *)t->task : (void *)t);
  return 1;
}

/* thread.name, and the methods. */
static int th_index(lua_State *L) {
  struct handle *h = check_thread(L);
  const char *key = lua_tostring(L, 2);
  if (key != NULL && strcmp(key, "name") == 0) {
    lua_pushstring(L, h->name);
    return 1;
  }
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  return 1;
}

static int th_tostring(lua_State *L) {
  struct handle *h = check_thread(L);
  lua_pushfstring(L, "gilt.thread: %s", h->name);
  return 1;
}

static int th_gc(lua_State *L) {
  struct handle *h = check_thread(L);
  rt_task *task = atomic_exchange_explicit(&h->task, NULL, memory_order_relaxed);
  if (task == NULL) return 0;
  if (rt_task_state(task) == TASK_FAILED && task->L != NULL &&
      !atomic_exchange_explicit(&task->claimed, true, memory_order_relaxed))
    rt_task_report(task);
  rt_task_unref(task);
  return 0;
}

/* cpus() -> how many processors this process may use: as many threads can compute at once, with the
 * GIL off. */
static int th_cpus(lua_State *L) {
  lua_pushinteger(L, env_cores());
  return 1;
}

int luaopen_gilt_thread(lua_State *L) {
  static const luaL_Reg functions[] = {{"spawn", th_spawn},
                                       {"start", th_start},
                                       {"current", th_current},
                                       {"cpus", th_cpus},
                                       {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"join", th_join}, {"status", th_status}, {"interrupt", th_interrupt}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", th_gc}, {"__tostring", th_tostring}, {NULL, NULL}};
  luaL_newmetatable(L, THREAD_TYPE);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_pushcclosure(L, th_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlibtable(L, functions);
  lua_newtable(L); /* handles by task; weak, so that current() keeps none alive */
  lua_newtable(L);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  luaL_setfuncs(L, functions, 1);
  return 1;
}
