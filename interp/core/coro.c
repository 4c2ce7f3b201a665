/* coro.c: Lua threads: creation, resume, yield, and picking up what a yield interrupted.
 *
 * Claiming [claim]: a coroutine is run or manipulated by one OS thread at a time, the one that set
 * `claimed`; the loser sees a coroutine that is not suspended. A shared one is claimed by a
 * compare-and-swap; a private one by a plain store, for it may become shared while it runs. When it
 * suspends, what is on its stack is published before the claim is given up. Who only looks at the
 * status holds the claim for a few instructions, which a resumer waits for. */
#include <sched.h>
#include "core.h"
#include "api.h"
#include "stress.h"

/* ---- creation ---- */
lua_State *core_thread_new(lua_State *L) {
  /* a plain tag first: if the stack cannot be had, the cell is ordinary garbage */
  Object *o = obj_new(L, THREAD_OFFSET + sizeof(lua_State), TLSTR);
  ((String *)(void *)o)->len = 0;
  Value *stack = core_raw(L, (BASIC_STACK + EXTRA_STACK) * sizeof(Value));
  for (int i = 0; i < BASIC_STACK + EXTRA_STACK; i++) set_nil(&stack[i]);
  lua_State *L1 = obj_thread(o);
  memset((char *)L1 - LUA_EXTRASPACE, 0, LUA_EXTRASPACE + sizeof *L1);
  o->tt = TTHR;
  L1->g = L->g;
  L1->m = L->m;
  L1->stack = stack;
  L1->stack_last = stack + BASIC_STACK;
  L1->top = stack + 1;
  L1->ci = &L1->base_ci;
  L1->base_ci.func = stack;
  L1->base_ci.status = CI_C;
  L1->base_ci.top = L1->top + LUA_MINSTACK;
  L1->allowhook = 1;
  return L1;
}

LUA_API lua_State *lua_newthread(lua_State *L) {
  lua_State *L1 = core_thread_new(L);
  set_obj(L->top, thread_obj(L1), TTHR);
  L->top++;
  L1->hookmask = L->hookmask;
  L1->basehookcount = L1->hookcount = L->basehookcount;
  L1->hook = L->hook;
  L1->trap = L->hookmask != 0;
  memcpy(lua_getextraspace(L1), lua_getextraspace(L->g->mainL), LUA_EXTRASPACE);
  api_poll(L);
  return L1;
}

void core_thread_free(Thr *m, lua_State *L1) {
  if (L1->stack == NULL) return;
  core_raw_free(m, L1->stack, ((size_t)(L1->stack_last - L1->stack) + EXTRA_STACK) * sizeof(Value));
  for (CallInfo *ci = L1->base_ci.next, *n; ci != NULL; ci = n) {
    n = ci->next;
    core_raw_free(m, ci, sizeof *ci);
  }
  core_raw_free(m, L1->tbc, L1->captbc * sizeof *L1->tbc);
  L1->stack = NULL;
}

size_t core_thread_bytes(const lua_State *L1) {
  return THREAD_OFFSET + sizeof *L1 + (size_t)(L1->stack_last - L1->stack) * sizeof(Value) +
         L1->nci * sizeof(CallInfo);
}

/* ---- claims ---- */
static bool claim_needed(lua_State *L, lua_State *co) { return !is_private(L, thread_obj(co)); }

enum { CLAIM_NONE, CLAIM_RUN, CLAIM_LOOK };

static bool claim_as(lua_State *L, lua_State *co, uint8_t how) {
  if (!claim_needed(L, co)) { /* nobody else looks; under the GIL, its holder may be in mid-run */
    if (RLX(co->claimed) != CLAIM_NONE) return false;
    RLX_SET(co->claimed, how);
    return true;
  }
  for (unsigned n = 0;; n++) {
    uint8_t seen = CLAIM_NONE;
    /* [claim] acquire; pairs with the release in core_unclaim: the stack as the last holder left it
     */
    if (__atomic_compare_exchange_n(&co->claimed, &seen, how, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED))
      return true;
    if (seen == CLAIM_RUN) return false;
    if (n < 200) /* a look has no safepoint: it ends soon */
      cpu_relax();
    else
      sched_yield();
  }
}
bool core_claim(lua_State *L, lua_State *co) {
  if (!claim_as(L, co, CLAIM_RUN)) return false;
  co->m = L->m; /* its former thread may have ended */
  return true;
}
/* For a look at its state: no safepoint until core_unclaim. */
bool core_claim_look(lua_State *L, lua_State *co) { return claim_as(L, co, CLAIM_LOOK); }
void core_unclaim(lua_State *co) { REL_SET(co->claimed, CLAIM_NONE); }
bool gilt_core_claim(lua_State *L, lua_State *co) { return core_claim(L, co); }
void gilt_core_unclaim(lua_State *L, lua_State *co) {
  (void)L;
  core_unclaim(co);
}

/* Is co among those that resumed L, one another? Then this OS thread holds its claim. */
bool core_resumed_by(const lua_State *L, const lua_State *co) {
  for (L = L->from; L != NULL; L = L->from)
    if (L == co) return true;
  return false;
}

/* ---- continuing after a yield ---- */
static int finish_pcall(lua_State *L, CallInfo *ci) {
  int st = (ci->status >> CI_RECOVER_SHIFT) & 7;
  if (st == LUA_OK) {
    st = LUA_YIELD; /* was only yielded across */
  } else {
    L->allowhook = (ci->status & CI_HOOKOFF) == 0;
    Value *func = core_close(L, stack_at(L, ci->u2.funcoff), st, true);
    core_set_error(L, st, func);
    core_stack_shrink(L);
    ci->status &= ~(uint32_t)(7u << CI_RECOVER_SHIFT);
  }
  ci->status &= ~(uint32_t)CI_YPCALL;
  L->errfunc = ci->u.c.old_errfunc;
  return st;
}

static inline void adjust_multret(lua_State *L, int nresults) {
  if (nresults <= LUA_MULTRET && L->ci->top < L->top) L->ci->top = L->top;
}

void core_finish_c(lua_State *L, CallInfo *ci) {
  int n;
  if (ci->status & CI_CLOSERET) {
    n = ci->u2.nres; /* was closing its variables while it returned */
  } else {
    int st = LUA_YIELD;
    if (ci->status & CI_YPCALL) st = finish_pcall(L, ci);
    adjust_multret(L, LUA_MULTRET);
    if (is_guarded(L->m)) core_mod_frame(L, L->ci);
    n = ci->u.c.k(L, st, ci->u.c.ctx);
  }
  core_poscall(L, ci, n);
}

static void unroll(lua_State *L, void *ud) {
  (void)ud;
  CallInfo *ci;
  while ((ci = L->ci) != &L->base_ci) {
    if (ci_is_lua(ci)) {
      ci->status |= CI_FRESH;
      if (is_guarded(L->m)) core_mod_leave(L->m);
      core_finish_op(L);
      core_execute(L, ci);
    } else {
      core_finish_c(L, ci);
    }
  }
}

static void resume_body(lua_State *L, void *ud) {
  int n = *(int *)ud;
  Value *first = L->top - n;
  CallInfo *ci = L->ci;
  if (L->status == LUA_OK) {
    ci = core_precall(L, first - 1, LUA_MULTRET); /* lua_resume has counted this C level */
    if (ci != NULL) {
      ci->status |= CI_FRESH;
      core_execute(L, ci);
    }
    return;
  }
  L->status = LUA_OK;
  if (ci_is_lua(ci)) { /* yielded in a hook */
    L->top = first;
    ci->status |= CI_FRESH;
    core_execute(L, ci);
  } else {
    if (is_guarded(L->m)) core_mod_frame(L, L->ci);
    if (ci->u.c.k != NULL) n = ci->u.c.k(L, LUA_YIELD, ci->u.c.ctx);
    core_poscall(L, ci, n);
  }
  unroll(L, NULL);
}

static CallInfo *find_pcall(lua_State *L) {
  for (CallInfo *ci = L->ci; ci != NULL; ci = ci->prev)
    if (ci->status & CI_YPCALL) return ci;
  return NULL;
}

/* Errors go to the innermost pcall that a yield had taken off the C stack. */
static int recover(lua_State *L, int st) {
  CallInfo *ci;
  while (st > LUA_YIELD && (ci = find_pcall(L)) != NULL) {
    L->ci = ci;
    ci->status = ((ci->status & ~(7u << CI_RECOVER_SHIFT)) | (unsigned)st << CI_RECOVER_SHIFT);
    st = core_run_protected(L, unroll, NULL);
  }
  return st;
}

static int resume_error(lua_State *L, const char *msg, int narg) {
  L->top -= narg;
  set_str(L->top, core_str_lit(L, msg));
  L->top++;
  return LUA_ERRRUN;
}

/* The OS thread goes on in L: its frame, or the executor. */
static NOINLINE void special_switch(lua_State *L, bool frame) {
  if (is_counting(L->m)) core_count_switch(L);
  if (!is_guarded(L->m)) return;
  if (frame)
    core_mod_frame(L, L->ci);
  else
    core_mod_leave(L->m);
}

static int resume_claimed(lua_State *L, lua_State *from, int narg, int *nres) {
  if (L->status == LUA_OK) {
    if (L->ci != &L->base_ci) return resume_error(L, "cannot resume non-suspended coroutine", narg);
  } else if (L->status != LUA_YIELD) {
    return resume_error(L, "cannot resume dead coroutine", narg);
  }
  if (L->status == LUA_OK && L->top - (L->ci->func + 1) == narg)
    return resume_error(L, "cannot resume dead coroutine", narg);
  if (from != NULL)
    L->m = from->m; /* not before: another thread may be running it, under the GIL */
  L->cdepth = from != NULL ? from->cdepth : 0;
  if (L->cdepth >= MAX_CCALLS) return resume_error(L, "C stack overflow", narg);
  L->cdepth++;
  L->nny = 0;
  Thr *m = L->m;
  lua_State *outer = m->L;
  L->from = from != NULL ? from : outer != L ? outer : NULL;
  m->L = L;
  if (unlikely(m->modes != 0)) special_switch(L, false);
  int st = core_run_protected(L, resume_body, &narg);
  st = recover(L, st);
  if (likely(st <= LUA_YIELD)) {
    *nres = st == LUA_YIELD ? L->ci->u2.nyield : (int)(L->top - (L->ci->func + 1));
  } else {
    L->status = (uint8_t)st;
    core_set_error(L, st, L->top);
    L->ci->top = L->top;
    *nres = (int)(L->top - (L->ci->func + 1));
  }
  m->L = outer;
  L->from = NULL;
  if (unlikely(m->modes != 0)) special_switch(outer, true);
  return st;
}

LUA_API int lua_resume(lua_State *L, lua_State *from, int narg, int *nres) {
  lua_State *self = from != NULL ? from : L;
  bool held = RLX(L->claimed) == CLAIM_RUN && L->m == self->m; /* by our coroutine library */
  if (!held && !core_claim(self, L))
    return LUA_ERRRUN; /* nothing of its stack may be touched; the library has a message for this */
  STRESS_POINT();
  int st = resume_claimed(L, from, narg, nres);
  if (unlikely(claim_needed(self, L))) core_publish_stack(self, L);
  if (!held) core_unclaim(L);
  return st;
}

LUA_API int lua_yieldk(lua_State *L, int nresults, lua_KContext ctx, lua_KFunction k) {
  CallInfo *ci = L->ci;
  if (unlikely(L->nny > 0)) {
    if (!L->is_base)
      core_err(L, "attempt to yield across a C-call boundary");
    else
      core_err(L, "attempt to yield from outside a coroutine");
  }
  L->status = LUA_YIELD;
  ci->u2.nyield = nresults;
  if (ci_is_lua(ci)) return 0; /* in a hook: hook.c leaves the executor */
  ci->u.c.k = k;
  ci->u.c.ctx = ctx;
  core_throw(L, LUA_YIELD);
}

LUA_API int lua_status(lua_State *L) { return L->status; }
LUA_API int lua_isyieldable(lua_State *L) { return L->nny == 0; }

/* ---- closing ---- */
int core_reset_thread(lua_State *L, int status) {
  CallInfo *ci = L->ci = &L->base_ci;
  set_nil(L->stack);
  ci->func = L->stack;
  ci->status = CI_C;
  if (status == LUA_YIELD) status = LUA_OK;
  L->status = LUA_OK; /* so that it can run close methods */
  L->errfunc = 0;
  status = core_close_protected(L, stack_off(L, L->stack + 1), status);
  if (status != LUA_OK)
    core_set_error(L, status, L->stack + 1);
  else
    L->top = L->stack + 1;
  ci->top = L->top + LUA_MINSTACK;
  if (L->stack_last - ci->top < 0) core_stack_realloc(L, (size_t)(ci->top - L->stack));
  core_stack_shrink(L);
  if (L->trap) core_update_trap(L);
  return status;
}

LUA_API int lua_resetthread(lua_State *L) {
  Thr *m = L->m;
  lua_State *outer = m->L;
  if (outer != L) {
    L->from = outer;
    m->L = L;
    if (is_counting(m)) core_count_switch(L);
  }
  L->cdepth = outer != NULL ? outer->cdepth : 0;
  L->nny = 1;
  int st = core_reset_thread(L, L->status);
  L->nny = L->is_base;
  L->cdepth = 0;
  if (outer != L) L->from = NULL;
  m->L = outer;
  if (is_counting(m) && outer != L && outer != NULL) core_count_switch(outer);
  if (is_guarded(m) && outer != NULL) core_mod_frame(outer, outer->ci);
  return st;
}
