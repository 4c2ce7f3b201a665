/* mp.h: a pool of forked worker processes. Knows no Lua: requests, results and errors are bytes.
 *
 * A pool belongs to the thread that made it: the workers are killed when that thread ends, so it
 * calls every function here except where noted, and outlives the pool. Fork from a process without
 * other threads, or give hooks that make forking safe (see mp_fork_hooks).
 *
 * mp/README.md has the states, the frame format, the order of a shutdown, and who closes what. */
#ifndef GILT_MP_H
#define GILT_MP_H

#include <gilt/base.h>

GILT_BEGIN_DECLS

typedef struct mp_pool mp_pool;     /* in the parent */
typedef struct mp_worker mp_worker; /* in a worker: its end of the pool */

#define MP_WORKERS_MAX       4096
#define MP_FRAME_MAX_DEFAULT (UINT64_C(1) << 32)

/* Called around each fork, in the forking thread: prepare before it, then exactly one of the others
 * (parent also when the fork failed). For a lock: gil_fork_prepare and its two companions. */
typedef struct mp_fork_hooks {
  void (*prepare)(void *arg);
  void (*parent)(void *arg);
  void (*child)(void *arg);
  void *arg;
} mp_fork_hooks;

/* What a worker runs. Its return value (0..255) becomes the exit status, by _exit: flush what you
 * buffered. It may also call exit, crash, or be killed: the parent is told. */
typedef int (*mp_worker_main)(mp_worker *self, void *arg);

enum mp_group {
  MP_GROUP_SHARED, /* workers stay in the caller's process group: Ctrl-C and the terminal reach them
                    */
  MP_GROUP_OWN, /* each worker leads a group, which is killed with it: so its own children end too.
                 * Ctrl-C does not reach it; pass it on with mp_pool_signal */
};

typedef struct mp_pool_options {
  int workers; /* 1..MP_WORKERS_MAX */
  mp_worker_main main;
  void *arg; /* as it is at the fork */
  mp_fork_hooks hooks;
  enum mp_group group;
  /* 0: tasks come from mp_pool_submit. Otherwise tasks 1..counter_tasks have no request: workers
   * take them from a shared counter without asking, and leave small results in shared memory. */
  uint64_t counter_tasks;
  size_t outbox_bytes;      /* counter mode: that memory, for each worker; 0: 256 KiB */
  uint64_t task_timeout_ns; /* 0: none. A worker that takes longer over a task is ended */
  uint64_t pool_timeout_ns; /* 0: none. Counts from mp_pool_release; ends all workers */
  uint64_t grace_ns;        /* between EOF, SIGTERM and SIGKILL; 0: 100 ms */
  uint32_t restarts;        /* how many dead workers may be replaced in the pool's life */
  uint64_t frame_max;       /* longest payload accepted from a worker; 0: MP_FRAME_MAX_DEFAULT */
  bool hold;                /* workers wait in mp_worker_ready until mp_pool_release */
} mp_pool_options;

/* Forks the workers. On failure none is left: GILT_EINVAL, GILT_ENOMEM, GILT_ESYS (errno: EAGAIN no
 * more processes, EMFILE no more descriptors, ...). Standard streams are flushed before each fork.
 */
GILT_API GILT_NODISCARD int mp_pool_create(const mp_pool_options *opt, mp_pool **pool_out);

/* Ends the workers (EOF, then SIGTERM, then SIGKILL, grace_ns apart), reaps them, frees everything.
 * NULL is fine. In a forked child only the memory is freed. */
GILT_API void mp_pool_destroy(mp_pool *pool);

/* Queues a request, which is copied. `task` is the caller's number for it, not 0.
 * GILT_OK, GILT_ENOMEM, GILT_EINVAL (counter mode, task 0), GILT_ECLOSED (after mp_pool_close). */
GILT_API GILT_NODISCARD int mp_pool_submit(mp_pool *pool, uint64_t task, const void *data,
                                           size_t len);

/* Lets the workers that wait in mp_worker_ready go. */
GILT_API void mp_pool_release(mp_pool *pool);
/* No more requests: workers that have nothing left to do see the end (mp_worker_next, _hold). */
GILT_API void mp_pool_close(mp_pool *pool);
/* Drops what is queued and hands out no further task; tasks in progress go on. */
GILT_API void mp_pool_cancel(mp_pool *pool);
/* Sends a signal to every live worker, or its group. Async-signal-safe: no. */
GILT_API void mp_pool_signal(mp_pool *pool, int signal);
/* SIGKILLs every worker; the deaths arrive as events. */
GILT_API void mp_pool_kill(mp_pool *pool);

enum mp_event_kind {
  MP_READY,     /* the worker is in mp_worker_ready */
  MP_RESULT,    /* data: of mp_worker_result */
  MP_FAULT,     /* data: of mp_worker_fault; the worker goes on */
  MP_NOTE,      /* data: of mp_worker_note; belongs to no task */
  MP_EXITED,    /* the worker is gone and reaped: see below */
  MP_ABANDONED, /* the task was never started, and no worker is left for it */
};

/* Who ended a worker. */
enum mp_cause {
  MP_CAUSE_OWN,          /* itself, or someone outside of the pool */
  MP_CAUSE_TASK_TIMEOUT, /* the pool, for task_timeout_ns */
  MP_CAUSE_POOL_TIMEOUT, /* the pool, for pool_timeout_ns */
  MP_CAUSE_PROTOCOL,     /* the pool, because the worker sent what is no frame (GILT_EPROTO) */
  MP_CAUSE_STOPPED,      /* the caller: mp_pool_kill */
};
GILT_API const char *mp_cause_name(enum mp_cause cause);

typedef struct mp_event {
  enum mp_event_kind kind;
  int worker; /* 1..workers; 0 for MP_ABANDONED */
  int pid;
  uint64_t task;    /* 0: none. For MP_EXITED: the task that is lost with the worker */
  const void *data; /* valid until the next call on the pool */
  size_t len;
  /* MP_EXITED only */
  enum mp_cause cause;
  bool finished;   /* its main returned */
  bool restarted;  /* another worker has taken its number */
  int signal;      /* that ended it, or 0 */
  int status;      /* its exit status where signal is 0; -1: unknown (SIGCHLD is ignored) */
  uint64_t cpu_ns; /* user and system time of its life */
  uint64_t maxrss_kb;
} mp_event;

/* The next thing that happened; waits at most timeout_ns (negative: for ever).
 * GILT_OK, GILT_ETIMEOUT, GILT_ECLOSED (no worker left, every event delivered), GILT_EINTERRUPTED
 * (a signal arrived, or the wake descriptor is readable), GILT_ENOMEM, GILT_ESYS. */
GILT_API GILT_NODISCARD int mp_pool_wait(mp_pool *pool, int64_t timeout_ns, mp_event *event_out);
/* A descriptor of the caller's that ends mp_pool_wait while it is readable; -1: none. */
GILT_API void mp_pool_set_wake_fd(mp_pool *pool, int fd);

GILT_API int mp_pool_alive(const mp_pool *pool);                 /* workers not reaped */
GILT_API int mp_pool_pid(const mp_pool *pool, int worker);       /* 0: reaped */
GILT_API uint64_t mp_pool_task(const mp_pool *pool, int worker); /* what it is on now; 0: none */
GILT_API uint64_t mp_pool_tasks_started(const mp_pool *pool);    /* counter mode */
/* Threads in the calling process, 0 where the system does not say. For callers that must fork. */
GILT_API int mp_thread_count(void);

/* In the worker. Each call that needs the parent returns GILT_ECLOSED when it is gone. */

GILT_API int mp_worker_number(const mp_worker *self); /* 1..count */
GILT_API int mp_worker_count(const mp_worker *self);
/* Tells the parent (MP_READY) and, in a pool with `hold`, waits for mp_pool_release. */
GILT_API GILT_NODISCARD int mp_worker_ready(mp_worker *self);

typedef struct mp_task {
  uint64_t id;
  const void *data; /* valid until the next mp_worker_next */
  size_t len;
} mp_task;
/* Waits for a task. GILT_OK, GILT_ECLOSED (there are no more), GILT_ENOMEM, GILT_ESYS, GILT_EPROTO.
 */
GILT_API GILT_NODISCARD int mp_worker_next(mp_worker *self, mp_task *task_out);
/* Ends the current task with a result or an error. Aborts when there is no current task. */
GILT_API GILT_NODISCARD int mp_worker_result(mp_worker *self, const void *data, size_t len);
GILT_API GILT_NODISCARD int mp_worker_fault(mp_worker *self, const void *data, size_t len);
/* Sends something that belongs to no task. Everything arrives in the order it was sent. */
GILT_API GILT_NODISCARD int mp_worker_note(mp_worker *self, const void *data, size_t len);
/* Counter mode: no worker gets a further task, as with mp_pool_cancel, without waking the parent. */
GILT_API void mp_worker_cancel(mp_worker *self);
/* Waits until the parent has closed the pool, so that it can look at the worker meanwhile. */
GILT_API void mp_worker_hold(mp_worker *self);

GILT_END_DECLS

#endif
