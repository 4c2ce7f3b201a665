/* seam_stock.c: how the stock core is asked to reach a safepoint: a directed signal, and a hook
 * that its handler sets on the Lua state that runs. Nothing is paid while nobody asks.
 *
 * The handler runs in the thread that it concerns, so all fields here belong to that thread;
 * `inside` tells the handler whether hooks may be touched right now. A request that comes at
 * another time is kept in `asked` and served when the thread goes inside again. */
#include "runtime_impl.h"
#include "schedule.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Stray SIGURGs are harmless by default, and the kernel restarts most calls for this one. */
#define POKE_SIGNAL SIGURG

/* A thread that lost the lock again before it could run gets that many instructions first. */
#define PROGRESS_COUNT 400
/* Instructions between two offers under the policy `tick`. */
#define TICK_COUNT 100
/* The same where arming is dear. */
#define TICK_COUNT_DEEP 1000000

/* At most one part in ARM_SHARE of the time goes into arming, unless it is cheap anyway. */
#define ARM_CHEAP_NS 2000
#define ARM_SHARE    20

/* A hook that was not called for so long is set once more. */
#define ARM_ANEW_NS UINT64_C(1000000)

static _Atomic(lua_Hook) polling_hook; /* relaxed: every runtime that opens stores the same value */

static void preempt_hook(lua_State *L, lua_Debug *ar);

static void order(void) { atomic_signal_fence(memory_order_seq_cst); }

/* ---- arming: put our hook into the running state, and take it out ---- */

static void arm(rt_thread *t, int count) {
  lua_State *L = t->top;
  if (t->armed != NULL || L == NULL) return;
  lua_Hook fn = lua_gethook(L);
  int mask = lua_gethookmask(L);
  if (mask & LUA_MASKCOUNT && fn == atomic_load_explicit(&polling_hook, memory_order_relaxed))
    return;                         /* looks at `asked` by itself */
  if (fn == preempt_hook) mask = 0; /* inherited from the creator of a coroutine */
  t->aside =
      (struct rt_hook){.fn = mask != 0 ? fn : NULL, .mask = mask, .count = lua_gethookcount(L)};
  t->armed = L;
  if (t->turn != NULL) { /* no costs to be weighed, and each look at a virtual clock moves it */
    lua_sethook(L, preempt_hook, mask | LUA_MASKCOUNT, count);
    return;
  }
  uint64_t start = rt_now_ns();
  lua_sethook(L, preempt_hook, mask | LUA_MASKCOUNT, count);
  t->armed_at = rt_now_ns();
  t->arm_cost = t->armed_at - start;
}

/* lua_sethook visits every active call, so at the bottom of a deep recursion it takes a
 * millisecond. A request that comes too soon after the last one is left unanswered; the waiter
 * repeats it. */
static bool arming_pays(const rt_thread *t) {
  return t->arm_cost < ARM_CHEAP_NS || rt_now_ns() - t->armed_at > ARM_SHARE * t->arm_cost;
}

/* An interrupt is sent only once: it may cost what it costs. */
static bool may_arm(const rt_thread *t) { return rt_interrupted(t) || arming_pays(t); }

static void disarm(rt_thread *t) {
  lua_State *L = t->armed;
  if (L == NULL) return;
  lua_sethook(L, t->aside.fn, t->aside.mask, t->aside.count);
  t->armed = NULL;
}

void rt_hooks_lock(rt_thread *t) {
  t->inside = 0;
  order();
}

void rt_hooks_unlock(rt_thread *t) {
  order();
  t->inside = 1;
  order();
  if (t->asked && may_arm(t)) arm(t, 1);
}

/* Another thread's pending request may sit in L: then the script's hook is what it put aside. */
static rt_thread *armed_by(rt_thread *self, lua_State *L) {
  if (self->armed == L) return self;
  gilt_runtime *rt = self->rt;
  rt_thread *found = NULL;
  pthread_mutex_lock(&rt->mtx);
  for (rt_thread *u = rt->threads; u != NULL && found == NULL; u = u->next)
    if (u != self && u->armed == L) found = u;
  pthread_mutex_unlock(&rt->mtx);
  return found;
}

/* Under `tick` nobody asks: a thread has to offer the lock by itself at all times. */
static bool ticks(const rt_thread *t) {
#if GILT_GIL
  return gil_policy_ticks(t->rt->lock);
#else
  (void)t;
  return false;
#endif
}

void rt_offer(rt_thread *t) {
  rt_hooks_lock(t);
  if (ticks(t)) t->asked = 1;
  rt_hooks_unlock(t);
}

void rt_set_user_hook(rt_thread *t, lua_State *L, lua_Hook fn, int mask, int count) {
  if (fn == NULL || mask == 0) {
    fn = NULL;
    mask = 0;
  }
  rt_hooks_lock(t);
  rt_thread *owner = armed_by(t, L);
  if (owner != NULL) {
    owner->aside = (struct rt_hook){.fn = fn, .mask = mask, .count = count};
    /* Its events have to come through us meanwhile. */
    lua_sethook(L, preempt_hook, mask | LUA_MASKCOUNT, 1);
  } else {
    lua_sethook(L, fn, mask, count);
  }
  if (ticks(t)) t->asked = 1; /* the hook that offered may be gone */
  rt_hooks_unlock(t);
  if (t->starting != NULL && t->armed == NULL) rt_flush_start(t);
  if (t->turn != NULL && L == t->top) schedule_part(t);
}

void rt_forget_inherited_hook(rt_thread *t, lua_State *co) {
  if (lua_gethook(co) != preempt_hook) return;
  struct rt_hook h = t->armed != NULL ? t->aside : (struct rt_hook){NULL, 0, 0};
  lua_sethook(co, h.fn, h.mask, h.count);
}

void rt_set_polling_hook(lua_Hook fn) {
  atomic_store_explicit(&polling_hook, fn, memory_order_relaxed);
}

struct rt_hook rt_user_hook(rt_thread *t, lua_State *L) {
  rt_thread *owner = armed_by(t, L);
  if (owner != NULL) return owner->aside;
  lua_Hook fn = lua_gethook(L);
  if (fn == preempt_hook) return (struct rt_hook){NULL, 0, 0};
  return (struct rt_hook){fn, lua_gethookmask(L), lua_gethookcount(L)};
}

/* A script's own count hook stays in place: then there are no switches at instructions. */
void rt_arm_schedule(rt_thread *t, int count, bool lines) {
  rt_hooks_lock(t);
  disarm(t);
  arm(t, count);
  if (lines && t->armed != NULL)
    lua_sethook(t->top, preempt_hook, lua_gethookmask(t->top) | LUA_MASKLINE, count);
  rt_hooks_unlock(t);
}

bool rt_armed(const rt_thread *t) { return t->armed == t->top; }

void rt_disarm(rt_thread *t) {
  rt_hooks_lock(t);
  disarm(t);
  rt_hooks_unlock(t);
}

/* ---- the request ---- */

/* Our hook is in place and was not called for long. A C function is running; or the arming came
 * just when Lua, having found no hook, was about to clear the trap of the running function or to
 * store a hook count that it had read before: then the hook would never be called. */
static void arm_anew(rt_thread *t) {
  uint64_t now = rt_now_ns();
  if (t->armed != t->top || now - t->armed_at < ARM_ANEW_NS) return;
  lua_sethook(t->armed, preempt_hook, t->aside.mask | LUA_MASKCOUNT, 1);
  t->armed_at = rt_now_ns();
  t->arm_cost = t->armed_at - now;
}

static void on_poke(int sig) {
  (void)sig;
  rt_thread *t = rt_tls_self;
  if (t == NULL) return;
  t->asked = 1;
  order();
  if (!t->inside || !may_arm(t)) return;
  if (t->armed == NULL)
    arm(t, 1);
  else
    arm_anew(t);
}

void rt_poke(void *arg) {
  rt_thread *t = arg;
  if (t->turn != NULL) return; /* nobody asks: the schedule decides */
  int saved = errno;
  pid_t tid = atomic_load_explicit(&t->tid, memory_order_relaxed);
  if (tid != 0) syscall(SYS_tgkill, getpid(), tid, POKE_SIGNAL);
  errno = saved;
}

void rt_core_init(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = on_poke;
  sa.sa_flags = SA_RESTART;
  sigemptyset(&sa.sa_mask);
  sigaction(POKE_SIGNAL, &sa, NULL);
}

/* ---- the safepoint ---- */

/* Forwards an event of the script's own hook that ours stands in for. */
static void forward(rt_thread *t, lua_State *L, lua_Debug *ar) {
  lua_Hook fn = t->aside.fn;
  int bit = ar->event == LUA_HOOKTAILCALL ? LUA_MASKCALL : 1 << ar->event;
  if (t->armed == L && fn != NULL && t->aside.mask & bit) fn(L, ar);
}

/* After a safepoint: is another one due soon? Then our hook stays, with room for some progress. */
static void arm_again(rt_thread *t) {
  int count = 0;
  if (ticks(t)) count = TICK_COUNT;
#if GILT_GIL
  else if (gil_drop_wanted(t->lock))
    count = PROGRESS_COUNT;
#endif
  rt_hooks_lock(t);
  if (count == 0 && t->asked) count = PROGRESS_COUNT;
  disarm(t);
  if (count != 0 && arming_pays(t))
    arm(t, count);
  else if (count == TICK_COUNT)
    arm(t, TICK_COUNT_DEEP);
  order();
  t->inside = 1;
}

void rt_poke_self(rt_thread *t) { t->asked = 1; }

bool rt_safepoint_soon(rt_thread *t) {
  rt_hooks_lock(t);
  if (t->armed == NULL) arm(t, PROGRESS_COUNT);
  bool armed = t->armed != NULL;
  rt_hooks_unlock(t);
  return armed;
}

static void preempt_hook(lua_State *L, lua_Debug *ar) {
  rt_thread *t = rt_tls_self;
  if (t == NULL) return;
  if (t->starting != NULL) rt_flush_start(t);
  if (t->turn != NULL) schedule_hook(t, L, ar);
  if (ar->event != LUA_HOOKCOUNT) {
    forward(t, L, ar);
    return;
  }
  if (t->turn != NULL) return;
  rt_hooks_lock(t);
  if (t->armed == L)
    disarm(t);
  else
    lua_sethook(L, NULL, 0, 0); /* a coroutine inherited it from its armed creator */
  t->asked = 0;
  rt_hooks_unlock(t);
  rt_safepoint(L, t);
  arm_again(t);
}

/* ---- the chain of coroutines ---- */

/* A request was pending: its hook moves with the thread. */
void rt_move_request(rt_thread *t) {
  rt_hooks_lock(t);
  disarm(t);
  if (t->turn == NULL) t->asked = 1;
  rt_hooks_unlock(t);
  if (t->starting != NULL && t->armed == NULL) rt_flush_start(t); /* no hook will do it */
  if (t->turn != NULL) schedule_part(t);
}

void rt_push_running(rt_thread *t, lua_State *co, lua_State *from) {
  (void)from;
  rt_switch_running(t, co);
}

void rt_pop_running(rt_thread *t, lua_State *from) { rt_switch_running(t, from); }

lua_State *rt_top(rt_thread *t) { return t->top; }

/* ---- threads: any thread may use any state of a stock heap, with the lock ---- */

void rt_go_inside(rt_thread *t) { rt_hooks_unlock(t); }
void rt_go_outside(rt_thread *t) { rt_hooks_lock(t); }

void rt_core_opened(rt_thread *t) { t->top = t->base; }
bool rt_core_attach(rt_thread *t) {
  t->top = t->base;
  return true;
}
void rt_core_detach(rt_thread *t) { (void)t; }
void rt_core_share(lua_State *L, int n) {
  (void)L;
  (void)n;
}

void rt_core_closing(rt_thread *t) {
  rt_hooks_lock(t);
  if (t->armed != NULL) {
    lua_sethook(t->armed, NULL, 0, 0);
    t->armed = NULL;
  }
  t->top = t->rt->L;
  rt_hooks_unlock(t);
}

lua_State *rt_service_begin(gilt_runtime *rt, rt_thread *t) {
  (void)t;
  return rt->service;
}
void rt_service_end(gilt_runtime *rt, rt_thread *t) {
  (void)rt;
  (void)t;
}

int rt_guarded(lua_State *L, lua_CFunction f) { return f(L); }

bool rt_finalizers_need_state(void) { return true; }

bool rt_core_gc_stats(rt_thread *t, struct rt_gc_stats *out) {
  (void)t;
  (void)out;
  return false;
}

bool rt_core_can_parallel(void) { return false; }
const char *rt_core_why_not(void) { return "the stock core needs the lock"; }
int rt_set_gil(rt_thread *t, bool on) {
  (void)t;
  return on ? GILT_OK : GILT_EUNSUPPORTED;
}
void rt_mode_hold(rt_thread *t) { (void)t; }
void rt_mode_release(gilt_runtime *rt) { (void)rt; }
void rt_push_core_stats(lua_State *L) { lua_pushnil(L); }
void rt_core_fork_prepare(rt_thread *t) { (void)t; }
void rt_core_fork_done(rt_thread *t, bool child) {
  (void)t;
  (void)child;
}
bool rt_core_guard_code(lua_State *L, const void *lo, const void *hi) {
  (void)L;
  return lo < hi; /* the GIL guards it */
}

void rt_offer_again(rt_thread *t) {
  if (!ticks(t)) return;
  rt_hooks_lock(t);
  arm(t, TICK_COUNT);
  order();
  t->inside = 1;
}

void rt_core_fix_seed(void) {} /* schedule_world.c fixes what the seed is drawn from */
bool rt_finalizing(const rt_thread *t) { return t->finalizing > 0; }
