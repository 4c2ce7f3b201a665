/* front_errors.c: the chunks in corpus/errors.lua, read as a list of strings: none compiles, and
 * each message is the one of stock Lua. */
#include "oracle.h"

#include <stdio.h>
#include <lauxlib.h>
#include <lua.h>

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  int failed = 0, n = 0;
  if (argc != 2 || luaL_dofile(L, argv[1]) != LUA_OK) {
    fprintf(stderr, "usage: front_errors corpus/errors.lua\n");
    return 2;
  }
  for (; lua_rawgeti(L, 1, n + 1) == LUA_TSTRING; n++) {
    size_t len;
    char name[64];
    const char *text = lua_tolstring(L, -1, &len);
    snprintf(name, sizeof name, n % 2 == 0 ? "@case %d" : "case\n%d", n + 1);
    if (len > 0) failed += !oracle_agrees(L, text, len, name, n % 3 == 0 ? 1 : 0);
    lua_pop(L, 1);
  }
  lua_close(L);
  printf("%d chunks, %d differ\n", n, failed);
  return failed != 0;
}
