/* lib_coroutine.c: the coroutine library, with the meaning of Lua 5.4's own. It is ours because the
 * runtime has to know which lua_State runs: a preemption's hook goes there. */
#include "lib.h"

#include "../runtime_impl.h"

#define STATUS_RUNNING   "running"
#define STATUS_SUSPENDED "suspended"
#define STATUS_NORMAL    "normal"
#define STATUS_DEAD      "dead"

static lua_State *check_co(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "thread");
  return co;
}

/* Of a state whose status is LUA_OK: it has not started, or runs (in another thread, perhaps), or
 * has ended. */
static __attribute__((noinline)) bool has_started(lua_State *co) {
  lua_Debug ar;
  return lua_getstack(co, 0, &ar) != 0;
}

/* Resuming it runs something. Else the attempt fails, and its hook must be left alone: another
 * thread may be running it, with a request pending. */
static inline bool can_run(lua_State *co) {
  int status = lua_status(co);
  return status == LUA_YIELD || (status == LUA_OK && !has_started(co));
}

/* Moves what a resumption left on co's top to L. The number of results, or -1 with the error
 * object. */
static inline int take_results(lua_State *L, lua_State *co, int status, int nres) {
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return -1;
  }
  /* Few results fit: every C function has LUA_MINSTACK slots, and the arguments are gone. */
  if (nres >= LUA_MINSTACK - 1 && !lua_checkstack(L, nres + 1)) {
    lua_pop(co, nres);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(co, L, nres);
  return nres;
}

/* Resumes co with `narg` values from L's top. The number of results moved to L's top, or -1 with
 * the error object there. */
static inline int resume(lua_State *L, lua_State *co, int narg) {
  if (!lua_checkstack(co, narg)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, narg);
  int nres = 0;
  if (!can_run(co)) return take_results(L, co, lua_resume(co, L, narg, &nres), nres);
  rt_thread *t = rt_self();
  rt_switch_running(t, co);
  int status = lua_resume(co, L, narg, &nres);
  rt_switch_running(t, L);
  return take_results(L, co, status, nres);
}

static int co_resume(lua_State *L) {
  lua_State *co = check_co(L);
  int n = resume(L, co, lua_gettop(L) - 1);
  if (n < 0) {
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
  }
  lua_pushboolean(L, 1);
  lua_insert(L, -(n + 1));
  return n + 1;
}

/* Closes co's pending variables, on co. LUA_OK, or the error object is on co's top. */
static int close_thread(lua_State *L, lua_State *co) {
  rt_thread *t = rt_self();
  rt_switch_running(t, co);
#if LUA_VERSION_RELEASE_NUM >= 50406
  int status = lua_closethread(co, L);
#else
  int status = lua_resetthread(co);
#endif
  rt_switch_running(t, L);
  return status;
}

static int wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int n = resume(L, co, lua_gettop(L));
  if (n >= 0) return n;
  int status = lua_status(co);
  if (status != LUA_OK &&
      status != LUA_YIELD) { /* it died of this error: close what it left open */
    status = close_thread(L, co);
    lua_xmove(co, L, 1);
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1); /* say where it was resumed, too */
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int co_create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  rt_forget_inherited_hook(rt_self(), co);
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

static const char *status_of(lua_State *L, lua_State *co) {
  if (L == co) return STATUS_RUNNING;
  switch (lua_status(co)) {
  case LUA_YIELD: return STATUS_SUSPENDED;
  case LUA_OK: {
    lua_Debug ar;
    if (lua_getstack(co, 0, &ar))
      return STATUS_NORMAL; /* it resumed another, or another thread runs it */
    return lua_gettop(co) == 0 ? STATUS_DEAD : STATUS_SUSPENDED;
  }
  default: return STATUS_DEAD;
  }
}

static int co_status(lua_State *L) {
  lua_pushstring(L, status_of(L, check_co(L)));
  return 1;
}

static int co_isyieldable(lua_State *L) {
  lua_State *co = lua_isnone(L, 1) ? L : check_co(L);
  lua_pushboolean(L, lua_isyieldable(co));
  return 1;
}

static int co_running(lua_State *L) {
  bool is_main = lua_pushthread(L) != 0;
  lua_pushboolean(L, is_main || L == rt_self()->base);
  return 2;
}

static int co_close(lua_State *L) {
  lua_State *co = check_co(L);
  const char *status = status_of(L, co);
  if (status[0] != 's' && status[0] != 'd')
    return luaL_error(L, "cannot close a %s coroutine", status);
  if (close_thread(L, co) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  return 2;
}

int rt_open_coroutine(lua_State *L) {
  static const luaL_Reg functions[] = {{"create", co_create},
                                       {"resume", co_resume},
                                       {"running", co_running},
                                       {"status", co_status},
                                       {"wrap", co_wrap},
                                       {"yield", co_yield },
                                       {"close", co_close},
                                       {"isyieldable", co_isyieldable},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
