/* run_processes.c: mode processes: N forked copies of the subject, an interpreter and a lock each.
 * setup ran before the fork, so ctx is shared copy-on-write. Tasks come from the pool's counter. */
#include "runner.h"

#include <gilt/mp.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- in the worker ---- */

struct sender {
  mp_worker *mp;
  struct wire_buf buf;
  bool parent_gone;
};

static bool child_next(struct worker *w, uint64_t *task_out) {
  struct sender *sender = w->own;
  mp_task task;
  if (sender->parent_gone || mp_worker_next(sender->mp, &task) != GILT_OK) return false;
  *task_out = task.id;
  return true;
}

/* With a task: its answer. Without: a note, which the parent takes for the worker's own failure. */
static void child_fail(struct worker *w, const struct exp_error *error) {
  struct sender *sender = w->own;
  sender->buf.len = 0;
  mp_worker_cancel(sender->mp); /* the sample is void: nobody needs to do more */
  int rc = exp_error_pack(error, &sender->buf);
  if (rc == GILT_OK && error->task != 0) {
    rc = mp_worker_fault(sender->mp, sender->buf.bytes, sender->buf.len);
  } else if (rc == GILT_OK) {
    rc = mp_worker_note(sender->mp, sender->buf.bytes, sender->buf.len);
  }
  sender->parent_gone = rc != GILT_OK;
}

/* Encoding and sending are part of what a task costs in this mode. */
static void child_keep(struct worker *w, uint64_t task) {
  struct sender *sender = w->own;
  struct exp_error error = {0};
  sender->buf.len = 0;
  int rc = worker_encode(w->L, &sender->buf, task, w->number, &error);
  lua_pop(w->L, 1);
  if (rc == GILT_OK) {
    sender->parent_gone =
        mp_worker_result(sender->mp, sender->buf.bytes, sender->buf.len) != GILT_OK;
  } else {
    child_fail(w, &error);
  }
  exp_error_clear(&error);
}

static int child_main(mp_worker *mp, void *arg) {
  struct subject *s = arg;
  struct sender sender = {.mp = mp};
  struct worker w = {.next = child_next, .keep = child_keep, .fail = child_fail, .own = &sender};
  if (!worker_prepare(&w, s, mp_worker_number(mp), s->rt, s->L)) return RUN_STATUS_FAILED;
  if (mp_worker_ready(mp) != GILT_OK) return RUN_STATUS_FAILED;
  worker_begin(&w);
  worker_run(&w);
  worker_end(&w);
  if (mp_worker_note(mp, w.out, sizeof *w.out) != GILT_OK) return RUN_STATUS_FAILED;
  mp_worker_hold(mp); /* the subject measures our memory */
  (void)fflush(NULL);
  return 0;
}

/* ---- in the subject ---- */

struct direction {
  struct subject *s;
  mp_pool *pool;
  int ready, noted, gone;
  bool released;
  uint64_t created_ns;
};

static void note_of(struct direction *d, const mp_event *ev) {
  struct exp_report *report = d->s->report;
  struct exp_error error;
  if (ev->len == sizeof *report->per_worker) {
    memcpy(&report->per_worker[ev->worker - 1], ev->data, ev->len);
    report->per_worker[ev->worker - 1].mode[15] = '\0';
    d->noted++;
  } else if (exp_error_unpack(ev->data, ev->len, &error) == GILT_OK) {
    subject_fail_with(d->s, &error);
    exp_error_clear(&error);
  }
}

static void fault_of(struct direction *d, const mp_event *ev) {
  struct exp_error error;
  int rc = exp_error_unpack(ev->data, ev->len, &error);
  if (rc == GILT_OK) {
    subject_fail_with(d->s, &error);
    exp_error_clear(&error);
  } else {
    subject_fail(d->s, EXP_RUNNER, ev->task, ev->worker, gilt_strerror(rc), NULL);
  }
  mp_pool_cancel(d->pool);
}

static void result_of(struct direction *d, const mp_event *ev) {
  if (ev->task > d->s->spec->tasks) return; /* the pool has checked it */
  if (wire_append(&d->s->report->results[ev->task - 1], ev->data, ev->len)) {
    d->s->done_by[ev->task - 1] = (uint32_t)ev->worker;
  } else {
    subject_fail(d->s, EXP_MEMORY, ev->task, ev->worker, "not enough memory for the result", NULL);
  }
}

static void end_of(struct direction *d, const mp_event *ev) {
  d->gone++;
  if (ev->finished && ev->status == 0) return;
  struct exp_error error = {
      .kind = EXP_EXIT, .task = ev->task, .worker = ev->worker, .status = ev->status};
  char message[96];
  if (ev->signal != 0) {
    error.kind = EXP_SIGNAL;
    error.signal = ev->signal;
    (void)snprintf(message, sizeof message, "killed by %s", strsignal(ev->signal));
  } else if (ev->cause == MP_CAUSE_PROTOCOL) {
    (void)snprintf(message, sizeof message, "sent malformed data");
  } else {
    (void)snprintf(message, sizeof message, "exited with status %d", ev->status);
  }
  if (ev->cause == MP_CAUSE_PROTOCOL) error.kind = EXP_RUNNER;
  error.message = message; /* copied by subject_fail_with */
  subject_fail_with(d->s, &error);
  mp_pool_cancel(d->pool);
}

static void handle(struct direction *d, const mp_event *ev) {
  switch (ev->kind) {
  case MP_READY: d->ready++; break;
  case MP_NOTE: note_of(d, ev); break;
  case MP_RESULT: result_of(d, ev); break;
  case MP_FAULT: fault_of(d, ev); break;
  case MP_EXITED: end_of(d, ev); break;
  case MP_ABANDONED: break; /* no requests in counter mode */
  }
}

static uint64_t memory_kb(const struct direction *d) {
  uint64_t kb = subject_pss_kb(d->s->pid);
  for (int i = 1; i <= d->s->spec->workers; i++) {
    int pid = mp_pool_pid(d->pool, i);
    if (pid != 0) kb += subject_pss_kb(pid);
  }
  return kb;
}

/* Until every worker is gone. They begin together once all are ready, and are let go together once
 * all have done their last task, so that the memory of all of them is there to be measured. */
static void direct(struct direction *d) {
  struct exp_report *report = d->s->report;
  int workers = d->s->spec->workers;
  bool closed = false;
  for (;;) {
    mp_event ev;
    int rc = mp_pool_wait(d->pool, -1, &ev);
    if (rc == GILT_ECLOSED) return;
    if (rc == GILT_EINTERRUPTED) continue;
    if (rc != GILT_OK) {
      subject_fail(d->s, EXP_RUNNER, 0, 0, gilt_strerror(rc), NULL);
      return;
    }
    handle(d, &ev);
    if (!d->released && d->ready + d->gone >= workers) {
      d->released = true;
      report->started_ns = rt_now_ns();
      report->startup_ns = report->started_ns - d->created_ns;
      mp_pool_release(d->pool);
    }
    if (!closed && d->released && d->noted + d->gone >= workers) {
      closed = true;
      report->peak_kb = memory_kb(d);
      mp_pool_close(d->pool);
    }
  }
}

static void hook_prepare(void *t) { rt_fork_prepare(t); }
static void hook_parent(void *t) { rt_fork_parent(t); }
static void hook_child(void *t) { rt_fork_child(t); }

static mp_fork_hooks hooks_of(rt_thread *t) {
  return (mp_fork_hooks){
      .prepare = hook_prepare, .parent = hook_parent, .child = hook_child, .arg = t};
}

static void run(struct subject *s) {
  mp_pool_options opt = {.workers = s->spec->workers,
                         .main = child_main,
                         .arg = s,
                         .hooks = hooks_of(rt_self()),
                         .group = MP_GROUP_SHARED, /* the subject's own: one kill reaches all */
                         .counter_tasks = s->spec->tasks,
                         .hold = true};
  struct direction d = {.s = s, .created_ns = rt_now_ns()};
  int rc = mp_pool_create(&opt, &d.pool);
  if (rc != GILT_OK) {
    char message[128];
    (void)snprintf(message, sizeof message, "cannot fork %d workers: %s", opt.workers,
                   rc == GILT_ESYS ? strerror(errno) : gilt_strerror(rc));
    subject_fail(s, EXP_RUNNER, 0, 0, message, NULL);
    return;
  }
  direct(&d);
  mp_pool_destroy(d.pool);
}

/* ---- a plain script ---- */

static int script_child(mp_worker *mp, void *arg) {
  const struct run_each *each = arg;
  gilt_runtime *rt;
  int rc = gilt_open(each->options, &rt);
  if (rc != GILT_OK) {
    (void)fprintf(stderr, "gilt: worker %d: cannot create an interpreter: %s\n",
                  mp_worker_number(mp), gilt_strerror(rc));
    return RUN_STATUS_FAILED;
  }
  rt_self()->worker = (rt_worker_info){
      .mode = run_processes.name, .worker = mp_worker_number(mp), .workers = mp_worker_count(mp)};
  int status = each->body(gilt_state(rt), each->arg);
  rt_wait_threads(rt); /* a script ends when its last thread has */
  gilt_close(rt);
  (void)fflush(NULL);
  return status;
}

/* The status of one worker's end. Says so where the worker could not. */
static int status_of(const mp_event *ev) {
  if (ev->signal == 0) return ev->status;
  if (ev->signal == SIGINT) return RUN_STATUS_INTERRUPTED;
  (void)fprintf(stderr, "gilt: worker %d was killed by signal %d (%s)\n", ev->worker, ev->signal,
                strsignal(ev->signal));
  return RUN_STATUS_DIED;
}

static int run_each(const struct runner *self, const struct run_each *each) {
  (void)self;
  union {
    const void *in;
    void *out;
  } arg = {.in = each};
  mp_pool_options opt = {.workers = each->workers, .main = script_child, .arg = arg.out};
  if (rt_self() != NULL) opt.hooks = hooks_of(rt_self());
  mp_pool *pool;
  int status = 0, rc = mp_pool_create(&opt, &pool);
  if (rc != GILT_OK) {
    (void)fprintf(stderr, "gilt: cannot fork %d workers: %s\n", each->workers,
                  rc == GILT_ESYS ? strerror(errno) : gilt_strerror(rc));
    return RUN_STATUS_FAILED;
  }
  /* Ctrl-C goes to the whole group: the workers end by it, and we tell how. */
  struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
  (void)sigaction(SIGINT, &ignore, &old);
  for (mp_event ev; (rc = mp_pool_wait(pool, -1, &ev)) != GILT_ECLOSED;) {
    if (rc == GILT_EINTERRUPTED) continue;
    if (rc != GILT_OK) break;
    int one = ev.kind == MP_EXITED ? status_of(&ev) : 0;
    if (status == 0) status = one;
  }
  (void)sigaction(SIGINT, &old, NULL);
  mp_pool_destroy(pool);
  return status;
}

const struct runner run_processes = {.name = "processes",
                                     .about = "forked processes, an interpreter and a lock each",
                                     .shared_setup = true,
                                     .run = run,
                                     .run_each = run_each};
