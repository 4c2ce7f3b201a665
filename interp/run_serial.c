/* run_serial.c: mode serial: the subject's main thread does all tasks, one after the other. */
#include "runner.h"

static void run(struct subject *s) {
  uint64_t created = rt_now_ns();
  struct worker w = {
      .next = worker_next_shared, .keep = worker_keep_in_table, .fail = worker_fail_shared};
  if (!worker_prepare(&w, s, 1, s->rt, s->L)) return;
  worker_begin(&w);
  s->report->started_ns = rt_now_ns();
  s->report->startup_ns = s->report->started_ns - created;
  worker_run(&w);
  worker_end(&w);
  s->report->peak_kb = subject_pss_kb(s->pid);
  lua_settop(s->L, 0);
  (void)subject_collect(s, s->L, 0);
}

static int run_each(const struct runner *self, const struct run_each *each) {
  gilt_runtime *rt;
  int rc = gilt_open(each->options, &rt);
  if (rc != GILT_OK) {
    (void)fprintf(stderr, "gilt: cannot create an interpreter: %s\n", gilt_strerror(rc));
    return RUN_STATUS_FAILED;
  }
  rt_self()->worker = (rt_worker_info){.mode = self->name, .worker = 1, .workers = 1};
  int status = each->body(gilt_state(rt), each->arg);
  rt_wait_threads(rt); /* a script ends when its last thread has */
  gilt_close(rt);
  return status;
}

const struct runner run_serial = {.name = "serial",
                                  .about = "one thread does everything",
                                  .shared_setup = true,
                                  .workers_max = 1,
                                  .run = run,
                                  .run_each = run_each};
