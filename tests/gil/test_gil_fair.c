/* Who gets the lock, in which order, and how long anyone waits: counted in turns, never in time. */
#include "harness.h"

/* ---- order in the line ---- */

struct line {
  int order[ACTORS_MAX]; /* with the lock: who had it, in turn */
  int count;
};

static void sign(struct actor *a) {
  struct line *l = a->arg;
  gil_acquire(a->lock);
  l->order[l->count++] = a->number;
  gil_block_begin(a->lock, GIL_DETACHED);
}

/* Actors of these classes and priorities queue up in this order; `want` is the order of service. */
struct place {
  enum gil_class cls;
  int priority;
};

static void serve(const char *policy, const struct place *place, const int *want, int n) {
  gil *g = make_lock(policy, GIL_INTERVAL_MAX_NS);
  struct actor me = {.number = -1}, actor[ACTORS_MAX] = {0};
  struct line l = {.count = 0};
  actor_enter(&me, g);
  for (int i = 0; i < n; i++) {
    actor[i].arg = &l;
    actor[i].cls = place[i].cls;
    actor[i].priority = place[i].priority;
    actor_start(&actor[i], g, i, sign);
    wait_until_waiting(&actor[i]);
  }
  gil_block_begin(me.lock, GIL_BLOCKED_IO);
  for (int i = 0; i < n; i++) actor_join(&actor[i]);
  gil_detach(me.lock);
  assert_int_equal(l.count, n);
  for (int i = 0; i < n; i++) assert_int_equal(l.order[i], want[i]);
  gil_destroy(g);
}

#define LATE                                                                                       \
  { GIL_CLASS_THROUGHPUT, 0 }

static void test_fair__line_is_served_in_order(void **state) {
  (void)state;
  const struct place place[] = {LATE, LATE, LATE, LATE, LATE, LATE};
  const int want[] = {0, 1, 2, 3, 4, 5};
  serve("fifo", place, want, 6);
  serve("adaptive", place, want, 6);
}

static void test_fair__latency_class_goes_first(void **state) {
  (void)state;
  const struct place place[] = {LATE, LATE, {GIL_CLASS_LATENCY, 0}, LATE, {GIL_CLASS_LATENCY, 0}};
  const int adaptive[] = {2, 4, 0, 1, 3}, fifo[] = {0, 1, 2, 3, 4};
  serve("adaptive", place, adaptive, 5);
  serve("fifo", place, fifo, 5);
}

static void test_fair__priority_orders_a_class(void **state) {
  (void)state;
  const struct place place[] = {{GIL_CLASS_THROUGHPUT, -5},   {GIL_CLASS_THROUGHPUT, 0},
                                {GIL_CLASS_THROUGHPUT, 5},    {GIL_CLASS_LATENCY, -1000},
                                {GIL_CLASS_THROUGHPUT, 1000}, {GIL_CLASS_LATENCY, 0}};
  const int want[] = {5, 3, 4, 2, 1, 0}; /* out of bounds is cut to +-10 */
  serve("adaptive", place, want, 6);
}

/* A thread that was away is urgent: it has not used the lock lately. */
static void test_fair__back_from_blocking_goes_first(void **state) {
  (void)state;
  const struct place place[] = {LATE, LATE, {GIL_CLASS_AUTO, 0}};
  const int want[] = {2, 0, 1};
  serve("adaptive", place, want, 3);
}

/* ---- taking turns ---- */

struct turns {
  long clock; /* with the lock: turns so far */
  int inside; /* with the lock: threads that had a turn and are not done */
  long gap;   /* with the lock: most turns of others while one waited */
  int again;  /* with the lock: how often somebody won the lock straight back */
  long rounds;
};

static void take_turns(struct actor *a) {
  struct turns *s = a->arg;
  gil_acquire(a->lock);
  s->inside++;
  for (long i = 0; i < s->rounds; i++) {
    long before = ++s->clock;
    bool others = s->inside > 1;
    if (gil_policy_ticks(a->g))
      gil_yield(a->lock);
    else
      gil_give_way(a->lock);
    long gap = s->clock - before;
    if (gap > s->gap) s->gap = gap;
    if (others && gap == 0) s->again++;
  }
  s->clock++; /* having it for the last time counts as well */
  s->inside--;
  gil_block_begin(a->lock, GIL_DETACHED);
}

static struct turns turns(const char *policy, int threads, long rounds) {
  gil *g = make_lock(policy, GIL_INTERVAL_DEFAULT_NS);
  struct actor actor[ACTORS_MAX] = {0};
  struct turns s = {.rounds = rounds};
  for (int i = 0; i < threads; i++) {
    actor[i].arg = &s;
    actor[i].cls = GIL_CLASS_THROUGHPUT;
    actor_start(&actor[i], g, i, take_turns);
  }
  for (int i = 0; i < threads; i++) actor_join(&actor[i]);
  assert_int_equal(s.clock, threads * (rounds + 1));
  gil_destroy(g);
  return s;
}

/* n threads that always want it: n - 1 turns of others at most, and never twice in a row. */
static void test_fair__fifo_and_adaptive_go_round(void **state) {
  (void)state;
  static const char *const policy[] = {"fifo", "adaptive"};
  for (int p = 0; p < 2; p++)
    for (int n = 2; n <= 32; n *= 2) {
      struct turns s = turns(policy[p], n, 200);
      assert_true(s.gap <= n - 1);
      assert_int_equal(s.again, 0);
    }
}

/* Any waiter may win, but not the one who was asked to give way. */
static void test_fair__interval_never_wins_straight_back(void **state) {
  (void)state;
  for (int n = 2; n <= 32; n *= 2) {
    struct turns s = turns("interval", n, 200);
    assert_int_equal(s.again, 0);
  }
}

/* `tick` promises nothing but an offer; everybody gets through in the end. */
static void test_fair__tick_gets_through(void **state) {
  (void)state;
  for (int n = 2; n <= 32; n *= 4) turns("tick", n, 100);
}

/* ---- starvation ---- */

struct crowd {
  _Atomic int stop;
  _Atomic int started;
};

/* Comes back all the time, uses little. */
static void pester(struct actor *a) {
  struct crowd *c = a->arg;
  gil_acquire(a->lock);
  atomic_fetch_add_explicit(&c->started, 1, memory_order_relaxed);
  for (unsigned i = 0; !atomic_load_explicit(&c->stop, memory_order_relaxed); i++) {
    atomic_fetch_add_explicit(&a->turns, 1, memory_order_relaxed);
    for (unsigned n = 0; n < 300; n++) actor_safepoint(a, n);
    gil_block_begin(a->lock, GIL_BLOCKED_IO);
    gil_block_end(a->lock);
  }
  gil_release(a->lock);
}

/* Never blocks; counts each time that it has the lock anew. */
static void compute(struct actor *a) {
  struct crowd *c = a->arg;
  gil_acquire(a->lock);
  atomic_fetch_add_explicit(&c->started, 1, memory_order_relaxed);
  for (unsigned i = 0; !atomic_load_explicit(&c->stop, memory_order_relaxed); i++) {
    if (i % 64 == 0) atomic_fetch_add_explicit(&a->turns, 1, memory_order_relaxed);
    actor_safepoint(a, i);
  }
  gil_release(a->lock);
}

static bool all_reached(struct actor *actor, int n, long turns_wanted) {
  for (int i = 0; i < n; i++)
    if (atomic_load_explicit(&actor[i].turns, memory_order_relaxed) < turns_wanted) return false;
  return true;
}

/* `urgent` threads in a hurry and `computing` ones: each gets on. `resets`: somebody clears the
 * counters all the while, which must not clear anyone's place in the line. */
static void crowd(const char *policy, enum gil_class cls, int urgent, int computing, bool resets) {
  gil *g = make_lock(policy, 100000);
  struct actor actor[ACTORS_MAX] = {0}, me = {.number = -1};
  struct crowd c = {0};
  int n = urgent + computing;
  for (int i = 0; i < n; i++) {
    actor[i].arg = &c;
    if (i < urgent) {
      actor[i].cls = cls;
      actor[i].priority =
          i == 0 && cls == GIL_CLASS_LATENCY ? -10 : 10; /* one of them comes last */
    } else {
      actor[i].cls = i % 2 ? GIL_CLASS_AUTO : GIL_CLASS_THROUGHPUT;
      actor[i].priority = -(i % 3);
    }
    actor_start(&actor[i], g, i, i < urgent ? pester : compute);
  }
  actor_enter(&me, g);
  gil_block_begin(me.lock, GIL_BLOCKED_SLEEP);
  while (!all_reached(actor, n, 20)) {
    if (resets) {
      gil_block_end(me.lock);
      gil_reset_stats(me.lock);
      gil_block_begin(me.lock, GIL_BLOCKED_SLEEP);
    }
    sched_yield();
  }
  atomic_store_explicit(&c.stop, 1, memory_order_relaxed);
  for (int i = 0; i < n; i++) actor_join(&actor[i]);
  gil_detach(me.lock);
  gil_stats s;
  gil_total_stats(g, &s);
  assert_int_equal(states_sum(&s), s.life_ns);
  gil_destroy(g);
}

static void test_fair__nobody_starves_beside_latency_threads(void **state) {
  (void)state;
  crowd("adaptive", GIL_CLASS_LATENCY, 3, 2, false);
  crowd("adaptive", GIL_CLASS_LATENCY, 6, 6, false);
  crowd("adaptive", GIL_CLASS_LATENCY, 3, 2, true);
}

static void test_fair__nobody_starves_beside_io_threads(void **state) {
  (void)state;
  crowd("adaptive", GIL_CLASS_AUTO, 4, 4, false);
  crowd("fifo", GIL_CLASS_AUTO, 4, 4, false);
  crowd("interval", GIL_CLASS_AUTO, 4, 4, false);
  crowd("adaptive", GIL_CLASS_AUTO, 16, 16, false);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fair__line_is_served_in_order),
      cmocka_unit_test(test_fair__latency_class_goes_first),
      cmocka_unit_test(test_fair__priority_orders_a_class),
      cmocka_unit_test(test_fair__back_from_blocking_goes_first),
      cmocka_unit_test(test_fair__fifo_and_adaptive_go_round),
      cmocka_unit_test(test_fair__interval_never_wins_straight_back),
      cmocka_unit_test(test_fair__tick_gets_through),
      cmocka_unit_test(test_fair__nobody_starves_beside_latency_threads),
      cmocka_unit_test(test_fair__nobody_starves_beside_io_threads),
  };
  return cmocka_run_group_tests_name("gil_fair", tests, NULL, NULL);
}
