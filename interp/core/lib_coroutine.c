/* lib_coroutine.c: the coroutine library. Unlike the stock one it claims a coroutine before it
 * touches its stack: of two threads that resume it at once, one finds it not suspended. */
#include "core.h"

static lua_State *get_co(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "thread");
  return co;
}

/* Moves narg arguments over and the results back; -1 with the error value on L's top. co is ours.
 */
static int resume_claimed(lua_State *L, lua_State *co, int narg) {
  int nres;
  if (!lua_checkstack(co, narg)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, narg);
  int st = lua_resume(co, L, narg, &nres);
  if (likely(st == LUA_OK || st == LUA_YIELD)) {
    if (!lua_checkstack(L, nres + 1)) {
      lua_pop(co, nres);
      lua_pushliteral(L, "too many results to resume");
      return -1;
    }
    lua_xmove(co, L, nres);
    return nres;
  }
  lua_xmove(co, L, 1);
  return -1;
}

static int resume(lua_State *L, lua_State *co, int narg) {
  if (!core_claim(L, co)) {
    lua_pushliteral(L, "cannot resume non-suspended coroutine");
    return -1;
  }
  int n = resume_claimed(L, co, narg); /* raises nothing while it holds the claim */
  core_unclaim(co);
  return n;
}

static int co_resume(lua_State *L) {
  lua_State *co = get_co(L);
  int n = resume(L, co, lua_gettop(L) - 1);
  lua_pushboolean(L, n >= 0);
  if (n < 0) n = 1;
  lua_insert(L, -(n + 1));
  return n + 1;
}

/* The coroutine died of an error: close what it left open; the error may change. Returns its status
 * after that. */
static int close_failed(lua_State *L, lua_State *co) {
  if (!core_claim(L, co)) return LUA_ERRRUN;
  int st = lua_status(co);
  if (st != LUA_OK && st != LUA_YIELD) {
    lua_xmove(L, co, 1); /* the error value back to where it was */
    st = lua_resetthread(co);
    lua_xmove(co, L, 1);
  }
  core_unclaim(co);
  return st;
}

static int wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int n = resume(L, co, lua_gettop(L));
  if (likely(n >= 0)) return n;
  if (close_failed(L, co) != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int co_create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  return 1;
}

static int co_wrap(lua_State *L) {
  co_create(L);
  lua_pushcclosure(L, wrapped, 1);
  return 1;
}

static int co_yield (lua_State *L) { return lua_yield(L, lua_gettop(L)); }

enum { ST_RUNNING, ST_DEAD, ST_SUSPENDED, ST_NORMAL };
static const char *const status_names[] = {"running", "dead", "suspended", "normal"};

static int status_claimed(lua_State *co) {
  switch (co->status) {
  case LUA_YIELD: return ST_SUSPENDED;
  case LUA_OK:
    if (co->ci != &co->base_ci) return ST_NORMAL;
    return lua_gettop(co) == 0 ? ST_DEAD : ST_SUSPENDED;
  default: return ST_DEAD;
  }
}

/* Of a coroutine that another OS thread runs: "normal", active but not running here. */
static int status_of(lua_State *L, lua_State *co) {
  if (L == co) return ST_RUNNING;
  if (!core_claim_look(L, co)) return ST_NORMAL;
  int st = status_claimed(co);
  core_unclaim(co);
  return st;
}

static int co_status(lua_State *L) {
  lua_pushstring(L, status_names[status_of(L, get_co(L))]);
  return 1;
}

static int co_isyieldable(lua_State *L) {
  lua_State *co = lua_isnone(L, 1) ? L : get_co(L);
  lua_pushboolean(L, lua_isyieldable(co));
  return 1;
}

static int co_running(lua_State *L) {
  lua_pushthread(L);
  lua_pushboolean(L, L->is_base);
  return 2;
}

static int co_close(lua_State *L) {
  lua_State *co = get_co(L);
  if (L == co || !core_claim(L, co)) {
    bool normal = core_resumed_by(L, co);
    return luaL_error(L, "cannot close a %s coroutine",
                      status_names[normal ? ST_NORMAL : ST_RUNNING]);
  }
  int st = status_claimed(co);
  if (st != ST_DEAD && st != ST_SUSPENDED) {
    core_unclaim(co);
    return luaL_error(L, "cannot close a %s coroutine", status_names[st]);
  }
  st = lua_resetthread(co);
  lua_pushboolean(L, st == LUA_OK);
  if (st != LUA_OK) lua_xmove(co, L, 1);
  core_unclaim(co);
  return st == LUA_OK ? 1 : 2;
}

LUAMOD_API int luaopen_coroutine(lua_State *L) {
  static const luaL_Reg funcs[] = {{"create", co_create},
                                   {"resume", co_resume},
                                   {"running", co_running},
                                   {"status", co_status},
                                   {"wrap", co_wrap},
                                   {"yield", co_yield },
                                   {"close", co_close},
                                   {"isyieldable", co_isyieldable},
                                   {NULL, NULL}};
  luaL_newlib(L, funcs);
  return 1;
}
