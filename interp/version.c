/* version.c: the facts of a build, for `gilt --version`. */
#include "version.h"

#include "runtime_impl.h"

#include <gilt/gil.h>
#include <lauxlib.h>

#ifndef GILT_FFI_VERSION
#  define GILT_FFI_VERSION "?"
#endif
#ifndef GILT_LUA_RELEASE
#  define GILT_LUA_RELEASE LUA_RELEASE
#endif

void version_push(lua_State *L) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addstring(&b, "gilt " GILT_VERSION "\n");
  luaL_addstring(&b, "core:     " GILT_CORE_NAME ", " GILT_LUA_RELEASE "\n");
  luaL_addstring(&b, "libffi:   " GILT_FFI_VERSION "\n");
#ifdef __clang__
  luaL_addstring(&b, "compiler: " __VERSION__ "\n");
#else
  luaL_addstring(&b, "compiler: gcc " __VERSION__ "\n");
#endif
#if GILT_GIL
  lua_pushfstring(L, "GIL:      built in, policy %s, switch interval %d us\n",
                  gil_policy_names()[0], (int)(GIL_INTERVAL_DEFAULT_NS / 1000));
  luaL_addvalue(&b);
#else
  luaL_addstring(&b, "GIL:      not built in\n");
#endif
  const char *why = rt_core_why_not();
  lua_pushfstring(L, "free:     %s%s\n", why == NULL ? "yes" : "no, ", why == NULL ? "" : why);
  luaL_addvalue(&b);
  luaL_pushresult(&b);
}
