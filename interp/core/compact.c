/* compact.c: free raw blocks that lie side by side become one.
 *
 * A raw block is carved for one size class and goes back to that class's free list. A program whose
 * arrays grow through many sizes would leave a free list full in each. So when a heap has become a
 * good deal larger, the owner of the lists, after a collection, sorts its free blocks by address
 * and makes runs of neighbours, from which raw_bump then carves blocks of any size. Nothing moves.
 */
#include <stdlib.h>
#include "core.h"

#define RUN_LEAST   2048 /* shorter runs stay as the blocks they are */
#define FEW_BLOCKS  64
#define GROWTH(n)   ((n) + (n) / 4)
#define FIRST_BYTES ((size_t)256 << 10)

struct FreeBlock {
  char *p;
  uint32_t c; /* size class */
};

static int by_address(const void *a, const void *b) {
  const struct FreeBlock *x = a, *y = b;
  return (x->p > y->p) - (x->p < y->p);
}

static size_t count_blocks(const Thr *m) {
  size_t n = 0;
  for (size_t c = 1; c < RAW_CLASSES; c++)
    for (void *p = m->rawfl[c]; p != NULL; p = *(void **)p) n++;
  return n;
}

static void take_blocks(Thr *m, struct FreeBlock *to) {
  for (uint32_t c = 1; c < RAW_CLASSES; c++) {
    for (char *p = m->rawfl[c]; p != NULL; p = *(void **)(void *)p)
      *to++ = (struct FreeBlock){p, c};
    m->rawfl[c] = NULL;
  }
}

static void put_back(Thr *m, const struct FreeBlock *b, size_t n) {
  for (size_t i = 0; i < n; i++) {
    *(void **)(void *)b[i].p = m->rawfl[b[i].c];
    m->rawfl[b[i].c] = b[i].p;
  }
}

void core_raw_add_run(Thr *m, char *p, size_t size) {
  Run *r = (Run *)(void *)p;
  r->size = size;
  r->next = m->runs;
  m->runs = r;
}

static void make_runs(Thr *m, const struct FreeBlock *b, size_t n) {
  for (size_t i = 0; i < n;) {
    size_t from = i;
    char *end = b[i].p;
    while (i < n && b[i].p == end) end += core_raw_class_bytes(b[i++].c);
    size_t size = (size_t)(end - b[from].p);
    if (size >= RUN_LEAST && i - from > 1)
      core_raw_add_run(m, b[from].p, size);
    else
      put_back(m, b + from, i - from);
  }
}

/* By the thread that owns m. Costs what sorting its free blocks costs, each time the heap has grown
 * by a quarter. */
void core_raw_compact(Thr *m) {
  size_t bytes = RLX(m->g->chunkbytes);
  if (bytes < FIRST_BYTES || bytes < GROWTH(m->compact_bytes)) return;
  m->compact_bytes = bytes;
  size_t n = count_blocks(m);
  if (n < FEW_BLOCKS) return;
  struct FreeBlock *b = malloc(n * sizeof *b);
  if (b == NULL) return;
  take_blocks(m, b);
  qsort(b, n, sizeof *b, by_address);
  make_runs(m, b, n);
  free(b);
}
