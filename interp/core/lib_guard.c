/* lib_guard.c: stock library functions made safe on shared objects: the iterators of string.gmatch,
 * and debug.* on coroutines that another OS thread may be running. */
#include "core.h"

int core_stock_luaopen_string(lua_State *L);
int core_stock_luaopen_debug(lua_State *L);

/* (c) the same in every heap; stored again with the same value by each */
static lua_CFunction stock_gmatch, stock_gmatch_step;

static lua_CFunction field_function(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  lua_CFunction f = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  return f;
}

/* ---- gmatch: the iterator's state is a C structure in a userdata: one thread at a time ---- */
struct step {
  lua_CFunction f;
  int nres;
};
static void step_body(lua_State *L, void *ud) {
  ((struct step *)ud)->nres = RLX(stock_gmatch_step)(L);
}

static int gmatch_step(lua_State *L) {
  Object *self = L->ci->func->v.gc;
  if (likely(is_private(L, self))) return RLX(stock_gmatch_step)(L);
  struct step s = {0};
  L->m->pin[1] = self;
  core_obj_lock(L, self);
  int st = core_run_protected(L, step_body, &s);
  core_obj_unlock(self);
  L->m->pin[1] = NULL;
  if (st != LUA_OK) core_throw(L, st);
  return s.nres;
}

static int guarded_gmatch(lua_State *L) {
  int n = RLX(stock_gmatch)(L);
  CClosure *c = L->top[-1].v.c;
  RLX_SET(stock_gmatch_step, c->f);
  c->f = gmatch_step; /* same upvalues, entered through us */
  return n;
}

LUAMOD_API int luaopen_string(lua_State *L) {
  core_stock_luaopen_string(L);
  RLX_SET(stock_gmatch, field_function(L, "gmatch"));
  lua_pushcfunction(L, guarded_gmatch);
  lua_setfield(L, -2, "gmatch");
  return 1;
}

/* ---- debug: another thread's stack only while nobody else runs it. With the GIL on nobody does.
 * ---- */
static void guarded_body(lua_State *L, void *ud) {
  struct step *s = ud;
  s->nres = s->f(L);
}

int gilt_core_guarded(lua_State *L, lua_CFunction f) {
  lua_State *co = lua_tothread(L, 1);
  if (co == NULL || co == L || !L->g->parallel || core_resumed_by(L, co)) return f(L);
  if (!core_claim(L, co)) return luaL_error(L, "thread is running");
  struct step s = {.f = f};
  int st = core_run_protected(L, guarded_body, &s);
  core_unclaim(co);
  if (st != LUA_OK) core_throw(L, st);
  return s.nres;
}

static int debug_guarded(lua_State *L) {
  return gilt_core_guarded(L, lua_tocfunction(L, lua_upvalueindex(1)));
}

LUAMOD_API int luaopen_debug(lua_State *L) {
  static const char *const names[] = {"getinfo", "getlocal", "setlocal",
                                      "sethook", "gethook",  "traceback"};
  core_stock_luaopen_debug(L);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    lua_getfield(L, -1, names[i]);
    lua_pushcclosure(L, debug_guarded, 1);
    lua_setfield(L, -2, names[i]);
  }
  return 1;
}
