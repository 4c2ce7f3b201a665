/* process.c: children of popen and os.execute: `sh -c`, waited for outside the GIL.
 *
 * system() and pclose() can't be interrupted, and pclose knows only its own FILEs. */
#include "io_impl.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- children whose waiter was interrupted: reaped when the next child is started ---- */

typedef struct orphan {
  struct orphan *next;
  pid_t pid;
} orphan;

static pthread_mutex_t orphans_mtx = PTHREAD_MUTEX_INITIALIZER;
static orphan *orphans; /* (m) orphans_mtx, a leaf */

static void fork_prepare(void) { pthread_mutex_lock(&orphans_mtx); }
static void fork_parent(void) { pthread_mutex_unlock(&orphans_mtx); }
static void fork_child(void) {
  orphans = NULL; /* they are our parent's */
  pthread_mutex_unlock(&orphans_mtx);
}

static void fork_setup(void) { pthread_atfork(fork_prepare, fork_parent, fork_child); }

static void orphan_add(pid_t pid) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, fork_setup);
  orphan *o = malloc(sizeof *o);
  if (o == NULL) return; /* it stays a zombie until we end */
  o->pid = pid;
  pthread_mutex_lock(&orphans_mtx);
  o->next = orphans;
  orphans = o;
  pthread_mutex_unlock(&orphans_mtx);
}

static void orphans_reap(void) {
  pthread_mutex_lock(&orphans_mtx);
  for (orphan **link = &orphans; *link != NULL;) {
    orphan *o = *link;
    if (waitpid(o->pid, NULL, WNOHANG) == 0) {
      link = &o->next;
      continue;
    }
    *link = o->next;
    free(o);
  }
  pthread_mutex_unlock(&orphans_mtx);
}

/* ---- start ---- */

/* The child must not inherit what the runtime did to this thread's signals. */
static int spawn(const char *command, posix_spawn_file_actions_t *actions, pid_t *pid_out) {
  posix_spawnattr_t attr;
  sigset_t none;
  char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)command, NULL};
  int rc = posix_spawnattr_init(&attr);
  if (rc != 0) return rc;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attr, &none);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
  rc = posix_spawn(pid_out, "/bin/sh", actions, &attr, argv, environ);
  posix_spawnattr_destroy(&attr);
  return rc;
}

int process_spawn_shell(const char *command, int fd, int child_fd, pid_t *pid_out) {
  orphans_reap();
  posix_spawn_file_actions_t actions;
  int rc = posix_spawn_file_actions_init(&actions);
  if (rc != 0) return rc;
  if (child_fd >= 0) rc = posix_spawn_file_actions_adddup2(&actions, fd, child_fd);
  if (rc == 0) rc = spawn(command, &actions, pid_out);
  posix_spawn_file_actions_destroy(&actions);
  return rc;
}

/* ---- wait ---- */

static int open_pidfd(pid_t pid) {
#if defined(SYS_pidfd_open)
  return (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by definition */
#else
  (void)pid;
  return -1;
#endif
}

/* Until it has ended, or an interrupt; outside the GIL. */
static enum blk_result wait_ended(rt_thread *t, pid_t pid, int *status_out) {
  int fd = open_pidfd(pid);
  if (fd >= 0) {
    enum blk_result r = blk_wait_fd_released(t, fd, POLLIN, -1, BLK_NEVER);
    close(fd);
    if (r == BLK_INTERRUPTED) return r;
  }
  for (;;) {
    if (rt_interrupted(t)) return BLK_INTERRUPTED;
    if (waitpid(pid, status_out, 0) == pid) return BLK_READY;
    if (errno == EINTR) continue;
    *status_out = -1;
    return BLK_READY;
  }
}

enum blk_result process_wait(rt_thread *t, pid_t pid, int *status_out) {
  rt_block_begin(t, GIL_BLOCKED_IO);
  enum blk_result r = wait_ended(t, pid, status_out);
  int err = errno;
  if (r == BLK_INTERRUPTED) {
    kill(pid, SIGTERM);
    orphan_add(pid);
  }
  rt_block_end(t);
  errno = err;
  return r;
}
