/* mp_impl.h: private to mp/: what the parent's side, the worker's side and the wire share. */
#ifndef GILT_MP_IMPL_H
#define GILT_MP_IMPL_H

#include <gilt/mp.h>

#include <poll.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <sys/types.h>

/* ---- OS calls, in one table: a port has one place to go, a test can make them fail ---- */

struct mp_os {
  pid_t (*fork)(void);
  int (*pidfd_open)(pid_t pid); /* -1: not available, watch by waitid instead */
};
extern struct mp_os mp_os;

enum mp_child_state { MP_CHILD_RUNS, MP_CHILD_GONE, MP_CHILD_UNKNOWN };

struct mp_wait_status {
  int signal;
  int status;
  uint64_t cpu_ns;
  uint64_t maxrss_kb;
};

uint64_t mp_os_now_ns(void);
int mp_os_socketpair(int pair[2]);
/* Has the child ended? Leaves it unreaped, so that its id stays taken. */
enum mp_child_state mp_os_peek(pid_t pid);
/* Reaps a child that has ended. False: someone else did (SIGCHLD is ignored). */
bool mp_os_reap(pid_t pid, struct mp_wait_status *out);
void *mp_os_map_shared(size_t bytes);
/* Only this thread runs: it may go without a lock. False where the system does not say. */
bool mp_os_single_threaded(void);
void mp_os_close(int fd);
/* Tells one socket from all others; 0: no socket, or the system does not say. */
uint64_t mp_os_socket_id(int fd);
void mp_os_set_mask(const sigset_t *mask);
void mp_os_unmap(void *p, size_t bytes);
/* The worker dies with the thread that forked it. False: that one has gone already. */
bool mp_os_die_with(pid_t parent);

/* ---- the wire: frames on a stream socket, and the same frames in an outbox ---- */

enum mp_frame_kind {
  MP_FRAME_TASK = 1, /* parent to worker */
  MP_FRAME_GO,
  MP_FRAME_READY, /* worker to parent */
  MP_FRAME_RESULT,
  MP_FRAME_FAULT,
  MP_FRAME_NOTE,
};

#define MP_MAGIC UINT32_C(0x31706d67) /* "gmp1" */

struct mp_header {
  uint32_t magic;
  uint32_t kind;
  uint64_t task;
  uint64_t len; /* of the payload that follows */
};

/* Writes a whole frame to a blocking socket. GILT_OK, GILT_ECLOSED, GILT_ESYS. */
int mp_wire_send(int fd, enum mp_frame_kind kind, uint64_t task, const void *data, size_t len);

/* Bytes received and not yet consumed. Grows as bytes arrive, never by what a header promises. */
struct mp_inbox {
  unsigned char *bytes;
  size_t cap, head, tail; /* head..tail is unread */
  bool filled;            /* by the last read: more is probably waiting */
};

struct mp_frame {
  enum mp_frame_kind kind;
  uint64_t task;
  const void *data;
  size_t len;
};

void mp_inbox_fini(struct mp_inbox *in);
/* Reads what is there, once. GILT_OK, GILT_EBUSY (nothing there now), GILT_ECLOSED (end of
 * stream), GILT_EINTERRUPTED, GILT_ENOMEM, GILT_ESYS. `flags` as for recv. */
int mp_inbox_fill(struct mp_inbox *in, int fd, int flags);
/* Takes the next whole frame; its data stays valid until the next fill.
 * GILT_OK, GILT_EBUSY (not complete yet), GILT_EPROTO. */
int mp_inbox_next(struct mp_inbox *in, uint64_t frame_max, struct mp_frame *out);
/* Parses one frame of `bytes`. GILT_OK and *used_out, GILT_EBUSY (incomplete), GILT_EPROTO. */
int mp_wire_parse(const unsigned char *bytes, size_t len, uint64_t frame_max, struct mp_frame *out,
                  size_t *used_out);

/* ---- memory shared by the parent and all workers ---- */

/* The counter when there are no more tasks to take: workers add one by one, so it stays out of
 * range. */
#define MP_NEXT_NONE (UINT64_MAX / 2)

/* One for each worker. Written by the worker alone, read by the parent at any time.
 * [task] release stores in the worker, so that started_ns belongs to it; pairs with the acquire
 * [task] in the parent. */
struct mp_slot {
  alignas(64) _Atomic uint64_t task; /* 0: between tasks */
  _Atomic uint64_t started_ns;       /* CLOCK_MONOTONIC, of that task */
  _Atomic uint64_t outbox_used;      /* [outbox] */
  _Atomic uint32_t finished;         /* main has returned */
};

struct mp_shared {
  alignas(64) _Atomic uint64_t
      next; /* counter mode: the next task to take; relaxed, it orders nothing */
  alignas(64) struct mp_slot slots[]; /* one for each worker, then the outboxes */
};
/* Sizes come from the caller: what lies in the memory itself may have been written over. */
unsigned char *mp_shared_outbox(struct mp_shared *sh, int workers, size_t outbox_bytes, int worker);
size_t mp_shared_bytes(int workers, size_t outbox_bytes);

/* ---- the worker's side ---- */

struct mp_worker {
  int sock;
  int number, count;
  bool hold;
  bool timed; /* someone looks at the slot\'s started_ns */
  struct mp_shared *shared;
  struct mp_slot *slot;
  unsigned char *outbox;
  size_t outbox_used;
  size_t outbox_room; /* 0: no outbox, or it is full */
  uint64_t tasks;     /* counter mode: how many there are; 0: dispatch mode */
  uint64_t task;      /* the current one; 0: none */
  struct mp_inbox in;
};

/* What a new worker gets from mp_pool.c. */
struct mp_child_setup {
  mp_worker_main main;
  void *arg;
  const mp_fork_hooks *hooks;
  enum mp_group group;
  pid_t parent;
  const sigset_t *mask; /* the caller's, to be restored */
  unsigned handled;     /* bit i: the parent handles mp_fatal_signals[i] */
  bool held;            /* the lock of the list of pools */
};
/* 0-terminated: INT, TERM, QUIT, HUP. */
extern const int mp_fatal_signals[];
/* Never returns. Runs with all signals blocked until it has settled. */
_Noreturn void mp_child_run(const struct mp_child_setup *setup, struct mp_worker *self);

/* ---- the parent's side ---- */

struct mp_request {
  struct mp_request *next;
  struct mp_header head; /* what is sent: the header and, right behind it, the payload */
  unsigned char payload[];
};

enum mp_peer_state {
  MP_PEER_NONE,    /* no process (not started yet, or reaped) */
  MP_PEER_LIVE,    /* process and socket */
  MP_PEER_HUNG_UP, /* it closed its end: it should be gone in a moment, or is ended */
  MP_PEER_GONE,    /* it has ended; what it left is still to be read, then it is reaped */
};

/* One worker as the parent sees it. */
struct mp_peer {
  enum mp_peer_state state;
  int number;
  pid_t pid;
  int sock, pidfd;            /* -1: none */
  uint64_t sock_id;           /* of sock, never used again by the system; 0: not known */
  int far;                    /* counter mode: a copy of the worker's end; -1: none */
  bool drained;               /* state GONE: the socket is read to its end */
  bool go_wanted;             /* GO is to be sent, ahead of a request */
  bool closed;                /* our sending half is shut down */
  enum mp_cause cause;        /* of the signal that we sent, if any */
  unsigned escalation;        /* 0 none, 1 SIGTERM sent, 2 SIGKILL sent */
  uint64_t escalate_ns;       /* when to go on to SIGKILL; 0: not at all */
  struct mp_request *current; /* dispatch mode: sent or being sent, not answered */
  size_t sent;                /* bytes of the frame in flight */
  uint64_t assigned_ns;
  struct mp_inbox in;
  size_t outbox_read;
};

struct mp_pool {
  mp_pool_options opt;
  pid_t owner; /* the process that created it */
  struct mp_pool *registry_next;
  struct mp_shared *shared;
  size_t shared_bytes;
  struct mp_peer *peers; /* opt.workers of them */
  struct pollfd *poll;   /* 2 * workers + 1 */
  int alive;
  int wake_fd;
  int turn; /* the peer that is asked first, so that none starves */
  uint32_t restarts_left;
  bool released, closing;
  uint64_t deadline_ns; /* of the pool; 0: none */
  struct mp_request *queue_head, *queue_tail;
};

/* Forks the worker of a peer without process. GILT_OK, GILT_ESYS, GILT_ENOMEM. */
int mp_peer_start(mp_pool *pool, struct mp_peer *peer);
void mp_peer_signal(const mp_pool *pool, const struct mp_peer *peer, int signal);
/* Ends a worker for a reason: SIGTERM now and SIGKILL after the grace, or SIGKILL at once. */
void mp_peer_end(mp_pool *pool, struct mp_peer *peer, enum mp_cause cause, bool at_once);
/* Reaps an ended worker and its group, closes what we had of it. */
void mp_peer_reap(mp_pool *pool, struct mp_peer *peer, struct mp_wait_status *out);
/* Shuts our sending half down: the worker reads the end of the stream. */
void mp_peer_close(struct mp_peer *peer);
/* Notices the end of a worker that has no pidfd, or whose pidfd just became readable. */
void mp_peer_check(struct mp_peer *peer);

/* In a new worker: closes every descriptor of every pool of the parent. `held`: the parent had the
 * lock of the list at the fork. */
void mp_registry_child(pid_t parent, bool held);

#endif
