/* seam_own.c: core_seam.h on gilt's own core. A thread is asked to reach a safepoint through its
 * poll word: no signal, no hook. Around whatever may block, waiting for the lock included, it is in
 * a safe region, in which collections go on without it.
 *
 * Order: the lock is taken before the safe region is left, and given up after it is entered. So a
 * thread that runs Lua never waits for one that waits for it. */
#include "lib/lib.h"
#include "schedule.h"
#include "toggle.h"

#include <gilt_core.h>
#include <sched.h>

/* Polls that a thread gets when it lost the lock again before it could run. */
#define PROGRESS_POLLS 50
/* Polls between two offers under the policy `tick`: about 100 instructions. */
#define TICK_POLLS 25

static void on_poll(lua_State *L, void *ud);
static void on_count(lua_State *L, lua_Debug *ar);
static void on_switched(lua_State *L);

static const struct gilt_core_counter counter = {.event = on_count, .switched = on_switched};

void rt_core_init(void) {}
void rt_core_fix_seed(void) { gilt_core_fix_seed(1); }

/* ---- OS threads ---- */

static void set_attached(rt_thread *t) {
  /* [attached] seq_cst: pairs with rt_poke. */
  atomic_store_explicit(&t->attached, true, memory_order_seq_cst);
}

/* Afterwards no poke touches the core for t: a poker that saw `attached` is waited for. A signal
 * handler of this very thread has ended by then. */
static void unset_attached(rt_thread *t) {
  atomic_store_explicit(&t->attached, false, memory_order_seq_cst);
  while (atomic_load_explicit(&t->poking, memory_order_seq_cst) != 0) sched_yield();
}

static bool is_attached(rt_thread *t) {
  return atomic_load_explicit(&t->attached, memory_order_relaxed);
}

/* Collecting is a state of its own in the lock's books. */
static void on_collect(lua_State *L, bool begins, void *ud) {
  (void)L;
  (void)ud;
#if GILT_GIL
  rt_thread *t = rt_tls_self;
  if (t == NULL || !t->inside || !rt_locks(t)) return;
  if (begins)
    gil_collect_begin(t->lock);
  else
    gil_collect_end(t->lock);
#else
  (void)begins;
#endif
}

void rt_core_opened(rt_thread *t) {
  gilt_core_set_gc_watch(t->base, on_collect, NULL);
  gilt_core_set_poll(t->base, on_poll, NULL);
  gilt_core_set_counter(t->base, &counter);
  set_attached(t);
  gilt_core_poke(t->base);
}

bool rt_core_attach(rt_thread *t) {
  if (gilt_core_attach(t->base) != LUA_OK) return false;
  gilt_core_enter_safe(t->base);
  set_attached(t);
  gilt_core_poke(t->base); /* requests that came before it could be poked */
  return true;
}

void rt_core_detach(rt_thread *t) {
  if (!is_attached(t)) return;
  unset_attached(t);
  gilt_core_detach(t->base);
}

void rt_core_share(lua_State *L, int n) {
  for (int i = 1; i <= n; i++) gilt_core_share(L, -i);
}

/* Threads of the host may still be attached, outside. */
void rt_core_closing(rt_thread *t) {
  gilt_runtime *rt = t->rt;
  pthread_mutex_lock(&rt->mtx);
  for (rt_thread *u = rt->threads; u != NULL; u = u->next) unset_attached(u);
  pthread_mutex_unlock(&rt->mtx);
}

static void end_service(gilt_runtime *rt) {
  atomic_store_explicit(&rt->serving, 0, memory_order_seq_cst);
  pthread_mutex_unlock(&rt->service_mtx);
  if (rt_mode(rt) & RT_MODE_SWITCHING) rt_left(rt);
}

lua_State *rt_service_begin(gilt_runtime *rt, rt_thread *t) {
  if (t != NULL && is_attached(t)) return gilt_core_running(t->base);
  for (;;) {
    pthread_mutex_lock(&rt->service_mtx);
    /* [serving] seq_cst: a switch of modes that stopped the world before we were attached sees it,
     * and one that was over before is seen by rt_mode_fits. */
    atomic_store_explicit(&rt->serving, 1, memory_order_seq_cst);
    bool ok = gilt_core_attach(rt->service) == LUA_OK;
    if (ok && (t == NULL || rt_mode_fits(t))) return rt->service;
    if (ok) gilt_core_detach(rt->service);
    end_service(rt);
    if (!ok) return NULL;
    rt_rematch(t);
  }
}

void rt_service_end(gilt_runtime *rt, rt_thread *t) {
  if (t != NULL && is_attached(t)) return;
  gilt_core_detach(rt->service);
  end_service(rt);
}

void rt_go_inside(rt_thread *t) {
  for (;;) {
    if (is_attached(t)) gilt_core_leave_safe(t->base);
    t->inside = 1;
    if (rt_mode_fits(t)) {
      if (is_attached(t) && rt_locks(t)) gilt_core_take_turn(t->base);
      return;
    }
    rt_go_outside(t);
    rt_rematch(t);
  }
}

void rt_go_outside(rt_thread *t) {
  t->inside = 0;
  if (is_attached(t)) gilt_core_enter_safe(t->base);
  if (rt_mode(t->rt) & RT_MODE_SWITCHING) rt_left(t->rt);
}

bool rt_core_gc_stats(rt_thread *t, struct rt_gc_stats *out) {
  struct gilt_core_stats s;
  gilt_core_stats(t->base, &s);
  *out = (struct rt_gc_stats){.collections = s.collections,
                              .total_ns = s.gc_ns,
                              .marking_ns = s.mark_ns,
                              .last_ns = s.pause_last_ns,
                              .longest_ns = s.pause_max_ns,
                              .markers = s.markers,
                              .live_bytes = s.live_bytes};
  return true;
}

bool rt_core_can_parallel(void) { return gilt_core_can_parallel(NULL); }
const char *rt_core_why_not(void) {
  const char *why = NULL;
  (void)gilt_core_can_parallel(&why);
  return why;
}
void rt_core_fork_prepare(rt_thread *t) { gilt_core_stop_world(t->base); }
void rt_core_fork_done(rt_thread *t, bool child) {
  if (child) gilt_core_forked(t->base);
  gilt_core_start_world(t->base);
}

bool rt_core_guard_code(lua_State *L, const void *lo, const void *hi) {
  return gilt_core_guard_code(L, lo, hi) == LUA_OK;
}

/* A stopped thread wrote `inside` before it stopped. One that is not attached touches nothing. */
bool rt_alone(rt_thread *t) {
  gilt_runtime *rt = t->rt;
  bool alone = atomic_load_explicit(&rt->serving, memory_order_seq_cst) == 0;
  pthread_mutex_lock(&rt->mtx);
  for (rt_thread *u = rt->threads; u != NULL && alone; u = u->next)
    alone = u == t || !is_attached(u) || !u->inside;
  pthread_mutex_unlock(&rt->mtx);
  return alone;
}

void rt_push_core_stats(lua_State *L) {
  struct gilt_core_stats s;
  gilt_core_stats(L, &s);
  lua_createtable(L, 0, 20);
#define PUSH(name) (lua_pushinteger(L, (lua_Integer)s.name), lua_setfield(L, -2, #name));
  PUSH(collections)
  PUSH(gc_ns)
  PUSH(pause_max_ns)
  PUSH(live_bytes)
#undef PUSH
#define PUSH(name) (lua_pushinteger(L, (lua_Integer)s.n.name), lua_setfield(L, -2, #name));
  GILT_CORE_COUNTERS(PUSH)
#undef PUSH
}

/* ---- the state that runs: the core knows ---- */

lua_State *rt_top(rt_thread *t) { return is_attached(t) ? gilt_core_running(t->base) : t->base; }

void rt_push_running(rt_thread *t, lua_State *co, lua_State *from) {
  (void)t;
  (void)co;
  (void)from;
}

void rt_pop_running(rt_thread *t, lua_State *from) {
  (void)t;
  (void)from;
}

int rt_open_coroutine(lua_State *L) { return luaopen_coroutine(L); }

/* ---- preemption ---- */

void rt_poke(void *arg) {
  rt_thread *t = arg;
  if (t->turn != NULL) return; /* nobody asks: the schedule decides */
  /* [poking] seq_cst with `attached`: either we see it unset, or unset_attached waits for us. */
  atomic_fetch_add_explicit(&t->poking, 1, memory_order_seq_cst);
  if (atomic_load_explicit(&t->attached, memory_order_seq_cst)) gilt_core_poke(t->base);
  atomic_fetch_sub_explicit(&t->poking, 1, memory_order_seq_cst);
}

void rt_poke_self(rt_thread *t) { rt_poke(t); }

bool rt_safepoint_soon(rt_thread *t) {
  t->grace = PROGRESS_POLLS;
  rt_poke(t);
  return true;
}

/* How many polls to let pass before the next offer; 0: none is due. */
static int next_offer(rt_thread *t) {
#if GILT_GIL
  if (!rt_locks(t)) return 0;
  if (gil_policy_ticks(t->rt->lock)) return TICK_POLLS;
  if (GILT_STRESS_GIL || gil_drop_wanted(t->lock)) return GILT_STRESS_GIL ? 1 : PROGRESS_POLLS;
#endif
  (void)t;
  return 0;
}

static void on_poll(lua_State *L, void *ud) {
  (void)ud;
  rt_thread *t = rt_tls_self;
  if (t == NULL || !t->inside || t->turn != NULL) return;
  if (!rt_mode_fits(t)) rt_settle(t);
  if (t->grace > 0 && --t->grace > 0) {
    gilt_core_poke(L);
    return;
  }
  if (t->starting != NULL) rt_flush_start(t);
  rt_safepoint(L, t);
  t->grace = next_offer(t);
  if (t->grace > 0) gilt_core_poke(L);
}

/* ---- schedules: the core counts, independently of hooks ---- */

static void on_count(lua_State *L, lua_Debug *ar) { schedule_hook(rt_tls_self, L, ar); }

static void on_switched(lua_State *L) {
  (void)L;
  schedule_part(rt_tls_self);
}

void rt_arm_schedule(rt_thread *t, int count, bool lines) {
  if (is_attached(t)) gilt_core_count(t->base, count, lines);
}

bool rt_armed(const rt_thread *t) {
  (void)t;
  return false;
}

void rt_disarm(rt_thread *t) {
  if (is_attached(t)) gilt_core_count(t->base, 0, false);
}

/* ---- hooks are the scripts' own ---- */

void rt_hooks_lock(rt_thread *t) { (void)t; }
void rt_hooks_unlock(rt_thread *t) { (void)t; }

/* Requests reach the thread at each poll: nothing is to be armed. Under `tick` the thread pokes
 * itself. */
void rt_offer(rt_thread *t) {
#if GILT_GIL
  if (rt_locks(t) && gil_policy_ticks(t->rt->lock)) rt_poke(t);
#else
  (void)t;
#endif
}
void rt_offer_again(rt_thread *t) { rt_offer(t); }

bool rt_finalizing(const rt_thread *t) { return gilt_core_finalizing(t->base); }

void rt_set_polling_hook(lua_Hook fn) { (void)fn; }
void rt_forget_inherited_hook(rt_thread *t, lua_State *co) {
  (void)t;
  (void)co;
}

struct rt_hook rt_user_hook(rt_thread *t, lua_State *L) {
  (void)t;
  return (struct rt_hook){lua_gethook(L), lua_gethookmask(L), lua_gethookcount(L)};
}

void rt_set_user_hook(rt_thread *t, lua_State *L, lua_Hook fn, int mask, int count) {
  (void)t;
  lua_sethook(L, fn, mask, count);
}

int rt_guarded(lua_State *L, lua_CFunction f) { return gilt_core_guarded(L, f); }

bool rt_finalizers_need_state(void) { return false; }
