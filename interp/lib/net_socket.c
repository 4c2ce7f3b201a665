/* net_socket.c: the life of a socket that several threads use, and waiting for it.
 *
 * Whoever uses the descriptor is counted. close sets NET_CLOSED and wakes the waiting users; the
 * last one to leave closes the descriptor, so its number is never reused under a thread that still
 * polls it. Waiters are woken through an eventfd of theirs: shutdown would reach other processes
 * too that share the socket after a fork. */
#include "net_impl.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Where no eventfd can be had, a close is noticed this late. */
#define BLIND_SLICE_NS INT64_C(20000000)
/* How long close waits for the woken users; then the last of them closes the descriptor later. */
#define CLOSE_SLICES 200

/* ---- the wake-up descriptor of each thread ---- */

static pthread_key_t wake_key;
static _Thread_local int wake_fd = -1;

static void close_wake_fd(void *unused) {
  (void)unused;
  if (wake_fd >= 0) close(wake_fd);
  wake_fd = -1;
}

static void make_wake_key(void) { pthread_key_create(&wake_key, close_wake_fd); }

/* A forked child does not share its parent's: a close there would wake us here. */
static int get_wake_fd(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  static _Thread_local uint32_t generation;
  uint32_t now = atomic_load_explicit(&claim_generation, memory_order_relaxed);
  pthread_once(&once, make_wake_key);
  if (generation != now) close_wake_fd(NULL);
  generation = now;
  if (wake_fd < 0 && (wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) >= 0)
    pthread_setspecific(wake_key, &wake_fd);
  return wake_fd;
}

/* ---- life ---- */

net_socket *net_check(lua_State *L, int arg) { return luaL_checkudata(L, arg, NET_TYPE); }

net_socket *net_new(lua_State *L) {
  net_socket *s = lua_newuserdatauv(L, sizeof *s, 0);
  memset(s, 0, sizeof *s);
  s->fd = -1;
  atomic_init(&s->use, NET_CLOSED);
  atomic_init(&s->timeout_ns, BLK_NEVER);
  atomic_init(&s->deadline_ns, BLK_NEVER);
  pthread_mutex_init(&s->mtx, NULL);
  luaL_setmetatable(L, NET_TYPE);
  return s;
}

void net_open(net_socket *s, int fd, int family, int type) {
  s->fd = fd;
  s->family = family;
  s->type = type;
  atomic_init(&s->generation, atomic_load_explicit(&claim_generation, memory_order_relaxed));
  atomic_store_explicit(&s->use, 0, memory_order_relaxed);
}

int net_socket_fd(int family, int type) {
  return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A forked child begins with one thread: the users that the counter remembers are its parent's. The
 * first thread of the child that comes to the socket forgets them, before any other is counted. No
 * thread forks while it is in here: it is inside the runtime. */
static void forget_parents_users(net_socket *s) {
  static pthread_mutex_t mtx = PTHREAD_MUTEX_INITIALIZER; /* a leaf */
  uint32_t now = atomic_load_explicit(&claim_generation, memory_order_relaxed);
  /* [generation] acquire: what was reset is seen; pairs with the release below. */
  if (atomic_load_explicit(&s->generation, memory_order_acquire) == now) return;
  pthread_mutex_lock(&mtx);
  if (atomic_load_explicit(&s->generation, memory_order_relaxed) != now) {
    s->waiters = NULL;
    pthread_mutex_init(&s->mtx, NULL);
    atomic_fetch_and_explicit(&s->use, NET_CLOSED, memory_order_relaxed);
    atomic_store_explicit(&s->generation, now, memory_order_release);
  }
  pthread_mutex_unlock(&mtx);
}

enum net_result net_enter(net_socket *s, net_use *use) {
  *use = (net_use){.s = s};
  forget_parents_users(s);
  /* [use] acquire: pairs with the release in net_leave; a closed descriptor is not touched. */
  uint32_t old = atomic_fetch_add_explicit(&s->use, 1, memory_order_acquire);
  if (!(old & NET_CLOSED)) return NET_OK;
  net_leave(use);
  return NET_GONE;
}

void net_leave(net_use *use) {
  net_socket *s = use->s;
  int fd = s->fd;
  /* [use] release: our use of fd comes before its close. Pairs with the fence below. */
  uint32_t old = atomic_fetch_sub_explicit(&s->use, 1, memory_order_acq_rel);
  if (old != (NET_CLOSED | 1) || fd < 0) return;
  /* Only one thread gets here with a descriptor: those that enter later and leave find -1. */
  if (atomic_compare_exchange_strong_explicit(&s->fd, &fd, -1, memory_order_acq_rel,
                                              memory_order_relaxed))
    close(fd);
}

static void wake_waiters(net_socket *s) {
  uint64_t one = 1;
  pthread_mutex_lock(&s->mtx);
  for (struct net_waiter *w = s->waiters; w != NULL; w = w->next)
    if (w->wake_fd >= 0) (void)!write(w->wake_fd, &one, sizeof one);
  pthread_mutex_unlock(&s->mtx);
}

/* Outside the GIL: the users are on their way out, and need it for that. */
static void await_users(net_socket *s) {
  rt_thread *t = rt_self();
  rt_block_begin(t, GIL_BLOCKED_LOCK);
  for (int i = 0; i < CLOSE_SLICES; i++) {
    if ((atomic_load_explicit(&s->use, memory_order_relaxed) & ~NET_CLOSED) <= 1) break;
    blk_pause_released(t, 1000000);
  }
  rt_block_end(t);
}

void net_close(net_socket *s) {
  net_use use;
  if (net_enter(s, &use) != NET_OK) return;
  uint32_t old = atomic_fetch_or_explicit(&s->use, NET_CLOSED, memory_order_relaxed);
  if (!(old & NET_CLOSED)) {
    wake_waiters(s);
    if (old > 1) await_users(s);
  }
  net_leave(&use);
}

/* ---- waiting ---- */

static bool is_closed(const net_socket *s) {
  return (atomic_load_explicit(&s->use, memory_order_relaxed) & NET_CLOSED) != 0;
}

static int64_t deadline_of(net_use *use) {
  if (use->deadline != 0) return use->deadline;
  int64_t timeout = atomic_load_explicit(&use->s->timeout_ns, memory_order_relaxed);
  int64_t deadline = atomic_load_explicit(&use->s->deadline_ns, memory_order_relaxed);
  if (timeout != BLK_NEVER) {
    int64_t until = blk_now();
    until = timeout > BLK_NEVER - until ? BLK_NEVER : until + timeout;
    if (until < deadline) deadline = until;
  }
  return use->deadline = deadline;
}

static void waiter_add(net_socket *s, struct net_waiter *w) {
  pthread_mutex_lock(&s->mtx);
  w->next = s->waiters;
  s->waiters = w;
  pthread_mutex_unlock(&s->mtx);
}

static void waiter_remove(net_socket *s, struct net_waiter *w) {
  pthread_mutex_lock(&s->mtx);
  struct net_waiter **link = &s->waiters;
  while (*link != w) link = &(*link)->next;
  *link = w->next;
  pthread_mutex_unlock(&s->mtx);
}

static enum blk_result wait_registered(rt_thread *t, net_socket *s, short events, int wake,
                                       int64_t deadline) {
  for (;;) {
    /* Close sets the flag first and wakes who is registered then, and we are. */
    if (is_closed(s)) return BLK_READY;
    int64_t until = deadline;
    if (wake < 0) {
      int64_t slice = blk_now() + BLIND_SLICE_NS;
      if (slice < until) until = slice;
    }
    enum blk_result r = blk_wait_fd_released(t, s->fd, events, wake, until);
    if (r != BLK_TIMEOUT || until == deadline) return r;
  }
}

enum net_result net_wait(net_use *use, short events) {
  net_socket *s = use->s;
  rt_thread *t = rt_self();
  struct net_waiter w = {.wake_fd = get_wake_fd()};
  int64_t deadline = deadline_of(use);
  waiter_add(s, &w);
  rt_block_begin(t, GIL_BLOCKED_IO);
  enum blk_result r = wait_registered(t, s, events, w.wake_fd, deadline);
  int err = errno;
  rt_block_end(t);
  waiter_remove(s, &w);

  if (is_closed(s)) {
    uint64_t count;
    if (w.wake_fd >= 0) (void)!read(w.wake_fd, &count, sizeof count);
    return r == BLK_INTERRUPTED ? NET_INTR : NET_GONE;
  }
  switch (r) {
  case BLK_READY: return NET_OK;
  case BLK_TIMEOUT: return NET_TIMEOUT;
  case BLK_INTERRUPTED: return NET_INTR;
  case BLK_ERROR: break;
  }
  use->err = err;
  return NET_FAILED;
}

enum net_result net_errno(net_use *use) {
  if (errno == EAGAIN) return NET_AGAIN; /* EWOULDBLOCK is the same on Linux */
  if (errno == EINTR) return rt_interrupted(rt_self()) ? NET_INTR : NET_OK;
  use->err = errno;
  return NET_FAILED;
}

enum net_result net_claim(net_use *use, io_claim *claim) {
  if (claim_take(claim, CLAIM_WAIT) != CLAIM_OK) return NET_INTR;
  if (!is_closed(use->s)) return NET_OK;
  claim_release(claim);
  return NET_GONE;
}

/* ---- failures ---- */

static const struct {
  int number;
  const char *name;
} errnos[] = {
#define E(name)                                                                                    \
  { name, #name }
    E(EACCES),      E(EADDRINUSE),   E(EADDRNOTAVAIL), E(EAFNOSUPPORT),    E(EALREADY),
    E(EBADF),       E(ECONNABORTED), E(ECONNREFUSED),  E(ECONNRESET),      E(EDESTADDRREQ),
    E(EEXIST),      E(EHOSTDOWN),    E(EHOSTUNREACH),  E(EINPROGRESS),     E(EINTR),
    E(EINVAL),      E(EIO),          E(EISCONN),       E(EISDIR),          E(ELOOP),
    E(EMFILE),      E(EMSGSIZE),     E(ENAMETOOLONG),  E(ENETDOWN),        E(ENETRESET),
    E(ENETUNREACH), E(ENFILE),       E(ENOBUFS),       E(ENODEV),          E(ENOENT),
    E(ENOMEM),      E(ENOPROTOOPT),  E(ENOTCONN),      E(ENOTDIR),         E(ENOTSOCK),
    E(EOPNOTSUPP),  E(EPERM),        E(EPIPE),         E(EPROTONOSUPPORT), E(EPROTOTYPE),
    E(EROFS),       E(ETIMEDOUT),
#undef E
};

const char *net_errno_name(int err, char buf[16]) {
  for (size_t i = 0; i < sizeof errnos / sizeof *errnos; i++)
    if (errnos[i].number == err) return errnos[i].name;
  snprintf(buf, 16, "E%d", err);
  return buf;
}

int net_fail_errno(lua_State *L, int err) {
  char buf[16];
  luaL_pushfail(L);
  lua_pushstring(L, strerror(err));
  lua_pushstring(L, net_errno_name(err, buf));
  return 3;
}

int net_fail(lua_State *L, enum net_result r, int err) {
  const char *what = "closed";
  switch (r) {
  case NET_INTR: return rt_raise_interrupt(L, rt_self());
  case NET_FAILED: return net_fail_errno(L, err);
  case NET_TOO_LONG: return net_fail_errno(L, EMSGSIZE);
  case NET_TIMEOUT: what = "timeout"; break;
  case NET_OK:
  case NET_AGAIN:
  case NET_END:
  case NET_GONE: break;
  }
  luaL_pushfail(L);
  lua_pushstring(L, what);
  lua_pushvalue(L, -1);
  return 3;
}
