/* gil_queue.c: the line of waiters. All with mtx held. */
#include "gil_impl.h"

void gil_queue_insert(gil *g, gil_thread *t,
                      bool (*may_pass)(const gil_thread *, const gil_thread *)) {
  gil_thread *before = NULL, *prev = NULL;
  for (gil_thread *u = g->queue; u != NULL; prev = u, u = u->next) {
    if (may_pass != NULL && may_pass(t, u)) {
      before = u;
      break;
    }
  }
  t->next = before;
  t->prev = prev;
  if (prev != NULL)
    prev->next = t;
  else
    g->queue = t;
  if (before != NULL) before->prev = t;
  t->queued = true;
  g->waiters++;
}

void gil_queue_remove(gil *g, gil_thread *t) {
  if (!t->queued) return;
  if (t->prev != NULL)
    t->prev->next = t->next;
  else
    g->queue = t->next;
  if (t->next != NULL) t->next->prev = t->prev;
  t->next = t->prev = NULL;
  t->queued = false;
  g->waiters--;
}
