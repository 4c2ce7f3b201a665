/* mp_pool.c: the parent's side: start and end of workers, the queue of requests. What arrives from
 * workers is in mp_wait.c. Never runs in a worker, except mp_registry_child; see mp_child.c. */
#include "mp_impl.h"

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

/* Every pool of this process, so that a new worker can close what it inherited of all of them:
 * a copy of the parent's end in a sibling would hide the parent's death. The lock is held over a
 * fork, so the child finds the list whole. It is a leaf, apart from the fork hooks called under it.
 */
static pthread_mutex_t registry_mtx = PTHREAD_MUTEX_INITIALIZER;
static struct mp_pool *registry;

static void close_fd(int *fd) {
  if (*fd >= 0) (void)close(*fd);
  *fd = -1;
}

static void registry_add(mp_pool *pool) {
  (void)pthread_mutex_lock(&registry_mtx);
  pool->registry_next = registry;
  registry = pool;
  (void)pthread_mutex_unlock(&registry_mtx);
}

static void registry_remove(mp_pool *pool) {
  (void)pthread_mutex_lock(&registry_mtx);
  struct mp_pool **at = &registry;
  while (*at != NULL && *at != pool) at = &(*at)->registry_next;
  if (*at == pool) *at = pool->registry_next;
  (void)pthread_mutex_unlock(&registry_mtx);
}

/* The child owns none of these pools. It closes, and writes nothing to their memory, each page of
 * which it would have to copy first; mp_pool_destroy sees by `owner` that the numbers are not its
 * own. */
void mp_registry_child(void) {
  for (const struct mp_pool *pool = registry; pool != NULL; pool = pool->registry_next) {
    for (int i = 0; i < pool->opt.workers; i++) {
      if (pool->peers[i].sock >= 0) (void)close(pool->peers[i].sock);
      if (pool->peers[i].pidfd >= 0) (void)close(pool->peers[i].pidfd);
    }
  }
  registry = NULL;
  (void)pthread_mutex_unlock(&registry_mtx);
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
                                unsigned handled) {
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
                                 .handled = handled};
  mp_child_run(&setup, &self);
}

static void reset_slot(mp_pool *pool, struct mp_peer *peer) {
  struct mp_slot *slot = &pool->shared->slots[peer->number - 1];
  atomic_store_explicit(&slot->task, 0,
                        memory_order_relaxed); /* no worker yet: the fork orders it */
  atomic_store_explicit(&slot->outbox_used, 0, memory_order_relaxed);
  atomic_store_explicit(&slot->finished, 0, memory_order_relaxed);
}

int mp_peer_start(mp_pool *pool, struct mp_peer *peer) {
  int pair[2];
  if (mp_os_socketpair(pair) != GILT_OK) return GILT_ESYS;
  int number = peer->number;
  *peer = (struct mp_peer){.number = number, .sock = pair[0], .pidfd = -1};
  reset_slot(pool, peer);

  const mp_fork_hooks *hooks = &pool->opt.hooks;
  sigset_t all, mask;
  unsigned handled = handled_signals();
  (void)sigfillset(&all);
  (void)fflush(NULL); /* what is buffered would be written by every worker */
  (void)pthread_mutex_lock(&registry_mtx);
  (void)pthread_sigmask(SIG_SETMASK, &all, &mask); /* no handler of ours runs in the child */
  if (hooks->prepare != NULL) hooks->prepare(hooks->arg);
  pid_t pid = mp_os.fork();
  if (pid == 0) run_child(pool, peer, pair[1], &mask, handled);
  int saved = errno;
  if (hooks->parent != NULL) hooks->parent(hooks->arg);
  (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
  (void)pthread_mutex_unlock(&registry_mtx);
  close_fd(&pair[1]);

  if (pid < 0) {
    close_fd(&peer->sock);
    errno = saved;
    return GILT_ESYS;
  }
  if (pool->opt.group == MP_GROUP_OWN) (void)setpgid(pid, pid);
  peer->pid = pid;
  peer->pidfd = mp_os.pidfd_open(pid);
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

/* The memory of the last small pool is kept for the next one: making it anew costs a sixth of a
 * fork. It belongs to this process only, so a child that inherits the pointer must not use it. */
static struct {
  void *at;
  size_t bytes;
  pid_t owner;
} spare; /* under registry_mtx */

static void *take_spare(size_t bytes, pid_t owner) {
  void *at = NULL;
  (void)pthread_mutex_lock(&registry_mtx);
  if (spare.at != NULL && spare.bytes == bytes && spare.owner == owner) {
    at = spare.at;
    spare.at = NULL;
  }
  (void)pthread_mutex_unlock(&registry_mtx);
  return at;
}

static int map_shared(mp_pool *pool) {
  pool->shared_bytes = mp_shared_bytes(pool->opt.workers, pool->opt.outbox_bytes);
  pool->shared = take_spare(pool->shared_bytes, pool->owner);
  if (pool->shared == NULL) pool->shared = mp_os_map_shared(pool->shared_bytes);
  if (pool->shared == NULL) return GILT_ENOMEM;
  atomic_store_explicit(&pool->shared->next, 1, memory_order_relaxed); /* before any fork */
  return GILT_OK;
}

static void unmap_shared(mp_pool *pool) {
  void *at = pool->shared;
  size_t bytes = pool->shared_bytes;
  if (pool->owner == getpid() && bytes <= SPARE_MAX) {
    (void)pthread_mutex_lock(&registry_mtx);
    void *old = spare.owner == pool->owner ? spare.at : NULL;
    size_t old_bytes = spare.bytes;
    spare.at = at;
    spare.bytes = bytes;
    spare.owner = pool->owner;
    (void)pthread_mutex_unlock(&registry_mtx);
    at = old;
    bytes = old_bytes;
  }
  if (at != NULL) mp_os_unmap(at, bytes);
}

static void start_clock(mp_pool *pool) {
  pool->released = true;
  if (pool->opt.pool_timeout_ns > 0) pool->deadline_ns = mp_os_now_ns() + pool->opt.pool_timeout_ns;
}

int mp_pool_create(const mp_pool_options *opt, mp_pool **pool_out) {
  int rc = check_options(opt);
  if (rc != GILT_OK) return rc;
  /* One block: the fewer pages the parent writes to right after a fork, the fewer it must copy. */
  size_t n = (size_t)opt->workers;
  mp_pool *pool =
      calloc(1, sizeof *pool + n * sizeof *pool->peers + (2 * n + 1) * sizeof *pool->poll);
  if (pool == NULL) return GILT_ENOMEM;
  set_options(pool, opt);
  pool->peers = (struct mp_peer *)(pool + 1);
  pool->poll = (struct pollfd *)(pool->peers + n);
  if ((rc = map_shared(pool)) != GILT_OK) goto free_pool;
  for (int i = 0; i < opt->workers; i++)
    pool->peers[i] = (struct mp_peer){.number = i + 1, .sock = -1, .pidfd = -1};
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
free_pool:
  free(pool);
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
  if (pool->owner == getpid()) {
    end_workers(pool);
    registry_remove(pool);
  }
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_peer *peer = &pool->peers[i];
    if (pool->owner == getpid()) { /* in a child they were closed after the fork */
      close_fd(&peer->sock);
      close_fd(&peer->pidfd);
    }
    mp_inbox_fini(&peer->in);
    free(peer->current);
  }
  free_queue(pool->queue_head);
  unmap_shared(pool);
  free(pool);
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
