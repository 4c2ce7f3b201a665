/* stdio_buf.h: what is in the buffer of a FILE, which standard C does not tell.
 *
 * All of it is called with the FILE locked (sbuf_lock) by the thread that has the claim. glibc: the
 * fields that its own inline getc_unlocked and putc_unlocked use, so they are part of its ABI.
 * Elsewhere (musl): the functions of <stdio_ext.h>. */
#ifndef GILT_STDIO_BUF_H
#define GILT_STDIO_BUF_H

#include "claim.h"

#include <stddef.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>

/* Modules in C, other interpreters of the process and print of the stock core use the same FILEs.
 */
static inline void sbuf_lock(FILE *f) {
  if (!claim_single_threaded()) flockfile(f);
}
static inline void sbuf_unlock(FILE *f) {
  if (!claim_single_threaded()) funlockfile(f);
}

#if defined(__GLIBC__)

#  define SBUF_HAS_PENDING 1

static inline const char *sbuf_peek(FILE *f, size_t *n_out) {
  *n_out = (size_t)(f->_IO_read_end - f->_IO_read_ptr);
  return f->_IO_read_ptr;
}
static inline void sbuf_take(FILE *f, size_t n) { f->_IO_read_ptr += n; }

/* Appends if it fits without any system call. Line-buffered and unbuffered streams have no space.
 */
static inline bool sbuf_put(FILE *f, const char *s, size_t n) {
  if (n == 0) return true; /* there may be no buffer yet */
  /* The end of a line-buffered stream lies before its pointer. */
  if (f->_IO_write_end - f->_IO_write_ptr < (ptrdiff_t)n) return false;
  memcpy(f->_IO_write_ptr, s, n);
  f->_IO_write_ptr += n;
  return true;
}
static inline const char *sbuf_pending(FILE *f, size_t *n_out) {
  *n_out = (size_t)(f->_IO_write_ptr - f->_IO_write_base);
  return f->_IO_write_base;
}

#else

#  define SBUF_HAS_PENDING 0

size_t __freadahead(FILE *);
const char *__freadptr(FILE *, size_t *);
void __freadptrinc(FILE *, size_t);

static inline const char *sbuf_peek(FILE *f, size_t *n_out) {
  const char *p = __freadptr(f, n_out);
  if (p == NULL) *n_out = 0;
  return p;
}
static inline void sbuf_take(FILE *f, size_t n) { __freadptrinc(f, n); }

static inline bool sbuf_put(FILE *f, const char *s, size_t n) {
  if (__flbf(f) || !__fwriting(f) || n + __fpending(f) > __fbufsize(f)) return false;
  return fwrite(s, 1, n, f) == n;
}
static inline const char *sbuf_pending(FILE *f, size_t *n_out) {
  *n_out = __fpending(f);
  return NULL;
}

#endif

#endif
