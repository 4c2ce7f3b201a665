/* mp_wire.c: frames: a header of fixed size, then the payload. The same bytes travel on the socket
 * and lie in an outbox. Both ends are the same binary on the same machine, so numbers are native;
 * the reading side still trusts no length, because a worker may have written over its own memory.
 */
#include "mp_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define INBOX_MIN ((size_t)1 << 10)
#define INBOX_BUSY                                                                                 \
  ((size_t)64 << 10)                   /* a stream of small frames is read in pieces of this size  \
                                        */
#define INBOX_KEEP ((size_t)256 << 10) /* an idle inbox above this size gives its memory back */

static void skip_sent(struct msghdr *msg, size_t sent) {
  while (msg->msg_iovlen > 0 && sent >= msg->msg_iov[0].iov_len) {
    sent -= msg->msg_iov[0].iov_len;
    msg->msg_iov++;
    msg->msg_iovlen--;
  }
  if (msg->msg_iovlen > 0) {
    msg->msg_iov[0].iov_base = (char *)msg->msg_iov[0].iov_base + sent;
    msg->msg_iov[0].iov_len -= sent;
  }
}

int mp_wire_send(int fd, enum mp_frame_kind kind, uint64_t task, const void *data, size_t len) {
  struct mp_header head = {.magic = MP_MAGIC, .kind = kind, .task = task, .len = len};
  /* iov_base is not const, although sendmsg only reads. */
  union {
    const void *in;
    void *out;
  } payload = {.in = data};
  struct iovec iov[2] = {{&head, sizeof head}, {payload.out, len}};
  struct msghdr msg = {.msg_iov = iov, .msg_iovlen = len > 0 ? 2 : 1};
  while (msg.msg_iovlen > 0) {
    ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL);
    if (n >= 0) {
      skip_sent(&msg, (size_t)n);
    } else if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) {
      return GILT_ECLOSED;
    } else if (errno != EINTR) {
      return GILT_ESYS;
    }
  }
  return GILT_OK;
}

void mp_inbox_fini(struct mp_inbox *in) {
  free(in->bytes);
  *in = (struct mp_inbox){0};
}

/* Room for at least one more byte; for the rest of a long frame, doubling as it comes in. */
static int make_room(struct mp_inbox *in) {
  size_t used = in->tail - in->head;
  if (used == 0) {
    in->head = in->tail = 0;
    if (in->cap > INBOX_KEEP) mp_inbox_fini(in);
  }
  bool filled = in->filled && in->cap < INBOX_BUSY;
  if (in->tail < in->cap && !filled) return GILT_OK;
  if (in->head > 0 && used <= in->cap / 2 && !filled) {
    memmove(in->bytes, in->bytes + in->head, used);
    in->head = 0;
    in->tail = used;
    return GILT_OK;
  }
  size_t cap = in->cap == 0 ? INBOX_MIN : in->cap * 2;
  if (cap < in->cap) return GILT_ENOMEM;
  unsigned char *bytes = realloc(in->bytes, cap);
  if (bytes == NULL) return GILT_ENOMEM;
  in->bytes = bytes;
  in->cap = cap;
  return GILT_OK;
}

int mp_inbox_fill(struct mp_inbox *in, int fd, int flags) {
  int rc = make_room(in);
  if (rc != GILT_OK) return rc;
  ssize_t n = recv(fd, in->bytes + in->tail, in->cap - in->tail, flags);
  if (n > 0) {
    in->tail += (size_t)n;
    in->filled = in->tail == in->cap;
    return GILT_OK;
  }
  if (n == 0 || errno == ECONNRESET) return GILT_ECLOSED;
  if (errno == EAGAIN) return GILT_EBUSY;
  return errno == EINTR ? GILT_EINTERRUPTED : GILT_ESYS;
}

int mp_wire_parse(const unsigned char *bytes, size_t len, uint64_t frame_max, struct mp_frame *out,
                  size_t *used_out) {
  struct mp_header head;
  if (len < sizeof head) return GILT_EBUSY;
  memcpy(&head, bytes, sizeof head);
  if (head.magic != MP_MAGIC || head.kind < MP_FRAME_TASK || head.kind > MP_FRAME_NOTE ||
      head.len > frame_max || head.len > SIZE_MAX - sizeof head)
    return GILT_EPROTO;
  if (len - sizeof head < head.len) return GILT_EBUSY;
  *out = (struct mp_frame){.kind = (enum mp_frame_kind)head.kind,
                           .task = head.task,
                           .data = bytes + sizeof head,
                           .len = (size_t)head.len};
  *used_out = sizeof head + (size_t)head.len;
  return GILT_OK;
}

int mp_inbox_next(struct mp_inbox *in, uint64_t frame_max, struct mp_frame *out) {
  size_t used = 0;
  if (in->head == in->tail) return GILT_EBUSY;
  int rc = mp_wire_parse(in->bytes + in->head, in->tail - in->head, frame_max, out, &used);
  if (rc == GILT_OK) in->head += used;
  return rc;
}

size_t mp_shared_bytes(int workers, size_t outbox_bytes) {
  return sizeof(struct mp_shared) + (size_t)workers * (sizeof(struct mp_slot) + outbox_bytes);
}

unsigned char *mp_shared_outbox(struct mp_shared *sh, int workers, size_t outbox_bytes,
                                int worker) {
  unsigned char *first = (unsigned char *)&sh->slots[workers];
  return first + (size_t)(worker - 1) * outbox_bytes;
}
