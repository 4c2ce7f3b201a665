/* run_isolates.c: mode isolates: N OS threads with an interpreter each: no lock is shared, no Lua
 * value either. setup runs in each of them; the time of the slowest counts as set-up, the rest of
 * the start as start-up. */
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
  uint64_t setup_ns; /* written before the first gate, read after it */
};

static bool prepare(struct hand *hand, struct worker *w, gilt_runtime *rt) {
  struct subject *s = hand->crew->s;
  lua_State *L = gilt_state(rt);
  return subject_load(s, L, hand->number) && subject_setup(s, L, hand->number, &hand->setup_ns) &&
         worker_prepare(w, s, hand->number, rt, L);
}

/* Every path passes both gates: the main thread counts on it. The interpreter is this thread's own,
 * so it waits at the gates with its lock held. */
static void *hand_main(void *arg) {
  struct hand *hand = arg;
  struct subject *s = hand->crew->s;
  struct worker w = {
      .next = worker_next_shared, .keep = worker_keep_in_table, .fail = worker_fail_shared};
  gilt_runtime *rt = NULL;
  int rc = subject_open(s, &rt);
  if (rc != GILT_OK)
    subject_fail(s, rc == GILT_ENOMEM ? EXP_MEMORY : EXP_RUNNER, 0, hand->number, gilt_strerror(rc),
                 NULL);
  bool ok = rc == GILT_OK && prepare(hand, &w, rt);
  gate_pass(&hand->crew->ready);
  if (ok) {
    worker_begin(&w);
    worker_run(&w);
    worker_end(&w);
  }
  gate_pass(&hand->crew->done);
  if (ok) {
    lua_settop(w.L, 0);
    (void)(subject_collect(s, w.L, hand->number) && subject_teardown(s, w.L, hand->number));
  }
  if (rc == GILT_OK) gilt_close(rt);
  return NULL;
}

static void direct(struct subject *s, struct crew *crew, struct hand *hands) {
  int started = 0;
  uint64_t created = rt_now_ns(), setup = 0;
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
  s->report->started_ns = rt_now_ns();
  for (int i = 0; i < started; i++)
    if (hands[i].setup_ns > setup) setup = hands[i].setup_ns;
  uint64_t all = s->report->started_ns - created;
  s->report->setup_ns = setup;
  s->report->startup_ns = all > setup ? all - setup : 0;
  gate_open(&crew->ready);
  gate_await(&crew->done, started);
  s->report->peak_kb = subject_pss_kb(s->pid);
  gate_open(&crew->done);
  for (int i = 0; i < started; i++) (void)pthread_join(hands[i].id, NULL);
}

static void run(struct subject *s) {
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
}

/* ---- a plain script ---- */

struct script_hand {
  const struct runner *self;
  const struct run_each *each;
  pthread_t id;
  int number;
  int status;
};

static void *script_main(void *arg) {
  struct script_hand *hand = arg;
  gilt_runtime *rt;
  hand->status = RUN_STATUS_FAILED;
  int rc = gilt_open(hand->each->options, &rt);
  if (rc != GILT_OK) {
    (void)fprintf(stderr, "gilt: worker %d: cannot create an interpreter: %s\n", hand->number,
                  gilt_strerror(rc));
    return NULL;
  }
  rt_self()->worker = (rt_worker_info){
      .mode = hand->self->name, .worker = hand->number, .workers = hand->each->workers};
  hand->status = hand->each->body(gilt_state(rt), hand->each->arg);
  rt_wait_threads(rt); /* a script ends when its last thread has */
  gilt_close(rt);
  return NULL;
}

static int run_each(const struct runner *self, const struct run_each *each) {
  int status = 0, started = 0, rc = ENOMEM;
  struct script_hand *hands = calloc((size_t)each->workers, sizeof *hands);
  for (; hands != NULL && started < each->workers; started++) {
    hands[started] = (struct script_hand){.self = self, .each = each, .number = started + 1};
    rc = pthread_create(&hands[started].id, NULL, script_main, &hands[started]);
    if (rc != 0) break;
  }
  if (started < each->workers) {
    (void)fprintf(stderr, "gilt: cannot start thread %d of %d: %s\n", started + 1, each->workers,
                  strerror(rc));
    status = RUN_STATUS_FAILED;
  }
  for (int i = 0; i < started; i++) {
    (void)pthread_join(hands[i].id, NULL);
    if (status == 0) status = hands[i].status;
  }
  free(hands);
  return status;
}

const struct runner run_isolates = {.name = "isolates",
                                    .about = "OS threads with an interpreter each, no lock shared",
                                    .run = run,
                                    .run_each = run_each};
