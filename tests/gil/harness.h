/* harness.h: threads that use a lock as an interpreter would, for the tests of gil/. */
#ifndef GILT_TEST_GIL_HARNESS_H
#define GILT_TEST_GIL_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gilt/gil.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACTORS_MAX 32

/* One thread, its record, and what the tests count. A poke sets `asked`; `safepoint` looks at it.
 */
struct actor {
  gil *g;
  gil_thread *lock;
  const char *name;
  enum gil_class cls;
  int priority;
  int number;
  void (*body)(struct actor *);
  void *arg;
  pthread_t id;
  _Atomic int attached;
  _Atomic int asked;
  _Atomic long turns;
  uint32_t random;
};

static void __attribute__((unused)) actor_poke(void *arg) {
  struct actor *a = arg;
  atomic_store_explicit(&a->asked, 1, memory_order_relaxed);
}

/* What an interpreter does between two instructions. */
static void __attribute__((unused)) actor_safepoint(struct actor *a, unsigned instruction) {
  bool tick = instruction % 100 == 0 && gil_policy_ticks(a->g);
  if (tick || atomic_load_explicit(&a->asked, memory_order_relaxed) || gil_drop_wanted(a->lock)) {
    atomic_store_explicit(&a->asked, 0, memory_order_relaxed);
    gil_yield(a->lock);
  }
}

static uint32_t __attribute__((unused)) actor_random(struct actor *a, uint32_t below) {
  a->random = a->random * 1664525u + 1013904223u;
  return (a->random >> 8) % below;
}

static __attribute__((unused)) gil *make_lock(const char *policy, uint64_t interval_ns) {
  gil *g = NULL;
  gil_options opt = {.policy = policy, .interval_ns = interval_ns, .poke = actor_poke};
  assert_int_equal(gil_create(&opt, &g), GILT_OK);
  return g;
}

static void *actor_main(void *arg) {
  struct actor *a = arg;
  if (gil_attach(a->g, a->name, a, &a->lock) != GILT_OK) abort();
  if (a->cls != GIL_CLASS_AUTO || a->priority != 0) gil_set_class(a->lock, a->cls, a->priority);
  /* [attached] release: a->lock is visible to who waits for it (acquire in actor_start). */
  atomic_store_explicit(&a->attached, 1, memory_order_release);
  a->body(a);
  gil_detach(a->lock);
  return NULL;
}

static void __attribute__((unused))
actor_start(struct actor *a, gil *g, int number, void (*body)(struct actor *)) {
  a->g = g;
  a->number = number;
  a->random = (uint32_t)number * 7919u + 1;
  a->body = body;
  assert_int_equal(pthread_create(&a->id, NULL, actor_main, a), 0);
  while (!atomic_load_explicit(&a->attached, memory_order_acquire)) sched_yield();
}

static void __attribute__((unused)) actor_join(struct actor *a) {
  assert_int_equal(pthread_join(a->id, NULL), 0);
}

/* The calling thread as an actor; it holds the lock afterwards. */
static void __attribute__((unused)) actor_enter(struct actor *a, gil *g) {
  a->g = g;
  assert_int_equal(gil_attach(g, "main", a, &a->lock), GILT_OK);
  gil_acquire(a->lock);
}

/* The caller holds the lock: waits until `a` stands in the line for it. */
static void __attribute__((unused)) wait_until_waiting(struct actor *a) {
  gil_stats s;
  do {
    sched_yield();
    gil_thread_stats(a->lock, &s);
  } while (s.state_ns[GIL_WAITING] == 0);
}

static uint64_t __attribute__((unused)) states_sum(const gil_stats *s) {
  uint64_t sum = 0;
  for (int i = 0; i < GIL_STATE_COUNT; i++) sum += s->state_ns[i];
  return sum;
}

#endif
