/* gil.c: taking, giving up and handing over the lock. Which waiter, and when, is the policy's
 * business (gil_policy_*.c); this file carries it out. Protocol and lock order: README.md. */
#include "gil_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A spin longer than this costs more than the sleep that it saves. */
#define SPIN_CAP_NS UINT64_C(40000)
/* Who raises `attention` looks again after that long: a release at that very moment missed it. */
#define SECOND_LOOK_NS UINT64_C(100000)

/* A thread found with one processor to run on: that many times it is not looked at again. */
#define CONFINED_FOR 64

/* The exported twins may be replaced by another library's, so the compiler must not inline them. */
static inline bool held(const gil_thread *t) { return !gil_word_free(gil_word_of(t)); }
static inline bool drop_wanted(const gil_thread *t) {
  return atomic_load_explicit(&t->drop_wanted, memory_order_relaxed);
}

/* Keeps what is rare out of the quick functions, and its registers out of their prologues. */
#define RARE __attribute__((noinline, cold))

/* ---- waking ---- */

bool gil_notify(gil_thread *t) {
  /* Relaxed would do: the waiter takes mtx before it believes anything. */
  return atomic_exchange_explicit(&t->signal, SIGNAL_NOTIFIED, memory_order_relaxed) ==
         SIGNAL_PARKED;
}

/* Sleepers to wake once mtx is free: a woken thread that finds mtx taken would sleep again. */
struct wakes {
  gil_thread *thread[4];
  int count;
};

static void wakes_add(struct wakes *w, gil_thread *t) {
  if (t != NULL && gil_notify(t)) w->thread[w->count++] = t;
}

/* The records may be gone by now; a wake-up on an address that is no futex any more is harmless. */
static void unlock_and_wake(gil *g, struct wakes *w) {
  os_mutex_unlock(&g->mtx);
  for (int i = 0; i < w->count; i++) os_futex_wake_one(&w->thread[i]->signal);
  w->count = 0;
}

/* ---- creation ---- */

int gil_create(const gil_options *opt, gil **gil_out) {
  const char *name = opt != NULL ? opt->policy : NULL;
  const struct gil_policy *policy = name != NULL ? gil_policy_find(name) : &gil_policy_adaptive;
  if (policy == NULL) return GILT_EINVAL;
  gil *g = aligned_alloc(64, (sizeof *g + 63) & ~(size_t)63);
  if (g == NULL) return GILT_ENOMEM;
  memset(g, 0, sizeof *g);
  os_clock_init();
  os_mutex_init(&g->mtx);
  atomic_init(&g->line.word, 2); /* free, and not the word of any thread yet */
  atomic_init(&g->line.attention, 0);
  g->policy = policy;
  g->poke = opt != NULL ? opt->poke : NULL;
  g->name_hold = opt != NULL ? opt->name_hold : NULL;
  g->holder_cpu = -1;
  g->many_cpus = os_cpu_count() > 1;
  atomic_init(&g->interval_ns, 0);
  gil_set_interval(g, opt != NULL && opt->interval_ns != 0 ? opt->interval_ns
                                                           : GIL_INTERVAL_DEFAULT_NS);
  *gil_out = g;
  return GILT_OK;
}

void gil_destroy(gil *g) {
  if (g == NULL) return;
  if (g->all != NULL) os_die("gil_destroy: threads are still attached");
  gil_past_clear(g);
  os_mutex_fini(&g->mtx);
  gil_trace_fini(g);
  free(g);
}

int gil_attach(gil *g, const char *name, void *poke_arg, gil_thread **out) {
  gil_thread *t = aligned_alloc(64, (sizeof *t + 63) & ~(size_t)63);
  if (t == NULL) return GILT_ENOMEM;
  memset(t, 0, sizeof *t);
  t->head.line = &g->line;
  t->g = g;
  t->poke_arg = poke_arg;
  if (name != NULL) strncpy(t->name, name, sizeof t->name - 1);
  t->spin_ns = SPIN_CAP_NS / 4;
  t->books.state = GIL_DETACHED;
  t->books.born = t->books.since = os_now_ns();
  os_mutex_lock(&g->mtx);
  t->all_next = g->all;
  if (g->all != NULL) g->all->all_prev = t;
  g->all = t;
  bool traced = g->trace_level != GIL_TRACE_OFF;
  os_mutex_unlock(&g->mtx);
  if (traced) gil_trace_attach(g, t);
  *out = t;
  return GILT_OK;
}

void gil_detach(gil_thread *t) {
  gil *g = t->g;
  struct wakes w = {.count = 0};
  if (held(t)) os_die("gil_detach: the thread holds the lock");
  os_mutex_lock(&g->mtx);
  gil_account_detach(g, t, os_now_ns());
  gil_trace_detach(t);
  if (g->holder == t) {
    g->holder = NULL;
    /* It may have left by a quick release, and it never comes back. */
    wakes_add(&w, g->queue);
  }
  if (t->all_prev != NULL)
    t->all_prev->all_next = t->all_next;
  else
    g->all = t->all_next;
  if (t->all_next != NULL) t->all_next->all_prev = t->all_prev;
  gil_thread *gone = gil_keep_past(g, t);
  unlock_and_wake(g, &w);
  free(gone);
}

void gil_set_class(gil_thread *t, enum gil_class cls, int priority) {
  os_mutex_lock(&t->g->mtx);
  t->cls = cls;
  t->priority = priority < GIL_PRIORITY_MIN   ? GIL_PRIORITY_MIN
                : priority > GIL_PRIORITY_MAX ? GIL_PRIORITY_MAX
                                              : priority;
  os_mutex_unlock(&t->g->mtx);
}

/* ---- the owner changes (mtx held) ---- */

/* The lock passes from g->holder, which gave it up as g->last_release says, to t. */
static void change_owner(gil *g, gil_thread *t, uint64_t now) {
  gil_thread *prev = g->holder;
  if (prev != t) {
    g->switches++;
    GILT_PROBE(switch, prev, t); /* records: the old owner, the new one */
    g->handoff_since = g->asked_at;
    g->asked_at = 0;
    bool asked = false;
    if (prev != NULL) {
      asked = atomic_load_explicit(&prev->drop_wanted, memory_order_relaxed);
      atomic_store_explicit(&prev->drop_wanted, false, memory_order_relaxed);
    }
    if (g->last_release == RELEASE_YIELD || asked)
      t->books.stats.switches_requested++;
    else
      t->books.stats.switches_voluntary++;
  }
  g->holder = t;
  g->slice_start = now;
}

/* The holder's quick release turns out to be the end of its hold: t is taking the lock. */
static void end_quick_hold(gil *g, uint64_t now) {
  gil_thread *prev = g->holder;
  prev->books.lost_at = now;
  g->last_release = RELEASE_QUICK;
  g->policy->used(g, prev, RELEASE_QUICK, gil_since(now, g->slice_start), now);
  gil_account_hold(g, prev, now);
}

/* Takes the free lock for t (the caller, or a waiter that it is handed to). False: the thread that
 * released it last was quicker. */
static bool take_free(gil *g, gil_thread *t, uint64_t word, uint64_t now) {
  /* [word] acquire: what the last owner did is visible. Pairs with the release stores of
   * g->line.word.
   */
  if (!atomic_compare_exchange_strong_explicit(&g->line.word, &word, word | 1, memory_order_acquire,
                                               memory_order_relaxed))
    return false;
  gil_set_word(t, word | 1);
  gil_thread *prev = g->holder;
  if (prev != NULL && prev != t && gil_holds(prev) && prev->books.lost_at == 0)
    end_quick_hold(g, now);
  change_owner(g, t, now);
  return true;
}

static void hand_to(gil *g, gil_thread *t) {
  gil_queue_remove(g, t);
  if (g->timekeeper == t) g->timekeeper = NULL;
  t->granted = true;
}

/* Gives up the held lock: to the first waiter where the policy hands over, else to whoever comes.
 * Returns the waiter to notify, or NULL. */
static gil_thread *give_up(gil *g, gil_thread *t, enum release_kind kind, uint64_t now) {
  g->policy->used(g, t, kind, gil_since(now, g->slice_start), now);
  gil_account_hold(g, t, now);
  g->last_release = kind;
  gil_thread *next = g->queue;
  gil_trace(t, GIL_EVENT_HANDOFF, g->policy->hands_over ? gil_number(next) : 0, now);
  gil_fold_quick(t);
  uint64_t word = gil_word_of(t) + 1; /* even: a release that was never there before */
  /* Not a release that this thread might find untouched: the books need an entry. */
  gil_set_word(t, 0);
  if (next != NULL && g->policy->hands_over) {
    gil_set_word(next, word | 1);
    hand_to(g, next);
    change_owner(g, next, now);
    word |= 1;
  }
  /* [word] release: all that this thread did under the lock is visible to the next owner, which
   * takes it by an acquire compare-and-swap, or finds `granted` under mtx. */
  atomic_store_explicit(&g->line.word, word, memory_order_release);
  return next;
}

void gil_request_drop(gil *g) {
  gil_thread *h = g->holder;
  if (h == NULL) return;
  atomic_store_explicit(&h->drop_wanted, true, memory_order_relaxed);
  h->books.stats.requests++;
  GILT_PROBE(request, g, h); /* lock, record of the holder */
  uint64_t now = os_now_ns();
  if (g->asked_at == 0) g->asked_at = now;
  if (g->planner != NULL) gil_trace(g->planner, GIL_EVENT_REQUEST, gil_number(h), now);
  if (g->poke != NULL) g->poke(h->poke_arg);
}

/* ---- waiting ---- */

static void learn_spin(gil_thread *t, bool paid, uint64_t took_ns) {
  if (paid) {
    uint64_t want = took_ns * 2 + 1000;
    t->spin_ns = (t->spin_ns * 3 + (want < SPIN_CAP_NS ? want : SPIN_CAP_NS)) / 4;
    t->spin_fails = 0;
  } else if (++t->spin_fails % 64 == 0) {
    t->spin_ns = SPIN_CAP_NS; /* the world may have changed: try a long one again */
  } else {
    t->spin_ns -= t->spin_ns / 4;
  }
}

static bool spin(gil_thread *t, uint64_t spin_ns) {
  uint64_t start = os_now_ns(), now = start;
  do {
    for (int i = 0; i < 16; i++) {
      if (atomic_load_explicit(&t->signal, memory_order_relaxed) == SIGNAL_NOTIFIED) {
        learn_spin(t, true, gil_since(now, start));
        return true;
      }
      os_cpu_relax();
    }
    now = os_now_ns();
  } while (gil_since(now, start) < spin_ns);
  learn_spin(t, false, 0);
  return false;
}

/* Waits for a notification; mtx is given up meanwhile. False: the deadline came first. */
static bool park(gil *g, gil_thread *t, struct wait_plan plan, struct wakes *w) {
  /* Notifications come under mtx, after a change that the caller has looked for under mtx: none is
   * lost. */
  atomic_store_explicit(&t->signal, SIGNAL_NONE, memory_order_relaxed);
  bool spin_pays = plan.spin_ns >= 500 && g->many_cpus && g->holder_cpu != os_cpu();
  unlock_and_wake(g, w);
  if (!spin_pays || !spin(t, plan.spin_ns)) {
    uint32_t none = SIGNAL_NONE;
    if (atomic_compare_exchange_strong_explicit(&t->signal, &none, SIGNAL_PARKED,
                                                memory_order_relaxed, memory_order_relaxed)) {
      while (atomic_load_explicit(&t->signal, memory_order_relaxed) == SIGNAL_PARKED)
        if (!os_futex_wait(&t->signal, SIGNAL_PARKED, plan.deadline_ns)) break;
    }
  }
  os_mutex_lock(&g->mtx);
  return atomic_load_explicit(&t->signal, memory_order_relaxed) == SIGNAL_NOTIFIED;
}

/* One look of a waiter at the lock. */
static bool try_claim(gil *g, gil_thread *t, uint64_t now, struct wakes *w) {
  uint64_t word = atomic_load_explicit(&g->line.word, memory_order_relaxed);
  if (!gil_word_free(word)) return false;
  gil_thread *winner = g->policy->claim(g, t, word, now);
  if (winner == NULL || !take_free(g, winner, word, now)) return false;
  if (winner->queued) hand_to(g, winner);
  if (winner == t) {
    t->granted = false;
    return true;
  }
  wakes_add(w, winner);
  return false;
}

/* t is queued; returns, with mtx held, once it has the lock. */
static uint64_t wait_for_lock(gil *g, gil_thread *t, uint64_t now, struct wakes *w) {
  uint64_t second_look = 0;
  for (;;) {
    if (t->granted) {
      t->granted = false;
      return now;
    }
    if (try_claim(g, t, now, w)) return now;
    g->planner = t;
    struct wait_plan plan = g->policy->plan(g, t, now);
    g->planner = NULL;
    /* A holder that has not been here yet since the lock was handed to it cannot miss it. */
    bool at_work = g->holder == NULL || !g->holder->granted;
    if (at_work && atomic_load_explicit(&g->line.attention, memory_order_relaxed) == 0)
      second_look = now + SECOND_LOOK_NS;
    wakes_add(w, g->policy->attend(g));
    if (now < second_look && second_look < plan.deadline_ns) plan.deadline_ns = second_look;
    bool notified = park(g, t, plan, w);
    now = os_now_ns();
    if (notified && !t->granted &&
        !gil_word_free(atomic_load_explicit(&g->line.word, memory_order_relaxed))) {
      t->books.stats.failed_wakeups++;
      gil_trace(t, GIL_EVENT_FAILED, gil_number(g->holder), now);
    }
  }
}

/* The rest of every taking that was not quick: mtx held on entry, free on return. */
static void finish_taking(gil *g, gil_thread *t, uint64_t now, bool waited, struct wakes *w) {
  g->slice_start = now;
  g->holder_cpu = os_cpu();
  if (g->timekeeper == t) g->timekeeper = NULL;
  if (GILT_GIL_BOOKS && g->handoff_since != 0 && now > g->handoff_since)
    gil_hist_record(&g->hist[GIL_HISTOGRAM_HANDOFF], now - g->handoff_since);
  g->handoff_since = 0;
  gil_account_taken(t, now, waited);
  if (t->tid == 0) t->tid = os_thread_id();
  bool placed = t->placed;
  t->placed = false;
  t->hold_word = gil_word_of(t);
  wakes_add(w, g->policy->attend(g));
  unlock_and_wake(g, w);
  if (placed) os_unplace(&t->before);
}

RARE static void acquire_slow(gil_thread *t, enum release_kind arrived) {
  gil *g = t->g;
  struct wakes w = {.count = 0};
  uint64_t now = os_now_ns();
  bool waited = false;
  os_mutex_lock(&g->mtx);
  gil_fold_quick(t);
  uint64_t away = gil_account(t, GIL_WAITING, now);
  uint64_t word = atomic_load_explicit(&g->line.word, memory_order_relaxed);
  if (g->queue != NULL || !gil_word_free(word) || !take_free(g, t, word, now)) {
    waited = true;
    t->round_since = now;
    t->switches_seen = g->switches;
    g->policy->enqueue(g, t, arrived, away);
    now = wait_for_lock(g, t, now, &w);
  }
  finish_taking(g, t, now, waited, &w);
}

/* ---- the public entry points ---- */

/* The lock again, if nobody had it since this thread gave it up. The books say "running" all the
 * while, and the number of such takings can be read off the word (gil_fold_quick), so the compare-
 * and-swap has two stores beside it: it waits until every store before it is done. */
static inline bool take_again(gil_thread *t, uint64_t mine) {
  uint64_t seen = mine;
  /* [word] acquire: pairs with the release stores of g->line.word. */
  if (!atomic_compare_exchange_strong_explicit(&t->g->line.word, &seen, mine | 1,
                                               memory_order_acquire, memory_order_relaxed))
    return false;
  gil_set_word(t, mine | 1);
  return true;
}

/* What gil_acquire does beyond one compare-and-swap. */
RARE static void acquire_rest(gil_thread *t) {
  if (held(t)) os_die("gil_acquire: the thread holds the lock already");
  int saved = errno;
  acquire_slow(t, gil_holds(t) ? RELEASE_QUICK : RELEASE_BLOCK);
  if (t->name_late) gil_name_late(t->g, t);
  errno = saved;
}

void gil_acquire(gil_thread *t) {
  uint64_t mine = gil_word_of(t);
  if (__builtin_expect(!gil_word_free(mine) || !take_again(t, mine), false)) {
    acquire_rest(t);
    return;
  }
  if (__builtin_expect(gil_trace_quick(t), false)) gil_trace_quick_write(t, GIL_EVENT_QUICK_TAKE);
}

bool gil_try_acquire(gil_thread *t) {
  gil *g = t->g;
  struct wakes w = {.count = 0};
  if (held(t)) os_die("gil_try_acquire: the thread holds the lock already");
  if (take_again(t, gil_word_of(t))) {
    if (gil_trace_quick(t)) gil_trace_quick_write(t, GIL_EVENT_QUICK_TAKE);
    return true;
  }
  os_mutex_lock(&g->mtx);
  gil_fold_quick(t);
  uint64_t now = os_now_ns();
  uint64_t word = atomic_load_explicit(&g->line.word, memory_order_relaxed);
  if (!gil_word_free(word) || g->queue != NULL || !take_free(g, t, word, now)) {
    os_mutex_unlock(&g->mtx);
    return false;
  }
  gil_account(t, GIL_WAITING, now);
  finish_taking(g, t, now, false, &w);
  return true;
}

/* The lock is free by a quick release of t, and the policy wanted to hear of it. */
RARE static void quick_slow(gil_thread *t) {
  gil *g = t->g;
  struct wakes w = {.count = 0};
  int saved = errno;
  bool handed = false;
  os_mutex_lock(&g->mtx);
  if (atomic_load_explicit(&g->line.word, memory_order_relaxed) == gil_word_of(t)) {
    gil_thread *next = g->policy->quick(g, t);
    if (next != NULL && g->policy->hands_over) {
      uint64_t now = os_now_ns();
      if (take_free(g, next, gil_word_of(t), now)) {
        gil_trace(t, GIL_EVENT_HANDOFF, gil_number(next), now);
        hand_to(g, next);
        handed = true;
      } else
        next = NULL;
    }
    wakes_add(&w, next);
    wakes_add(&w, g->policy->attend(g));
  }
  unlock_and_wake(g, &w);
  t->handed_at = handed ? os_now_ns() : 0;
  errno = saved;
}

static inline void release_to(gil_thread *t, uint64_t word) {
  gil_set_word(t, word);
  /* [word] release: pairs with the acquire compare-and-swaps on g->line.word. */
  atomic_store_explicit(&t->g->line.word, word, memory_order_release);
  /* Relaxed: a waiter that came at this very moment may be missed here. It looks for itself
   * (GRACE_NS in gil_policy_adaptive.c; under the other policies it holds the interval's timer). */
  if (__builtin_expect(atomic_load_explicit(&t->g->line.attention, memory_order_relaxed) != 0,
                       false))
    quick_slow(t);
}

/* gil_release by a caller that does not hold the lock, or with a trace. */
RARE static void release_odd(gil_thread *t) {
  if (!held(t)) os_die("gil_release: the thread does not hold the lock");
  gil_trace_quick_write(t, GIL_EVENT_QUICK_RELEASE);
  release_to(t, gil_word_of(t) + 1);
}

void gil_release(gil_thread *t) {
  uint64_t mine = gil_word_of(t);
  if (__builtin_expect(gil_word_free(mine) || gil_trace_quick(t), false))
    release_odd(t);
  else
    release_to(t, mine + 1);
}

/* Gives the lock up for good reason; the thread's time counts as `state` from now on. */
static void leave(gil_thread *t, enum release_kind kind, enum gil_state state) {
  gil *g = t->g;
  struct wakes w = {.count = 0};
  int saved = errno;
  uint64_t now = os_now_ns();
  gil_name_hold(g, t, now);
  os_mutex_lock(&g->mtx);
  gil_thread *next = give_up(g, t, kind, now);
  gil_account(t, state, now);
  wakes_add(&w, next);
  wakes_add(&w, g->policy->attend(g));
  unlock_and_wake(g, &w);
  errno = saved;
}

void gil_block_begin(gil_thread *t, enum gil_state state) {
  if (!held(t)) os_die("gil_block_begin: the thread does not hold the lock");
  leave(t, RELEASE_BLOCK, state);
}

void gil_block_end(gil_thread *t) {
  int saved = errno;
  if (held(t)) os_die("gil_block_end: the thread holds the lock already");
  acquire_slow(t, RELEASE_BLOCK);
  errno = saved;
}

/* `next`, asleep, has got the lock at the end of a slice, and the caller is about to sleep. Woken
 * on another processor it would have to fetch the heap from this one's cache, and an idle processor
 * takes its time to wake up; so it is confined to this one until it runs (finish_taking), an
 * instant from now. A thread that comes back from outside runs already and stays where it is. */
static void place_near(gil *g, gil_thread *next) {
  if (!g->policy->near || !g->many_cpus || next == NULL || next->urgent || next->tid == 0) return;
  if (atomic_load_explicit(&next->signal, memory_order_relaxed) != SIGNAL_PARKED) return;
  if (next->confined > 0) { /* the host has bound it to one processor: not asked each time */
    next->confined--;
    return;
  }
  enum os_place_result r = os_place(next->tid, os_cpu(), &next->before);
  next->placed = r == OS_PLACED;
  if (r == OS_PLACE_NO_CHOICE) next->confined = CONFINED_FOR;
}

/* Passes the lock on and queues up for it again. */
static void yield_slow(gil_thread *t, enum release_kind kind) {
  gil *g = t->g;
  struct wakes w = {.count = 0};
  if (!held(t)) os_die("gil_yield, gil_give_way: the thread does not hold the lock");
  uint64_t now = os_now_ns();
  gil_name_hold(g, t, now);
  os_mutex_lock(&g->mtx);
  if (g->queue == NULL) {
    /* Whoever asked is gone. */
    atomic_store_explicit(&t->drop_wanted, false, memory_order_relaxed);
    g->policy->attend(g);
    os_mutex_unlock(&g->mtx);
    return;
  }
  gil_thread *next = give_up(g, t, kind, now);
  place_near(g, next);
  wakes_add(&w, next);
  gil_account(t, GIL_WAITING, now);
  t->round_since = now;
  t->switches_seen = g->switches;
  g->policy->enqueue(g, t, RELEASE_YIELD, 0);
  if (!g->policy->hands_over) {
    /* The woken waiter has to race for it: not while we hold mtx. */
    unlock_and_wake(g, &w);
    os_mutex_lock(&g->mtx);
  }
  now = wait_for_lock(g, t, now, &w);
  finish_taking(g, t, now, true, &w);
}

void gil_yield(gil_thread *t) {
  if (GILT_STRESS_GIL || drop_wanted(t)) {
    int saved = errno;
    yield_slow(t, RELEASE_YIELD);
    errno = saved;
  }
}

void gil_give_way(gil_thread *t) {
  int saved = errno;
  yield_slow(t, RELEASE_AWAY);
  errno = saved;
}

bool gil_drop_wanted(const gil_thread *t) {
  return atomic_load_explicit(&t->drop_wanted, memory_order_relaxed);
}

bool gil_held(const gil_thread *t) { return held(t); }

/* ---- settings ---- */

void gil_set_interval(gil *g, uint64_t interval_ns) {
  if (interval_ns < GIL_INTERVAL_MIN_NS) interval_ns = GIL_INTERVAL_MIN_NS;
  if (interval_ns > GIL_INTERVAL_MAX_NS) interval_ns = GIL_INTERVAL_MAX_NS;
  atomic_store_explicit(&g->interval_ns, interval_ns, memory_order_relaxed);
}

uint64_t gil_interval(const gil *g) {
  return atomic_load_explicit(&g->interval_ns, memory_order_relaxed);
}

static const struct gil_policy *const policies[] = {&gil_policy_adaptive, &gil_policy_interval,
                                                    &gil_policy_fifo, &gil_policy_tick};
enum { POLICY_COUNT = sizeof policies / sizeof *policies };

const struct gil_policy *gil_policy_find(const char *name) {
  for (int i = 0; i < POLICY_COUNT; i++)
    if (strcmp(policies[i]->name, name) == 0) return policies[i];
  return NULL;
}

const char *const *gil_policy_names(void) {
  static const char *const names[] = {"adaptive", "interval", "fifo", "tick", NULL};
  return names;
}

/* Read by any thread, without mtx. */
static const struct gil_policy *policy_of(const gil *g) {
  return __atomic_load_n(&g->policy, __ATOMIC_RELAXED);
}

const char *gil_policy(const gil *g) { return policy_of(g)->name; }
bool gil_policy_ticks(const gil *g) { return policy_of(g)->ticks; }

int gil_set_policy(gil_thread *t, const char *name) {
  gil *g = t->g;
  const struct gil_policy *policy = gil_policy_find(name);
  if (policy == NULL) return GILT_EINVAL;
  if (!held(t)) os_die("gil_set_policy: the thread does not hold the lock");
  os_mutex_lock(&g->mtx);
  __atomic_store_n(&g->policy, policy, __ATOMIC_RELAXED);
  g->timekeeper = NULL;
  g->polling = false;
  /* Every waiter makes a new plan under the new policy. */
  for (gil_thread *u = g->queue; u != NULL; u = u->next) {
    u->forced = u->urgent = u->resumes = false;
    if (gil_notify(u)) os_futex_wake_one(&u->signal);
  }
  policy->attend(g);
  os_mutex_unlock(&g->mtx);
  return GILT_OK;
}
