/* front_random.c: random programs, valid and broken, compiled by the front end and by stock Lua.
 * Usage: front_random [count [first seed]] */
#include "generate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <lauxlib.h>
#include <lua.h>

static bool try_one(lua_State *L, uint64_t seed, bool broken) {
  struct buffer b = {NULL, 0, 0};
  char name[64];
  snprintf(name, sizeof name, "=%s %" PRIu64, broken ? "broken" : "program", seed);
  if (broken)
    generate_broken(seed, &b);
  else
    generate_program(seed, &b);
  size_t piece = seed % 3 == 0 ? 0 : seed % 97 + 1;
  bool agrees = b.len == 0 || oracle_agrees(L, b.data, b.len, name, piece);
  buffer_free(&b);
  return agrees;
}

int main(int argc, char **argv) {
  uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 200;
  uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  uint64_t failed = 0;
  lua_State *L = luaL_newstate();
  for (uint64_t seed = first; seed < first + count; seed++) {
    failed += !try_one(L, seed, false);
    failed += !try_one(L, seed, true);
    if (seed % 64 == 0) lua_gc(L, LUA_GCCOLLECT);
  }
  lua_close(L);
  printf("%" PRIu64 " programs, %" PRIu64 " differ\n", 2 * count, failed);
  return failed != 0;
}
