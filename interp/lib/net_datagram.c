/* net_datagram.c: datagrams: sendto, recvfrom. No claims: each is one system call, and a message.
 */
#include "net_impl.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define DATAGRAM_MAX 8192

static net_socket *check_datagram(lua_State *L) {
  net_socket *s = net_check(L, 1);
  luaL_argcheck(L, s->type == SOCK_DGRAM, 1, "not a datagram socket");
  return s;
}

static enum net_result recv_message(net_use *use, char *dst, size_t max, net_address *from,
                                    size_t *len) {
  for (;;) {
    from->len = sizeof from->u;
    ssize_t k = recvfrom(use->s->fd, dst, max, MSG_TRUNC, &from->u.any, &from->len);
    if (k >= 0) {
      *len = (size_t)k;
      return NET_OK;
    }
    enum net_result r = net_errno(use);
    if (r == NET_AGAIN) r = net_wait(use, POLLIN);
    if (r != NET_OK) return r;
  }
}

/* recvfrom([max]): the next datagram, and who sent it: data, host, port, family (Unix: data, path,
 * nil, "unix"). What exceeds max (8192) bytes is cut off, and a fifth result says how long it was.
 */
int net_recvfrom(lua_State *L) {
  net_socket *s = check_datagram(L);
  lua_Integer max = luaL_optinteger(L, 2, DATAGRAM_MAX);
  luaL_argcheck(L, max > 0, 2, "size must be positive");
  char fixed[DATAGRAM_MAX];
  char *dst = max <= DATAGRAM_MAX ? fixed : lua_newuserdatauv(L, (size_t)max, 0);
  net_address from;
  size_t len = 0;
  net_use use;
  enum net_result r = net_enter(s, &use);
  if (r != NET_OK) return net_fail(L, r, 0);
  r = recv_message(&use, dst, (size_t)max, &from, &len);
  net_leave(&use);
  if (r != NET_OK) return net_fail(L, r, use.err);
  bool cut = len > (size_t)max;
  lua_pushlstring(L, dst, cut ? (size_t)max : len);
  net_push_address(L, &from);
  if (!cut) return 4;
  lua_pushinteger(L, (lua_Integer)len);
  return 5;
}

static enum net_result send_message(net_use *use, const char *data, size_t len,
                                    const net_address *to, size_t *sent) {
  for (;;) {
    ssize_t k = sendto(use->s->fd, data, len, MSG_NOSIGNAL, &to->u.any, to->len);
    if (k >= 0) {
      *sent = (size_t)k;
      return NET_OK;
    }
    enum net_result r = net_errno(use);
    if (r == NET_AGAIN) r = net_wait(use, POLLOUT);
    if (r != NET_OK) return r;
  }
}

/* The destination at index 3 (and 4). 0, or 3 after pushing a failure. */
static int check_destination(lua_State *L, const net_socket *s, net_address *to) {
  if (s->family == AF_UNIX) {
    net_check_unix(L, 3, to);
    return 0;
  }
  const char *host = luaL_checkstring(L, 3);
  char buf[16];
  const char *service = net_check_service(L, 4, buf);
  if (lua_type(L, 4) == LUA_TNUMBER && net_parse_address(s->family, host, lua_tointeger(L, 4), to))
    return 0;
  net_addresses found;
  int pushed = net_resolve(L, host, service, s->family, s->type, false, BLK_NEVER, &found);
  if (pushed > 0) return pushed;
  if (found.count == 0) return net_fail_errno(L, EADDRNOTAVAIL);
  *to = found.list[0];
  return 0;
}

/* sendto(data, host, port), of Unix sockets sendto(data, path): one datagram. Returns its length.
 */
int net_sendto(lua_State *L) {
  net_socket *s = check_datagram(L);
  size_t len, sent = 0;
  const char *data = luaL_checklstring(L, 2, &len);
  net_address to;
  int pushed = check_destination(L, s, &to);
  if (pushed > 0) return pushed;
  net_use use;
  enum net_result r = net_enter(s, &use);
  if (r != NET_OK) return net_fail(L, r, 0);
  r = send_message(&use, data, len, &to, &sent);
  net_leave(&use);
  if (r != NET_OK) return net_fail(L, r, use.err);
  lua_pushinteger(L, (lua_Integer)sent);
  return 1;
}
