/* os_sync.h: every call of this folder into the operating system: futex, clock, cpu, mutex.
 * A port of gil/ to another system starts and ends here. */
#ifndef GILT_OS_SYNC_H
#define GILT_OS_SYNC_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A failing mutex operation is a bug of ours, so it aborts. */
typedef pthread_mutex_t os_mutex;
void os_mutex_init(os_mutex *m);
void os_mutex_fini(os_mutex *m);
void os_mutex_lock(os_mutex *m);
void os_mutex_unlock(os_mutex *m);

/* Nanoseconds of CLOCK_MONOTONIC, to a fraction of a microsecond. Async-signal-safe. os_clock.c */
void os_clock_init(void); /* once there is a lock; before it the clock is slower, not wrong */
uint64_t os_now_ns(void);
void os_clock_fork_child(void);

/* Sleeps while *word == expected, until woken, or `deadline_ns` on os_now_ns's clock passes
 * (OS_FOREVER: no deadline), or a signal comes. The caller looks at *word again in each case.
 * False: the deadline has passed. */
#define OS_FOREVER UINT64_MAX
bool os_futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns);
void os_futex_wake_one(_Atomic uint32_t *word);

/* The processor that the caller is on right now, and how many it may use. */
int os_cpu(void);
int os_cpu_count(void);
void os_cpu_relax(void); /* one turn of a spin loop */

/* Where a sleeping thread wakes up: os_place confines thread `tid` to processor `cpu` and keeps
 * what it was allowed before in *before. If OS_PLACED, the thread calls os_unplace as soon as it
 * runs; else nothing was changed. */
struct os_placement {
  unsigned long allowed[1024 / (8 * sizeof(unsigned long))];
};
int os_thread_id(void);
enum os_place_result {
  OS_PLACED,
  OS_PLACE_NO_CHOICE, /* it may run on one processor only */
  OS_PLACE_FAILED
};
enum os_place_result os_place(int tid, int cpu, struct os_placement *before);
void os_unplace(const struct os_placement *before);

/* Prints "gilt: <message>" to stderr and aborts: a bug in the caller. */
_Noreturn void os_die(const char *message);

#endif
