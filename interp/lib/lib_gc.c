/* lib_gc.c: finalizers that can be preempted, and collection as a state of its own.
 *
 * Stock Lua runs finalizers with hooks forbidden on the state that happens to collect, so a long
 * one could not be asked to give up the lock. Once a second thread exists, a Lua function in __gc
 * is called through a C closure that runs it on a state of its own, where hooks are allowed. */
#include "lib.h"

#include <string.h>

static lua_State *gc_state(lua_State *L, rt_thread *t) {
  lua_State *G = t->gc_state;
  t->gc_state = NULL; /* busy; a nested finalizer makes another one */
  if (G != NULL) return G;
  G = lua_newthread(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, G);
  lua_sethook(G, NULL, 0, 0);
  return G;
}

static void put_back(lua_State *L, rt_thread *t, lua_State *G) {
  if (t->gc_state == NULL) {
    t->gc_state = G;
    return;
  }
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, G);
}

static int finalize(lua_State *L) {
  rt_thread *t = rt_self();
  lua_settop(L, 1);
  lua_State *G = gc_state(L, t);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_xmove(L, G, 2);
  t->finalizing++;
  rt_push_running(t, G, L);
  int status = lua_pcall(G, 1, 0, 0);
  t->finalizing--;
  if (rt_interrupted(t)) t->asked = 1; /* it waited */
  rt_pop_running(t, L);
  if (status != LUA_OK) lua_xmove(G, L, 1);
  put_back(L, t, G);
  return status == LUA_OK ? 0 : lua_error(L);
}

void rt_wrap_gc(lua_State *L, int mt) {
  gilt_runtime *rt = rt_of(L);
  if (!rt_finalizers_need_state()) return;
  if (!atomic_load_explicit(&rt->shared, memory_order_relaxed)) return;
  luaL_checkstack(L, 3, NULL);
  lua_pushliteral(L, "__gc");
  if (lua_rawget(L, mt) == LUA_TFUNCTION && !lua_iscfunction(L, -1)) {
    lua_pushcclosure(L, finalize, 1);
    lua_pushliteral(L, "__gc");
    lua_insert(L, -2);
    lua_rawset(L, mt);
  } else {
    lua_pop(L, 1);
  }
}

static int base_setmetatable(lua_State *L) {
  int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
    return luaL_error(L, "cannot change a protected metatable");
  if (type == LUA_TTABLE) rt_wrap_gc(L, 2);
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

#if GILT_GIL
/* A full collection or a step on request counts as collecting; what the allocator triggers inside
 * stock Lua cannot be told from running. */
static int base_collectgarbage(lua_State *L) {
  rt_thread *t = rt_self();
  static const char *const options[] = {"stop",         "restart",     "collect",    "count",
                                        "step",         "setpause",    "setstepmul", "isrunning",
                                        "generational", "incremental", NULL};
  const char *opt = options[luaL_checkoption(L, 1, "collect", options)];
  bool collects = strcmp(opt, "collect") == 0 || strcmp(opt, "step") == 0;
  /* Checked here, for a message that names this function. */
  int numbers = strcmp(opt, "incremental") == 0                         ? 3
                : strcmp(opt, "generational") == 0                      ? 2
                : strncmp(opt, "s", 1) == 0 && strcmp(opt, "stop") != 0 ? 1
                                                                        : 0;
  for (int i = 0; i < numbers; i++) (void)luaL_optinteger(L, 2 + i, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  if (collects && rt_locks(t)) gil_collect_begin(t->lock);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  if (collects && rt_locks(t)) gil_collect_end(t->lock); /* a finalizer may have switched it */
  if (status == LUA_OK && strcmp(opt, "count") == 0 && !lua_isnumber(L, -1)) {
    /* Stock Lua refuses to say while a finalizer runs, which may be another thread's. */
    lua_pushnumber(L, (lua_Number)atomic_load_explicit(&t->rt->heap.used, memory_order_relaxed) /
                          1024);
    return 1;
  }
  return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}
#endif

int rt_patch_base(lua_State *L) {
  lua_pushcfunction(L, base_setmetatable);
  lua_setglobal(L, "setmetatable");
#if GILT_GIL
  lua_getglobal(L, "collectgarbage");
  lua_pushcclosure(L, base_collectgarbage, 1);
  lua_setglobal(L, "collectgarbage");
#endif
  return 0;
}
