/* job.h: one run of the front end: its memory, its input, and the way out on errors.
 *
 * Owns: the arena holds all that the caller will see; vectors (struct vec) are scratch and belong
 * to whoever declared them, in a place that the error exit of compile.c can reach. Errors leave
 * through fe_fail*(), which longjmp to the setjmp in compile.c; nothing between the two owns
 * anything but arena memory and those vectors.
 */
#ifndef GILT_FRONT_JOB_H
#define GILT_FRONT_JOB_H

#include <setjmp.h>
#include <stdarg.h>
#include "proto.h"

struct arena_block {
  struct arena_block *next;
  size_t size; /* of the whole block */
};

/* Lives at the start of its first block. */
struct arena {
  fe_alloc *alloc;
  void *alloc_ud;
  struct arena_block *blocks; /* newest first */
  char *cur, *end;            /* free part of the newest block */
};

struct job {
  struct arena *arena;
  struct arena *scratch; /* of the checks of one function; NULL until needed */
  fe_alloc *alloc;
  void *alloc_ud;
  fe_reader *read;
  void *read_ud;
  const unsigned char *p, *end; /* unread part of the current piece */
  bool eof;
  const char *chunkname;
  jmp_buf on_error;
  int status; /* set before the longjmp */
  const char *message;
  size_t message_len;
};

/* A growing scratch array; starts on a buffer inside its owner, which is never freed. */
struct vec {
  void *v;
  int n, cap;
  size_t heap_bytes; /* 0 while it is the owner's buffer */
};

#define FE_EOZ (-1)

struct arena *fe_arena_create(fe_alloc *alloc, void *alloc_ud);
void fe_arena_destroy(struct arena *a);
void fe_arena_reset(struct arena *a); /* gives back all but a first block */

/* Memory aligned for any object of this front end; throws on failure. */
void *fe_new(struct job *j, size_t size);
void *fe_new_in(struct job *j, struct arena *a, size_t size);
void *fe_new_array(struct job *j, int n, size_t elem);
void *fe_copy(struct job *j, const void *src, int n, size_t elem);

/* Make room for one more element. */
void fe_vec_grow(struct job *j, struct vec *v, size_t elem);
void fe_vec_free(struct job *j, struct vec *v);

static inline void fe_vec_room(struct job *j, struct vec *v, size_t elem) {
  if (v->n >= v->cap) fe_vec_grow(j, v, elem);
}

/* Next piece of input: its first byte, left unread, or FE_EOZ. */
int fe_refill(struct job *j);

static inline int fe_peek(struct job *j) { return j->p < j->end ? *j->p : fe_refill(j); }

_Noreturn void fe_fail_memory(struct job *j);
_Noreturn void fe_fail(struct job *j, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Format into the arena. */
const char *fe_format(struct job *j, size_t *len_out, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

#endif
