/* lib_debug.c: debug.sethook and debug.gethook that live beside the preemption hook; the rest of
 * the library is stock.
 *
 * A count hook cannot be put aside and put back without losing its count, so a script's count hook
 * is called through ours, which counts in steps of at most CHUNK and looks for requests at each. */
#include "lib.h"

#include <string.h>

#define CHUNK 1000

static const char key_functions = 0; /* registry: lua_State -> hook function (weak keys) */
static const char key_counts = 0;    /* registry: lua_State -> struct counted (weak keys) */

struct counted {
  int every; /* what the script asked for */
  int done;  /* instructions since its last event */
  int step;  /* of them on their way: the hook's present count */
};

static void new_weak_table(lua_State *L, const void *key) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

/* Pushes table[L1] of the table at `key`, through L. */
static int lookup(lua_State *L, lua_State *L1, const void *key) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) != LUA_TTABLE) return LUA_TNIL;
  lua_pushthread(L1);
  if (L != L1) lua_xmove(L1, L, 1);
  int type = lua_rawget(L, -2);
  lua_remove(L, -2);
  return type;
}

static void call_hook(lua_State *L, lua_Debug *ar) {
  static const char *const names[] = {"call", "return", "line", "count", "tail call"};
  if (lookup(L, L, &key_functions) == LUA_TFUNCTION) {
    lua_pushstring(L, names[ar->event]);
    if (ar->currentline >= 0)
      lua_pushinteger(L, ar->currentline);
    else
      lua_pushnil(L);
    lua_call(L, 2, 0);
  } else {
    lua_pop(L, 1);
  }
}

static void on_event(lua_State *L, lua_Debug *ar);

/* One step of a count hook is over. */
static void on_count(lua_State *L, lua_Debug *ar) {
  rt_thread *t = rt_self();
  if (lookup(L, L, &key_counts) != LUA_TUSERDATA) {
    lua_pop(L, 1); /* a coroutine that inherited the hook: it counts for nobody, but has to look */
    if (rt_safepoint_due(t)) rt_safepoint(L, t);
    return;
  }
  struct counted *c = lua_touserdata(L, -1);
  c->done += c->step;
  bool due = c->done >= c->every;
  if (due) c->done = 0;
  int left = c->every - c->done;
  int next = left < CHUNK ? left : CHUNK;
  if (next != c->step) {
    c->step = next;
    rt_hooks_lock(t);
    lua_sethook(L, on_event, lua_gethookmask(L), next);
    rt_hooks_unlock(t);
  }
  lua_pop(L, 1);
  if (rt_safepoint_due(t)) rt_safepoint(L, t);
  if (due) call_hook(L, ar);
}

static void on_event(lua_State *L, lua_Debug *ar) {
  if (ar->event == LUA_HOOKCOUNT) {
    on_count(L, ar);
    return;
  }
  if (ar->event == LUA_HOOKLINE)
    lua_getinfo(L, "l", ar);
  else
    ar->currentline = -1;
  call_hook(L, ar);
}

static int make_mask(const char *letters, int count) {
  int mask = 0;
  if (strchr(letters, 'c')) mask |= LUA_MASKCALL;
  if (strchr(letters, 'r')) mask |= LUA_MASKRET;
  if (strchr(letters, 'l')) mask |= LUA_MASKLINE;
  if (count > 0) mask |= LUA_MASKCOUNT;
  return mask;
}

static void store(lua_State *L, lua_State *L1, const void *key, int value) {
  value = lua_absindex(L, value);
  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  lua_pushthread(L1);
  if (L != L1) lua_xmove(L1, L, 1);
  lua_pushvalue(L, value);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

static int db_sethook(lua_State *L) {
  int arg = lua_isthread(L, 1);
  lua_State *L1 = arg ? lua_tothread(L, 1) : L;
  rt_thread *t = rt_self();
  if (L != L1 && !lua_checkstack(L1, 1)) return luaL_error(L, "stack overflow");
  if (lua_isnoneornil(L, arg + 1)) {
    rt_set_user_hook(t, L1, NULL, 0, 0);
    lua_pushnil(L);
    store(L, L1, &key_functions, -1);
    return 0;
  }
  const char *letters = luaL_checkstring(L, arg + 2);
  luaL_checktype(L, arg + 1, LUA_TFUNCTION);
  int count = (int)luaL_optinteger(L, arg + 3, 0);
  int mask = make_mask(letters, count);
  int step = count < CHUNK ? count : CHUNK;
  store(L, L1, &key_functions, arg + 1);
  if (mask & LUA_MASKCOUNT) {
    struct counted *c = lua_newuserdatauv(L, sizeof *c, 0);
    *c = (struct counted){.every = count, .done = 0, .step = step};
    store(L, L1, &key_counts, -1);
  }
  rt_set_user_hook(t, L1, on_event, mask, step);
  return 0;
}

static int db_gethook(lua_State *L) {
  lua_State *L1 = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
  struct rt_hook h = rt_user_hook(rt_self(), L1);
  char letters[5];
  int n = 0;
  if (h.fn == NULL) {
    luaL_pushfail(L);
    return 1;
  }
  if (L != L1 && !lua_checkstack(L1, 1)) return luaL_error(L, "stack overflow");
  if (h.fn != on_event)
    lua_pushliteral(L, "external hook");
  else
    lookup(L, L1, &key_functions);
  if (h.mask & LUA_MASKCALL) letters[n++] = 'c';
  if (h.mask & LUA_MASKRET) letters[n++] = 'r';
  if (h.mask & LUA_MASKLINE) letters[n++] = 'l';
  lua_pushlstring(L, letters, (size_t)n);
  int count = h.count;
  if (h.fn == on_event) {
    count = 0;
    if (h.mask & LUA_MASKCOUNT && lookup(L, L1, &key_counts) == LUA_TUSERDATA)
      count = ((struct counted *)lua_touserdata(L, -1))->every;
    if (h.mask & LUA_MASKCOUNT) lua_pop(L, 1);
  }
  lua_pushinteger(L, count);
  return 3;
}

static int db_setmetatable(lua_State *L) {
  int type = lua_type(L, 2);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (type == LUA_TTABLE) rt_wrap_gc(L, 2);
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

int rt_open_debug(lua_State *L) {
  new_weak_table(L, &key_functions);
  new_weak_table(L, &key_counts);
  luaopen_debug(L);
  lua_pushcfunction(L, db_sethook);
  lua_setfield(L, -2, "sethook");
  lua_pushcfunction(L, db_gethook);
  lua_setfield(L, -2, "gethook");
  lua_pushcfunction(L, db_setmetatable);
  lua_setfield(L, -2, "setmetatable");
  rt_set_polling_hook(on_event);
  return 1;
}
