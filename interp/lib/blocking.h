/* blocking.h: how interp/lib waits: outside the lock, interruptible, with a deadline.
 *
 * Everything here is called holding the lock and returns holding it; nothing raises. */
#ifndef GILT_BLOCKING_H
#define GILT_BLOCKING_H

#include "../runtime.h"

#include <errno.h>
#include <stdint.h>

/* A point on CLOCK_MONOTONIC in nanoseconds. */
#define BLK_NEVER INT64_MAX

enum blk_result {
  BLK_READY,       /* the descriptor is ready, or the time has come */
  BLK_TIMEOUT,     /* the deadline passed first */
  BLK_INTERRUPTED, /* clean up, then call rt_raise_interrupt */
  BLK_ERROR        /* errno says why */
};

/* rt_acquire for a call whose errno is wanted: waiting for the lock makes system calls of its own.
 */
static inline void blk_acquire(rt_thread *t) {
  int saved = errno;
  rt_acquire(t);
  errno = saved;
}

int64_t blk_now(void);
/* `seconds` from now; BLK_NEVER where that is beyond 292 years. Never NaN. */
int64_t blk_deadline(double seconds);

/* Waits until fd is ready for `events` (POLLIN, POLLOUT; an error or a hang-up counts as ready). */
enum blk_result blk_wait_fd(rt_thread *t, int fd, short events, int64_t deadline);

/* The same, for a caller that has given the lock up already. `also`: a second descriptor, to become
 * readable; -1: none. */
enum blk_result blk_wait_fd_released(rt_thread *t, int fd, short events, int also,
                                     int64_t deadline);

/* Waits a moment before another look at something; the lock has been given up. */
void blk_pause_released(rt_thread *t, int64_t ns);

/* Sleeps until the deadline. BLK_READY or BLK_INTERRUPTED. */
enum blk_result blk_sleep_until(rt_thread *t, int64_t deadline);

#endif
