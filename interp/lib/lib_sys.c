/* lib_sys.c: puts the modules of lib_sys.h in place of the standard ones. */
#include "lib_sys.h"

#include <lauxlib.h>
#include <lualib.h>

/* luaL_requiref would keep a stock library that is loaded already. */
static void replace_library(lua_State *L, const char *name, lua_CFunction open) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, name);
  lua_setglobal(L, name);
  lua_pop(L, 1);
}

static void preload(lua_State *L, const char *name, lua_CFunction open) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

void gilt_open_sys(lua_State *L) {
  replace_library(L, LUA_IOLIBNAME, luaopen_gilt_io);
  replace_library(L, LUA_OSLIBNAME, luaopen_gilt_os);
  lua_pushcfunction(L, gilt_print);
  lua_setglobal(L, "print");
  preload(L, "gilt.time", luaopen_gilt_time);
  preload(L, "gilt.net", luaopen_gilt_net);
}
