/* lib_base.c: the stock base library; remembers the iterators of pairs and ipairs, which the
 * executor runs without a call (vm_ops.h, TFORCALL). */
#include "core.h"

int core_stock_luaopen_base(lua_State *L);
lua_CFunction core_next_fn, core_ipairs_fn;

/* lauxlib makes the metatable of its buffers' boxes at the first need and fills it afterwards, which
 * another thread might see half done: so the first need is now. */
static void make_box_metatable(lua_State *L) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_prepbuffsize(&b, sizeof b.init + 1);
  luaL_pushresultsize(&b, 0);
  lua_pop(L, 1);
}

LUAMOD_API int luaopen_base(lua_State *L) {
  core_stock_luaopen_base(L);
  make_box_metatable(L);
  lua_getfield(L, -1, "next");
  RLX_SET(core_next_fn, lua_tocfunction(L, -1));
  lua_pop(L, 1);
  lua_getfield(L, -1, "ipairs");
  lua_newtable(L);
  lua_call(L, 1, 1);
  RLX_SET(core_ipairs_fn, lua_tocfunction(L, -1));
  lua_pop(L, 1);
  return 1;
}
