/* The lock itself: exclusion, hand-over, the quick path, blocking regions, under every policy. */
#include "harness.h"

#include <errno.h>

/* ---- alone ---- */

static void test_lock__defaults(void **state) {
  (void)state;
  gil *g = NULL;
  assert_int_equal(gil_create(NULL, &g), GILT_OK);
  assert_string_equal(gil_policy(g), "adaptive");
  assert_string_equal(gil_policy_names()[0], "adaptive");
  assert_int_equal(gil_interval(g), GIL_INTERVAL_DEFAULT_NS);
  gil_set_interval(g, 1);
  assert_int_equal(gil_interval(g), GIL_INTERVAL_MIN_NS);
  gil_set_interval(g, UINT64_MAX);
  assert_int_equal(gil_interval(g), GIL_INTERVAL_MAX_NS);
  gil_destroy(g);
  gil_destroy(NULL);
}

static void test_lock__unknown_policy_is_refused(void **state) {
  (void)state;
  gil *g = NULL;
  gil_options opt = {.policy = "fairest"};
  assert_int_equal(gil_create(&opt, &g), GILT_EINVAL);
  assert_null(g);
  g = make_lock(NULL, 0);
  struct actor me = {.number = 0};
  actor_enter(&me, g);
  assert_int_equal(gil_set_policy(me.lock, "fairest"), GILT_EINVAL);
  assert_int_equal(gil_set_policy(me.lock, ""), GILT_EINVAL);
  assert_string_equal(gil_policy(g), "adaptive");
  gil_release(me.lock);
  gil_detach(me.lock);
  gil_destroy(g);
}

static void test_lock__long_names_are_cut(void **state) {
  (void)state;
  char name[200];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  gil *g = make_lock(NULL, 0);
  gil_thread *t, *u;
  assert_int_equal(gil_attach(g, name, NULL, &t), GILT_OK);
  assert_int_equal(gil_attach(g, NULL, NULL, &u), GILT_OK);
  gil_detach(t);
  gil_detach(u);
  gil_destroy(g);
}

static void alone(const char *policy) {
  gil *g = make_lock(policy, 0);
  struct actor me = {.number = 0};
  gil_stats s;
  actor_enter(&me, g);
  assert_true(gil_held(me.lock));
  gil_yield(me.lock);
  gil_give_way(me.lock);
  assert_true(gil_held(me.lock));
  for (int i = 0; i < 10; i++) {
    gil_release(me.lock);
    assert_false(gil_held(me.lock));
    gil_acquire(me.lock);
  }
  gil_release(me.lock);
  assert_true(gil_try_acquire(me.lock));
  errno = 4242;
  gil_block_begin(me.lock, GIL_BLOCKED_IO);
  assert_int_equal(errno, 4242);
  gil_block_end(me.lock);
  assert_int_equal(errno, 4242);
  gil_block_begin(me.lock, GIL_NATIVE);
  gil_acquire(me.lock); /* ends a region as well as gil_block_end */
  gil_thread_stats(me.lock, &s);
  assert_int_equal(s.quick, 11);
  assert_int_equal(s.acquisitions, 1 + 11 + 2);
  assert_int_equal(s.contended, 0);
  assert_int_equal(s.switches_requested, 0);
  gil_release(me.lock);
  gil_detach(me.lock);
  gil_destroy(g);
}

static void test_lock__one_thread_alone(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) alone(*p);
}

/* ---- exclusion ---- */

struct shared {
  long counter;     /* with the lock */
  _Atomic int many; /* threads inside, must never be 2 */
  int rounds;
  _Atomic int stop;
};

static void inside(struct shared *s) {
  if (atomic_fetch_add_explicit(&s->many, 1, memory_order_relaxed) != 0) abort();
  long seen = s->counter;
  atomic_signal_fence(memory_order_seq_cst);
  s->counter = seen + 1;
  if (atomic_fetch_sub_explicit(&s->many, 1, memory_order_relaxed) != 1) abort();
}

static void everything(struct actor *a) {
  struct shared *s = a->arg;
  gil_acquire(a->lock);
  for (int i = 0; i < s->rounds; i++) {
    inside(s);
    switch (actor_random(a, 6)) {
    case 0:
      gil_release(a->lock);
      gil_acquire(a->lock);
      break;
    case 1:
      gil_block_begin(a->lock, GIL_BLOCKED_IO);
      gil_block_end(a->lock);
      break;
    case 2: gil_give_way(a->lock); break;
    case 3:
      gil_release(a->lock);
      if (!gil_try_acquire(a->lock)) gil_acquire(a->lock);
      break;
    case 4:
      gil_block_begin(a->lock, GIL_NATIVE);
      sched_yield();
      gil_acquire(a->lock);
      break;
    default:
      for (unsigned n = 0; n < 200; n++) actor_safepoint(a, n);
      break;
    }
  }
  if (actor_random(a, 2) == 0)
    gil_release(a->lock); /* a quick release, and gone: the waiters must notice */
  else
    gil_block_begin(a->lock, GIL_DETACHED);
}

static void exclusion(const char *policy, int threads) {
  gil *g = make_lock(policy, GIL_INTERVAL_MIN_NS);
  struct actor actor[ACTORS_MAX] = {0};
  struct shared s = {.rounds = 4000 / threads};
  for (int i = 0; i < threads; i++) {
    actor[i].arg = &s;
    actor_start(&actor[i], g, i, everything);
  }
  for (int i = 0; i < threads; i++) actor_join(&actor[i]);
  assert_int_equal(s.counter, (long)threads * s.rounds);
  gil_stats total;
  gil_total_stats(g, &total);
  assert_int_equal(states_sum(&total), total.life_ns);
  assert_int_equal(total.threads, threads);
  gil_destroy(g);
}

static void test_lock__excludes_2_threads(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) exclusion(*p, 2);
}
static void test_lock__excludes_8_threads(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) exclusion(*p, 8);
}
static void test_lock__excludes_32_threads(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) exclusion(*p, 32);
}

/* ---- a release that meets an arrival ---- */

/* The releaser does not come back before the other one had the lock: a release that overlooks a
 * waiter who arrives at the same moment leaves both waiting. */
struct meeting {
  _Atomic int round; /* the arriver may take the lock for this round */
  _Atomic int had;   /* the last round it had it in */
  int rounds;
};

/* Spins at first, so that the two meet closely. */
static void await(_Atomic int *word, int value) {
  for (int i = 0; atomic_load_explicit(word, memory_order_relaxed) < value; i++)
    if (i > 300) sched_yield();
}

static void arrive(struct actor *a) {
  struct meeting *m = a->arg;
  for (int i = 1; i <= m->rounds; i++) {
    await(&m->round, i);
    for (uint32_t n = actor_random(a, 60); n > 0; n--) atomic_signal_fence(memory_order_seq_cst);
    gil_acquire(a->lock);
    atomic_store_explicit(&m->had, i, memory_order_relaxed);
    if (i % 2 == 0)
      gil_release(a->lock);
    else
      gil_block_begin(a->lock, GIL_BLOCKED_IO);
  }
}

static void meeting(const char *policy, int rounds) {
  gil *g = make_lock(policy, GIL_INTERVAL_DEFAULT_NS);
  struct actor me = {.number = 0}, other = {.number = 1};
  struct meeting m = {.rounds = rounds};
  actor_enter(&me, g);
  other.arg = &m;
  actor_start(&other, g, 1, arrive);
  for (int i = 1; i <= rounds; i++) {
    atomic_store_explicit(&m.round, i, memory_order_relaxed);
    for (uint32_t n = actor_random(&me, 60); n > 0; n--) atomic_signal_fence(memory_order_seq_cst);
    gil_release(me.lock);
    await(&m.had, i);
    gil_acquire(me.lock);
  }
  gil_release(me.lock);
  actor_join(&other);
  gil_detach(me.lock);
  gil_destroy(g);
}

static void test_lock__release_meets_arrival(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) meeting(*p, 20000);
}

static void take_once(struct actor *a) {
  gil_acquire(a->lock);
  atomic_fetch_add_explicit(&a->turns, 1, memory_order_relaxed);
  gil_block_begin(a->lock, GIL_DETACHED);
}

/* A quick release and then the end of the thread: the waiter hears of it. */
static void test_lock__detach_after_release_serves_waiters(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++)
    for (int i = 0; i < 20; i++) {
      gil *g = make_lock(*p, GIL_INTERVAL_MAX_NS); /* no timer to the rescue */
      struct actor me = {.number = 0}, other = {.number = 1, .cls = GIL_CLASS_THROUGHPUT};
      actor_enter(&me, g);
      actor_start(&other, g, 1, take_once);
      if (i % 2 == 0) wait_until_waiting(&other);
      gil_release(me.lock);
      gil_detach(me.lock);
      actor_join(&other);
      assert_int_equal(other.turns, 1);
      gil_destroy(g);
    }
}

/* ---- hand-over ---- */

/* With a waiter in the line, who yields (asked) or gives way finds that the other one had it. */
static void hand_over(const char *policy, bool asked) {
  gil *g = make_lock(policy, GIL_INTERVAL_MIN_NS);
  struct actor me = {.number = 0}, other = {.number = 1};
  actor_enter(&me, g);
  for (int i = 0; i < 30; i++) {
    memset(&other, 0, sizeof other);
    actor_start(&other, g, 1, take_once);
    wait_until_waiting(&other);
    if (asked) {
      while (!gil_drop_wanted(me.lock)) sched_yield();
      gil_yield(me.lock);
    } else {
      gil_give_way(me.lock);
    }
    assert_int_equal(other.turns, 1);
    assert_true(gil_held(me.lock));
    gil_release(me.lock);
    actor_join(&other);
    gil_acquire(me.lock);
  }
  gil_stats s;
  gil_total_stats(g, &s);
  if (asked) {
    assert_true(s.requests >= 30);
    assert_true(s.switches_requested >= 30);
  }
  gil_release(me.lock);
  gil_detach(me.lock);
  gil_destroy(g);
}

static void test_lock__yield_is_a_forced_switch(void **state) {
  (void)state;
  hand_over("adaptive", true);
  hand_over("interval", true);
  hand_over("fifo", true);
}

static void test_lock__give_way_is_a_switch(void **state) {
  (void)state;
  hand_over("adaptive", false);
  hand_over("interval", false);
  hand_over("fifo", false);
}

/* Under `tick` the holder may win the lock straight back, but the request stands until it is
 * served. */
static void test_lock__tick_serves_in_the_end(void **state) {
  (void)state;
  gil *g = make_lock("tick", 0);
  assert_true(gil_policy_ticks(g));
  struct actor me = {.number = 0}, other = {.number = 1};
  actor_enter(&me, g);
  actor_start(&other, g, 1, take_once);
  wait_until_waiting(&other);
  assert_true(gil_drop_wanted(me.lock));
  while (atomic_load_explicit(&other.turns, memory_order_relaxed) == 0) gil_yield(me.lock);
  gil_release(me.lock);
  actor_join(&other);
  gil_detach(me.lock);
  gil_destroy(g);
}

static void test_lock__try_fails_while_held(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) {
    gil *g = make_lock(*p, 0);
    gil_thread *a, *b; /* two records of one OS thread: enough for what never blocks */
    assert_int_equal(gil_attach(g, "a", NULL, &a), GILT_OK);
    assert_int_equal(gil_attach(g, "b", NULL, &b), GILT_OK);
    assert_true(gil_try_acquire(a));
    assert_false(gil_try_acquire(b));
    assert_false(gil_held(b));
    gil_release(a);
    assert_true(gil_try_acquire(b));
    assert_false(gil_try_acquire(a));
    gil_block_begin(b, GIL_BLOCKED_LOCK);
    gil_acquire(a);
    gil_block_begin(a, GIL_DETACHED);
    gil_detach(a);
    gil_detach(b);
    gil_stats s;
    gil_total_stats(g, &s);
    assert_int_equal(states_sum(&s), s.life_ns);
    gil_destroy(g);
  }
}

/* A blocking region lets a waiter in at once, without any timer. */
static void test_lock__block_serves_waiters(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) {
    gil *g = make_lock(*p, GIL_INTERVAL_MAX_NS);
    struct actor me = {.number = 0}, other = {.number = 1, .cls = GIL_CLASS_THROUGHPUT};
    actor_enter(&me, g);
    actor_start(&other, g, 1, take_once);
    wait_until_waiting(&other);
    gil_block_begin(me.lock, GIL_BLOCKED_IO);
    while (atomic_load_explicit(&other.turns, memory_order_relaxed) == 0) sched_yield();
    gil_block_end(me.lock);
    gil_release(me.lock);
    actor_join(&other);
    gil_detach(me.lock);
    gil_destroy(g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lock__defaults),
      cmocka_unit_test(test_lock__unknown_policy_is_refused),
      cmocka_unit_test(test_lock__long_names_are_cut),
      cmocka_unit_test(test_lock__one_thread_alone),
      cmocka_unit_test(test_lock__excludes_2_threads),
      cmocka_unit_test(test_lock__excludes_8_threads),
      cmocka_unit_test(test_lock__excludes_32_threads),
      cmocka_unit_test(test_lock__release_meets_arrival),
      cmocka_unit_test(test_lock__detach_after_release_serves_waiters),
      cmocka_unit_test(test_lock__yield_is_a_forced_switch),
      cmocka_unit_test(test_lock__give_way_is_a_switch),
      cmocka_unit_test(test_lock__tick_serves_in_the_end),
      cmocka_unit_test(test_lock__try_fails_while_held),
      cmocka_unit_test(test_lock__block_serves_waiters),
  };
  return cmocka_run_group_tests_name("gil_lock", tests, NULL, NULL);
}
