/* Workers that die, hang, lie, and a system that refuses. */
#include "mp_test.h"
#include "../../mp/mp_impl.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* Far above what an honest task takes on a machine that has other things to do. */
#define LONG_NS UINT64_C(400000000)

/* What task 3 does; every other task answers its number. */
enum deed {
  EXIT_0,
  EXIT_9,
  DIE_KILL,
  DIE_SEGV,
  DIE_ABRT,
  STOP,
  SPIN,
  SPIN_DEAF,
  GARBAGE,
  CLOSE_ALL,
  HUGE_LENGTH
};

static void do_deed(mp_worker *self, enum deed deed) {
  struct mp_header liar = {
      .magic = MP_MAGIC, .kind = MP_FRAME_RESULT, .task = 3, .len = UINT64_MAX - 5};
  switch (deed) {
  case EXIT_0: _exit(0);
  case EXIT_9: _exit(9);
  case DIE_KILL: (void)raise(SIGKILL); break;
  case DIE_SEGV:
    (void)signal(SIGSEGV, SIG_DFL); /* sanitizers catch it */
    (void)raise(SIGSEGV);
    break;
  case DIE_ABRT:
    (void)signal(SIGABRT, SIG_DFL);
    (void)raise(SIGABRT);
    break;
  case STOP: (void)raise(SIGSTOP); break;
  case SPIN:
    for (;;) (void)poll(NULL, 0, 1000);
  case SPIN_DEAF:
    (void)signal(SIGTERM, SIG_IGN);
    for (;;) (void)poll(NULL, 0, 1000);
  case GARBAGE:
    (void)!write(self->sock, "this is no frame at all, not even by chance", 43);
    for (;;) (void)poll(NULL, 0, 1000);
  case CLOSE_ALL:
    (void)close(self->sock);
    for (;;) (void)poll(NULL, 0, 1000);
  case HUGE_LENGTH:
    (void)!write(self->sock, &liar, sizeof liar);
    for (;;) (void)poll(NULL, 0, 1000);
  }
}

static int deed_main(mp_worker *self, void *arg) {
  mp_task task;
  while (mp_worker_next(self, &task) == GILT_OK) {
    if (task.id == 3) do_deed(self, *(enum deed *)arg);
    uint64_t value = task.id;
    if (mp_worker_result(self, &value, sizeof value) != GILT_OK) return 4;
  }
  return 0;
}

static void submit_upto(mp_pool *pool, uint64_t n) {
  for (uint64_t i = 1; i <= n; i++)
    assert_int_equal(mp_pool_submit(pool, i, &i, sizeof i), GILT_OK);
  mp_pool_close(pool);
}

/* Runs tasks 1..20 on three workers with the deed in task 3. All other tasks must be answered.
 * Returns the end of the worker that did it. */
static mp_event commit(enum deed deed, bool counter, enum mp_group group,
                       uint64_t task_timeout_ns) {
  mp_pool_options opt = {.workers = 3,
                         .main = deed_main,
                         .arg = &deed,
                         .group = group,
                         .counter_tasks = counter ? 20 : 0,
                         .task_timeout_ns = task_timeout_ns,
                         .grace_ns = 20000000};
  mp_pool *pool = pool_of(&opt);
  if (!counter) submit_upto(pool, 20);
  struct outcome out = drain(pool);
  assert_int_equal(out.results, 19);
  assert_int_equal(out.sum, 20 * 21 / 2 - 3);
  assert_int_equal(out.exits, 3);
  mp_event culprit = {0};
  for (int w = 1; w <= 3; w++)
    if (out.exit_of[w].task == 3) culprit = out.exit_of[w];
  assert_int_equal(culprit.task, 3);
  assert_int_equal(culprit.finished, false);
  mp_pool_destroy(pool);
  assert_no_children();
  return culprit;
}

static void in_both(enum deed deed, int signal, int status, enum mp_cause cause,
                    uint64_t timeout_ns) {
  for (int i = 0; i < 4; i++) {
    mp_event end = commit(deed, i & 1, i & 2 ? MP_GROUP_OWN : MP_GROUP_SHARED, timeout_ns);
    assert_int_equal(end.signal, signal);
    assert_int_equal(end.status, status);
    assert_int_equal(end.cause, cause);
  }
}

static void test_faults__exit_is_reported_with_its_task(void **state) {
  (void)state;
  in_both(EXIT_0, 0, 0, MP_CAUSE_OWN, 0);
  in_both(EXIT_9, 0, 9, MP_CAUSE_OWN, 0);
}

static void test_faults__a_signal_is_reported_with_its_task(void **state) {
  (void)state;
  in_both(DIE_KILL, SIGKILL, 0, MP_CAUSE_OWN, 0);
  in_both(DIE_SEGV, SIGSEGV, 0, MP_CAUSE_OWN, 0);
  in_both(DIE_ABRT, SIGABRT, 0, MP_CAUSE_OWN, 0);
}

static void test_faults__a_task_that_takes_too_long_is_ended(void **state) {
  (void)state;
  in_both(SPIN, SIGTERM, 0, MP_CAUSE_TASK_TIMEOUT, LONG_NS);
  in_both(SPIN_DEAF, SIGKILL, 0, MP_CAUSE_TASK_TIMEOUT, LONG_NS);
  in_both(STOP, SIGKILL, 0, MP_CAUSE_TASK_TIMEOUT, LONG_NS);
}

static void test_faults__garbage_is_a_protocol_error(void **state) {
  (void)state;
  in_both(GARBAGE, SIGKILL, 0, MP_CAUSE_PROTOCOL, 0);
  in_both(HUGE_LENGTH, SIGKILL, 0, MP_CAUSE_PROTOCOL, 0);
}

static void test_faults__a_closed_socket_is_a_protocol_error(void **state) {
  (void)state;
  mp_event end = commit(CLOSE_ALL, false, MP_GROUP_SHARED, 0);
  assert_int_equal(end.cause, MP_CAUSE_PROTOCOL);
}

static void test_faults__the_pool_has_a_timeout(void **state) {
  (void)state;
  enum deed deed = SPIN;
  mp_pool_options opt = {.workers = 2,
                         .main = deed_main,
                         .arg = &deed,
                         .pool_timeout_ns = 100000000,
                         .grace_ns = 10000000};
  mp_pool *pool = pool_of(&opt);
  for (uint64_t i = 3; i <= 4; i++) assert_int_equal(mp_pool_submit(pool, i, NULL, 0), GILT_OK);
  struct outcome out = drain(pool);
  assert_int_equal(out.exits, 2);
  assert_int_equal(out.exit_of[1].cause, MP_CAUSE_POOL_TIMEOUT);
  mp_pool_destroy(pool);
  assert_no_children();
}

static void test_faults__a_dead_worker_is_replaced(void **state) {
  (void)state;
  enum deed deed = DIE_KILL;
  mp_pool_options opt = {.workers = 1, .main = deed_main, .arg = &deed, .restarts = 1};
  mp_pool *pool = pool_of(&opt);
  for (uint64_t i = 1; i <= 10; i++) assert_int_equal(mp_pool_submit(pool, i, NULL, 0), GILT_OK);
  int results = 0, ends = 0;
  mp_event ev;
  while (results < 9) {
    assert_int_equal(mp_pool_wait(pool, 10 * SECOND_NS, &ev), GILT_OK);
    if (ev.kind == MP_RESULT) results++;
    if (ev.kind == MP_EXITED) {
      ends++;
      assert_true(ev.restarted);
      assert_int_equal(ev.task, 3);
    }
  }
  assert_int_equal(ends, 1);
  mp_pool_destroy(pool);
  assert_no_children();
}

static void test_faults__tasks_without_a_worker_are_given_back(void **state) {
  (void)state;
  enum deed deed = DIE_KILL;
  mp_pool *pool = pool_of(&(mp_pool_options){.workers = 1, .main = deed_main, .arg = &deed});
  submit_upto(pool, 5);
  struct outcome out = drain(pool);
  assert_int_equal(out.results, 2);
  assert_int_equal(out.abandoned, 2);
  assert_int_equal(out.abandoned_task, 5);
  mp_pool_destroy(pool);
}

/* ---- a system that refuses ---- */

static int forks_left;
static pid_t failing_fork(void) {
  if (forks_left-- > 0) return fork();
  errno = EAGAIN;
  return -1;
}

static void test_faults__a_failed_fork_leaves_nothing(void **state) {
  (void)state;
  enum deed deed = SPIN;
  mp_pool *pool = NULL;
  forks_left = 2;
  mp_os.fork = failing_fork;
  int rc = mp_pool_create(&(mp_pool_options){.workers = 4, .main = deed_main, .arg = &deed}, &pool);
  int saved = errno;
  mp_os.fork = fork;
  assert_int_equal(rc, GILT_ESYS);
  assert_int_equal(saved, EAGAIN);
  assert_null(pool);
  assert_no_children();
}

static int no_pidfd(pid_t pid) {
  (void)pid;
  errno = ENOSYS;
  return -1;
}

static void test_faults__works_without_pidfd(void **state) {
  (void)state;
  int (*saved)(pid_t) = mp_os.pidfd_open;
  mp_os.pidfd_open = no_pidfd;
  in_both(EXIT_9, 0, 9, MP_CAUSE_OWN, 0);
  in_both(DIE_KILL, SIGKILL, 0, MP_CAUSE_OWN, 0);
  in_both(GARBAGE, SIGKILL, 0, MP_CAUSE_PROTOCOL, 0);
  in_both(SPIN_DEAF, SIGKILL, 0, MP_CAUSE_TASK_TIMEOUT, LONG_NS);
  mp_os.pidfd_open = saved;
}

static int lowest_free_fd(void) {
  int fd = dup(0);
  (void)close(fd);
  return fd;
}

static void test_faults__survives_running_out_of_descriptors(void **state) {
  (void)state;
  enum deed deed = EXIT_9;
  struct rlimit old, tight;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
  int base = lowest_free_fd();
  int made = 0, refused = 0;
  for (int room = 0; room <= 10; room++) {
    tight = old;
    tight.rlim_cur = (rlim_t)(base + room);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    mp_pool *pool = NULL;
    int rc = mp_pool_create(
        &(mp_pool_options){.workers = 4, .main = deed_main, .arg = &deed, .counter_tasks = 8},
        &pool);
    int saved = errno;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    if (rc == GILT_OK) {
      made++;
      struct outcome out = drain(pool); /* some workers may be without a pidfd */
      assert_int_equal(out.results, 7);
      mp_pool_destroy(pool);
    } else {
      refused++;
      assert_int_equal(rc, GILT_ESYS);
      assert_int_equal(saved, EMFILE);
    }
    assert_no_children();
    assert_int_equal(lowest_free_fd(), base);
  }
  assert_true(made > 0 && refused > 0);
}

static void test_faults__an_ignored_sigchld_loses_only_the_status(void **state) {
  (void)state;
  enum deed deed = EXIT_9;
  (void)signal(SIGCHLD, SIG_IGN);
  mp_pool *pool = pool_of(
      &(mp_pool_options){.workers = 2, .main = deed_main, .arg = &deed, .counter_tasks = 6});
  struct outcome out = drain(pool);
  (void)signal(SIGCHLD, SIG_DFL);
  assert_int_equal(out.results, 5);
  assert_int_equal(out.exits, 2);
  mp_pool_destroy(pool);
  assert_no_children();
}

static void on_alarm(int sig) { (void)sig; }

static void test_faults__a_signal_and_the_wake_fd_interrupt_the_wait(void **state) {
  (void)state;
  enum deed deed = SPIN;
  mp_pool *pool = pool_of(&(mp_pool_options){.workers = 1, .main = deed_main, .arg = &deed});
  assert_int_equal(mp_pool_submit(pool, 3, NULL, 0), GILT_OK);
  mp_event ev;
  struct sigaction sa = {.sa_handler = on_alarm};
  assert_int_equal(sigaction(SIGALRM, &sa, NULL), 0);
  (void)alarm(1);
  assert_int_equal(mp_pool_wait(pool, 10 * SECOND_NS, &ev), GILT_EINTERRUPTED);
  int pair[2];
  assert_int_equal(pipe(pair), 0);
  assert_int_equal(write(pair[1], "x", 1), 1);
  mp_pool_set_wake_fd(pool, pair[0]);
  assert_int_equal(mp_pool_wait(pool, 10 * SECOND_NS, &ev), GILT_EINTERRUPTED);
  (void)close(pair[0]);
  (void)close(pair[1]);
  mp_pool_set_wake_fd(pool, -1);
  mp_pool_kill(pool);
  struct outcome out = drain(pool);
  assert_int_equal(out.exit_of[1].cause, MP_CAUSE_STOPPED);
  mp_pool_destroy(pool);
}

/* Sends big results to a parent that goes away without reading them. */
static int flood_main(mp_worker *self, void *arg) {
  size_t len = (size_t)8 << 20;
  char *bytes = calloc(1, len);
  mp_task task;
  (void)arg;
  while (mp_worker_next(self, &task) == GILT_OK)
    if (mp_worker_result(self, bytes, len) != GILT_OK) break; /* EPIPE, not SIGPIPE */
  free(bytes);
  return 0;
}

static void test_faults__destroy_ends_writers_and_the_deaf(void **state) {
  (void)state;
  mp_pool *pool = pool_of(&(mp_pool_options){.workers = 3, .main = flood_main});
  for (uint64_t i = 1; i <= 9; i++) assert_int_equal(mp_pool_submit(pool, i, NULL, 0), GILT_OK);
  mp_event ev;
  assert_int_equal(mp_pool_wait(pool, 10 * SECOND_NS, &ev), GILT_OK);
  mp_pool_destroy(pool);
  assert_no_children();

  enum deed deed = SPIN_DEAF;
  pool = pool_of(&(mp_pool_options){
      .workers = 2, .main = deed_main, .arg = &deed, .counter_tasks = 3, .grace_ns = 10000000});
  while (mp_pool_tasks_started(pool) < 3) (void)!mp_pool_wait(pool, 1000000, &ev);
  mp_pool_destroy(pool);
  assert_no_children();
}

/* ---- nothing stays behind ---- */

struct family {
  _Atomic int workers[4];
  _Atomic int grandchild;
};

static struct family *family_of(void) {
  struct family *shared =
      mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(shared != MAP_FAILED);
  return shared;
}

static int wait_for(_Atomic int *pid) {
  for (int i = 0; i < 10000 && *pid == 0; i++) (void)poll(NULL, 0, 1);
  assert_int_not_equal(*pid, 0);
  return *pid;
}

/* True once that process has ended, however it did; a bound, not a measurement. */
static bool ends(int pid) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return errno == ESRCH;
  struct pollfd at = {.fd = fd, .events = POLLIN};
  int n = poll(&at, 1, 10000);
  (void)close(fd);
  return n == 1;
}

static int family_main(mp_worker *self, void *arg) {
  struct family *shared = arg;
  shared->workers[mp_worker_number(self) - 1] = getpid();
  while (poll(NULL, 0, 1000) >= 0) {
  } /* deaf to the end of the stream */
  return 0;
}

static void test_faults__a_killed_parent_leaves_no_worker(void **state) {
  (void)state;
  assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* so that we can reap what it leaves */
  for (int group = MP_GROUP_SHARED; group <= MP_GROUP_OWN; group++) {
    struct family *shared = family_of();
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
      mp_pool *pool;
      mp_pool_options opt = {
          .workers = 4, .main = family_main, .arg = shared, .group = (enum mp_group)group};
      if (mp_pool_create(&opt, &pool) != GILT_OK) _exit(1);
      mp_event ev;
      (void)!mp_pool_wait(pool, -1, &ev);
      _exit(2);
    }
    int pids[4];
    for (int i = 0; i < 4; i++) pids[i] = wait_for(&shared->workers[i]);
    assert_int_equal(kill(parent, SIGKILL), 0);
    for (int i = 0; i < 4; i++) assert_true(ends(pids[i]));
    int status, reaped = 0;
    while (waitpid(-1, &status, 0) > 0) reaped++;
    assert_int_equal(reaped, 5);
    (void)munmap(shared, sizeof *shared);
  }
}

static int grandchild_main(mp_worker *self, void *arg) {
  struct family *shared = arg;
  mp_task task;
  if (mp_worker_next(self, &task) != GILT_OK) return 1;
  pid_t pid = fork();
  if (pid == 0)
    for (;;) (void)poll(NULL, 0, 1000);
  shared->grandchild = (int)pid;
  while (poll(NULL, 0, 1000) >= 0) {
  }
  return 0;
}

static void test_faults__grandchildren_go_with_their_group(void **state) {
  (void)state;
  struct family *shared = family_of();
  mp_pool_options opt = {.workers = 1,
                         .main = grandchild_main,
                         .arg = shared,
                         .group = MP_GROUP_OWN,
                         .grace_ns = 10000000};
  mp_pool *pool = pool_of(&opt);
  assert_int_equal(mp_pool_submit(pool, 1, NULL, 0), GILT_OK);
  mp_event ev;
  while (shared->grandchild == 0) (void)!mp_pool_wait(pool, 1000000, &ev);
  int worker = mp_pool_pid(pool, 1), grandchild = shared->grandchild;
  assert_int_equal(kill(worker, SIGKILL), 0); /* only the worker, from outside */
  struct outcome out = drain(pool);
  assert_int_equal(out.exit_of[1].signal, SIGKILL);
  assert_int_equal(out.exit_of[1].task, 1);
  assert_true(ends(grandchild));
  mp_pool_destroy(pool);
  int status;
  while (waitpid(-1, &status, 0) > 0) {
  } /* it came to us as the subreaper */
  (void)munmap(shared, sizeof *shared);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_faults__exit_is_reported_with_its_task),
      cmocka_unit_test(test_faults__a_signal_is_reported_with_its_task),
      cmocka_unit_test(test_faults__a_task_that_takes_too_long_is_ended),
      cmocka_unit_test(test_faults__garbage_is_a_protocol_error),
      cmocka_unit_test(test_faults__a_closed_socket_is_a_protocol_error),
      cmocka_unit_test(test_faults__the_pool_has_a_timeout),
      cmocka_unit_test(test_faults__a_dead_worker_is_replaced),
      cmocka_unit_test(test_faults__tasks_without_a_worker_are_given_back),
      cmocka_unit_test(test_faults__a_failed_fork_leaves_nothing),
      cmocka_unit_test(test_faults__works_without_pidfd),
      cmocka_unit_test(test_faults__survives_running_out_of_descriptors),
      cmocka_unit_test(test_faults__an_ignored_sigchld_loses_only_the_status),
      cmocka_unit_test(test_faults__a_signal_and_the_wake_fd_interrupt_the_wait),
      cmocka_unit_test(test_faults__destroy_ends_writers_and_the_deaf),
      cmocka_unit_test(test_faults__a_killed_parent_leaves_no_worker),
      cmocka_unit_test(test_faults__grandchildren_go_with_their_group),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
