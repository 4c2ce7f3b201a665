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

typedef struct gil gil;
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
 * call gil_yield there. Called by waiting threads, with an internal mutex held: it must not block
 * and must not call into gil.h. The thread may no longer hold the lock when the request arrives. */
typedef void (*gil_poke_fn)(void *holder_arg);

/* Says what the thread `thread_arg` (as above) is doing: it holds the lock, is about to give it up,
 * and it was the longest hold so far. Called by that thread; must not call into gil.h. */
typedef void (*gil_name_fn)(void *thread_arg, char *buf, size_t size);

typedef struct gil_options {
  const char *policy;    /* NULL: the default, "adaptive" */
  uint64_t interval_ns;  /* 0: 5 ms; clamped to the bounds above */
  gil_poke_fn poke;      /* NULL: the holder polls gil_drop_wanted itself */
  gil_name_fn name_hold; /* NULL: the longest hold stays without a name */
} gil_options;

/* GILT_OK, GILT_ENOMEM, GILT_EINVAL (unknown policy). `opt` may be NULL. */
GILT_API GILT_NODISCARD int gil_create(const gil_options *opt, gil **gil_out);
/* No thread may be attached. NULL is fine. */
GILT_API void gil_destroy(gil *g);

/* Makes the calling thread known to the lock; does not take it. `name` is copied (63 bytes).
 * `poke_arg` is what poke gets. GILT_OK, GILT_ENOMEM. */
GILT_API GILT_NODISCARD int gil_attach(gil *g, const char *name, void *poke_arg, gil_thread **out);
/* Ends the record; the thread must not hold the lock. Its counters stay in the totals of the lock.
 */
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
 * waiting an interval first. `state` is one of GIL_BLOCKED_*, GIL_NATIVE. errno is kept across
 * both. */
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

/* Any thread, any time. Values outside the bounds are clamped; the new value is returned by
 * _interval. */
GILT_API void gil_set_interval(gil *g, uint64_t interval_ns);
GILT_API uint64_t gil_interval(const gil *g);
GILT_API const char *gil_policy(const gil *g);
/* Changes the policy; the calling thread holds the lock. GILT_EINVAL: no such policy. */
GILT_API GILT_NODISCARD int gil_set_policy(gil_thread *t, const char *name);
/* Names of the policies, NULL-terminated; the first is the default. */
GILT_API const char *const *gil_policy_names(void);

/* fork: prepare is called by the forking thread, holding the lock, before fork; exactly one of the
 * others after it. In the child only the calling thread exists: every other record is gone, the
 * lock is held by the caller and its counters start from zero. */
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

/* ---- histograms ---- */

/* Log-linear, after HdrHistogram (Tene): 16 buckets per power of two, so a value is known to 6 %.
 * 0 to 2^40 ns; larger ones count in the last bucket. */
#define GIL_HIST_BUCKETS 592
typedef struct gil_hist {
  uint64_t count;
  uint64_t sum; /* ns */
  uint64_t max; /* ns */
  uint64_t bucket[GIL_HIST_BUCKETS];
} gil_hist;

enum gil_histogram {
  GIL_HISTOGRAM_HOLD,    /* from a taking to the next owner's taking, or to a blocking release */
  GIL_HISTOGRAM_WAIT,    /* from wanting the lock to having it, takings that had to queue */
  GIL_HISTOGRAM_HANDOFF, /* from the first drop request to the next owner at work */
  GIL_HISTOGRAM_COUNT
};
/* A copy of the lock's histogram; any thread. */
GILT_API void gil_histogram(gil *g, enum gil_histogram which, gil_hist *out);
/* Upper bound of the bucket that holds the quantile q in [0, 1]; 0 for an empty histogram. */
GILT_API uint64_t gil_hist_quantile(const gil_hist *h, double q);
/* Lower bound of bucket i. */
GILT_API uint64_t gil_hist_bound(unsigned i);
GILT_API void gil_hist_record(gil_hist *h, uint64_t ns);

/* The longest hold since the start or the last reset. */
typedef struct gil_longest {
  uint64_t hold_ns;
  char thread[64]; /* who */
  char what[128];  /* what it was doing at the end, as gil_options.name_hold says; "" unknown */
} gil_longest;
GILT_API void gil_longest_hold(gil *g, gil_longest *out); /* any thread */

/* One thread's part of gil_total_stats. */
typedef struct gil_thread_report {
  char name[64];
  bool ended;
  uint64_t born_ns; /* or the last reset, if that was later */
  gil_stats stats;
  char longest_what[128]; /* what its longest hold was, as in gil_longest */
} gil_thread_report;
/* The live threads, and of those that ended the GIL_PAST_MAX that lived longest; in no order.
 * Fills in up to `max`, returns how many there are. Any thread. */
#define GIL_PAST_MAX 64
GILT_API size_t gil_thread_reports(gil *g, gil_thread_report *out, size_t max);

/* ---- event rings ---- */

/* Each thread writes what happens to it into a ring of its own: 16 bytes an event, no allocation,
 * no system call. A full ring counts what it loses; it never overwrites. */
enum gil_trace_level {
  GIL_TRACE_OFF,
  GIL_TRACE_CONTENDED, /* all but short releases that nobody noticed */
  GIL_TRACE_ALL
};

enum gil_event_kind {
  GIL_EVENT_STATE,         /* arg: enum gil_state, from now on */
  GIL_EVENT_REQUEST,       /* this thread asks; arg: thread that is asked to yield */
  GIL_EVENT_HANDOFF,       /* this thread gives the lock up; arg: the next owner, 0: left free */
  GIL_EVENT_FAILED,        /* woken for the lock, and it was gone */
  GIL_EVENT_QUICK_RELEASE, /* GIL_TRACE_ALL: a short release begins */
  GIL_EVENT_QUICK_TAKE     /* GIL_TRACE_ALL: and ends, nobody had the lock in between */
};

typedef struct gil_event {
  uint64_t time_ns;
  uint32_t arg;
  uint16_t thread; /* gil_trace_thread.number */
  uint8_t kind;
  uint8_t reserved;
} gil_event;

typedef struct gil_trace_thread {
  uint16_t number; /* 1, 2, ... in the order in which rings were made */
  bool ended;
  uint64_t lost; /* events that did not fit */
  char name[64];
} gil_trace_thread;

/* Events from now on, into rings of `capacity` events (rounded up to a power of two; 0: 16384) for
 * the threads there are and those to come. The present states come first. Any thread.
 * GILT_OK, GILT_ENOMEM. A thread attached later for whose ring there is no memory has none. */
GILT_API GILT_NODISCARD int gil_trace_start(gil *g, enum gil_trace_level level, uint32_t capacity);
/* No more events; what is in the rings stays. Any thread. */
GILT_API void gil_trace_stop(gil *g);
/* Moves up to `max` events out of the rings, those of one thread in order. 0: there are none. Any
 * thread; those that write are not held up. */
GILT_API size_t gil_trace_drain(gil *g, gil_event *out, size_t max);
/* The threads that have or had a ring, up to `max`; returns how many there are. Any thread. */
GILT_API size_t gil_trace_threads(gil *g, gil_trace_thread *out, size_t max);

GILT_END_DECLS

#endif
