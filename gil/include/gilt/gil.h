/* gil.h: a global interpreter lock for any interpreter. Knows no Lua.
 *
 * A thread that uses a lock has a record of type gil_thread, made by gil_attach on the thread
 * itself. Unless stated otherwise, each function taking a gil_thread is called by the thread
 * that the record belongs to; no function here raises or longjmps.
 *
 * gil/README.md has the states, the protocol of a hand-over and the lock order. */
#ifndef GILT_GIL_H
#define GILT_GIL_H

#include <gilt/base.h>

GILT_BEGIN_DECLS

typedef struct gil        gil;
typedef struct gil_thread gil_thread;

/* What a thread is doing, as far as the lock can tell. A thread's times in the states add up to
 * its life. */
enum gil_state {
  GIL_RUNNING,       /* holds the lock */
  GIL_WAITING,       /* wants the lock */
  GIL_BLOCKED_IO,    /* outside: a system call on a file, socket, pipe, process */
  GIL_BLOCKED_LOCK,  /* outside: a mutex, channel, join */
  GIL_BLOCKED_SLEEP, /* outside: a timer */
  GIL_NATIVE,        /* outside: native code that computes with the lock released */
  GIL_COLLECTING,    /* holds the lock, collecting garbage (where the interpreter reports it) */
  GIL_DETACHED,      /* outside: the host's own code, between attach and acquire */
  GIL_STATE_COUNT
};
GILT_API const char *gil_state_name(enum gil_state state);

/* How long a thread expects to need the lock each time it wakes up. */
enum gil_class {
  GIL_CLASS_AUTO,       /* learnt from what the thread does (default) */
  GIL_CLASS_LATENCY,    /* always served before CPU-bound threads, within the starvation bound */
  GIL_CLASS_THROUGHPUT, /* never asks before its interval */
};

#define GIL_INTERVAL_MIN_NS     UINT64_C(20000)
#define GIL_INTERVAL_MAX_NS     UINT64_C(10000000000)
#define GIL_INTERVAL_DEFAULT_NS UINT64_C(5000000)
#define GIL_PRIORITY_MIN        (-10)
#define GIL_PRIORITY_MAX        10

/* Asks the thread `holder_arg` (what its gil_attach was given) to reach a safepoint soon and to
 * call gil_yield there. Called by waiting threads, with an internal mutex held: it must not block and
 * must not call into gil.h. The thread may no longer hold the lock when the request arrives. */
typedef void (*gil_poke_fn)(void *holder_arg);

typedef struct gil_options {
  const char *policy;      /* NULL: the default, "adaptive" */
  uint64_t    interval_ns; /* 0: 5 ms; clamped to the bounds above */
  gil_poke_fn poke;        /* NULL: the holder polls gil_drop_wanted itself */
} gil_options;

/* GILT_OK, GILT_ENOMEM, GILT_EINVAL (unknown policy). `opt` may be NULL. */
GILT_API GILT_NODISCARD int gil_create(const gil_options *opt, gil **gil_out);
/* No thread may be attached. NULL is fine. */
GILT_API void gil_destroy(gil *g);

/* Makes the calling thread known to the lock; does not take it. `name` is copied (63 bytes).
 * `poke_arg` is what poke gets. GILT_OK, GILT_ENOMEM. */
GILT_API GILT_NODISCARD int gil_attach(gil *g, const char *name, void *poke_arg, gil_thread **out);
/* Ends the record; the thread must not hold the lock. Its counters stay in the totals of the lock. */
GILT_API void gil_detach(gil_thread *t);
GILT_API void gil_set_class(gil_thread *t, enum gil_class cls, int priority); /* any thread */

/* Takes the lock; waits as long as it takes. Aborts if the thread holds it already. */
GILT_API void gil_acquire(gil_thread *t);
/* Takes the lock if it is free. */
GILT_API GILT_NODISCARD bool gil_try_acquire(gil_thread *t);
/* Gives the lock up. Under `adaptive` a release is short: waiters are left alone for a grace period
 * so that a call that is back at once takes the lock again for the price of one compare-and-swap.
 * For a call that is known to block use gil_block_begin. */
GILT_API void gil_release(gil_thread *t);

/* Around a call that blocks: gives the lock up and wakes a waiter; takes it again at once, without
 * waiting an interval first. `state` is one of GIL_BLOCKED_*, GIL_NATIVE. errno is kept across both. */
GILT_API void gil_block_begin(gil_thread *t, enum gil_state state);
GILT_API void gil_block_end(gil_thread *t);

/* At a safepoint, holding the lock: hands it over if someone asked, and takes it again later. */
GILT_API void gil_yield(gil_thread *t);
/* At a safepoint: has someone asked for the lock? A relaxed hint. */
GILT_API bool gil_drop_wanted(const gil_thread *t);
/* Voluntary: gives way to a waiter if there is one, asked or not. */
GILT_API void gil_give_way(gil_thread *t);
GILT_API bool gil_held(const gil_thread *t);
/* For interpreters that count: call once per 100 instructions; only the policy `tick` listens. */
GILT_API bool gil_policy_ticks(const gil *g);

/* Between the two, time counts as GIL_COLLECTING instead of GIL_RUNNING. */
GILT_API void gil_collect_begin(gil_thread *t);
GILT_API void gil_collect_end(gil_thread *t);

/* Any thread, any time. Values outside the bounds are clamped; the new value is returned by _interval. */
GILT_API void     gil_set_interval(gil *g, uint64_t interval_ns);
GILT_API uint64_t gil_interval(const gil *g);
GILT_API const char *gil_policy(const gil *g);
/* Changes the policy; the calling thread holds the lock. GILT_EINVAL: no such policy. */
GILT_API GILT_NODISCARD int gil_set_policy(gil_thread *t, const char *name);
/* Names of the policies, NULL-terminated; the first is the default. */
GILT_API const char *const *gil_policy_names(void);

/* fork: prepare is called by the forking thread, holding the lock, before fork; exactly one of the
 * others after it. In the child only the calling thread exists: every other record is gone, the lock is
 * held by the caller and its counters start from zero. */
GILT_API void gil_fork_prepare(gil_thread *t);
GILT_API void gil_fork_parent(gil_thread *t);
GILT_API void gil_fork_child(gil_thread *t);

/* Counters. Times in nanoseconds of CLOCK_MONOTONIC. */
typedef struct gil_stats {
  uint64_t acquisitions;       /* every taking of the lock */
  uint64_t contended;          /* takings that had to wait */
  uint64_t quick;              /* of gil_release: taken again before anyone else did */
  uint64_t switches_requested; /* the lock changed hands because a waiter asked */
  uint64_t switches_voluntary; /* the holder blocked, ended or gave way */
  uint64_t requests;           /* drop requests sent */
  uint64_t failed_wakeups;     /* woken for the lock, and it was gone */
  uint64_t wait_ns;            /* waiting for the lock */
  uint64_t hold_ns;            /* holding it (running and collecting) */
  uint64_t longest_hold_ns;
  uint64_t longest_wait_ns;
  uint64_t state_ns[GIL_STATE_COUNT];
  uint64_t life_ns; /* the states above add up to this, exactly */
  uint32_t threads; /* records summed up here */
} gil_stats;
GILT_API void gil_thread_stats(gil_thread *t, gil_stats *out); /* the owner, or holding the lock */
GILT_API void gil_total_stats(gil *g, gil_stats *out);         /* any thread; live and ended ones */
GILT_API void gil_reset_stats(gil_thread *t);                  /* holding the lock: all threads */

GILT_END_DECLS

#endif
