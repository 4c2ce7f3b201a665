/* gil_policy_adaptive.c: the default. No convoy, no give-away at short calls, nobody starves.
 *
 * Every thread has a credit: lock time that it may use as an *urgent* thread. The credit runs down
 * while the thread holds the lock and fills up, as fast, while it is outside; half an interval at
 * most. A thread that comes back from outside with credit left is urgent: it goes before all others
 * and asks the holder at once. So a thread that uses up to half of the lock answers in
 * microseconds, and one that computes soon waits its turn like the rest. A CPU-bound thread
 * interrupted in mid-slice goes on with its slice as soon as the urgent ones are served, on the
 * same core with warm caches.
 *
 * Bound: who has waited 2 x (waiters + 4) intervals goes first and is not interrupted for half an
 * interval.
 *
 * A quick release leaves the lock free and waiters alone. One waiter, the timekeeper, watches the
 * end of the holder's slice for all; while the holder makes quick releases it also looks every
 * GRACE_NS, and takes the lock (for the first in line) when it saw the same release twice, or a
 * free lock four times running and few releases between. Many releases between two looks are a
 * burst of short calls: a switch would cost as much as many of them, so the burst goes on until the
 * slice ends, and two such threads, or one and a CPU-bound one, have half of the time each.
 *
 * A thread whose calls turn out to be long (LONG_CALL_NS) hands the lock over at each of its
 * releases, as if the call were known to block, until they are short again: the others compute
 * meanwhile, and it comes back as an urgent thread. */
#include "gil_impl.h"

#define GRACE_NS     UINT64_C(100000)
#define FREE_LOOKS   4
#define HELD_LOOKS   16
#define LONG_CALL_NS UINT64_C(10000)

static bool is_free(gil *g) {
  return gil_word_free(atomic_load_explicit(&g->line.word, memory_order_relaxed));
}

static bool drop_wanted(gil *g) {
  return g->holder != NULL && atomic_load_explicit(&g->holder->drop_wanted, memory_order_relaxed);
}

/* ---- the line ---- */

static int rank(const gil_thread *t) {
  return (t->urgent ? 1000 : 0) + 2 * t->priority + (t->resumes ? 1 : 0);
}

static bool may_pass(const gil_thread *t, const gil_thread *other) {
  return !other->overdue && rank(t) > rank(other);
}

static void refill(gil *g, gil_thread *t, uint64_t away_ns) {
  int64_t cap = (int64_t)(gil_interval_of(g) / 2);
  int64_t more = away_ns < INT64_MAX / 2 ? (int64_t)away_ns : INT64_MAX / 2;
  t->credit_ns = more >= cap - t->credit_ns ? cap : t->credit_ns + more;
}

static void enqueue(gil *g, gil_thread *t, enum release_kind arrived, uint64_t away_ns) {
  t->overdue = t->resumes = t->urgent = false;
  t->seen_free = 0;
  t->free_looks = t->held_looks = 0;
  t->ask_again = 0;
  if (arrived == RELEASE_YIELD) {
    bool interrupted = g->holder != NULL && g->holder != t && g->holder->urgent;
    t->resumes = interrupted && t->slice_ns < gil_interval_of(g);
    if (!t->resumes) t->slice_ns = 0;
  } else {
    if (t->handed_at != 0) /* without what the hand-over took */
      t->call_ns = (3 * t->call_ns + gil_since(t->round_since, t->handed_at)) / 4;
    refill(g, t, away_ns);
    t->urgent = t->cls == GIL_CLASS_LATENCY || (t->cls == GIL_CLASS_AUTO && t->credit_ns > 0);
  }
  t->handed_at = 0;
  gil_queue_insert(g, t, may_pass);
}

/* At most once per interval: lets the longest waiter beyond the bound go first. */
static void serve_overdue(gil *g, uint64_t now) {
  uint64_t interval = gil_interval_of(g);
  if (now < g->overdue_check) return;
  g->overdue_check = now + interval;
  uint64_t bound = 2 * ((uint64_t)g->waiters + 4) * interval;
  gil_thread *oldest = NULL;
  for (gil_thread *t = g->queue; t != NULL; t = t->next)
    if (oldest == NULL || t->round_since < oldest->round_since) oldest = t;
  if (oldest == NULL || now < oldest->round_since + bound) return;
  gil_queue_remove(g, oldest);
  oldest->overdue = true;
  gil_thread *rest = g->queue;
  oldest->next = rest;
  if (rest != NULL) rest->prev = oldest;
  g->queue = oldest;
  oldest->queued = true;
  g->waiters++;
}

static void used(gil *g, gil_thread *t, enum release_kind kind, uint64_t used_ns, uint64_t now) {
  int64_t floor = -(int64_t)(gil_interval_of(g) / 2);
  int64_t left =
      t->credit_ns - (int64_t)(used_ns < UINT64_C(1) << 40 ? used_ns : UINT64_C(1) << 40);
  t->credit_ns = left < floor ? floor : left;
  t->slice_ns = kind == RELEASE_YIELD ? t->slice_ns + used_ns : 0;
  t->urgent = t->overdue = false;
  if (g->queue != NULL) serve_overdue(g, now);
}

/* ---- a free lock ---- */

static bool calls_are_long(const gil_thread *t) { return t != NULL && t->call_ns >= LONG_CALL_NS; }

/* `releases` since the last look, GRACE_NS ago or more: what a call of the holder takes, at least.
 */
static void learn_call(gil_thread *holder, uint64_t releases) {
  uint64_t each = GRACE_NS / (releases + 1);
  if (each > holder->call_ns) holder->call_ns = each;
}

static gil_thread *claim(gil *g, gil_thread *t, uint64_t word, uint64_t now) {
  if (t->urgent || g->holder == NULL) return g->queue;
  if (t != g->timekeeper && t != g->queue) return NULL;
  if (t->seen_free != 0 && gil_since(now, t->seen_at) < GRACE_NS / 2)
    return NULL; /* too soon for another look */
  t->held_looks = 0;
  uint64_t releases = t->seen_free != 0 ? (word - t->seen_free) / 2 : GRACE_NS;
  t->seen_free = word;
  t->seen_at = now;
  /* A look is as late as the system makes it: several releases may mean several GRACE_NS. */
  bool slow = releases < GRACE_NS / LONG_CALL_NS;
  t->free_looks = slow ? t->free_looks + 1 : 0;
  if (releases != 0 && t->free_looks < FREE_LOOKS && !drop_wanted(g)) return NULL;
  if (slow) learn_call(g->holder, releases);
  t->seen_free = 0;
  t->free_looks = 0;
  return g->queue;
}

static gil_thread *quick(gil *g, gil_thread *t) {
  if (g->queue != NULL && calls_are_long(t)) return g->queue;
  if (drop_wanted(g) || (g->queue != NULL && g->queue->urgent)) return g->queue;
  if (!g->polling && g->queue != NULL) g->polling = g->poll_begins = true;
  return NULL;
}

/* ---- waiting ---- */

/* Asks the holder to yield, again after an interval without an answer (it may have been in a C
 * function, or outside for a moment). Returns when to ask next. */
static uint64_t ask(gil *g, gil_thread *t, uint64_t now) {
  if (!drop_wanted(g) || (t->ask_again != 0 && now >= t->ask_again)) {
    gil_request_drop(g);
    t->ask_again = 0;
  }
  if (t->ask_again == 0) t->ask_again = now + gil_interval_of(g);
  return t->ask_again;
}

static struct wait_plan plan_urgent(gil *g, gil_thread *t, uint64_t now) {
  uint64_t interval = gil_interval_of(g);
  gil_thread *h = g->holder;
  uint64_t free_until = 0; /* the holder is left alone that long */
  if (h != NULL && h->overdue)
    free_until = g->slice_start + interval / 2;
  else if (h != NULL && h->urgent)
    free_until = g->slice_start + (h->credit_ns > 0 ? (uint64_t)h->credit_ns : 0);
  if (now < free_until) return (struct wait_plan){.spin_ns = t->spin_ns, .deadline_ns = free_until};
  return (struct wait_plan){.spin_ns = t->spin_ns, .deadline_ns = ask(g, t, now)};
}

/* The timekeeper's next look at the clock, at the lock, or both. */
static uint64_t watch(gil *g, gil_thread *t, uint64_t now) {
  uint64_t interval = gil_interval_of(g);
  uint64_t done = g->holder != NULL ? g->holder->slice_ns : 0;
  uint64_t slice_end = g->slice_start + (done < interval ? interval - done : 0);
  if (!is_free(g)) {
    t->free_looks = 0;
    t->seen_free = 0;
    if (++t->held_looks >= HELD_LOOKS) g->polling = false;
  }
  uint64_t deadline = slice_end;
  if (now >= slice_end) deadline = ask(g, t, now);
  if (g->polling || is_free(g)) deadline = deadline < now + GRACE_NS ? deadline : now + GRACE_NS;
  return deadline;
}

static struct wait_plan plan(gil *g, gil_thread *t, uint64_t now) {
  if (t->urgent) return plan_urgent(g, t, now);
  if (g->timekeeper == NULL) g->timekeeper = t;
  return (struct wait_plan){.spin_ns = t->resumes ? t->spin_ns : 0,
                            .deadline_ns = g->timekeeper == t ? watch(g, t, now) : OS_FOREVER};
}

static gil_thread *attend(gil *g) {
  gil_thread *told = NULL;
  if (g->timekeeper == NULL) {
    /* The last in line takes the watch: it has the longest to wait. */
    for (gil_thread *t = g->queue; t != NULL; t = t->next)
      if (!t->urgent) told = t;
    g->timekeeper = told;
  }
  if (g->timekeeper == NULL) g->polling = false;
  if (g->poll_begins) told = g->timekeeper;
  g->poll_begins = false;
  /* Who polls needs no help of the holder, an urgent thread does. */
  uint32_t attention = drop_wanted(g) || (g->waiters > 0 && !g->polling) ||
                       (g->queue != NULL && (g->queue->urgent || calls_are_long(g->holder)));
  atomic_store_explicit(&g->line.attention, attention, memory_order_relaxed);
  return told;
}

const struct gil_policy gil_policy_adaptive = {.name = "adaptive",
                                               .ticks = false,
                                               .near = true,
                                               .hands_over = true,
                                               .enqueue = enqueue,
                                               .claim = claim,
                                               .plan = plan,
                                               .quick = quick,
                                               .attend = attend,
                                               .used = used};
