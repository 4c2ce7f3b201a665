/* experiment.c: the supervisor: forks the subject, waits for its report, and writes one itself
 * where the subject cannot any more. It does the same for a single Lua function (exp_apart). The
 * subject leads a process group, so one kill ends it, its workers and whatever they started. */
#include "runner.h"

#include <gilt/mp.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define THE_TASK 1 /* the pool knows one: the sample */

struct sample {
  const struct exp_spec *spec;
  struct exp_board *board;
  struct exp_report *report;
  lua_State *L; /* exp_apart: the function and its arguments are on its stack; else NULL */
  int nargs;
  mp_pool *pool;
  bool have_report;
  bool stopped;
};

/* ---- in the subject ---- */

static int subject_main(mp_worker *self, void *arg) {
  const struct sample *sample = arg;
  struct exp_report report;
  struct wire_buf out = {0};
  mp_task task;
  if (mp_worker_next(self, &task) != GILT_OK) return 0;
  if (!exp_report_init(&report, sample->spec->workers, sample->spec->tasks))
    return RUN_STATUS_FAILED;
  exp_subject(sample->spec, sample->board, &report);
  int rc = exp_report_pack(&report, &out);
  rc = rc == GILT_OK ? mp_worker_result(self, out.bytes, out.len) : mp_worker_fault(self, NULL, 0);
  (void)fflush(NULL);
  /* The memory goes with the process. */
  return rc == GILT_OK ? 0 : RUN_STATUS_FAILED;
}

/* The caller's own interpreter, copied by the fork, with the function on its stack. */
static int apart_main(mp_worker *self, void *arg) {
  const struct sample *sample = arg;
  struct exp_error error = {0};
  struct wire_buf out = {0};
  mp_task task;
  int rc = GILT_OK;
  if (mp_worker_next(self, &task) != GILT_OK) return 0;
  subject_redirect_streams();
  atomic_store_explicit(&sample->board->phase, EXP_LOADING,
                        memory_order_relaxed); /* read after our death */
  if (lua_pcall(sample->L, sample->nargs, 1, 0) != LUA_OK) {
    const char *message = lua_tostring(sample->L, -1); /* NULL: not a string */
    exp_error_set(&error, EXP_ERROR, 0, 0, message != NULL ? message : "error object", NULL);
  } else {
    rc = worker_encode(sample->L, &out, 0, 0, &error); /* the error says it too */
  }
  if (error.kind == EXP_NONE) {
    rc = mp_worker_result(self, out.bytes, out.len);
  } else {
    out.len = 0;
    rc = exp_error_pack(&error, &out);
    if (rc == GILT_OK) rc = mp_worker_fault(self, out.bytes, out.len);
  }
  (void)fflush(NULL);
  return rc == GILT_OK ? 0 : RUN_STATUS_FAILED;
}

/* ---- in the supervisor ---- */

static const char *phase_text(int phase) {
  switch ((enum exp_phase)phase) {
  case EXP_STARTING: return "while it started";
  case EXP_LOADING: return "while the file was loaded";
  case EXP_SETTING_UP: return "in setup";
  case EXP_WORKING: return "while the tasks ran";
  case EXP_CLEANING_UP: return "while it cleaned up";
  case EXP_CHECKING: return "in check";
  }
  return "somewhere";
}

/* The task that is to blame, as far as one can tell from outside: workers take tasks in order, so
 * the one with the smallest number has been on it for longest. After a crash only a single one is
 * named. */
static void blame(struct sample *sample, struct exp_error *error, bool single) {
  int active = 0;
  for (int w = 1; w <= sample->spec->workers; w++) {
    uint64_t task = atomic_load_explicit(&sample->board->task[w], memory_order_relaxed);
    if (task == 0) continue;
    active++;
    if (error->task != 0 && error->task < task) continue;
    error->task = task;
    error->worker = w;
  }
  if (single && active != 1) {
    error->task = 0;
    error->worker = 0;
  }
}

/* Of an exit: the worker that called it has said so. */
static void blame_exit(struct sample *sample, struct exp_error *error) {
  int w = atomic_load_explicit(&sample->board->exiting, memory_order_relaxed);
  if (w == 0) {
    blame(sample, error, true);
    return;
  }
  error->worker = w;
  error->task = atomic_load_explicit(&sample->board->task[w], memory_order_relaxed);
}

static void write_obituary(struct sample *sample, const mp_event *ev) {
  struct exp_error *error = &sample->report->error;
  const char *where = phase_text(atomic_load_explicit(&sample->board->phase, memory_order_relaxed));
  char message[160];
  if (ev->cause == MP_CAUSE_TASK_TIMEOUT) {
    (void)snprintf(message, sizeof message, "no end after %.3g s, %s",
                   (double)sample->spec->timeout_ns / 1e9, where);
    exp_error_set(error, EXP_TIMEOUT, 0, 0, message, NULL);
    blame(sample, error, false);
  } else if (ev->cause == MP_CAUSE_PROTOCOL) {
    exp_error_set(error, EXP_RUNNER, 0, 0, "the measuring process sent malformed data", NULL);
  } else if (ev->signal != 0) {
    (void)snprintf(message, sizeof message, "killed by %s %s", strsignal(ev->signal), where);
    exp_error_set(error, EXP_SIGNAL, 0, 0, message, NULL);
    error->signal = ev->signal;
    blame(sample, error, true);
  } else {
    (void)snprintf(message, sizeof message, "exited with status %d %s", ev->status, where);
    exp_error_set(error, EXP_EXIT, 0, 0, message, NULL);
    error->status = ev->status;
    blame_exit(sample, error);
  }
}

static void take_report(struct sample *sample, const mp_event *ev) {
  struct exp_report report;
  int rc = exp_report_unpack(ev->data, ev->len, &report);
  if (rc != GILT_OK || report.workers != sample->spec->workers ||
      report.tasks != sample->spec->tasks) {
    if (rc == GILT_OK) exp_report_fini(&report);
    exp_error_set(
        &sample->report->error, rc == GILT_ENOMEM ? EXP_MEMORY : EXP_RUNNER, 0, 0,
        rc == GILT_ENOMEM ? "not enough memory for the results" : "the report is malformed", NULL);
    return;
  }
  exp_report_fini(sample->report);
  *sample->report = report;
  sample->have_report = true;
}

static void take_value(struct sample *sample, const mp_event *ev) {
  struct exp_report *report = sample->report;
  sample->have_report = true;
  if (!wire_append(&report->results[0], ev->data, ev->len))
    exp_error_set(&report->error, EXP_MEMORY, 0, 0, "not enough memory for the result", NULL);
}

static void take_fault(struct sample *sample, const mp_event *ev) {
  struct exp_error *error = &sample->report->error;
  sample->have_report = true;
  if (sample->L == NULL || exp_error_unpack(ev->data, ev->len, error) != GILT_OK)
    exp_error_set(error, EXP_MEMORY, 0, 0, "not enough memory to send the results", NULL);
}

static void handle(struct sample *sample, const mp_event *ev) {
  switch (ev->kind) {
  case MP_RESULT:
    if (sample->L != NULL)
      take_value(sample, ev);
    else
      take_report(sample, ev);
    break;
  case MP_FAULT: take_fault(sample, ev); break;
  case MP_EXITED:
    if (!sample->have_report && !sample->stopped) write_obituary(sample, ev);
    break;
  case MP_READY:
  case MP_NOTE:
  case MP_ABANDONED: break;
  }
}

static void supervise(struct sample *sample, int wake_fd, bool (*stop)(void)) {
  mp_pool_set_wake_fd(sample->pool, wake_fd);
  for (;;) {
    mp_event ev;
    int rc = mp_pool_wait(sample->pool, -1, &ev);
    if (rc == GILT_ECLOSED) return;
    if (rc == GILT_OK) handle(sample, &ev);
    if (!sample->stopped && stop != NULL && stop()) {
      sample->stopped = true;
      mp_pool_set_wake_fd(sample->pool, -1);
      mp_pool_kill(sample->pool);
    }
    if (rc == GILT_OK || rc == GILT_EINTERRUPTED) continue;
    exp_error_set(&sample->report->error, EXP_RUNNER, 0, 0, gilt_strerror(rc), NULL);
    return;
  }
}

static void hook_prepare(void *t) { rt_fork_prepare(t); }
static void hook_parent(void *t) { rt_fork_parent(t); }
static void hook_child(void *t) { rt_fork_child(t); }

static int start(struct sample *sample) {
  mp_pool_options opt = {.workers = 1,
                         .main = sample->L != NULL ? apart_main : subject_main,
                         .arg = sample,
                         .group = MP_GROUP_OWN,
                         .task_timeout_ns = sample->spec->timeout_ns,
                         .grace_ns = 50000000};
  rt_thread *t = rt_self();
  if (t != NULL)
    opt.hooks = (mp_fork_hooks){
        .prepare = hook_prepare, .parent = hook_parent, .child = hook_child, .arg = t};
  int rc = mp_pool_create(&opt, &sample->pool);
  if (rc != GILT_OK) return rc;
  if ((rc = mp_pool_submit(sample->pool, THE_TASK, NULL, 0)) != GILT_OK) {
    mp_pool_destroy(sample->pool);
    return rc;
  }
  mp_pool_close(sample->pool);
  return GILT_OK;
}

static void run(struct sample *sample, int wake_fd, bool (*stop)(void)) {
  int rc = start(sample);
  if (rc != GILT_OK) {
    char message[128];
    (void)snprintf(message, sizeof message, "cannot fork: %s",
                   rc == GILT_ESYS ? strerror(errno) : gilt_strerror(rc));
    exp_error_set(&sample->report->error, EXP_RUNNER, 0, 0, message, NULL);
    return;
  }
  rt_thread *t = rt_self();
  if (t != NULL) rt_block_begin(t, GIL_BLOCKED_IO);
  supervise(sample, wake_fd, stop);
  mp_pool_destroy(sample->pool);
  if (t != NULL) rt_block_end(t);
  sample->report->interrupted = sample->stopped;
}

static bool refused(const struct exp_spec *spec, struct exp_report *report) {
  char message[128];
  int max = spec->runner->workers_max != 0 ? spec->runner->workers_max : EXP_WORKERS_MAX;
  if (spec->runner->needs_gil && !GILT_GIL) {
    (void)snprintf(message, sizeof message, "this build has no GIL, which mode %s needs",
                   spec->runner->name);
  } else if (spec->workers > max) {
    (void)snprintf(message, sizeof message, "mode %s takes at most %d workers, not %d",
                   spec->runner->name, max, spec->workers);
  } else {
    return false;
  }
  exp_error_set(&report->error, EXP_RUNNER, 0, 0, message, NULL);
  return true;
}

static void run_with_board(struct sample *sample, int wake_fd, bool (*stop)(void)) {
  sample->board =
      mmap(NULL, sizeof *sample->board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (sample->board == MAP_FAILED) {
    exp_error_set(&sample->report->error, EXP_MEMORY, 0, 0, "not enough memory", NULL);
    return;
  }
  run(sample, wake_fd, stop);
  (void)munmap(sample->board, sizeof *sample->board);
}

void exp_sample(const struct exp_spec *spec, int wake_fd, bool (*stop)(void),
                struct exp_report *out) {
  struct sample sample = {.spec = spec, .report = out};
  if (!refused(spec, out)) run_with_board(&sample, wake_fd, stop);
}

void exp_apart(lua_State *L, int nargs, uint64_t timeout_ns, int wake_fd, bool (*stop)(void),
               struct exp_report *out) {
  struct exp_spec spec = {.workers = 1, .tasks = 1, .timeout_ns = timeout_ns};
  struct sample sample = {.spec = &spec, .report = out, .L = L, .nargs = nargs};
  run_with_board(&sample, wake_fd, stop);
  lua_pop(L, nargs + 1);
}
