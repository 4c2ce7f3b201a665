/* lib_bench.c: `require "gilt.bench"`: what `gilt gil-bench` needs in C.
 *
 *   work(n)            n rounds of arithmetic in C with the lock held
 *   work_released(n)   the same with the lock given up, as around a foreign call
 *   core_stats()       the core's counters by name (gilt_core.h), nil on a core without
 *   client(port, rate, seconds)  starts a process that sends datagrams to 127.0.0.1:port and
 * measures when they come back. rate > 0: so many per second whatever happens (open loop); 0: the
 * next when the last is back (closed loop). client:wait() -> { sent, answered, seconds, raw,
 *     corrected }; raw and corrected are sorted lists of nanoseconds: from when a datagram was
 * sent, and from when it should have been, so that a stall counts for all that it delays
 * (coordinated omission).
 *   peer(...)          see bench_peer.c
 *
 * The client is a fork that runs no Lua, allocates nothing and writes into memory that it shares
 * with us. */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLIENT_TYPE "gilt.bench.client"
#define SAMPLES_MAX 2000000
#define PATIENCE_NS UINT64_C(1000000000)
#define SECOND_NS   UINT64_C(1000000000)

uint64_t bench_rounds(uint64_t n) {
  uint64_t x = 88172645463325252u;
  for (uint64_t i = 0; i < n; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  return x;
}

static int bench_work(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)bench_rounds((uint64_t)luaL_checkinteger(L, 1)));
  return 1;
}

static int bench_core_stats(lua_State *L) {
  rt_push_core_stats(L);
  return 1;
}

static int bench_work_released(lua_State *L) {
  rt_thread *t = rt_self();
  uint64_t n = (uint64_t)luaL_checkinteger(L, 1);
  rt_release(t);
  uint64_t x = bench_rounds(n);
  rt_acquire(t);
  lua_pushinteger(L, (lua_Integer)x);
  return 1;
}

/* ---- the client: everything here runs in the child ---- */

struct results {
  uint64_t sent, answered, elapsed_ns;
  int error;
  struct sample {
    uint64_t due, sent_at, back_at;
  } sample[];
};

struct client {
  pid_t pid;                         /* constant once it runs; 0: ended */
  _Atomic(struct results *) results; /* NULL: taken by who waits, or gone */
  size_t bytes;
};

struct child {
  struct results *r;
  int fd;
  uint64_t start, period, max, end;
};

static void child_send(struct child *c, uint64_t due) {
  struct sample *s = &c->r->sample[c->r->sent];
  uint64_t number = c->r->sent++;
  s->due = due;
  s->back_at = 0;
  s->sent_at = rt_now_ns();
  if (send(c->fd, &number, sizeof number, MSG_NOSIGNAL) < 0) c->r->error = errno;
}

/* Takes what is back until `until` has come. True: something was. */
static bool child_receive(struct child *c, uint64_t until) {
  uint64_t now = rt_now_ns(), number;
  uint64_t left = until > now ? until - now : 0;
  struct timespec timeout = {.tv_sec = (time_t)(left / SECOND_NS),
                             .tv_nsec = (long)(left % SECOND_NS)};
  struct pollfd p = {.fd = c->fd, .events = POLLIN};
  if (ppoll(&p, 1, &timeout, NULL) <= 0) return false;
  ssize_t n = recv(c->fd, &number, sizeof number, MSG_DONTWAIT);
  if (n < 0 && errno == ECONNREFUSED) c->r->error = errno;
  if (n != (ssize_t)sizeof number || number >= c->r->sent) return n >= 0;
  struct sample *s = &c->r->sample[number];
  if (s->back_at == 0) {
    s->back_at = rt_now_ns();
    c->r->answered++;
  }
  return true;
}

static void child_open_loop(struct child *c) {
  for (uint64_t i = 0; i < c->max && c->r->error == 0; i++) {
    uint64_t due = c->start + i * c->period;
    while (rt_now_ns() < due && c->r->error == 0) child_receive(c, due);
    child_send(c, due);
  }
  uint64_t until = rt_now_ns() + PATIENCE_NS;
  while (c->r->answered < c->r->sent && rt_now_ns() < until && c->r->error == 0)
    child_receive(c, until);
}

static void child_closed_loop(struct child *c) {
  while (c->r->sent < c->max && rt_now_ns() < c->end && c->r->error == 0) {
    uint64_t back = c->r->answered;
    child_send(c, rt_now_ns());
    uint64_t until = rt_now_ns() + PATIENCE_NS;
    while (c->r->answered == back && rt_now_ns() < until && c->r->error == 0)
      child_receive(c, until);
  }
}

_Noreturn static void child_main(struct child *c, int port, bool open_loop, uint64_t span) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1UL);
  c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0) {
    c->r->error = errno;
    _exit(1);
  }
  c->start = rt_now_ns() + UINT64_C(2000000);
  c->end = c->start + span;
  if (open_loop)
    child_open_loop(c);
  else
    child_closed_loop(c);
  c->r->elapsed_ns = rt_now_ns() - c->start;
  _exit(0);
}

/* ---- the parent's side ---- */

static int bench_client(lua_State *L) {
  int port = (int)luaL_checkinteger(L, 1);
  lua_Number rate = luaL_checknumber(L, 2), seconds = luaL_checknumber(L, 3);
  luaL_argcheck(L, rate >= 0 && rate <= 1e5, 2, "0 to 100000 expected");
  luaL_argcheck(L, seconds > 0 && seconds <= 600, 3, "0 to 600 s expected");
  uint64_t max = rate > 0 ? (uint64_t)(rate * seconds) + 1 : SAMPLES_MAX;
  struct client *c = lua_newuserdatauv(L, sizeof *c, 0);
  memset(c, 0, sizeof *c);
  luaL_setmetatable(L, CLIENT_TYPE);
  c->bytes = sizeof *c->results + max * sizeof *c->results->sample;
  void *memory = mmap(NULL, c->bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return luaL_error(L, "no memory for the client: %s", strerror(errno));
  c->results = memory;
  struct child child = {
      .r = c->results, .max = max, .period = rate > 0 ? (uint64_t)(1e9 / rate) : 0};
  c->pid = fork();
  if (c->pid == 0) child_main(&child, port, rate > 0, (uint64_t)(seconds * 1e9));
  if (c->pid < 0) return luaL_error(L, "cannot start the client: %s", strerror(errno));
  return 1;
}

/* Whoever takes the results has the client, its pid included. */
static struct results *take(struct client *c) {
  return atomic_exchange_explicit(&c->results, NULL, memory_order_acq_rel);
}

static void end_client(struct client *c) {
  struct results *r = take(c);
  if (r == NULL) return;
  if (c->pid > 0) {
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) continue;
  }
  munmap(r, c->bytes);
}

static int client_gc(lua_State *L) {
  end_client(luaL_checkudata(L, 1, CLIENT_TYPE));
  return 0;
}

static int by_size(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Latencies of what came back, sorted; what did not is missing (sent - answered). */
static void push_latencies(lua_State *L, const struct results *r, bool corrected) {
  lua_createtable(L, (int)r->answered, 0);
  uint64_t *v = lua_newuserdatauv(L, (r->answered + 1) * sizeof *v, 0);
  size_t n = 0;
  for (uint64_t i = 0; i < r->sent && n < r->answered; i++) {
    const struct sample *s = &r->sample[i];
    if (s->back_at != 0) v[n++] = s->back_at - (corrected ? s->due : s->sent_at);
  }
  qsort(v, n, sizeof *v, by_size);
  for (size_t i = 0; i < n; i++) {
    lua_pushinteger(L, (lua_Integer)v[i]);
    lua_rawseti(L, -3, (lua_Integer)i + 1);
  }
  lua_pop(L, 1);
}

/* False: interrupted, and the process was not waited for. */
bool bench_reap(rt_thread *t, pid_t pid) {
  pid_t got;
  do {
    rt_block_begin(t, GIL_BLOCKED_IO);
    got = waitpid(pid, NULL, 0);
    rt_block_end(t);
    if (got != pid && rt_interrupted(t)) return false; /* else it is raised a little later */
  } while (got < 0 && errno == EINTR);
  return true;
}

/* The client as this call's own, on the stack: another thread that waits for it finds it taken. */
static struct client *take_over(lua_State *L, struct client *from) {
  struct client *c = lua_newuserdatauv(L, sizeof *c, 0);
  memset(c, 0, sizeof *c);
  luaL_setmetatable(L, CLIENT_TYPE);
  struct results *r = from->pid > 0 ? take(from) : NULL;
  if (r == NULL) luaL_error(L, "the client has been waited for");
  c->pid = from->pid;
  c->bytes = from->bytes;
  atomic_init(&c->results, r);
  return c;
}

static int client_wait(lua_State *L) {
  struct client *all = luaL_checkudata(L, 1, CLIENT_TYPE), *c = take_over(L, all);
  rt_thread *t = rt_self();
  if (!bench_reap(t, c->pid)) { /* it may be waited for once more */
    atomic_store_explicit(&all->results, take(c), memory_order_release);
    return rt_raise_interrupt(L, t);
  }
  c->pid = 0;
  const struct results *r = c->results;
  if (r->error != 0) return luaL_error(L, "the client failed: %s", strerror(r->error));
  lua_createtable(L, 0, 5);
  lua_pushinteger(L, (lua_Integer)r->sent);
  lua_setfield(L, -2, "sent");
  lua_pushinteger(L, (lua_Integer)r->answered);
  lua_setfield(L, -2, "answered");
  lua_pushnumber(L, (lua_Number)r->elapsed_ns / 1e9);
  lua_setfield(L, -2, "seconds");
  push_latencies(L, r, false);
  lua_setfield(L, -2, "raw");
  push_latencies(L, r, true);
  lua_setfield(L, -2, "corrected");
  end_client(c);
  return 1;
}

int luaopen_gilt_bench(lua_State *L) {
  static const luaL_Reg functions[] = {{"work", bench_work},
                                       {"work_released", bench_work_released},
                                       {"client", bench_client},
                                       {"peer", bench_peer},
                                       {"core_stats", bench_core_stats},
                                       {NULL, NULL}};
  static const luaL_Reg methods[] = {{"wait", client_wait}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", client_gc}, {NULL, NULL}};
  luaL_newmetatable(L, CLIENT_TYPE);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  bench_peer_type(L);
  luaL_newlib(L, functions);
  return 1;
}
