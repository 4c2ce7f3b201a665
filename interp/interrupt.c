/* interrupt.c: thread:interrupt(), Ctrl-C and closing reach a thread, in Lua or blocked.
 *
 * The cause is stored, then the thread is poked (Lua code) and signalled without SA_RESTART (system
 * calls), and its wake descriptor made readable for calls that must not miss it. */
#include "runtime_impl.h"
#include "schedule.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BREAK_SIGNAL (SIGRTMIN + 3)

static void on_break(int sig) {
  (void)sig; /* its only work is to make system calls return EINTR */
  rt_thread *t = rt_tls_self;
  if (t == NULL) return;
  rt_unpark_self(t);
  rt_poke(t);
}

void rt_interrupt_init(void) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = on_break;
  sigemptyset(&sa.sa_mask);
  sigaction(BREAK_SIGNAL, &sa, NULL);
}

void rt_thread_signal(rt_thread *t, int why) {
  int saved = errno;
  int none = RT_INTERRUPT_NONE;
  if (why == RT_INTERRUPT_CLOSE)
    atomic_store_explicit(&t->interrupt, why, memory_order_seq_cst);
  else
    atomic_compare_exchange_strong_explicit(&t->interrupt, &none, why, memory_order_seq_cst,
                                            memory_order_relaxed);
  /* seq_cst with the load in rt_interrupted and the store in rt_wake_fd: either we see the
   * descriptor, or the thread that is making it sees the interrupt. */
  int fd = atomic_load_explicit(&t->wake_fd, memory_order_seq_cst);
  if (fd >= 0) {
    uint64_t one = 1;
    ssize_t ignored = write(fd, &one, sizeof one);
    (void)ignored;
  }
  if (t->turn != NULL) {
    schedule_wake(t); /* by the thread that has the turn: no signal is needed */
  } else {
    /* seq_cst with the store in rt_thread_adopt. Without one the thread has not begun, and finds
     * `interrupt` before it waits. */
    pid_t tid = atomic_load_explicit(&t->tid, memory_order_seq_cst);
    if (tid != 0) syscall(SYS_tgkill, getpid(), tid, BREAK_SIGNAL);
  }
  errno = saved;
}

bool rt_interrupted(const rt_thread *t) {
  return atomic_load_explicit(&t->interrupt, memory_order_seq_cst) != RT_INTERRUPT_NONE;
}

bool rt_must_close(const rt_thread *t) {
  return atomic_load_explicit(&t->interrupt, memory_order_seq_cst) == RT_INTERRUPT_CLOSE;
}

int rt_wake_fd(rt_thread *t) {
  int fd = atomic_load_explicit(&t->wake_fd, memory_order_relaxed);
  if (fd >= 0) return fd;
  fd = eventfd(rt_interrupted(t) ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);
  atomic_store_explicit(&t->wake_fd, fd, memory_order_seq_cst);
  if (fd >= 0 && rt_interrupted(t)) {
    uint64_t one = 1;
    ssize_t ignored = write(fd, &one, sizeof one);
    (void)ignored;
  }
  return fd;
}

void rt_clear_interrupt(rt_thread *t) {
  int fd = atomic_load_explicit(&t->wake_fd, memory_order_relaxed);
  if (fd >= 0) {
    uint64_t count;
    ssize_t ignored = read(fd, &count, sizeof count);
    (void)ignored;
  }
  atomic_store_explicit(&t->interrupt, RT_INTERRUPT_NONE, memory_order_relaxed);
}

int rt_raise_interrupt(lua_State *L, rt_thread *t) {
  /* Closing stays raised: a thread that catches it is interrupted again at its next safepoint. */
  if (t->turn != NULL) schedule_interrupted(t);
  if (atomic_load_explicit(&t->interrupt, memory_order_relaxed) == RT_INTERRUPT_CLOSE)
    return luaL_error(L, "interrupted (the interpreter is closing)");
  /* A call that blocks in a finalizer fails; the interrupt itself is raised after the finalizer. */
  if (!rt_interrupt_waits(t)) rt_clear_interrupt(t);
  return luaL_error(L, "interrupted!");
}

bool rt_interrupt_waits(const rt_thread *t) {
  return rt_finalizing(t) &&
         atomic_load_explicit(&t->interrupt, memory_order_relaxed) != RT_INTERRUPT_CLOSE;
}

/* ---- Ctrl-C ---- */

static rt_thread *volatile sigint_target;
static volatile sig_atomic_t sigint_count;

/* The first one becomes a Lua error in the target; a second one ends the process as usual. */
static void on_sigint(int sig) {
  sigint_count = sigint_count + 1;
  signal(sig, SIG_DFL);
  rt_thread *t = sigint_target;
  if (t != NULL) rt_thread_signal(t, RT_INTERRUPT_RAISE);
}

bool interrupt_came(void) { return sigint_count > 0; }

void interrupt_on_sigint(rt_thread *t) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sigemptyset(&sa.sa_mask);
  sigint_target = t;
  sa.sa_handler = t != NULL ? on_sigint : SIG_DFL;
  sigaction(SIGINT, &sa, NULL);
}
