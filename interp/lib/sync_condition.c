/* sync_condition.c: `gilt.sync`.condition(): threads that hold a mutex wait until another one says
 * that what they wait for may have come true. */
#include "lib.h"
#include "lib_sync.h"

#define CONDITION_TYPE "gilt.condition"

struct sync_condition {
  struct guard g;
  struct line line; /* with the guard held; in the order in which they began to wait */
};

static void lock_guard(struct sync_condition *c) {
  if (!guard_lock(&c->g)) c->line = (struct line){NULL, NULL};
}

/* Gives the mutex up when nobody can signal unnoticed any more. LINE_LOOK: signalled.
 * False: the calling thread does not hold the mutex. */
static bool await(struct sync_condition *c, struct sync_mutex *m, rt_thread *t,
                  uint64_t deadline_ns, enum line_result *why) {
  struct line_entry me = {.wants = 0};
  lock_guard(c);
  if (!sync_mutex_give(t, m)) {
    guard_unlock(&c->g);
    return false;
  }
  line_join(&c->line, &me, t);
  do {
    line_prepare(&me);
    *why = line_park(&c->g, &me, deadline_ns);
  } while (!me.granted && *why == LINE_LOOK);
  if (!me.granted) line_leave(&c->line, &me);
  if (me.granted) *why = LINE_LOOK;
  guard_unlock(&c->g);
  return true;
}

static struct sync_condition *check_condition(lua_State *L) {
  return wl_check(L, 1, CONDITION_TYPE);
}

/* The mutex at argument 2; its metatable is upvalue 2. */
static struct sync_mutex *check_its_mutex(lua_State *L) {
  void *p = lua_touserdata(L, 2);
  if (p == NULL || !lua_getmetatable(L, 2) || !lua_rawequal(L, -1, lua_upvalueindex(2)))
    luaL_typeerror(L, 2, SYNC_MUTEX_TYPE);
  lua_pop(L, 1);
  return p;
}

/* condition:wait(mutex [, timeout]) -> true; or nil, "timeout". The calling thread holds the mutex
 * before and after, after an interrupt too; not while it waits. Only the closing of the interpreter
 * and a holder that ended make it come back without. */
static int condition_wait(lua_State *L) {
  struct sync_condition *c = check_condition(L);
  struct sync_mutex *m = check_its_mutex(L);
  uint64_t deadline = rt_deadline_arg(L, 3);
  rt_thread *t = rt_self();
  enum line_result why;
  char fallen[64];
  if (!await(c, m, t, deadline, &why)) return luaL_error(L, "this thread does not hold the mutex");
  enum mutex_result rc = sync_mutex_take(t, m, UINT64_MAX, true, fallen);
  if (rc == MUTEX_ABANDONED) return sync_mutex_abandoned(L, fallen);
  if (rc != MUTEX_OK || why == LINE_INTERRUPTED) return rt_raise_interrupt(L, t);
  if (why == LINE_TIMEOUT) return wl_fail(L, "timeout");
  lua_pushboolean(L, 1);
  return 1;
}

static int wake(lua_State *L, bool all) {
  struct sync_condition *c = check_condition(L);
  lua_Integer n = 0;
  lock_guard(c);
  for (; c->line.first != NULL && (all || n == 0); n++) line_grant(&c->line, c->line.first);
  guard_unlock(&c->g);
  lua_pushinteger(L, n);
  return 1;
}

/* condition:signal() -> how many waited and go on: 1, or 0. */
static int condition_signal(lua_State *L) { return wake(L, false); }
/* condition:broadcast() -> how many waited; all go on. */
static int condition_broadcast(lua_State *L) { return wake(L, true); }

static int new_condition(lua_State *L) {
  struct sync_condition *c = wl_new(L, sizeof *c, 0);
  guard_init(&c->g);
  c->line = (struct line){NULL, NULL};
  return 1;
}

void sync_open_condition(lua_State *L) {
  static const luaL_Reg meta[] = {{NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"signal", condition_signal}, {"broadcast", condition_broadcast}, {NULL, NULL}};
  wl_type(L, CONDITION_TYPE, meta, methods);
  lua_getfield(L, -1, "__index");
  lua_pushvalue(L, -2);
  luaL_getmetatable(L, SYNC_MUTEX_TYPE);
  lua_pushcclosure(L, condition_wait, 2);
  lua_setfield(L, -2, "wait");
  lua_pop(L, 1);
  lua_pushcclosure(L, new_condition, 1);
  lua_setfield(L, -2, "condition");
}
