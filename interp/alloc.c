/* alloc.c: see alloc.h. */
#include "alloc.h"
#include "schedule.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN ((size_t)16 << 10)
#define CHUNK_MAX ((size_t)1 << 20)

void rt_heap_init(struct rt_heap *h, size_t limit) {
  memset(h, 0, sizeof *h);
  h->limit = limit;
  h->fixed = schedule_heap;
  h->chunk_bytes = CHUNK_MIN;
}

/* What is too large for the size classes, and chunks for those. */
static void *big_alloc(struct rt_heap *h, size_t size) {
  return h->fixed ? schedule_heap_alloc(size) : malloc(size);
}

static void big_free(struct rt_heap *h, void *p, size_t size) {
  if (h->fixed)
    schedule_heap_free(p, size);
  else
    free(p);
}

static void *big_resize(struct rt_heap *h, void *p, size_t osize, size_t nsize) {
  if (!h->fixed) return realloc(p, nsize);
  if (schedule_heap_room(osize) == schedule_heap_room(nsize)) return p;
  void *q = schedule_heap_alloc(nsize);
  if (q == NULL) return NULL;
  memcpy(q, p, osize < nsize ? osize : nsize);
  schedule_heap_free(p, osize);
  return q;
}

void rt_heap_fini(struct rt_heap *h) {
  void *next;
  for (void *c = h->fixed ? NULL : h->chunks; c != NULL; c = next) {
    memcpy(&next, c, sizeof next);
    free(c);
  }
  rt_heap_init(h, h->limit);
}

static size_t class_of(size_t size) { return (size - 1) / RT_HEAP_STEP; }

static int is_small(size_t size) { return !RT_PLAIN_MALLOC && size <= RT_HEAP_MAX; }

static int new_chunk(struct rt_heap *h) {
  /* What is left of the old chunk goes to the free lists of its size. */
  size_t rest = (size_t)(h->bump_end - h->bump);
  if (rest >= RT_HEAP_STEP) {
    size_t cls = class_of(rest > RT_HEAP_MAX ? RT_HEAP_MAX : rest);
    memcpy(h->bump, &h->free[cls], sizeof(void *));
    h->free[cls] = h->bump;
  }
  char *c = big_alloc(h, h->chunk_bytes);
  if (c == NULL) return 0;
  memcpy(c, &h->chunks, sizeof(void *));
  h->chunks = c;
  h->bump = c + RT_HEAP_STEP; /* keeps malloc's 16-byte alignment */
  h->bump_end = c + h->chunk_bytes;
  if (h->chunk_bytes < CHUNK_MAX) h->chunk_bytes *= 2;
  return 1;
}

static void *take(struct rt_heap *h, size_t size) {
  size_t cls = class_of(size);
  void *p = h->free[cls];
  if (p != NULL) {
    memcpy(&h->free[cls], p, sizeof(void *));
    return p;
  }
  size_t bytes = (cls + 1) * RT_HEAP_STEP;
  if ((size_t)(h->bump_end - h->bump) < bytes && !new_chunk(h)) return NULL;
  p = h->bump;
  h->bump += bytes;
  return p;
}

static void give(struct rt_heap *h, void *p, size_t size) {
  size_t cls = class_of(size);
  memcpy(p, &h->free[cls], sizeof(void *));
  h->free[cls] = p;
}

static void release(struct rt_heap *h, void *p, size_t size) {
  if (is_small(size))
    give(h, p, size);
  else
    big_free(h, p, size);
}

static void *resize(struct rt_heap *h, void *p, size_t osize, size_t nsize) {
  if (is_small(osize) && is_small(nsize) && class_of(osize) == class_of(nsize)) return p;
  if (!is_small(osize) && !is_small(nsize)) {
    void *q = big_resize(h, p, osize, nsize);
    /* Lua relies on shrinking never to fail. */
    return q != NULL ? q : nsize <= osize ? p : NULL;
  }
  void *q = is_small(nsize) ? take(h, nsize) : big_alloc(h, nsize);
  if (q == NULL)
    return NULL; /* also for a shrinking block: Lua keeps the old one and its size then */
  memcpy(q, p, osize < nsize ? osize : nsize);
  release(h, p, osize);
  return q;
}

/* Written by who may allocate, read by anybody. */
static size_t used_by(const struct rt_heap *h) {
  return atomic_load_explicit(&h->used, memory_order_relaxed);
}
static void set_used(struct rt_heap *h, size_t used) {
  atomic_store_explicit(&h->used, used, memory_order_relaxed);
}

void *rt_heap_alloc(void *ud, void *ptr, size_t osize, size_t nsize) {
  struct rt_heap *h = ud;
  if (ptr == NULL) osize = 0; /* then osize is the kind of object */
  if (nsize == 0) {
    if (osize != 0) release(h, ptr, osize);
    set_used(h, used_by(h) - osize);
    return NULL;
  }
  size_t used = used_by(h);
  if (h->limit != 0 && nsize > osize &&
      nsize - osize > h->limit - (used < h->limit ? used : h->limit))
    return NULL;
  void *p;
  if (osize == 0)
    p = is_small(nsize) ? take(h, nsize) : big_alloc(h, nsize);
  else
    p = resize(h, ptr, osize, nsize);
  if (p == NULL) return NULL;
  used += nsize - osize;
  set_used(h, used);
  if (used > h->peak) h->peak = used;
  return p;
}
