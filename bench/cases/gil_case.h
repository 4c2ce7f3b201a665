/* gil_case.h: what the gil_*.c micro-benchmarks share: rounds that alternate two things, medians of
 * the ratios, one line against a bar. The exit status never depends on a time. */
#ifndef GILT_BENCH_GIL_CASE_H
#define GILT_BENCH_GIL_CASE_H

#include <gilt/gil.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 101

static inline uint64_t case_now_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static inline bool case_smoke(int argc, char **argv) {
  return argc > 1 && strcmp(argv[1], "--smoke") == 0;
}

static inline int case_by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static inline double case_median(double *v, int n) {
  qsort(v, (size_t)n, sizeof *v, case_by_size);
  return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* One figure of ours and one of the other thing, in turns, so that a slow moment hits both. Prints
 * both medians (ns), the median ratio and its quartiles, and whether it is within the bar. */
static inline void case_compare(const char *what, const char *against, double bar, int rounds,
                                double (*ours)(void *), double (*theirs)(void *), void *arg) {
  static double a[ROUNDS_MAX], b[ROUNDS_MAX], ratio[ROUNDS_MAX];
  for (int i = 0; i < rounds; i++) {
    a[i] = ours(arg);
    b[i] = theirs(arg);
    ratio[i] = a[i] / b[i];
  }
  double middle = case_median(ratio, rounds);
  printf("%-34s %8.1f ns  %-26s %8.1f ns  ratio %.3f (%.3f to %.3f)  bar %.2f  %s\n", what,
         case_median(a, rounds), against, case_median(b, rounds), middle, ratio[rounds / 4],
         ratio[rounds * 3 / 4], bar, middle <= bar ? "ok" : "missed");
}

static inline void case_absolute(const char *what, double bar_ns, int rounds,
                                 double (*ours)(void *), void *arg) {
  static double a[ROUNDS_MAX];
  for (int i = 0; i < rounds; i++) a[i] = ours(arg);
  double middle = case_median(a, rounds);
  printf("%-34s %8.1f ns  (%.1f to %.1f)  bar %.1f ns  %s\n", what, middle, a[rounds / 4],
         a[rounds * 3 / 4], bar_ns, middle <= bar_ns ? "ok" : "missed");
}

#endif
