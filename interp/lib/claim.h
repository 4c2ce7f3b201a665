/* claim.h: one thread at a time on a file handle, whether or not there is a GIL.
 *
 * A claim covers one call of the io library (a whole write with all its arguments, a whole read
 * with all its formats), so calls of different threads on one handle follow each other and are
 * never mixed.
 *
 * Rules
 *   1. Between claim and claim_release no Lua function is called: no allocation, no error, no
 *      finalizer can run, so a claim is never lost to a longjmp and never taken twice by one
 * thread.
 *   2. Claims are leaves but for the lock of the FILE and, on the way back from blocking, the GIL.
 *      A thread never waits for a claim holding the GIL.
 *   3. A thread that may block without end (a pipe, a terminal) says so with claim_set_slow; a
 * close by another thread fails then, instead of waiting for input that may never come. */
#ifndef GILT_CLAIM_H
#define GILT_CLAIM_H

#include "../runtime.h"

#include <stdatomic.h>
#include <stdint.h>

#if defined(__has_include)
#  if __has_include(<sys/single_threaded.h>)
#    include <sys/single_threaded.h>
#    define claim_single_threaded() (__libc_single_threaded)
#  endif
#endif
#ifndef claim_single_threaded
#  define claim_single_threaded() (0)
#endif

/* (a) 24 bits of fork generation, then CLAIM_* bits. A word of an older generation is free: the
 * thread that held it does not exist in this process. */
typedef struct io_claim {
  _Atomic uint32_t word;
} io_claim;

enum { CLAIM_HELD = 1, CLAIM_WAITERS = 2, CLAIM_SLOW = 4, CLAIM_BITS = 0xff };

enum claim_result {
  CLAIM_OK,
  CLAIM_BUSY,       /* only with CLAIM_UNLESS_SLOW */
  CLAIM_INTERRUPTED /* while waiting; call rt_raise_interrupt */
};
enum claim_how { CLAIM_WAIT, CLAIM_UNLESS_SLOW };

extern _Atomic uint32_t claim_generation; /* generation << 8; changes only in a forked child */

/* Installs the fork handler; any number of times. */
void claim_setup(void);

enum claim_result claim_take_slow(io_claim *c, enum claim_how how);
void claim_release_slow(io_claim *c);
void claim_set_slow(io_claim *c, bool slow);

static inline bool claim_is_free(uint32_t word, uint32_t generation) {
  return (word & CLAIM_BITS) == 0 || (word & ~(uint32_t)CLAIM_BITS) != generation;
}

/* Without waiting. */
static inline bool claim_try(io_claim *c) {
  uint32_t gen = atomic_load_explicit(&claim_generation, memory_order_relaxed);
  uint32_t word = atomic_load_explicit(&c->word, memory_order_relaxed);
  /* [claim] acquire: pairs with the releases below and in claim.c. */
  return claim_is_free(word, gen) &&
         atomic_compare_exchange_strong_explicit(&c->word, &word, gen | CLAIM_HELD,
                                                 memory_order_acquire, memory_order_relaxed);
}

static inline enum claim_result claim_take(io_claim *c, enum claim_how how) {
  uint32_t gen = atomic_load_explicit(&claim_generation, memory_order_relaxed);
  uint32_t word = atomic_load_explicit(&c->word, memory_order_relaxed);
  if (claim_is_free(word, gen)) {
    if (claim_single_threaded()) { /* nobody to race with: spare the locked instruction */
      atomic_store_explicit(&c->word, gen | CLAIM_HELD, memory_order_relaxed);
      return CLAIM_OK;
    }
    /* [claim] acquire: sees what the last holder did to the FILE; pairs with [claim] in releases.
     */
    if (atomic_compare_exchange_strong_explicit(&c->word, &word, gen | CLAIM_HELD,
                                                memory_order_acquire, memory_order_relaxed))
      return CLAIM_OK;
  }
  return claim_take_slow(c, how);
}

static inline void claim_release(io_claim *c) {
  uint32_t gen = atomic_load_explicit(&claim_generation, memory_order_relaxed);
  uint32_t held = gen | CLAIM_HELD;
  if (claim_single_threaded()) {
    atomic_store_explicit(&c->word, gen, memory_order_relaxed);
    return;
  }
  /* [claim] release: pairs with the acquire in claim_take and claim_take_slow. */
  if (!atomic_compare_exchange_strong_explicit(&c->word, &held, gen, memory_order_release,
                                               memory_order_relaxed))
    claim_release_slow(c);
}

#endif
