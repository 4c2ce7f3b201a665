/* mp_child.c: the worker's side. Everything here runs after the fork, in the child; nothing here
 * touches the parent's bookkeeping except to close descriptors. */
#include "mp_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHILD_EXIT_ORPHAN 0 /* nobody is left to read it */

static void child_abort(const char *what) {
  (void)!write(STDERR_FILENO, what, strlen(what));
  abort();
}

/* A handler of the parent's (Ctrl-C sets a flag, say) means nothing in a worker. A signal that is
 * ignored stays ignored. Other signals are the interpreter's, which came along with the fork. */
static void child_reset_signals(unsigned handled) {
  for (int i = 0; mp_fatal_signals[i] != 0; i++) {
    struct sigaction sa;
    if ((handled & (1u << i)) == 0) continue;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = SIG_DFL;
    (void)sigaction(mp_fatal_signals[i], &sa, NULL);
  }
}

_Noreturn void mp_child_run(const struct mp_child_setup *setup, struct mp_worker *self) {
  if (!mp_os_die_with(setup->parent)) _exit(CHILD_EXIT_ORPHAN);
  if (setup->group == MP_GROUP_OWN) (void)setpgid(0, 0); /* the parent does the same: no race */
  if (setup->hooks->child != NULL) setup->hooks->child(setup->hooks->arg);
  mp_registry_child(setup->parent, setup->held);
  if (setup->handled != 0) child_reset_signals(setup->handled);
  mp_os_set_mask(setup->mask);
  int status = setup->main(self, setup->arg);
  atomic_store_explicit(&self->slot->finished, 1,
                        memory_order_release); /* [finished] in finish_peer */
  _exit(status);
}

int mp_worker_number(const mp_worker *self) { return self->number; }
int mp_worker_count(const mp_worker *self) { return self->count; }

/* Waits for one frame from the parent. */
static int child_receive(mp_worker *self, struct mp_frame *out) {
  for (;;) {
    int rc = mp_inbox_next(&self->in, UINT64_MAX, out);
    if (rc != GILT_EBUSY) return rc;
    rc = mp_inbox_fill(&self->in, self->sock, 0);
    if (rc != GILT_OK && rc != GILT_EINTERRUPTED) return rc;
  }
}

int mp_worker_ready(mp_worker *self) {
  int rc = mp_wire_send(self->sock, MP_FRAME_READY, 0, NULL, 0);
  if (rc != GILT_OK || !self->hold) return rc;
  struct mp_frame go;
  if ((rc = child_receive(self, &go)) != GILT_OK) return rc;
  return go.kind == MP_FRAME_GO ? GILT_OK : GILT_EPROTO;
}

static void child_begin(mp_worker *self, uint64_t task) {
  self->task = task;
  if (self->timed)
    atomic_store_explicit(&self->slot->started_ns, mp_os_now_ns(), memory_order_relaxed);
  atomic_store_explicit(&self->slot->task, task, memory_order_release); /* [task] */
}

int mp_worker_next(mp_worker *self, mp_task *task_out) {
  if (self->tasks > 0) {
    uint64_t task = atomic_fetch_add_explicit(&self->shared->next, 1, memory_order_relaxed);
    if (task > self->tasks) return GILT_ECLOSED;
    child_begin(self, task);
    *task_out = (mp_task){.id = task};
    return GILT_OK;
  }
  struct mp_frame frame;
  int rc = child_receive(self, &frame);
  if (rc != GILT_OK) return rc;
  if (frame.kind != MP_FRAME_TASK || frame.task == 0) return GILT_EPROTO;
  child_begin(self, frame.task);
  *task_out = (mp_task){.id = frame.task, .data = frame.data, .len = frame.len};
  return GILT_OK;
}

/* A short result is copied here: memcpy lies on a page of libc that no new process has yet. */
static void copy_payload(unsigned char *to, const void *data, size_t len) {
  if (len > 64) {
    memcpy(to, data, len);
    return;
  }
  const volatile unsigned char *from = data; /* volatile: or this is made a call of memcpy */
  for (size_t i = 0; i < len; i++) to[i] = from[i];
}

/* Leaves a frame in the outbox. False: no room, so it goes by the socket. */
static bool child_put(mp_worker *self, enum mp_frame_kind kind, uint64_t task, const void *data,
                      size_t len) {
  struct mp_header head = {.magic = MP_MAGIC, .kind = kind, .task = task, .len = len};
  if (self->outbox_room < sizeof head || self->outbox_room - sizeof head < len) return false;
  unsigned char *at = self->outbox + self->outbox_used;
  memcpy(at, &head, sizeof head);
  copy_payload(at + sizeof head, data, len);
  self->outbox_used += sizeof head + len;
  self->outbox_room -= sizeof head + len;
  /* [outbox] release: the frame is whole before the parent counts it. Pairs with the acquire
   * [outbox] in mp_pool.c. */
  atomic_store_explicit(&self->slot->outbox_used, self->outbox_used, memory_order_release);
  return true;
}

static int child_end(mp_worker *self, enum mp_frame_kind kind, const void *data, size_t len) {
  if (self->task == 0) child_abort("mp: a result without a task\n");
  int rc = GILT_OK;
  if (!child_put(self, kind, self->task, data, len)) {
    /* What follows must not overtake this one, so the outbox is used no more. */
    self->outbox_room = 0;
    rc = mp_wire_send(self->sock, kind, self->task, data, len);
  }
  /* Only now: whoever dies while sending has lost this task. */
  self->task = 0;
  atomic_store_explicit(&self->slot->task, 0, memory_order_release); /* [task] */
  return rc;
}

int mp_worker_result(mp_worker *self, const void *data, size_t len) {
  return child_end(self, MP_FRAME_RESULT, data, len);
}

int mp_worker_fault(mp_worker *self, const void *data, size_t len) {
  return child_end(self, MP_FRAME_FAULT, data, len);
}

int mp_worker_note(mp_worker *self, const void *data, size_t len) {
  return mp_wire_send(self->sock, MP_FRAME_NOTE, 0, data, len);
}

void mp_worker_cancel(mp_worker *self) {
  atomic_store_explicit(&self->shared->next, MP_NEXT_NONE, memory_order_relaxed);
}

void mp_worker_hold(mp_worker *self) {
  struct mp_frame ignored;
  while (child_receive(self, &ignored) == GILT_OK) {
  }
}
