/* gil_trace_event.c: what one event in the ring costs, its clock reading included, and what tracing
 * adds to a short release when it is off. Bar: 25 ns for an event. */
#include "gil_case.h"

#include "../../gil/gil_trace.h"
#include "../../gil/os_sync.h"

struct ring_case {
  struct gil_ring *ring;
  gil *g;
  gil_thread *t;
  long events;
};

static double clock_only(void *arg) {
  struct ring_case *c = arg;
  uint64_t start = case_now_ns(), sum = 0;
  for (long i = 0; i < c->events; i++) sum += os_now_ns();
  atomic_store_explicit(&c->ring->lost, sum, memory_order_relaxed); /* the sum is used */
  return (double)(case_now_ns() - start) / (double)c->events;
}

static double kernel_clock(void *arg) {
  struct ring_case *c = arg;
  uint64_t start = case_now_ns(), sum = 0;
  for (long i = 0; i < c->events; i++) sum += case_now_ns();
  atomic_store_explicit(&c->ring->lost, sum, memory_order_relaxed); /* the sum is used */
  return (double)(case_now_ns() - start) / (double)c->events;
}

static void empty(struct ring_case *c) {
  atomic_store(&c->ring->tail, atomic_load(&c->ring->head));
}

static double event_with_clock(void *arg) {
  struct ring_case *c = arg;
  uint64_t start = case_now_ns();
  for (long i = 0; i < c->events; i++) {
    gil_ring_push(c->ring, GIL_EVENT_STATE, GIL_RUNNING, os_now_ns());
    if (i % 4096 == 4095) empty(c);
  }
  return (double)(case_now_ns() - start) / (double)c->events;
}

static double event_alone(void *arg) {
  struct ring_case *c = arg;
  uint64_t start = case_now_ns();
  for (long i = 0; i < c->events; i++) {
    gil_ring_push(c->ring, GIL_EVENT_STATE, GIL_RUNNING, (uint64_t)i);
    if (i % 4096 == 4095) empty(c);
  }
  return (double)(case_now_ns() - start) / (double)c->events;
}

static double pair(struct ring_case *c) {
  uint64_t start = case_now_ns();
  for (long i = 0; i < c->events; i++) {
    gil_release(c->t);
    gil_acquire(c->t);
  }
  return (double)(case_now_ns() - start) / (double)c->events;
}

static double untraced(void *arg) { return pair(arg); }

static double traced(void *arg) {
  struct ring_case *c = arg;
  if (gil_trace_start(c->g, GIL_TRACE_CONTENDED, 0) != GILT_OK) abort();
  double each = pair(c);
  gil_trace_stop(c->g);
  return each;
}

static double block_pair(struct ring_case *c) {
  uint64_t start = case_now_ns();
  for (long i = 0; i < c->events / 10; i++) {
    gil_block_begin(c->t, GIL_BLOCKED_IO);
    gil_block_end(c->t);
  }
  return (double)(case_now_ns() - start) / (double)(c->events / 10);
}

static double block_untraced(void *arg) { return block_pair(arg); }

/* The ring is full most of the time: a lost event costs about as much as one that is kept. */
static double block_traced(void *arg) {
  struct ring_case *c = arg;
  if (gil_trace_start(c->g, GIL_TRACE_CONTENDED, 0) != GILT_OK) abort();
  double each = block_pair(c);
  gil_trace_stop(c->g);
  return each;
}

int main(int argc, char **argv) {
  bool smoke = case_smoke(argc, argv);
  int rounds = smoke ? 3 : 21;
  static gil_event event[8192];
  static struct gil_ring ring = {.mask = 8191, .event = event, .number = 1};
  struct ring_case c = {.ring = &ring, .events = smoke ? 10000 : 1000000};
  if (gil_create(NULL, &c.g) != GILT_OK || gil_attach(c.g, "main", NULL, &c.t) != GILT_OK) return 1;
  gil_acquire(c.t);
  case_absolute("an event, clock included", 25, rounds, event_with_clock, &c);
  case_absolute("an event, time given", 25, rounds, event_alone, &c);
  case_compare("(the clock alone)", "clock_gettime", 1, rounds, clock_only, kernel_clock, &c);
  case_compare("short release, traced (contended)", "untraced", 1.05, rounds, traced, untraced, &c);
  case_compare("blocking region, traced", "untraced", 1.5, rounds, block_traced, block_untraced,
               &c);
  gil_release(c.t);
  gil_detach(c.t);
  gil_destroy(c.g);
  return 0;
}
