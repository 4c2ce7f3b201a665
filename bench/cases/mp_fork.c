/* mp_fork.c: what a worker costs beyond the fork itself: start it, have its first task done, reap
 * it, against a bare fork and wait. Bar: 1.5. Usage: mp_fork [ROUNDS] The two alternate, so that a
 * slow moment hits both; each round gives one ratio. */
#include <gilt/mp.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BAR        1.5
#define ROUNDS_MAX 100000

static double now_us(void) {
  struct timespec ts;
  (void)clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static double bare_fork(void) {
  double start = now_us();
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  int status = 1;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) return -1;
  return now_us() - start;
}

static int answer(mp_worker *self, void *arg) {
  mp_task task;
  (void)arg;
  while (mp_worker_next(self, &task) == GILT_OK)
    if (mp_worker_result(self, "done", 4) != GILT_OK) return 1;
  return 0;
}

static double worker(bool counter) {
  double start = now_us();
  mp_pool_options opt = {.workers = 1, .main = answer, .counter_tasks = counter ? 1 : 0};
  mp_pool *pool = NULL;
  int results = 0;
  if (mp_pool_create(&opt, &pool) != GILT_OK) return -1;
  if (!counter && mp_pool_submit(pool, 1, "task", 4) != GILT_OK) return -1;
  mp_pool_close(pool);
  mp_event ev;
  while (mp_pool_wait(pool, -1, &ev) == GILT_OK) results += ev.kind == MP_RESULT;
  mp_pool_destroy(pool);
  return results == 1 ? now_us() - start : -1;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *v, int n) {
  qsort(v, (size_t)n, sizeof *v, by_size);
  return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int main(int argc, char **argv) {
  long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 1001;
  if (rounds < 1 || rounds > ROUNDS_MAX) {
    (void)fprintf(stderr, "usage: mp_fork [ROUNDS]  (1..%d)\n", ROUNDS_MAX);
    return 2;
  }
  int n = (int)rounds;
  double *v[5];
  for (int k = 0; k < 5; k++)
    if ((v[k] = malloc((size_t)n * sizeof **v)) == NULL) return 1;
  for (int i = 0; i < n; i++) {
    v[0][i] = bare_fork();
    v[1][i] = worker(true);
    v[2][i] = worker(false);
    if (v[0][i] < 0 || v[1][i] < 0 || v[2][i] < 0) {
      perror("mp_fork");
      return 1;
    }
    v[3][i] = v[1][i] / v[0][i];
    v[4][i] = v[2][i] / v[0][i];
  }
  double bare = median(v[0], n), counter = median(v[1], n), dispatch = median(v[2], n);
  double ratio = median(v[3], n), ratio_dispatch = median(v[4], n);
  (void)printf("bare fork + wait                      %8.1f us\n", bare);
  (void)printf("worker, first task done, reaped       %8.1f us  ratio %.3f  bar %.2f  %s\n",
               counter, ratio, BAR, ratio <= BAR ? "ok" : "ABOVE");
  (void)printf("the same, task sent as a request      %8.1f us  ratio %.3f  bar %.2f  %s\n",
               dispatch, ratio_dispatch, BAR, ratio_dispatch <= BAR ? "ok" : "ABOVE");
  for (int k = 0; k < 5; k++) free(v[k]);
  return 0;
}
