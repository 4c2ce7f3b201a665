/* libs.c: which libraries a runtime opens: the standard ones, ours in place of some of them, and
 * gilt's modules in package.preload, opened by the first `require`. */
#include "lib/lib.h"
#include "lib/lib_sys.h"

static const luaL_Reg opened[] = {{LUA_GNAME, luaopen_base},
                                  {LUA_LOADLIBNAME, luaopen_package},
                                  {LUA_COLIBNAME, rt_open_coroutine},
                                  {LUA_TABLIBNAME, luaopen_table},
                                  {LUA_IOLIBNAME, luaopen_gilt_io},
                                  {LUA_OSLIBNAME, luaopen_gilt_os},
                                  {LUA_STRLIBNAME, luaopen_string},
                                  {LUA_MATHLIBNAME, luaopen_math},
                                  {LUA_UTF8LIBNAME, luaopen_utf8},
                                  {LUA_DBLIBNAME, rt_open_debug},
                                  {NULL, NULL}};

static const luaL_Reg preloaded[] = {{"gilt", luaopen_gilt},
                                     {"gilt.thread", luaopen_gilt_thread},
                                     {"gilt.sync", luaopen_gilt_sync},
                                     {"gilt.channel", luaopen_gilt_channel},
                                     {"gilt.atomic", luaopen_gilt_atomic},
                                     {"gilt.gil", luaopen_gilt_gil},
                                     {"gilt.experiment", luaopen_gilt_experiment},
                                     {"gilt.time", luaopen_gilt_time},
                                     {"gilt.net", luaopen_gilt_net},
                                     {"gilt.bench", luaopen_gilt_bench},
                                     {"ffi", luaopen_ffi},
                                     {NULL, NULL}};

/* The auxiliary library makes the metatable of its large buffers with the first one, in two steps;
 * a second thread may find it between them, without `__close`. */
static void open_buffers(lua_State *L) {
  luaL_Buffer b;
  luaL_buffinitsize(L, &b, 2 * LUAL_BUFFERSIZE);
  luaL_pushresultsize(&b, 0);
  lua_pop(L, 1);
}

void rt_open_libs(lua_State *L) {
  open_buffers(L);
  for (const luaL_Reg *lib = opened; lib->func != NULL; lib++) {
    luaL_requiref(L, lib->name, lib->func, 1);
    lua_pop(L, 1);
  }
  rt_patch_base(L);
  if (rt_core_can_parallel()) {
    rt_patch_require(L);
    rt_patch_modules(L);
  }
  lua_pushcfunction(L, gilt_print);
  lua_setglobal(L, "print");
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  for (const luaL_Reg *lib = preloaded; lib->func != NULL; lib++) {
    lua_pushcfunction(L, lib->func);
    lua_setfield(L, -2, lib->name);
  }
  lua_pop(L, 1);
}
