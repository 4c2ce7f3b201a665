/* net_impl.h: the parts of gilt.net, for net_*.c and lib_net.c only.
 *
 *   lib_net.c       the module: listen, connect, udp, pair, resolve, and the table of methods
 *   net_socket.c    a socket's life: users, waiting, close by another thread
 *   net_stream.c    read, write     net_datagram.c  recvfrom, sendto
 *   net_address.c   names and addresses      net_options.c  options
 *
 * Descriptors are non-blocking and close-on-exec. Each operation is tried first, holding the GIL;
 * only when it would block the GIL is given up, in net_wait. */
#ifndef GILT_NET_IMPL_H
#define GILT_NET_IMPL_H

#include "blocking.h"
#include "claim.h"

#include <lauxlib.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#define NET_TYPE "gilt.socket"

typedef struct net_address {
  socklen_t len;
  union {
    struct sockaddr any;
    struct sockaddr_storage storage;
    struct sockaddr_un un;
  } u;
} net_address;

struct net_waiter { /* on the stack of a waiting thread */
  struct net_waiter *next;
  int wake_fd;
};

/* A socket. Several threads may use it at once: readers after each other, writers after each other.
 * Locking key: (c) constant once open, (m) mtx held, (r) under the claim `reading`, (a) atomic,
 * (g) written with the GIL held or by the only user; a torn value is harmless. */
typedef struct net_socket {
  _Atomic int fd;   /* (a) set once; -1: never opened, or closed by its last user */
  int family, type; /* (c) */
  bool listening;   /* (c) */
  _Atomic uint32_t
      use; /* (a) NET_CLOSED | number of users; the last user after a close closes fd */
  _Atomic uint32_t generation; /* (a) of forks, see claim.h: users of the parent's do not count in a
                                * child */
  pthread_mutex_t mtx;         /* a leaf */
  struct net_waiter *waiters;  /* (m) */
  io_claim reading, writing;
  char *in; /* (r) bytes received and not read; malloc'ed */
  size_t in_start, in_len, in_cap;
  _Atomic int64_t timeout_ns;  /* (a) relaxed; of each operation; BLK_NEVER: none */
  _Atomic int64_t deadline_ns; /* (a) relaxed; of all operations; BLK_NEVER: none */
} net_socket;

#define NET_CLOSED UINT32_C(0x80000000)

enum net_result {
  NET_OK,
  NET_AGAIN,  /* would block */
  NET_END,    /* the other side has ended the stream */
  NET_FAILED, /* use->err is an errno */
  NET_TIMEOUT,
  NET_GONE,     /* closed by this program, maybe by another thread while we waited */
  NET_TOO_LONG, /* more than the caller's limit */
  NET_INTR      /* net_leave, then rt_raise_interrupt: net_fail does it */
};

/* An operation of this thread on a socket: from net_enter to net_leave. */
typedef struct net_use {
  net_socket *s;
  int64_t deadline; /* found out when first needed; 0: not yet */
  int err;
} net_use;

/* ---- net_socket.c ---- */

net_socket *net_check(lua_State *L, int arg);
net_socket *net_new(lua_State *L); /* on the stack, without a descriptor */
/* Takes over a descriptor. */
void net_open(net_socket *s, int fd, int family, int type);
int net_socket_fd(int family, int type); /* a new non-blocking descriptor; -1: errno */

enum net_result net_enter(net_socket *s, net_use *use);
void net_leave(net_use *use);
void net_close(net_socket *s);
/* Waits outside the GIL until fd is ready for `events`. NET_OK, NET_FAILED, NET_TIMEOUT, NET_GONE,
 * NET_INTR. */
enum net_result net_wait(net_use *use, short events);
/* What a system call that returned -1 means: NET_AGAIN, NET_FAILED; NET_OK: make it again. */
enum net_result net_errno(net_use *use);
/* Exclusive use of one direction; NET_OK, NET_GONE, NET_INTR. Release with claim_release. */
enum net_result net_claim(net_use *use, io_claim *claim);

/* Pushes nil, message, code, and returns 3; raises for NET_INTR. Nothing may be held. */
int net_fail(lua_State *L, enum net_result r, int err);
int net_fail_errno(lua_State *L, int err);
const char *net_errno_name(int err, char buf[16]);

/* ---- net_address.c ---- */

typedef struct net_addresses {
  int count;
  net_address list[16];
} net_addresses;
/* Looks up where host and service are, until `deadline`. 0; or pushes nil, message, code and
 * returns
 * 3. Raises if interrupted. */
int net_resolve(lua_State *L, const char *host, const char *service, int family, int type,
                bool passive, int64_t deadline, net_addresses *out);
const char *net_check_service(lua_State *L, int arg, char buf[16]);
void net_check_unix(lua_State *L, int arg, net_address *out);
/* A numeric address and port of a family, without any look-up. */
bool net_parse_address(int family, const char *host, lua_Integer port, net_address *out);
/* host, port, family; or path, nil, "unix". Returns 3. */
int net_push_address(lua_State *L, const net_address *a);
int net_check_family(lua_State *L, int options); /* field `family` of the table at `options` */
const char *net_family_name(int family);

/* ---- methods ---- */

int net_read(lua_State *L);
int net_receive(lua_State *L);
int net_write(lua_State *L);
int net_send(lua_State *L);
int net_sendto(lua_State *L);
int net_recvfrom(lua_State *L);
int net_setoption(lua_State *L);
int net_getoption(lua_State *L);
/* Options of an options table that setoption knows are applied. 0 or an errno. */
int net_apply_options(lua_State *L, int options, net_socket *s);

#endif
