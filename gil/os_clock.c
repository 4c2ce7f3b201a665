/* os_clock.c: the clock of the books: nanoseconds of CLOCK_MONOTONIC, read for half of the price.
 *
 * Where the kernel itself trusts the processor's time stamp counter (it is invariant, and the clock
 * source is "tsc"), a reading is one unordered rdtsc and a multiplication, from an anchor that is
 * renewed against the kernel's clock every 20 ms. The line from one anchor to the next never goes
 * back and never has a step down: where it ran ahead of the kernel it is made flatter until they
 * meet. So it stays within a fraction of a microsecond of CLOCK_MONOTONIC, in each process by
 * itself, which puts forked processes on one clock too.
 *
 * Everywhere else, and whenever in doubt (an anchor being renewed, the first 10 ms), it is
 * clock_gettime. Two readings by two threads may therefore disagree by a little about what came
 * first: who subtracts uses gil_since. */
#include "os_sync.h"

#include <time.h>

static uint64_t kernel_now(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

#if defined(__x86_64__)

#  include <cpuid.h>
#  include <fcntl.h>
#  include <string.h>
#  include <unistd.h>
#  include <x86intrin.h>

#  define FIRST_NS   UINT64_C(10000000)   /* until the rate is known well enough */
#  define WINDOW_NS  UINT64_C(20000000)   /* an anchor is good for that long */
#  define BASE_NS    UINT64_C(4000000000) /* the rate is measured over at most that */
#  define STRANGE_NS INT64_C(1000000)     /* suspended, or a counter not to be trusted */
#  define SLOW_TICKS 8000                 /* interrupted between two readings */

__extension__ typedef unsigned __int128 wide;

enum { UNKNOWN, USABLE, UNUSABLE };

struct moment {
  uint64_t tick, ns;
};

/* Locking key: (s) seqlock: `sequence` is odd while they change; (b) by who set `busy`. */
static struct {
  _Atomic uint32_t sequence;       /* 0: no anchor yet */
  _Atomic uint64_t tick, ns, rate; /* (s) the anchor; ns per tick << 32 */
  _Atomic uint64_t window;         /* (s) in ticks */
  _Atomic uint32_t busy;
  _Atomic uint32_t usable;
  struct moment base; /* (b) */
  bool based;         /* (b) */
} c;

static uint64_t along(uint64_t ns, uint64_t ticks, uint64_t rate) {
  return ns + (uint64_t)(((wide)ticks * rate) >> 32);
}

/* False: we were interrupted each time. */
static bool read_both(struct moment *m) {
  uint64_t best = SLOW_TICKS;
  for (int i = 0; i < 3; i++) {
    uint64_t before = __rdtsc(), ns = kernel_now(), took = __rdtsc() - before;
    if (took >= best) continue;
    best = took;
    *m = (struct moment){.tick = before + took / 2, .ns = ns};
  }
  return best < SLOW_TICKS;
}

static bool counter_is_trusted(void) {
  unsigned a, b, x, d;
  if (!__get_cpuid(0x80000007, &a, &b, &x, &d) || (d & (1u << 8)) == 0) return false;
  char name[8] = "";
  int fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t n = read(fd, name, sizeof name - 1);
  close(fd);
  return n >= 4 && memcmp(name, "tsc\n", 4) == 0;
}

void os_clock_init(void) {
  if (atomic_load_explicit(&c.usable, memory_order_relaxed) == UNKNOWN)
    atomic_store_explicit(&c.usable, counter_is_trusted() ? USABLE : UNUSABLE,
                          memory_order_relaxed);
}

/* Busy. [clock] release: each store is seen no earlier than the odd number, and the even one no
 * earlier than all of them. Pairs with the acquire loads in os_now_ns. */
static void publish(uint64_t tick, uint64_t ns, uint64_t rate) {
  uint32_t sequence = atomic_load_explicit(&c.sequence, memory_order_relaxed);
  atomic_store_explicit(&c.sequence, sequence + 1, memory_order_relaxed);
  atomic_store_explicit(&c.tick, tick, memory_order_release);
  atomic_store_explicit(&c.ns, ns, memory_order_release);
  atomic_store_explicit(&c.rate, rate, memory_order_release);
  atomic_store_explicit(&c.window, (uint64_t)(((wide)WINDOW_NS << 32) / rate),
                        memory_order_release);
  atomic_store_explicit(&c.sequence, sequence + 2, memory_order_release);
}

static void start_again(void) {
  c.based = false;
  atomic_store_explicit(&c.sequence, 0, memory_order_relaxed);
  atomic_store_explicit(&c.window, 0, memory_order_release);
}

/* Busy. The anchor of before, if any, is left for one that starts now. */
static void renew(const struct moment *now) {
  if (!c.based || now->tick <= c.base.tick || now->ns <= c.base.ns) {
    start_again();
    c.base = *now;
    c.based = true;
    return;
  }
  uint64_t ticks = now->tick - c.base.tick, span = now->ns - c.base.ns;
  if (span < FIRST_NS) return;
  uint64_t rate = (uint64_t)(((wide)span << 32) / ticks);
  if (span > BASE_NS) c.base = *now;
  if (atomic_load_explicit(&c.sequence, memory_order_relaxed) == 0) {
    publish(now->tick, now->ns, rate);
    return;
  }
  uint64_t was = atomic_load_explicit(&c.tick, memory_order_relaxed);
  uint64_t said = along(atomic_load_explicit(&c.ns, memory_order_relaxed), now->tick - was,
                        atomic_load_explicit(&c.rate, memory_order_relaxed));
  int64_t ahead = (int64_t)(said - now->ns);
  if (ahead >= STRANGE_NS || now->tick < was) {
    atomic_store_explicit(&c.usable, UNUSABLE, memory_order_relaxed);
    start_again();
  } else if (ahead > 0) { /* flatter, until the kernel's clock has caught up */
    publish(now->tick, said, rate - (uint64_t)(((wide)(uint64_t)ahead * rate) / WINDOW_NS));
  } else {
    publish(now->tick, now->ns, rate);
  }
}

__attribute__((noinline, cold)) static uint64_t now_slow(void) {
  if (atomic_load_explicit(&c.usable, memory_order_relaxed) != USABLE) return kernel_now();
  /* [clock-busy] acquire: pairs with the release below. Never waited for: a signal handler and a
   * forked child may find it set. */
  if (atomic_exchange_explicit(&c.busy, 1, memory_order_acquire) != 0) return kernel_now();
  struct moment m;
  uint64_t ns;
  if (read_both(&m)) {
    renew(&m);
    ns = m.ns;
    if (atomic_load_explicit(&c.sequence, memory_order_relaxed) != 0 &&
        atomic_load_explicit(&c.ns, memory_order_relaxed) > ns)
      ns = atomic_load_explicit(&c.ns, memory_order_relaxed);
  } else {
    ns = kernel_now();
  }
  atomic_store_explicit(&c.busy, 0, memory_order_release);
  return ns;
}

uint64_t os_now_ns(void) {
  /* [clock] acquire: see publish. */
  uint32_t sequence = atomic_load_explicit(&c.sequence, memory_order_acquire);
  uint64_t tick = atomic_load_explicit(&c.tick, memory_order_acquire);
  uint64_t ns = atomic_load_explicit(&c.ns, memory_order_acquire);
  uint64_t rate = atomic_load_explicit(&c.rate, memory_order_acquire);
  uint64_t window = atomic_load_explicit(&c.window, memory_order_acquire);
  uint64_t ticks = __rdtsc() - tick;
  if (__builtin_expect(ticks < window && (sequence & 1) == 0 &&
                           atomic_load_explicit(&c.sequence, memory_order_relaxed) == sequence,
                       true))
    return ns + ((ticks * rate) >> 32); /* 20 ms of ticks fit beside 32 bits of fraction */
  return now_slow();
}

void os_clock_fork_child(void) {
  /* Another thread may have been at it. */
  if (atomic_load_explicit(&c.busy, memory_order_relaxed) == 0) return;
  start_again();
  atomic_store_explicit(&c.busy, 0, memory_order_relaxed);
}

#else

void os_clock_init(void) {}
void os_clock_fork_child(void) {}
uint64_t os_now_ns(void) { return kernel_now(); }

#endif
