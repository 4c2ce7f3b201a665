/* experiment_subject.c: the process that is measured: load, setup, the runner, teardown, check. It
 * is forked for one sample and ends with it. What the caller's interpreter left in it is not
 * touched. */
#include "runner.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void subject_fail_with(struct subject *s, const struct exp_error *error) {
  pthread_mutex_lock(&s->mtx);
  struct exp_error *mine = &s->report->error;
  if (mine->kind == EXP_NONE) {
    exp_error_set(mine, error->kind, error->task, error->worker, error->message, error->traceback);
    mine->signal = error->signal;
    mine->status = error->status;
  }
  pthread_mutex_unlock(&s->mtx);
  /* Workers add one by one: half of the range is out of their reach. */
  atomic_store_explicit(&s->next, UINT64_MAX / 2, memory_order_relaxed);
}

void subject_fail(struct subject *s, enum exp_fault kind, uint64_t task, int worker,
                  const char *message, const char *traceback) {
  struct exp_error error = {0};
  exp_error_set(&error, kind, task, worker, message, traceback);
  subject_fail_with(s, &error);
  exp_error_clear(&error);
}

void subject_phase(struct subject *s, enum exp_phase phase) {
  atomic_store_explicit(&s->board->phase, (int)phase,
                        memory_order_relaxed); /* read after our death */
}

int subject_open(struct subject *s, gilt_runtime **rt_out) {
  const struct exp_spec *spec = s->spec;
  gilt_options opt = {.policy = spec->policy,
                      .interval_ns = spec->interval_ns,
                      .memory_limit = spec->memory_limit,
                      .open_libs = true,
                      .gil_off = spec->runner->gil_off};
  return gilt_open(&opt, rt_out);
}

uint64_t subject_pss_kb(int pid) {
  char path[64], line[256];
  unsigned long long kb = 0;
  (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  while (fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "Pss: %llu kB", &kb) == 1) break;
  (void)fclose(file);
  return kb;
}

/* The subject is in the background of its terminal: reading that would stop it for ever, and so
 * would writing under `stty tostop`. Results of gilt go to stdout, so what a workload prints does
 * not. */
void subject_redirect_streams(void) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0) {
    (void)dup2(null, STDIN_FILENO);
    (void)close(null);
  }
  (void)dup2(STDERR_FILENO, STDOUT_FILENO);
  (void)signal(SIGTTOU, SIG_IGN);
}

static bool start(struct subject *s) {
  int rc = subject_open(s, &s->rt);
  if (rc == GILT_OK) {
    s->L = gilt_state(s->rt);
    s->pid = (int)getpid();
    s->tid = (int)syscall(SYS_gettid);
    return true;
  }
  enum exp_fault kind = rc == GILT_ENOMEM ? EXP_MEMORY : EXP_RUNNER;
  subject_fail(s, kind, 0, 0, rc == GILT_EINVAL ? "no such lock policy" : gilt_strerror(rc), NULL);
  return false;
}

static void sum_up(struct subject *s) {
  struct exp_report *r = s->report;
  uint64_t last = r->started_ns;
  const char *mode = r->per_worker[0].mode;
  for (int i = 0; i < r->workers; i++) {
    const struct exp_worker *w = &r->per_worker[i];
    if (w->finished_ns > last) last = w->finished_ns;
    exp_lock_add(&r->lock, &w->lock);
    if (strcmp(w->mode, mode) != 0) mode = "mixed";
  }
  r->wall_ns = last - r->started_ns;
  (void)snprintf(r->mode, sizeof r->mode, "%s", mode);
  r->gil = GILT_GIL != 0;
}

static bool none_lost(struct subject *s) {
  for (uint64_t i = 0; i < s->spec->tasks; i++) {
    if (s->done_by[i] != 0) continue;
    subject_fail(s, EXP_RUNNER, i + 1, 0, "the task was lost", NULL);
    return false;
  }
  return true;
}

static void work(struct subject *s) {
  const struct runner *runner = s->spec->runner;
  subject_phase(s, EXP_WORKING);
  atomic_store_explicit(&s->next, 1, memory_order_relaxed); /* no worker yet */
  runner->run(s);
  sum_up(s);
  subject_phase(s, EXP_CLEANING_UP);
  if (runner->shared_setup) (void)subject_teardown(s, s->L, 0);
  if (s->report->error.kind != EXP_NONE || !none_lost(s)) return;
  subject_phase(s, EXP_CHECKING);
  (void)subject_check(s, s->L);
}

void exp_subject(const struct exp_spec *spec, struct exp_board *board, struct exp_report *report) {
  struct subject s = {.spec = spec, .board = board, .report = report};
  pthread_mutex_init(&s.mtx, NULL);
  subject_redirect_streams();
  runner_watch_exit();
  report->pid = (int)getpid();
  s.done_by = calloc((size_t)spec->tasks, sizeof *s.done_by);
  if (s.done_by == NULL) {
    subject_fail(&s, EXP_MEMORY, 0, 0, "not enough memory", NULL);
  } else if (start(&s)) {
    subject_phase(&s, EXP_LOADING);
    bool ok = subject_load(&s, s.L, 0);
    if (ok && spec->runner->shared_setup) {
      subject_phase(&s, EXP_SETTING_UP);
      ok = subject_setup(&s, s.L, 0, &report->setup_ns);
    }
    if (ok) work(&s);
  }
  free(s.done_by);
}
