/* test_runtimes.c: ffi in several runtimes of one process: each has types, names and callbacks of
 * its own, on threads of their own; and a callback whose runtime is closed. */
#include <gilt/gilt.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* What the scripts call: exported from this program. */
int rt_test_apply(int (*f)(int), int v);
void rt_test_store(int slot, int (*f)(int));
int rt_test_stored(int slot, int v);
#define EXPORT __attribute__((visibility("default")))

static int (*stored[8])(int);
EXPORT int rt_test_apply(int (*f)(int), int v) { return f(v); }
EXPORT void rt_test_store(int slot, int (*f)(int)) { stored[slot] = f; }
EXPORT int rt_test_stored(int slot, int v) { return stored[slot](v); }

static const char script[] =
    "local ffi = require 'ffi'\n"
    "ffi.cdef[[ int rt_test_apply(int (*f)(int), int v); void rt_test_store(int, int (*f)(int));\n"
    "  int rt_test_stored(int, int); typedef struct { int a[%d]; } own; ]]\n"
    "local C = ffi.C\n"
    "assert(ffi.sizeof 'own' == 4 * %d)\n"
    "for i = 1, 300 do\n"
    "  assert(C.rt_test_apply(function(v) return v + i end, %d) == %d + i)\n"
    "  local o = ffi.new('own', {{ i }})\n"
    "  assert(o.a[0] == i)\n"
    "end\n"
    "collectgarbage()\n"
    "C.rt_test_store(%d, function(v) return v * 2 end)\n"
    "assert(C.rt_test_stored(%d, 21) == 42)\n";

static void run_in_own_runtime(int n) {
  char text[2048];
  gilt_runtime *rt = NULL;
  snprintf(text, sizeof text, script, n, n, n, n, n, n);
  assert_int_equal(gilt_open(NULL, &rt), GILT_OK);
  int rc = gilt_run_string(rt, text, "=isolate");
  if (rc != GILT_OK) fail_msg("%s", gilt_error(rt));
  gilt_close(rt);
}

static void *isolate(void *arg) {
  run_in_own_runtime((int)(intptr_t)arg);
  return NULL;
}

static void test_runtimes__side_by_side(void **state) {
  pthread_t t[6];
  (void)state;
  for (int round = 0; round < 3; round++) {
    for (intptr_t i = 0; i < 6; i++)
      assert_int_equal(pthread_create(&t[i], NULL, isolate, (void *)(i + 1)), 0);
    for (int i = 0; i < 6; i++) pthread_join(t[i], NULL);
  }
}

/* C still holds the pointers: a call returns zero and says why on stderr. */
static void test_runtimes__callback_after_close(void **state) {
  (void)state;
  run_in_own_runtime(7);
  assert_int_equal(stored[7](21), 0);
  assert_int_equal(stored[7](22), 0);
}

static void test_runtimes__one_calls_the_other(void **state) {
  gilt_runtime *a = NULL, *b = NULL;
  (void)state;
  assert_int_equal(gilt_open(NULL, &a), GILT_OK);
  assert_int_equal(
      gilt_run_string(
          a,
          "ffi = require 'ffi'\n"
          "ffi.cdef 'void rt_test_store(int, int (*f)(int)); int rt_test_stored(int, int);'\n"
          "ffi.C.rt_test_store(0, function(v) if v < 0 then error('negative', 0) end\n"
          "  return v + 1000 end)",
          "=a"),
      GILT_OK);
  gilt_leave(a);
  assert_int_equal(gilt_open(NULL, &b), GILT_OK);
  int rc = gilt_run_string(b,
                           "local ffi = require 'ffi'\n"
                           "ffi.cdef 'int rt_test_stored(int, int);'\n"
                           "for i = 1, 100 do assert(ffi.C.rt_test_stored(0, i) == 1000 + i) end\n"
                           "assert(ffi.C.rt_test_stored(0, -1) == 0)\n"
                           "assert(ffi.gil(ffi.C.rt_test_stored, 'hold')(0, 1) == 1001)",
                           "=b");
  if (rc != GILT_OK) fail_msg("%s", gilt_error(b));
  gilt_close(b);
  assert_int_equal(gilt_enter(a), GILT_OK);
  gilt_close(a);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_runtimes__side_by_side),
                                     cmocka_unit_test(test_runtimes__callback_after_close),
                                     cmocka_unit_test(test_runtimes__one_calls_the_other)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
