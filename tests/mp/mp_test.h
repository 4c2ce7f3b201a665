/* mp_test.h: what the tests of mp/ share. */
#ifndef MP_TEST_H
#define MP_TEST_H

#include <gilt/mp.h>

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define SECOND_NS INT64_C(1000000000)

/* Everything that came out of a pool until its last worker was gone. */
struct outcome {
  int results, faults, notes, readies, exits, abandoned;
  uint64_t sum;         /* of the uint64_t in each result */
  mp_event exit_of[64]; /* by worker: its last end */
  uint64_t abandoned_task;
};

static inline void count_event(struct outcome *out, const mp_event *ev) {
  uint64_t value = 0;
  switch (ev->kind) {
  case MP_READY: out->readies++; break;
  case MP_NOTE: out->notes++; break;
  case MP_FAULT: out->faults++; break;
  case MP_ABANDONED:
    out->abandoned++;
    out->abandoned_task = ev->task;
    break;
  case MP_RESULT:
    out->results++;
    if (ev->len >= sizeof value) memcpy(&value, ev->data, sizeof value);
    out->sum += value;
    break;
  case MP_EXITED:
    out->exits++;
    out->exit_of[ev->worker] = *ev;
    break;
  }
}

/* Runs the pool to its end. A pool that hangs fails after ten seconds. */
static inline struct outcome drain(mp_pool *pool) {
  struct outcome out = {0};
  for (;;) {
    mp_event ev;
    int rc = mp_pool_wait(pool, 10 * SECOND_NS, &ev);
    if (rc == GILT_ECLOSED) return out;
    if (rc == GILT_EINTERRUPTED) continue;
    assert_int_equal(rc, GILT_OK);
    count_event(&out, &ev);
  }
}

static inline mp_pool *pool_of(const mp_pool_options *opt) {
  mp_pool *pool = NULL;
  assert_int_equal(mp_pool_create(opt, &pool), GILT_OK);
  return pool;
}

/* No child is left, neither running nor as a zombie. */
static inline void assert_no_children(void) {
  int status;
  assert_int_equal(waitpid(-1, &status, WNOHANG), -1);
  assert_int_equal(errno, ECHILD);
}

#endif
