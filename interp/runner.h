/* runner.h: the modes. A runner starts workers, holds them at a barrier, lets them take tasks 1..T
 * as they get free, and measures. A new mode is one file with a `struct runner`, and one row in
 * runner.c. */
#ifndef GILT_RUNNER_H
#define GILT_RUNNER_H

#include "experiment.h"
#include "runtime_impl.h"

struct subject {
  const struct exp_spec *spec;
  struct exp_board *board;
  struct exp_report *report;
  gilt_runtime *rt;      /* of the subject's main thread, which is inside */
  lua_State *L;          /* main state */
  int pid, tid;          /* of the main thread */
  _Atomic uint64_t next; /* runners with threads: the next task; relaxed */
  uint32_t *done_by;     /* by task - 1: the worker that did it, 0 not done. Written by that worker,
                          * read after it was joined */
  pthread_mutex_t mtx;   /* guards report->error; a leaf */
};

/* A plain script in each worker, for `gilt run`. */
struct run_each {
  int workers;
  const gilt_options *options;
  /* Runs it on L, whose stack is empty; the thread is inside. Reports its errors itself. Raises
   * nothing. Returns the exit status. */
  int (*body)(lua_State *L, void *arg);
  void *arg;
};
#define RUN_STATUS_FAILED      1   /* could not start: one line was written to stderr */
#define RUN_STATUS_DIED        5   /* a worker was killed by a signal: likewise */
#define RUN_STATUS_INTERRUPTED 130 /* by Ctrl-C */

struct runner {
  const char *name;
  const char *about;
  bool shared_setup; /* setup runs once, in the subject's interpreter; otherwise in each worker's */
  bool needs_gil;    /* not in a build without it */
  bool gil_off;      /* interpreters are opened without a lock */
  int workers_max;   /* 0: EXP_WORKERS_MAX */
  /* Runs all tasks; results and measurements go to the report, so does the first error. The main
   * thread is inside its interpreter. */
  void (*run)(struct subject *s);
  /* Runs body once in each worker, for run_script.c. Returns the exit status. */
  int (*run_each)(const struct runner *self, const struct run_each *each);
};

extern const struct runner run_serial, run_threads, run_processes, run_isolates, run_free;
/* All modes, NULL-terminated. */
extern const struct runner *const runners[];
const struct runner *runner_find(const char *name);

/* ---- for the runners ---- */

/* run_threads.c: N OS threads in one interpreter, under its lock or without. */
void threads_run(struct subject *s);
int threads_run_each(const struct runner *self, const struct run_each *each);

/* One worker while it works. Lives on the worker's C stack. */
struct worker {
  struct subject *s;
  int number;
  gilt_runtime *rt;
  rt_thread *t;
  lua_State *L;
  struct exp_worker *out;
  /* Takes a task; false: there are no more. */
  bool (*next)(struct worker *w, uint64_t *task_out);
  /* Keeps the result on the top of L (and pops it). */
  void (*keep)(struct worker *w, uint64_t task);
  void (*fail)(struct worker *w, const struct exp_error *error);
  void *own;              /* of the runner */
  struct exp_error error; /* of the task that just failed */
  uint64_t cpu_ns;        /* snapshots at the barrier */
  uint64_t runq_ns;
  uint64_t nvcsw, nivcsw, minflt, majflt;
  gil_stats lock;
};

/* Once in the subject's process: a worker that calls exit is named on the board. */
void runner_watch_exit(void);

/* Fills in w->t, w->out->mode and the rest for the thread that is inside `rt`, and puts what a task
 * needs on L's stack. False: the report says why (no memory, or the thread is not in the mode it
 * should be in). */
bool worker_prepare(struct worker *w, struct subject *s, int number, gilt_runtime *rt,
                    lua_State *L);
/* The parts of it that are Lua, experiment_task.c: the stack that a task needs; one call of it,
 * false with w->error filled in, or true with the result on the top; the value on the top as bytes,
 * or why not. */
bool worker_push(struct worker *w);
bool worker_call(struct worker *w, uint64_t task);
GILT_NODISCARD int worker_encode(lua_State *L, struct wire_buf *out, uint64_t task, int worker,
                                 struct exp_error *error);
/* At the barrier, then the tasks, then the end. The thread is inside. */
void worker_begin(struct worker *w);
void worker_run(struct worker *w);
void worker_end(struct worker *w);
/* The usual next, keep and fail for workers that are threads of the subject. */
bool worker_next_shared(struct worker *w, uint64_t *task_out);
void worker_keep_in_table(struct worker *w, uint64_t task);
void worker_fail_shared(struct worker *w, const struct exp_error *error);

/* Adds an error to the subject's report and stops the hand-out. Any thread. */
void subject_fail(struct subject *s, enum exp_fault kind, uint64_t task, int worker,
                  const char *message, const char *traceback);
void subject_fail_with(struct subject *s, const struct exp_error *error);
/* Loads the workload into an interpreter that the thread is inside of. */
bool subject_load(struct subject *s, lua_State *L, int worker);
/* Runs its setup, which may take long. */
bool subject_setup(struct subject *s, lua_State *L, int worker, uint64_t *ns_out);
bool subject_teardown(struct subject *s, lua_State *L, int worker);
/* Encodes the results that worker `worker` (0: all) kept in this interpreter. */
bool subject_collect(struct subject *s, lua_State *L, int worker);
bool subject_check(struct subject *s, lua_State *L);
/* For a process that measures: stdin is /dev/null, stdout is stderr. */
void subject_redirect_streams(void);
void subject_phase(struct subject *s, enum exp_phase phase);
/* A fresh interpreter with the options of the spec. GILT_OK, ... */
int subject_open(struct subject *s, gilt_runtime **rt_out);
/* Memory that the process uses, its share of what it shares with others (PSS), in KB. */
uint64_t subject_pss_kb(int pid);
void exp_lock_add(struct exp_lock *sum, const struct exp_lock *more);
void exp_lock_since(const gil_stats *before, const gil_stats *after, struct exp_lock *out);

/* A gate that holds a number of threads until it is opened. */
struct gate {
  pthread_mutex_t mtx;
  pthread_cond_t arrived, opened;
  int waiting; /* under mtx */
  bool open;   /* under mtx */
};
void gate_init(struct gate *g);
void gate_fini(struct gate *g);
void gate_pass(struct gate *g); /* a worker: arrive, wait until it opens. Outside of Lua */
void gate_await(struct gate *g, int threads); /* until that many have arrived */
void gate_open(struct gate *g);

#endif
