/* gil_impl.h: what the files of gil/ share: the lock, a thread's record, the policy interface.
 *
 * Locking key
 *   (c) constant after creation     (m) only with g->mtx held
 *   (h) written only by the thread that holds the GIL
 *   (t) only by the thread that the record belongs to
 *   (a) atomic; the order is given at each access
 * Rules
 *   1. mtx is a leaf: nothing is acquired under it. The poke callback runs under it.
 *   2. The lock changes its owner only under mtx. The one exception is the quick path: the thread
 *      that released last takes it again by a compare-and-swap on its own release.
 *   3. Whoever sets `granted` or frees the lock for a waiter notifies that waiter after unlocking
 * mtx. */
#ifndef GILT_GIL_IMPL_H
#define GILT_GIL_IMPL_H

/* 0: no accounting, no histograms, no events; for a measurement only. */
#ifndef GILT_GIL_BOOKS
#  define GILT_GIL_BOOKS 1
#endif

#include <gilt/gil.h>
#include <gilt/gil_inline.h>
#include "os_sync.h"
#include "gil_hist.h"
#include "gil_trace.h"

enum release_kind {
  RELEASE_QUICK, /* gil_release: probably back soon */
  RELEASE_BLOCK, /* gil_block_begin */
  RELEASE_YIELD, /* at a safepoint, because a waiter asked */
  RELEASE_AWAY   /* the thread detaches, or gives way */
};

/* t->signal */
enum { SIGNAL_NONE, SIGNAL_PARKED, SIGNAL_NOTIFIED };

/* A thread's accounting; see gil_stats.c. */
struct gil_books {
  enum gil_state state;
  uint64_t since;      /* when `state` began */
  uint64_t lost_at;    /* when another thread took the lock after a quick release; 0: none did */
  uint64_t hold_since; /* when the thread took the lock */
  uint64_t born;
  gil_stats stats;
};

struct gil_thread {
  /* First, for gil_inline.h. `word` is (a) relaxed, written by the thread itself, or under mtx by
   * who hands it the lock: the lock word as this thread left it: odd while it holds the lock, 0
   * after it gave it up for good. `trace_quick`: short releases too; [trace-quick] in gil_trace.c.
   */
  struct gil_head head;
  uint64_t hold_word; /* (m) head.word when this hold began, for gil_fold_quick */

  gil *g;         /* (c) */
  void *poke_arg; /* (c) */
  char name[64];  /* (c) */

  /* Waiting. */
  struct gil_thread *next, *prev; /* (m) place in g->queue */
  bool queued;                    /* (m) */
  bool granted;                   /* (m) the lock was handed to this thread */
  bool urgent;                    /* (m) came back from blocking with credit left */
  bool resumes;                   /* (m) lost the lock to an urgent thread in mid-slice */
  bool forced;              /* (m) interval: may not take the lock before another thread had it */
  uint64_t round_since;     /* (m) when this wait, or this round of it, began */
  uint64_t switches_seen;   /* (m) of g->switches at that time */
  bool overdue;             /* (m) adaptive: waited beyond the bound; goes first, undisturbed */
  uint64_t seen_free;       /* (m) adaptive: the free word at the last look, 0 none */
  uint64_t seen_at;         /* (m) adaptive: when that was */
  uint32_t free_looks;      /* (m) adaptive: looks in a row that found the lock free */
  uint32_t held_looks;      /* (m) adaptive: and held */
  uint64_t call_ns;         /* (m) adaptive: what a call behind a quick release takes; 0: little */
  uint64_t handed_at;       /* (t) when a quick release that passed the lock on was done; 0: none */
  uint64_t ask_again;       /* (m) adaptive: when to repeat a request that got no answer */
  _Atomic uint32_t signal;  /* (a) SIGNAL_*; a futex */
  _Atomic bool drop_wanted; /* (a) relaxed hint, set and cleared under mtx */

  int tid;                    /* (m) 0 before the thread took the lock for the first time */
  bool placed;                /* (m) it wakes up where the last holder ran; see place_near */
  uint32_t confined;          /* (m) see place_near */
  struct os_placement before; /* (m) where it may run otherwise */

  enum gil_class cls;  /* (m) */
  int priority;        /* (m) */
  int64_t credit_ns;   /* (m) adaptive: lock time it may still use as an urgent thread */
  uint64_t slice_ns;   /* (m) lock time used of the current slice before it was interrupted */
  uint64_t spin_ns;    /* (t) learnt length of a spin that pays */
  uint32_t spin_fails; /* (t) */

  struct gil_books books; /* (m), the owner may read books.state */
  char hold_name[128];    /* (t) what it did, where this hold is its longest so far */
  char longest_what[128]; /* (m) the same, of its longest hold */
  bool name_late;         /* (m) another thread ended that hold: it is named by its owner, later */

  struct gil_ring *ring;     /* (m) set once; see gil_trace.h */
  bool tracing;              /* (m) events go into the ring */
  _Atomic uint64_t announce; /* (a) relaxed: the present state is still to be written, as of then */
  uint64_t quick;            /* (m) quick re-takings in the holds that have ended */
  uint64_t quick_base;       /* (m) `quick` at the last reset */

  struct gil_thread *all_next, *all_prev; /* (m) g->all; past ones: all_next in g->past */
};

struct gil_policy;

struct gil {
  /* First. The word: (sequence << 1) | held. Each release makes a sequence number that was never
   * there before, so a compare-and-swap on one's own release succeeds only if nobody else had the
   * lock since. `attention`: (a) relaxed; written under mtx; nonzero: a quick release has to look
   * (quick_slow). */
  _Alignas(64) struct gil_line line;

  _Alignas(64) os_mutex mtx;
  const struct gil_policy *policy; /* (m); names are read without, see policy_of */
  _Atomic uint64_t interval_ns;    /* (a) relaxed */
  gil_poke_fn poke;                /* (c) */

  gil_thread *holder;             /* (m) who took the lock last; holds it while the word is odd */
  gil_thread *queue;              /* (m) waiters, the next one first */
  uint32_t waiters;               /* (m) */
  gil_thread *timekeeper;         /* (m) adaptive: the waiter that watches the clock for all */
  bool many_cpus;                 /* (c) spinning can pay */
  bool polling;                   /* (m) adaptive: the timekeeper looks for a free lock */
  uint64_t overdue_check;         /* (m) adaptive: when to look for starving waiters again */
  uint64_t switches;              /* (m) how often the owner changed */
  enum release_kind last_release; /* (m) how the previous owner gave it up */
  int holder_cpu;                 /* (m) where the holder took the lock */
  uint64_t slice_start;           /* (m) when the holder took the lock */
  bool poll_begins;               /* (m) adaptive: the timekeeper has to be told of `polling` */

  gil_thread *all;     /* (m) every record */
  gil_thread *past;    /* (m) records of threads that ended, the last one first; for reports only */
  uint32_t past_count; /* (m) */
  gil_stats ended;     /* (m) sums of all that ended, since the last reset */

  gil_name_fn name_hold;              /* (c) */
  gil_hist hist[GIL_HISTOGRAM_COUNT]; /* (m) */
  gil_longest longest;                /* (m) */
  const gil_thread *longest_by;       /* (m) whose it is; NULL: gone */
  uint64_t asked_at;                  /* (m) when the holder was asked first; 0: it was not */
  uint64_t handoff_since;             /* (m) same, of the switch that is under way */
  gil_thread *planner;                /* (m) whose plan is being made: who asks */

  struct gil_ring *rings;           /* (m) */
  uint16_t rings_made;              /* (m) */
  enum gil_trace_level trace_level; /* (m) */
  uint32_t trace_capacity;          /* (m) */
};

/* What a waiter does next. */
struct wait_plan {
  uint64_t spin_ns;     /* look for a notification that long before sleeping */
  uint64_t deadline_ns; /* wake up by then; OS_FOREVER */
};

/* A policy decides; gil.c carries out. All functions are called with mtx held. */
struct gil_policy {
  const char *name;
  bool ticks; /* the interpreter offers the lock every 100 instructions */
  bool near;  /* threads that take turns do so on one processor: warm caches */
  bool
      hands_over; /* a release with waiters passes the lock on; else frees it and wakes the first */

  /* t begins to wait: puts it into the queue (gil_queue_insert). `arrived`: how it gave the lock
   * up; `away_ns`: for how long it did without. */
  void (*enqueue)(gil *g, gil_thread *t, enum release_kind arrived, uint64_t away_ns);
  /* The lock is free and t, a waiter or (not queued) just arriving, looks at it. Who may take it:
   * t, another waiter, or NULL: nobody yet. */
  gil_thread *(*claim)(gil *g, gil_thread *t, uint64_t word, uint64_t now);
  /* t is about to wait, or to wait on. May ask the holder to yield (gil_request_drop). */
  struct wait_plan (*plan)(gil *g, gil_thread *t, uint64_t now);
  /* A quick release found `attention`; the lock is free. The waiter to hand it to (hands_over) or
   * to wake (else), or NULL: leave it be. */
  gil_thread *(*quick)(gil *g, gil_thread *t);
  /* Queue, holder or requests have changed: sets g->line.attention. A waiter that should look
   * again, or NULL. */
  gil_thread *(*attend)(gil *g);
  /* t gives the lock up after using it for `used` ns; still before the next owner is chosen. */
  void (*used)(gil *g, gil_thread *t, enum release_kind kind, uint64_t used, uint64_t now);
};

extern const struct gil_policy gil_policy_adaptive, gil_policy_interval, gil_policy_fifo,
    gil_policy_tick;
const struct gil_policy *gil_policy_find(const char *name); /* NULL: no such policy */

/* The clocks of two threads may disagree by a little: see os_clock.c. */
static inline uint64_t gil_since(uint64_t now, uint64_t then) {
  return now > then ? now - then : 0;
}

static inline bool gil_word_free(uint64_t word) { return (word & 1) == 0; }

static inline uint64_t gil_word_of(const gil_thread *t) {
  return atomic_load_explicit(&t->head.word, memory_order_relaxed);
}
static inline void gil_set_word(gil_thread *t, uint64_t word) {
  atomic_store_explicit(&t->head.word, word, memory_order_relaxed);
}

/* The books say that t holds the lock; after a quick release they go on saying so. */
static inline bool gil_holds(const gil_thread *t) {
  return t->books.state == GIL_RUNNING || t->books.state == GIL_COLLECTING;
}

/* How often t took the lock back quickly since this hold began: each time, the word moved on by
 * two. mtx held. */
static inline uint64_t gil_quick_of_hold(const gil_thread *t) {
  return gil_holds(t) ? (gil_word_of(t) - t->hold_word) / 2 : 0;
}
static inline void gil_fold_quick(gil_thread *t) { t->quick += gil_quick_of_hold(t); }

static inline uint64_t gil_interval_of(gil *g) {
  return atomic_load_explicit(&g->interval_ns, memory_order_relaxed);
}

/* gil_queue.c: all with mtx held. */
/* Before the first waiter that `t` may pass, else at the end. NULL: always at the end. */
void gil_queue_insert(gil *g, gil_thread *t,
                      bool (*may_pass)(const gil_thread *, const gil_thread *));
void gil_queue_remove(gil *g, gil_thread *t);

/* Asks the holder to yield, once per request (mtx held). */
void gil_request_drop(gil *g);
/* Tells a waiter to look again. Called with mtx held; the system call that wakes a sleeper is left
 * for after unlocking: true if it is needed (os_futex_wake_one(&t->signal)). */
GILT_NODISCARD bool gil_notify(gil_thread *t);

/* gil_stats.c, mtx held: t's state changes; returns how long it was in the one before. */
uint64_t gil_account(gil_thread *t, enum gil_state next, uint64_t now);
/* t has the lock now. `waited`: it had to queue. */
void gil_account_taken(gil_thread *t, uint64_t now, bool waited);
/* t's hold ended at `now`. */
void gil_account_hold(gil *g, gil_thread *t, uint64_t now);
void gil_account_detach(gil *g, gil_thread *t, uint64_t now);
void gil_stats_clear(gil *g);
/* Without mtx, holding the lock: if the hold is the thread's longest so far, asks the interpreter
 * what it was. */
void gil_name_hold(gil *g, gil_thread *t, uint64_t now);
/* The same for a hold that ended with a quick release, once the thread has the lock again. */
void gil_name_late(gil *g, gil_thread *t);
/* mtx held: the record of a thread that ends is kept for reports; returns one to free, or NULL. */
gil_thread *gil_keep_past(gil *g, gil_thread *t);
void gil_past_clear(gil *g); /* mtx held, or nobody else there */

/* gil_trace.c; events of t are written by t itself. */
void gil_trace_write(gil_thread *t, enum gil_event_kind kind, uint32_t arg, uint64_t now);
void gil_trace_state(gil_thread *t, enum gil_state next, uint64_t now);
void gil_trace_quick_write(gil_thread *t, enum gil_event_kind kind) __attribute__((cold));
void gil_trace_attach(gil *g, gil_thread *t);
void gil_trace_detach(gil_thread *t); /* mtx held */
void gil_trace_fork_child(gil *g, gil_thread *t);
void gil_trace_fini(gil *g);

/* mtx held: one branch while nobody traces. */
static inline void gil_trace(gil_thread *t, enum gil_event_kind kind, uint32_t arg, uint64_t now) {
  if (GILT_GIL_BOOKS && __builtin_expect(t->tracing, false)) gil_trace_write(t, kind, arg, now);
}

static inline uint32_t gil_number(const gil_thread *t) {
  return t != NULL && t->ring != NULL ? t->ring->number : 0;
}

/* The owner, without mtx: are its short releases traced? */
static inline bool gil_trace_quick(const gil_thread *t) {
  /* [trace-quick] acquire: pairs with the release in gil_trace.c. */
  return atomic_load_explicit(&t->head.trace_quick, memory_order_acquire);
}

#endif
