/* gil_uncontended.c: a release and the taking again, against a pthread mutex pair, while a second
 * thread is alive and attached (so nothing can be left out because the process has one thread).
 * As the interpreter does it (inlined, gil_inline.h), and through the two functions.
 * Bars: 0.7 of the mutex pair; 10 ns where a compare-and-swap costs 7, that is 10/7 of what it costs
 * in the same run: both double while another thread computes on the same core. */
#include "gil_case.h"

#include <gilt/gil_inline.h>

struct both {
  gil_thread *t;
  pthread_mutex_t mtx;
  _Atomic uint64_t word;
  long pairs;
};

static double gil_pair(void *arg) {
  struct both *b = arg;
  uint64_t start = case_now_ns();
  for (long i = 0; i < b->pairs; i++) {
    gil_release(b->t);
    gil_acquire(b->t);
  }
  return (double)(case_now_ns() - start) / (double)b->pairs;
}

static double inlined_pair(void *arg) {
  struct both *b = arg;
  uint64_t start = case_now_ns();
  for (long i = 0; i < b->pairs; i++) {
    gil_release_inline(b->t);
    gil_acquire_inline(b->t);
  }
  return (double)(case_now_ns() - start) / (double)b->pairs;
}

static double mutex_pair(void *arg) {
  struct both *b = arg;
  uint64_t start = case_now_ns();
  for (long i = 0; i < b->pairs; i++) {
    pthread_mutex_lock(&b->mtx);
    pthread_mutex_unlock(&b->mtx);
  }
  return (double)(case_now_ns() - start) / (double)b->pairs;
}

static double swap(void *arg) {
  struct both *b = arg;
  uint64_t start = case_now_ns();
  for (long i = 0; i < b->pairs; i++) {
    uint64_t seen = (uint64_t)i;
    atomic_compare_exchange_strong_explicit(&b->word, &seen, (uint64_t)i + 1, memory_order_acquire,
                                            memory_order_relaxed);
  }
  double each = (double)(case_now_ns() - start) / (double)b->pairs;
  atomic_store(&b->word, 0);
  return each;
}

static _Atomic int stop;

static void *second_thread(void *g) {
  gil_thread *t;
  if (gil_attach(g, "second", NULL, &t) != GILT_OK) abort();
  while (!atomic_load(&stop)) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  gil_detach(t);
  return NULL;
}

int main(int argc, char **argv) {
  bool smoke = case_smoke(argc, argv);
  static struct both b = {.mtx = PTHREAD_MUTEX_INITIALIZER};
  gil *g;
  pthread_t second;
  b.pairs = smoke ? 1000 : 2000000;
  if (gil_create(NULL, &g) != GILT_OK || gil_attach(g, "main", NULL, &b.t) != GILT_OK) return 1;
  if (pthread_create(&second, NULL, second_thread, g) != 0) return 1;
  gil_acquire(b.t);
  int rounds = smoke ? 3 : 21;
  case_compare("release + acquire, inlined", "mutex lock + unlock", 0.7, rounds, inlined_pair,
               mutex_pair, &b);
  case_compare("release + acquire, inlined", "one compare-and-swap", 10.0 / 7, rounds, inlined_pair,
               swap, &b);
  case_compare("the same, called", "mutex lock + unlock", 0.7, rounds, gil_pair, mutex_pair, &b);
  case_compare("the same, called", "one compare-and-swap", 10.0 / 7, rounds, gil_pair, swap, &b);
  gil_release(b.t);
  atomic_store(&stop, 1);
  pthread_join(second, NULL);
  gil_detach(b.t);
  gil_destroy(g);
  return 0;
}
