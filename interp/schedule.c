/* schedule.c: who has the turn, and when it moves. See schedule.h for the idea and
 * schedule_impl.h for the state.
 *
 * PCT (Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic
 * Guarantees of Finding Bugs, ASPLOS 2010): each thread draws a priority above `depth`, the highest
 * one that is ready runs, and at depth - 1 instructions drawn beforehand the running thread's
 * priority falls below all others. One thing is added: a thread that has run very long while others
 * are ready falls, too. */
#include "schedule_impl.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How many instructions a thread may run while others could: or a loop that waits for another
 * thread would never end under a list or under PCT. */
#define PATIENCE 100000
/* Descriptors are looked at that often (in decisions) while threads are ready. */
#define FD_EVERY 1024
/* A descriptor that another process makes ready gets that much real time before virtual time jumps
 * ahead. */
#define FD_GRACE_MS 20
/* Random mode: how often the mean distance between looks doubles, and how far. */
#define GAPS_PER_DOUBLING 8192
#define GAP_MEAN_MAX      32768
#define CLOCK_READ_NS     1000
#define STEP_NS           10                            /* virtual time of an instruction */
#define MONOTONIC_START   UINT64_C(1000000000000)       /* 1,000 s after boot */
#define WALL_START        UINT64_C(1700000000000000000) /* 2023-11-14 22:13:20 UTC */

bool schedule_on;
struct rt_schedule schedule_state = {.now = MONOTONIC_START};

/* ---- chance ---- */

/* A counter through a mixing function: the same numbers on every machine. */
static uint64_t draw(struct rt_schedule *s) {
  uint64_t x = s->random += UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
  x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
  return x ^ (x >> 32);
}

static uint64_t draw_below(struct rt_schedule *s, uint64_t n) { return draw(s) % n; }

/* ---- the turn ---- */

static long futex(_Atomic uint32_t *word, int op, uint32_t value) {
  return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void give(struct rt_schedule *s, struct turn *to) {
  s->holder = to;
  /* [turn] release: all that was done before is visible to the next one, which acquires it in
   * await. */
  atomic_store_explicit(&to->word, 1, memory_order_release);
  futex(&to->word, FUTEX_WAKE, 1);
}

static void await(struct turn *me) {
  /* [turn] acquire: pairs with the release in give. */
  while (atomic_load_explicit(&me->word, memory_order_acquire) == 0)
    futex(&me->word, FUTEX_WAIT, 0);
}

/* Gives the turn to `to` and waits until it comes back. The thread is inside, or in a region of
 * which a schedule lets nobody know. */
static void pass(rt_thread *t, struct turn *to, enum gil_state why) {
  struct turn *me = t->turn;
  sig_atomic_t was_inside = t->inside;
  rt_go_outside(t);
#if GILT_GIL
  if (rt_locks(t)) gil_block_begin(t->lock, why);
#else
  (void)why;
#endif
  atomic_store_explicit(&me->word, 0, memory_order_relaxed);
  give(me->s, to);
  await(me);
#if GILT_GIL
  if (rt_locks(t)) gil_block_end(t->lock);
#endif
  if (was_inside) rt_go_inside(t);
}

/* ---- virtual time ---- */

static void make_ready(struct rt_schedule *s, struct turn *u) {
  if (u->state != TURN_WAITING) return;
  u->state = TURN_READY;
  if (u->fds != NULL) s->fd_waiters--;
  u->fds = NULL;
}

static uint64_t earliest(const struct rt_schedule *s) {
  uint64_t first = UINT64_MAX;
  for (const struct turn *u = s->first; u != NULL; u = u->next)
    if (u->state == TURN_WAITING && u->deadline < first) first = u->deadline;
  return first;
}

static void jump_to(struct rt_schedule *s, uint64_t when) {
  if (when > s->now) s->now = when;
  schedule_mix(s, s->now);
  for (struct turn *u = s->first; u != NULL; u = u->next)
    if (u->state == TURN_WAITING && u->deadline <= s->now) make_ready(s, u);
}

/* me has run up to here: told to the clock where it stops, or runs out of patience, so that a
 * replay that counts in other portions sees the same times. */
static void spend(struct rt_schedule *s, struct turn *me) {
  uint64_t now = s->now + (me->at - me->turn_at) * STEP_NS;
  me->turn_at = me->at;
  if (earliest(s) <= now)
    jump_to(s, now);
  else
    s->now = now;
}

/* ---- choosing ---- */

static struct turn *turn_of(struct rt_schedule *s, int id) {
  struct turn *u = s->first;
  while (u != NULL && u->id != id) u = u->next;
  return u;
}

static int count_ready(const struct rt_schedule *s) {
  int n = 0;
  for (const struct turn *u = s->first; u != NULL; u = u->next) n += u->state == TURN_READY;
  return n;
}

static int count_alive(const struct rt_schedule *s) {
  int n = 0;
  for (const struct turn *u = s->first; u != NULL; u = u->next) n += u->state != TURN_ENDED;
  return n;
}

static struct turn *nth_ready(struct rt_schedule *s, uint64_t n) {
  for (struct turn *u = s->first; u != NULL; u = u->next)
    if (u->state == TURN_READY && n-- == 0) return u;
  return NULL;
}

static struct turn *highest_ready(struct rt_schedule *s) {
  struct turn *best = NULL;
  for (struct turn *u = s->first; u != NULL; u = u->next)
    if (u->state == TURN_READY && (best == NULL || u->priority > best->priority)) best = u;
  return best;
}

static void lower(struct rt_schedule *s, struct turn *me) { me->priority = s->floor--; }

static bool out_of_patience(const struct turn *me) {
  return me->state == TURN_READY && me->at - me->turn_at >= PATIENCE;
}

/* The one after me in order of id, round and round. */
static struct turn *next_ready(struct rt_schedule *s, struct turn *me) {
  struct turn *u = me;
  do u = u->next != NULL ? u->next : s->first;
  while (u->state != TURN_READY);
  return u;
}

static struct turn *choose_pct(struct rt_schedule *s, struct turn *me) {
  while (s->steps >= *s->changes) {
    lower(s, me);
    s->changes++;
  }
  if (out_of_patience(me)) {
    lower(s, me);
    spend(s, me);
  }
  return highest_ready(s);
}

/* The next of the points given for this thread. */
static const struct point *next_point(const struct rt_schedule *s, const struct point *p,
                                      int thread) {
  for (; p < s->points + s->point_count; p++)
    if (p->thread == thread) return p;
  return NULL;
}

/* The point that lies where this thread is, if there is one. */
static const struct point *point_here(struct rt_schedule *s, struct turn *me) {
  while (me->p != NULL &&
         (me->p->part < me->part || (me->p->part == me->part && me->p->at < me->at)))
    me->p = next_point(s, me->p + 1, me->id);
  const struct point *p = me->p;
  if (p == NULL || p->part != me->part || p->at != me->at) return NULL;
  me->p = next_point(s, p + 1, me->id);
  return p;
}

static struct turn *choose_listed(struct rt_schedule *s, struct turn *me, struct turn *otherwise) {
  const struct point *p = point_here(s, me);
  struct turn *to = p != NULL ? turn_of(s, p->to) : NULL;
  if (to != NULL && to->state == TURN_READY) return to;
  return out_of_patience(me) ? next_ready(s, me) : otherwise;
}

static struct turn *choose(struct rt_schedule *s, struct turn *me, int ready,
                           struct turn *otherwise) {
  s->decisions++;
  switch (s->plan.mode) {
  case SCHEDULE_RANDOM:
    return out_of_patience(me) ? next_ready(s, me) : nth_ready(s, draw_below(s, (uint64_t)ready));
  case SCHEDULE_PCT: return choose_pct(s, me);
  case SCHEDULE_LIST: return choose_listed(s, me, otherwise);
  }
  return otherwise;
}

/* ---- waiting: for another thread, for time, for descriptors ---- */

/* Looks at the descriptors of all who wait for some, for at most timeout_ms. */
static void poll_fds(struct rt_schedule *s, int timeout_ms) {
  struct pollfd all[256];
  struct turn *owner[256];
  int n = 0;
  for (struct turn *u = s->first; u != NULL; u = u->next)
    for (int i = 0; u->fds != NULL && i < u->nfds && n < 256; i++) {
      all[n] = u->fds[i];
      owner[n++] = u;
    }
  if (poll(all, (nfds_t)n, timeout_ms) <= 0) return;
  for (int i = 0; i < n; i++)
    if (all[i].revents != 0) make_ready(s, owner[i]);
}

/* Until somebody is ready. */
static void wait_for_ready(struct rt_schedule *s) {
  while (count_ready(s) == 0) {
    uint64_t when = earliest(s);
    if (s->fd_waiters > 0) {
      poll_fds(s, when == UINT64_MAX ? -1 : FD_GRACE_MS);
      if (count_ready(s) > 0) return;
    }
    if (when != UINT64_MAX)
      jump_to(s, when);
    else if (s->fd_waiters == 0)
      schedule_deadlock(s);
  }
}

static void begin_part(struct turn *me) {
  me->part++;
  me->at = me->turn_at = 0;
}

/* me cannot go on, or ends: who does. May be me, if time has come. */
static struct turn *choose_after(struct rt_schedule *s, struct turn *me) {
  begin_part(me);
  wait_for_ready(s);
  int ready = count_ready(s);
  struct turn *to = choose(s, me, ready, nth_ready(s, 0));
  if (ready > 1) schedule_record(s, me, to);
  if (to != me) schedule_trace_switch(s, me, to, true);
  schedule_mix(s, (uint64_t)to->id);
  return to;
}

/* ---- the hook ---- */

static uint64_t list_gap(struct rt_schedule *s, struct turn *me) {
  if (s->plan.trace) return 1;
  const struct point *p = me->p;
  while (p != NULL && (p->part < me->part || (p->part == me->part && p->at <= me->at)))
    p = next_point(s, p + 1, me->id);
  return p != NULL && p->part == me->part ? p->at - me->at : PATIENCE;
}

static uint64_t next_gap(struct rt_schedule *s, struct turn *me) {
  if (rt_interrupted(me->t)) return 1;
  if (s->plan.mode == SCHEDULE_LIST) return list_gap(s, me);
  if (count_alive(s) == 1) return PATIENCE;
  if (s->plan.mode == SCHEDULE_PCT) return 1;
  /* A long run would else spend all its time in handing over. */
  if (++s->gaps % GAPS_PER_DOUBLING == 0 && s->gap_mean < GAP_MEAN_MAX) s->gap_mean *= 2;
  return 1 + draw_below(s, 2 * s->gap_mean - 1);
}

static void set_gap(rt_thread *t, bool anew) {
  struct turn *me = t->turn;
  uint64_t gap = next_gap(me->s, me), most = me->turn_at + PATIENCE - me->at;
  if (gap > most) gap = most;
  if (!anew && gap == me->gap && rt_armed(t)) return;
  me->gap = (uint32_t)gap;
  rt_arm_schedule(t, (int)gap, me->s->plan.trace);
}

void schedule_part(rt_thread *t) {
  begin_part(t->turn);
  set_gap(t, true);
}

void schedule_hook(rt_thread *t, lua_State *L, lua_Debug *ar) {
  struct turn *me = t->turn;
  struct rt_schedule *s = me->s;
  if (ar->event != LUA_HOOKCOUNT) {
    if (ar->event == LUA_HOOKLINE && s->plan.trace) schedule_trace_line(s, me, L, ar);
    return;
  }
  me->at += me->gap;
  me->line_steps += me->gap;
  s->steps += me->gap;
  if (s->fd_waiters > 0 && s->decisions % FD_EVERY == 0) poll_fds(s, 0);
  int ready = count_ready(s);
  struct turn *to = ready > 1 ? choose(s, me, ready, me) : me;
  if (to != me) {
    schedule_record(s, me, to);
    schedule_trace_switch(s, me, to, false);
    schedule_mix(s, (uint64_t)to->id);
    spend(s, me);
    pass(t, to, GIL_BLOCKED_LOCK);
  } else if (out_of_patience(me)) {
    spend(s, me);
  }
  set_gap(t, false);
  if (rt_interrupted(t) && !rt_interrupt_waits(t)) rt_raise_interrupt(L, t);
}

/* ---- what the runtime calls ---- */

void schedule_wait(rt_thread *t, uint64_t deadline_ns, struct pollfd *fds, int nfds,
                   enum gil_state why) {
  struct turn *me = t->turn;
  struct rt_schedule *s = me->s;
  me->state = TURN_WAITING;
  me->deadline = deadline_ns;
  me->fds = nfds > 0 ? fds : NULL;
  me->nfds = nfds;
  if (me->fds != NULL) s->fd_waiters++;
  if (deadline_ns <= s->now) make_ready(s, me); /* no more than a chance for the others */
  struct turn *to = choose_after(s, me);
  if (to != me) pass(t, to, why);
  set_gap(t, true);
}

bool schedule_of(const gilt_runtime *rt) { return schedule_state.rt == rt; }

void schedule_interrupted(rt_thread *t) { t->turn->interrupted = true; }

void schedule_wake(rt_thread *t) {
  struct turn *u = t->turn;
  make_ready(u->s, u);
  /* It interrupts itself: at its next instruction, under any schedule. */
  if (u == u->s->holder && rt_interrupted(t)) schedule_part(t);
}

struct turn *schedule_add(rt_thread *t, const char *name) {
  struct rt_schedule *s = &schedule_state;
  struct turn *u = calloc(1, sizeof *u);
  if (u == NULL) return NULL;
  u->s = s;
  u->id = ++s->count;
  u->t = t;
  u->state = TURN_READY;
  u->priority = (int64_t)(s->plan.depth + 1 + draw_below(s, UINT64_C(1) << 32));
  snprintf(u->name, sizeof u->name, "%s", name != NULL ? name : "main");
  u->p = next_point(s, s->points, u->id);
  if (s->last != NULL)
    s->last->next = u;
  else
    s->first = u;
  s->last = u;
  if (s->holder != NULL && s->holder->t != NULL) schedule_part(s->holder->t);
  return u;
}

void schedule_take(rt_thread *t) { await(t->turn); }

void schedule_begin(rt_thread *t) { set_gap(t, true); }

void schedule_forget(rt_thread *t) {
  struct turn *me = t->turn;
  me->t = NULL;
  if (me != me->s->holder) me->state = TURN_ENDED; /* it never started */
  t->turn = NULL;
}

void schedule_leave(struct turn *me) {
  me->state = TURN_ENDED;
  give(me->s, choose_after(me->s, me));
}

/* ---- clocks ---- */

uint64_t schedule_now(void) { return schedule_state.now += CLOCK_READ_NS; }
uint64_t schedule_wall_ns(void) { return WALL_START + schedule_now() - MONOTONIC_START; }
uint64_t schedule_spent_ns(void) { return schedule_now() - MONOTONIC_START; }

/* ---- beginning and end ---- */

static int by_step(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static bool draw_changes(struct rt_schedule *s) {
  uint32_t n = s->plan.depth > 0 ? s->plan.depth - 1 : 0;
  uint64_t steps = s->plan.steps > 0 ? s->plan.steps : 1;
  if ((s->changes = calloc((size_t)n + 1, sizeof *s->changes)) == NULL) return false;
  for (uint32_t i = 0; i < n; i++) s->changes[i] = 1 + draw_below(s, steps);
  qsort(s->changes, n, sizeof *s->changes, by_step);
  s->changes[n] = UINT64_MAX;
  return true;
}

static void on_exit_report(void) {
  struct rt_schedule *s = &schedule_state;
  if (schedule_on && !s->told) schedule_write_report(s, "exit", s->holder->id, "");
}

int schedule_start(gilt_runtime *rt, const struct schedule_plan *plan) {
  struct rt_schedule *s = &schedule_state;
  if (!GILT_GIL) return GILT_EUNSUPPORTED;
  *s = (struct rt_schedule){.rt = rt,
                            .plan = *plan,
                            .random = plan->seed,
                            .now = MONOTONIC_START,
                            .hash = UINT64_C(0xcbf29ce484222325),
                            .floor = plan->depth};
  draw(s);
  /* 1 to 512, short ones more often: a switch between any two instructions, as well as runs long
   * enough to get somewhere. */
  uint64_t a = draw_below(s, 10), b = draw_below(s, 10);
  s->gap_mean = 1u << (a < b ? a : b);
  if (!draw_changes(s)) return GILT_ENOMEM;
  if (plan->mode == SCHEDULE_LIST && !schedule_read_points(s)) return GILT_EINVAL;
  if (plan->trace && (s->events = calloc(TRACE_EVENTS, sizeof *s->events)) == NULL)
    return GILT_ENOMEM;
  rt_thread *t = rt_self();
  if ((t->turn = schedule_add(t, "main")) == NULL) return GILT_ENOMEM;
  atomic_store_explicit(&t->turn->word, 1, memory_order_relaxed);
  s->holder = t->turn;
  t->asked = 0;
  schedule_on = true;
  if (plan->report != NULL) atexit(on_exit_report);
  if (plan->limit_s > 0) alarm(plan->limit_s);
  set_gap(t, true);
  return GILT_OK;
}

/* The state itself stays until the process ends: a thread that has just given its turn away for
 * good may still be on its way out of give(). */
void schedule_stop(gilt_runtime *rt, bool forked) {
  struct rt_schedule *s = &schedule_state;
  if (!schedule_on || s->rt != rt || s->holder == NULL || s->holder->t == NULL) return;
  rt_thread *t = s->holder->t;
  rt_disarm(t);
  for (struct turn *u = s->first; u != NULL; u = u->next)
    if (u->t != NULL) u->t->turn = NULL;
  s->rt = NULL;
  if (forked) schedule_on = false;
}
