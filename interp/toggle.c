/* toggle.c: the GIL of a runtime, on and off while its threads run, for a core that can do both.
 *
 * `mode` says how threads go inside. It changes only with the world stopped and nobody else inside:
 *   1. The thread that switches sets SWITCHING and pokes every thread.
 *   2. Who reaches a safepoint, or comes back from a region, finds that its way in does not fit the
 *      mode: it goes outside, gives up the lock if it has it, says so (`left`), and waits until the
 *      switch is over (rt_settle).
 *   3. The switching thread stops the world and looks: as long as another thread is inside (it may
 *      stand anywhere in the core or in C code), the world goes on and it waits for one to leave.
 *   4. Nobody is inside: the core changes, `mode` is stored, the world goes on. Each thread comes
 *      in again by the new way: with the lock, or without. So does the one that switched.
 * A thread whose look at `mode` came before SWITCHING was stored is in the state RUN of the core
 * before it looks, so the world stops only after it, with `inside` to be seen.
 *
 * Who waits in gil_block_end or gil_yield while the lock goes off gets it in its turn, finds that
 * it does not fit, and gives it up. So the lock may be held for a moment while it is off; nobody
 * who holds it then waits for anything but the world. */
#include "toggle.h"

#include <gilt_core.h>

void rt_left(gilt_runtime *rt) {
  pthread_mutex_lock(&rt->mtx);
  rt->left++;
  pthread_cond_broadcast(&rt->switched);
  pthread_mutex_unlock(&rt->mtx);
}

static void wait_for_switch(gilt_runtime *rt) {
  pthread_mutex_lock(&rt->mtx);
  while (rt_mode(rt) & RT_MODE_SWITCHING) pthread_cond_wait(&rt->switched, &rt->mtx);
  pthread_mutex_unlock(&rt->mtx);
}

void rt_rematch(rt_thread *t) {
  rt_give(t);
  wait_for_switch(t->rt);
  rt_take(t);
}

void rt_settle(rt_thread *t) {
  rt_go_outside(t);
  rt_rematch(t);
  rt_go_inside(t);
}

/* ---- the right to switch ---- */

/* With SWITCHING set by us, if true. */
static bool try_begin(gilt_runtime *rt) {
  unsigned now = rt_mode(rt) & RT_MODE_FREE;
  return atomic_compare_exchange_strong_explicit(&rt->mode, &now, now | RT_MODE_SWITCHING,
                                                 memory_order_seq_cst, memory_order_seq_cst);
}

static void end_with(gilt_runtime *rt, unsigned mode) {
  pthread_mutex_lock(&rt->mtx);
  atomic_store_explicit(&rt->mode, mode, memory_order_seq_cst);
  pthread_cond_broadcast(&rt->switched);
  pthread_mutex_unlock(&rt->mtx);
}

void rt_mode_hold(rt_thread *t) {
  while (!try_begin(t->rt)) rt_settle(t);
}

void rt_mode_release(gilt_runtime *rt) { end_with(rt, rt_mode(rt) & RT_MODE_FREE); }

/* ---- switching ---- */

/* In a safe region of the core: a collection does not wait for us. */
static void wait_for_one_to_leave(rt_thread *t, uint64_t seen) {
  gilt_runtime *rt = t->rt;
  gilt_core_enter_safe(t->base);
  pthread_mutex_lock(&rt->mtx);
  while (rt->left == seen) pthread_cond_wait(&rt->switched, &rt->mtx);
  pthread_mutex_unlock(&rt->mtx);
  gilt_core_leave_safe(t->base);
}

static uint64_t count_left(gilt_runtime *rt) {
  pthread_mutex_lock(&rt->mtx);
  uint64_t n = rt->left;
  pthread_mutex_unlock(&rt->mtx);
  return n;
}

/* The world is stopped when it returns, and t the only thread inside. */
static void stop_all(rt_thread *t) {
  for (;;) {
    uint64_t seen = count_left(t->rt);
    gilt_core_stop_world(t->base);
    if (rt_alone(t)) return;
    gilt_core_start_world(t->base);
    rt_poke_all(t->rt);
    wait_for_one_to_leave(t, seen);
  }
}

int rt_set_gil(rt_thread *t, bool on) {
  gilt_runtime *rt = t->rt;
  if (!on && (!GILT_GIL || !rt_core_can_parallel())) return GILT_EUNSUPPORTED;
  while (!try_begin(rt)) rt_settle(t);
  if (on != ((rt_mode(rt) & RT_MODE_FREE) != 0)) { /* it is so already */
    rt_mode_release(rt);
    return GILT_OK;
  }
  stop_all(t);
  (void)gilt_core_set_parallel(t->base, !on);
  end_with(rt, on ? 0 : RT_MODE_FREE);
  gilt_core_start_world(t->base);
  rt_settle(t);
  if (!on) rt_tell_modules(rt);
  return GILT_OK;
}
