/* claim.c: waiting for a claim, and claims across fork. See claim.h for the rules. */
#include "claim.h"
#include "blocking.h"
#include "../schedule.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A flush of a log file takes microseconds: look this often before giving the GIL up. */
#define SPINS 64
/* The interrupt's signal breaks a futex wait that has begun; one that arrives just before is
 * noticed when the slice is over. */
#define WAIT_SLICE_NS 10000000L

_Atomic uint32_t claim_generation;

static void child_new_generation(void) {
  atomic_fetch_add_explicit(&claim_generation, CLAIM_BITS + 1, memory_order_relaxed);
}

static void install_fork_handler(void) { pthread_atfork(NULL, NULL, child_new_generation); }

void claim_setup(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install_fork_handler);
}

static void futex_wait(io_claim *c, uint32_t expected) {
  struct timespec slice = {.tv_nsec = WAIT_SLICE_NS};
  syscall(SYS_futex, &c->word, FUTEX_WAIT_PRIVATE, expected, &slice, NULL, 0);
}

static void futex_wake_one(io_claim *c) {
  syscall(SYS_futex, &c->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* Takes the claim if it is free; `extra` are bits to set with it. */
static bool try_take(io_claim *c, uint32_t gen, uint32_t *word, uint32_t extra) {
  *word = atomic_load_explicit(&c->word, memory_order_relaxed);
  /* [claim] acquire: pairs with the releases below and in claim_release. */
  return claim_is_free(*word, gen) &&
         atomic_compare_exchange_strong_explicit(&c->word, word, gen | CLAIM_HELD | extra,
                                                 memory_order_acquire, memory_order_relaxed);
}

static bool spin_take(io_claim *c, uint32_t gen) {
  uint32_t word;
  for (int i = 0; i < SPINS; i++) {
    if (try_take(c, gen, &word, 0)) return true;
    if (word & CLAIM_SLOW) return false;
    relax();
  }
  return false;
}

/* Outside the GIL. Whoever has slept takes the claim with WAITERS set: others may still sleep. */
static enum claim_result wait_take(io_claim *c, uint32_t gen, rt_thread *t, enum claim_how how) {
  for (;;) {
    uint32_t word;
    if (try_take(c, gen, &word, CLAIM_WAITERS)) return CLAIM_OK;
    if (claim_is_free(word, gen)) continue;
    if (!(word & CLAIM_WAITERS) &&
        !atomic_compare_exchange_strong_explicit(&c->word, &word, word | CLAIM_WAITERS,
                                                 memory_order_relaxed, memory_order_relaxed))
      continue;
    /* Leaving only after WAITERS is set passes a wake-up that was meant for us on to the others. */
    if (rt_interrupted(t)) return CLAIM_INTERRUPTED;
    if (how == CLAIM_UNLESS_SLOW && (word & CLAIM_SLOW)) return CLAIM_BUSY;
    if (schedule_on)
      blk_pause_released(t, WAIT_SLICE_NS);
    else
      futex_wait(c, word | CLAIM_WAITERS);
  }
}

enum claim_result claim_take_slow(io_claim *c, enum claim_how how) {
  uint32_t gen = atomic_load_explicit(&claim_generation, memory_order_relaxed);
  if (spin_take(c, gen)) return CLAIM_OK;

  rt_thread *t = rt_self();
  rt_block_begin(t, GIL_BLOCKED_LOCK);
  enum claim_result r = wait_take(c, gen, t, how);
  rt_block_end(t);
  return r;
}

void claim_release_slow(io_claim *c) {
  uint32_t gen = atomic_load_explicit(&claim_generation, memory_order_relaxed);
  /* [claim] release: pairs with the acquire in try_take. */
  uint32_t old = atomic_exchange_explicit(&c->word, gen, memory_order_release);
  if (old & CLAIM_WAITERS) futex_wake_one(c);
}

void claim_set_slow(io_claim *c, bool slow) {
  if (!slow) {
    atomic_fetch_and_explicit(&c->word, ~(uint32_t)CLAIM_SLOW, memory_order_relaxed);
    return;
  }
  /* A close that waits must look again: it fails while the holder is slow. */
  uint32_t old = atomic_fetch_or_explicit(&c->word, CLAIM_SLOW, memory_order_relaxed);
  if (old & CLAIM_WAITERS)
    syscall(SYS_futex, &c->word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}
