/* lib_math.c: math.random with one generator per OS thread (xoshiro256**), the same sequences as
 * stock Lua's for the same seed. */
#include <time.h>
#include "core.h"

int core_stock_luaopen_math(lua_State *L);

static uint64_t rotl(uint64_t x, int n) { return x << n | x >> (64 - n); }

static uint64_t next_random(uint64_t *s) {
  uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return result;
}

static void seed_random(uint64_t *s, uint64_t a, uint64_t b) {
  s[0] = a;
  s[1] = 0xff;
  s[2] = b;
  s[3] = 0;
  for (int i = 0; i < 16; i++) next_random(s);
}

/* A uniform number in 0..n: mask to the bits of n, try again while too big. */
static uint64_t project(uint64_t r, uint64_t n, uint64_t *s) {
  if ((n & (n + 1)) == 0) return r & n;
  uint64_t mask = n;
  for (int sh = 1; sh <= 32; sh *= 2) mask |= mask >> sh;
  while ((r &= mask) > n) r = next_random(s);
  return r;
}

static int math_random(lua_State *L) {
  uint64_t *s = L->m->rng;
  uint64_t r = next_random(s);
  lua_Integer low = 1, up;
  switch (lua_gettop(L)) {
  case 0: lua_pushnumber(L, (lua_Number)(r >> 11) * 0x1p-53); return 1;
  case 1:
    up = luaL_checkinteger(L, 1);
    if (up == 0) {
      lua_pushinteger(L, (lua_Integer)r);
      return 1;
    }
    break;
  case 2:
    low = luaL_checkinteger(L, 1);
    up = luaL_checkinteger(L, 2);
    break;
  default: return luaL_error(L, "wrong number of arguments");
  }
  luaL_argcheck(L, low <= up, 1, "interval is empty");
  lua_pushinteger(L, (lua_Integer)(project(r, (uint64_t)up - (uint64_t)low, s) + (uint64_t)low));
  return 1;
}

static int math_randomseed(lua_State *L) {
  lua_Integer a, b;
  if (lua_isnone(L, 1)) {
    a = (lua_Integer)time(NULL);
    b = (lua_Integer)(uintptr_t)L;
  } else {
    a = luaL_checkinteger(L, 1);
    b = luaL_optinteger(L, 2, 0);
  }
  seed_random(L->m->rng, (uint64_t)a, (uint64_t)b);
  lua_pushinteger(L, a);
  lua_pushinteger(L, b);
  return 2;
}

LUAMOD_API int luaopen_math(lua_State *L) {
  static const luaL_Reg funcs[] = {
      {"random", math_random}, {"randomseed", math_randomseed}, {NULL, NULL}};
  core_stock_luaopen_math(L);
  luaL_setfuncs(L, funcs, 0);
  return 1;
}
