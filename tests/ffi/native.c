/* native.c: the C side of the ffi tests: functions of many shapes, callbacks on threads of its own.
 */
#include <complex.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "native.h"

int8_t t_i8(int8_t v) { return (int8_t)(v + 1); }
uint8_t t_u8(uint8_t v) { return (uint8_t)(v + 1); }
int16_t t_i16(int16_t v) { return (int16_t)(v + 1); }
uint16_t t_u16(uint16_t v) { return (uint16_t)(v + 1); }
int32_t t_i32(int32_t v) { return (int32_t)((uint32_t)v + 1); }
uint32_t t_u32(uint32_t v) { return v + 1; }
int64_t t_i64(int64_t v) { return (int64_t)((uint64_t)v + 1); }
uint64_t t_u64(uint64_t v) { return v + 1; }
bool t_not(bool v) { return !v; }
float t_f32(float v) { return v * 2; }
double t_f64(double v) { return v * 2; }
long double t_ld(long double v) { return v * 2; }
double _Complex t_c64(double _Complex v) { return conj(v); }
float _Complex t_c32(float _Complex v) { return conjf(v); }
char *t_ptr(char *p) { return p; }
const char *t_color(enum t_color c) { return c == T_RED ? "red" : c == T_BLUE ? "blue" : "?"; }
int t_sum(int a, int b, int c, int d, int e, int f) {
  return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f;
}
int64_t t_ten(int a, int64_t b, uint8_t c, int d, int16_t e, int f, int g, int64_t h, int i,
              int j) {
  return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}
double t_mixed(int a, double b, float c, int64_t d, double e, uint8_t f, float g) {
  return a + 2 * b + 3 * (double)c + 4 * (double)d + 5 * e + 6 * f + 7 * (double)g;
}
double t_doubles(double a, double b, double c, double d, double e, double f, double g, double h,
                 double i) {
  return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i;
}

struct t_point t_add(struct t_point a, struct t_point b) {
  return (struct t_point){a.x + b.x, a.y + b.y};
}
struct t_pair t_swap(struct t_pair p) {
  return (struct t_pair){p.b, p.a};
}
struct t_mix t_mix(struct t_mix m) {
  return (struct t_mix){m.d, (int64_t)m.i + 1 > 0 ? m.i + 1 : 0};
}
struct t_xim t_xim(struct t_xim m) {
  return (struct t_xim){m.i + 1, m.d * 2};
}
struct t_small t_small(struct t_small s) {
  return (struct t_small){s.c, s.b, s.a};
}
struct t_floats t_floats(struct t_floats f) {
  return (struct t_floats){f.c, f.b, f.a};
}
struct t_big t_big(struct t_big b, int n) {
  for (int i = 0; i < 8; i++) b.v[i] *= n;
  return b;
}
union t_union t_union(union t_union u) {
  u.i = ~u.i;
  return u;
}
struct t_bits t_bits(struct t_bits b) {
  b.a++;
  b.c--;
  return b;
}
int64_t t_spill(int a, int b, int c, int d, int e, struct t_pair p, int f) {
  return a + b + c + d + e + 100 * p.a + 1000 * p.b + 10000 * f;
}

int t_vsum(int n, ...) {
  va_list ap;
  int sum = 0;
  va_start(ap, n);
  for (int i = 0; i < n; i++) sum += va_arg(ap, int);
  va_end(ap);
  return sum;
}
double t_vmix(const char *kinds, ...) {
  va_list ap;
  double sum = 0;
  va_start(ap, kinds);
  for (; *kinds != '\0'; kinds++) {
    if (*kinds == 'd')
      sum += va_arg(ap, double);
    else if (*kinds == 'i')
      sum += va_arg(ap, int);
    else if (*kinds == 'l')
      sum += (double)va_arg(ap, long long);
    else if (*kinds == 's')
      sum += (double)strlen(va_arg(ap, const char *));
    else if (*kinds == 'p')
      sum += va_arg(ap, void *) == NULL;
    else if (*kinds == 'P') {
      struct t_point p = va_arg(ap, struct t_point);
      sum += p.x + p.y;
    }
  }
  va_end(ap);
  return sum;
}

int t_set_errno(int v) {
  errno = v;
  return 0;
}
int t_get_errno(void) { return errno; }

int t_global = 42;
const int t_constant = 7;
int t_array[4] = {1, 2, 3, 4};
const char *t_name = "native";
struct t_pair t_record = {5, 6};

/* ---- callbacks ---- */

int t_call(int (*f)(int), int v) { return f(v); }
double t_call_d(double (*f)(double, float), double a, float b) { return f(a, b); }
int t_repeat(int (*f)(int), int n) {
  int sum = 0;
  for (int i = 0; i < n; i++) sum += f(i);
  return sum;
}
struct t_point t_call_point(struct t_point (*f)(struct t_point), struct t_point p) {
  return f(p);
}
struct t_big t_call_big(struct t_big (*f)(struct t_big)) {
  struct t_big b = {{1, 2, 3, 4, 5, 6, 7, 8}};
  return f(b);
}
int8_t t_call_narrow(int8_t (*f)(uint8_t, int16_t, bool), uint8_t a, int16_t b, bool c) {
  return f(a, b, c);
}
const char *t_call_string(const char *(*f)(const char *), const char *s) { return f(s); }
int t_call_errno(void (*f)(void)) {
  errno = 11;
  f();
  return errno;
}
static int (*stored)(int);
void t_store(int (*f)(int)) { stored = f; }
int t_stored(int v) { return stored(v); }

/* Threads of C that Lua has never seen, each making `calls` calls of f. */
struct crew {
  int (*f)(int);
  int calls;
  long sum;
};
static void *crew_main(void *arg) {
  struct crew *c = arg;
  for (int i = 0; i < c->calls; i++) c->sum += c->f(i);
  return NULL;
}
long t_crew(int (*f)(int), int threads, int calls) {
  struct crew crew[64];
  pthread_t id[64];
  long sum = 0;
  for (int i = 0; i < threads; i++) {
    crew[i] = (struct crew){f, calls, 0};
    if (pthread_create(&id[i], NULL, crew_main, &crew[i]) != 0) abort();
  }
  for (int i = 0; i < threads; i++) {
    pthread_join(id[i], NULL);
    sum += crew[i].sum;
  }
  return sum;
}

/* A crew that works while Lua goes on. */
static struct crew background[64];
static pthread_t background_id[64];
void t_crew_start(int (*f)(int), int threads, int calls) {
  for (int i = 0; i < threads; i++) {
    background[i] = (struct crew){f, calls, 0};
    if (pthread_create(&background_id[i], NULL, crew_main, &background[i]) != 0) abort();
  }
}
long t_crew_join(int threads) {
  long sum = 0;
  for (int i = 0; i < threads; i++) {
    pthread_join(background_id[i], NULL);
    sum += background[i].sum;
  }
  return sum;
}

/* ---- what the lock tests look at ---- */

/* Two threads in t_meet at once let each other go; alone, it gives up after limit_ms. */
static pthread_mutex_t meet_mtx = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t meet_cond = PTHREAD_COND_INITIALIZER;
static int meeting, met;
int t_meet(int limit_ms) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += limit_ms / 1000;
  until.tv_nsec += limit_ms % 1000 * 1000000L;
  if (until.tv_nsec >= 1000000000L) until.tv_sec++, until.tv_nsec -= 1000000000L;
  pthread_mutex_lock(&meet_mtx);
  if (++meeting == 2) {
    met++;
    pthread_cond_broadcast(&meet_cond);
  }
  int before = met, rc = 0;
  while (meeting < 2 && met == before && rc == 0)
    rc = pthread_cond_timedwait(&meet_cond, &meet_mtx, &until);
  int together = meeting >= 2 || met != before;
  if (together && meeting >= 2) met++;
  meeting--;
  pthread_mutex_unlock(&meet_mtx);
  return together;
}
/* Busy for about n units; the compiler does not see through it. */
unsigned t_spin(unsigned n) {
  volatile unsigned v = 1;
  for (unsigned i = 0; i < n; i++) v = v * 1664525u + 1013904223u;
  return v;
}
/* Reads all of a string again and again while the caller's lock is free. */
unsigned t_checksum(const unsigned char *p, size_t len, int rounds) {
  unsigned sum = 0;
  for (int r = 0; r < rounds; r++)
    for (size_t i = 0; i < len; i++) sum = sum * 31 + p[i];
  return sum;
}
int t_fork_call(int (*f)(int), int v) {
  pid_t pid = fork();
  if (pid == 0) _exit(f(v) & 0xff);
  return (int)pid;
}

/* Calls f(1, 2) and g(2, 3) by turns; the sum of all results. */
__attribute__((visibility("default"))) int t_turns(int (*f)(const int *, const int *),
                                                   int (*g)(const int *, const int *), int rounds);
int t_turns(int (*f)(const int *, const int *), int (*g)(const int *, const int *), int rounds) {
  static const int one = 1, two = 2, three = 3;
  int sum = 0;
  for (int i = 0; i < rounds; i++) sum += f(&one, &two) + g(&two, &three);
  return sum;
}

/* A record in the last integer register and the second floating one. */
double t_edge12(float a, long b, long c, long d, long e, long f, struct t_edge12 s, long last) {
  return a + b + c + d + e + f + s.f + s.b + s.g * 1000 + last;
}

double t_edge16(double a, long b, long c, long d, long e, long f, struct t_edge16 s, long last) {
  return a + b + c + d + e + f + s.i + s.d * 1000 + last;
}

double t_edge_more(double a, long b, long c, long d, long e, long f, ...) {
  va_list ap;
  va_start(ap, f);
  struct t_edge16 s = va_arg(ap, struct t_edge16);
  long last = va_arg(ap, long);
  va_end(ap);
  return t_edge16(a, b, c, d, e, f, s, last);
}

static _Atomic int inside, inside_most, counted;

int t_alone(int rounds, int (*cb)(int)) {
  if (rounds == 0) return atomic_exchange(&inside_most, 0);
  int n = atomic_fetch_add(&inside, 1) + 1, most = atomic_load(&inside_most);
  while (n > most && !atomic_compare_exchange_weak(&inside_most, &most, n)) {}
  for (volatile int i = 0; i < rounds; i++) {}
  atomic_fetch_sub(&inside, 1);
  return cb != NULL ? cb(rounds) : 0; /* other calls may run in the time of a callback */
}

void t_count(void *anything) {
  (void)anything;
  atomic_fetch_add(&counted, 1);
}

int t_counted(void) { return atomic_exchange(&counted, 0); }
