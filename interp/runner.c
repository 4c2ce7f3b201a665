/* runner.c: the table of modes, and what all runners do alike: a worker's life between the barrier
 * and its last task. */
#include "runner.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

const struct runner *const runners[] = {&run_serial,    &run_threads,
#if GILT_OWN_CORE
                                        &run_free,
#endif
                                        &run_processes, &run_isolates, NULL};

const struct runner *runner_find(const char *name) {
  for (const struct runner *const *r = runners; *r != NULL; r++)
    if (strcmp((*r)->name, name) == 0) return *r;
  return NULL;
}

/* ---- the lock's counters ---- */

void exp_lock_add(struct exp_lock *sum, const struct exp_lock *more) {
  sum->hold_ns += more->hold_ns;
  sum->wait_ns += more->wait_ns;
  sum->acquisitions += more->acquisitions;
  sum->contended += more->contended;
  sum->switches_requested += more->switches_requested;
  sum->switches_voluntary += more->switches_voluntary;
}

void exp_lock_since(const gil_stats *before, const gil_stats *after, struct exp_lock *out) {
  *out = (struct exp_lock){
      .hold_ns = after->hold_ns - before->hold_ns,
      .wait_ns = after->wait_ns - before->wait_ns,
      .acquisitions = after->acquisitions - before->acquisitions,
      .contended = after->contended - before->contended,
      .switches_requested = after->switches_requested - before->switches_requested,
      .switches_voluntary = after->switches_voluntary - before->switches_voluntary,
  };
}

/* ---- measuring ---- */

static uint64_t thread_cpu_ns(void) {
  struct timespec ts;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

/* How long this thread has been in a run queue: ready, and no processor for it. In the second field
 * of its schedstat; 0 in a kernel without it. */
static uint64_t thread_runq_ns(void) {
  char text[96];
  int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, text, sizeof text - 1);
  (void)close(fd);
  if (n <= 0) return 0;
  text[n] = '\0';
  char *second, *end;
  (void)strtoull(text, &second, 10);
  unsigned long long ns = strtoull(second, &end, 10);
  return end != second ? ns : 0;
}

static void lock_stats(struct worker *w, gil_stats *out) {
  memset(out, 0, sizeof *out);
#if GILT_GIL
  gil_total_stats(gilt_lock(w->rt), out);
#else
  (void)w;
#endif
}

void worker_begin(struct worker *w) {
  struct rusage u;
  (void)getrusage(RUSAGE_THREAD, &u);
  w->nvcsw = (uint64_t)u.ru_nvcsw;
  w->nivcsw = (uint64_t)u.ru_nivcsw;
  w->minflt = (uint64_t)u.ru_minflt;
  w->majflt = (uint64_t)u.ru_majflt;
  lock_stats(w, &w->lock);
  w->runq_ns = thread_runq_ns();
  w->cpu_ns = thread_cpu_ns();
}

void worker_end(struct worker *w) {
  struct exp_worker *out = w->out;
  out->finished_ns = rt_now_ns();
  out->cpu_ns = thread_cpu_ns() - w->cpu_ns;
  uint64_t runq_ns = thread_runq_ns();
  out->runq_ns = runq_ns > w->runq_ns ? runq_ns - w->runq_ns : 0;
  struct rusage u;
  (void)getrusage(RUSAGE_THREAD, &u);
  out->nvcsw = (uint64_t)u.ru_nvcsw - w->nvcsw;
  out->nivcsw = (uint64_t)u.ru_nivcsw - w->nivcsw;
  out->minflt = (uint64_t)u.ru_minflt - w->minflt;
  out->majflt = (uint64_t)u.ru_majflt - w->majflt;
  gil_stats now;
  lock_stats(w, &now);
  exp_lock_since(&w->lock, &now, &out->lock);
}

/* ---- which mode is this? Asked of the system, not of the spec ---- */

static const char *observed_mode(const struct worker *w) {
  const struct subject *s = w->s;
  if ((int)getpid() != s->pid) return "processes";
  if ((int)syscall(SYS_gettid) == s->tid) return "serial";
  if (w->rt != s->rt) return "isolates";
  return rt_locks(w->t) ? "threads" : "free";
}

bool worker_prepare(struct worker *w, struct subject *s, int number, gilt_runtime *rt,
                    lua_State *L) {
  w->s = s;
  w->number = number;
  w->rt = rt;
  w->t = rt_self();
  w->L = L;
  w->out = &s->report->per_worker[number - 1];
  const char *mode = observed_mode(w);
  const char *wanted = s->spec->runner->name;
  (void)snprintf(w->out->mode, sizeof w->out->mode, "%s", mode);
  w->t->worker = (rt_worker_info){.mode = wanted, .worker = number, .workers = s->spec->workers};
  if (strcmp(mode, wanted) != 0) {
    struct exp_error error = {0};
    char message[128];
    (void)snprintf(message, sizeof message, "the worker found itself in mode %s, not %s", mode,
                   wanted);
    exp_error_set(&error, EXP_RUNNER, 0, number, message, NULL);
    w->fail(w, &error);
    exp_error_clear(&error);
    return false;
  }
  return worker_push(w);
}

/* ---- tasks ---- */

bool worker_next_shared(struct worker *w, uint64_t *task_out) {
  uint64_t task = atomic_fetch_add_explicit(&w->s->next, 1, memory_order_relaxed);
  *task_out = task;
  return task <= w->s->spec->tasks;
}

void worker_fail_shared(struct worker *w, const struct exp_error *error) {
  subject_fail_with(w->s, error);
}

/* The worker that this thread is, while it has tasks. */
static _Thread_local const struct worker *at_work;

/* exit calls this in the thread that called exit: others may be on tasks of their own just then. */
static void note_exit(void) {
  if (at_work != NULL)
    atomic_store_explicit(&at_work->s->board->exiting, at_work->number, memory_order_relaxed);
}

void runner_watch_exit(void) {
  if (atexit(note_exit) != 0) return; /* then who exited may stay unknown */
}

void worker_run(struct worker *w) {
  uint64_t task;
  at_work = w;
  _Atomic uint64_t *on = &w->s->board->task[w->number];
  while (w->next(w, &task)) {
    atomic_store_explicit(on, task, memory_order_relaxed);
    if (worker_call(w, task)) {
      w->keep(w, task);
      w->out->tasks++;
    } else {
      w->fail(w, &w->error);
      exp_error_clear(&w->error);
    }
    atomic_store_explicit(on, 0, memory_order_relaxed);
  }
  at_work = NULL;
}

/* ---- gate ---- */

void gate_init(struct gate *g) {
  *g = (struct gate){.waiting = 0};
  pthread_mutex_init(&g->mtx, NULL);
  pthread_cond_init(&g->arrived, NULL);
  pthread_cond_init(&g->opened, NULL);
}

void gate_fini(struct gate *g) {
  pthread_cond_destroy(&g->opened);
  pthread_cond_destroy(&g->arrived);
  pthread_mutex_destroy(&g->mtx);
}

void gate_pass(struct gate *g) {
  pthread_mutex_lock(&g->mtx);
  g->waiting++;
  pthread_cond_signal(&g->arrived);
  while (!g->open) pthread_cond_wait(&g->opened, &g->mtx);
  pthread_mutex_unlock(&g->mtx);
}

void gate_await(struct gate *g, int threads) {
  pthread_mutex_lock(&g->mtx);
  while (g->waiting < threads) pthread_cond_wait(&g->arrived, &g->mtx);
  pthread_mutex_unlock(&g->mtx);
}

void gate_open(struct gate *g) {
  pthread_mutex_lock(&g->mtx);
  g->open = true;
  pthread_cond_broadcast(&g->opened);
  pthread_mutex_unlock(&g->mtx);
}
