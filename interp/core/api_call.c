/* api_call.c: lua.h: calls, errors, warnings, odds and ends. */
#include "api.h"

static inline void adjust_results(lua_State *L, int nresults) {
  if (nresults <= LUA_MULTRET && L->ci->top < L->top) L->ci->top = L->top;
}

LUA_API void lua_callk(lua_State *L, int nargs, int nresults, lua_KContext ctx, lua_KFunction k) {
  Value *func = L->top - (nargs + 1);
  if (k != NULL && L->nny == 0) {
    L->ci->u.c.k = k;
    L->ci->u.c.ctx = ctx;
    core_call(L, func, nresults);
  } else {
    core_call_noyield(L, func, nresults);
  }
  adjust_results(L, nresults);
}

struct call_args {
  Value *func;
  int nresults;
};
static void call_body(lua_State *L, void *ud) {
  struct call_args *c = ud;
  core_call_noyield(L, c->func, c->nresults);
}

LUA_API int lua_pcallk(lua_State *L, int nargs, int nresults, int errfunc, lua_KContext ctx,
                       lua_KFunction k) {
  struct call_args c = {L->top - (nargs + 1), nresults};
  ptrdiff_t handler = errfunc == 0 ? 0 : stack_off(L, index2value(L, errfunc));
  int st = LUA_OK;
  if (k == NULL || L->nny > 0) {
    st = core_pcall(L, call_body, &c, stack_off(L, c.func), handler);
  } else { /* the resumer protects this call: coro.c finds the frame */
    CallInfo *ci = L->ci;
    ci->u.c.k = k;
    ci->u.c.ctx = ctx;
    ci->u2.funcoff = stack_off(L, c.func);
    ci->u.c.old_errfunc = L->errfunc;
    L->errfunc = handler;
    ci->status = (ci->status & ~(uint32_t)CI_HOOKOFF) | (L->allowhook ? 0 : CI_HOOKOFF) | CI_YPCALL;
    core_call(L, c.func, nresults);
    ci->status &= ~(uint32_t)CI_YPCALL;
    L->errfunc = ci->u.c.old_errfunc;
  }
  adjust_results(L, nresults);
  return st;
}

LUA_API int lua_error(lua_State *L) {
  const Value *e = L->top - 1;
  if (e->tt == TSSTR && e->v.s == L->g->memerr) core_err_mem(L);
  core_err_top(L);
}

LUA_API lua_CFunction lua_atpanic(lua_State *L, lua_CFunction f) {
  lua_CFunction old = L->g->panic;
  L->g->panic = f;
  return old;
}
LUA_API lua_Number lua_version(lua_State *L) {
  (void)L;
  return LUA_VERSION_NUM;
}
LUA_API int lua_setcstacklimit(lua_State *L, unsigned limit) {
  (void)L;
  (void)limit;
  return MAX_CCALLS;
}

LUA_API void lua_setwarnf(lua_State *L, lua_WarnFunction f, void *ud) {
  L->g->ud_warn = ud;
  L->g->warnf = f;
}
LUA_API void lua_warning(lua_State *L, const char *msg, int tocont) {
  lua_WarnFunction f = L->g->warnf;
  if (f != NULL) f(L->g->ud_warn, msg, tocont);
}

/* In parallel the allocation function has a lock (heap.c), which C code that calls it directly does
 * not know: lauxlib's buffers do. It gets one that takes it. */
static void *locked_alloc(void *ud, void *ptr, size_t osize, size_t nsize) {
  Global *g = ud;
  pthread_mutex_lock(&g->alloc_mu);
  void *p = g->frealloc(g->ud, ptr, osize, nsize);
  pthread_mutex_unlock(&g->alloc_mu);
  return p;
}

LUA_API lua_Alloc lua_getallocf(lua_State *L, void **ud) {
  Global *g = L->g;
  if (ud != NULL) *ud = g->parallel ? g : g->ud;
  return g->parallel ? locked_alloc : g->frealloc;
}
LUA_API void lua_setallocf(lua_State *L, lua_Alloc f, void *ud) {
  if (f == locked_alloc) return; /* the one in force put back */
  L->g->ud = ud;
  L->g->frealloc = f;
}
