/* toggle.h: what the seam to gilt's own core and toggle.c share. */
#ifndef GILT_TOGGLE_H
#define GILT_TOGGLE_H

#include "runtime_impl.h"

static inline unsigned rt_mode(const gilt_runtime *rt) {
  /* [mode] seq_cst: pairs with the stores in toggle.c, around which the world is stopped. */
  return atomic_load_explicit(&rt->mode, memory_order_seq_cst);
}

/* Does t's way in fit the mode? */
static inline bool rt_mode_fits(const rt_thread *t) {
  return rt_mode(t->rt) == (t->locked || !GILT_GIL ? 0u : (unsigned)RT_MODE_FREE);
}

void rt_settle(rt_thread *t); /* inside, and it does not fit: out, and in again */
void rt_rematch(
    rt_thread *t); /* outside: gives the lock up if it has it, takes it if it needs it */
void rt_left(gilt_runtime *rt); /* a thread went outside, and somebody waits for that */
/* The world stopped, by t: no other thread is inside, nobody has the service state. */
bool rt_alone(rt_thread *t);

#endif
