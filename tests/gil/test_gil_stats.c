/* The books: the states of a thread add up to its life, whatever happens; counters; histograms. */
#include "harness.h"

#include "../../gil/gil_hist.h"

static void spend_ns(uint64_t ns) {
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  uint64_t spent;
  do {
    clock_gettime(CLOCK_MONOTONIC, &now);
    spent = (uint64_t)(now.tv_sec - start.tv_sec) * 1000000000u + (uint64_t)now.tv_nsec -
            (uint64_t)start.tv_nsec;
  } while (spent < ns);
}

static void test_stats__states_have_names(void **state) {
  (void)state;
  for (int i = 0; i < GIL_STATE_COUNT; i++) {
    const char *name = gil_state_name((enum gil_state)i);
    assert_true(name != NULL && name[0] != '\0' && name[0] != '?');
    for (int k = 0; k < i; k++) assert_string_not_equal(name, gil_state_name((enum gil_state)k));
  }
  assert_string_equal(gil_state_name((enum gil_state)GIL_STATE_COUNT), "?");
}

/* Each state is charged for its own time, and for no more than there was. */
static void test_stats__each_state_is_charged(void **state) {
  (void)state;
  const uint64_t bit = 200000;
  gil *g = make_lock(NULL, 0);
  struct actor me = {.number = 0};
  gil_stats s;
  actor_enter(&me, g);
  spend_ns(bit);
  gil_collect_begin(me.lock);
  spend_ns(bit);
  gil_release(me.lock); /* a finalizer may make a short call */
  gil_acquire(me.lock);
  gil_collect_end(me.lock);
  static const enum gil_state out[] = {GIL_BLOCKED_IO, GIL_BLOCKED_LOCK, GIL_BLOCKED_SLEEP,
                                       GIL_NATIVE, GIL_DETACHED};
  for (unsigned i = 0; i < sizeof out / sizeof *out; i++) {
    gil_block_begin(me.lock, out[i]);
    spend_ns(bit);
    gil_block_end(me.lock);
  }
  gil_thread_stats(me.lock, &s);
  for (int i = 0; i < GIL_STATE_COUNT; i++)
    if (i != GIL_WAITING) assert_true(s.state_ns[i] >= bit);
  assert_int_equal(states_sum(&s), s.life_ns);
  assert_int_equal(s.hold_ns, s.state_ns[GIL_RUNNING] + s.state_ns[GIL_COLLECTING]);
  assert_int_equal(s.wait_ns, s.state_ns[GIL_WAITING]);
  assert_int_equal(s.quick, 1);
  assert_true(s.longest_hold_ns >= 2 * bit);
  gil_release(me.lock);
  gil_detach(me.lock);
  gil_total_stats(g, &s);
  assert_int_equal(states_sum(&s), s.life_ns);
  assert_int_equal(s.threads, 1);
  gil_destroy(g);
}

struct load {
  _Atomic int stop;
};

static void check(struct actor *a) {
  gil_stats s;
  gil_thread_stats(a->lock, &s);
  if (states_sum(&s) != s.life_ns) abort();
  if (s.wait_ns > s.life_ns || s.hold_ns > s.life_ns) abort();
  if (s.quick > s.acquisitions || s.contended > s.acquisitions) abort();
}

static void mixed(struct actor *a) {
  struct load *l = a->arg;
  gil_acquire(a->lock);
  while (!atomic_load_explicit(&l->stop, memory_order_relaxed)) {
    switch (actor_random(a, 7)) {
    case 0:
      gil_release(a->lock);
      gil_acquire(a->lock);
      break;
    case 1:
      gil_block_begin(a->lock, GIL_BLOCKED_LOCK);
      gil_block_end(a->lock);
      break;
    case 2:
      gil_collect_begin(a->lock);
      gil_release(a->lock);
      gil_acquire(a->lock);
      actor_safepoint(a, 0);
      gil_collect_end(a->lock);
      break;
    case 3: check(a); break;
    case 4: /* away for longer than the grace period, after a quick release */
      gil_release(a->lock);
      for (int i = 0; i < 20; i++) sched_yield();
      gil_acquire(a->lock);
      break;
    default:
      for (unsigned n = 0; n < 100; n++) actor_safepoint(a, n);
      break;
    }
    atomic_fetch_add_explicit(&a->turns, 1, memory_order_relaxed);
  }
  check(a);
  gil_release(a->lock);
  check(a); /* the owner may ask without the lock */
}

static bool all_reached(struct actor *actor, int n, long turns) {
  for (int i = 0; i < n; i++)
    if (atomic_load_explicit(&actor[i].turns, memory_order_relaxed) < turns) return false;
  return true;
}

static void under_load(const char *policy, bool reset) {
  enum { N = 6 };
  gil *g = make_lock(policy, GIL_INTERVAL_MIN_NS);
  struct actor actor[N] = {0}, me = {.number = 9};
  struct load l = {0};
  gil_stats s;
  for (int i = 0; i < N; i++) {
    actor[i].arg = &l;
    actor_start(&actor[i], g, i, mixed);
  }
  actor_enter(&me, g);
  for (int i = 0; i < 40 || !all_reached(actor, N, 50); i++) {
    if (reset) gil_reset_stats(me.lock);
    for (int k = 0; k < N; k++) {
      gil_thread_stats(actor[k].lock, &s); /* allowed: we hold the lock */
      assert_int_equal(states_sum(&s), s.life_ns);
    }
    gil_block_begin(me.lock, GIL_BLOCKED_SLEEP);
    gil_total_stats(g, &s); /* any thread, any time */
    assert_int_equal(states_sum(&s), s.life_ns);
    assert_int_equal(s.threads, N + 1);
    gil_block_end(me.lock);
  }
  gil_block_begin(me.lock, GIL_BLOCKED_SLEEP);
  atomic_store_explicit(&l.stop, 1, memory_order_relaxed);
  for (int i = 0; i < N; i++) actor_join(&actor[i]);
  gil_detach(me.lock);
  gil_total_stats(g, &s);
  assert_int_equal(states_sum(&s), s.life_ns);
  gil_destroy(g);
}

static void test_stats__add_up_under_load(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) under_load(*p, false);
}

static void test_stats__add_up_while_reset(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) under_load(*p, true);
}

static void test_stats__reset_starts_from_zero(void **state) {
  (void)state;
  gil *g = make_lock(NULL, 0);
  struct actor me = {.number = 0};
  gil_stats s;
  actor_enter(&me, g);
  for (int i = 0; i < 5; i++) {
    gil_release(me.lock);
    gil_acquire(me.lock);
    gil_block_begin(me.lock, GIL_BLOCKED_IO);
    gil_block_end(me.lock);
  }
  gil_reset_stats(me.lock);
  gil_total_stats(g, &s);
  assert_int_equal(s.acquisitions, 0);
  assert_int_equal(s.quick, 0);
  assert_int_equal(s.longest_hold_ns, 0);
  assert_int_equal(s.state_ns[GIL_BLOCKED_IO], 0);
  assert_int_equal(states_sum(&s), s.life_ns);
  gil_release(me.lock);
  gil_detach(me.lock);
  gil_destroy(g);
}

/* ---- histograms ---- */

static void test_hist__quantiles_are_within_a_bucket(void **state) {
  (void)state;
  gil_hist *h = calloc(1, sizeof *h);
  assert_non_null(h);
  assert_int_equal(gil_hist_quantile(h, 0.5), 0);
  for (uint64_t i = 1; i <= 100000; i++) gil_hist_record(h, i * 10);
  static const double q[] = {0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999};
  for (unsigned i = 0; i < sizeof q / sizeof *q; i++) {
    double exact = q[i] * 1e6, got = (double)gil_hist_quantile(h, q[i]);
    assert_true(got >= exact * 0.999 && got <= exact * 1.07 + 16);
  }
  assert_int_equal(gil_hist_quantile(h, 1), 1000000);
  assert_int_equal(h->count, 100000);
  gil_hist_clear(h);
  assert_int_equal(h->count, 0);
  free(h);
}

static void test_hist__bounds_and_extremes(void **state) {
  (void)state;
  gil_hist *h = calloc(1, sizeof *h);
  assert_non_null(h);
  for (unsigned i = 0; i + 1 < GIL_HIST_BUCKETS; i++) {
    assert_true(gil_hist_bound(i) < gil_hist_bound(i + 1));
    uint64_t low = gil_hist_bound(i), high = gil_hist_bound(i + 1) - 1;
    gil_hist_clear(h);
    gil_hist_record(h, low);
    gil_hist_record(h, high);
    assert_int_equal(h->bucket[i], 2); /* both ends fall into their own bucket */
  }
  gil_hist_clear(h);
  gil_hist_record(h, 0);
  assert_int_equal(gil_hist_quantile(h, 0.5), 0);
  gil_hist_record(h, UINT64_MAX);
  assert_int_equal(h->bucket[GIL_HIST_BUCKETS - 1], 1);
  assert_true(gil_hist_quantile(h, 1) == UINT64_MAX);
  assert_true(gil_hist_quantile(h, 0.99) == UINT64_MAX);
  free(h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stats__states_have_names),
      cmocka_unit_test(test_stats__each_state_is_charged),
      cmocka_unit_test(test_stats__add_up_under_load),
      cmocka_unit_test(test_stats__add_up_while_reset),
      cmocka_unit_test(test_stats__reset_starts_from_zero),
      cmocka_unit_test(test_hist__quantiles_are_within_a_bucket),
      cmocka_unit_test(test_hist__bounds_and_extremes),
  };
  return cmocka_run_group_tests_name("gil_stats", tests, NULL, NULL);
}
