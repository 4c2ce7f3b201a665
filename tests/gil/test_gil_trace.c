/* The event rings: what is in them, what is lost, tracing switched under load; the longest hold. */
#include "harness.h"

#include "../../gil/gil_trace.h"

static void name_hold(void *arg, char *buf, size_t size) {
  struct actor *a = arg;
  snprintf(buf, size, "turn %ld", atomic_load_explicit(&a->turns, memory_order_relaxed));
}

static gil *make_named(const char *policy) {
  gil *g = NULL;
  gil_options opt = {.policy = policy,
                     .interval_ns = GIL_INTERVAL_MIN_NS,
                     .poke = actor_poke,
                     .name_hold = name_hold};
  assert_int_equal(gil_create(&opt, &g), GILT_OK);
  return g;
}

static void test_trace__off_writes_nothing(void **state) {
  (void)state;
  gil *g = make_named(NULL);
  struct actor me = {.number = 0};
  gil_event event[8];
  actor_enter(&me, g);
  gil_block_begin(me.lock, GIL_BLOCKED_IO);
  gil_block_end(me.lock);
  assert_int_equal(gil_trace_drain(g, event, 8), 0);
  assert_int_equal(gil_trace_threads(g, NULL, 0), 0);
  gil_trace_stop(g);
  gil_release(me.lock);
  gil_detach(me.lock);
  gil_destroy(g);
}

static void expect(const gil_event *e, enum gil_event_kind kind, uint32_t arg) {
  assert_int_equal(e->kind, kind);
  assert_int_equal(e->arg, arg);
  assert_int_equal(e->thread, 1);
}

static void test_trace__one_thread_in_order(void **state) {
  (void)state;
  gil *g = make_named(NULL);
  struct actor me = {.number = 0};
  gil_event event[32];
  gil_trace_thread thread;
  actor_enter(&me, g);
  assert_int_equal(sizeof(gil_event), 16);
  assert_int_equal(gil_trace_start(g, GIL_TRACE_ALL, 0), GILT_OK);
  gil_release(me.lock);
  gil_acquire(me.lock);
  gil_block_begin(me.lock, GIL_BLOCKED_IO);
  gil_block_end(me.lock);
  gil_collect_begin(me.lock);
  gil_collect_end(me.lock);
  size_t n = gil_trace_drain(g, event, 32);
  assert_int_equal(n, 9);
  expect(&event[0], GIL_EVENT_STATE, GIL_RUNNING); /* as it was when the tracing began */
  expect(&event[1], GIL_EVENT_QUICK_RELEASE, 0);
  expect(&event[2], GIL_EVENT_QUICK_TAKE, 0);
  expect(&event[3], GIL_EVENT_HANDOFF, 0);
  expect(&event[4], GIL_EVENT_STATE, GIL_BLOCKED_IO);
  expect(&event[5], GIL_EVENT_STATE, GIL_WAITING);
  expect(&event[6], GIL_EVENT_STATE, GIL_RUNNING);
  expect(&event[7], GIL_EVENT_STATE, GIL_COLLECTING);
  expect(&event[8], GIL_EVENT_STATE, GIL_RUNNING);
  for (size_t i = 1; i < n; i++) assert_true(event[i].time_ns >= event[i - 1].time_ns);
  assert_int_equal(gil_trace_threads(g, &thread, 1), 1);
  assert_string_equal(thread.name, "main");
  assert_int_equal(thread.lost, 0);
  assert_false(thread.ended);
  gil_trace_stop(g);
  gil_release(me.lock);
  gil_detach(me.lock);
  assert_int_equal(gil_trace_drain(g, event, 32), 0);
  assert_int_equal(gil_trace_threads(g, &thread, 1), 1);
  assert_true(thread.ended);
  gil_destroy(g);
}

/* A full ring keeps the oldest events, counts the rest, and goes on once it is read. */
static void test_trace__full_ring_counts(void **state) {
  (void)state;
  gil *g = make_named(NULL);
  struct actor me = {.number = 0};
  gil_event event[256];
  gil_trace_thread thread;
  actor_enter(&me, g);
  assert_int_equal(gil_trace_start(g, GIL_TRACE_CONTENDED, 1), GILT_OK); /* 64 */
  for (int i = 0; i < 100; i++) {
    gil_collect_begin(me.lock);
    gil_collect_end(me.lock);
    gil_release(me.lock); /* not at this level */
    gil_acquire(me.lock);
  }
  assert_int_equal(gil_trace_threads(g, &thread, 1), 1);
  assert_int_equal(thread.lost, 201 - 64);
  assert_int_equal(gil_trace_drain(g, event, 10), 10);
  assert_int_equal(gil_trace_drain(g, event, 256), 54);
  gil_collect_begin(me.lock);
  assert_int_equal(gil_trace_drain(g, event, 256), 1);
  gil_collect_end(me.lock);
  gil_release(me.lock);
  gil_detach(me.lock);
  gil_destroy(g);
}

struct load {
  _Atomic int stop;
};

static void mixed(struct actor *a) {
  struct load *l = a->arg;
  gil_acquire(a->lock);
  while (!atomic_load_explicit(&l->stop, memory_order_relaxed)) {
    switch (actor_random(a, 4)) {
    case 0:
      gil_release(a->lock);
      gil_acquire(a->lock);
      break;
    case 1:
      gil_block_begin(a->lock, GIL_BLOCKED_LOCK);
      gil_block_end(a->lock);
      break;
    default:
      for (unsigned n = 0; n < 100; n++) actor_safepoint(a, n);
      break;
    }
    atomic_fetch_add_explicit(&a->turns, 1, memory_order_relaxed);
  }
  gil_release(a->lock);
}

/* Events come in order, and a thread's states follow from one another. */
struct reader {
  uint64_t last[ACTORS_MAX * 64];
  uint32_t state[ACTORS_MAX * 64];
  size_t events;
};

static void read_all(gil *g, struct reader *r) {
  gil_event event[500];
  for (size_t n; (n = gil_trace_drain(g, event, 500)) > 0; r->events += n)
    for (size_t i = 0; i < n; i++) {
      assert_in_range(event[i].thread, 1, ACTORS_MAX * 64 - 1);
      r->last[event[i].thread] = event[i].time_ns;
      if (event[i].kind == GIL_EVENT_STATE) {
        assert_in_range(event[i].arg, 0, GIL_STATE_COUNT - 1);
        r->state[event[i].thread] = event[i].arg;
      }
    }
}

static void under_load(const char *policy) {
  enum { N = 4 };
  gil *g = make_named(policy);
  struct actor actor[N] = {0};
  struct load l = {0};
  struct reader *r = calloc(1, sizeof *r);
  assert_non_null(r);
  for (int i = 0; i < N; i++) {
    actor[i].arg = &l;
    actor_start(&actor[i], g, i, mixed);
  }
  for (int i = 0; i < 60; i++) {
    enum gil_trace_level level = (enum gil_trace_level)(i % 3);
    assert_int_equal(gil_trace_start(g, level, 256), GILT_OK);
    struct actor guest = {.number = 20, .arg = &l};
    struct load done = {.stop = 1};
    guest.arg = &done;
    actor_start(&guest, g, 20, mixed);
    read_all(g, r);
    actor_join(&guest);
    sched_yield();
  }
  while (r->events < 1000) {
    assert_int_equal(gil_trace_start(g, GIL_TRACE_ALL, 256), GILT_OK);
    sched_yield();
    read_all(g, r);
  }
  gil_trace_stop(g);
  atomic_store_explicit(&l.stop, 1, memory_order_relaxed);
  for (int i = 0; i < N; i++) actor_join(&actor[i]);
  read_all(g, r);
  gil_event event;
  assert_int_equal(gil_trace_drain(g, &event, 1), 0);
  free(r);
  gil_destroy(g);
}

static void test_trace__switched_under_load(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) under_load(*p);
}

static void test_trace__longest_hold_is_named(void **state) {
  (void)state;
  gil *g = make_named(NULL);
  struct actor me = {.number = 0};
  gil_longest longest;
  actor_enter(&me, g);
  gil_longest_hold(g, &longest);
  assert_int_equal(longest.hold_ns, 0);
  atomic_store(&me.turns, 7);
  gil_block_begin(me.lock, GIL_BLOCKED_IO);
  gil_longest_hold(g, &longest);
  assert_true(longest.hold_ns > 0);
  assert_string_equal(longest.thread, "main");
  assert_string_equal(longest.what, "turn 7");
  gil_block_end(me.lock);
  gil_reset_stats(me.lock);
  gil_longest_hold(g, &longest);
  assert_int_equal(longest.hold_ns, 0);
  assert_string_equal(longest.what, "");
  gil_release(me.lock);
  gil_detach(me.lock);
  gil_destroy(g);
}

static void take_once(struct actor *a) {
  gil_acquire(a->lock);
  gil_block_begin(a->lock, GIL_DETACHED);
}

static void test_trace__histograms_count(void **state) {
  (void)state;
  gil *g = make_named(NULL);
  struct actor me = {.number = 0}, other = {.number = 1};
  gil_hist *h = calloc(1, sizeof *h);
  assert_non_null(h);
  actor_enter(&me, g);
  actor_start(&other, g, 1, take_once);
  wait_until_waiting(&other);
  while (!gil_drop_wanted(me.lock)) sched_yield();
  gil_yield(me.lock);
  gil_block_begin(me.lock, GIL_DETACHED);
  actor_join(&other);
  gil_histogram(g, GIL_HISTOGRAM_HOLD, h);
  assert_true(h->count >= 3);
  gil_histogram(g, GIL_HISTOGRAM_WAIT, h);
  assert_int_equal(h->count, 2);
  gil_histogram(g, GIL_HISTOGRAM_HANDOFF, h);
  /* One for our yield; a second one if the other was slow and we had to ask for the lock in turn. */
  assert_in_range(h->count, 1, 2);
  assert_true(gil_hist_quantile(h, 0.5) <= h->max && h->max > 0);
  free(h);
  gil_detach(me.lock);
  gil_destroy(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_trace__off_writes_nothing),
      cmocka_unit_test(test_trace__one_thread_in_order),
      cmocka_unit_test(test_trace__full_ring_counts),
      cmocka_unit_test(test_trace__switched_under_load),
      cmocka_unit_test(test_trace__longest_hold_is_named),
      cmocka_unit_test(test_trace__histograms_count),
  };
  return cmocka_run_group_tests_name("gil_trace", tests, NULL, NULL);
}
