/* gil_trace.h: the event rings, as the other files of gil/ see them.
 *
 * A ring has one writer, the thread it belongs to, and one reader at a time, under g->mtx. Rings
 * are made by gil_trace_start or gil_attach, never on the path of an event, and live until the lock
 * is destroyed or until their thread is gone and they are read to the end. */
#ifndef GILT_GIL_TRACE_H
#define GILT_GIL_TRACE_H

#include <gilt/gil.h>
#include <stdatomic.h>

/* Static probes for perf and bpftrace, e.g. `bpftrace -e 'usdt:./gilt:gilt:switch { @++ }'`. Each
 * is one no-op instruction until somebody attaches. */
#if defined(__has_include)
#  if __has_include(<sys/sdt.h>) && !defined(GILT_NO_PROBES)
#    include <sys/sdt.h>
#    define GILT_PROBE(name, a, b) DTRACE_PROBE2(gilt, name, a, b)
#  endif
#endif
#ifndef GILT_PROBE
#  define GILT_PROBE(name, a, b) ((void)0)
#endif

struct gil_ring {
  _Alignas(64) _Atomic uint64_t head; /* (a) events written; the owner writes it */
  _Atomic uint64_t lost;              /* (a) relaxed; the owner writes it */
  _Alignas(64) _Atomic uint64_t tail; /* (a) events read; written under g->mtx */
  uint64_t mask;                      /* (c) */
  gil_event *event;                   /* (c) until the thread is gone */
  struct gil_ring *next;              /* (m) g->rings */
  uint16_t number;                    /* (c) */
  bool ended;                         /* (m) */
  char name[64];                      /* (c) */
};

/* Writes one event; by the ring's owner only. */
static inline void gil_ring_push(struct gil_ring *r, enum gil_event_kind kind, uint32_t arg,
                                 uint64_t now) {
  uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
  /* [ring-tail] acquire: the slot has been read. Pairs with the release in gil_trace_drain. */
  if (head - atomic_load_explicit(&r->tail, memory_order_acquire) > r->mask) {
    atomic_store_explicit(&r->lost, atomic_load_explicit(&r->lost, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    return;
  }
  r->event[head & r->mask] =
      (gil_event){.time_ns = now, .arg = arg, .thread = r->number, .kind = (uint8_t)kind};
  /* [ring-head] release: the event is complete. Pairs with the acquire in gil_trace_drain. */
  atomic_store_explicit(&r->head, head + 1, memory_order_release);
}

#endif
