/* Reports over a pipe: there and back, cut short, and with every byte changed. */
#include "../../../interp/experiment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void make_report(struct exp_report *report, struct wire_buf *out) {
  assert_true(exp_report_init(report, 3, 5));
  report->wall_ns = 123;
  report->per_worker[2].tasks = 77;
  (void)strcpy(report->mode, "threads");
  exp_error_set(&report->error, EXP_ERROR, 4, 2, "it broke", "stack traceback:");
  exp_error_set(&report->error, EXP_EXIT, 5, 3, "later", NULL); /* the first one stays */
  assert_true(wire_append(&report->results[1], "abc", 3));
  assert_int_equal(exp_report_pack(report, out), GILT_OK);
}

static void test_report__comes_back_as_it_was(void **state) {
  (void)state;
  struct exp_report report, copy;
  struct wire_buf bytes = {0};
  make_report(&report, &bytes);
  assert_int_equal(exp_report_unpack(bytes.bytes, bytes.len, &copy), GILT_OK);
  assert_int_equal(copy.wall_ns, 123);
  assert_int_equal(copy.workers, 3);
  assert_int_equal(copy.tasks, 5);
  assert_string_equal(copy.mode, "threads");
  assert_int_equal(copy.per_worker[2].tasks, 77);
  assert_int_equal(copy.error.kind, EXP_ERROR);
  assert_int_equal(copy.error.task, 4);
  assert_int_equal(copy.error.worker, 2);
  assert_string_equal(copy.error.message, "it broke");
  assert_string_equal(copy.error.traceback, "stack traceback:");
  assert_int_equal(copy.results[1].len, 3);
  assert_memory_equal(copy.results[1].bytes, "abc", 3);
  assert_int_equal(copy.results[0].len, 0);
  exp_report_fini(&copy);
  exp_report_fini(&report);
  wire_free(&bytes);
}

static void test_report__a_damaged_one_does_no_harm(void **state) {
  (void)state;
  struct exp_report report, copy;
  struct wire_buf bytes = {0};
  make_report(&report, &bytes);
  for (size_t len = 0; len < bytes.len; len++) {
    unsigned char *cut = malloc(len + 1);
    assert_non_null(cut);
    memcpy(cut, bytes.bytes, len);
    assert_int_equal(exp_report_unpack(cut, len, &copy), GILT_EPROTO);
    free(cut);
  }
  unsigned char *damaged = malloc(bytes.len);
  assert_non_null(damaged);
  for (size_t at = 0; at < bytes.len; at++) {
    for (int bit = 0; bit < 8; bit++) {
      memcpy(damaged, bytes.bytes, bytes.len);
      damaged[at] ^= (unsigned char)(1u << bit);
      if (exp_report_unpack(damaged, bytes.len, &copy) == GILT_OK) exp_report_fini(&copy);
    }
  }
  free(damaged);
  exp_report_fini(&report);
  wire_free(&bytes);
}

static void test_report__names_its_faults(void **state) {
  (void)state;
  assert_string_equal(exp_fault_name(EXP_LOAD), "load");
  assert_string_equal(exp_fault_name(EXP_RUNNER), "runner");
  assert_string_equal(exp_fault_name(EXP_NONE), "none");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_report__comes_back_as_it_was),
      cmocka_unit_test(test_report__a_damaged_one_does_no_harm),
      cmocka_unit_test(test_report__names_its_faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
