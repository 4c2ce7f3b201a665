/* sync_mutex.c: `gilt.sync`.mutex(): a lock that one thread at a time holds.
 *
 * A release leaves the mutex free and wakes the first of the line; any thread may take it before
 * that one has come, which is what keeps threads running that lock and unlock often. A waiter that
 * was passed over for HAND_OVER_NS gets it handed over instead, so nobody starves.
 *
 * A thread that ends holding a mutex leaves it abandoned: what the mutex guards may be half done,
 * so the next one gets an error, not the lock. The mutex knows its holder by a number; whether
 * there is such a thread is asked only by those who have to wait. */
#include "lib.h"
#include "lib_sync.h"

#define HAND_OVER_NS UINT64_C(500000)
/* With the GIL off a holder runs, and often is done before a sleep would begin. */
#define SPINS 400

static void lock_guard(struct sync_mutex *m) {
  if (!guard_lock(&m->g)) m->line = (struct line){NULL, NULL};
}

static uint64_t owner_of(const struct sync_mutex *m) {
  return atomic_load_explicit(&m->owner, memory_order_relaxed);
}

static void set_owner(struct sync_mutex *m, uint64_t id) {
  atomic_store_explicit(&m->owner, id, memory_order_relaxed);
}

static void spin(rt_thread *t, struct sync_mutex *m) {
  if (rt_locks(t)) return; /* the holder is not running: we have the GIL */
  for (int i = 0; i < SPINS && owner_of(m) != 0; i++) guard_relax();
}

/* The guard is held, the mutex is another thread's. */
static enum mutex_result wait_take(rt_thread *t, struct sync_mutex *m, uint64_t deadline_ns,
                                   bool firm, char fallen[64]) {
  struct line_entry me = {.wants = 0};
  enum mutex_result rc = MUTEX_OK;
  line_join(&m->line, &me, t);
  for (;;) {
    if (firm) {
      me.told = false;
      rt_park_prepare_firm(t);
    } else {
      line_prepare(&me);
    }
    /* After prepare: a thread that ends from now on wakes us. */
    if (!rt_thread_lives(t->rt, owner_of(m), fallen)) {
      rc = MUTEX_ABANDONED;
      break;
    }
    enum line_result why = line_park(&m->g, &me, deadline_ns);
    if (me.granted) return MUTEX_OK;
    if (owner_of(m) == 0) break;
    if (why == LINE_INTERRUPTED && (!firm || rt_must_close(t))) {
      rc = MUTEX_INTERRUPTED;
      break;
    }
    if (why == LINE_TIMEOUT) {
      rc = MUTEX_TIMEOUT;
      break;
    }
  }
  line_leave(&m->line, &me);
  if (rc == MUTEX_OK) set_owner(m, t->id);
  return rc;
}

enum mutex_result sync_mutex_take(rt_thread *t, struct sync_mutex *m, uint64_t deadline_ns,
                                  bool firm, char fallen[64]) {
  enum mutex_result rc = MUTEX_OK;
  if (owner_of(m) != 0 && owner_of(m) != t->id && deadline_ns != 0) spin(t, m);
  lock_guard(m);
  uint64_t owner = owner_of(m);
  if (owner == 0)
    set_owner(m, t->id);
  else if (owner == t->id)
    rc = MUTEX_OWN;
  else if (deadline_ns == 0)
    rc = rt_thread_lives(t->rt, owner, fallen) ? MUTEX_TIMEOUT : MUTEX_ABANDONED;
  else
    rc = wait_take(t, m, deadline_ns, firm, fallen);
  guard_unlock(&m->g);
  if (rc == MUTEX_OK) t->locks_held++;
  return rc;
}

bool sync_mutex_give(rt_thread *t, struct sync_mutex *m) {
  lock_guard(m);
  if (owner_of(m) != t->id) {
    guard_unlock(&m->g);
    return false;
  }
  t->locks_held--;
  set_owner(m, 0);
  struct line_entry *w = m->line.first;
  if (w != NULL) {
    uint64_t now = rt_now_ns();
    if (w->told_at == 0) w->told_at = now;
    if (now - w->told_at >= HAND_OVER_NS) {
      set_owner(m, w->t->id);
      line_grant(&m->line, w);
    } else if (!w->told) {
      line_tell_one(&m->line);
    }
  }
  guard_unlock(&m->g);
  return true;
}

int sync_mutex_abandoned(lua_State *L, const char *fallen) {
  const char *quote = fallen[0] != '\0' ? "'" : "";
  return luaL_error(L,
                    "the mutex is abandoned: thread %s%s%s ended while it held it, so what it "
                    "guards may be half done (see mutex:recover)",
                    quote, fallen, quote);
}

/* ---- methods ---- */

static struct sync_mutex *check_mutex(lua_State *L) { return wl_check(L, 1, SYNC_MUTEX_TYPE); }

/* 1: it has it; 0: time is over. Raises what is wrong. */
static int take(lua_State *L, struct sync_mutex *m, uint64_t deadline_ns) {
  char fallen[64];
  rt_thread *t = rt_self();
  switch (sync_mutex_take(t, m, deadline_ns, false, fallen)) {
  case MUTEX_OK: return 1;
  case MUTEX_TIMEOUT: break;
  case MUTEX_INTERRUPTED: return rt_raise_interrupt(L, t);
  case MUTEX_OWN: return luaL_error(L, "this thread holds the mutex already");
  case MUTEX_ABANDONED: return sync_mutex_abandoned(L, fallen);
  }
  return 0;
}

/* mutex:lock([timeout]) -> the mutex, for `local held <close> = mutex:lock()`; or nil, "timeout".
 */
static int mutex_lock(lua_State *L) {
  struct sync_mutex *m = check_mutex(L);
  if (!take(L, m, rt_deadline_arg(L, 2))) return wl_fail(L, "timeout");
  lua_settop(L, 1);
  return 1;
}

/* mutex:try_lock() -> boolean. */
static int mutex_try_lock(lua_State *L) {
  lua_pushboolean(L, take(L, check_mutex(L), 0));
  return 1;
}

static int mutex_unlock(lua_State *L) {
  if (!sync_mutex_give(rt_self(), check_mutex(L)))
    return luaL_error(L, "this thread does not hold the mutex");
  return 0;
}

/* As unlock; an error that is on its way is not covered by ours. */
static int mutex_close(lua_State *L) {
  rt_thread *t = rt_self();
  if (!sync_mutex_give(t, check_mutex(L)) && lua_isnoneornil(L, 2))
    return luaL_error(L, "this thread does not hold the mutex");
  return 0;
}

static int with_done(lua_State *L, int status, lua_KContext base) {
  (void)status;
  (void)base;
  return lua_gettop(L) - 1;
}

/* mutex:with(fn, ...) -> results of fn(...), called with the mutex held. No interrupt comes between
 * locking and the call, or between its end, by an error too, and unlocking. */
static int mutex_with(lua_State *L) {
  struct sync_mutex *m = check_mutex(L);
  luaL_checkany(L, 2);
  take(L, m, UINT64_MAX);
  lua_toclose(L, 1);
  lua_callk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, with_done);
  return with_done(L, LUA_OK, 0);
}

/* mutex:recover() -> the mutex, which the calling thread holds now. Raises unless it is abandoned.
 */
static int mutex_recover(lua_State *L) {
  struct sync_mutex *m = check_mutex(L);
  rt_thread *t = rt_self();
  char fallen[64];
  lock_guard(m);
  uint64_t owner = owner_of(m);
  bool abandoned = owner != 0 && owner != t->id && !rt_thread_lives(t->rt, owner, fallen);
  if (abandoned) set_owner(m, t->id);
  guard_unlock(&m->g);
  if (!abandoned) return luaL_error(L, "the mutex is not abandoned");
  t->locks_held++;
  lua_settop(L, 1);
  return 1;
}

/* mutex:locked() -> is it held, by whichever thread? True for an abandoned one. */
static int mutex_locked(lua_State *L) {
  lua_pushboolean(L, owner_of(check_mutex(L)) != 0);
  return 1;
}

static int new_mutex(lua_State *L) {
  struct sync_mutex *m = wl_new(L, sizeof *m, 0);
  guard_init(&m->g);
  atomic_init(&m->owner, 0);
  m->line = (struct line){NULL, NULL};
  return 1;
}

void sync_open_mutex(lua_State *L) {
  static const luaL_Reg meta[] = {{"__close", mutex_close}, {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"lock", mutex_lock}, {"try_lock", mutex_try_lock}, {"unlock", mutex_unlock},
      {"with", mutex_with}, {"recover", mutex_recover},   {"locked", mutex_locked},
      {NULL, NULL}};
  wl_type(L, SYNC_MUTEX_TYPE, meta, methods);
  lua_pushcclosure(L, new_mutex, 1);
  lua_setfield(L, -2, "mutex");
}
