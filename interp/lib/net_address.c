/* net_address.c: names and addresses.
 *
 * A numeric address is understood on the spot. Looking a name up can take long and can't be broken
 * off, so a helper thread does it, and is left to itself when its caller has to go. */
#include "net_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ---- look-up in a helper thread ---- */

typedef struct lookup {
  _Atomic int refs; /* (a) the helper and the caller */
  int done_fd;      /* readable when rc and result are set */
  int rc, err;
  struct addrinfo hints, *result;
  char host[256], service[32];
  bool has_host, has_service;
} lookup;

static void lookup_unref(lookup *q) {
  /* [lookup] acq_rel: pairs with the other side's; whoever is last sees everything. */
  if (atomic_fetch_sub_explicit(&q->refs, 1, memory_order_acq_rel) != 1) return;
  if (q->result != NULL) freeaddrinfo(q->result);
  close(q->done_fd);
  free(q);
}

static void *lookup_main(void *arg) {
  lookup *q = arg;
  uint64_t one = 1;
  q->rc = getaddrinfo(q->has_host ? q->host : NULL, q->has_service ? q->service : NULL, &q->hints,
                      &q->result);
  q->err = errno;
  (void)!write(q->done_fd, &one, sizeof one); /* orders: the reader polls after this */
  lookup_unref(q);
  return NULL;
}

static int start_helper(lookup *q) {
  pthread_t thread;
  pthread_attr_t attr;
  sigset_t all, before;
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for threads that run Lua */
  int rc = pthread_create(&thread, &attr, lookup_main, q);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attr);
  return rc;
}

static lookup *lookup_new(const char *host, const char *service, const struct addrinfo *hints) {
  lookup *q = calloc(1, sizeof *q);
  if (q == NULL) return NULL;
  q->hints = *hints;
  if ((q->has_host = host != NULL)) snprintf(q->host, sizeof q->host, "%s", host);
  if ((q->has_service = service != NULL)) snprintf(q->service, sizeof q->service, "%s", service);
  if ((q->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
    free(q);
    return NULL;
  }
  atomic_init(&q->refs, 2);
  return q;
}

static void copy_result(const struct addrinfo *ai, net_addresses *out) {
  int room = (int)(sizeof out->list / sizeof *out->list);
  for (out->count = 0; ai != NULL && out->count < room; ai = ai->ai_next) {
    net_address *a = &out->list[out->count];
    if (ai->ai_addrlen > sizeof a->u) continue;
    memcpy(&a->u, ai->ai_addr, ai->ai_addrlen);
    a->len = ai->ai_addrlen;
    out->count++;
  }
}

static enum blk_result look_up(const char *host, const char *service, const struct addrinfo *hints,
                               int64_t deadline, net_addresses *out, int *rc_out) {
  rt_thread *t = rt_self();
  lookup *q = lookup_new(host, service, hints);
  if (q == NULL) return BLK_ERROR;
  rt_block_begin(t, GIL_BLOCKED_IO);
  int rc = start_helper(q);
  enum blk_result r = BLK_ERROR;
  if (rc == 0) {
    r = blk_wait_fd_released(t, q->done_fd, POLLIN, -1, deadline);
    if (r == BLK_READY) { /* reading orders our look at the result after the helper's write */
      uint64_t count;
      (void)!read(q->done_fd, &count, sizeof count);
      copy_result(q->result, out);
      *rc_out = q->rc;
      rc = q->err;
    }
  } else {
    lookup_unref(q); /* the helper's */
  }
  lookup_unref(q);
  rt_block_end(t);
  errno = rc;
  return r;
}

static const char *eai_name(int rc) {
  switch (rc) {
  case EAI_AGAIN: return "EAI_AGAIN";
  case EAI_BADFLAGS: return "EAI_BADFLAGS";
  case EAI_FAIL: return "EAI_FAIL";
  case EAI_FAMILY: return "EAI_FAMILY";
  case EAI_MEMORY: return "EAI_MEMORY";
  case EAI_NONAME: return "EAI_NONAME";
  case EAI_SERVICE: return "EAI_SERVICE";
  case EAI_SOCKTYPE: return "EAI_SOCKTYPE";
  }
  return "EAI";
}

static int fail_lookup(lua_State *L, int rc, int err) {
  if (rc == EAI_SYSTEM) return net_fail_errno(L, err);
  luaL_pushfail(L);
  lua_pushstring(L, gai_strerror(rc));
  lua_pushstring(L, eai_name(rc));
  return 3;
}

int net_resolve(lua_State *L, const char *host, const char *service, int family, int type,
                bool passive, int64_t deadline, net_addresses *out) {
  struct addrinfo hints = {.ai_family = family, .ai_socktype = type}, *result = NULL;
  if (host != NULL && strlen(host) >= sizeof((lookup *)0)->host)
    return fail_lookup(L, EAI_NONAME, 0);
  /* Numbers need no look-up. */
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
  if (getaddrinfo(host, service, &hints, &result) == 0) {
    copy_result(result, out);
    freeaddrinfo(result);
    return 0;
  }
  hints.ai_flags = passive ? AI_PASSIVE : 0;
  int rc = 0;
  switch (look_up(host, service, &hints, deadline, out, &rc)) {
  case BLK_READY: return rc == 0 ? 0 : fail_lookup(L, rc, errno);
  case BLK_TIMEOUT: return net_fail(L, NET_TIMEOUT, 0);
  case BLK_INTERRUPTED: return rt_raise_interrupt(L, rt_self());
  case BLK_ERROR: break;
  }
  return net_fail_errno(L, errno);
}

/* ---- arguments ---- */

const char *net_check_service(lua_State *L, int arg, char buf[16]) {
  if (lua_type(L, arg) == LUA_TNUMBER) {
    lua_Integer port = luaL_checkinteger(L, arg);
    luaL_argcheck(L, port >= 0 && port <= 65535, arg, "port must be between 0 and 65535");
    snprintf(buf, 16, "%d", (int)port);
    return buf;
  }
  const char *service = luaL_checkstring(L, arg);
  luaL_argcheck(L, strlen(service) < 32, arg, "service name too long");
  return service;
}

/* A path; one that starts with a zero byte is a name in Linux's abstract space. */
void net_check_unix(lua_State *L, int arg, net_address *out) {
  size_t len;
  const char *path = luaL_checklstring(L, arg, &len);
  memset(out, 0, sizeof *out);
  luaL_argcheck(L, len > 0 && len < sizeof out->u.un.sun_path, arg,
                "path must have 1 to 107 bytes");
  luaL_argcheck(L, path[0] == '\0' || strlen(path) == len, arg, "path contains a zero byte");
  out->u.un.sun_family = AF_UNIX;
  memcpy(out->u.un.sun_path, path, len);
  size_t terminator = path[0] == '\0' ? 0 : 1;
  out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + terminator);
}

int net_check_family(lua_State *L, int options) {
  static const char *const names[] = {"inet", "inet6", "any", NULL};
  static const int families[] = {AF_INET, AF_INET6, AF_UNSPEC};
  if (lua_isnoneornil(L, options)) return AF_UNSPEC;
  luaL_checktype(L, options, LUA_TTABLE);
  lua_getfield(L, options, "family");
  const char *name = lua_isnil(L, -1) ? "any" : lua_tostring(L, -1);
  for (int i = 0; name != NULL && names[i] != NULL; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    lua_pop(L, 1);
    return families[i];
  }
  return luaL_argerror(L, options, "family must be 'inet', 'inet6' or 'any'");
}

const char *net_family_name(int family) {
  switch (family) {
  case AF_INET: return "inet";
  case AF_INET6: return "inet6";
  case AF_UNIX: return "unix";
  }
  return "other";
}

static int push_unix(lua_State *L, const net_address *a) {
  size_t start = offsetof(struct sockaddr_un, sun_path);
  size_t len = a->len > start ? a->len - start : 0;
  const char *path = a->u.un.sun_path;
  if (len > 0 && path[0] != '\0') len = strnlen(path, len);
  lua_pushlstring(L, path, len); /* empty: a socket without a name */
  lua_pushnil(L);
  lua_pushliteral(L, "unix");
  return 3;
}

static bool is_unix(const net_address *a) {
  return a->len < sizeof(sa_family_t) || a->u.any.sa_family == AF_UNIX; /* no name: Unix only */
}

static bool format_address(const net_address *a, char host[NI_MAXHOST], int *port_out) {
  if (a->u.any.sa_family == AF_INET) {
    const struct sockaddr_in *in = (const void *)&a->u;
    *port_out = ntohs(in->sin_port);
    return inet_ntop(AF_INET, &in->sin_addr, host, NI_MAXHOST) != NULL;
  }
  const struct sockaddr_in6 *in6 = (const void *)&a->u;
  *port_out = ntohs(in6->sin6_port);
  return getnameinfo(&a->u.any, a->len, host, NI_MAXHOST, NULL, 0, NI_NUMERICHOST) == 0;
}

int net_push_address(lua_State *L, const net_address *a) {
  char host[NI_MAXHOST];
  int port;
  if (is_unix(a)) return push_unix(L, a);
  if (!format_address(a, host, &port)) return luaL_error(L, "address of an unknown family");
  lua_pushstring(L, host);
  lua_pushinteger(L, port);
  lua_pushstring(L, net_family_name(a->u.any.sa_family));
  return 3;
}

bool net_parse_address(int family, const char *host, lua_Integer port, net_address *out) {
  memset(out, 0, sizeof *out);
  if (family == AF_INET) {
    struct sockaddr_in *in = (void *)&out->u;
    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t)port);
    out->len = sizeof *in;
    return inet_pton(AF_INET, host, &in->sin_addr) == 1;
  }
  struct sockaddr_in6 *in6 = (void *)&out->u;
  in6->sin6_family = AF_INET6;
  in6->sin6_port = htons((uint16_t)port);
  out->len = sizeof *in6;
  return family == AF_INET6 && inet_pton(AF_INET6, host, &in6->sin6_addr) == 1;
}
