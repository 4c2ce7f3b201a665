/* mp_wait.c: the parent's side: hands requests out, and turns what workers send, and how they end,
 * into events. Nothing here blocks except poll. */
#include "mp_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define NEVER  UINT64_MAX
#define ASK_NS UINT64_C(5000000) /* how often a worker without a pidfd is asked for */
#define HUNG_UP_NS                                                                                 \
  UINT64_C(1000000000) /* a worker that closed its socket has that long to exit                    \
                        */
#define NS_PER_MS   UINT64_C(1000000)
#define POLL_MS_MAX UINT64_C(60000)

static struct mp_slot *slot_of(mp_pool *pool, const struct mp_peer *peer) {
  return &pool->shared->slots[peer->number - 1];
}

/* ---- hand out ---- */

static bool can_take(const mp_pool *pool, const struct mp_peer *peer) {
  return peer->state == MP_PEER_LIVE && peer->current == NULL && peer->escalation == 0 &&
         !peer->closed && (pool->released || !pool->opt.hold);
}

/* Sends what is under way to a worker, as far as the socket takes it. */
static void send_some(struct mp_peer *peer) {
  while (peer->go_wanted || (peer->current != NULL &&
                             peer->sent < sizeof(struct mp_header) + peer->current->head.len)) {
    struct mp_header go = {.magic = MP_MAGIC, .kind = MP_FRAME_GO};
    const struct mp_header *head = peer->go_wanted ? &go : &peer->current->head;
    union {
      const void *in;
      void *out;
    } at;
    struct iovec iov[2];
    struct msghdr msg = {.msg_iov = iov};
    if (peer->sent < sizeof *head) {
      at.in = (const char *)head + peer->sent;
      iov[msg.msg_iovlen++] = (struct iovec){at.out, sizeof *head - peer->sent};
    }
    if (!peer->go_wanted && head->len > 0) {
      size_t skip = peer->sent > sizeof *head ? peer->sent - sizeof *head : 0;
      at.in = peer->current->payload + skip;
      iov[msg.msg_iovlen++] = (struct iovec){at.out, (size_t)head->len - skip};
    }
    ssize_t n = sendmsg(peer->sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return; /* full: POLLOUT comes. Broken: its end is noticed soon */
    peer->sent += (size_t)n;
    if (peer->go_wanted && peer->sent == sizeof *head) {
      peer->go_wanted = false;
      peer->sent = 0;
    }
  }
}

static bool sending(const struct mp_peer *peer) {
  return peer->state == MP_PEER_LIVE &&
         (peer->go_wanted || (peer->current != NULL &&
                              peer->sent < sizeof(struct mp_header) + peer->current->head.len));
}

static void dispatch(mp_pool *pool) {
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_peer *peer = &pool->peers[i];
    if (pool->queue_head != NULL && can_take(pool, peer)) {
      peer->current = pool->queue_head;
      pool->queue_head = peer->current->next;
      if (pool->queue_head == NULL) pool->queue_tail = NULL;
      peer->current->next = NULL;
      peer->assigned_ns = mp_os_now_ns();
      if (!peer->go_wanted) peer->sent = 0;
    }
    if (sending(peer)) send_some(peer);
    if (pool->closing && pool->queue_head == NULL && can_take(pool, peer) && !peer->go_wanted)
      mp_peer_close(peer);
  }
}

static void requeue_first(mp_pool *pool, struct mp_request *req) {
  req->next = pool->queue_head;
  pool->queue_head = req;
  if (pool->queue_tail == NULL) pool->queue_tail = req;
}

/* ---- frames ---- */

/* A worker that breaks the protocol has lost its mind: nothing it says later counts. */
static void protocol_error(mp_pool *pool, struct mp_peer *peer) {
  if (peer->state == MP_PEER_LIVE || peer->state == MP_PEER_HUNG_UP) {
    mp_peer_end(pool, peer, MP_CAUSE_PROTOCOL, true);
  } else {
    peer->cause = MP_CAUSE_PROTOCOL;
  }
  peer->in.head = peer->in.tail = 0;
  peer->drained = true;
}

static bool answers_current(mp_pool *pool, struct mp_peer *peer, uint64_t task) {
  if (pool->opt.counter_tasks > 0) return task >= 1 && task <= pool->opt.counter_tasks;
  if (peer->current == NULL || peer->current->head.task != task) return false;
  free(peer->current);
  peer->current = NULL;
  peer->sent = 0;
  return true;
}

static bool frame_event(mp_pool *pool, struct mp_peer *peer, const struct mp_frame *frame,
                        mp_event *ev) {
  *ev = (mp_event){
      .worker = peer->number, .pid = (int)peer->pid, .data = frame->data, .len = frame->len};
  switch (frame->kind) {
  case MP_FRAME_READY: ev->kind = MP_READY; return frame->len == 0;
  case MP_FRAME_NOTE: ev->kind = MP_NOTE; return true;
  case MP_FRAME_RESULT: ev->kind = MP_RESULT; break;
  case MP_FRAME_FAULT: ev->kind = MP_FAULT; break;
  case MP_FRAME_TASK:
  case MP_FRAME_GO: return false;
  }
  ev->task = frame->task;
  return answers_current(pool, peer, frame->task);
}

/* The outbox comes before the socket: what a worker sends there it sends after what lies here. */
static int next_frame(mp_pool *pool, struct mp_peer *peer, struct mp_frame *frame) {
  if (pool->opt.counter_tasks > 0) {
    /* [outbox] acquire: whole frames. Pairs with the release [outbox] in mp_child.c. */
    uint64_t used = atomic_load_explicit(&slot_of(pool, peer)->outbox_used, memory_order_acquire);
    if (used > pool->opt.outbox_bytes || used < peer->outbox_read) return GILT_EPROTO;
    if (used > peer->outbox_read) {
      const unsigned char *at =
          mp_shared_outbox(pool->shared, pool->opt.workers, pool->opt.outbox_bytes, peer->number) +
          peer->outbox_read;
      size_t taken = 0;
      int rc =
          mp_wire_parse(at, (size_t)used - peer->outbox_read, pool->opt.frame_max, frame, &taken);
      peer->outbox_read += taken;
      return rc == GILT_OK ? GILT_OK : GILT_EPROTO;
    }
  }
  return mp_inbox_next(&peer->in, pool->opt.frame_max, frame);
}

static bool take_frame(mp_pool *pool, struct mp_peer *peer, mp_event *ev) {
  struct mp_frame frame;
  if (peer->cause == MP_CAUSE_PROTOCOL) return false;
  int rc = next_frame(pool, peer, &frame);
  if (rc == GILT_OK && frame_event(pool, peer, &frame, ev)) return true;
  if (rc != GILT_EBUSY) protocol_error(pool, peer);
  return false;
}

/* Reads until a whole frame is there or nothing more comes. GILT_OK or GILT_ENOMEM. */
static int read_some(struct mp_peer *peer) {
  if (peer->sock < 0 || peer->drained) return GILT_OK;
  int rc;
  do {
    rc = mp_inbox_fill(&peer->in, peer->sock, MSG_DONTWAIT);
  } while (rc == GILT_EINTERRUPTED);
  if (rc == GILT_ENOMEM) return rc;
  if (rc == GILT_OK || (rc == GILT_EBUSY && peer->state != MP_PEER_GONE)) return GILT_OK;
  /* The end of the stream. A half frame in the inbox died with its worker. */
  peer->drained = true;
  if (peer->state == MP_PEER_LIVE) {
    peer->state = MP_PEER_HUNG_UP;
    if (peer->escalate_ns == 0) peer->escalate_ns = mp_os_now_ns() + HUNG_UP_NS;
  }
  return GILT_OK;
}

/* ---- the end of a worker ---- */

/* Which task dies with it, and what becomes of the request it had. */
static uint64_t lost_task(mp_pool *pool, struct mp_peer *peer) {
  uint64_t task = mp_pool_task(pool, peer->number);
  if (pool->opt.counter_tasks > 0) return task;
  struct mp_request *req = peer->current;
  peer->current = NULL;
  peer->sent = 0;
  if (req == NULL) return 0;
  /* A request that it never looked at is not its fault. One that made it time out or break the
   * protocol counts as begun. */
  bool begun = task == req->head.task || peer->cause == MP_CAUSE_TASK_TIMEOUT;
  if (!begun && peer->cause != MP_CAUSE_PROTOCOL) {
    requeue_first(pool, req);
    return 0;
  }
  task = req->head.task;
  free(req);
  return task;
}

static void finish_peer(mp_pool *pool, struct mp_peer *peer, mp_event *ev) {
  struct mp_wait_status end;
  int pid = (int)peer->pid;
  uint64_t task = lost_task(pool, peer);
  /* [finished] acquire pairs with the release in mp_child_run; its last store. */
  bool finished = atomic_load_explicit(&slot_of(pool, peer)->finished, memory_order_acquire) != 0;
  enum mp_cause cause = peer->cause;
  bool ended_by_us = peer->escalation > 0 || cause == MP_CAUSE_PROTOCOL;
  mp_peer_reap(pool, peer, &end);
  *ev = (mp_event){.kind = MP_EXITED,
                   .worker = peer->number,
                   .pid = pid,
                   .task = task,
                   .cause = ended_by_us ? cause : MP_CAUSE_OWN,
                   .finished = finished,
                   .signal = end.signal,
                   .status = end.status,
                   .cpu_ns = end.cpu_ns,
                   .maxrss_kb = end.maxrss_kb};
  bool wanted =
      !finished && !pool->closing && cause != MP_CAUSE_POOL_TIMEOUT && cause != MP_CAUSE_STOPPED;
  if (wanted && pool->restarts_left > 0) {
    pool->restarts_left--;
    ev->restarted = mp_peer_start(pool, peer) == GILT_OK;
  }
}

static bool abandon(mp_pool *pool, mp_event *ev) {
  if (pool->alive > 0 || pool->queue_head == NULL) return false;
  struct mp_request *req = pool->queue_head;
  pool->queue_head = req->next;
  if (pool->queue_head == NULL) pool->queue_tail = NULL;
  *ev = (mp_event){.kind = MP_ABANDONED, .task = req->head.task};
  free(req);
  return true;
}

static bool next_event(mp_pool *pool, mp_event *ev) {
  int n = pool->opt.workers;
  for (int i = 0; i < n; i++) {
    struct mp_peer *peer = &pool->peers[(pool->turn + i) % n];
    if (peer->state == MP_PEER_NONE) continue;
    bool found = take_frame(pool, peer, ev);
    if (!found && peer->state == MP_PEER_GONE && peer->drained) {
      finish_peer(pool, peer, ev);
      found = true;
    }
    if (found) {
      pool->turn = (pool->turn + i + 1) % n;
      return true;
    }
  }
  return abandon(pool, ev);
}

/* ---- time ---- */

static uint64_t task_deadline(mp_pool *pool, struct mp_peer *peer) {
  if (pool->opt.task_timeout_ns == 0 || peer->escalation > 0) return NEVER;
  struct mp_slot *slot = slot_of(pool, peer);
  uint64_t since;
  if (pool->opt.counter_tasks > 0) {
    /* [task] acquire: started_ns belongs to this task or to a later one. */
    if (atomic_load_explicit(&slot->task, memory_order_acquire) == 0) return NEVER;
    since = atomic_load_explicit(&slot->started_ns, memory_order_relaxed);
  } else {
    if (peer->current == NULL) return NEVER;
    since = peer->assigned_ns; /* a worker that is stopped never starts it */
  }
  return since + pool->opt.task_timeout_ns;
}

static uint64_t earlier(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* Ends what is overdue; returns when to look again. */
static uint64_t check_clocks(mp_pool *pool) {
  uint64_t now = mp_os_now_ns(), next = NEVER;
  bool over = pool->deadline_ns != 0 && now >= pool->deadline_ns;
  if (pool->deadline_ns != 0 && !over) next = pool->deadline_ns;
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_peer *peer = &pool->peers[i];
    if (peer->state != MP_PEER_LIVE && peer->state != MP_PEER_HUNG_UP) continue;
    if (over && peer->escalation == 0) mp_peer_end(pool, peer, MP_CAUSE_POOL_TIMEOUT, false);
    uint64_t due = task_deadline(pool, peer);
    if (due <= now) {
      mp_peer_end(pool, peer, MP_CAUSE_TASK_TIMEOUT, false);
    } else {
      next = earlier(next, due);
    }
    if (peer->escalate_ns != 0 && now >= peer->escalate_ns)
      mp_peer_end(pool, peer, MP_CAUSE_PROTOCOL, true); /* keeps an earlier cause */
    if (peer->escalate_ns != 0) next = earlier(next, peer->escalate_ns);
    /* In counter mode a task may begin at any time while we sleep. */
    if (pool->opt.counter_tasks > 0 && pool->opt.task_timeout_ns > 0)
      next = earlier(next, now + pool->opt.task_timeout_ns);
    if (peer->pidfd < 0) next = earlier(next, now + ASK_NS);
  }
  return next;
}

static int poll_ms(uint64_t until) {
  uint64_t now = mp_os_now_ns();
  if (until <= now) return 0;
  uint64_t ms = (until - now + NS_PER_MS - 1) / NS_PER_MS;
  return (int)(ms > POLL_MS_MAX ? POLL_MS_MAX : ms);
}

static nfds_t fill_poll(mp_pool *pool) {
  nfds_t count = 0;
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_peer *peer = &pool->peers[i];
    /* The pidfd is looked at first: when it says that the worker has ended, what is said after it
     * about the socket holds for all that the worker ever sent. */
    struct pollfd *at = &pool->poll[2 * i];
    bool runs = peer->state == MP_PEER_LIVE || peer->state == MP_PEER_HUNG_UP;
    at[0] = (struct pollfd){.fd = runs ? peer->pidfd : -1, .events = POLLIN};
    at[1] = (struct pollfd){.fd = runs && !peer->drained ? peer->sock : -1,
                            .events = (short)(POLLIN | (sending(peer) ? POLLOUT : 0))};
    count += 2;
  }
  pool->poll[count++] = (struct pollfd){.fd = pool->wake_fd, .events = POLLIN};
  return count;
}

static int serve(mp_pool *pool) {
  for (int i = 0; i < pool->opt.workers; i++) {
    struct mp_peer *peer = &pool->peers[i];
    const struct pollfd *ended = &pool->poll[2 * i], *sock = &pool->poll[2 * i + 1];
    if (peer->state == MP_PEER_NONE) continue;
    bool silent = ended->revents != 0 && sock->fd >= 0 && sock->revents == 0;
    if (ended->revents != 0) peer->state = MP_PEER_GONE;
    if (peer->pidfd < 0) mp_peer_check(peer);
    if (sock->revents & POLLOUT) send_some(peer);
    if (silent) peer->drained = true;
    bool readable = (sock->revents & ~POLLOUT) != 0;
    if (readable || (peer->state == MP_PEER_GONE && !peer->drained)) {
      int rc = read_some(peer);
      if (rc != GILT_OK) return rc;
    }
  }
  return GILT_OK;
}

/* One round of waiting. GILT_OK: something may have come. */
static int wait_round(mp_pool *pool, uint64_t deadline) {
  uint64_t until = earlier(check_clocks(pool), deadline);
  nfds_t count = fill_poll(pool);
  bool reading = false; /* one that has ended, with more to read: no waiting */
  for (int i = 0; i < pool->opt.workers; i++)
    reading = reading || (pool->peers[i].state == MP_PEER_GONE);
  int n = poll(pool->poll, count, reading ? 0 : poll_ms(until));
  if (n < 0) return errno == EINTR ? GILT_EINTERRUPTED : GILT_ESYS;
  int rc = serve(pool);
  if (rc == GILT_OK && pool->poll[count - 1].revents != 0) rc = GILT_EINTERRUPTED;
  return rc;
}

int mp_pool_wait(mp_pool *pool, int64_t timeout_ns, mp_event *event_out) {
  uint64_t deadline = timeout_ns < 0 ? NEVER : mp_os_now_ns() + (uint64_t)timeout_ns;
  for (bool last = false;;) {
    dispatch(pool);
    if (next_event(pool, event_out)) return GILT_OK;
    if (pool->alive == 0) return GILT_ECLOSED;
    if (last) return GILT_ETIMEOUT;
    int rc = wait_round(pool, deadline);
    if (rc != GILT_OK) return rc;
    last = deadline != NEVER && mp_os_now_ns() >= deadline;
  }
}
