/* park.c: waiting for a state, with the GIL given up. See runtime_impl.h.
 *
 * Each thread sleeps on a word of its own. The interrupt signal's handler sets that word too, in
 * the thread itself, so a signal that comes just before the system call is not lost: the kernel
 * compares the word. */
#include "runtime_impl.h"
#include "schedule.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

uint64_t rt_now_ns(void) {
  if (schedule_on) return schedule_now();
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

void rt_park_prepare(rt_thread *t) {
  atomic_store_explicit(&t->park, 0, memory_order_relaxed);
  /* An interrupt that came earlier has set the word already; do not sleep through it. */
  atomic_signal_fence(memory_order_seq_cst);
  if (rt_interrupted(t)) atomic_store_explicit(&t->park, 1, memory_order_relaxed);
}

void rt_park_prepare_firm(rt_thread *t) {
  atomic_store_explicit(&t->park, 0, memory_order_relaxed);
  atomic_signal_fence(memory_order_seq_cst);
  if (rt_must_close(t)) atomic_store_explicit(&t->park, 1, memory_order_relaxed);
}

void rt_park(rt_thread *t, uint64_t deadline_ns, enum gil_state why) {
  if (atomic_load_explicit(&t->park, memory_order_acquire) != 0) return;
  if (t->turn != NULL) {
    schedule_wait(t, deadline_ns, NULL, 0, why);
    return;
  }
  struct timespec ts = {.tv_sec = (time_t)(deadline_ns / UINT64_C(1000000000)),
                        .tv_nsec = (long)(deadline_ns % UINT64_C(1000000000))};
  rt_block_begin(t, why);
  while (atomic_load_explicit(&t->park, memory_order_acquire) == 0) {
    long rc = syscall(SYS_futex, &t->park, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0,
                      deadline_ns == UINT64_MAX ? NULL : &ts, NULL, FUTEX_BITSET_MATCH_ANY);
    if (rc != 0 && errno == ETIMEDOUT) break;
  }
  rt_block_end(t);
}

void rt_unpark(rt_thread *t) {
  /* [park] release: the changed state is visible to who finds the word set (acquire in rt_park). */
  atomic_store_explicit(&t->park, 1, memory_order_release);
  if (t->turn != NULL) {
    schedule_wake(t);
    return;
  }
  syscall(SYS_futex, &t->park, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

void rt_unpark_self(rt_thread *t) { atomic_store_explicit(&t->park, 1, memory_order_relaxed); }
