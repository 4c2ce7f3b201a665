/* The clock of the books: it is CLOCK_MONOTONIC to within what two readings take, does not go back
 * in a thread, and goes on in a forked child. */
#include "harness.h"

#include "../../gil/os_sync.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t kernel(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

/* Reads ours between two of the kernel's for `span` ns: how far it lies outside them at worst. */
static uint64_t worst_for(uint64_t span, uint64_t *last) {
  uint64_t worst = 0, start = kernel(), after = start;
  while (after - start < span) {
    uint64_t before = kernel(), ours = os_now_ns();
    after = kernel();
    uint64_t off = ours < before ? before - ours : ours > after ? ours - after : 0;
    if (off > worst) worst = off;
    if (ours + 1000 < *last) return UINT64_MAX;
    *last = ours;
  }
  return worst;
}

/* Beyond its first rate and several anchors. 100 us: a hundred times what is seen, and a hundredth
 * of what a wrong rate would give. */
static void test_clock__is_the_monotonic_one(void **state) {
  (void)state;
  uint64_t last = 0;
  os_clock_init();
  assert_true(worst_for(150000000, &last) < 100000);
}

static void test_clock__goes_on_after_a_pause(void **state) {
  (void)state;
  uint64_t last = 0;
  assert_true(worst_for(30000000, &last) < 100000);
  nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
  assert_true(worst_for(50000000, &last) < 100000);
}

static void test_clock__is_the_same_in_a_child(void **state) {
  (void)state;
  uint64_t last = os_now_ns();
  pid_t pid = fork();
  if (pid == 0) {
    os_clock_fork_child();
    _exit(os_now_ns() + 1000 >= last && worst_for(50000000, &last) < 100000 ? 0 : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

struct readers {
  _Atomic uint64_t latest;
  _Atomic int stop, backwards;
};

/* What another thread has read and published is not in this one's future by more than the two may
 * disagree. */
static void *read_on(void *arg) {
  struct readers *r = arg;
  while (!atomic_load_explicit(&r->stop, memory_order_relaxed)) {
    uint64_t seen = atomic_load(&r->latest), now = os_now_ns();
    if (now + 100000 < seen) atomic_store(&r->backwards, 1);
    while (now > seen && !atomic_compare_exchange_weak(&r->latest, &seen, now)) continue;
  }
  return NULL;
}

static void test_clock__is_one_for_all_threads(void **state) {
  (void)state;
  struct readers r = {0};
  pthread_t id[4];
  for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&id[i], NULL, read_on, &r), 0);
  uint64_t last = 0;
  worst_for(200000000, &last);
  atomic_store(&r.stop, 1);
  for (int i = 0; i < 4; i++) assert_int_equal(pthread_join(id[i], NULL), 0);
  assert_int_equal(r.backwards, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_clock__is_the_monotonic_one),
      cmocka_unit_test(test_clock__goes_on_after_a_pause),
      cmocka_unit_test(test_clock__is_the_same_in_a_child),
      cmocka_unit_test(test_clock__is_one_for_all_threads),
  };
  return cmocka_run_group_tests_name("gil_clock", tests, NULL, NULL);
}
