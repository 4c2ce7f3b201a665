/* scratch.h: bytes collected in C memory while a claim is held, where nothing may raise. */
#ifndef GILT_SCRATCH_H
#define GILT_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SCRATCH_FIXED 1024

/* On the stack of the call; data is `fixed` until more is needed, then malloc'ed. */
typedef struct scratch {
  char *data;
  size_t len, cap;
  char fixed[SCRATCH_FIXED];
} scratch;

static inline void scratch_init(scratch *b) {
  b->data = b->fixed;
  b->len = 0;
  b->cap = SCRATCH_FIXED;
}

/* Room for `more` bytes. False: out of memory, nothing has changed. */
static inline bool scratch_reserve(scratch *b, size_t more) {
  if (more <= b->cap - b->len) return true;
  if (more > SIZE_MAX / 4 || b->len > SIZE_MAX / 4) return false;
  size_t cap = b->cap * 2;
  while (cap < b->len + more) cap *= 2;
  char *data = realloc(b->data == b->fixed ? NULL : b->data, cap);
  if (data == NULL) return false;
  if (b->data == b->fixed) memcpy(data, b->fixed, b->len);
  b->data = data;
  b->cap = cap;
  return true;
}

static inline void scratch_free(scratch *b) {
  if (b->data != b->fixed) free(b->data);
}

#endif
