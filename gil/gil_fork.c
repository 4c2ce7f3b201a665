/* gil_fork.c: the lock across fork. prepare takes mtx so that the child's copy is consistent. */
#include "gil_impl.h"

#include <stdlib.h>
#include <string.h>

void gil_fork_prepare(gil_thread *t) {
  if (!gil_held(t)) os_die("gil_fork_prepare: the thread does not hold the lock");
  os_mutex_lock(&t->g->mtx);
}

void gil_fork_parent(gil_thread *t) { os_mutex_unlock(&t->g->mtx); }

void gil_fork_child(gil_thread *t) {
  gil *g = t->g;
  /* We took it in prepare; nobody else is in this process who could have it or wait for it. */
  os_mutex_unlock(&g->mtx);
  gil_thread *next;
  for (gil_thread *u = g->all; u != NULL; u = next) {
    next = u->all_next;
    if (u != t) free(u);
  }
  os_clock_fork_child();
  uint64_t now = os_now_ns();
  t->tid = os_thread_id();
  t->placed = false;
  g->all = t;
  t->all_next = t->all_prev = NULL;
  g->queue = NULL;
  g->waiters = 0;
  g->timekeeper = NULL;
  g->polling = false;
  g->holder = t;
  g->slice_start = now;
  atomic_store_explicit(&g->line.attention, 0, memory_order_relaxed);
  atomic_store_explicit(&t->drop_wanted, false, memory_order_relaxed);
  g->asked_at = g->handoff_since = 0;
  g->planner = NULL;
  gil_stats_clear(g); /* the past threads too: of another process */
  memset(&t->books.stats, 0, sizeof t->books.stats);
  t->quick_base = t->quick + gil_quick_of_hold(t);
  t->books.born = t->books.since = t->books.hold_since = now;
  t->books.lost_at = 0;
  gil_trace_fork_child(g, t);
}
