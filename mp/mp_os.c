/* mp_os.c: every call to the operating system that a port of mp/ would have to replace. */
#include "mp_impl.h"

#include <errno.h>
#include <string.h>
#if defined(__has_include)
#  if __has_include(<sys/single_threaded.h>)
#    include <sys/single_threaded.h>
#    define HAS_SINGLE_THREADED 1
#  endif
#endif
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#  define SYS_pidfd_open 434 /* the same number on every architecture */
#endif

/* Race-free although it comes after fork: the child keeps its id until we reap it. */
static int open_pidfd(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

struct mp_os mp_os = {.fork = fork, .pidfd_open = open_pidfd};

uint64_t mp_os_now_ns(void) {
  struct timespec ts;
  (void)clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

int mp_os_socketpair(int pair[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ? GILT_OK : GILT_ESYS;
}

enum mp_child_state mp_os_peek(pid_t pid) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  int rc;
  do {
    rc = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
  } while (rc != 0 && errno == EINTR);
  if (rc != 0) return MP_CHILD_UNKNOWN;
  return info.si_pid == pid ? MP_CHILD_GONE : MP_CHILD_RUNS;
}

static uint64_t timeval_ns(struct timeval tv) {
  return (uint64_t)tv.tv_sec * UINT64_C(1000000000) + (uint64_t)tv.tv_usec * UINT64_C(1000);
}

bool mp_os_reap(pid_t pid, struct mp_wait_status *out) {
  struct rusage usage;
  int status = 0;
  pid_t rc;
  do {
    rc = wait4(pid, &status, 0, &usage);
  } while (rc < 0 && errno == EINTR);
  if (rc != pid) {
    *out = (struct mp_wait_status){.status = -1};
    return false;
  }
  *out = (struct mp_wait_status){
      .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
      .status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
      .cpu_ns = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime),
      .maxrss_kb = (uint64_t)usage.ru_maxrss,
  };
  return true;
}

void *mp_os_map_shared(size_t bytes) {
  void *p =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? NULL : p;
}

void mp_os_unmap(void *p, size_t bytes) { (void)munmap(p, bytes); }

/* What every new worker calls goes through syscall: the functions of libc lie on pages far from
 * each other, and each of those is a page fault in a new process. */

bool mp_os_die_with(pid_t parent) {
  (void)syscall(SYS_prctl, (long)PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
  /* It may have died before the call: then we belong to someone else by now. */
  return getppid() == parent;
}

void mp_os_close(int fd) { (void)syscall(SYS_close, (long)fd); }

uint64_t mp_os_socket_id(int fd) {
  uint64_t id = 0;
  socklen_t len = sizeof id;
  return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &id, &len) == 0 ? id : 0;
}

void mp_os_set_mask(const sigset_t *mask) {
  /* Of the set, the kernel has the part that numbers its signals. */
  (void)syscall(SYS_rt_sigprocmask, (long)SIG_SETMASK, mask, NULL, (size_t)(_NSIG / 8));
}

bool mp_os_single_threaded(void) {
#ifdef HAS_SINGLE_THREADED
  return __libc_single_threaded != 0;
#else
  return false;
#endif
}

int mp_thread_count(void) {
  struct stat st;
  if (stat("/proc/self/task", &st) != 0 || st.st_nlink < 3) return 0;
  return (int)st.st_nlink - 2;
}
