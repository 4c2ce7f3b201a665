/* job.c: arena, scratch vectors, input pieces and error exit of one run. */
#include "job.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 2048, LAST_BLOCK = 1 << 16, ALIGN = 8 };

static size_t aligned(size_t n) { return (n + (ALIGN - 1)) & ~(size_t)(ALIGN - 1); }

struct arena *fe_arena_create(fe_alloc *alloc, void *alloc_ud) {
  struct arena_block *b = alloc(alloc_ud, NULL, 0, FIRST_BLOCK);
  if (b == NULL) return NULL;
  b->next = NULL;
  b->size = FIRST_BLOCK;
  struct arena *a = (struct arena *)(b + 1);
  a->alloc = alloc;
  a->alloc_ud = alloc_ud;
  a->blocks = b;
  a->cur = (char *)(a + 1);
  a->end = (char *)b + FIRST_BLOCK;
  return a;
}

void fe_arena_destroy(struct arena *a) {
  if (a == NULL) return;
  fe_alloc *alloc = a->alloc; /* `a` itself lies in the block freed last */
  void *ud = a->alloc_ud;
  struct arena_block *next;
  for (struct arena_block *b = a->blocks; b != NULL; b = next) {
    next = b->next;
    alloc(ud, b, b->size, 0);
  }
}

void fe_arena_reset(struct arena *a) {
  struct arena_block *b = a->blocks, *next, *home = (struct arena_block *)a - 1;
  for (; b != NULL; b = next) {
    next = b->next;
    if (b != home) a->alloc(a->alloc_ud, b, b->size, 0);
  }
  home->next = NULL;
  a->blocks = home;
  a->cur = (char *)(a + 1);
  a->end = (char *)home + home->size;
}

/* A block for at least `size` more bytes. Big objects get one of their own, behind the newest, so
 * that the rest of the newest is still used. */
static void *new_slow(struct job *j, struct arena *a, size_t size) {
  size_t block = a->blocks->size < LAST_BLOCK ? a->blocks->size * 2 : LAST_BLOCK;
  bool own = size > block / 4;
  if (own) block = sizeof(struct arena_block) + size;
  if (block < size) fe_fail_memory(j);
  struct arena_block *b = a->alloc(a->alloc_ud, NULL, 0, block);
  if (b == NULL) fe_fail_memory(j);
  b->size = block;
  if (own) {
    b->next = a->blocks->next;
    a->blocks->next = b;
    return b + 1;
  }
  b->next = a->blocks;
  a->blocks = b;
  a->cur = (char *)(b + 1) + size;
  a->end = (char *)b + block;
  return b + 1;
}

void *fe_new_in(struct job *j, struct arena *a, size_t size) {
  size = aligned(size);
  if (size > (size_t)(a->end - a->cur)) return new_slow(j, a, size);
  void *p = a->cur;
  a->cur += size;
  return p;
}

void *fe_new(struct job *j, size_t size) { return fe_new_in(j, j->arena, size); }

void *fe_new_array(struct job *j, int n, size_t elem) {
  if (n == 0) return NULL;
  if ((size_t)n > SIZE_MAX / 2 / elem) fe_fail_memory(j);
  return fe_new(j, (size_t)n * elem);
}

void *fe_copy(struct job *j, const void *src, int n, size_t elem) {
  void *dst = fe_new_array(j, n, elem);
  if (n > 0) memcpy(dst, src, (size_t)n * elem);
  return dst;
}

void fe_vec_grow(struct job *j, struct vec *v, size_t elem) {
  if (v->cap > INT_MAX / 2) fe_fail_memory(j);
  int cap = v->cap < 16 ? 16 : v->cap * 2;
  void *old = v->heap_bytes != 0 ? v->v : NULL;
  void *p = j->alloc(j->alloc_ud, old, v->heap_bytes, (size_t)cap * elem);
  if (p == NULL) fe_fail_memory(j);
  if (old == NULL && v->n > 0) memcpy(p, v->v, (size_t)v->n * elem);
  v->v = p;
  v->cap = cap;
  v->heap_bytes = (size_t)cap * elem;
}

void fe_vec_free(struct job *j, struct vec *v) {
  if (v->heap_bytes != 0) j->alloc(j->alloc_ud, v->v, v->heap_bytes, 0);
  v->heap_bytes = 0;
}

int fe_refill(struct job *j) {
  size_t size = 0;
  if (j->eof) return FE_EOZ;
  const char *piece = j->read(j->read_ud, &size);
  if (piece == NULL || size == 0) {
    j->eof = true;
    if (size == FE_READ_FAILED) {
      j->status = FE_STOPPED;
      longjmp(j->on_error, 1);
    }
    return FE_EOZ;
  }
  j->p = (const unsigned char *)piece;
  j->end = j->p + size;
  return *j->p;
}

void fe_fail_memory(struct job *j) {
  j->status = FE_ERRMEM;
  j->message = "not enough memory";
  j->message_len = strlen(j->message);
  longjmp(j->on_error, 1);
}

const char *fe_format(struct job *j, size_t *len_out, const char *fmt, va_list args) {
  va_list again;
  va_copy(again, args);
  int len = vsnprintf(NULL, 0, fmt, args);
  if (len < 0) len = 0;
  char *s = fe_new(j, (size_t)len + 1);
  vsnprintf(s, (size_t)len + 1, fmt, again);
  va_end(again);
  *len_out = (size_t)len;
  return s;
}

void fe_fail(struct job *j, int status, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  j->message = fe_format(j, &j->message_len, fmt, args);
  va_end(args);
  j->status = status;
  longjmp(j->on_error, 1);
}
