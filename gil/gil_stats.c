/* gil_stats.c: where each thread's time goes.
 *
 * A thread is in one state at a time, and each change charges the time since the last one to the
 * state that ends, so the states add up to the thread's life by construction. A quick release makes
 * no entry (two clock readings would cost more than the release): until another thread takes the
 * lock the releaser counts as running. If one does, `lost_at` splits the time when the releaser
 * comes back.
 *
 * GILT_GIL_BOOKS=0 leaves the books out; bench/cases/gil_books.c measures what they cost. */
#include "gil_impl.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[GIL_STATE_COUNT] = {
    "running", "waiting", "io", "lock", "sleep", "native", "collecting", "outside"};

const char *gil_state_name(enum gil_state state) {
  return (unsigned)state < GIL_STATE_COUNT ? state_names[state] : "?";
}

static uint64_t charge(struct gil_books *b, enum gil_state next, uint64_t now) {
  uint64_t since = b->since;
  if (now < since) now = since;
  if (!GILT_GIL_BOOKS) { /* a policy wants to know how long it was away */
    if (b->lost_at != 0) since = b->lost_at < since ? since : b->lost_at > now ? now : b->lost_at;
    b->lost_at = 0;
    b->state = next;
    b->since = now;
    return now - since;
  }
  if (b->lost_at != 0) {
    uint64_t lost = b->lost_at < since ? since : b->lost_at > now ? now : b->lost_at;
    b->stats.state_ns[b->state] += lost - since;
    b->stats.state_ns[GIL_NATIVE] += now - lost;
    b->lost_at = 0;
    since = lost;
  } else {
    b->stats.state_ns[b->state] += now - since;
  }
  b->state = next;
  b->since = now;
  return now - since;
}

uint64_t gil_account(gil_thread *t, enum gil_state next, uint64_t now) {
  if (GILT_GIL_BOOKS && t->tracing) gil_trace_state(t, next, now);
  GILT_PROBE(state, t, next); /* record, enum gil_state */
  return charge(&t->books, next, now);
}

void gil_account_taken(gil_thread *t, uint64_t now, bool waited) {
  uint64_t wait = gil_account(t, GIL_RUNNING, now);
  if (!GILT_GIL_BOOKS) return;
  t->books.stats.acquisitions++;
  if (waited) {
    t->books.stats.contended++;
    if (wait > t->books.stats.longest_wait_ns) t->books.stats.longest_wait_ns = wait;
    gil_hist_record(&t->g->hist[GIL_HISTOGRAM_WAIT], wait);
  }
  t->books.hold_since = now;
  t->hold_name[0] = '\0';
}

void gil_name_hold(gil *g, gil_thread *t, uint64_t now) {
  if (!GILT_GIL_BOOKS || g->name_hold == NULL || now <= t->books.hold_since) return;
  /* Nobody else changes it while we hold the lock. */
  if (now - t->books.hold_since <= t->books.stats.longest_hold_ns) return;
  t->hold_name[0] = '\0';
  g->name_hold(t->poke_arg, t->hold_name, sizeof t->hold_name);
}

void gil_name_late(gil *g, gil_thread *t) {
  char what[sizeof t->hold_name] = "";
  if (g->name_hold != NULL) g->name_hold(t->poke_arg, what, sizeof what);
  os_mutex_lock(&g->mtx);
  t->name_late = false;
  memcpy(t->longest_what, what, sizeof what);
  if (g->longest_by == t && g->longest.what[0] == '\0') memcpy(g->longest.what, what, sizeof what);
  os_mutex_unlock(&g->mtx);
}

void gil_account_hold(gil *g, gil_thread *t, uint64_t now) {
  if (!GILT_GIL_BOOKS) return;
  uint64_t hold = gil_since(now, t->books.hold_since);
  gil_hist_record(&g->hist[GIL_HISTOGRAM_HOLD], hold);
  if (hold <= t->books.stats.longest_hold_ns) return;
  t->books.stats.longest_hold_ns = hold;
  /* Another thread that ends a quick hold must not read what the owner may be writing. */
  t->name_late = gil_word_free(gil_word_of(t));
  if (t->name_late)
    t->longest_what[0] = '\0';
  else
    memcpy(t->longest_what, t->hold_name, sizeof t->longest_what);
  if (hold <= g->longest.hold_ns) return;
  g->longest.hold_ns = hold;
  g->longest_by = t;
  memcpy(g->longest.thread, t->name, sizeof g->longest.thread);
  memcpy(g->longest.what, t->longest_what, sizeof g->longest.what);
}

void gil_histogram(gil *g, enum gil_histogram which, gil_hist *out) {
  os_mutex_lock(&g->mtx);
  *out = g->hist[which];
  os_mutex_unlock(&g->mtx);
}

void gil_longest_hold(gil *g, gil_longest *out) {
  os_mutex_lock(&g->mtx);
  *out = g->longest;
  os_mutex_unlock(&g->mtx);
}

/* mtx held: what is summed up for the lock as a whole. */
void gil_stats_clear(gil *g) {
  memset(&g->ended, 0, sizeof g->ended);
  for (int i = 0; i < GIL_HISTOGRAM_COUNT; i++) gil_hist_clear(&g->hist[i]);
  memset(&g->longest, 0, sizeof g->longest);
  g->longest_by = NULL;
  gil_past_clear(g);
}

static void add(gil_stats *sum, const gil_stats *s) {
  sum->acquisitions += s->acquisitions;
  sum->contended += s->contended;
  sum->quick += s->quick;
  sum->switches_requested += s->switches_requested;
  sum->switches_voluntary += s->switches_voluntary;
  sum->requests += s->requests;
  sum->failed_wakeups += s->failed_wakeups;
  sum->wait_ns += s->wait_ns;
  sum->hold_ns += s->hold_ns;
  if (s->longest_hold_ns > sum->longest_hold_ns) sum->longest_hold_ns = s->longest_hold_ns;
  if (s->longest_wait_ns > sum->longest_wait_ns) sum->longest_wait_ns = s->longest_wait_ns;
  for (int i = 0; i < GIL_STATE_COUNT; i++) sum->state_ns[i] += s->state_ns[i];
  sum->life_ns += s->life_ns;
  sum->threads += s->threads;
}

/* The record's figures as of now, the running state included; mtx held. */
static void snapshot(gil_thread *t, uint64_t now, gil_stats *out) {
  struct gil_books view = t->books; /* charge a copy; the thread itself goes on undisturbed */
  charge(&view, view.state, now);
  *out = view.stats;
  out->quick = t->quick + gil_quick_of_hold(t) - t->quick_base;
  out->acquisitions += out->quick;
  out->wait_ns = out->state_ns[GIL_WAITING];
  out->hold_ns = out->state_ns[GIL_RUNNING] + out->state_ns[GIL_COLLECTING];
  out->life_ns = (now > view.since ? now : view.since) - view.born;
  out->threads = 1;
}

void gil_account_detach(gil *g, gil_thread *t, uint64_t now) {
  gil_stats s;
  if (gil_holds(t) && t->books.lost_at == 0) gil_account_hold(g, t, now);
  snapshot(t, now, &s);
  add(&g->ended, &s);
  t->books.stats = s; /* for gil_thread_reports */
}

void gil_thread_stats(gil_thread *t, gil_stats *out) {
  os_mutex_lock(&t->g->mtx);
  snapshot(t, os_now_ns(), out);
  os_mutex_unlock(&t->g->mtx);
}

void gil_total_stats(gil *g, gil_stats *out) {
  os_mutex_lock(&g->mtx);
  uint64_t now = os_now_ns();
  *out = g->ended;
  for (gil_thread *t = g->all; t != NULL; t = t->all_next) {
    gil_stats s;
    snapshot(t, now, &s);
    add(out, &s);
  }
  os_mutex_unlock(&g->mtx);
}

/* ---- one thread each ---- */

gil_thread *gil_keep_past(gil *g, gil_thread *t) {
  if (g->longest_by == t) g->longest_by = NULL;
  gil_thread *gone = NULL;
  if (g->past_count < GIL_PAST_MAX) {
    g->past_count++;
  } else {
    gil_thread **shortest = &g->past;
    for (gil_thread **p = &g->past; *p != NULL; p = &(*p)->all_next)
      if ((*p)->books.stats.life_ns < (*shortest)->books.stats.life_ns) shortest = p;
    gone = *shortest;
    if (gone == NULL || t->books.stats.life_ns <= gone->books.stats.life_ns) return t;
    *shortest = gone->all_next;
  }
  t->all_next = g->past;
  g->past = t;
  return gone;
}

void gil_past_clear(gil *g) {
  for (gil_thread *t = g->past, *next; t != NULL; t = next) {
    next = t->all_next;
    free(t);
  }
  g->past = NULL;
  g->past_count = 0;
}

static void report(const gil_thread *t, const gil_stats *s, bool ended, gil_thread_report *out) {
  memcpy(out->name, t->name, sizeof out->name);
  out->ended = ended;
  out->born_ns = t->books.born;
  out->stats = *s;
  memcpy(out->longest_what, t->longest_what, sizeof out->longest_what);
}

size_t gil_thread_reports(gil *g, gil_thread_report *out, size_t max) {
  size_t n = 0;
  os_mutex_lock(&g->mtx);
  uint64_t now = os_now_ns();
  for (gil_thread *t = g->all; t != NULL; t = t->all_next, n++) {
    gil_stats s;
    snapshot(t, now, &s);
    if (n < max) report(t, &s, false, &out[n]);
  }
  for (const gil_thread *t = g->past; t != NULL; t = t->all_next, n++)
    if (n < max) report(t, &t->books.stats, true, &out[n]);
  os_mutex_unlock(&g->mtx);
  return n;
}

void gil_reset_stats(gil_thread *self) {
  gil *g = self->g;
  os_mutex_lock(&g->mtx);
  uint64_t now = os_now_ns();
  gil_stats_clear(g);
  for (gil_thread *t = g->all; t != NULL; t = t->all_next) {
    if (t->books.lost_at != 0) t->books.lost_at = now; /* it still has to come back and notice */
    t->books.since = t->books.born = now; /* not charge(): `state` is the owner's to write */
    memset(&t->books.stats, 0, sizeof t->books.stats);
    t->longest_what[0] = '\0';
    t->quick_base = t->quick + gil_quick_of_hold(t);
  }
  os_mutex_unlock(&g->mtx);
}

void gil_collect_begin(gil_thread *t) {
  os_mutex_lock(&t->g->mtx);
  gil_account(t, GIL_COLLECTING, os_now_ns());
  os_mutex_unlock(&t->g->mtx);
}

void gil_collect_end(gil_thread *t) {
  os_mutex_lock(&t->g->mtx);
  gil_account(t, GIL_RUNNING, os_now_ns());
  os_mutex_unlock(&t->g->mtx);
}
