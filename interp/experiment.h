/* experiment.h: one sample: a workload run once, in a process of its own, in one mode.
 *
 *   supervisor (experiment.c)         in the process that asked; forks the subject, waits, and
 * turns |  fork                      whatever becomes of it into a report subject
 * (experiment_subject.c)    a fresh process with a fresh interpreter: load, setup, work, check |
 * runner.h                  in one of the modes workers (run_*.c)
 *
 * Nothing here raises a Lua error. EXPERIMENT.md explains what each number means. */
#ifndef GILT_EXPERIMENT_H
#define GILT_EXPERIMENT_H

#include "wire.h"

#include <gilt/base.h>
#include <stdatomic.h>

#define EXP_WORKERS_MAX 1024
#define EXP_TASKS_MAX   10000000

struct runner;

struct exp_spec {
  const struct runner *runner;
  char *file;
  char *policy; /* NULL: default */
  int workers;
  uint64_t tasks;
  uint64_t interval_ns;   /* 0: default */
  uint64_t timeout_ns;    /* 0: none */
  size_t memory_limit;    /* of each interpreter; 0: none */
  struct wire_buf params; /* an encoded table */
};
void exp_spec_free(struct exp_spec *spec);

#define EXP_FAULT_MAP(X)                                                                           \
  X(LOAD, "load")                                                                                  \
  X(SETUP, "setup")                                                                                \
  X(ERROR, "error")                                                                                \
  X(SIGNAL, "signal")                                                                              \
  X(EXIT, "exit")                                                                                  \
  X(TIMEOUT, "timeout")                                                                            \
  X(UNSENDABLE, "unsendable")                                                                      \
  X(YIELD, "yield")                                                                                \
  X(MEMORY, "memory")                                                                              \
  X(CHECK, "check")                                                                                \
  X(RUNNER, "runner")

enum exp_fault {
  EXP_NONE,
#define X(name, text) EXP_##name,
  EXP_FAULT_MAP(X)
#undef X
};
const char *exp_fault_name(enum exp_fault kind);

struct exp_error {
  enum exp_fault kind;
  uint64_t task; /* 0: none */
  int worker;    /* 0: none */
  int signal;    /* EXP_SIGNAL */
  int status;    /* EXP_EXIT */
  char *message; /* owned; NULL where there was no memory for it */
  char *traceback;
};
void exp_error_clear(struct exp_error *error);
/* Keeps the first error only; later ones are often its consequences. Copies the texts. */
void exp_error_set(struct exp_error *error, enum exp_fault kind, uint64_t task, int worker,
                   const char *message, const char *traceback);

/* What the lock did for some workers while they worked. */
struct exp_lock {
  uint64_t hold_ns, wait_ns;
  uint64_t acquisitions, contended, switches_requested, switches_voluntary;
};

/* One worker, measured by itself: user and system time, time that it was ready to run and no
 * processor was free (0 where the kernel doesn't tell), switches and faults of its thread, from the
 * start barrier to its own last task. */
struct exp_worker {
  uint64_t tasks;
  uint64_t finished_ns; /* CLOCK_MONOTONIC */
  uint64_t cpu_ns, runq_ns;
  uint64_t nvcsw, nivcsw, minflt, majflt;
  struct exp_lock lock; /* of its interpreter; zero where the lock is shared with others */
  char mode[16];        /* the mode that it found itself in */
};

struct exp_report {
  char mode[16]; /* as the workers saw it; "" before any worked */
  int workers;
  uint64_t tasks;
  int pid; /* of the subject */
  bool gil;
  bool checked;
  bool interrupted;
  uint64_t started_ns; /* CLOCK_MONOTONIC when the start barrier opened */
  uint64_t wall_ns, startup_ns, setup_ns;
  uint64_t peak_kb;
  struct exp_lock lock; /* all workers together */
  struct exp_error error;
  struct exp_worker *per_worker; /* `workers` of them */
  struct wire_buf *results;      /* by task - 1; empty: none */
};
/* Room for the workers and results of a spec. False: no memory. */
bool exp_report_init(struct exp_report *report, int workers, uint64_t tasks);
void exp_report_fini(struct exp_report *report);
/* To and from bytes, for the way from the subject to the supervisor. GILT_OK, GILT_ENOMEM,
 * GILT_EPROTO. */
int exp_report_pack(const struct exp_report *report, struct wire_buf *out);
int exp_report_unpack(const void *bytes, size_t len, struct exp_report *out);
int exp_error_pack(const struct exp_error *error, struct wire_buf *out);
int exp_error_unpack(const void *bytes, size_t len, struct exp_error *out);

/* Where the subject is, for the supervisor to read when it has to end it. */
enum exp_phase {
  EXP_STARTING,
  EXP_LOADING,
  EXP_SETTING_UP,
  EXP_WORKING,
  EXP_CLEANING_UP,
  EXP_CHECKING
};
struct exp_board {
  _Atomic int phase;
  /* By worker: the task that it is on, 0 for none. Relaxed: read after the subject is dead, or as a
   * hint. */
  _Atomic uint64_t task[EXP_WORKERS_MAX + 1];
  _Atomic int exiting; /* the worker that called exit, 0 for none. Relaxed: likewise */
};

/* Takes a sample. Whatever goes wrong is in the report; its mode is empty if no worker got to work.
 * Blocks, so the caller releases its interpreter's lock. `wake_fd` (or -1) and `stop` end it early:
 * then the report says `interrupted`. */
void exp_sample(const struct exp_spec *spec, int wake_fd, bool (*stop)(void),
                struct exp_report *out);

/* Calls the function below `nargs` arguments on L in a forked process, so that it can do to the
 * process what it likes. Pops all of them. Its first result, encoded, is out->results[0]; if that
 * is empty, out->error says why (EXP_ERROR: it raised one, EXP_UNSENDABLE, EXP_EXIT, EXP_SIGNAL,
 * EXP_TIMEOUT, ...) or out->interrupted is set. `out` was made for one worker and one task. Blocks
 * as exp_sample does. */
void exp_apart(lua_State *L, int nargs, uint64_t timeout_ns, int wake_fd, bool (*stop)(void),
               struct exp_report *out);

/* The subject's side, in its own process: runs the sample and fills the report. */
void exp_subject(const struct exp_spec *spec, struct exp_board *board, struct exp_report *report);

#endif
