/* gil_policy_fifo.c: the lock goes to whoever has waited longest, at each release. Fair to the
 * letter: n threads that want it get it in turn. The price is a switch for every short call. */
#include "gil_impl.h"

static void enqueue(gil *g, gil_thread *t, enum release_kind arrived, uint64_t away_ns) {
  (void)arrived, (void)away_ns;
  gil_queue_insert(g, t, NULL);
}

static gil_thread *claim(gil *g, gil_thread *t, uint64_t word, uint64_t now) {
  (void)word, (void)t, (void)now;
  return g->queue; /* freed before anyone queued: whoever is first */
}

/* The first in line watches the holder's interval; it asks once per interval. */
static struct wait_plan plan(gil *g, gil_thread *t, uint64_t now) {
  uint64_t interval = gil_interval_of(g);
  if (g->queue != t) return (struct wait_plan){.spin_ns = 0, .deadline_ns = now + 4 * interval};
  if (g->switches != t->switches_seen) {
    t->switches_seen = g->switches;
    t->round_since = g->slice_start;
  }
  if (now >= t->round_since + interval) {
    gil_request_drop(g);
    t->round_since = now;
  }
  return (struct wait_plan){.spin_ns = 0, .deadline_ns = t->round_since + interval};
}

static gil_thread *quick(gil *g, gil_thread *t) {
  (void)t;
  return g->queue;
}

/* The head of the queue is new: it has to start its watch. */
static gil_thread *attend(gil *g) {
  atomic_store_explicit(&g->line.attention, g->waiters > 0, memory_order_relaxed);
  if (g->timekeeper == g->queue) return NULL;
  g->timekeeper = g->queue;
  return g->queue;
}

static void used(gil *g, gil_thread *t, enum release_kind kind, uint64_t used_ns, uint64_t now) {
  (void)g, (void)t, (void)kind, (void)used_ns, (void)now;
}

const struct gil_policy gil_policy_fifo = {.name = "fifo",
                                           .ticks = false,
                                           .near = false,
                                           .hands_over = true,
                                           .enqueue = enqueue,
                                           .claim = claim,
                                           .plan = plan,
                                           .quick = quick,
                                           .attend = attend,
                                           .used = used};
