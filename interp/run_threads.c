/* run_threads.c: mode threads: N OS threads in one interpreter, under its lock. setup ran once; all
 * threads see the same ctx. */
#include "runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct crew {
  struct subject *s;
  struct gate ready, done;
};

struct hand {
  struct crew *crew;
  pthread_t id;
  int number;
  bool ok; /* written by the thread, read after the join */
};

static void fail_to_enter(struct subject *s, int number, int rc) {
  subject_fail(s, rc == GILT_ENOMEM ? EXP_MEMORY : EXP_RUNNER, 0, number, gilt_strerror(rc), NULL);
}

/* Every path passes both gates: the main thread counts on it. */
static void *hand_main(void *arg) {
  struct hand *hand = arg;
  struct subject *s = hand->crew->s;
  struct worker w = {
      .next = worker_next_shared, .keep = worker_keep_in_table, .fail = worker_fail_shared};
  lua_State *L = NULL;
  int rc = rt_enter(s->rt, &L);
  if (rc != GILT_OK) fail_to_enter(s, hand->number, rc);
  hand->ok = rc == GILT_OK && worker_prepare(&w, s, hand->number, s->rt, L);
  if (rc == GILT_OK) rt_block_begin(rt_self(), GIL_BLOCKED_LOCK);
  gate_pass(&hand->crew->ready);
  if (hand->ok) worker_begin(&w); /* before the lock: waiting for it is part of the work */
  if (rc == GILT_OK) rt_block_end(rt_self());
  if (hand->ok) {
    worker_run(&w);
    worker_end(&w);
    w.out->lock = (struct exp_lock){0}; /* the lock is shared: it is counted once, for all */
  }
  if (rc == GILT_OK) {
    lua_settop(L, 0);
    rt_leave(s->rt);
  }
  gate_pass(&hand->crew->done);
  return NULL;
}

static void lock_stats(struct subject *s, gil_stats *out) {
  memset(out, 0, sizeof *out);
#if GILT_GIL
  gil_total_stats(gilt_lock(s->rt), out);
#else
  (void)s;
#endif
}

/* Outside of the interpreter. Starts them, lets them go, waits for their end. */
static void direct(struct subject *s, struct crew *crew, struct hand *hands) {
  int started = 0;
  uint64_t created = rt_now_ns();
  for (; started < s->spec->workers; started++) {
    struct hand *hand = &hands[started];
    *hand = (struct hand){.crew = crew, .number = started + 1};
    int rc = pthread_create(&hand->id, NULL, hand_main, hand);
    if (rc == 0) continue;
    char message[96];
    (void)snprintf(message, sizeof message, "cannot start thread %d: %s", started + 1,
                   strerror(rc));
    subject_fail(s, EXP_RUNNER, 0, started + 1, message, NULL);
    break;
  }
  gate_await(&crew->ready, started);
  gil_stats before, after;
  struct exp_lock total;
  lock_stats(s, &before);
  s->report->started_ns = rt_now_ns();
  s->report->startup_ns = s->report->started_ns - created;
  gate_open(&crew->ready);
  gate_await(&crew->done, started);
  lock_stats(s, &after);
  exp_lock_since(&before, &after, &total);
  exp_lock_add(&s->report->lock, &total);
  s->report->peak_kb = subject_pss_kb(s->pid);
  gate_open(&crew->done);
  for (int i = 0; i < started; i++) (void)pthread_join(hands[i].id, NULL);
}

void threads_run(struct subject *s) {
  struct crew crew = {.s = s};
  struct hand *hands = calloc((size_t)s->spec->workers, sizeof *hands);
  if (hands == NULL) {
    subject_fail(s, EXP_MEMORY, 0, 0, "not enough memory", NULL);
    return;
  }
  gate_init(&crew.ready);
  gate_init(&crew.done);
  rt_block_begin(rt_self(), GIL_BLOCKED_LOCK);
  direct(s, &crew, hands);
  rt_block_end(rt_self());
  gate_fini(&crew.ready);
  gate_fini(&crew.done);
  free(hands);
  (void)subject_collect(s, s->L, 0);
}

/* ---- a plain script ---- */

struct script_hand {
  const struct runner *self;
  const struct run_each *each;
  gilt_runtime *rt;
  pthread_t id;
  int number;
  int status;
};

static void *script_main(void *arg) {
  struct script_hand *hand = arg;
  lua_State *L;
  hand->status = RUN_STATUS_FAILED;
  int rc = rt_enter(hand->rt, &L);
  if (rc != GILT_OK) {
    (void)fprintf(stderr, "gilt: worker %d: %s\n", hand->number, gilt_strerror(rc));
    return NULL;
  }
  rt_self()->worker = (rt_worker_info){
      .mode = hand->self->name, .worker = hand->number, .workers = hand->each->workers};
  hand->status = hand->each->body(L, hand->each->arg);
  rt_leave(hand->rt);
  return NULL;
}

int threads_run_each(const struct runner *self, const struct run_each *each) {
  gilt_runtime *rt;
  gilt_options options = *each->options;
  options.gil_off = self->gil_off;
  int status = 0, started = 0, rc = gilt_open(&options, &rt);
  if (rc != GILT_OK) {
    (void)fprintf(stderr, "gilt: cannot create an interpreter: %s\n",
                  rc == GILT_EUNSUPPORTED ? rt_core_why_not() : gilt_strerror(rc));
    return RUN_STATUS_FAILED;
  }
  struct script_hand *hands = calloc((size_t)each->workers, sizeof *hands);
  rt_block_begin(rt_self(), GIL_BLOCKED_LOCK);
  for (; hands != NULL && started < each->workers; started++) {
    hands[started] =
        (struct script_hand){.self = self, .each = each, .rt = rt, .number = started + 1};
    rc = pthread_create(&hands[started].id, NULL, script_main, &hands[started]);
    if (rc != 0) break;
  }
  if (started < each->workers) {
    (void)fprintf(stderr, "gilt: cannot start thread %d of %d: %s\n", started + 1, each->workers,
                  strerror(hands == NULL ? ENOMEM : rc));
    status = RUN_STATUS_FAILED;
  }
  for (int i = 0; i < started; i++) {
    (void)pthread_join(hands[i].id, NULL);
    if (status == 0) status = hands[i].status;
  }
  rt_block_end(rt_self());
  rt_wait_threads(rt); /* those that the scripts started */
  free(hands);
  gilt_close(rt);
  return status;
}

const struct runner run_threads = {.name = "threads",
                                   .about = "OS threads in one interpreter, under its lock",
                                   .shared_setup = true,
                                   .needs_gil = true,
                                   .run = threads_run,
                                   .run_each = threads_run_each};
