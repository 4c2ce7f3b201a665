/* lib_net.c: `gilt.net`: TCP, UDP and Unix sockets.
 *
 *   listen(host, port [, options])       a listening TCP socket; host "*": every address; port 0:
 * any connect(host, port [, options])      a TCP connection; tries each address of the name in turn
 *   listen_unix(path [, options])        connect_unix(path [, options])
 *   udp([options])                       host, port: bind there; a path: udp is for IP only
 *   datagram_unix([path])                a Unix datagram socket, bound if there is a path
 *   pair([kind])                         two connected Unix sockets; "stream" (default), "datagram"
 *   resolve(host [, port [, options]])   a list of {host =, port =, family =}
 *
 * options: family = "inet" | "inet6"; timeout = seconds for connect (name look-up included);
 * backlog; unlink = true: listen_unix removes a socket that is left at the path; and the names of
 * setoption (nodelay, keepalive, reuseaddr, ...). reuseaddr is on by default for listen.
 *
 * Sockets: accept, read, receive, write, send, recvfrom, sendto, connect, shutdown, close,
 * settimeout, setdeadline, setoption, getoption, sockname, peername, fd, closed.
 *
 * Failures are nil, message, code; code is "timeout", "closed" (by either side), or the name of the
 * system's error ("ECONNREFUSED", "EAI_NONAME"). A socket may be used by several threads; closing
 * it makes the waiting ones fail with "closed". */
#include "lib_sys.h"
#include "net_impl.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int STREAM_DATAGRAM[] = {SOCK_STREAM, SOCK_DGRAM};

/* ---- options ---- */

static void check_options(lua_State *L, int arg) {
  if (!lua_isnoneornil(L, arg)) luaL_checktype(L, arg, LUA_TTABLE);
  lua_settop(L, arg);
}

static int64_t check_seconds(lua_State *L, int idx, int arg) {
  if (lua_isnil(L, idx)) return BLK_NEVER;
  int ok;
  lua_Number seconds = lua_tonumberx(L, idx, &ok);
  luaL_argcheck(L, ok && seconds >= 0, arg, "timeout must be a number of seconds, not negative");
  return seconds > 9.2e9 ? BLK_NEVER : (int64_t)(seconds * 1e9);
}

static int64_t option_deadline(lua_State *L, int options) {
  if (!lua_istable(L, options)) return BLK_NEVER;
  lua_getfield(L, options, "timeout");
  int64_t span = check_seconds(L, -1, options), now = blk_now();
  lua_pop(L, 1);
  return span > BLK_NEVER - now ? BLK_NEVER : now + span;
}

static int option_integer(lua_State *L, int options, const char *name, int otherwise) {
  if (!lua_istable(L, options)) return otherwise;
  lua_getfield(L, options, name);
  int value = lua_isnil(L, -1) ? otherwise : (int)luaL_checkinteger(L, -1);
  lua_pop(L, 1);
  return value;
}

static bool option_boolean(lua_State *L, int options, const char *name, bool otherwise) {
  if (!lua_istable(L, options)) return otherwise;
  lua_getfield(L, options, name);
  bool value = lua_isnil(L, -1) ? otherwise : lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

static const char *check_host(lua_State *L, int arg) {
  if (lua_isnil(L, arg)) return NULL;
  const char *host = luaL_checkstring(L, arg);
  return strcmp(host, "*") == 0 ? NULL : host;
}

/* ---- opening ---- */

/* 0 or an errno; the handle is closed again then. */
static int open_socket(net_socket *s, int family, int type) {
  int fd = net_socket_fd(family, type);
  if (fd < 0) return errno;
  net_open(s, fd, family, type);
  return 0;
}

static int give_up(net_socket *s, int err) {
  net_close(s);
  return err;
}

static int bind_listen(lua_State *L, net_socket *s, const net_address *a, int options) {
  int one = 1, err = open_socket(s, a->u.any.sa_family, SOCK_STREAM);
  if (err != 0) return err;
  if (a->u.any.sa_family != AF_UNIX && option_boolean(L, options, "reuseaddr", true))
    setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if ((err = net_apply_options(L, options, s)) != 0) return give_up(s, err);
  int backlog = option_integer(L, options, "backlog", SOMAXCONN);
  if (bind(s->fd, &a->u.any, a->len) != 0 || listen(s->fd, backlog) != 0) return give_up(s, errno);
  s->listening = true;
  return 0;
}

static int lib_listen(lua_State *L) {
  char buf[16];
  check_options(L, 3);
  const char *host = check_host(L, 1), *service = net_check_service(L, 2, buf);
  int family = net_check_family(L, 3);
  net_addresses found;
  int pushed =
      net_resolve(L, host, service, family, SOCK_STREAM, true, option_deadline(L, 3), &found);
  if (pushed > 0) return pushed;
  net_socket *s = net_new(L);
  int err = EADDRNOTAVAIL;
  for (int i = 0; i < found.count; i++)
    if ((err = bind_listen(L, s, &found.list[i], 3)) == 0) return 1;
  return net_fail_errno(L, err);
}

/* Finishes a connect that is under way. */
static enum net_result await_connect(net_use *use) {
  enum net_result r = net_wait(use, POLLOUT);
  if (r != NET_OK) return r;
  socklen_t len = sizeof use->err;
  if (getsockopt(use->s->fd, SOL_SOCKET, SO_ERROR, &use->err, &len) != 0) use->err = errno;
  return use->err == 0 ? NET_OK : NET_FAILED;
}

/* A Unix listener whose queue is full says EAGAIN, and poll can't wait for a place. */
static enum net_result await_place(net_use *use) {
  rt_thread *t = rt_self();
  if (blk_now() >= use->deadline) return NET_TIMEOUT;
  return blk_sleep_until(t, blk_deadline(0.001)) == BLK_INTERRUPTED ? NET_INTR : NET_OK;
}

static enum net_result connect_socket(net_use *use, const net_address *a) {
  for (;;) {
    if (connect(use->s->fd, &a->u.any, a->len) == 0) return NET_OK;
    enum net_result r = NET_OK;
    if (errno == EINPROGRESS) return await_connect(use);
    if (errno == EINTR) return await_connect(use);
    if (errno == EAGAIN && use->s->family == AF_UNIX) {
      if ((r = await_place(use)) == NET_OK) continue;
      return r;
    }
    use->err = errno;
    return NET_FAILED;
  }
}

/* Opens and connects. NET_OK, or closed again: NET_FAILED (*err_out), NET_TIMEOUT, NET_GONE,
 * NET_INTR. */
static enum net_result connect_address(lua_State *L, net_socket *s, const net_address *a, int type,
                                       int options, int64_t deadline, int *err_out) {
  *err_out = open_socket(s, a->u.any.sa_family, type);
  if (*err_out != 0) return NET_FAILED;
  if ((*err_out = net_apply_options(L, options, s)) != 0) {
    net_close(s);
    return NET_FAILED;
  }
  net_use use;
  net_enter(s, &use);
  use.deadline = deadline;
  enum net_result r = connect_socket(&use, a);
  *err_out = use.err;
  net_leave(&use);
  if (r != NET_OK) net_close(s);
  return r;
}

static int lib_connect(lua_State *L) {
  char buf[16];
  check_options(L, 3);
  const char *host = luaL_checkstring(L, 1), *service = net_check_service(L, 2, buf);
  int family = net_check_family(L, 3);
  int64_t deadline = option_deadline(L, 3);
  net_addresses found;
  int pushed = net_resolve(L, host, service, family, SOCK_STREAM, false, deadline, &found);
  if (pushed > 0) return pushed;
  net_socket *s = net_new(L);
  enum net_result r = NET_FAILED;
  int err = EADDRNOTAVAIL;
  for (int i = 0; i < found.count && r == NET_FAILED; i++)
    r = connect_address(L, s, &found.list[i], SOCK_STREAM, 3, deadline, &err);
  return r == NET_OK ? 1 : net_fail(L, r, err);
}

static int lib_connect_unix(lua_State *L) {
  check_options(L, 2);
  net_address a;
  net_check_unix(L, 1, &a);
  net_socket *s = net_new(L);
  int err;
  enum net_result r = connect_address(L, s, &a, SOCK_STREAM, 2, option_deadline(L, 2), &err);
  return r == NET_OK ? 1 : net_fail(L, r, err);
}

/* Only a socket: never a file that happens to be there. */
static void remove_stale(const char *path) {
  struct stat st;
  if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) unlink(path);
}

static int lib_listen_unix(lua_State *L) {
  check_options(L, 2);
  net_address a;
  net_check_unix(L, 1, &a);
  if (option_boolean(L, 2, "unlink", false)) remove_stale(lua_tostring(L, 1));
  net_socket *s = net_new(L);
  int err = bind_listen(L, s, &a, 2);
  return err == 0 ? 1 : net_fail_errno(L, err);
}

static int open_bound(lua_State *L, net_socket *s, const net_address *a, int type, int options) {
  int err = open_socket(s, a->u.any.sa_family, type);
  if (err == 0 && (err = net_apply_options(L, options, s)) != 0) return give_up(s, err);
  if (err == 0 && a->len > 0 && bind(s->fd, &a->u.any, a->len) != 0) return give_up(s, errno);
  return err;
}

/* The address that the options ask udp to bind to; len 0: none. Returns what net_resolve returns.
 */
static int udp_address(lua_State *L, net_address *out) {
  int family = net_check_family(L, 1);
  memset(out, 0, sizeof *out);
  out->u.any.sa_family = (sa_family_t)(family == AF_UNSPEC ? AF_INET : family);
  if (!lua_istable(L, 1)) return 0;
  lua_getfield(L, 1, "host");
  lua_getfield(L, 1, "port");
  if (lua_isnil(L, -1) && lua_isnil(L, -2)) return 0;
  char buf[16];
  const char *service = lua_isnil(L, -1) ? "0" : net_check_service(L, lua_gettop(L), buf);
  const char *host = check_host(L, lua_gettop(L) - 1);
  if (host == NULL && family == AF_UNSPEC) family = AF_INET;
  net_addresses found;
  int pushed = net_resolve(L, host, service, family, SOCK_DGRAM, true, BLK_NEVER, &found);
  if (pushed > 0) return pushed;
  if (found.count == 0) return net_fail_errno(L, EADDRNOTAVAIL);
  *out = found.list[0];
  return 0;
}

static int lib_udp(lua_State *L) {
  check_options(L, 1);
  net_address a;
  int pushed = udp_address(L, &a);
  if (pushed > 0) return pushed;
  net_socket *s = net_new(L);
  int err = open_bound(L, s, &a, SOCK_DGRAM, 1);
  return err == 0 ? 1 : net_fail_errno(L, err);
}

static int lib_datagram_unix(lua_State *L) {
  net_address a = {.len = 0};
  a.u.any.sa_family = AF_UNIX;
  lua_settop(L, 1);
  if (!lua_isnil(L, 1)) net_check_unix(L, 1, &a);
  net_socket *s = net_new(L);
  int err = open_bound(L, s, &a, SOCK_DGRAM, 2);
  return err == 0 ? 1 : net_fail_errno(L, err);
}

static int lib_pair(lua_State *L) {
  static const char *const kinds[] = {"stream", "datagram", NULL};
  int type = STREAM_DATAGRAM[luaL_checkoption(L, 1, "stream", kinds)], fds[2];
  net_socket *a = net_new(L), *b = net_new(L);
  if (socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
    return net_fail_errno(L, errno);
  net_open(a, fds[0], AF_UNIX, type);
  net_open(b, fds[1], AF_UNIX, type);
  return 2;
}

static int lib_resolve(lua_State *L) {
  char buf[16];
  check_options(L, 3);
  const char *host = luaL_checkstring(L, 1);
  const char *service = lua_isnil(L, 2) ? NULL : net_check_service(L, 2, buf);
  int family = net_check_family(L, 3);
  net_addresses found;
  int pushed =
      net_resolve(L, host, service, family, SOCK_STREAM, false, option_deadline(L, 3), &found);
  if (pushed > 0) return pushed;
  lua_createtable(L, found.count, 0);
  for (int i = 0; i < found.count; i++) {
    lua_createtable(L, 0, 3);
    net_push_address(L, &found.list[i]);
    lua_setfield(L, -4, "family");
    lua_setfield(L, -3, "port");
    lua_setfield(L, -2, "host");
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* ---- methods ---- */

static enum net_result accept_one(net_use *use, net_socket *peer) {
  for (;;) {
    int fd = accept4(use->s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      net_open(peer, fd, use->s->family, SOCK_STREAM);
      return NET_OK;
    }
    if (errno == ECONNABORTED) continue; /* the client has gone again: not our failure */
    enum net_result r = net_errno(use);
    if (r == NET_AGAIN) r = net_wait(use, POLLIN);
    if (r != NET_OK) return r;
  }
}

/* accept() -> socket */
static int net_accept(lua_State *L) {
  net_socket *s = net_check(L, 1);
  luaL_argcheck(L, s->listening, 1, "not a listening socket");
  net_socket *peer = net_new(L);
  net_use use;
  enum net_result r = net_enter(s, &use);
  if (r != NET_OK) return net_fail(L, r, 0);
  r = accept_one(&use, peer);
  net_leave(&use);
  return r == NET_OK ? 1 : net_fail(L, r, use.err);
}

/* connect(host, port), of Unix sockets connect(path): of a datagram socket: where send goes and
 * from whom recvfrom takes. */
static int net_connect(lua_State *L) {
  net_socket *s = net_check(L, 1);
  luaL_argcheck(L, s->type == SOCK_DGRAM, 1, "not a datagram socket");
  net_addresses found = {.count = 1};
  if (s->family == AF_UNIX) {
    net_check_unix(L, 2, &found.list[0]);
  } else {
    char buf[16];
    const char *host = luaL_checkstring(L, 2), *service = net_check_service(L, 3, buf);
    int pushed = net_resolve(L, host, service, s->family, s->type, false, BLK_NEVER, &found);
    if (pushed > 0) return pushed;
  }
  net_use use;
  if (net_enter(s, &use) != NET_OK) return net_fail(L, NET_GONE, 0);
  int rc = connect(s->fd, &found.list[0].u.any, found.list[0].len), err = errno;
  net_leave(&use);
  if (rc != 0) return net_fail_errno(L, err);
  lua_pushboolean(L, 1);
  return 1;
}

/* shutdown([how]): "r", "w" or "rw" (default): ends a direction for both sides. */
static int net_shutdown(lua_State *L) {
  static const char *const names[] = {"r", "w", "rw", NULL};
  static const int hows[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
  net_socket *s = net_check(L, 1);
  int how = hows[luaL_checkoption(L, 2, "rw", names)];
  net_use use;
  if (net_enter(s, &use) != NET_OK) return net_fail(L, NET_GONE, 0);
  int rc = shutdown(s->fd, how), err = errno;
  net_leave(&use);
  if (rc != 0) return net_fail_errno(L, err);
  lua_pushboolean(L, 1);
  return 1;
}

/* close() -> true, also when it is closed already. Threads that wait for the socket fail with
 * "closed". */
static int net_close_method(lua_State *L) {
  net_close(net_check(L, 1));
  lua_pushboolean(L, 1);
  return 1;
}

static int net_gc(lua_State *L) {
  net_socket *s = net_check(L, 1);
  net_close(s);
  /* Nobody else has the socket any more, unless a script calls this itself. */
  if (claim_take(&s->reading, CLAIM_WAIT) != CLAIM_OK) return 0;
  free(s->in);
  s->in = NULL;
  s->in_cap = s->in_len = s->in_start = 0;
  claim_release(&s->reading);
  return 0;
}

/* settimeout([seconds]): of each operation from now on; nil: none. */
static int net_settimeout(lua_State *L) {
  net_socket *s = net_check(L, 1);
  lua_settop(L, 2);
  atomic_store_explicit(&s->timeout_ns, check_seconds(L, 2, 2), memory_order_relaxed);
  return 0;
}

/* setdeadline([time]): all operations fail with "timeout" from then on; a time of
 * gilt.time.monotonic(); nil: none. */
static int net_setdeadline(lua_State *L) {
  net_socket *s = net_check(L, 1);
  lua_settop(L, 2);
  int64_t at = BLK_NEVER;
  if (!lua_isnil(L, 2)) {
    lua_Number seconds = luaL_checknumber(L, 2);
    luaL_argcheck(L, seconds == seconds, 2, "not a time");
    if (seconds < 9.2e9) at = seconds < 0 ? 1 : (int64_t)(seconds * 1e9);
  }
  atomic_store_explicit(&s->deadline_ns, at, memory_order_relaxed);
  return 0;
}

typedef int (*name_fn)(int, struct sockaddr *, socklen_t *);

static int push_name(lua_State *L, name_fn fn) {
  net_socket *s = net_check(L, 1);
  net_address a = {.len = sizeof a.u};
  net_use use;
  if (net_enter(s, &use) != NET_OK) return net_fail(L, NET_GONE, 0);
  int rc = fn(s->fd, &a.u.any, &a.len), err = errno;
  net_leave(&use);
  return rc == 0 ? net_push_address(L, &a) : net_fail_errno(L, err);
}

static int own_name(int fd, struct sockaddr *a, socklen_t *n) { return getsockname(fd, a, n); }
static int other_name(int fd, struct sockaddr *a, socklen_t *n) { return getpeername(fd, a, n); }

/* sockname(), peername() -> host, port, family; of Unix sockets: path, nil, "unix" */
static int net_sockname(lua_State *L) { return push_name(L, own_name); }
static int net_peername(lua_State *L) { return push_name(L, other_name); }

static bool is_open(const net_socket *s) {
  return (atomic_load_explicit(&s->use, memory_order_relaxed) & NET_CLOSED) == 0;
}

/* fd() -> the descriptor, which stays the socket's; nil once closed */
static int net_fd(lua_State *L) {
  net_socket *s = net_check(L, 1);
  if (is_open(s))
    lua_pushinteger(L, s->fd);
  else
    luaL_pushfail(L);
  return 1;
}

static int net_is_closed(lua_State *L) {
  lua_pushboolean(L, !is_open(net_check(L, 1)));
  return 1;
}

static int net_tostring(lua_State *L) {
  net_socket *s = net_check(L, 1);
  if (is_open(s))
    lua_pushfstring(L, "socket (%s, fd %d)", net_family_name(s->family), s->fd);
  else
    lua_pushliteral(L, "socket (closed)");
  return 1;
}

/* ---- opening the module ---- */

static const luaL_Reg functions[] = {
    {"listen", lib_listen},
    {"connect", lib_connect},
    {"listen_unix", lib_listen_unix},
    {"connect_unix", lib_connect_unix},
    {"udp", lib_udp},
    {"datagram_unix", lib_datagram_unix},
    {"pair", lib_pair},
    {"resolve", lib_resolve},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"accept", net_accept},
    {"read", net_read},
    {"receive", net_receive},
    {"write", net_write},
    {"send", net_send},
    {"recvfrom", net_recvfrom},
    {"sendto", net_sendto},
    {"connect", net_connect},
    {"shutdown", net_shutdown},
    {"close", net_close_method},
    {"settimeout", net_settimeout},
    {"setdeadline", net_setdeadline},
    {"setoption", net_setoption},
    {"getoption", net_getoption},
    {"sockname", net_sockname},
    {"peername", net_peername},
    {"getsockname", net_sockname},
    {"getpeername", net_peername},
    {"fd", net_fd},
    {"closed", net_is_closed},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", net_gc},
    {"__close", net_close_method},
    {"__tostring", net_tostring},
    {NULL, NULL},
};

int luaopen_gilt_net(lua_State *L) {
  claim_setup();
  luaL_newmetatable(L, NET_TYPE);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
