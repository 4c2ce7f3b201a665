/* bench_peer.c: the bare processes that `gilt.bench` measures against: the same work without an
 * interpreter and without a lock, on the same machine at the same time.
 *
 *   peer("burn", n)          does chunks of n rounds of arithmetic until stopped
 *   peer("echo")             sends datagrams back; peer.port() says to which port they go
 *   peer("sleep", count, ns) sleeps `count` times for ns nanoseconds
 *   peer:port()
 *   peer:stop() -> { chunks, seconds, longest } : of "burn": how many, for how long, and the
 * longest time from one chunk to the next, in seconds. It is gone afterwards. peer:wait() -> of
 * "sleep": a sorted list of how many ns each sleep was late
 *
 * Like the client of lib_bench.c each is a fork that runs no Lua and allocates nothing. */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PEER_TYPE  "gilt.bench.peer"
#define SLEEPS_MAX 1000000
#define SECOND_NS  UINT64_C(1000000000)

/* Shared with the child, which writes it. */
struct shared {
  _Atomic uint64_t chunks, longest_ns,
      last_ns;            /* relaxed: read after the child is gone, or roughly */
  _Atomic uint64_t count; /* of `late` */
  uint64_t late[];
};

struct peer {
  rt_thread *owner; /* no other thread may use it */
  pid_t pid;
  int port;
  uint64_t start_ns;
  struct shared *shared;
  size_t bytes;
};

static uint64_t load(_Atomic uint64_t *p) { return atomic_load_explicit(p, memory_order_relaxed); }
static void store(_Atomic uint64_t *p, uint64_t v) {
  atomic_store_explicit(p, v, memory_order_relaxed);
}

_Noreturn static void child_burn(struct shared *s, uint64_t n) {
  uint64_t last = rt_now_ns();
  for (;;) {
    bench_rounds(n);
    uint64_t now = rt_now_ns();
    if (now - last > load(&s->longest_ns)) store(&s->longest_ns, now - last);
    last = now;
    store(&s->last_ns, now);
    store(&s->chunks, load(&s->chunks) + 1);
  }
}

_Noreturn static void child_echo(int fd) {
  char buf[64];
  for (;;) {
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t n = recvfrom(fd, buf, sizeof buf, 0, (struct sockaddr *)&from, &size);
    if (n >= 0) sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from, size);
  }
}

_Noreturn static void child_sleep(struct shared *s, uint64_t count, uint64_t ns) {
  for (uint64_t i = 0; i < count; i++) {
    uint64_t due = rt_now_ns() + ns;
    struct timespec until = {.tv_sec = (time_t)(due / SECOND_NS),
                             .tv_nsec = (long)(due % SECOND_NS)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) continue;
    uint64_t now = rt_now_ns();
    s->late[i] = now > due ? now - due : 0;
    store(&s->count, i + 1);
  }
  _exit(0);
}

static void end_peer(struct peer *p) {
  if (p->pid > 0) {
    kill(p->pid, SIGKILL);
    while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR) continue;
  }
  p->pid = 0;
  if (p->shared != NULL) munmap(p->shared, p->bytes);
  p->shared = NULL;
}

static int open_echo(lua_State *L, int *port_out) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  socklen_t size = sizeof at;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
      getsockname(fd, (struct sockaddr *)&at, &size) != 0) {
    int err = errno;
    if (fd >= 0) close(fd);
    return luaL_error(L, "cannot open a socket: %s", strerror(err));
  }
  *port_out = ntohs(at.sin_port);
  return fd;
}

int bench_peer(lua_State *L) {
  static const char *const kinds[] = {"burn", "echo", "sleep", NULL};
  int kind = luaL_checkoption(L, 1, NULL, kinds);
  lua_Integer n = kind == 1 ? 1 : luaL_checkinteger(L, 2), ns = luaL_optinteger(L, 3, 1000000);
  luaL_argcheck(L, n > 0 && (kind != 2 || n <= SLEEPS_MAX), 2, "out of range");
  luaL_argcheck(L, ns > 0, 3, "positive number expected");
  struct peer *p = lua_newuserdatauv(L, sizeof *p, 0);
  memset(p, 0, sizeof *p);
  p->owner = rt_self();
  luaL_setmetatable(L, PEER_TYPE);
  p->bytes = sizeof *p->shared + (kind == 2 ? (size_t)n * sizeof(uint64_t) : 0);
  void *memory = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return luaL_error(L, "no memory for a peer: %s", strerror(errno));
  p->shared = memory;
  int fd = kind == 1 ? open_echo(L, &p->port) : -1;
  p->start_ns = rt_now_ns();
  p->pid = fork();
  if (p->pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (kind == 0) child_burn(p->shared, (uint64_t)n);
    if (kind == 1) child_echo(fd);
    child_sleep(p->shared, (uint64_t)n, (uint64_t)ns);
  }
  int err = errno;
  if (fd >= 0) close(fd);
  if (p->pid < 0) return luaL_error(L, "cannot start a peer: %s", strerror(err));
  return 1;
}

static struct peer *check_peer(lua_State *L) {
  struct peer *p = luaL_checkudata(L, 1, PEER_TYPE);
  if (p->owner != rt_self()) luaL_error(L, "the peer belongs to the thread that started it");
  if (p->shared == NULL) luaL_error(L, "the peer is gone");
  return p;
}

static int peer_port(lua_State *L) {
  lua_pushinteger(L, check_peer(L)->port);
  return 1;
}

static int peer_stop(lua_State *L) {
  struct peer *p = check_peer(L);
  uint64_t now = rt_now_ns(), last = load(&p->shared->last_ns);
  uint64_t longest = load(&p->shared->longest_ns);
  if (last != 0 && now > last && now - last > longest) longest = now - last;
  lua_createtable(L, 0, 3);
  lua_pushinteger(L, (lua_Integer)load(&p->shared->chunks));
  lua_setfield(L, -2, "chunks");
  lua_pushnumber(L, (lua_Number)(now - p->start_ns) / 1e9);
  lua_setfield(L, -2, "seconds");
  lua_pushnumber(L, (lua_Number)longest / 1e9);
  lua_setfield(L, -2, "longest");
  end_peer(p);
  return 1;
}

static int by_size(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static int peer_wait(lua_State *L) {
  struct peer *p = check_peer(L);
  if (!bench_reap(rt_self(), p->pid)) return rt_raise_interrupt(L, rt_self());
  p->pid = 0;
  size_t n = (size_t)load(&p->shared->count);
  qsort(p->shared->late, n, sizeof p->shared->late[0], by_size);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushinteger(L, (lua_Integer)p->shared->late[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  end_peer(p);
  return 1;
}

static int peer_gc(lua_State *L) {
  end_peer(luaL_checkudata(L, 1, PEER_TYPE));
  return 0;
}

void bench_peer_type(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"port", peer_port}, {"stop", peer_stop}, {"wait", peer_wait}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", peer_gc}, {NULL, NULL}};
  luaL_newmetatable(L, PEER_TYPE);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
