/* The pool when all goes well: both ways of handing out, big payloads, the barrier, the end. */
#include "mp_test.h"

#include <dirent.h>
#include <stdio.h>

static int count_fds(void) {
  int n = 0;
  DIR *dir = opendir("/proc/self/fd");
  assert_non_null(dir);
  while (readdir(dir) != NULL) n++;
  (void)closedir(dir);
  return n;
}

/* Answers with the square of the task's number, plus the length of the request. */
static int square_main(mp_worker *self, void *arg) {
  (void)arg;
  if (mp_worker_ready(self) != GILT_OK) return 3;
  mp_task task;
  int rc;
  while ((rc = mp_worker_next(self, &task)) == GILT_OK) {
    uint64_t value = task.id * task.id + task.len;
    if (mp_worker_result(self, &value, sizeof value) != GILT_OK) return 4;
  }
  return rc == GILT_ECLOSED ? 0 : 5;
}

static uint64_t squares_to(uint64_t n) { return n * (n + 1) * (2 * n + 1) / 6; }

static void test_pool__counter_mode_runs_each_task_once(void **state) {
  (void)state;
  int before = count_fds();
  for (int workers = 1; workers <= 8; workers *= 2) {
    mp_pool *pool =
        pool_of(&(mp_pool_options){.workers = workers, .main = square_main, .counter_tasks = 1000});
    struct outcome out = drain(pool);
    assert_int_equal(out.results, 1000);
    assert_int_equal(out.sum, squares_to(1000));
    assert_int_equal(out.exits, workers);
    assert_int_equal(out.readies, workers);
    for (int w = 1; w <= workers; w++) {
      assert_true(out.exit_of[w].finished);
      assert_int_equal(out.exit_of[w].status, 0);
      assert_int_equal(out.exit_of[w].task, 0);
    }
    mp_pool_destroy(pool);
  }
  assert_no_children();
  assert_int_equal(count_fds(), before);
}

static void test_pool__counter_mode_survives_a_full_outbox(void **state) {
  (void)state;
  mp_pool_options opt = {
      .workers = 3, .main = square_main, .counter_tasks = 5000, .outbox_bytes = 100};
  mp_pool *pool = pool_of(&opt);
  struct outcome out = drain(pool);
  assert_int_equal(out.results, 5000);
  assert_int_equal(out.sum, squares_to(5000));
  mp_pool_destroy(pool);
}

static void test_pool__dispatch_mode_answers_every_request(void **state) {
  (void)state;
  mp_pool *pool = pool_of(&(mp_pool_options){.workers = 4, .main = square_main});
  for (uint64_t i = 1; i <= 500; i++)
    assert_int_equal(mp_pool_submit(pool, i, "abc", i % 4), GILT_OK);
  mp_pool_close(pool);
  assert_int_equal(mp_pool_submit(pool, 501, NULL, 0), GILT_ECLOSED);
  struct outcome out = drain(pool);
  assert_int_equal(out.results, 500);
  assert_int_equal(out.sum, squares_to(500) + 125 * (1 + 2 + 3));
  mp_pool_destroy(pool);
  assert_no_children();
}

/* Sends the request back, reversed. */
static int echo_main(mp_worker *self, void *arg) {
  (void)arg;
  mp_task task;
  while (mp_worker_next(self, &task) == GILT_OK) {
    unsigned char *copy = malloc(task.len + 1);
    if (copy == NULL) return 6;
    for (size_t i = 0; i < task.len; i++)
      copy[i] = ((const unsigned char *)task.data)[task.len - 1 - i];
    int rc = mp_worker_result(self, copy, task.len);
    free(copy);
    if (rc != GILT_OK) return 4;
  }
  return 0;
}

static void test_pool__big_payloads_go_both_ways(void **state) {
  (void)state;
  mp_pool *pool = pool_of(&(mp_pool_options){.workers = 2, .main = echo_main});
  size_t len = (size_t)20 << 20;
  unsigned char *bytes = malloc(len);
  assert_non_null(bytes);
  for (size_t i = 0; i < len; i++) bytes[i] = (unsigned char)(i * 2654435761u >> 13);
  for (uint64_t i = 1; i <= 4; i++)
    assert_int_equal(mp_pool_submit(pool, i, bytes, len - i), GILT_OK);
  for (int i = 0; i < 4; i++) {
    mp_event ev;
    assert_int_equal(mp_pool_wait(pool, 20 * SECOND_NS, &ev), GILT_OK);
    assert_int_equal(ev.kind, MP_RESULT);
    assert_int_equal(ev.len, len - ev.task);
    const unsigned char *got = ev.data;
    for (size_t k = 0; k < ev.len; k += 4097) assert_int_equal(got[k], bytes[ev.len - 1 - k]);
  }
  free(bytes);
  mp_pool_destroy(pool);
  assert_no_children();
}

static int noting_main(mp_worker *self, void *arg) {
  (void)arg;
  int number = mp_worker_number(self) * 100 + mp_worker_count(self);
  if (mp_worker_ready(self) != GILT_OK) return 3;
  mp_task task;
  while (mp_worker_next(self, &task) == GILT_OK) {
    if (task.id % 2 == 0 && mp_worker_fault(self, "even", 4) != GILT_OK) return 4;
    if (task.id % 2 == 1 && mp_worker_result(self, NULL, 0) != GILT_OK) return 4;
  }
  if (mp_worker_note(self, &number, sizeof number) != GILT_OK) return 4;
  mp_worker_hold(self);
  return 7;
}

static void test_pool__workers_hold_at_both_barriers(void **state) {
  (void)state;
  mp_pool_options opt = {.workers = 3, .main = noting_main, .counter_tasks = 10, .hold = true};
  mp_pool *pool = pool_of(&opt);
  struct outcome out = {0};
  mp_event ev;
  while (out.readies < 3) {
    assert_int_equal(mp_pool_wait(pool, 10 * SECOND_NS, &ev), GILT_OK);
    count_event(&out, &ev);
  }
  assert_int_equal(mp_pool_wait(pool, 0, &ev), GILT_ETIMEOUT);
  assert_int_equal(mp_pool_tasks_started(pool), 0);
  mp_pool_release(pool);
  while (out.notes < 3) {
    assert_int_equal(mp_pool_wait(pool, 10 * SECOND_NS, &ev), GILT_OK);
    count_event(&out, &ev);
    if (ev.kind == MP_NOTE) {
      int number;
      memcpy(&number, ev.data, sizeof number);
      assert_int_equal(number, ev.worker * 100 + 3);
      assert_int_equal(kill(ev.pid, 0), 0); /* held: it can be looked at */
    }
  }
  assert_int_equal(out.results, 5); /* before the notes, all of them */
  assert_int_equal(out.faults, 5);
  assert_int_equal(mp_pool_alive(pool), 3);
  assert_int_equal(mp_pool_tasks_started(pool), 10);
  mp_pool_close(pool);
  out = drain(pool);
  assert_int_equal(out.exits, 3);
  assert_int_equal(out.exit_of[2].status, 7);
  mp_pool_destroy(pool);
}

static void test_pool__cancel_stops_the_hand_out(void **state) {
  (void)state;
  mp_pool_options opt = {
      .workers = 2, .main = square_main, .counter_tasks = UINT64_C(1) << 40, .hold = true};
  mp_pool *pool = pool_of(&opt);
  mp_pool_release(pool);
  mp_event ev = {0};
  while (ev.kind != MP_RESULT) assert_int_equal(mp_pool_wait(pool, 10 * SECOND_NS, &ev), GILT_OK);
  mp_pool_cancel(pool);
  struct outcome out = drain(pool);
  assert_int_equal(out.exits, 2);
  mp_pool_destroy(pool);
}

static int quitting_main(mp_worker *self, void *arg) {
  (void)arg;
  mp_task task;
  while (mp_worker_next(self, &task) == GILT_OK) {
    if (task.id == 5) mp_worker_cancel(self);
    if (mp_worker_result(self, &task.id, sizeof task.id) != GILT_OK) return 4;
  }
  return 0;
}

static void test_pool__a_worker_can_stop_the_hand_out(void **state) {
  (void)state;
  mp_pool_options opt = {.workers = 2, .main = quitting_main, .counter_tasks = UINT64_C(1) << 40};
  mp_pool *pool = pool_of(&opt);
  struct outcome out = drain(pool);
  assert_true(out.results >= 5);
  assert_int_equal(out.exits, 2);
  mp_pool_destroy(pool);
}

static int prepared, in_parent, in_child;
static void hook_prepare(void *arg) { prepared += *(int *)arg; }
static void hook_parent(void *arg) { in_parent += *(int *)arg; }
static void hook_child(void *arg) { in_child += *(int *)arg; }

static int hooked_main(mp_worker *self, void *arg) {
  (void)self;
  (void)arg;
  return in_child == 5 && in_parent == 5 * (mp_worker_number(self) - 1) ? 0 : 1;
}

static void test_pool__calls_the_fork_hooks(void **state) {
  (void)state;
  int five = 5;
  mp_fork_hooks hooks = {hook_prepare, hook_parent, hook_child, &five};
  mp_pool *pool = pool_of(&(mp_pool_options){.workers = 3, .main = hooked_main, .hooks = hooks});
  assert_int_equal(prepared, 15);
  assert_int_equal(in_parent, 15);
  assert_int_equal(in_child, 0);
  struct outcome out = drain(pool);
  for (int w = 1; w <= 3; w++) assert_int_equal(out.exit_of[w].status, 0);
  mp_pool_destroy(pool);
}

/* A worker has its own end of its own pool, and nothing else of any pool. */
static int fds_main(mp_worker *self, void *arg) {
  (void)self;
  return count_fds() - *(int *)arg;
}

static void test_pool__a_worker_inherits_no_descriptor_of_another(void **state) {
  (void)state;
  int before = count_fds();
  for (int i = 0; i < 4; i++) {
    mp_pool_options idle = {
        .workers = 4, .main = square_main, .counter_tasks = i & 1 ? 9 : 0, .hold = true};
    mp_pool_options fds = {
        .workers = 4, .main = fds_main, .arg = &before, .counter_tasks = i & 2 ? 9 : 0};
    mp_pool *other = pool_of(&idle);
    mp_pool *pool = pool_of(&fds);
    struct outcome out = drain(pool);
    for (int w = 1; w <= 4; w++) assert_int_equal(out.exit_of[w].status, 1);
    mp_pool_destroy(pool);
    mp_pool_destroy(other);
    assert_int_equal(count_fds(), before);
    assert_no_children();
  }
}

/* The status of a worker that a child makes of us, which has all that we have. */
static int worker_of_child(void *arg) {
  pid_t pid = fork();
  if (pid == 0) {
    mp_pool *pool = NULL;
    mp_event ev = {.status = 99};
    if (mp_pool_create(&(mp_pool_options){.workers = 1, .main = fds_main, .arg = arg}, &pool) ==
            GILT_OK &&
        mp_pool_wait(pool, 10 * SECOND_NS, &ev) != GILT_OK)
      ev.status = 98;
    _exit(ev.status);
  }
  int status = -1;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_pool__nor_of_a_pool_that_its_parent_inherited(void **state) {
  (void)state;
  int before = count_fds();
  for (uint64_t tasks = 0; tasks <= 9; tasks += 9) {
    mp_pool *other = pool_of(&(mp_pool_options){
        .workers = 4, .main = square_main, .counter_tasks = tasks, .hold = true});
    assert_int_equal(worker_of_child(&before), 1);
    mp_pool_destroy(other);
    assert_no_children();
  }
}

/* Opens files by the numbers that were closed in it, and then has workers of its own. */
static int reusing_main(mp_worker *self, void *arg) {
  (void)self;
  (void)arg;
  for (int i = 0; i < 20; i++)
    if (dup(0) < 0) return 97;
  int before = count_fds();
  mp_pool *inner = NULL;
  mp_event ev = {.status = 99};
  if (mp_pool_create(&(mp_pool_options){.workers = 1, .main = fds_main, .arg = &before}, &inner) !=
      GILT_OK)
    return 96;
  if (mp_pool_wait(inner, 10 * SECOND_NS, &ev) != GILT_OK) return 95;
  mp_pool_destroy(inner);
  return ev.status;
}

static void test_pool__a_nested_worker_keeps_its_parents_files(void **state) {
  (void)state;
  mp_pool *other = pool_of(
      &(mp_pool_options){.workers = 4, .main = square_main, .counter_tasks = 9, .hold = true});
  mp_pool *pool = pool_of(&(mp_pool_options){.workers = 2, .main = reusing_main});
  struct outcome out = drain(pool);
  for (int w = 1; w <= 2; w++) assert_int_equal(out.exit_of[w].status, 1);
  mp_pool_destroy(pool);
  mp_pool_destroy(other);
  assert_no_children();
}

/* Notes that nobody has read when the worker ends, more than a socket holds in one piece. */
static int chatty_main(mp_worker *self, void *arg) {
  mp_task task;
  (void)arg;
  while (mp_worker_next(self, &task) == GILT_OK) {
    if (mp_worker_result(self, &task.id, sizeof task.id) != GILT_OK) return 1;
    for (int i = 0; i < 500; i++)
      if (mp_worker_note(self, &task.id, sizeof task.id) != GILT_OK) return 2;
  }
  return 0;
}

static void test_pool__what_was_sent_before_the_end_arrives(void **state) {
  (void)state;
  for (int i = 0; i < 20; i++) {
    mp_pool *pool =
        pool_of(&(mp_pool_options){.workers = 1 + i % 3, .main = chatty_main, .counter_tasks = 4});
    mp_pool_close(pool);
    struct outcome out = drain(pool);
    assert_int_equal(out.results, 4);
    assert_int_equal(out.notes, 2000);
    mp_pool_destroy(pool);
  }
}

/* Memory is handed from pool to pool; a smaller one, a larger one and one beside it get it right.
 */
static void test_pool__pools_of_different_sizes_follow_each_other(void **state) {
  (void)state;
  static const size_t outbox[] = {4096, 64, 300000, 64, 2000000, 100};
  for (int i = 0; i < 18; i++) {
    int workers = i % 5 == 4 ? 40 : 1 + i % 4;
    mp_pool_options opt = {.workers = workers,
                           .main = square_main,
                           .counter_tasks = 50,
                           .outbox_bytes = outbox[i % 6]};
    mp_pool *pool = pool_of(&opt);
    mp_pool *beside = pool_of(&opt);
    struct outcome out = drain(pool), out_beside = drain(beside);
    assert_int_equal(out.sum, squares_to(50));
    assert_int_equal(out_beside.sum, squares_to(50));
    mp_pool_destroy(pool);
    mp_pool_destroy(beside);
  }
}

/* A pool within a worker of a pool. */
static int nested_main(mp_worker *self, void *arg) {
  (void)arg;
  mp_pool *inner = NULL;
  if (mp_pool_create(&(mp_pool_options){.workers = 2, .main = square_main, .counter_tasks = 10},
                     &inner) != GILT_OK)
    return 9;
  uint64_t sum = 0;
  mp_event ev;
  while (mp_pool_wait(inner, -1, &ev) == GILT_OK)
    if (ev.kind == MP_RESULT) sum += *(const uint64_t *)ev.data;
  mp_pool_destroy(inner);
  mp_task task;
  while (mp_worker_next(self, &task) == GILT_OK)
    if (mp_worker_result(self, &sum, sizeof sum) != GILT_OK) return 8;
  return 0;
}

static void test_pool__nests(void **state) {
  (void)state;
  mp_pool *pool =
      pool_of(&(mp_pool_options){.workers = 2, .main = nested_main, .counter_tasks = 3});
  struct outcome out = drain(pool);
  assert_int_equal(out.sum, 3 * squares_to(10));
  mp_pool_destroy(pool);
}

static void test_pool__refuses_bad_options(void **state) {
  (void)state;
  mp_pool *pool = NULL;
  assert_int_equal(mp_pool_create(&(mp_pool_options){.workers = 0, .main = square_main}, &pool),
                   GILT_EINVAL);
  assert_int_equal(mp_pool_create(&(mp_pool_options){.workers = -1, .main = square_main}, &pool),
                   GILT_EINVAL);
  assert_int_equal(
      mp_pool_create(&(mp_pool_options){.workers = 100000, .main = square_main}, &pool),
      GILT_EINVAL);
  assert_int_equal(mp_pool_create(&(mp_pool_options){.workers = 1}, &pool), GILT_EINVAL);
  assert_int_equal(mp_pool_create(NULL, &pool), GILT_EINVAL);
  assert_null(pool);
  mp_pool_destroy(NULL);
  pool = pool_of(&(mp_pool_options){.workers = 1, .main = square_main});
  assert_int_equal(mp_pool_submit(pool, 0, NULL, 0), GILT_EINVAL);
  mp_pool_destroy(pool);
  assert_string_equal(mp_cause_name(MP_CAUSE_PROTOCOL), "protocol");
  assert_true(mp_thread_count() >= 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pool__counter_mode_runs_each_task_once),
      cmocka_unit_test(test_pool__counter_mode_survives_a_full_outbox),
      cmocka_unit_test(test_pool__dispatch_mode_answers_every_request),
      cmocka_unit_test(test_pool__big_payloads_go_both_ways),
      cmocka_unit_test(test_pool__workers_hold_at_both_barriers),
      cmocka_unit_test(test_pool__cancel_stops_the_hand_out),
      cmocka_unit_test(test_pool__a_worker_can_stop_the_hand_out),
      cmocka_unit_test(test_pool__calls_the_fork_hooks),
      cmocka_unit_test(test_pool__a_worker_inherits_no_descriptor_of_another),
      cmocka_unit_test(test_pool__nor_of_a_pool_that_its_parent_inherited),
      cmocka_unit_test(test_pool__a_nested_worker_keeps_its_parents_files),
      cmocka_unit_test(test_pool__what_was_sent_before_the_end_arrives),
      cmocka_unit_test(test_pool__pools_of_different_sizes_follow_each_other),
      cmocka_unit_test(test_pool__nests),
      cmocka_unit_test(test_pool__refuses_bad_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
