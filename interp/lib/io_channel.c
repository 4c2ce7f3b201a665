/* io_channel.c: bytes in and out of a FILE, never blocking with the GIL held.
 *
 * What the buffer can answer costs nothing extra. Beyond it:
 *   - files and disks: the system call is made with the GIL released for a short while; it can't be
 *     interrupted by a signal, so stdio does it.
 *   - pipes, sockets, terminals: first without waiting and without giving the GIL up (poll with 0,
 *     MSG_DONTWAIT, RWF_NOWAIT); only a call that would block gives it up and waits in ppoll, where
 *     an interrupt reaches it. stdio must not see EINTR on a write: it drops the bytes. So what is
 * pending in its buffer is written from here, and then discarded there. The lock of the FILE is
 * never held while waiting: exit and fflush(NULL) take those of all FILEs. */
#include "io_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a terminal that polls writable takes without waiting, and a pipe by POSIX. */
#define SURE_TERMINAL 256
#define SURE_PIPE     ((size_t)PIPE_BUF)
#define DIRECT_MIN    4096 /* reads of at least this size go past the buffer of a pipe */

static enum stream_kind find_kind(FILE *f) {
  struct stat st;
  int fd = fileno(f);
  if (fd < 0 || fstat(fd, &st) != 0) return STREAM_FAST; /* stdio will report it */
  if (S_ISFIFO(st.st_mode)) return STREAM_PIPE;
  if (S_ISSOCK(st.st_mode)) return STREAM_SOCKET;
  return S_ISCHR(st.st_mode) ? STREAM_OTHER : STREAM_FAST;
}

static enum stream_kind kind_of(io_use *use) {
  if (use->state->kind == STREAM_UNKNOWN) {
    int saved = errno;
    use->state->kind = (uint8_t)find_kind(use->f);
    errno = saved;
  }
  return (enum stream_kind)use->state->kind;
}

static enum io_result fail(io_use *use) {
  use->err = errno;
  return IO_FAIL;
}

static bool poll_now(int fd, short events) {
  struct pollfd p = {.fd = fd, .events = events};
  int n;
  do n = poll(&p, 1, 0);
  while (n < 0 && errno == EINTR); /* a request for the lock comes as a signal */
  return n != 0;
}

/* The descriptor's owner asked for EAGAIN instead of waiting. */
static bool is_nonblocking(int fd) { return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }

/* Waits outside the GIL, marked slow, so that a close by another thread fails instead of hanging.
 */
static enum io_result wait_slow(io_use *use, short events) {
  claim_set_slow(&use->state->claim, true);
  enum blk_result r = blk_wait_fd(rt_self(), fileno(use->f), events, BLK_NEVER);
  int err = errno;
  claim_set_slow(&use->state->claim, false);
  if (r == BLK_INTERRUPTED) return IO_INTR;
  errno = err;
  return r == BLK_READY ? IO_OK : fail(use);
}

/* ---- reading ---- */

/* A read that waits for a terminal shows what was written to one before, as stdio does. */
static void flush_prompt(void) {
  if (!__flbf(stdout) || __fpending(stdout) == 0) return;
  rt_thread *t = rt_self();
  rt_release(t);
  fflush(stdout);
  blk_acquire(t);
}

/* IO_OK: a read will not block, or the stream is one that is told not to. */
static enum io_result wait_readable(io_use *use) {
  enum stream_kind kind = kind_of(use);
  if (kind == STREAM_FAST) return IO_OK;
  int fd = fileno(use->f);
  if (kind == STREAM_OTHER) flush_prompt();
  if (poll_now(fd, POLLIN) || is_nonblocking(fd)) return IO_OK;
  return wait_slow(use, POLLIN);
}

static int refill(FILE *f) {
  int c = getc(f);
  if (c != EOF) ungetc(c, f);
  return c;
}

/* A read of stdio came back with an error: false if it was an interrupted call to be made again. */
static bool read_failed(io_use *use, int err, enum io_result *r_out) {
  if (err != EINTR) {
    use->err = err;
    *r_out = IO_FAIL;
    return true;
  }
  clearerr(use->f);
  *r_out = IO_INTR;
  return rt_interrupted(rt_self());
}

enum io_result chan_fill(io_use *use) {
  if (feof(use->f)) return IO_EOF;
  for (;;) {
    enum io_result r = wait_readable(use);
    if (r != IO_OK) return r;
    /* Released also where poll says ready: another process may take the bytes first. */
    rt_thread *t = rt_self();
    rt_release(t);
    int c = refill(use->f);
    int err = errno;
    blk_acquire(t);
    if (c != EOF) return IO_OK;
    if (!ferror(use->f)) return IO_EOF;
    if (read_failed(use, err, &r)) return r;
  }
}

static size_t take_buffered(FILE *f, char *dst, size_t n) {
  size_t have;
  const char *p = sbuf_peek(f, &have);
  if (have > n) have = n;
  if (have > 0) {
    memcpy(dst, p, have);
    sbuf_take(f, have);
  }
  return have;
}

/* The buffer of a pipe is empty and its position means nothing: spare the copy. */
static enum io_result read_direct(io_use *use, char *dst, size_t n, size_t *got) {
  for (;;) {
    enum io_result r = wait_readable(use);
    if (r != IO_OK) return r;
    rt_thread *t = rt_self();
    rt_release(t);
    ssize_t k = read(fileno(use->f), dst, n);
    blk_acquire(t);
    if (k > 0) {
      *got = (size_t)k;
      return IO_OK;
    }
    if (k == 0) return IO_EOF;
    if (errno != EINTR) return fail(use);
    if (rt_interrupted(t)) return IO_INTR;
  }
}

static enum io_result read_file(io_use *use, char *dst, size_t n, size_t *got) {
  rt_thread *t = rt_self();
  for (;;) {
    rt_release(t);
    size_t k = fread(dst, 1, n, use->f);
    int err = errno;
    blk_acquire(t);
    enum io_result r;
    *got = k;
    if (k > 0) {
      /* An error after some bytes is seen again by the next call, or by the caller in ferror. */
      if (ferror(use->f) && err == EINTR) clearerr(use->f);
      if (ferror(use->f)) use->err = err;
      return IO_OK;
    }
    if (!ferror(use->f)) return IO_EOF;
    if (read_failed(use, err, &r)) return r;
  }
}

enum io_result chan_read(io_use *use, char *dst, size_t n, size_t *got) {
  sbuf_lock(use->f);
  *got = take_buffered(use->f, dst, n);
  sbuf_unlock(use->f);
  if (*got > 0) return IO_OK;
  if (feof(use->f)) return IO_EOF;

  enum stream_kind kind = kind_of(use);
  if (n >= DIRECT_MIN && kind == STREAM_FAST) return read_file(use, dst, n, got);
  if (n >= DIRECT_MIN && kind == STREAM_PIPE && __freading(use->f) && __fpending(use->f) == 0)
    return read_direct(use, dst, n, got);

  enum io_result r = chan_fill(use);
  if (r != IO_OK) return r;
  sbuf_lock(use->f);
  *got = take_buffered(use->f, dst, n);
  sbuf_unlock(use->f);
  return IO_OK;
}

/* ---- writing ---- */

/* stdio writes: to a file, or where it will report an error at once. Outside the GIL. */
static enum io_result write_stdio(io_use *use, const char *s, size_t n) {
  rt_thread *t = rt_self();
  rt_release(t);
  size_t done = fwrite(s, 1, n, use->f);
  int err = errno;
  blk_acquire(t);
  if (done == n) return IO_OK;
  use->err = err;
  return IO_FAIL;
}

static enum io_result flush_stdio(io_use *use) {
  rt_thread *t = rt_self();
  rt_release(t);
  int rc = fflush(use->f);
  int err = errno;
  blk_acquire(t);
  if (rc == 0) return IO_OK;
  use->err = err;
  return IO_FAIL;
}

#if SBUF_HAS_PENDING

typedef struct out {
  struct iovec iov[2]; /* what the FILE had pending, then new bytes */
  char *copy;          /* of the pending bytes, once the FILE was unlocked; malloc'ed */
} out;

static size_t out_left(const out *o) { return o->iov[0].iov_len + o->iov[1].iov_len; }

static void out_advance(out *o, size_t n) {
  for (int i = 0; i < 2; i++) {
    size_t k = n < o->iov[i].iov_len ? n : o->iov[i].iov_len;
    if (k == 0) continue; /* its base may be NULL */
    o->iov[i].iov_base = (char *)o->iov[i].iov_base + k;
    o->iov[i].iov_len -= k;
    n -= k;
  }
}

/* At most `max` bytes of it, as an iovec that starts with bytes. */
static int out_cut(const out *o, size_t max, struct iovec cut[2]) {
  int n = 0;
  for (int i = 0; i < 2 && max > 0; i++) {
    if (o->iov[i].iov_len == 0) continue;
    cut[n] = o->iov[i];
    if (cut[n].iov_len > max) cut[n].iov_len = max;
    max -= cut[n++].iov_len;
  }
  return n;
}

#  if !defined(RWF_NOWAIT)
#    define RWF_NOWAIT 0x00000008
#  endif

static ssize_t write_nowait(int fd, struct iovec *iov, int n) {
  return syscall(SYS_pwritev2, fd, iov, n, -1L, -1L, RWF_NOWAIT);
}

/* One write that does not wait. -1 with EAGAIN: it would have. `ready`: the descriptor just polled
 * writable, so a small write may be made even if the system refuses to promise anything. */
static ssize_t try_write(io_use *use, const out *o, bool ready) {
  int fd = fileno(use->f);
  struct iovec iov[2];
  int n = out_cut(o, SSIZE_MAX, iov);
  if (use->state->kind == STREAM_SOCKET) {
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = (size_t)n};
    return sendmsg(fd, &msg, MSG_DONTWAIT);
  }
  if (!use->state->no_nowait) {
    ssize_t k = write_nowait(fd, iov, n);
    if (k >= 0 || (errno == EAGAIN && !ready)) return k;
    if (errno != EAGAIN && errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL) return k;
    if (errno != EAGAIN) use->state->no_nowait = true;
  }
  if (!ready && !poll_now(fd, POLLOUT)) {
    errno = EAGAIN;
    return -1;
  }
  n = out_cut(o, use->state->kind == STREAM_PIPE ? SURE_PIPE : SURE_TERMINAL, iov);
  return writev(fd, iov, n);
}

/* Writes as much as goes without waiting. */
static enum io_result write_ready(io_use *use, out *o) {
  bool ready = false;
  while (out_left(o) > 0) {
    ssize_t k = try_write(use, o, ready);
    if (k > 0) {
      out_advance(o, (size_t)k);
      ready = false;
      continue;
    }
    if (k < 0 && errno == EINTR) {
      if (rt_interrupted(rt_self())) return IO_INTR;
      continue;
    }
    return k < 0 && errno != EAGAIN ? fail(use) : IO_OK;
  }
  return IO_OK;
}

/* The rest, waiting. The FILE is unlocked and no longer has the bytes. */
static enum io_result write_waiting(io_use *use, out *o) {
  if (is_nonblocking(fileno(use->f))) {
    errno = EAGAIN;
    return fail(use);
  }
  while (out_left(o) > 0) {
    enum io_result r = wait_slow(use, POLLOUT);
    if (r != IO_OK) return r;
    ssize_t k = try_write(use, o, true);
    if (k > 0) out_advance(o, (size_t)k);
    if (k < 0 && errno == EINTR && rt_interrupted(rt_self())) return IO_INTR;
    if (k < 0 && errno != EINTR && errno != EAGAIN) return fail(use);
    if ((r = write_ready(use, o)) != IO_OK) return r;
  }
  return IO_OK;
}

/* Takes what is left of the pending bytes out of the FILE. */
static bool out_detach(out *o, FILE *f) {
  size_t n = o->iov[0].iov_len;
  if (n > 0) {
    if ((o->copy = malloc(n)) == NULL) return false;
    memcpy(o->copy, o->iov[0].iov_base, n);
    o->iov[0].iov_base = o->copy;
  }
  __fpurge(f);
  return true;
}

/* Bytes that an interrupt kept from being written stay pending, if they were. */
static void out_restore(out *o, FILE *f) {
  if (o->iov[0].iov_len > 0 && o->iov[0].iov_len < __fbufsize(f))
    (void)!fwrite(o->iov[0].iov_base, 1, o->iov[0].iov_len, f);
}

/* Writes what is pending and then s, past stdio. */
static enum io_result drain(io_use *use, const char *s, size_t n) {
  out o = {.copy = NULL};
  sbuf_lock(use->f);
  const char *pending = sbuf_pending(use->f, &o.iov[0].iov_len);
  o.iov[0].iov_base = (void *)(uintptr_t)pending;
  o.iov[1] = (struct iovec){.iov_base = (void *)(uintptr_t)s, .iov_len = n};
  enum io_result r = write_ready(use, &o);
  if (!out_detach(&o, use->f)) {
    errno = ENOMEM;
    r = fail(use);
  }
  sbuf_unlock(use->f);
  if (r == IO_OK && out_left(&o) > 0) r = write_waiting(use, &o);
  if (r == IO_INTR) out_restore(&o, use->f);
  free(o.copy);
  return r;
}

/* How many of the bytes (pending, then n of s) stdio would have written by now. */
static size_t due_bytes(FILE *f, const char *s, size_t n) {
  size_t pending = __fpending(f), size = __fbufsize(f);
  if (size <= 1) return pending + n;
  if (__flbf(f)) {
    const char *newline = memrchr(s, '\n', n);
    if (newline == NULL) return pending + n <= size ? 0 : pending + n;
    size_t head = (size_t)(newline - s) + 1;
    return n - head < size ? pending + head : pending + n;
  }
  return pending + n <= size ? 0 : (pending + n) / size * size;
}

/* stdio decides about the buffer and the direction of a stream with its first byte. */
static enum io_result write_first(io_use *use, const char **s, size_t *n) {
  if (__fwriting(use->f) && __fbufsize(use->f) > 0) return IO_OK;
  int fd = fileno(use->f);
  if (!poll_now(fd, POLLOUT) && !is_nonblocking(fd)) {
    enum io_result r = wait_slow(use, POLLOUT);
    if (r != IO_OK) return r;
  }
  if (putc((unsigned char)**s, use->f) == EOF) return fail(use);
  ++*s;
  --*n;
  return IO_OK;
}

static enum io_result write_channel(io_use *use, const char *s, size_t n) {
  enum io_result r = write_first(use, &s, &n);
  if (r != IO_OK || n == 0) return r;
  size_t due = due_bytes(use->f, s, n), pending = __fpending(use->f);
  if (due > 0) {
    if ((r = drain(use, s, due - pending)) != IO_OK) return r;
    s += due - pending;
    n -= due - pending;
  }
  /* The rest fits into the buffer. */
  return n == 0 || fwrite(s, 1, n, use->f) == n ? IO_OK : fail(use);
}

static enum io_result flush_channel(io_use *use) { return drain(use, NULL, 0); }

static void flush_channel_ready(io_use *use) {
  out o = {.copy = NULL};
  sbuf_lock(use->f);
  o.iov[0].iov_base = (void *)(uintptr_t)sbuf_pending(use->f, &o.iov[0].iov_len);
  size_t before = out_left(&o);
  write_ready(use, &o);
  if (out_left(&o) < before && out_detach(&o, use->f)) out_restore(&o, use->f);
  sbuf_unlock(use->f);
  free(o.copy);
}

#else /* the pending bytes can't be reached: stdio writes them, after waiting until it can */

static enum io_result write_channel(io_use *use, const char *s, size_t n) {
  enum io_result r = IO_OK;
  while (n > 0 && r == IO_OK) {
    size_t part = n < SURE_PIPE ? n : SURE_PIPE;
    if (!poll_now(fileno(use->f), POLLOUT)) r = wait_slow(use, POLLOUT);
    if (r == IO_OK) r = write_stdio(use, s, part);
    s += part;
    n -= part;
  }
  return r;
}

static enum io_result flush_channel(io_use *use) {
  enum io_result r = IO_OK;
  if (!poll_now(fileno(use->f), POLLOUT)) r = wait_slow(use, POLLOUT);
  return r == IO_OK ? flush_stdio(use) : r;
}

static void flush_channel_ready(io_use *use) {
  if (poll_now(fileno(use->f), POLLOUT)) fflush(use->f);
}

#endif

enum io_result chan_write_slow(io_use *use, const char *s, size_t n) {
  if (n == 0) return IO_OK;
  if (kind_of(use) == STREAM_FAST || !__fwritable(use->f)) return write_stdio(use, s, n);
  return write_channel(use, s, n);
}

enum io_result chan_flush(io_use *use) {
  if (__fpending(use->f) == 0 && !__freading(use->f)) return IO_OK;
  if (kind_of(use) == STREAM_FAST || __fpending(use->f) == 0) return flush_stdio(use);
  return flush_channel(use);
}

void chan_flush_ready(io_use *use) {
  if (__fpending(use->f) == 0) return;
  if (kind_of(use) == STREAM_FAST)
    fflush(use->f);
  else
    flush_channel_ready(use);
}

enum io_result chan_close(io_use *use) {
  enum io_result r = IO_OK;
  stream_forget(use);
  if (__fpending(use->f) > 0 && kind_of(use) != STREAM_FAST) {
    r = chan_flush(use);
    __fpurge(use->f); /* whatever could not be written must not be waited for again */
  }
  rt_thread *t = rt_self();
  rt_release(t);
  int rc = fclose(use->f);
  int err = errno;
  blk_acquire(t);
  if (rc != 0 && r == IO_OK) {
    use->err = err;
    r = IO_FAIL;
  }
  return r;
}
