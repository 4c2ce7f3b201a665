/* driver.c: gilt_core_lua, a plain command around the core: runs a script, or -e text.
 *   gilt_core_lua [-stress] [-free] [-e text] [script [args]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include "gilt_core.h"
#include "lib_thr.h"

static int handler(lua_State *L) {
  const char *msg = lua_tostring(L, 1);
  if (msg == NULL) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
    msg = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  luaL_traceback(L, L, msg, 1);
  return 1;
}

static int run(lua_State *L, int narg) {
  int base = lua_gettop(L) - narg;
  lua_pushcfunction(L, handler);
  lua_insert(L, base);
  int st = lua_pcall(L, narg, 0, base);
  lua_remove(L, base);
  if (st != LUA_OK) {
    fprintf(stderr, "gilt_core_lua: %s\n", lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  return st;
}

static int load_error(lua_State *L) {
  fprintf(stderr, "gilt_core_lua: %s\n", lua_tostring(L, -1));
  return 1;
}

static int pmain(lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  int i = 1, script = 0, ok = 1;
  luaL_openlibs(L);
  luaL_requiref(L, "thr", luaopen_thr, 1);
  lua_pop(L, 1);
  for (; i < argc && argv[i][0] == '-' && ok; i++) {
    if (strcmp(argv[i], "-stress") == 0) {
      gilt_core_stress_gc(L, true);
    } else if (strcmp(argv[i], "-free") == 0) {
      gilt_core_set_parallel(L, true); /* shared paths from the start, as with --gil=off */
    } else if (strcmp(argv[i], "-e") == 0 && i + 1 < argc) {
      i++;
      ok = luaL_loadbuffer(L, argv[i], strlen(argv[i]), "=(command line)") == LUA_OK
               ? run(L, 0) == LUA_OK
               : !load_error(L);
    } else {
      break;
    }
  }
  script = i;
  if (script < argc && ok) {
    lua_createtable(L, argc - script, script + 1);
    for (int j = 0; j < argc; j++) {
      lua_pushstring(L, argv[j]);
      lua_rawseti(L, -2, j - script);
    }
    lua_setglobal(L, "arg");
    ok = luaL_loadfile(L, strcmp(argv[script], "-") == 0 ? NULL : argv[script]) == LUA_OK;
    if (!ok) {
      load_error(L);
    } else {
      for (int j = script + 1; j < argc; j++) lua_pushstring(L, argv[j]);
      ok = run(L, argc - script - 1) == LUA_OK;
    }
  }
  lua_pushboolean(L, ok);
  return 1;
}

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    fprintf(stderr, "gilt_core_lua: cannot create a state\n");
    return EXIT_FAILURE;
  }
  lua_pushcfunction(L, pmain);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int st = lua_pcall(L, 2, 1, 0);
  if (st != LUA_OK) load_error(L);
  int ok = st == LUA_OK && lua_toboolean(L, -1);
  thr_wait_all(L);
  lua_close(L);
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
