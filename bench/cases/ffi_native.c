/* ffi_native.c: the C side of the ffi bench and of the workloads ffi_*.lua: functions that do next
 * to nothing, a matrix multiply, and the same tiny functions written by hand for Lua's C API.
 * FFI_PLAIN: without these, for bench/peers/ffi, whose callers have no Lua. */
#ifndef FFI_PLAIN
#include <lauxlib.h>
#include <lua.h>
#endif
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EXPORT __attribute__((visibility("default")))

struct bench_point {
  double x, y;
};

EXPORT int bench_six(int a, int b, int c, int d, int e, int f);
EXPORT struct bench_point bench_add(struct bench_point a, struct bench_point b);
EXPORT uint64_t bench_spin_us(unsigned us);
EXPORT void gilt_matmul(size_t n, const double *a, const double *b, double *c);
#ifndef FFI_PLAIN
EXPORT int luaopen_ffi_native(lua_State *L);
#endif

int bench_six(int a, int b, int c, int d, int e, int f) { return a + b + c + d + e + f; }

struct bench_point bench_add(struct bench_point a, struct bench_point b) {
  return (struct bench_point){a.x + b.x, a.y + b.y};
}

static uint64_t cpu_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Computes for us microseconds of the thread's own time. */
uint64_t bench_spin_us(unsigned us) {
  uint64_t until = cpu_ns() + us * UINT64_C(1000), x = us + 1;
  do
    for (int i = 0; i < 1000; i++) x = x * UINT64_C(6364136223846793005) + 1;
  while (cpu_ns() < until);
  return x;
}

/* c = a b, row by row in the order that runs through memory. */
void gilt_matmul(size_t n, const double *a, const double *b, double *c) {
  memset(c, 0, n * n * sizeof *c);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n; k++) {
      double x = a[i * n + k];
      for (size_t j = 0; j < n; j++) c[i * n + j] += x * b[k * n + j];
    }
}

#ifndef FFI_PLAIN

/* ---- by hand, for comparison ---- */

static int l_empty(lua_State *L) {
  (void)L;
  return 0;
}
static int l_abs(lua_State *L) {
  lua_pushinteger(L, abs((int)luaL_checkinteger(L, 1)));
  return 1;
}
static int l_sqrt(lua_State *L) {
  lua_pushnumber(L, sqrt(luaL_checknumber(L, 1)));
  return 1;
}
static int l_strlen(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)strlen(luaL_checkstring(L, 1)));
  return 1;
}
static int l_six(lua_State *L) {
  int v[6];
  for (int i = 0; i < 6; i++) v[i] = (int)luaL_checkinteger(L, i + 1);
  lua_pushinteger(L, bench_six(v[0], v[1], v[2], v[3], v[4], v[5]));
  return 1;
}
static struct bench_point check_point(lua_State *L, int idx) {
  return *(struct bench_point *)luaL_checkudata(L, idx, "bench_point");
}
static int l_point(lua_State *L) {
  struct bench_point *p = lua_newuserdatauv(L, sizeof *p, 0);
  p->x = luaL_checknumber(L, 1);
  p->y = luaL_checknumber(L, 2);
  luaL_newmetatable(L, "bench_point");
  lua_setmetatable(L, -2);
  return 1;
}
static int l_add(lua_State *L) {
  struct bench_point a = check_point(L, 1), b = check_point(L, 2);
  struct bench_point *p = lua_newuserdatauv(L, sizeof *p, 0);
  *p = bench_add(a, b);
  luaL_setmetatable(L, "bench_point");
  return 1;
}

int luaopen_ffi_native(lua_State *L) {
  static const luaL_Reg functions[] = {{"empty", l_empty},   {"abs", l_abs}, {"sqrt", l_sqrt},
                                       {"strlen", l_strlen}, {"six", l_six}, {"point", l_point},
                                       {"add", l_add},       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}

#endif
