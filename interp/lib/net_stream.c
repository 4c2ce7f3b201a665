/* net_stream.c: bytes of a stream: read (lines, counts, all), receive, write, send.
 *
 * A read takes from the input buffer only when it has all it wants: a time-out or an interrupt
 * loses nothing, and the next read finds the bytes. */
#include "net_impl.h"
#include "scratch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define IN_FIRST    4096  /* bytes of a new input buffer */
#define STEAL_MIN   65536 /* a result of this size takes the buffer along instead of a copy */
#define RECEIVE_MAX 8192
#define IOV_FIXED   16

/* ---- results ---- */

static int push_scratch(lua_State *L) {
  const scratch *b = lua_touserdata(L, 1);
  lua_pushlstring(L, b->data, b->len);
  return 1;
}

/* Makes a string of it and frees it, whatever happens. */
static void push_bytes(lua_State *L, scratch *b) {
  if (b->data == b->fixed) {
    lua_pushlstring(L, b->data, b->len);
    return;
  }
  lua_pushcfunction(L, push_scratch);
  lua_pushlightuserdata(L, b);
  int status = lua_pcall(L, 1, 1, 0);
  scratch_free(b);
  if (status != LUA_OK) lua_error(L);
}

/* ---- the input buffer, under the claim `reading` ---- */

static bool in_make_room(net_socket *s) {
  if (s->in_start > 0) {
    memmove(s->in, s->in + s->in_start, s->in_len);
    s->in_start = 0;
  }
  if (s->in_len < s->in_cap) return true;
  size_t cap = s->in_cap == 0 ? IN_FIRST : s->in_cap * 2;
  char *in = realloc(s->in, cap);
  if (in == NULL) return false;
  s->in = in;
  s->in_cap = cap;
  return true;
}

/* Receives once, at least a byte. */
static enum net_result recv_some(net_use *use, char *dst, size_t n, size_t *got) {
  for (;;) {
    ssize_t k = recv(use->s->fd, dst, n, 0);
    if (k > 0) {
      *got = (size_t)k;
      return NET_OK;
    }
    if (k == 0) return NET_END;
    enum net_result r = net_errno(use);
    if (r == NET_AGAIN) r = net_wait(use, POLLIN);
    if (r != NET_OK) return r;
  }
}

static enum net_result in_fill(net_use *use) {
  net_socket *s = use->s;
  if (s->in_start + s->in_len == s->in_cap && !in_make_room(s)) {
    use->err = ENOMEM;
    return NET_FAILED;
  }
  size_t end = s->in_start + s->in_len, got = 0;
  enum net_result r = recv_some(use, s->in + end, s->in_cap - end, &got);
  s->in_len += got;
  return r;
}

/* Takes the first n bytes into out, and then drops `skip` more. */
static enum net_result in_take(net_use *use, scratch *out, size_t n, size_t skip) {
  net_socket *s = use->s;
  if (n >= STEAL_MIN && n + skip == s->in_len && s->in_start == 0) {
    out->data = s->in;
    out->len = n;
    s->in = NULL;
    s->in_cap = s->in_len = 0;
    return NET_OK;
  }
  if (!scratch_reserve(out, n)) {
    use->err = ENOMEM;
    return NET_FAILED;
  }
  if (n > 0) memcpy(out->data, s->in + s->in_start, n);
  out->len = n;
  s->in_len -= n + skip;
  s->in_start = s->in_len == 0 ? 0 : s->in_start + n + skip;
  return NET_OK;
}

/* ---- formats ---- */

static enum net_result read_line(net_use *use, bool keep, size_t limit, scratch *out) {
  net_socket *s = use->s;
  for (size_t seen = 0;;) {
    const char *start = s->in + s->in_start;
    const char *nl = s->in_len > seen ? memchr(start + seen, '\n', s->in_len - seen) : NULL;
    size_t len = nl != NULL ? (size_t)(nl - start) : s->in_len;
    if (len > limit) return NET_TOO_LONG;
    if (nl != NULL) return in_take(use, out, keep ? len + 1 : len, keep ? 0 : 1);
    seen = len;
    enum net_result r = in_fill(use);
    if (r != NET_OK) return r;
  }
}

static enum net_result read_count(net_use *use, size_t n, scratch *out) {
  while (use->s->in_len < n) {
    enum net_result r = in_fill(use);
    if (r != NET_OK) return r;
  }
  return in_take(use, out, n, 0);
}

static enum net_result read_all(net_use *use, size_t limit, scratch *out) {
  for (;;) {
    if (use->s->in_len > limit) return NET_TOO_LONG;
    enum net_result r = in_fill(use);
    if (r == NET_END) return in_take(use, out, use->s->in_len, 0);
    if (r != NET_OK) return r;
  }
}

struct want {
  char format; /* 'l', 'L', 'a'; 'n': count bytes */
  size_t count, limit;
};

static struct want check_want(lua_State *L) {
  struct want w = {.format = 'n'};
  lua_Integer limit = luaL_optinteger(L, 3, LUA_MAXINTEGER);
  luaL_argcheck(L, limit >= 0, 3, "limit must not be negative");
  w.limit = (size_t)limit;
  if (lua_type(L, 2) == LUA_TNUMBER) {
    lua_Integer n = luaL_checkinteger(L, 2);
    luaL_argcheck(L, n >= 0, 2, "count must not be negative");
    w.count = (size_t)n;
    return w;
  }
  const char *format = luaL_optstring(L, 2, "l");
  luaL_argcheck(L, format[0] != '\0' && strchr("lLa", format[0]) != NULL && format[1] == '\0', 2,
                "format must be 'l', 'L', 'a' or a count");
  w.format = format[0];
  return w;
}

static enum net_result read_want(net_use *use, const struct want *w, scratch *out) {
  switch (w->format) {
  case 'l':
  case 'L': return read_line(use, w->format == 'L', w->limit, out);
  case 'a': return read_all(use, w->limit, out);
  }
  return read_count(use, w->count, out);
}

/* read([format [, limit]]): "l" (default) a line without its end, "L" with it, a count: exactly so
 * many bytes, "a": all until the other side ends the stream. Failures: nil, message, code; where
 * the stream ended too early the code is "closed" and the fourth result is what there was. More
 * than `limit` bytes: EMSGSIZE. After a failure the bytes received so far are still there for the
 * next read. */
int net_read(lua_State *L) {
  net_socket *s = net_check(L, 1);
  struct want w = check_want(L);
  scratch out;
  net_use use;
  scratch_init(&out);
  enum net_result r = net_enter(s, &use);
  if (r != NET_OK) return net_fail(L, r, 0);
  if ((r = net_claim(&use, &s->reading)) == NET_OK) {
    r = read_want(&use, &w, &out);
    if (r == NET_END && in_take(&use, &out, s->in_len, 0) != NET_OK) r = NET_FAILED;
    claim_release(&s->reading);
  }
  net_leave(&use);
  if (r != NET_OK && r != NET_END) {
    scratch_free(&out);
    return net_fail(L, r, use.err);
  }
  push_bytes(L, &out);
  if (r == NET_OK) return 1;
  net_fail(L, r, 0);
  lua_rotate(L, -4, 3);
  return 4;
}

static enum net_result receive(net_use *use, char *dst, size_t max, size_t *got) {
  net_socket *s = use->s;
  if (s->in_len == 0) return recv_some(use, dst, max, got);
  *got = s->in_len < max ? s->in_len : max;
  memcpy(dst, s->in + s->in_start, *got);
  s->in_start += *got;
  s->in_len -= *got;
  if (s->in_len == 0) s->in_start = 0;
  return NET_OK;
}

/* receive([max]): what there is, at least one byte, at most max (8192); waits only while there is
 * none. */
int net_receive(lua_State *L) {
  net_socket *s = net_check(L, 1);
  lua_Integer max = luaL_optinteger(L, 2, RECEIVE_MAX);
  luaL_argcheck(L, max > 0, 2, "size must be positive");
  char fixed[RECEIVE_MAX];
  char *dst = max <= RECEIVE_MAX ? fixed : lua_newuserdatauv(L, (size_t)max, 0);
  size_t got = 0;
  net_use use;
  enum net_result r = net_enter(s, &use);
  if (r != NET_OK) return net_fail(L, r, 0);
  if ((r = net_claim(&use, &s->reading)) == NET_OK) {
    r = receive(&use, dst, (size_t)max, &got);
    claim_release(&s->reading);
  }
  net_leave(&use);
  if (r != NET_OK) return net_fail(L, r, use.err);
  lua_pushlstring(L, dst, got);
  return 1;
}

/* ---- writing ---- */

static void iov_advance(struct iovec **iov, size_t *count, size_t n) {
  while (*count > 0 && n >= (*iov)->iov_len) {
    n -= (*iov)->iov_len;
    ++*iov;
    --*count;
  }
  if (*count == 0) return;
  (*iov)->iov_base = (char *)(*iov)->iov_base + n;
  (*iov)->iov_len -= n;
}

/* One send, waiting until some bytes (of a stream) or the message is taken. */
static enum net_result send_some(net_use *use, struct iovec *iov, size_t count, size_t *sent) {
  struct msghdr msg = {.msg_iov = iov, .msg_iovlen = count > IOV_FIXED ? IOV_FIXED : count};
  for (;;) {
    ssize_t k = sendmsg(use->s->fd, &msg, MSG_NOSIGNAL);
    if (k >= 0) {
      *sent += (size_t)k;
      return NET_OK;
    }
    enum net_result r = net_errno(use);
    if (r == NET_AGAIN) r = net_wait(use, POLLOUT);
    if (r != NET_OK) return r;
  }
}

static enum net_result send_all(net_use *use, struct iovec *iov, size_t count, size_t *sent) {
  iov_advance(&iov, &count, 0);
  while (count > 0) {
    size_t before = *sent;
    enum net_result r = send_some(use, iov, count, sent);
    if (r != NET_OK) return r;
    iov_advance(&iov, &count, *sent - before);
  }
  return NET_OK;
}

/* nil, message, code, bytes written before the failure. */
static int finish_write(lua_State *L, enum net_result r, int err, size_t sent) {
  if (r == NET_FAILED && err == EPIPE) r = NET_GONE; /* the other side has closed */
  if (r != NET_OK) net_fail(L, r, err);
  lua_pushinteger(L, (lua_Integer)sent);
  return r == NET_OK ? 1 : 4;
}

/* write(...): all of the strings and numbers, not mixed with what other threads write here. Returns
 * the number of bytes; failures: nil, message, code, bytes written. */
int net_write(lua_State *L) {
  net_socket *s = net_check(L, 1);
  int nargs = lua_gettop(L) - 1;
  struct iovec fixed[IOV_FIXED], *iov = fixed;
  if (nargs > IOV_FIXED) iov = lua_newuserdatauv(L, sizeof *iov * (size_t)nargs, 0);
  for (int i = 0; i < nargs; i++) {
    const char *data = luaL_checklstring(L, i + 2, &iov[i].iov_len);
    iov[i].iov_base = (void *)(uintptr_t)data;
  }
  size_t sent = 0;
  net_use use;
  enum net_result r = net_enter(s, &use);
  if (r != NET_OK) return finish_write(L, r, 0, 0);
  if ((r = net_claim(&use, &s->writing)) == NET_OK) {
    r = send_all(&use, iov, (size_t)nargs, &sent);
    claim_release(&s->writing);
  }
  net_leave(&use);
  return finish_write(L, r, use.err, sent);
}

/* send(data [, from]): sends once, from the byte `from` (1) on: a datagram, or as much of a stream
 * as fits. Returns how many bytes that was. */
int net_send(lua_State *L) {
  net_socket *s = net_check(L, 1);
  size_t len, sent = 0;
  const char *data = luaL_checklstring(L, 2, &len);
  lua_Integer from = luaL_optinteger(L, 3, 1);
  luaL_argcheck(L, from >= 1 && (lua_Unsigned)from <= (lua_Unsigned)len + 1, 3, "out of range");
  struct iovec iov = {.iov_base = (void *)(uintptr_t)(data + from - 1),
                      .iov_len = len - (size_t)(from - 1)};
  net_use use;
  enum net_result r = net_enter(s, &use);
  if (r != NET_OK) return net_fail(L, r, 0);
  if ((r = net_claim(&use, &s->writing)) == NET_OK) {
    r = send_some(&use, &iov, 1, &sent);
    claim_release(&s->writing);
  }
  net_leave(&use);
  if (r == NET_FAILED && use.err == EPIPE) r = NET_GONE;
  if (r != NET_OK) return net_fail(L, r, use.err);
  lua_pushinteger(L, (lua_Integer)sent);
  return 1;
}
