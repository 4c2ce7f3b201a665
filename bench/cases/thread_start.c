/* thread_start.c [ROUNDS]: start and join of a gilt thread, from Lua, against a bare pthread_create
 * and pthread_join. Interleaved; prints the medians in microseconds and their ratio. The bar
 * is 1.3. Then what an idle thread keeps resident, its C stack included: of gilt, asleep in Lua
 * code, and bare. The bar is 16 KiB. */
#include <gilt/gilt.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 200, IDLE = 200 };

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

/* ---- memory ---- */
static double resident_kib(void) {
  long size, pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (f == NULL || fscanf(f, "%ld %ld", &size, &pages) != 2) exit(1);
  fclose(f);
  return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static struct {
  pthread_mutex_t mtx;
  pthread_cond_t changed;
  int waiting;
  bool go;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};

static void *wait_at_gate(void *arg) {
  pthread_mutex_lock(&gate.mtx);
  gate.waiting++;
  pthread_cond_broadcast(&gate.changed);
  while (!gate.go) pthread_cond_wait(&gate.changed, &gate.mtx);
  pthread_mutex_unlock(&gate.mtx);
  return arg;
}

static double bare_idle_kib(void) {
  static pthread_t t[IDLE];
  double before = resident_kib();
  for (int i = 0; i < IDLE; i++)
    if (pthread_create(&t[i], NULL, wait_at_gate, NULL) != 0) exit(1);
  pthread_mutex_lock(&gate.mtx);
  while (gate.waiting < IDLE) pthread_cond_wait(&gate.changed, &gate.mtx);
  double kib = (resident_kib() - before) / IDLE;
  gate.go = true;
  pthread_cond_broadcast(&gate.changed);
  pthread_mutex_unlock(&gate.mtx);
  for (int i = 0; i < IDLE; i++) pthread_join(t[i], NULL);
  return kib;
}

static const char idle_script[] =
    "local thread, time = require 'gilt.thread', require 'gilt.time'\n"
    "local started, threads = {}, {}\n"
    "function start_idle(n)\n"
    "  for i = 1, n do\n"
    "    local mine = {}\n"
    "    started[i] = mine\n"
    "    threads[i] = thread.spawn(function() mine[1] = true pcall(time.sleep, 1e6) end)\n"
    "  end\n"
    "  for i = 1, n do while not started[i][1] do time.sleep(0.0001) end end\n"
    "  collectgarbage()\n"
    "end\n"
    "function end_idle()\n"
    "  for i, t in ipairs(threads) do t:interrupt() t:join() end\n"
    "end\n";

static double gilt_idle_kib(gilt_runtime *rt) {
  double before = resident_kib();
  if (gilt_run_string(rt, "start_idle(200)", "=idle") != GILT_OK) exit(1);
  double kib = (resident_kib() - before) / IDLE;
  if (gilt_run_string(rt, "end_idle()", "=idle") != GILT_OK) exit(1);
  return kib;
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
  if (gilt_run_string(rt,
                      "local spawn = require('gilt.thread').spawn\n"
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
  if (gilt_run_string(rt, idle_script, "=setup") != GILT_OK) return 1;
  double of_gilt = gilt_idle_kib(rt);
  printf("idle thread: pthread %.1f KiB, gilt %.1f KiB (bar 16)\n", bare_idle_kib(), of_gilt);
  gilt_close(rt);
  free(a);
  free(b);
  free(r);
  return 0;
}
