/* sync_semaphore.c: `gilt.sync`.semaphore([count]): a number of permits. Those who wait get theirs
 * strictly in the order of arrival, so one that wants many is not passed by those that want few. */
#include "lib.h"
#include "lib_sync.h"

#define SEMAPHORE_TYPE "gilt.semaphore"

struct sync_semaphore {
  struct guard g;
  lua_Integer count; /* with the guard held; never negative */
  struct line line;  /* with the guard held */
};

static void lock_guard(struct sync_semaphore *s) {
  if (!guard_lock(&s->g)) s->line = (struct line){NULL, NULL};
}

static void grant(struct sync_semaphore *s) {
  while (s->line.first != NULL && s->line.first->wants <= s->count) {
    s->count -= s->line.first->wants;
    line_grant(&s->line, s->line.first);
  }
}

static enum line_result acquire(struct sync_semaphore *s, rt_thread *t, lua_Integer n,
                                uint64_t deadline_ns) {
  struct line_entry me = {.wants = n};
  enum line_result why = LINE_LOOK;
  lock_guard(s);
  if (s->line.first == NULL && s->count >= n) {
    s->count -= n;
  } else if (deadline_ns == 0) {
    why = LINE_TIMEOUT;
  } else {
    line_join(&s->line, &me, t);
    do {
      line_prepare(&me);
      why = line_park(&s->g, &me, deadline_ns);
    } while (!me.granted && why == LINE_LOOK);
    if (me.granted) {
      why = LINE_LOOK;
    } else {
      line_leave(&s->line, &me);
      grant(s); /* it may have been the only thing in the way of the next one */
    }
  }
  guard_unlock(&s->g);
  return why;
}

static struct sync_semaphore *check_semaphore(lua_State *L) {
  return wl_check(L, 1, SEMAPHORE_TYPE);
}

static lua_Integer amount_arg(lua_State *L) {
  lua_Integer n = luaL_optinteger(L, 2, 1);
  luaL_argcheck(L, n >= 1, 2, "at least 1 expected");
  return n;
}

/* semaphore:acquire([n [, timeout]]) -> true, with n permits (1); or nil, "timeout". */
static int semaphore_acquire(lua_State *L) {
  struct sync_semaphore *s = check_semaphore(L);
  lua_Integer n = amount_arg(L);
  rt_thread *t = rt_self();
  enum line_result why = acquire(s, t, n, rt_deadline_arg(L, 3));
  if (why == LINE_INTERRUPTED) return rt_raise_interrupt(L, t);
  if (why == LINE_TIMEOUT) return wl_fail(L, "timeout");
  lua_pushboolean(L, 1);
  return 1;
}

/* semaphore:try_acquire([n]) -> boolean. */
static int semaphore_try_acquire(lua_State *L) {
  struct sync_semaphore *s = check_semaphore(L);
  lua_pushboolean(L, acquire(s, rt_self(), amount_arg(L), 0) == LINE_LOOK);
  return 1;
}

/* semaphore:release([n]): n permits (1) more; any thread. */
static int semaphore_release(lua_State *L) {
  struct sync_semaphore *s = check_semaphore(L);
  lua_Integer n = amount_arg(L);
  lock_guard(s);
  bool fits = s->count <= LUA_MAXINTEGER - n;
  if (fits) {
    s->count += n;
    grant(s);
  }
  guard_unlock(&s->g);
  luaL_argcheck(L, fits, 2, "too many permits");
  return 0;
}

/* semaphore:count() -> permits that are free now. */
static int semaphore_count(lua_State *L) {
  struct sync_semaphore *s = check_semaphore(L);
  lock_guard(s);
  lua_Integer n = s->count;
  guard_unlock(&s->g);
  lua_pushinteger(L, n);
  return 1;
}

static int new_semaphore(lua_State *L) {
  lua_Integer n = luaL_optinteger(L, 1, 0);
  luaL_argcheck(L, n >= 0, 1, "at least 0 expected");
  struct sync_semaphore *s = wl_new(L, sizeof *s, 0);
  guard_init(&s->g);
  s->count = n;
  s->line = (struct line){NULL, NULL};
  return 1;
}

void sync_open_semaphore(lua_State *L) {
  static const luaL_Reg meta[] = {{NULL, NULL}};
  static const luaL_Reg methods[] = {{"acquire", semaphore_acquire},
                                     {"try_acquire", semaphore_try_acquire},
                                     {"release", semaphore_release},
                                     {"count", semaphore_count},
                                     {NULL, NULL}};
  wl_type(L, SEMAPHORE_TYPE, meta, methods);
  lua_pushcclosure(L, new_semaphore, 1);
  lua_setfield(L, -2, "semaphore");
}
