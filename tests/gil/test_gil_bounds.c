/* What each policy promises to one who waits, with 2 to 32 threads: fairness and starvation counted
 * in turns, the grace period and the rights of urgent threads counted in releases and switches.
 * Times are looked at only as lower or very wide upper bounds: none decides on a quick machine
 * alone. */
#include "harness.h"

#include <time.h>

static uint64_t switches_of(gil *g) {
  gil_stats s;
  gil_total_stats(g, &s);
  return s.switches_requested + s.switches_voluntary;
}

static bool waits(struct actor *a) {
  gil_stats s;
  gil_thread_stats(a->lock, &s);
  return s.state_ns[GIL_WAITING] != 0;
}

/* ---- CPU-bound threads: everybody gets on, and how unevenly ---- */

struct race {
  _Atomic int stop;
  long clock;            /* with the lock: how often it changed hands */
  long last[ACTORS_MAX]; /* with the lock: when each had it last */
  long gap[ACTORS_MAX];  /* with the lock: most turns of others between two of one's own */
  long had[ACTORS_MAX];  /* with the lock: turns */
  int owner;             /* with the lock */
};

/* With the lock: counts a turn if somebody else had it since. */
static void note_turn(struct race *r, struct actor *a) {
  int me = a->number;
  if (r->owner == me) return;
  r->owner = me;
  r->clock++;
  long gap = r->clock - r->last[me];
  if (r->had[me]++ > 0 && gap > r->gap[me]) r->gap[me] = gap;
  r->last[me] = r->clock;
  atomic_store_explicit(&a->turns, r->had[me], memory_order_relaxed);
}

static void compute(struct actor *a) {
  struct race *r = a->arg;
  gil_acquire(a->lock);
  for (unsigned i = 0; !atomic_load_explicit(&r->stop, memory_order_relaxed); i++) {
    note_turn(r, a); /* between two safepoints: no turn goes uncounted */
    actor_safepoint(a, i);
  }
  gil_release(a->lock);
}

static bool all_had(struct actor *actor, int n, long turns) {
  for (int i = 0; i < n; i++)
    if (atomic_load_explicit(&actor[i].turns, memory_order_relaxed) < turns) return false;
  return true;
}

/* n threads that compute, until each had the lock `turns` times: that this ends is the bound on
 * starvation; most turns of others that one of them saw. */
static long race(const char *policy, int n, long turns) {
  gil *g = make_lock(policy, GIL_INTERVAL_MIN_NS);
  struct actor actor[ACTORS_MAX] = {0};
  struct race r = {.owner = -1};
  for (int i = 0; i < n; i++) {
    actor[i].arg = &r;
    actor[i].cls = GIL_CLASS_THROUGHPUT;
    actor_start(&actor[i], g, i, compute);
  }
  while (!all_had(actor, n, turns)) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  atomic_store_explicit(&r.stop, 1, memory_order_relaxed);
  for (int i = 0; i < n; i++) actor_join(&actor[i]);
  gil_destroy(g);
  long worst = 0;
  for (int i = 0; i < n; i++)
    if (r.gap[i] > worst) worst = r.gap[i];
  return worst;
}

/* In line: after one's own turn each of the others has one. Twice that is left to threads that were
 * about to queue up. */
static void test_bounds__line_of_cpu_bound_threads(void **state) {
  (void)state;
  static const char *const policy[] = {"fifo", "adaptive"};
  for (int p = 0; p < 2; p++)
    for (int n = 2; n <= 32; n *= 2) {
      long gap = race(policy[p], n, 10);
      if (gap > 2 * n) fail_msg("%s, %d threads: %ld turns of others", policy[p], n, gap);
    }
}

/* Any waiter may win: no bound in turns, but all get on. */
static void test_bounds__interval_and_tick_get_on(void **state) {
  (void)state;
  for (int n = 2; n <= 32; n *= 2) {
    race("interval", n, 3);
    race("tick", n, 2);
  }
}

/* ---- one that is never urgent beside n - 1 in a hurry: the starvation bound ---- */

/* Comes back at once, all the time. */
static void hurry(struct actor *a) {
  struct race *r = a->arg;
  gil_acquire(a->lock);
  while (!atomic_load_explicit(&r->stop, memory_order_relaxed)) {
    note_turn(r, a);
    for (unsigned i = 1; i < 200; i++) actor_safepoint(a, i);
    gil_block_begin(a->lock, GIL_BLOCKED_IO);
    gil_block_end(a->lock);
  }
  gil_release(a->lock);
}

static void starve(const char *policy, int n) {
  gil *g = make_lock(policy, 100000);
  struct actor actor[ACTORS_MAX] = {0};
  struct race r = {.owner = -1};
  for (int i = 0; i < n; i++) {
    actor[i].arg = &r;
    actor[i].cls = i == 0 ? GIL_CLASS_THROUGHPUT : GIL_CLASS_LATENCY;
    actor[i].priority = i == 0 ? GIL_PRIORITY_MIN : GIL_PRIORITY_MAX;
    actor_start(&actor[i], g, i, i == 0 ? compute : hurry);
  }
  while (!all_had(actor, 1, 5)) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  atomic_store_explicit(&r.stop, 1, memory_order_relaxed);
  for (int i = 0; i < n; i++) actor_join(&actor[i]);
  gil_destroy(g);
}

static void test_bounds__least_thread_beside_hurried_ones(void **state) {
  (void)state;
  static const char *const policy[] = {"adaptive", "fifo", "interval"};
  for (int p = 0; p < 3; p++)
    for (int n = 2; n <= 32; n *= 2) starve(policy[p], n);
}

/* ---- adaptive: a free lock is not overlooked ---- */

static void take_once(struct actor *a) {
  gil_acquire(a->lock);
  atomic_store_explicit(&a->turns, 1, memory_order_relaxed);
  gil_block_begin(a->lock, GIL_DETACHED);
}

/* The owner leaves by a quick release and does not come back: the waiter has to find out alone,
 * with an interval of ten seconds. Ends at once, or the test runs into its time limit. */
static void test_bounds__free_lock_is_found_in_the_grace_period(void **state) {
  (void)state;
  static const char *const policy[] = {"adaptive", "fifo", "interval", "tick"};
  for (int p = 0; p < 4; p++) {
    gil *g = make_lock(policy[p], GIL_INTERVAL_MAX_NS);
    struct actor me = {.number = 9}, other = {.cls = GIL_CLASS_THROUGHPUT};
    actor_enter(&me, g);
    actor_start(&other, g, 0, take_once);
    wait_until_waiting(&other);
    gil_release(me.lock);
    gil_stats s;
    actor_join(&other);
    gil_total_stats(g, &s);
    assert_true(s.longest_wait_ns < GIL_INTERVAL_MAX_NS / 2);
    gil_detach(me.lock);
    gil_destroy(g);
  }
}

/* A burst of short calls keeps the lock for its slice, and not beyond: a waiter gets it although it
 * is taken again each time. */
static void test_bounds__burst_of_short_calls_ends_with_the_slice(void **state) {
  (void)state;
  gil *g = make_lock("adaptive", 2000000);
  struct actor me = {.number = 9}, other = {.cls = GIL_CLASS_THROUGHPUT};
  actor_enter(&me, g);
  actor_start(&other, g, 0, take_once);
  wait_until_waiting(&other);
  while (atomic_load_explicit(&other.turns, memory_order_relaxed) == 0) {
    gil_release(me.lock);
    gil_acquire(me.lock);
  }
  actor_join(&other);
  gil_release(me.lock);
  gil_detach(me.lock);
  gil_destroy(g);
}

/* ---- adaptive: the right of an urgent thread ---- */

/* Has the lock until the main thread stands in line for it; then waits in line itself, and polls.
 */
static void give_to_main(struct actor *a) {
  struct actor *me = a->arg;
  gil_acquire(a->lock);
  atomic_store_explicit(&a->asked, 1, memory_order_relaxed);
  while (!waits(me)) sched_yield();
  gil_give_way(a->lock);
  gil_block_begin(a->lock, GIL_DETACHED);
}

/* The owner came back from outside, has credit left and makes short releases; a waiter that is not
 * urgent polls; then an urgent one comes. It gets the lock at one of the owner's next releases, not
 * when the owner's credit is used up. */
static void test_bounds__urgent_thread_is_heard_while_another_polls(void **state) {
  (void)state;
  gil *g = make_lock("adaptive", GIL_INTERVAL_MAX_NS);
  struct actor me = {.number = 9}, urgent = {.cls = GIL_CLASS_LATENCY};
  struct actor poller = {.cls = GIL_CLASS_THROUGHPUT, .arg = &me};
  actor_enter(&me, g);
  gil_block_begin(me.lock, GIL_BLOCKED_SLEEP);
  actor_start(&poller, g, 0, give_to_main);
  while (!atomic_load_explicit(&poller.asked, memory_order_relaxed)) sched_yield();
  nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* credit */
  gil_block_end(me.lock);
  for (int i = 0; i < 100; i++) { /* from the first one on it polls */
    gil_release(me.lock);
    gil_acquire(me.lock);
  }
  actor_start(&urgent, g, 1, take_once);
  long releases = 0;
  bool counted = false;
  while (atomic_load_explicit(&urgent.turns, memory_order_relaxed) == 0) {
    counted = counted || waits(&urgent);
    gil_release(me.lock);
    gil_acquire(me.lock);
    if (counted) releases++;
  }
  assert_true(releases <= 3);
  gil_block_begin(me.lock, GIL_DETACHED);
  actor_join(&urgent);
  actor_join(&poller);
  gil_detach(me.lock);
  gil_destroy(g);
}

struct right {
  _Atomic int stop;
  _Atomic long spent; /* safepoints that the urgent thread got through */
};

/* Never gives the lock up by itself; asked to, it yields. */
static void use_up(struct actor *a) {
  struct right *r = a->arg;
  gil_acquire(a->lock);
  for (unsigned i = 1; !atomic_load_explicit(&r->stop, memory_order_relaxed); i++) {
    atomic_fetch_add_explicit(&r->spent, 1, memory_order_relaxed);
    actor_safepoint(a, i);
  }
  gil_release(a->lock);
}

/* A thread that comes back from outside is served at once; one that then computes loses that right
 * with half an interval: the CPU-bound ones, which it interrupted, go on, and it waits like them.
 */
static void test_bounds__right_of_the_urgent_ends_with_the_credit(void **state) {
  (void)state;
  gil *g = make_lock("adaptive", 1000000);
  struct race r = {.owner = -1};
  struct right right = {0};
  struct actor actor[3] = {0}, eager = {.arg = &right};
  for (int i = 0; i < 3; i++) {
    actor[i].arg = &r;
    actor[i].cls = GIL_CLASS_THROUGHPUT;
    actor_start(&actor[i], g, i, compute);
  }
  while (!all_had(actor, 3, 2)) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  actor_start(&eager, g, 3, use_up);
  while (atomic_load_explicit(&right.spent, memory_order_relaxed) == 0) sched_yield();
  uint64_t before = switches_of(g);
  long had[3];
  for (int i = 0; i < 3; i++) had[i] = atomic_load_explicit(&actor[i].turns, memory_order_relaxed);
  /* From now on it is one of four: each of the others has turns again. */
  for (int i = 0; i < 3; i++)
    while (atomic_load_explicit(&actor[i].turns, memory_order_relaxed) < had[i] + 2)
      nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  assert_true(switches_of(g) > before);
  gil_stats s;
  gil_thread_stats(eager.lock, &s);
  assert_true(s.switches_requested + s.switches_voluntary > 0);
  atomic_store_explicit(&right.stop, 1, memory_order_relaxed);
  atomic_store_explicit(&r.stop, 1, memory_order_relaxed);
  for (int i = 0; i < 3; i++) actor_join(&actor[i]);
  actor_join(&eager);
  gil_destroy(g);
}

/* A thread whose calls prove long hands the lock over at each of them: the waiter has its turns
 * during the calls, and a call that got short again is left alone. */
static void long_calls(struct actor *a) {
  struct right *r = a->arg;
  gil_acquire(a->lock);
  for (long i = 0; !atomic_load_explicit(&r->stop, memory_order_relaxed); i++) {
    gil_release(a->lock);
    nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
    gil_acquire(a->lock);
    atomic_fetch_add_explicit(&r->spent, 1, memory_order_relaxed);
    for (unsigned k = 1; k < 10; k++) actor_safepoint(a, k);
  }
  gil_release(a->lock);
}

static void test_bounds__long_calls_let_others_compute(void **state) {
  (void)state;
  gil *g = make_lock("adaptive", GIL_INTERVAL_MAX_NS); /* nobody is asked within this test */
  struct race r = {.owner = -1};
  struct right right = {0};
  struct actor cpu = {.arg = &r, .cls = GIL_CLASS_THROUGHPUT},
               caller = {.arg = &right, .number = 1};
  caller.cls = GIL_CLASS_LATENCY;
  actor_start(&caller, g, 1, long_calls);
  actor_start(&cpu, g, 0, compute);
  while (atomic_load_explicit(&right.spent, memory_order_relaxed) < 50)
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  /* It has the lock while the other calls, again and again. */
  gil_stats s;
  gil_thread_stats(cpu.lock, &s);
  assert_true(s.acquisitions >= 10);
  atomic_store_explicit(&right.stop, 1, memory_order_relaxed);
  atomic_store_explicit(&r.stop, 1, memory_order_relaxed);
  actor_join(&cpu);
  actor_join(&caller);
  gil_destroy(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bounds__line_of_cpu_bound_threads),
      cmocka_unit_test(test_bounds__interval_and_tick_get_on),
      cmocka_unit_test(test_bounds__least_thread_beside_hurried_ones),
      cmocka_unit_test(test_bounds__free_lock_is_found_in_the_grace_period),
      cmocka_unit_test(test_bounds__burst_of_short_calls_ends_with_the_slice),
      cmocka_unit_test(test_bounds__urgent_thread_is_heard_while_another_polls),
      cmocka_unit_test(test_bounds__right_of_the_urgent_ends_with_the_credit),
      cmocka_unit_test(test_bounds__long_calls_let_others_compute),
  };
  return cmocka_run_group_tests_name("gil_bounds", tests, NULL, NULL);
}
