/* stress.c: what happens at the points of stress.h. */
#include "stress.h"

#if GILT_CORE_STRESS
#  include <sched.h>
#  include <stdint.h>
#  include <stdlib.h>
#  include <time.h>

/* A generator per thread, seeded by where the thread's copy lies: schedules differ from run to run
 * in any case. */
static uint32_t next_random(void) {
  static _Thread_local uint32_t x;
  if (x == 0) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    x = (uint32_t)(uintptr_t)&x ^ (uint32_t)t.tv_nsec * 2654435761u;
    x |= 1;
  }
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return x;
}

bool core_stress_chance(unsigned n) { return next_random() % n == 0; }

void core_stress_point(void) {
  uint32_t r = next_random() >> 8;
  if (r % 2048 == 0) { /* long enough for the others to get past everything they are at */
    struct timespec t = {0, (long)(r >> 12) % 20000};
    nanosleep(&t, NULL);
  } else if (r % 8 == 0) {
    sched_yield();
  }
}

unsigned core_stress_gc(void) {
  static unsigned every = 1u << 31; /* not asked yet; every thread finds the same */
  unsigned n = __atomic_load_n(&every, __ATOMIC_RELAXED);
  if (n == 1u << 31) {
    const char *s = getenv("GILT_STRESS_GC");
    n = s == NULL ? 0 : (unsigned)strtoul(s, NULL, 10);
    __atomic_store_n(&every, n, __ATOMIC_RELAXED);
  }
  return n;
}
#else
extern const char core_stress_off;
const char core_stress_off = 1; /* a file needs something in it */
#endif
