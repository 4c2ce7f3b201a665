/* call.c: the stack of a Lua thread and its call frames. */
#include "core.h"
#include "front/opcodes.h"

/* ---- stack ---- */
/* Holders of one upvalue's lock wait for nothing, so taking all of a stack's cannot deadlock. */
static void lock_shared_open(lua_State *L, bool lock) {
  for (UpVal *u = L->openuv; u != NULL; u = u->u.open.next)
    if (u->v == NULL) {
      if (lock)
        core_upval_lock(u);
      else
        core_obj_unlock(&u->h);
    }
}

/* Other threads may reach registers through shared open upvalues: those stay locked meanwhile. */
static bool stack_move(lua_State *L, size_t size) {
  size_t osize = (size_t)(L->stack_last - L->stack);
  Value *ns = core_raw_try(L->m, (size + EXTRA_STACK) * sizeof(Value));
  if (ns == NULL) return false;
  lock_shared_open(L, true);
  Value *os = L->stack;
  size_t n = (osize < size ? osize : size) + EXTRA_STACK;
  memcpy((void *)ns, (const void *)os, n * sizeof(Value));
  for (size_t i = n; i < size + EXTRA_STACK; i++) set_nil(&ns[i]);
  L->stack = ns;
  L->stack_last = ns + size;
  L->top = ns + (L->top - os);
  for (UpVal *u = L->openuv; u != NULL; u = u->u.open.next) {
    if (u->v != NULL)
      u->v = ns + (u->v - os);
    else
      u->u.open.x.slot = ns + (u->u.open.x.slot - os);
  }
  for (CallInfo *ci = L->ci; ci != NULL; ci = ci->prev) {
    ci->func = ns + (ci->func - os);
    ci->top = ns + (ci->top - os);
  }
  lock_shared_open(L, false);
  core_raw_free(L->m, os, (osize + EXTRA_STACK) * sizeof(Value));
  return true;
}

void core_stack_realloc(lua_State *L, size_t size) {
  if (!stack_move(L, size)) core_err_mem(L);
}

/* Room for n more slots; false when that is too much (or no memory). */
bool core_stack_try_grow(lua_State *L, int n) {
  size_t size = (size_t)(L->stack_last - L->stack), need = (size_t)(L->top - L->stack) + (size_t)n;
  if (size > MAX_STACK || need > MAX_STACK) return false;
  size *= 2;
  if (size < need) size = need;
  if (size > MAX_STACK) size = MAX_STACK;
  return stack_move(L, size);
}

NOINLINE void core_stack_grow(lua_State *L, int n, bool raise) {
  size_t size = (size_t)(L->stack_last - L->stack), need = (size_t)(L->top - L->stack) + (size_t)n;
  if (unlikely(size > MAX_STACK)) core_throw(L, LUA_ERRERR); /* overflow while handling overflow */
  if (need <= MAX_STACK) {
    if (!core_stack_try_grow(L, n)) core_err_mem(L);
    return;
  }
  if (!raise) return;
  core_stack_realloc(L, MAX_STACK + ERR_STACK);
  core_err(L, "stack overflow");
}

static size_t stack_in_use(const lua_State *L) {
  const Value *lim = L->top;
  for (const CallInfo *ci = L->ci; ci != NULL; ci = ci->prev)
    if (lim < ci->top) lim = ci->top;
  size_t n = (size_t)(lim - L->stack) + 1;
  return n < LUA_MINSTACK ? LUA_MINSTACK : n;
}

/* After an error, and for suspended coroutines in a collection. Never raises. */
void core_stack_shrink(lua_State *L) {
  size_t inuse = stack_in_use(L), max = inuse > MAX_STACK / 3 ? MAX_STACK : inuse * 3;
  size_t size = (size_t)(L->stack_last - L->stack);
  if (inuse <= MAX_STACK && size > max)
    stack_move(L, inuse > MAX_STACK / 2 ? MAX_STACK : inuse * 2);
  CallInfo *ci = L->ci->next; /* and half of the unused frames */
  if (ci == NULL || ci->next == NULL || L->nci < 32) return;
  while (ci != NULL && ci->next != NULL) {
    CallInfo *drop = ci->next;
    ci->next = drop->next;
    if (drop->next != NULL) drop->next->prev = ci;
    core_raw_free(L->m, drop, sizeof *drop);
    L->nci--;
    ci = ci->next;
  }
}

/* ---- frames ---- */
NOINLINE CallInfo *core_new_ci(lua_State *L) {
  CallInfo *ci = core_raw(L, sizeof *ci);
  L->ci->next = ci;
  ci->prev = L->ci;
  ci->next = NULL;
  L->nci++;
  return ci;
}
CallInfo *core_next_ci(lua_State *L) {
  return likely(L->ci->next != NULL) ? L->ci->next : core_new_ci(L);
}

/* func is not a function: its __call goes below it. Returns func, in the stack as it is then. */
static Value *insert_call_meta(lua_State *L, Value *func) {
  ptrdiff_t off = stack_off(L, func);
  stack_check(L, 1);
  func = stack_at(L, off);
  Value tm = core_meta_obj(L, func, META_CALL);
  if (is_nil(&tm)) core_err_call(L, func);
  for (Value *p = L->top; p > func; p--) val_copy(p, p - 1);
  L->top++;
  val_copy(func, &tm);
  return func;
}

void core_call_c(lua_State *L, Value *func, int nresults, lua_CFunction f) {
  ptrdiff_t off = stack_off(L, func);
  if (unlikely(L->stack_last - L->top <= LUA_MINSTACK)) {
    core_stack_grow(L, LUA_MINSTACK, true);
    func = stack_at(L, off);
  }
  CallInfo *ci = core_next_ci(L);
  ci->func = func;
  ci->top = L->top + LUA_MINSTACK;
  ci->nresults = nresults;
  ci->status = CI_C;
  L->ci = ci;
  if (unlikely(L->hookmask & LUA_MASKCALL))
    core_hook(L, LUA_HOOKCALL, -1, 1, (int)(L->top - func) - 1);
  if (is_guarded(L->m)) core_mod_frame(L, ci);
  int n = f(L);
  if (likely(!(ci->status & (CI_TBC | CI_MODULE)) && !L->hookmask && (unsigned)ci->nresults <= 1)) {
    Value *res = ci->func; /* the common end of core_poscall */
    L->ci = ci->prev;
    if (ci->nresults == 0) {
      L->top = res;
    } else {
      if (n == 0)
        set_nil(res);
      else
        val_copy(res, L->top - n);
      L->top = res + 1;
    }
    return;
  }
  core_poscall(L, ci, n);
}

static CallInfo *push_lua(lua_State *L, Value *func, int nresults) {
  Proto *p = func->v.l->p;
  ptrdiff_t narg = L->top - func - 1;
  if (unlikely(L->stack_last - L->top <= p->maxstack)) {
    ptrdiff_t off = stack_off(L, func);
    core_stack_grow(L, p->maxstack, true);
    func = stack_at(L, off);
  }
  CallInfo *ci = core_next_ci(L);
  ci->func = func;
  ci->top = func + 1 + p->maxstack;
  ci->nresults = nresults;
  ci->status = 0;
  ci->pc = p->code;
  L->ci = ci;
  for (; narg < p->numparams; narg++) {
    set_nil(L->top);
    L->top++;
  }
  return ci;
}

/* Starts a call: a C function runs to its end (NULL), a Lua function gets its frame. */
CallInfo *core_precall(lua_State *L, Value *func, int nresults) {
  for (;;) {
    switch (func->tt) {
    case TLCL: return push_lua(L, func, nresults);
    case TLCF: core_call_c(L, func, nresults, func->v.f); return NULL;
    case TCCL: core_call_c(L, func, nresults, func->v.c->f); return NULL;
    default: func = insert_call_meta(L, func);
    }
  }
}

/* A tail call in frame ci: func and its arguments (narg1 counts func) replace the frame, which
 * stands `delta` slots higher than its caller put it. True: ci now is the called Lua function's
 * frame. False: a C function ran; its results stand where poscall of ci takes them. */
bool core_pretailcall(lua_State *L, CallInfo *ci, Value *func, int narg1, int delta) {
  while (func->tt != TLCL && func->tt != TLCF && func->tt != TCCL) {
    func = insert_call_meta(L, func);
    narg1++;
  }
  if (func->tt != TLCL) {
    core_precall(L, func, LUA_MULTRET);
    return false;
  }
  Proto *p = func->v.l->p;
  if (unlikely(L->stack_last - L->top <= p->maxstack - delta)) {
    ptrdiff_t off = stack_off(L, func);
    core_stack_grow(L, p->maxstack - delta > 0 ? p->maxstack - delta : 0, true);
    func = stack_at(L, off);
  }
  ci->func -= delta;
  for (int i = 0; i < narg1; i++) val_copy(ci->func + i, func + i);
  func = ci->func;
  for (; narg1 <= p->numparams; narg1++) set_nil(func + narg1);
  ci->top = func + 1 + p->maxstack;
  ci->pc = p->code;
  ci->status = (ci->status & ~(uint32_t)CI_ESCAPED) | CI_TAIL;
  L->top = func + narg1;
  return true;
}

static void close_c_frame(lua_State *L, CallInfo *ci, int nres) {
  ptrdiff_t off = stack_off(L, ci->func + 1);
  ci->status |= CI_CLOSERET; /* a close method may yield: coro.c comes back here */
  ci->u2.nres = nres;
  core_close(L, stack_at(L, off), CLOSE_OK, true);
  ci->status &= ~(uint32_t)CI_CLOSERET;
}

static NOINLINE void end_c_frame(lua_State *L, CallInfo *ci, int nres) {
  if (ci->status & CI_TBC) close_c_frame(L, ci, nres);
  uint32_t status = ci->status;
  ci->status &= ~(uint32_t)(CI_TBC | CI_MODULE);
  if (status & CI_MODULE) core_mod_frame(L, ci->prev);
}

/* Ends frame ci: its nres results, the topmost values, go where the function stood. */
void core_poscall(lua_State *L, CallInfo *ci, int nres) {
  int wanted = ci->nresults;
  if (unlikely(ci->status & (CI_TBC | CI_MODULE))) end_c_frame(L, ci, nres);
  if (unlikely(L->hookmask)) core_hook_return(L, ci, nres);
  Value *res = ci->func;
  L->ci = ci->prev;
  if (likely(wanted == 1)) {
    if (nres == 0)
      set_nil(res);
    else
      val_copy(res, L->top - nres);
    L->top = res + 1;
    return;
  }
  if (wanted == 0) {
    L->top = res;
    return;
  }
  Value *first = L->top - nres;
  if (wanted == LUA_MULTRET) wanted = nres;
  int n = nres < wanted ? nres : wanted, i;
  for (i = 0; i < n; i++) val_copy(res + i, first + i);
  for (; i < wanted; i++) set_nil(res + i);
  L->top = res + wanted;
}

/* ---- calls from C ---- */
COLD static void c_overflow(lua_State *L) {
  if (L->cdepth == MAX_CCALLS)
    core_err(L, "C stack overflow");
  else if (L->cdepth >= MAX_CCALLS / 10 * 11)
    core_throw(L, LUA_ERRERR); /* while handling the overflow */
}

static void call_from_c(lua_State *L, Value *func, int nresults) {
  L->cdepth++;
  if (unlikely(L->cdepth >= MAX_CCALLS)) {
    ptrdiff_t off = stack_off(L, func);
    stack_check(L, 0);
    func = stack_at(L, off);
    c_overflow(L);
  }
  CallInfo *ci = core_precall(L, func, nresults);
  if (ci != NULL) {
    ci->status |= CI_FRESH;
    if (is_guarded(L->m)) core_mod_leave(L->m);
    core_execute(L, ci);
    if (is_guarded(L->m)) core_mod_frame(L, L->ci);
  }
  L->cdepth--;
}

void core_call(lua_State *L, Value *func, int nresults) { call_from_c(L, func, nresults); }

void core_call_noyield(lua_State *L, Value *func, int nresults) {
  L->nny++;
  call_from_c(L, func, nresults);
  L->nny--;
}
