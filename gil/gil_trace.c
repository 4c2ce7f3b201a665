/* gil_trace.c: making, reading and ending the event rings. Writing is in gil_trace.h. */
#include "gil_impl.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_DEFAULT 16384u
#define CAPACITY_MAX     (1u << 24)

static uint32_t round_up(uint32_t capacity) {
  uint32_t n = 64;
  if (capacity == 0) capacity = CAPACITY_DEFAULT;
  while (n < capacity && n < CAPACITY_MAX) n *= 2;
  return n;
}

static void ring_free(struct gil_ring *r) {
  free(r->event);
  free(r);
}

static struct gil_ring *ring_new(uint32_t capacity) {
  struct gil_ring *r = aligned_alloc(64, (sizeof *r + 63) & ~(size_t)63);
  if (r == NULL) return NULL;
  memset(r, 0, sizeof *r);
  r->mask = capacity - 1;
  r->event = malloc(capacity * sizeof *r->event);
  if (r->event != NULL) return r;
  free(r);
  return NULL;
}

/* mtx held: t's ring is in use from now on; its present state comes first. */
static void begin(gil *g, gil_thread *t, uint64_t now) {
  t->tracing = t->ring != NULL && g->trace_level != GIL_TRACE_OFF;
  /* The owner is the ring's only writer: it writes its present state with its next event. */
  atomic_store_explicit(&t->announce, t->tracing ? now : 0, memory_order_relaxed);
  /* [trace-quick] release: the ring is complete. Pairs with the acquire in gil_trace_quick. */
  atomic_store_explicit(&t->head.trace_quick, t->tracing && g->trace_level == GIL_TRACE_ALL,
                        memory_order_release);
}

static void adopt(gil *g, gil_thread *t, struct gil_ring *r) {
  r->number = ++g->rings_made;
  memcpy(r->name, t->name, sizeof r->name);
  r->next = g->rings;
  g->rings = r;
  t->ring = r;
}

void gil_trace_attach(gil *g, gil_thread *t) {
  os_mutex_lock(&g->mtx);
  bool wanted = g->trace_level != GIL_TRACE_OFF && t->ring == NULL && g->rings_made < UINT16_MAX;
  uint32_t capacity = g->trace_capacity;
  os_mutex_unlock(&g->mtx);
  if (!wanted) return;
  struct gil_ring *r = ring_new(capacity);
  if (r == NULL) return;
  os_mutex_lock(&g->mtx);
  adopt(g, t, r);
  begin(g, t, os_now_ns());
  os_mutex_unlock(&g->mtx);
}

/* Rings for the threads that have none; a thread that comes meanwhile gets its own. */
static int make_rings(gil *g, uint32_t capacity) {
  for (;;) {
    struct gil_ring *r = ring_new(capacity);
    if (r == NULL) return GILT_ENOMEM;
    os_mutex_lock(&g->mtx);
    gil_thread *t = g->all;
    while (t != NULL && t->ring != NULL) t = t->all_next;
    bool found = t != NULL && g->rings_made < UINT16_MAX;
    if (found) adopt(g, t, r);
    os_mutex_unlock(&g->mtx);
    if (found) continue;
    ring_free(r);
    return GILT_OK;
  }
}

int gil_trace_start(gil *g, enum gil_trace_level level, uint32_t capacity) {
  capacity = round_up(capacity);
  int rc = level == GIL_TRACE_OFF ? GILT_OK : make_rings(g, capacity);
  if (rc != GILT_OK) return rc;
  os_mutex_lock(&g->mtx);
  uint64_t now = os_now_ns();
  g->trace_level = level;
  g->trace_capacity = capacity;
  for (gil_thread *t = g->all; t != NULL; t = t->all_next) begin(g, t, now);
  os_mutex_unlock(&g->mtx);
  return GILT_OK;
}

void gil_trace_stop(gil *g) {
  os_mutex_lock(&g->mtx);
  g->trace_level = GIL_TRACE_OFF;
  for (gil_thread *t = g->all; t != NULL; t = t->all_next) begin(g, t, 0);
  os_mutex_unlock(&g->mtx);
}

static void announce(gil_thread *t) {
  uint64_t since = atomic_load_explicit(&t->announce, memory_order_relaxed);
  if (since == 0) return;
  atomic_store_explicit(&t->announce, 0, memory_order_relaxed);
  gil_ring_push(t->ring, GIL_EVENT_STATE, t->books.state, since);
}

void gil_trace_write(gil_thread *t, enum gil_event_kind kind, uint32_t arg, uint64_t now) {
  announce(t);
  gil_ring_push(t->ring, kind, arg, now);
}

void gil_trace_quick_write(gil_thread *t, enum gil_event_kind kind) {
  gil_trace_write(t, kind, 0, os_now_ns());
}

/* Another thread that took the lock after a quick release could not write that into our ring. */
void gil_trace_state(gil_thread *t, enum gil_state next, uint64_t now) {
  announce(t);
  if (t->books.lost_at != 0) gil_ring_push(t->ring, GIL_EVENT_STATE, GIL_NATIVE, t->books.lost_at);
  gil_ring_push(t->ring, GIL_EVENT_STATE, next, now);
}

void gil_trace_detach(gil_thread *t) {
  if (t->ring != NULL) t->ring->ended = true;
}

static size_t drain_ring(struct gil_ring *r, gil_event *out, size_t max) {
  uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
  /* [ring-head] acquire: pairs with the release in gil_ring_push. */
  uint64_t have = atomic_load_explicit(&r->head, memory_order_acquire) - tail;
  size_t n = have < max ? (size_t)have : max;
  for (size_t i = 0; i < n; i++) out[i] = r->event[(tail + i) & r->mask];
  /* [ring-tail] release: the slots are free again. Pairs with the acquire in gil_ring_push. */
  atomic_store_explicit(&r->tail, tail + n, memory_order_release);
  if (r->ended && n == have) { /* the name stays for gil_trace_threads */
    free(r->event);
    r->event = NULL;
    r->mask = 0;
  }
  return n;
}

size_t gil_trace_drain(gil *g, gil_event *out, size_t max) {
  size_t n = 0;
  os_mutex_lock(&g->mtx);
  for (struct gil_ring *r = g->rings; r != NULL && n < max; r = r->next)
    if (r->event != NULL) n += drain_ring(r, out + n, max - n);
  os_mutex_unlock(&g->mtx);
  return n;
}

size_t gil_trace_threads(gil *g, gil_trace_thread *out, size_t max) {
  size_t n = 0;
  os_mutex_lock(&g->mtx);
  for (struct gil_ring *r = g->rings; r != NULL; r = r->next, n++) {
    if (n >= max) continue;
    out[n].number = r->number;
    out[n].ended = r->ended;
    out[n].lost = atomic_load_explicit(&r->lost, memory_order_relaxed);
    memcpy(out[n].name, r->name, sizeof out[n].name);
  }
  os_mutex_unlock(&g->mtx);
  return n;
}

void gil_trace_fini(gil *g) {
  for (struct gil_ring *r = g->rings, *next; r != NULL; r = next) {
    next = r->next;
    ring_free(r);
  }
}

/* The caller's ring goes on, empty; the others belong to threads of another process. */
void gil_trace_fork_child(gil *g, gil_thread *t) {
  for (struct gil_ring *r = g->rings, *next; r != NULL; r = next) {
    next = r->next;
    if (r != t->ring) ring_free(r);
  }
  g->rings = t->ring;
  if (t->ring == NULL) return;
  t->ring->next = NULL;
  atomic_store_explicit(&t->ring->tail, atomic_load_explicit(&t->ring->head, memory_order_relaxed),
                        memory_order_relaxed);
  atomic_store_explicit(&t->ring->lost, 0, memory_order_relaxed);
  begin(g, t, os_now_ns());
}
