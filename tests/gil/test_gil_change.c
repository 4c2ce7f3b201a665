/* Settings, threads and processes that change while others use the lock. */
#include "harness.h"

#include <sys/wait.h>
#include <unistd.h>

struct load {
  _Atomic int stop;
  long inside; /* with the lock */
};

static void busy(struct actor *a) {
  struct load *l = a->arg;
  gil_acquire(a->lock);
  while (!atomic_load_explicit(&l->stop, memory_order_relaxed)) {
    l->inside++;
    if (a->number % 2 == 0) {
      for (unsigned n = 0; n < 300; n++) actor_safepoint(a, n);
    } else if (actor_random(a, 2) == 0) {
      gil_block_begin(a->lock, GIL_BLOCKED_IO);
      gil_block_end(a->lock);
    } else {
      gil_release(a->lock);
      gil_acquire(a->lock);
    }
    atomic_fetch_add_explicit(&a->turns, 1, memory_order_relaxed);
  }
  gil_release(a->lock);
}

enum { BUSY = 6 };

static void start_busy(struct actor *actor, gil *g, struct load *l) {
  for (int i = 0; i < BUSY; i++) {
    actor[i].arg = l;
    actor_start(&actor[i], g, i, busy);
  }
}

static void stop_busy(struct actor *actor, struct load *l) {
  atomic_store_explicit(&l->stop, 1, memory_order_relaxed);
  for (int i = 0; i < BUSY; i++) actor_join(&actor[i]);
}

static void test_change__policy_under_load(void **state) {
  (void)state;
  gil *g = make_lock(NULL, GIL_INTERVAL_MIN_NS);
  struct actor actor[BUSY] = {0}, me = {.number = 9};
  struct load l = {0};
  start_busy(actor, g, &l);
  const char *const *names = gil_policy_names();
  actor_enter(&me, g);
  for (int i = 0; i < 150; i++) {
    const char *name = names[actor_random(&me, 4)];
    assert_int_equal(gil_set_policy(me.lock, name), GILT_OK);
    gil_block_begin(me.lock, GIL_BLOCKED_SLEEP);
    assert_string_equal(gil_policy(g), name);
    long before = atomic_load_explicit(&actor[0].turns, memory_order_relaxed);
    for (int k = 0; k < 5; k++) sched_yield();
    /* now and then: the computing thread gets on under the new policy */
    while (i % 10 == 0 && atomic_load_explicit(&actor[0].turns, memory_order_relaxed) == before)
      sched_yield();
    gil_block_end(me.lock);
  }
  gil_block_begin(me.lock, GIL_BLOCKED_SLEEP);
  stop_busy(actor, &l);
  gil_detach(me.lock);
  gil_destroy(g);
}

/* Waiters that sleep without a timer are told: `tick` waits for ever, `adaptive` does not. */
static void wait_turn(struct actor *a) {
  gil_acquire(a->lock);
  atomic_fetch_add_explicit(&a->turns, 1, memory_order_relaxed);
  gil_release(a->lock);
}

static void test_change__sleeping_waiters_are_told(void **state) {
  (void)state;
  const char *const *names = gil_policy_names();
  for (int from = 0; from < 4; from++)
    for (int to = 0; to < 4; to++) {
      gil *g = make_lock(names[from], GIL_INTERVAL_MIN_NS);
      struct actor me = {.number = 9}, other[3] = {0};
      actor_enter(&me, g);
      for (int i = 0; i < 3; i++) {
        actor_start(&other[i], g, i, wait_turn);
        wait_until_waiting(&other[i]);
      }
      assert_int_equal(gil_set_policy(me.lock, names[to]), GILT_OK);
      /* Every policy asks in the end, or has a standing offer. */
      for (unsigned n = 0; atomic_load_explicit(&other[2].turns, memory_order_relaxed) == 0 ||
                           atomic_load_explicit(&other[0].turns, memory_order_relaxed) == 0 ||
                           atomic_load_explicit(&other[1].turns, memory_order_relaxed) == 0;
           n++)
        actor_safepoint(&me, n);
      gil_release(me.lock);
      for (int i = 0; i < 3; i++) actor_join(&other[i]);
      gil_detach(me.lock);
      gil_destroy(g);
    }
}

static void test_change__interval_under_load(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) {
    gil *g = make_lock(*p, 0);
    struct actor actor[BUSY] = {0};
    struct load l = {0};
    start_busy(actor, g, &l);
    for (int i = 0; i < 500; i++) {
      gil_set_interval(g, i % 2 ? GIL_INTERVAL_MIN_NS : 1000000);
      assert_true(gil_interval(g) >= GIL_INTERVAL_MIN_NS);
      sched_yield();
    }
    stop_busy(actor, &l);
    gil_destroy(g);
  }
}

static void test_change__classes_under_load(void **state) {
  (void)state;
  gil *g = make_lock(NULL, GIL_INTERVAL_MIN_NS);
  struct actor actor[BUSY] = {0};
  struct load l = {0};
  start_busy(actor, g, &l);
  for (int i = 0; i < 2000; i++)
    gil_set_class(actor[i % BUSY].lock, (enum gil_class)(i % 3), i % 21 - 10);
  stop_busy(actor, &l);
  gil_destroy(g);
}

static void visit(struct actor *a) {
  gil_acquire(a->lock);
  ((struct load *)a->arg)->inside++;
  if (a->number % 2) gil_yield(a->lock);
  gil_release(a->lock);
}

static void test_change__threads_come_and_go(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) {
    gil *g = make_lock(*p, GIL_INTERVAL_MIN_NS);
    struct actor actor[BUSY] = {0};
    struct load l = {0};
    start_busy(actor, g, &l);
    for (int i = 0; i < 30; i++) {
      struct actor guest[2] = {0};
      for (int k = 0; k < 2; k++) {
        guest[k].arg = &l;
        actor_start(&guest[k], g, i, visit);
      }
      for (int k = 0; k < 2; k++) actor_join(&guest[k]);
    }
    stop_busy(actor, &l);
    gil_stats s;
    gil_total_stats(g, &s);
    assert_int_equal(s.threads, BUSY + 60); /* the ended ones stay in the sums */
    assert_int_equal(states_sum(&s), s.life_ns);
    gil_destroy(g);
  }
}

/* ---- fork ---- */

/* In the child: the lock works, for the caller and for new threads. Returns the exit status. */
static int child_uses_lock(gil *g, struct actor *me) {
  gil_stats s;
  if (!gil_held(me->lock)) return 10;
  gil_total_stats(g, &s);
  if (s.threads != 1 || s.acquisitions != 0 || states_sum(&s) != s.life_ns) return 11;
  for (int i = 0; i < 10; i++) {
    gil_release(me->lock);
    gil_acquire(me->lock);
    gil_block_begin(me->lock, GIL_BLOCKED_IO);
    gil_block_end(me->lock);
    gil_yield(me->lock);
    gil_give_way(me->lock);
  }
  struct actor guest[2] = {0};
  struct load l = {0};
  for (int i = 0; i < 2; i++) {
    guest[i].arg = &l;
    actor_start(&guest[i], g, i, visit);
  }
  gil_block_begin(me->lock, GIL_BLOCKED_LOCK);
  for (int i = 0; i < 2; i++) actor_join(&guest[i]);
  gil_block_end(me->lock);
  if (l.inside != 2) return 12;
  gil_release(me->lock);
  gil_detach(me->lock);
  gil_destroy(g);
  return 0;
}

static void test_change__fork_while_threads_wait(void **state) {
  (void)state;
  for (const char *const *p = gil_policy_names(); *p != NULL; p++) {
    gil *g = make_lock(*p, GIL_INTERVAL_MIN_NS);
    struct actor actor[BUSY] = {0}, me = {.number = 9};
    struct load l = {0};
    start_busy(actor, g, &l);
    actor_enter(&me, g);
    for (int i = 0; i < 5; i++) {
      gil_fork_prepare(me.lock);
      pid_t pid = fork();
      if (pid == 0) {
        gil_fork_child(me.lock);
        _exit(child_uses_lock(g, &me));
      }
      gil_fork_parent(me.lock);
      assert_true(pid > 0);
      int status = -1;
      gil_block_begin(me.lock, GIL_BLOCKED_IO);
      assert_int_equal(waitpid(pid, &status, 0), pid);
      gil_block_end(me.lock);
      assert_true(WIFEXITED(status));
      assert_int_equal(WEXITSTATUS(status), 0);
    }
    gil_block_begin(me.lock, GIL_BLOCKED_SLEEP);
    stop_busy(actor, &l);
    gil_detach(me.lock);
    gil_destroy(g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_change__policy_under_load),
      cmocka_unit_test(test_change__sleeping_waiters_are_told),
      cmocka_unit_test(test_change__interval_under_load),
      cmocka_unit_test(test_change__classes_under_load),
      cmocka_unit_test(test_change__threads_come_and_go),
      cmocka_unit_test(test_change__fork_while_threads_wait),
  };
  return cmocka_run_group_tests_name("gil_change", tests, NULL, NULL);
}
