/* markers.c: threads that help the collector: marking, and jobs that fall into parts.
 *
 * A heap has none until a collection is large enough to pay for waking them, and then keeps them
 * waiting (a few pages of stack each) until lua_close. Between core_pool_open and core_pool_close
 * helpers come as the system schedules them: who comes late finds what is left, and the collector
 * never waits for one that holds no work. They touch no state of a thread, allocate nothing of the
 * heap and block all signals.
 *
 * Everything below `mu` is protected by it, but the two words that are looked at without it. The
 * mutex is a leaf; the world is stopped while it is used.
 *
 * fork: the child has no helpers. It notices at its next collection, forgets the parent's pool, and
 * marks alone unless it is told otherwise (gilt_core_set_markers): its siblings use the other
 * processors. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "core.h"
#include "mark.h"

#define HELPER_STACK (256u * 1024) /* address space; a few pages of it are touched */
#define BYTES_EACH   (2u << 20)    /* heap bytes for which one more marker pays */
#define SPINS        2000          /* looks for work before a helper sleeps: some 10 us */

struct MarkPool {
  Global *g;
  pthread_mutex_t mu;
  pthread_cond_t work; /* for helpers: packets, parts, a session, the end */
  pthread_cond_t idle; /* for the collector: the last busy helper ran out of work */
  Packet *full;
  uint32_t nfull;   /* written under mu; a hint elsewhere, relaxed */
  uint32_t waiting; /* markers without work; likewise */
  uint32_t session; /* odd while open */
  uint32_t wanted;  /* helpers that may join this session */
  uint32_t joined;  /* that did */
  uint32_t busy;    /* of these, with work */
  bool collector;   /* the collector waits for packets */
  Found found;      /* by helpers, until the collector takes it */
  core_job job;     /* NULL: none */
  void *job_ud;
  uint32_t parts, next_part, parts_done;
  bool quit;
  pid_t pid;
  uint32_t nthread;
  pthread_t thread[MARKERS_MAX - 1];
};

static uint32_t heaps_open; /* (a) relaxed: how many heaps of this process share the processors */

bool core_pool_hungry(struct MarkPool *p) { return RLX(p->waiting) > RLX(p->nfull); }

void core_pool_give(struct MarkPool *p, Packet *list) {
  pthread_mutex_lock(&p->mu);
  list->next = p->full;
  p->full = list;
  RLX_SET(p->nfull, p->nfull + 1);
  pthread_cond_signal(p->collector ? &p->idle : &p->work);
  pthread_mutex_unlock(&p->mu);
}

static Packet *take_locked(struct MarkPool *p) {
  Packet *q = p->full;
  if (q != NULL) {
    p->full = q->next;
    q->next = NULL;
    RLX_SET(p->nfull, p->nfull - 1);
  }
  return q;
}

/* ---- parts of a job ---- */
static bool part_due(const struct MarkPool *p) { return p->job != NULL && p->next_part < p->parts; }

static void do_part_locked(struct MarkPool *p) {
  uint32_t part = p->next_part++;
  core_job job = p->job;
  void *ud = p->job_ud;
  pthread_mutex_unlock(&p->mu);
  job(p->g, part, ud);
  pthread_mutex_lock(&p->mu);
  if (++p->parts_done == p->parts) pthread_cond_signal(&p->idle);
}

void core_pool_job(Marker *mk, core_job job, uint32_t parts, void *ud) {
  struct MarkPool *p = mk->pool;
  if (p == NULL) {
    for (uint32_t i = 0; i < parts; i++) job(mk->g, i, ud);
    return;
  }
  pthread_mutex_lock(&p->mu);
  p->job = job;
  p->job_ud = ud;
  p->parts = parts;
  p->next_part = p->parts_done = 0;
  pthread_cond_broadcast(&p->work);
  while (part_due(p)) do_part_locked(p);
  while (p->parts_done < p->parts) pthread_cond_wait(&p->idle, &p->mu);
  p->job = NULL;
  pthread_mutex_unlock(&p->mu);
}

/* ---- helpers ---- */
/* Without mu: a short look out for work, which on an idle processor beats going to sleep. */
static void look_out(const struct MarkPool *p, uint32_t session) {
  for (int i = 0; i < SPINS && RLX(p->nfull) == 0 && RLX(p->session) == session; i++) cpu_relax();
}

/* One session, under mu: marks and does parts until it is closed. */
static void help_locked(struct MarkPool *p, Marker *mk) {
  uint32_t session = p->session;
  bool looked = false;
  core_marker_init(mk, p->g);
  mk->pool = p;
  RLX_SET(p->waiting, p->waiting + 1);
  while (p->session == session) {
    Packet *q = take_locked(p);
    if (q != NULL) {
      p->busy++;
      RLX_SET(p->waiting, p->waiting - 1);
      pthread_mutex_unlock(&p->mu);
      core_marker_add(mk, q);
      core_mark_own(mk);
      pthread_mutex_lock(&p->mu);
      core_found_join(&p->found, &mk->found);
      RLX_SET(p->waiting, p->waiting + 1);
      if (--p->busy == 0) pthread_cond_signal(&p->idle);
      looked = false;
    } else if (part_due(p)) {
      do_part_locked(p);
    } else if (!looked) {
      looked = true;
      pthread_mutex_unlock(&p->mu);
      look_out(p, session);
      pthread_mutex_lock(&p->mu);
    } else {
      pthread_cond_wait(&p->work, &p->mu);
    }
  }
  core_marker_fini(mk);
}

static void *helper(void *arg) {
  struct MarkPool *p = arg;
  Marker mk;
  uint32_t last = 0;
  memset(&mk, 0, sizeof mk);
  pthread_mutex_lock(&p->mu);
  while (!p->quit) {
    if (p->session % 2 == 0 || p->session == last || p->joined >= p->wanted) {
      pthread_cond_wait(&p->work, &p->mu);
      continue;
    }
    last = p->session;
    p->joined++;
    help_locked(p, &mk);
  }
  pthread_mutex_unlock(&p->mu);
  return NULL;
}

static void start_helpers(struct MarkPool *p, uint32_t n) {
  pthread_attr_t attr;
  sigset_t all, old;
  if (p->nthread >= n || pthread_attr_init(&attr) != 0) return;
  pthread_attr_setstacksize(&attr, HELPER_STACK);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  while (p->nthread < n && pthread_create(&p->thread[p->nthread], &attr, helper, p) == 0)
    p->nthread++;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  pthread_attr_destroy(&attr);
}

/* ---- sessions ---- */
static void pool_init(struct MarkPool *p, Global *g) {
  memset(p, 0, sizeof *p);
  p->g = g;
  p->pid = getpid();
  pthread_mutex_init(&p->mu, NULL);
  pthread_cond_init(&p->work, NULL);
  pthread_cond_init(&p->idle, NULL);
}

static uint32_t processors(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int n = CPU_COUNT(&set);
  return n < 1 ? 1 : (uint32_t)n;
}

/* How many markers a heap of `bytes` should have, the collector included. */
static uint32_t markers_for(const Global *g, size_t bytes, bool forked) {
  uint32_t n = g->markers;
  if (n == 0) {
    uint32_t heaps = RLX(heaps_open);
    n = forked ? 1 : processors() / (heaps > 0 ? heaps : 1);
    if (n > bytes / BYTES_EACH) n = (uint32_t)(bytes / BYTES_EACH);
  }
  return n < 1 ? 1 : n > MARKERS_MAX ? MARKERS_MAX : n;
}

void core_pool_open(Marker *mk, size_t bytes) {
  Global *g = mk->g;
  struct MarkPool *p = g->pool;
  mk->pool = NULL;
  if (g->markers == 1 || (g->markers == 0 && bytes < 2 * BYTES_EACH)) return;
  bool forked = g->pid != getpid();
  uint32_t n = markers_for(g, bytes, forked);
  if (n == 1) return;
  if (p == NULL) {
    p = malloc(sizeof *p);
    if (p == NULL) return;
    pool_init(p, g);
    g->pool = p;
  } else if (p->pid != getpid()) {
    pool_init(p, g); /* the parent's threads, and whatever they held, are not here */
  }
  start_helpers(p, n - 1);
  if (p->nthread == 0) return;
  pthread_mutex_lock(&p->mu);
  RLX_SET(p->session, p->session + 1);
  p->wanted = n - 1;
  p->joined = 0;
  pthread_cond_broadcast(&p->work);
  pthread_mutex_unlock(&p->mu);
  mk->pool = p;
}

Packet *core_pool_wait(Marker *mk) {
  struct MarkPool *p = mk->pool;
  bool looked = false;
  pthread_mutex_lock(&p->mu);
  RLX_SET(p->waiting, p->waiting + 1);
  Packet *q;
  while ((q = take_locked(p)) == NULL && p->busy > 0) {
    if (looked) {
      p->collector = true;
      pthread_cond_wait(&p->idle, &p->mu);
      p->collector = false;
      continue;
    }
    looked = true;
    pthread_mutex_unlock(&p->mu);
    look_out(p, p->session); /* only the collector changes it */
    pthread_mutex_lock(&p->mu);
  }
  RLX_SET(p->waiting, p->waiting - 1);
  if (q == NULL) core_found_join(&mk->found, &p->found);
  pthread_mutex_unlock(&p->mu);
  return q;
}

uint32_t core_pool_close(Marker *mk) {
  struct MarkPool *p = mk->pool;
  if (p == NULL) return 0;
  mk->pool = NULL;
  pthread_mutex_lock(&p->mu);
  RLX_SET(p->session, p->session + 1);
  RLX_SET(p->waiting, 0); /* those still in the session leave it without coming back to this */
  uint32_t joined = p->joined;
  pthread_cond_broadcast(&p->work);
  pthread_mutex_unlock(&p->mu);
  return joined;
}

static void pool_destroy(Global *g) {
  struct MarkPool *p = g->pool;
  if (p == NULL) return;
  if (p->pid == getpid()) {
    pthread_mutex_lock(&p->mu);
    p->quit = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->mu);
    for (uint32_t i = 0; i < p->nthread; i++) pthread_join(p->thread[i], NULL);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->idle);
    pthread_mutex_destroy(&p->mu);
  }
  free(p);
  g->pool = NULL;
}

void core_pool_heap_opened(Global *g) {
  g->pid = getpid();
  __atomic_fetch_add(&heaps_open, 1, __ATOMIC_RELAXED);
}
void core_pool_heap_closed(Global *g) {
  pool_destroy(g);
  __atomic_fetch_sub(&heaps_open, 1, __ATOMIC_RELAXED);
}
