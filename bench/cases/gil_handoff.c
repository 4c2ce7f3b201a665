/* gil_handoff.c: two threads that hand the lock to each other, both on one core and on two, against
 * a bare futex ping-pong in the same places. Bar, on one core: 1.2. */
#include "gil_case.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

struct pair {
  const char *policy;
  long turns;
  int cpu[2];
};

static void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((size_t)cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

/* ---- ours ---- */

struct player {
  gil *g;
  const struct pair *pair;
  int cpu;
  _Atomic int *ready;
};

static void *play_gil(void *arg) {
  struct player *p = arg;
  gil_thread *t;
  pin(p->cpu);
  if (gil_attach(p->g, "player", NULL, &t) != GILT_OK) abort();
  gil_set_class(t, GIL_CLASS_THROUGHPUT, 0);
  gil_acquire(t);
  atomic_fetch_add(p->ready, 1);
  while (atomic_load(p->ready) < 2) gil_give_way(t); /* until the other one has had it */
  for (long i = 0; i < p->pair->turns; i++) gil_give_way(t);
  gil_block_begin(t, GIL_DETACHED);
  gil_detach(t);
  return NULL;
}

static double gil_ping(void *arg) {
  const struct pair *pair = arg;
  gil *g;
  gil_options opt = {.policy = pair->policy, .interval_ns = GIL_INTERVAL_MAX_NS};
  _Atomic int ready = 0;
  if (gil_create(&opt, &g) != GILT_OK) abort();
  struct player p[2];
  pthread_t id[2];
  uint64_t start = case_now_ns();
  for (int i = 0; i < 2; i++) {
    p[i] = (struct player){.g = g, .pair = pair, .cpu = pair->cpu[i], .ready = &ready};
    if (pthread_create(&id[i], NULL, play_gil, &p[i]) != 0) abort();
  }
  for (int i = 0; i < 2; i++) pthread_join(id[i], NULL);
  double each = (double)(case_now_ns() - start) / (double)(2 * pair->turns);
  gil_destroy(g);
  return each;
}

/* ---- bare ---- */

struct ball {
  _Atomic uint32_t whose[2];
  const struct pair *pair;
};

struct futex_player {
  struct ball *ball;
  int me;
};

static void *play_futex(void *arg) {
  struct futex_player *p = arg;
  struct ball *b = p->ball;
  _Atomic uint32_t *mine = &b->whose[p->me], *other = &b->whose[1 - p->me];
  pin(b->pair->cpu[p->me]);
  for (long i = 0; i < b->pair->turns; i++) {
    while (atomic_load_explicit(mine, memory_order_acquire) == 0)
      syscall(SYS_futex, mine, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    atomic_store_explicit(mine, 0, memory_order_relaxed);
    atomic_store_explicit(other, 1, memory_order_release);
    syscall(SYS_futex, other, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  }
  return NULL;
}

static double futex_ping(void *arg) {
  struct ball b = {.pair = arg};
  struct futex_player p[2];
  pthread_t id[2];
  atomic_init(&b.whose[0], 1);
  uint64_t start = case_now_ns();
  for (int i = 0; i < 2; i++) {
    p[i] = (struct futex_player){.ball = &b, .me = i};
    if (pthread_create(&id[i], NULL, play_futex, &p[i]) != 0) abort();
  }
  for (int i = 0; i < 2; i++) pthread_join(id[i], NULL);
  return (double)(case_now_ns() - start) / (double)(2 * b.pair->turns);
}

int main(int argc, char **argv) {
  bool smoke = case_smoke(argc, argv);
  struct pair pair = {.policy = "adaptive", .turns = smoke ? 200 : 10000};
  int rounds = smoke ? 3 : 11;
  cpu_set_t set;
  int cpus[2], n = 0;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  for (int i = 0; i < CPU_SETSIZE && n < 2; i++)
    if (CPU_ISSET((size_t)i, &set)) cpus[n++] = i;
  pair.cpu[0] = pair.cpu[1] = cpus[0];
  case_compare("hand-off, one core, adaptive", "futex ping-pong", 1.2, rounds, gil_ping, futex_ping,
               &pair);
  pair.policy = "fifo";
  case_compare("hand-off, one core, fifo", "futex ping-pong", 1.2, rounds, gil_ping, futex_ping,
               &pair);
  if (n > 1) {
    pair.policy = "adaptive";
    pair.cpu[1] = cpus[1];
    case_compare("hand-off, two cores, adaptive", "futex ping-pong", 1.2, rounds, gil_ping,
                 futex_ping, &pair);
  }
  return 0;
}
