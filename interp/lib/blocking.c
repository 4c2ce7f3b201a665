/* blocking.c: waiting for descriptors and for time, outside the lock.
 *
 * An interrupt is announced in two ways: a signal, which breaks a system call that has begun, and a
 * descriptor, which is readable from then on. A signal that arrives between our last check and
 * the system call is lost, so whatever may wait for long waits in ppoll beside the descriptor. */
#include "blocking.h"
#include "../schedule.h"
#include "../runtime_impl.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
/* poll rounds long timeouts up by as much as 0.1 %, so the end of a sleep is left to
 * clock_nanosleep, and the window in which an interrupt's signal can be lost is no longer than
 * this. */
#define FINE_SLEEP_NS INT64_C(2000000)

static struct timespec to_timespec(int64_t ns) {
  return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

int64_t blk_now(void) {
  if (schedule_on) return (int64_t)schedule_now();
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t blk_deadline(double seconds) {
  if (seconds <= 0) return blk_now();
  if (seconds > 9.2e9) return BLK_NEVER;
  int64_t now = blk_now();
  int64_t span = (int64_t)(seconds * 1e9);
  return span > BLK_NEVER - now ? BLK_NEVER : now + span;
}

/* Under a schedule: others run until a descriptor is ready or the (virtual) time is over. What the
 * caller's own look then has to wait: nothing. */
static int64_t wait_scheduled(rt_thread *t, struct pollfd *fds, int64_t timeout_ns) {
  if (timeout_ns > 0 && poll(fds, 3, 0) == 0)
    schedule_wait(t, timeout_ns == BLK_NEVER ? UINT64_MAX : schedule_now() + (uint64_t)timeout_ns,
                  fds, 3, GIL_BLOCKED_IO);
  return 0;
}

/* One ppoll on fd and `also` (or none, -1) and the thread's wake descriptor. Returns what ppoll
 * returned for the first two. */
static int poll_once(rt_thread *t, int fd, short events, int also, int64_t timeout_ns) {
  struct pollfd fds[3] = {{.fd = fd, .events = events},
                          {.fd = also, .events = POLLIN},
                          {.fd = rt_wake_fd(t), .events = POLLIN}};
  if (t->turn != NULL) timeout_ns = wait_scheduled(t, fds, timeout_ns);
  struct timespec ts = to_timespec(timeout_ns < 0 ? 0 : timeout_ns);
  int n = ppoll(fds, 3, timeout_ns == BLK_NEVER ? NULL : &ts, NULL);
  if (n <= 0) return n;
  return (fds[0].revents | fds[1].revents) != 0 ? 1 : 0;
}

enum blk_result blk_wait_fd_released(rt_thread *t, int fd, short events, int also,
                                     int64_t deadline) {
  for (;;) {
    if (rt_interrupted(t)) return BLK_INTERRUPTED;
    int64_t left = deadline == BLK_NEVER ? BLK_NEVER : deadline - blk_now();
    int n = poll_once(t, fd, events, also, left);
    if (n > 0) return BLK_READY;
    if (n < 0 && errno != EINTR) return BLK_ERROR;
    if (n == 0 && deadline != BLK_NEVER && blk_now() >= deadline)
      return rt_interrupted(t) ? BLK_INTERRUPTED : BLK_TIMEOUT;
  }
}

enum blk_result blk_wait_fd(rt_thread *t, int fd, short events, int64_t deadline) {
  rt_block_begin(t, GIL_BLOCKED_IO);
  enum blk_result r = blk_wait_fd_released(t, fd, events, -1, deadline);
  rt_block_end(t);
  return r;
}

void blk_pause_released(rt_thread *t, int64_t ns) {
  struct timespec ts = to_timespec(ns);
  if (t->turn != NULL)
    schedule_wait(t, schedule_now() + (uint64_t)ns, NULL, 0, GIL_BLOCKED_SLEEP);
  else
    ppoll(NULL, 0, &ts, NULL);
}

static enum blk_result sleep_scheduled(rt_thread *t, int64_t deadline) {
  if (!rt_interrupted(t))
    schedule_wait(t, deadline == BLK_NEVER ? UINT64_MAX : (uint64_t)deadline, NULL, 0,
                  GIL_BLOCKED_SLEEP);
  return rt_interrupted(t) ? BLK_INTERRUPTED : BLK_READY;
}

static enum blk_result sleep_released(rt_thread *t, int64_t deadline) {
  if (t->turn != NULL) return sleep_scheduled(t, deadline);
  struct timespec until = to_timespec(deadline);
  bool can_poll = rt_wake_fd(t) >= 0;
  for (;;) {
    if (rt_interrupted(t)) return BLK_INTERRUPTED;
    int64_t left = deadline - blk_now();
    if (left <= 0) return BLK_READY;
    if (can_poll && left > 2 * FINE_SLEEP_NS)
      poll_once(t, -1, 0, -1,
                deadline == BLK_NEVER ? BLK_NEVER : left - FINE_SLEEP_NS - left / 500);
    else
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  }
}

enum blk_result blk_sleep_until(rt_thread *t, int64_t deadline) {
  rt_block_begin(t, GIL_BLOCKED_SLEEP);
  enum blk_result r = sleep_released(t, deadline);
  rt_block_end(t);
  return r;
}
