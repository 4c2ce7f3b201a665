/* lib_require.c: `require` on a core whose threads run in parallel: a module is loaded once. A
 * thread that asks for a module that another one is loading waits for it, outside; two that would
 * wait for each other (modules that require each other) do not: the later one goes on as stock Lua
 * does.
 *
 * rt->mtx guards the list of modules being loaded and rt_thread.waits_for. */
#include "lib.h"

#include <string.h>

static const char close_meta = 0; /* registry: metatable of struct rt_loading */

/* Closed when `require` ends, by an error too. */
struct rt_loading {
  const char *name; /* anchored: argument 1 */
  rt_thread *by;    /* NULL: not in the list */
  struct rt_loading *next;
};

/* With rt->mtx held. */
static struct rt_loading *find(gilt_runtime *rt, const char *name) {
  for (struct rt_loading *l = rt->loading; l != NULL; l = l->next)
    if (strcmp(l->name, name) == 0) return l;
  return NULL;
}

static bool waits_for_us(const struct rt_loading *l, const rt_thread *self) {
  while (l != NULL && l->by != self) l = l->by->waits_for;
  return l != NULL;
}

static int loading_close(lua_State *L) {
  struct rt_loading *self = lua_touserdata(L, 1);
  if (self->by == NULL) return 0;
  gilt_runtime *rt = self->by->rt;
  pthread_mutex_lock(&rt->mtx);
  for (struct rt_loading **p = &rt->loading; *p != NULL; p = &(*p)->next)
    if (*p == self) {
      *p = self->next;
      break;
    }
  self->by = NULL;
  for (rt_thread *t = rt->threads; t != NULL; t = t->next)
    if (t->waits_for == self) {
      t->waits_for = NULL;
      rt_unpark(t);
    }
  pthread_mutex_unlock(&rt->mtx);
  return 0;
}

static bool is_loaded(lua_State *L) {
  lua_settop(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, 1);
  lua_gettable(L, -2);
  return lua_toboolean(L, -1);
}

/* False: another thread loads it; it was waited for. */
static bool begin(rt_thread *t, struct rt_loading *mine) {
  gilt_runtime *rt = t->rt;
  rt_park_prepare(t);
  pthread_mutex_lock(&rt->mtx);
  struct rt_loading *other = find(rt, mine->name);
  if (other == NULL) {
    mine->by = t;
    mine->next = rt->loading;
    rt->loading = mine;
  } else if (!waits_for_us(other, t)) {
    t->waits_for = other;
  }
  bool wait = t->waits_for != NULL;
  pthread_mutex_unlock(&rt->mtx);
  if (!wait) return true;
  rt_park(t, UINT64_MAX, GIL_BLOCKED_LOCK);
  pthread_mutex_lock(&rt->mtx);
  t->waits_for = NULL; /* an interrupt may have ended the wait */
  pthread_mutex_unlock(&rt->mtx);
  return false;
}

static int gilt_require(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  rt_thread *t = rt_self();
  if (is_loaded(L)) return 1;
  lua_settop(L, 1);
  struct rt_loading *mine = lua_newuserdatauv(L, sizeof *mine, 0);
  *mine = (struct rt_loading){.name = name};
  lua_rawgetp(L, LUA_REGISTRYINDEX, &close_meta);
  lua_setmetatable(L, 2);
  lua_toclose(L, 2);
  while (!begin(t, mine)) {
    if (rt_interrupted(t)) return rt_raise_interrupt(L, t);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    if (lua_getfield(L, -1, name) != LUA_TNIL && lua_toboolean(L, -1)) return 1;
    lua_settop(L, 2);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_call(L, 1, LUA_MULTRET);
  return lua_gettop(L) - 2;
}

int rt_patch_require(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, loading_close);
  lua_setfield(L, -2, "__close");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &close_meta);
  lua_getglobal(L, "require");
  lua_pushcclosure(L, gilt_require, 1);
  lua_setglobal(L, "require");
  return 0;
}
