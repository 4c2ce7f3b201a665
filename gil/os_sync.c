/* os_sync.c: Linux. See os_sync.h. */
#include "os_sync.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Noreturn void os_die(const char *message) {
  static const char prefix[] = "gilt: ";
  /* write, not stdio: this may run in a signal handler or beside a held stdio lock. */
  ssize_t ignored = write(STDERR_FILENO, prefix, sizeof prefix - 1);
  ignored = write(STDERR_FILENO, message, strlen(message));
  ignored = write(STDERR_FILENO, "\n", 1);
  (void)ignored;
  abort();
}

void os_mutex_init(os_mutex *m) {
  if (pthread_mutex_init(m, NULL) != 0) os_die("cannot initialise a mutex");
}
void os_mutex_fini(os_mutex *m) {
  if (pthread_mutex_destroy(m) != 0) os_die("a mutex is destroyed while in use");
}
void os_mutex_lock(os_mutex *m) {
  if (pthread_mutex_lock(m) != 0) os_die("cannot lock a mutex");
}
void os_mutex_unlock(os_mutex *m) {
  if (pthread_mutex_unlock(m) != 0) os_die("cannot unlock a mutex");
}

bool os_futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns) {
  struct timespec ts, *timeout = NULL;
  if (deadline_ns != OS_FOREVER) {
    ts.tv_sec = (time_t)(deadline_ns / UINT64_C(1000000000));
    ts.tv_nsec = (long)(deadline_ns % UINT64_C(1000000000));
    timeout = &ts;
  }
  /* FUTEX_WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC, so an early wake-up needs no sums.
   */
  long rc = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected, timeout,
                    NULL, FUTEX_BITSET_MATCH_ANY);
  return rc == 0 || errno != ETIMEDOUT;
}

void os_futex_wake_one(_Atomic uint32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

int os_cpu(void) { return sched_getcpu(); }

int os_cpu_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}

_Static_assert(sizeof(struct os_placement) == sizeof(cpu_set_t), "a placement is a cpu_set_t");

int os_thread_id(void) { return (int)syscall(SYS_gettid); }

enum os_place_result os_place(int tid, int cpu, struct os_placement *before) {
  cpu_set_t old, one;
  if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(tid, sizeof old, &old) != 0)
    return OS_PLACE_FAILED;
  if (CPU_COUNT(&old) < 2) return OS_PLACE_NO_CHOICE;
  if (!CPU_ISSET((size_t)cpu, &old)) return OS_PLACE_FAILED;
  CPU_ZERO(&one);
  CPU_SET((size_t)cpu, &one);
  memcpy(before, &old, sizeof old);
  return sched_setaffinity(tid, sizeof one, &one) == 0 ? OS_PLACED : OS_PLACE_FAILED;
}

void os_unplace(const struct os_placement *before) {
  cpu_set_t old;
  memcpy(&old, before, sizeof old);
  sched_setaffinity(0, sizeof old, &old);
}

void os_cpu_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#else
  atomic_signal_fence(memory_order_seq_cst);
#endif
}
