/* error.c: raising and catching. Errors are longjmps to the innermost protected call of the Lua
 * thread; the error value is on top of the stack. */
#include <stdio.h>
#include <stdlib.h>
#include "core.h"
#include "api.h"

static _Noreturn void jump(struct ErrJmp *j, int status) {
  j->status = status;
  _longjmp(j->buf, 1);
}

_Noreturn void core_throw(lua_State *L, int status) {
  if (L->errjmp != NULL) jump(L->errjmp, status);
  Global *g = L->g;
  lua_State *base = L->m->base; /* an error in a coroutine that nothing protects */
  if (base != NULL && base != L && base->errjmp != NULL) {
    L->status = (uint8_t)status;
    if (status == LUA_ERRMEM && g->memerr != NULL)
      set_str(base->top, g->memerr);
    else
      val_copy(base->top, L->top - 1);
    base->top++;
    jump(base->errjmp, status);
  }
  if (g->panic != NULL) {
    core_set_error(L, status, L->top);
    g->panic(L);
  }
  abort();
}

COLD _Noreturn void core_err_mem(lua_State *L) {
  core_gc_request(L->m); /* a collection at the next safepoint may help the next attempt */
  core_throw(L, LUA_ERRMEM);
}

/* Through the message handler, if any. */
_Noreturn void core_err_top(lua_State *L) {
  if (L->errfunc != 0) {
    Value *handler = stack_at(L, L->errfunc);
    val_copy(L->top, L->top - 1);
    val_copy(L->top - 1, handler);
    L->top++;
    core_call_noyield(L, L->top - 2, 1);
  }
  core_throw(L, LUA_ERRRUN);
}

COLD _Noreturn void core_err(lua_State *L, const char *fmt, ...) {
  va_list ap;
  CallInfo *ci = L->ci;
  if (ci_is_lua(ci) && L->top < ci->top) L->top = ci->top;
  va_start(ap, fmt);
  core_push_format(L, fmt, ap);
  va_end(ap);
  if (ci_is_lua(ci)) {
    char src[LUA_IDSIZE];
    Proto *p = ci_closure(ci)->p;
    if (p->source != NULL)
      core_chunk_id(src, p->source->s, p->source->len);
    else
      memcpy(src, "?", 2);
    const char *msg = L->top[-1].v.s->s;
    lua_pushfstring(L, "%s:%d: %s", src, core_cur_line(ci), msg);
    val_copy(L->top - 2, L->top - 1);
    L->top--;
  }
  core_err_top(L);
}

COLD _Noreturn void core_err_type(lua_State *L, const Value *o, const char *op) {
  char info[128];
  const char *var = core_var_info(L, o, info, sizeof info);
  core_err(L, "attempt to %s a %s value%s", op, core_type_name(L, o), var);
}

/* A call of something else: named by the instruction that calls, if that says more. */
COLD _Noreturn void core_err_call(lua_State *L, const Value *o) {
  char info[128];
  const char *name = NULL, *kind = core_func_name(L, L->ci, &name, NULL);
  if (kind == NULL) core_err_type(L, o, "call");
  snprintf(info, sizeof info, " (%s '%s')", kind, name);
  core_err(L, "attempt to call a %s value%s", core_type_name(L, o), info);
}

int core_run_protected(lua_State *L, core_pfunc f, void *ud) {
  struct ErrJmp j;
  CallInfo *ci = L->ci;
  uint16_t cdepth = L->cdepth, nny = L->nny;
  j.status = LUA_OK;
  j.prev = L->errjmp;
  L->errjmp = &j;
  if (_setjmp(j.buf) == 0) f(L, ud);
  L->errjmp = j.prev;
  L->cdepth = cdepth;
  L->nny = nny;
  if (j.status != LUA_OK && is_guarded(L->m)) core_mod_frame(L, ci);
  return j.status;
}

/* The error value for status goes to `at`, which becomes the top. */
void core_set_error(lua_State *L, int status, Value *at) {
  switch (status) {
  case LUA_ERRMEM: set_str(at, L->g->memerr); break;
  case LUA_ERRERR: set_str(at, str_lit(L, "error in error handling")); break;
  case LUA_OK: set_nil(at); break;
  default: val_copy(at, L->top - 1); break;
  }
  L->top = at + 1;
}

struct close_args {
  ptrdiff_t level;
  int status;
};
static void close_body(lua_State *L, void *ud) {
  struct close_args *a = ud;
  core_close(L, stack_at(L, a->level), a->status, false);
}

/* Closes everything down to level; an error in a close method takes the place of the former one. */
int core_close_protected(lua_State *L, ptrdiff_t level, int status) {
  CallInfo *ci = L->ci;
  uint8_t allowhook = L->allowhook;
  for (;;) {
    struct close_args a = {level, status};
    int st = core_run_protected(L, close_body, &a);
    if (likely(st == LUA_OK)) return a.status;
    L->ci = ci;
    L->allowhook = allowhook;
    status = st;
  }
}

int core_pcall(lua_State *L, core_pfunc f, void *ud, ptrdiff_t old_top, ptrdiff_t errfunc) {
  CallInfo *ci = L->ci;
  uint8_t allowhook = L->allowhook;
  ptrdiff_t old_errfunc = L->errfunc;
  L->errfunc = errfunc;
  int st = core_run_protected(L, f, ud);
  if (unlikely(st != LUA_OK)) {
    L->ci = ci;
    L->allowhook = allowhook;
    st = core_close_protected(L, old_top, st);
    core_set_error(L, st, stack_at(L, old_top));
    core_stack_shrink(L);
    if (L->trap) core_update_trap(L);
  }
  L->errfunc = old_errfunc;
  return st;
}

/* The error on top becomes a warning. */
void core_warn_error(lua_State *L, const char *where) {
  const Value *e = L->top - 1;
  const char *msg = is_str(e) ? e->v.s->s : "error object is not a string";
  lua_warning(L, "error in ", 1);
  lua_warning(L, where, 1);
  lua_warning(L, " (", 1);
  lua_warning(L, msg, 1);
  lua_warning(L, ")", 0);
}
