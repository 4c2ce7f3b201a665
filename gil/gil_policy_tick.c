/* gil_policy_tick.c: CPython up to 3.1. The interpreter offers the lock every 100 instructions:
 * frees it, signals one waiter and takes it again, mostly before the waiter is awake (a failed
 * wake-up). No bound on waiting. */
#include "gil_impl.h"

static void enqueue(gil *g, gil_thread *t, enum release_kind arrived, uint64_t away_ns) {
  (void)arrived, (void)away_ns;
  gil_queue_insert(g, t, NULL);
}

static gil_thread *claim(gil *g, gil_thread *t, uint64_t word, uint64_t now) {
  (void)g, (void)word, (void)now;
  return t;
}

static struct wait_plan plan(gil *g, gil_thread *t, uint64_t now) {
  (void)g, (void)t, (void)now;
  return (struct wait_plan){.spin_ns = 0, .deadline_ns = OS_FOREVER};
}

static gil_thread *quick(gil *g, gil_thread *t) {
  (void)t;
  return g->queue;
}

/* The request stands as long as anyone waits; the interpreter looks every 100 instructions. */
static gil_thread *attend(gil *g) {
  atomic_store_explicit(&g->line.attention, g->waiters > 0, memory_order_relaxed);
  if (g->holder != NULL &&
      !gil_word_free(atomic_load_explicit(&g->line.word, memory_order_relaxed)))
    atomic_store_explicit(&g->holder->drop_wanted, g->waiters > 0, memory_order_relaxed);
  return NULL;
}

static void used(gil *g, gil_thread *t, enum release_kind kind, uint64_t used_ns, uint64_t now) {
  (void)g, (void)t, (void)kind, (void)used_ns, (void)now;
}

const struct gil_policy gil_policy_tick = {.name = "tick",
                                           .ticks = true,
                                           .near = false,
                                           .hands_over = false,
                                           .enqueue = enqueue,
                                           .claim = claim,
                                           .plan = plan,
                                           .quick = quick,
                                           .attend = attend,
                                           .used = used};
