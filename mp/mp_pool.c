/* mp_pool.c: the parent's side: start and end of workers, the queue of requests. What arrives from
 * workers is in mp_wait.c. Never runs in a worker, except mp_registry_child; see mp_child.c. */
#include "mp_impl.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GRACE_DEFAULT_NS UINT64_C(100000000)
#define OUTBOX_DEFAULT   ((size_t)256 << 10)
#define SPARE_MAX        ((size_t)1 << 20)
#define KILL_PATIENCE_NS                                                                           \
  UINT64_C(10000000000) /* a process in an uninterruptible call outlives SIGKILL */

#define FAR_MAX     64 /* a third descriptor for each worker, in pools that have no more of them */
#define BLOCK_BYTES ((size_t)3840) /* what a page has room for beside the rest of it */

/* All that mp/ writes to between two forks of a process without much in it, on a page of its own:
 * what was written before a fork is copied when it is written to after it, page by page, a
 * microsecond each.
 * The lock is held over a fork, so the child finds the list whole. It is a leaf, apart from the
 * fork hooks called under it. */
static struct {
  alignas(4096) pthread_mutex_t mtx;
  /* Every pool of this process, so that a new worker can close what it inherited of all of them:
   * a copy of the parent's end in a sibling would hide the parent's death. A child finds the
   * pools of its parent here too, and leaves them, so as not to write: `owner` tells. */
  struct mp_pool *pools;
  /* The shared memory of the last small pool, for the next one that fits into it: making it anew
   * costs a sixth of a fork. It belongs to spare_owner only: a child that inherits the address
   * must not use it. */
  void *spare;
  size_t spare_bytes;
  pid_t spare_owner;
  bool block_taken; /* by a pool of few workers */
  alignas(64) unsigned char block[BLOCK_BYTES];
} module = {.mtx = PTHREAD_MUTEX_INITIALIZER};
static_assert(sizeof module == 4096, "one page");

/* Without other threads there is nobody to keep out, and the child has nothing to unlock. True when
 * it was taken. */
static bool module_lock(void) {
  if (mp_os_single_threaded()) return false;
  (void)pthread_mutex_lock(&module.mtx);
  return true;
}

static void module_unlock(bool held) {
  if (held) (void)pthread_mutex_unlock(&module.mtx);
}

/* Forgotten first: a child that another thread forks meanwhile does not close the number. */
static void close_fd(int *fd) {
  int old = *fd;
  *fd = -1;
  if (old >= 0) (void)close(old);
}

static void registry_add(mp_pool *pool) {
  bool held = module_lock();
  pool->registry_next = module.pools;
  module.pools = pool;
  module_unlock(held);
}

static void registry_remove(mp_pool *pool) {
  bool held = module_lock();
  struct mp_pool **at = &module.pools;
  while (*at != NULL && *at != pool) at = &(*at)->registry_next;
  if (*at == pool) *at = pool->registry_next;
  module_unlock(held);
}

/* Are the numbers that a peer has in an inherited pool still what they say? The parent's own are.
 * What it inherited itself it has open if it was simply forked; if it is a worker, it has closed
 * them, and the numbers mean something else by now. */
static bool is_open(const struct mp_pool *pool, const struct mp_peer *peer, pid_t parent) {
  if (peer->sock < 0) return false;
  if (pool->owner == parent) return true;
  return peer->sock_id != 0 && mp_os_socket_id(peer->sock) == peer->sock_id;
}

/* The child owns none of these pools. It closes, and writes nothing to their memory, each page of
 * which it would have to copy first; mp_pool_destroy sees by `owner` that the numbers are not its
 * own. */
void mp_registry_child(pid_t parent, bool held) {
  for (const struct mp_pool *pool = module.pools; pool != NULL; pool = pool->registry_next) {
    for (int i = 0; i < pool->opt.workers; i++) {
      const struct mp_peer *peer = &pool->peers[i];
      if (!is_open(pool, peer, parent)) continue;
      mp_os_close(peer->sock);
      if (peer->far >= 0) mp_os_close(peer->far);
      if (peer->pidfd >= 0) mp_os_close(peer->pidfd);
    }
  }
  module_unlock(held);
}

/* ---- one worker ---- */

const int mp_fatal_signals[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, 0};

/* Which of them have a handler. Asked before the fork: in the child it costs page faults. */
static unsigned handled_signals(void) {
  unsigned handled = 0;
  for (int i = 0; mp_fatal_signals[i] != 0; i++) {
    struct sigaction sa;
    if (sigaction(mp_fatal_signals[i], NULL, &sa) != 0) continue;
    if ((sa.sa_flags & SA_SIGINFO) || (sa.sa_handler != SIG_IGN && sa.sa_handler != SIG_DFL))
      handled |= 1u << i;
  }
  return handled;
}

/* In the child. The parent's half of the pair is in peer->sock and is closed with the registry. */
static _Noreturn void run_child(mp_pool *pool, struct mp_peer *peer, int sock, const sigset_t *mask,
                                unsigned handled, bool held) {
  struct mp_worker self = {.sock = sock,
                           .number = peer->number,
                           .count = pool->opt.workers,
                           .hold = pool->opt.hold,
                           .timed = pool->opt.task_timeout_ns > 0,
                           .tasks = pool->opt.counter_tasks,
                           .shared = pool->shared,
                           .slot = &pool->shared->slots[peer->number - 1]};
  if (self.tasks > 0) {
    self.outbox_room = pool->opt.outbox_bytes;
    self.outbox = mp_shared_outbox(pool->shared, self.count, self.outbox_room, self.number);
  }
  struct mp_child_setup setup = {.main = pool->opt.main,
                                 .arg = pool->opt.arg,
                                 .hooks = &pool->opt.hooks,
                                 .group = pool->opt.group,
                                 .parent = pool->owner,
                                 .mask = mask,
                                 .handled = handled,
                                 .held = held};
  mp_child_run(&setup, &self);
}

static void reset_slot(mp_pool *pool, struct mp_peer *peer) {
  struct mp_slot *slot = &pool->shared->slots[peer->number - 1];
  atomic_store_explicit(&slot->task, 0,
                        memory_order_relaxed); /* no worker yet: the fork orders it */
  atomic_store_explicit(&slot->outbox_used, 0, memory_order_relaxed);
  atomic_store_explicit(&slot->finished, 0, memory_order_relaxed);
}

/* Where descriptors are scarce we go without those that are only good for speed. */
static int open_pair(mp_pool *pool, int pair[2]) {
  int rc = mp_os_socketpair(pair);
  if (rc == GILT_OK || (errno != EMFILE && errno != ENFILE)) return rc;
  for (int i = 0; i < pool->opt.workers; i++) close_fd(&pool->peers[i].far);
  return mp_os_socketpair(pair);
}

int mp_peer_start(mp_pool *pool, struct mp_peer *peer) {
  int pair[2];
  if (open_pair(pool, pair) != GILT_OK) return GILT_ESYS;
  int number = peer->number;
  *peer = (struct mp_peer){.number = number, .sock = pair[0], .far = -1, .pidfd = -1};
  reset_slot(pool, peer);

  const mp_fork_hooks *hooks = &pool->opt.hooks;
  sigset_t all, mask;
  unsigned handled = handled_signals();
  (void)sigfillset(&all);
  (void)fflush(NULL); /* what is buffered would be written by every worker */
  bool held = module_lock();
  (void)pthread_sigmask(SIG_SETMASK, &all, &mask); /* no handler of ours runs in the child */
  if (hooks->prepare != NULL) hooks->prepare(hooks->arg);
  pid_t pid = mp_os.fork();
  if (pid == 0) run_child(pool, peer, pair[1], &mask, handled, held);
  int saved = errno;
  if (hooks->parent != NULL) hooks->parent(hooks->arg);
  (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
  module_unlock(held);

  if (pid < 0) {
    close_fd(&pair[1]);
    close_fd(&peer->sock);
    errno = saved;
    return GILT_ESYS;
  }
  if (pool->opt.group == MP_GROUP_OWN) (void)setpgid(pid, pid);
  peer->pid = pid;
  peer->pidfd = mp_os.pidfd_open(pid);
  /* In counter mode a worker has seldom anything to send. Were its end only its own, we would be
   * woken twice when it exits: for the end of the stream, and a little later for the pidfd. */
  if (pool->opt.counter_tasks > 0 && peer->pidfd >= 0 && pool->opt.workers <= FAR_MAX) {
    peer->far = pair[1];
  } else {
    close_fd(&pair[1]);
  }
  peer->sock_id = mp_os_socket_id(peer->sock);
  peer->state = MP_PEER_LIVE;
  peer->go_wanted = pool->opt.hold && pool->released;
  pool->alive++;
  return GILT_OK;
}

void mp_peer_signal(const mp_pool *pool, const struct mp_peer *peer, int signal) {
  if (peer->state == MP_PEER_NONE) return;
  /* Not reaped, so the number is still its own. */
  if (pool->opt.group == MP_GROUP_OWN && kill(-peer->pid, signal) == 0) return;
  (void)kill(peer->pid, signal);
}

void mp_peer_end(mp_pool *pool, struct mp_peer *peer, enum mp_cause cause, bool at_once) {
  if (peer->state == MP_PEER_NONE || peer->state == MP_PEER_GONE) return;
  if (peer->escalation == 0) peer->cause = cause;
  if (at_once || peer->escalation > 0) {
    peer->escalation = 2;
    peer->escalate_ns = 0;
    mp_peer_signal(pool, peer, SIGKILL);
  } else {
    peer->escalation = 1;
    peer->escalate_ns = mp_os_now_ns() + pool->opt.grace_ns;
    mp_peer_signal(pool, peer, SIGTERM);
  }
}

void mp_peer_close(struct mp_peer *peer) {
  if (peer->sock >= 0 && !peer->closed) (void)shutdown(peer->sock, SHUT_WR);
  peer->closed = true;
}

void mp_peer_check(struct mp_peer *peer) {
  if (peer->state != MP_PEER_LIVE && peer->state != MP_PEER_HUNG_UP) return;
  if (mp_os_peek(peer->pid) != MP_CHILD_RUNS) peer->state = MP_PEER_GONE;
}

void mp_peer_reap(mp_pool *pool, struct mp_peer *peer, struct mp_wait_status *out) {
  /* While the leader is a zombie the group's number cannot belong to anyone else. */
  if (pool->opt.group == MP_GROUP_OWN) (void)kill(-peer->pid, SIGKILL);
  (void)mp_os_reap(peer->pid, out);
  close_fd(&peer->sock);
  close_fd(&peer->far);
  close_fd(&peer->pidfd);
  mp_inbox_fini(&peer->in);
  peer->state = MP_PEER_NONE;
  peer->pid = 0;
  pool->alive--;
}

/* ---- the pool ---- */

static int check_options(const mp_pool_options *opt) {
  bool fits = opt != NULL && opt->main != NULL && opt->workers >= 1 &&
              opt->workers <= MP_WORKERS_MAX && opt->outbox_bytes <= (SIZE_MAX >> 14);
  return fits ? GILT_OK : GILT_EINVAL;
}

static void set_options(mp_pool *pool, const mp_pool_options *opt) {
  pool->opt = *opt;
  if (opt->grace_ns == 0) pool->opt.grace_ns = GRACE_DEFAULT_NS;
  if (opt->frame_max == 0) pool->opt.frame_max = MP_FRAME_MAX_DEFAULT;
  if (opt->counter_tasks == 0) {
    pool->opt.outbox_bytes = 0;
  } else if (opt->outbox_bytes == 0) {
    pool->opt.outbox_bytes = OUTBOX_DEFAULT;
  }
  pool->opt.outbox_bytes = (pool->opt.outbox_bytes + 63) & ~(size_t)63; /* slots keep their line */
  pool->restarts_left = opt->restarts;
  pool->owner = getpid();
  pool->wake_fd = -1;
}

static bool take_spare(mp_pool *pool) {
  bool held = module_lock();
  bool fits = module.spare != NULL && module.spare_bytes >= pool->shared_bytes &&
              module.spare_owner == pool->owner;
  if (fits) {
    pool->shared = module.spare;
    pool->shared_bytes = module.spare_bytes;
    module.spare = NULL;
  }
  module_unlock(held);
  return fits;
}

static int map_shared(mp_pool *pool) {
  pool->shared_bytes = mp_shared_bytes(pool->opt.workers, pool->opt.outbox_bytes);
  if (!take_spare(pool)) pool->shared = mp_os_map_shared(pool->shared_bytes);
  if (pool->shared == NULL) return GILT_ENOMEM;
  atomic_store_explicit(&pool->shared->next, 1, memory_order_relaxed); /* before any fork */
  return GILT_OK;
}

static void unmap_shared(mp_pool *pool, bool ours) {
  void *at = pool->shared;
  size_t bytes = pool->shared_bytes;
  if (ours && bytes <= SPARE_MAX) {
    bool held = module_lock();
    void *old = module.spare_owner == pool->owner ? module.spare : NULL;
    size_t old_bytes = module.spare_bytes;
    if (old == NULL || old_bytes < bytes) { /* the larger one fits more often */
      module.spare = at;
      module.spare_bytes = bytes;
      module.spare_owner = pool->owner;
      at = old;
      bytes = old_bytes;
    }
    module_unlock(held);
  }
  if (at != NULL) mp_os_unmap(at, bytes);
}

static void start_clock(mp_pool *pool) {
  pool->released = true;
  if (pool->opt.pool_timeout_ns > 0) pool->deadline_ns = mp_os_now_ns() + pool->opt.pool_timeout_ns;
}

/* All bytes 0. Owned by the caller, who gives it back with free_pool. */
static mp_pool *alloc_pool(size_t workers) {
  mp_pool *pool = NULL;
  size_t bytes =
      sizeof *pool + workers * sizeof *pool->peers + (2 * workers + 1) * sizeof *pool->poll;
  bool held = module_lock();
  if (bytes <= BLOCK_BYTES && !module.block_taken) {
    module.block_taken = true;
    pool = (mp_pool *)(void *)module.block;
  }
  module_unlock(held);
  if (pool == NULL) pool = malloc(bytes);
  if (pool != NULL) memset(pool, 0, bytes);
  return pool;
}

static void free_pool(mp_pool *pool) {
  if (pool != (mp_pool *)(void *)module.block) {
    free(pool);
    return;
  }
  bool held = module_lock();
  module.block_taken = false;
  module_unlock(held);
}

int mp_pool_create(const mp_pool_options *opt, mp_pool **pool_out) {
  int rc = check_options(opt);
  if (rc != GILT_OK) return rc;
  /* One block: the fewer pages the parent writes to right after a fork, the fewer it must copy. */
  size_t n = (size_t)opt->workers;
  mp_pool *pool = alloc_pool(n);
  if (pool == NULL) return GILT_ENOMEM;
  set_options(pool, opt);
  pool->peers = (struct mp_peer *)(pool + 1);
  pool->poll = (struct pollfd *)(pool->peers + n);
  if ((rc = map_shared(pool)) != GILT_OK) goto free_memory;
  for (int i = 0; i < opt->workers; i++)
    pool->peers[i] = (struct mp_peer){.number = i + 1, .sock = -1, .far = -1, .pidfd = -1};
  registry_add(pool);
  for (int i = 0; i < opt->workers; i++) {
    if ((rc = mp_peer_start(pool, &pool->peers[i])) != GILT_OK) goto end_workers;
  }
  if (!opt->hold) start_clock(pool);
  *pool_out = pool;
  return GILT_OK;

end_workers:;
  int saved = errno;
  mp_pool_kill(pool); /* they have not begun anything: no grace */
  mp_pool_destroy(pool);
  errno = saved;
  return rc;
free_memory:
  free_pool(pool);
  return rc;
}

/* Waits until every worker has ended or the time is up. Reads nothing from them. */
static bool await_ends(mp_pool *pool, uint64_t patience_ns) {
  uint64_t deadline = mp_os_now_ns() + patience_ns;
  for (;;) {
    nfds_t count = 0;
    int running = 0;
    uint64_t now = mp_os_now_ns();
    for (int i = 0; i < pool->opt.workers; i++) {
      struct mp_peer *peer = &pool->peers[i];
      mp_peer_check(peer);
      if (peer->state == MP_PEER_NONE || peer->state == MP_PEER_GONE) continue;
      running++;
      if (peer->pidfd >= 0)
        pool->poll[count++] = (struct pollfd){.fd = peer->pidfd, .events = POLLIN};
    }
    if (running == 0) return true;
    if (now >= deadline) return false;
    uint64_t left_ms = (deadline - now) / 1000000 + 1;
    /* One without a pidfd must be asked. */
    if ((int)count < running && left_ms > 5) left_ms = 5;
    (void)poll(pool->poll, count, left_ms > 1000 ? 1000 : (int)left_ms);
  }
}

static void end_workers(mp_pool *pool) {
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_peer *peer = &pool->peers[i];
    if (peer->sock >= 0)
      (void)shutdown(peer->sock, SHUT_RDWR); /* a writer gets EPIPE, a reader EOF */
  }
  bool killed = true;
  for (int i = 0; i < pool->opt.workers; i++)
    killed = killed && (pool->peers[i].state == MP_PEER_NONE || pool->peers[i].escalation == 2);
  if (!killed && !await_ends(pool, pool->opt.grace_ns)) {
    mp_pool_signal(pool, SIGTERM);
    (void)await_ends(pool, pool->opt.grace_ns);
  }
  mp_pool_signal(pool, SIGKILL);
  (void)await_ends(pool, KILL_PATIENCE_NS);
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_wait_status ignored;
    if (pool->peers[i].state == MP_PEER_GONE) mp_peer_reap(pool, &pool->peers[i], &ignored);
  }
}

static void free_queue(struct mp_request *head) {
  while (head != NULL) {
    struct mp_request *next = head->next;
    free(head);
    head = next;
  }
}

void mp_pool_destroy(mp_pool *pool) {
  if (pool == NULL) return;
  bool ours = pool->owner == getpid();
  if (ours && pool->alive > 0) end_workers(pool);
  registry_remove(pool);
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_peer *peer = &pool->peers[i];
    if (ours) { /* in a child they were closed after the fork */
      close_fd(&peer->sock);
      close_fd(&peer->far);
      close_fd(&peer->pidfd);
    }
    mp_inbox_fini(&peer->in);
    free(peer->current);
  }
  free_queue(pool->queue_head);
  unmap_shared(pool, ours);
  free_pool(pool);
}

int mp_pool_submit(mp_pool *pool, uint64_t task, const void *data, size_t len) {
  if (task == 0 || pool->opt.counter_tasks > 0) return GILT_EINVAL;
  if (pool->closing) return GILT_ECLOSED;
  if (len > SIZE_MAX - sizeof(struct mp_request)) return GILT_ENOMEM;
  struct mp_request *req = malloc(sizeof *req + len);
  if (req == NULL) return GILT_ENOMEM;
  req->next = NULL;
  req->head =
      (struct mp_header){.magic = MP_MAGIC, .kind = MP_FRAME_TASK, .task = task, .len = len};
  if (len > 0) memcpy(req->payload, data, len);
  if (pool->queue_tail != NULL) {
    pool->queue_tail->next = req;
  } else {
    pool->queue_head = req;
  }
  pool->queue_tail = req;
  return GILT_OK;
}

void mp_pool_release(mp_pool *pool) {
  if (pool->released) return;
  start_clock(pool);
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_peer *peer = &pool->peers[i];
    if (peer->state == MP_PEER_NONE) continue;
    struct mp_header go = {.magic = MP_MAGIC, .kind = MP_FRAME_GO};
    /* An empty socket takes a header whole; the wait loop sends it where this one did not. */
    peer->go_wanted = send(peer->sock, &go, sizeof go, MSG_NOSIGNAL | MSG_DONTWAIT) < 0;
  }
}

void mp_pool_close(mp_pool *pool) {
  pool->closing = true;
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_peer *peer = &pool->peers[i];
    bool idle = peer->current == NULL && pool->queue_head == NULL && !peer->go_wanted;
    if (peer->state == MP_PEER_LIVE && idle) mp_peer_close(peer);
  }
}

void mp_pool_cancel(mp_pool *pool) {
  atomic_store_explicit(&pool->shared->next, MP_NEXT_NONE, memory_order_relaxed);
  free_queue(pool->queue_head);
  pool->queue_head = pool->queue_tail = NULL;
}

void mp_pool_signal(mp_pool *pool, int signal) {
  for (int i = 0; i < pool->opt.workers; i++) mp_peer_signal(pool, &pool->peers[i], signal);
}

void mp_pool_kill(mp_pool *pool) {
  for (int i = 0; i < pool->opt.workers; i++)
    mp_peer_end(pool, &pool->peers[i], MP_CAUSE_STOPPED, true);
}

void mp_pool_set_wake_fd(mp_pool *pool, int fd) { pool->wake_fd = fd; }

int mp_pool_alive(const mp_pool *pool) { return pool->alive; }

int mp_pool_pid(const mp_pool *pool, int worker) { return (int)pool->peers[worker - 1].pid; }

uint64_t mp_pool_task(const mp_pool *pool, int worker) {
  return atomic_load_explicit(&pool->shared->slots[worker - 1].task,
                              memory_order_acquire); /* [task] */
}

uint64_t mp_pool_tasks_started(const mp_pool *pool) {
  uint64_t next = atomic_load_explicit(&pool->shared->next, memory_order_relaxed);
  uint64_t tasks = pool->opt.counter_tasks;
  return next > tasks ? tasks : next - 1;
}

const char *mp_cause_name(enum mp_cause cause) {
  switch (cause) {
  case MP_CAUSE_OWN: return "own";
  case MP_CAUSE_TASK_TIMEOUT: return "task timeout";
  case MP_CAUSE_POOL_TIMEOUT: return "pool timeout";
  case MP_CAUSE_PROTOCOL: return "protocol";
  case MP_CAUSE_STOPPED: return "stopped";
  }
  return "unknown";
}
