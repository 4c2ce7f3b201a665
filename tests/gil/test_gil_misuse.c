/* A bug in the caller ends the process with a name, at once: each case runs in a child. */
#include "harness.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void acquire_twice(gil *g, gil_thread *t) {
  (void)g;
  gil_acquire(t);
  gil_acquire(t);
}
static void try_twice(gil *g, gil_thread *t) {
  (void)g;
  gil_acquire(t);
  (void)!gil_try_acquire(t);
}
static void release_free(gil *g, gil_thread *t) {
  (void)g;
  gil_release(t);
}
static void release_twice(gil *g, gil_thread *t) {
  (void)g;
  gil_acquire(t);
  gil_release(t);
  gil_release(t);
}
static void block_free(gil *g, gil_thread *t) {
  (void)g;
  gil_block_begin(t, GIL_BLOCKED_IO);
}
static void unblock_held(gil *g, gil_thread *t) {
  (void)g;
  gil_acquire(t);
  gil_block_end(t);
}
static void yield_free(gil *g, gil_thread *t) {
  (void)g;
  gil_give_way(t);
}
static void detach_held(gil *g, gil_thread *t) {
  (void)g;
  gil_acquire(t);
  gil_detach(t);
}
static void destroy_used(gil *g, gil_thread *t) {
  (void)t;
  gil_destroy(g);
}
static void policy_free(gil *g, gil_thread *t) {
  (void)g;
  (void)!gil_set_policy(t, "fifo");
}
static void fork_free(gil *g, gil_thread *t) {
  (void)g;
  gil_fork_prepare(t);
}

static void dies(void (*misuse)(gil *, gil_thread *), const char *name) {
  char text[200] = "";
  int end[2], status;
  assert_int_equal(pipe(end), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGABRT, SIG_DFL); /* the test library catches it */
    dup2(end[1], STDERR_FILENO);
    close(end[0]);
    close(end[1]);
    gil *g;
    gil_thread *t;
    if (gil_create(NULL, &g) != GILT_OK || gil_attach(g, "t", NULL, &t) != GILT_OK) _exit(3);
    misuse(g, t);
    _exit(0);
  }
  close(end[1]);
  size_t have = 0;
  for (ssize_t n; (n = read(end[0], text + have, sizeof text - 1 - have)) > 0;) have += (size_t)n;
  close(end[0]);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  assert_non_null(strstr(text, "gilt: "));
  assert_non_null(strstr(text, name));
}

static void test_misuse__ends_with_a_name(void **state) {
  (void)state;
  dies(acquire_twice, "gil_acquire");
  dies(try_twice, "gil_try_acquire");
  dies(release_free, "gil_release");
  dies(release_twice, "gil_release");
  dies(block_free, "gil_block_begin");
  dies(unblock_held, "gil_block_end");
  dies(yield_free, "gil_give_way");
  dies(detach_held, "gil_detach");
  dies(destroy_used, "gil_destroy");
  dies(policy_free, "gil_set_policy");
  dies(fork_free, "gil_fork_prepare");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_misuse__ends_with_a_name)};
  return cmocka_run_group_tests_name("gil_misuse", tests, NULL, NULL);
}
