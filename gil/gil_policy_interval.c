/* gil_policy_interval.c: CPython since 3.2. A waiter waits one switch interval; if the lock did not
 * change hands meanwhile it asks the holder to drop it, and the holder may not take it back before
 * another thread had it. Any waiter may win. Its convoy: a thread back from I/O waits like
 * everybody else. */
#include "gil_impl.h"

static void enqueue(gil *g, gil_thread *t, enum release_kind arrived, uint64_t away_ns) {
  (void)away_ns;
  t->forced = arrived == RELEASE_YIELD;
  gil_queue_insert(g, t, NULL);
}

static gil_thread *claim(gil *g, gil_thread *t, uint64_t word, uint64_t now) {
  (void)word, (void)now;
  if (t->forced && g->switches == t->switches_seen && g->waiters > 1) return NULL;
  return t;
}

static struct wait_plan plan(gil *g, gil_thread *t, uint64_t now) {
  uint64_t interval = gil_interval_of(g);
  if (g->switches != t->switches_seen) { /* somebody had it: the waiting starts anew */
    t->switches_seen = g->switches;
    t->forced = false;
    t->round_since = now;
  } else if (gil_since(now, t->round_since) >= interval) {
    gil_request_drop(g);
    t->round_since = now;
  }
  return (struct wait_plan){.spin_ns = 0, .deadline_ns = t->round_since + interval};
}

static gil_thread *quick(gil *g, gil_thread *t) {
  (void)t;
  return g->queue;
}

static gil_thread *attend(gil *g) {
  atomic_store_explicit(&g->line.attention, g->waiters > 0, memory_order_relaxed);
  return NULL;
}

static void used(gil *g, gil_thread *t, enum release_kind kind, uint64_t used_ns, uint64_t now) {
  (void)g, (void)t, (void)kind, (void)used_ns, (void)now;
}

const struct gil_policy gil_policy_interval = {.name = "interval",
                                               .ticks = false,
                                               .near = false,
                                               .hands_over = false,
                                               .enqueue = enqueue,
                                               .claim = claim,
                                               .plan = plan,
                                               .quick = quick,
                                               .attend = attend,
                                               .used = used};
