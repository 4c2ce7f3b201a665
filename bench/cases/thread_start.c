/* thread_start.c [ROUNDS]: start and join of a gilt thread, from Lua, against a bare pthread_create and
 * pthread_join. Interleaved; prints the medians in microseconds and their ratio. The bar is 1.3. */
#include <gilt/gilt.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 200 };

static double now_us(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void *nothing(void *arg) { return arg; }

static double bare(void) {
  double start = now_us();
  for (int i = 0; i < BATCH; i++) {
    pthread_t t;
    if (pthread_create(&t, NULL, nothing, NULL) != 0) exit(1);
    pthread_join(t, NULL);
  }
  return (now_us() - start) / BATCH;
}

static double gilt(gilt_runtime *rt) {
  double start = now_us();
  if (gilt_run_string(rt, "batch()", "=batch") != GILT_OK) {
    fprintf(stderr, "%s\n", gilt_error(rt));
    exit(1);
  }
  return (now_us() - start) / BATCH;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *v, int n) {
  qsort(v, (size_t)n, sizeof *v, by_value);
  return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 41;
  if (rounds < 1) rounds = 1;
  double *a = calloc((size_t)rounds, sizeof *a), *b = calloc((size_t)rounds, sizeof *b),
         *r = calloc((size_t)rounds, sizeof *r);
  gilt_runtime *rt;
  if (a == NULL || b == NULL || r == NULL || gilt_open(NULL, &rt) != GILT_OK) return 1;
  if (gilt_run_string(rt, "local spawn = require('gilt.thread').spawn\n"
                          "local function nothing() end\n"
                          "function batch() for _ = 1, 200 do spawn(nothing):join() end end",
                      "=setup") != GILT_OK)
    return 1;
  bare();
  gilt(rt);
  for (int i = 0; i < rounds; i++) {
    a[i] = bare();
    b[i] = gilt(rt);
    r[i] = b[i] / a[i];
  }
  printf("thread_start: pthread %.2f us, gilt %.2f us, ratio %.2f (bar 1.3)\n", median(a, rounds),
         median(b, rounds), median(r, rounds));
  gilt_close(rt);
  free(a);
  free(b);
  free(r);
  return 0;
}
