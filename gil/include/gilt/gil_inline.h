/* gil_inline.h: gil_acquire and gil_release again, inlined: for an interpreter that gives the lock
 * up around every short foreign call. What is not quick goes to the functions of gil.h. C only.
 *
 * Whoever includes this is tied to the layout below, so to this version of the library. */
#ifndef GILT_GIL_INLINE_H
#define GILT_GIL_INLINE_H

#include <gilt/gil.h>
#include <stdatomic.h>

/* The head of a lock and of a thread's record; what each field means: gil_impl.h. */
struct gil_line {
  _Atomic uint64_t word;      /* (sequence << 1) | held */
  _Atomic uint32_t attention; /* nonzero: a quick release has to look */
};

struct gil_head {
  struct gil_line *line;
  _Atomic uint64_t word;    /* the lock word as this thread left it */
  _Atomic bool trace_quick; /* short releases are traced */
};

static inline void gil_acquire_inline(gil_thread *t) {
  struct gil_head *h = (struct gil_head *)(void *)t;
  uint64_t mine = atomic_load_explicit(&h->word, memory_order_relaxed), seen = mine;
  bool odd = (mine & 1) != 0 || atomic_load_explicit(&h->trace_quick, memory_order_relaxed);
  /* [word] acquire: pairs with the release stores of the lock word. */
  if (__builtin_expect(
          !odd && atomic_compare_exchange_strong_explicit(
                      &h->line->word, &seen, mine | 1, memory_order_acquire, memory_order_relaxed),
          true))
    atomic_store_explicit(&h->word, mine | 1, memory_order_relaxed);
  else
    gil_acquire(t);
}

static inline void gil_release_inline(gil_thread *t) {
  struct gil_head *h = (struct gil_head *)(void *)t;
  uint64_t mine = atomic_load_explicit(&h->word, memory_order_relaxed);
  bool odd = (mine & 1) == 0 || atomic_load_explicit(&h->trace_quick, memory_order_relaxed);
  /* Relaxed: a waiter that comes at this very moment is missed, as in gil_release. */
  if (__builtin_expect(odd || atomic_load_explicit(&h->line->attention, memory_order_relaxed) != 0,
                       false)) {
    gil_release(t);
    return;
  }
  atomic_store_explicit(&h->word, mine + 1, memory_order_relaxed);
  /* [word] release: pairs with the acquire compare-and-swaps on the lock word. */
  atomic_store_explicit(&h->line->word, mine + 1, memory_order_release);
}

#endif
