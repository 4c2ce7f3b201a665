/* gil_books_work.c: what gil_books.c times, built once with the lock's accounting and once without:
 * modules that each have a lock of their own, so that both run in one process. */
#include "gil_books.h"

#include <gilt/gil.h>
#include <gilt/gil_inline.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static uint64_t cpu_now(void) {
  struct timespec ts;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

struct player {
  gil *g;
  long turns;
  enum books_work work;
  gil_thread *lock;
  _Atomic int asked;
};

static void poke(void *arg) {
  struct player *p = arg;
  atomic_store_explicit(&p->asked, 1, memory_order_relaxed);
}

/* A thread that computes: a chunk of about a microsecond, then a safepoint. */
static void compute(struct player *p) {
  volatile uint64_t x = 1;
  for (long i = 0; i < p->turns; i++) {
    for (int k = 0; k < 300; k++) x = x * 3 + 1;
    if (atomic_load_explicit(&p->asked, memory_order_relaxed)) {
      atomic_store_explicit(&p->asked, 0, memory_order_relaxed);
      gil_yield(p->lock);
    }
  }
}

static void play(struct player *p) {
  switch (p->work) {
  case BOOKS_COMPUTE: compute(p); return;
  case BOOKS_SHORT:
    for (long i = 0; i < p->turns; i++) {
      gil_release_inline(p->lock);
      gil_acquire_inline(p->lock);
    }
    return;
  case BOOKS_BLOCK: /* what a system call that blocks does, without the call */
    for (long i = 0; i < p->turns; i++) {
      gil_block_begin(p->lock, GIL_BLOCKED_IO);
      gil_block_end(p->lock);
    }
    return;
  case BOOKS_READ: /* and with one, the cheapest */
    for (long i = 0; i < p->turns; i++) {
      gil_block_begin(p->lock, GIL_BLOCKED_IO);
      sched_yield();
      gil_block_end(p->lock);
    }
    return;
  }
}

static void *player_main(void *arg) {
  struct player *p = arg;
  if (gil_attach(p->g, "player", p, &p->lock) != GILT_OK) abort();
  gil_acquire(p->lock);
  play(p);
  gil_block_begin(p->lock, GIL_DETACHED);
  gil_detach(p->lock);
  return NULL;
}

/* CPU time of the process per turn, ns. */
__attribute__((visibility("default"))) double books_run(enum books_work work, int threads,
                                                        long turns) {
  gil *g;
  gil_options opt = {.poke = poke, .interval_ns = work == BOOKS_COMPUTE ? 500000 : 0};
  if (gil_create(&opt, &g) != GILT_OK) abort();
  struct player p[8];
  pthread_t id[8];
  uint64_t start = cpu_now();
  for (int i = 0; i < threads; i++) {
    p[i] = (struct player){.g = g, .turns = turns / threads, .work = work};
    if (pthread_create(&id[i], NULL, player_main, &p[i]) != 0) abort();
  }
  for (int i = 0; i < threads; i++) pthread_join(id[i], NULL);
  double each = (double)(cpu_now() - start) / (double)turns;
  gil_destroy(g);
  return each;
}
