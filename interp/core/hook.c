/* hook.c: calling hooks: call, return, line, count. */
#include "core.h"
#include "front/opcodes.h"

/* L->trap: the executor must not use its fast table blindly. Recomputed where frames are dropped.
 */
void core_update_trap(lua_State *L) {
  bool t = L->hookmask != 0 || is_counting(L->m);
  for (CallInfo *ci = L->ci; ci != NULL && !t; ci = ci->prev) t = (ci->status & CI_ESCAPED) != 0;
  L->trap = t;
}

/* fn on the running frame, with a stack of its own, hooks forbidden. */
static void run_hook(lua_State *L, lua_Hook fn, int event, int line, uint32_t mark) {
  CallInfo *ci = L->ci;
  uint8_t allowed = L->allowhook;
  ptrdiff_t top = stack_off(L, L->top), ci_top = stack_off(L, ci->top);
  lua_Debug ar;
  ar.event = event;
  ar.currentline = line;
  ar.i_ci = ci;
  if (ci_is_lua(ci) && L->top < ci->top) L->top = ci->top;
  stack_check(L, LUA_MINSTACK);
  if (ci->top < L->top + LUA_MINSTACK) ci->top = L->top + LUA_MINSTACK;
  L->allowhook = 0;
  ci->status |= mark;
  if (is_guarded(L->m)) core_mod_frame(L, ci);
  fn(L, &ar);
  L->allowhook = allowed;
  ci->top = stack_at(L, ci_top);
  L->top = stack_at(L, top);
  ci->status &= ~mark;
}

void core_hook(lua_State *L, int event, int line, int first, int count) {
  lua_Hook hook = L->hook;
  if (hook == NULL || !L->allowhook) return;
  uint32_t mark = CI_HOOKED;
  CallInfo *ci = L->ci;
  if (count != 0) {
    mark |= CI_TRANSFER;
    ci->u2.transfer.first = (unsigned short)first;
    ci->u2.transfer.count = (unsigned short)count;
  }
  run_hook(L, hook, event, line, mark);
  if (is_guarded(L->m)) core_mod_frame(L, L->ci);
}

void core_hook_call(lua_State *L, CallInfo *ci) {
  L->oldpc = 0; /* the function starts: its first line is new */
  if (!(L->hookmask & LUA_MASKCALL)) return;
  int event = ci->status & CI_TAIL ? LUA_HOOKTAILCALL : LUA_HOOKCALL;
  int nparams = ci_closure(ci)->p->numparams;
  ci->pc++; /* hooks see the instruction as begun */
  core_hook(L, event, -1, 1, nparams);
  ci->pc--;
}

void core_hook_return(lua_State *L, CallInfo *ci, int nres) {
  if (L->hookmask & LUA_MASKRET) {
    Value *first = L->top - nres;
    int delta = 0;
    if (ci_is_lua(ci) && ci_closure(ci)->p->is_vararg)
      delta = ci->u.nextra + ci_closure(ci)->p->numparams + 1;
    ci->func += delta; /* where the frame's variables are */
    int at = (int)(unsigned short)(first - ci->func);
    core_hook(L, LUA_HOOKRET, -1, at, nres);
    ci->func -= delta;
  }
  ci = ci->prev;
  if (ci_is_lua(ci)) L->oldpc = (int)(ci->pc - ci_closure(ci)->p->code) - 1;
}

static bool line_changed(const Proto *p, int oldpc, int newpc) {
  if (p->line == NULL) return false;
  return core_line_at(p, oldpc) != core_line_at(p, newpc);
}

static void line_hook(lua_State *L, CallInfo *ci, const uint32_t *pc) {
  const Proto *p = ci_closure(ci)->p;
  int oldpc = L->oldpc < p->ncode ? L->oldpc : 0; /* it may be another function's */
  int newpc = (int)(pc - p->code) - 1;
  if (newpc <= oldpc || line_changed(p, oldpc, newpc))
    core_hook(L, LUA_HOOKLINE, core_line_at(p, newpc), 0, 0);
  L->oldpc = newpc;
}

/* ---- counted runs, see gilt_core.h ---- */

/* A frame that goes on after a call is still in its line. */
static bool counts_new_line(const Thr *m, CallInfo *ci, const uint32_t *pc) {
  const Proto *p = ci_closure(ci)->p;
  int now = (int)(pc - p->code) - 1;
  if (p->line == NULL) return false;
  if (now <= (p->is_vararg ? 1 : 0)) return true;
  bool same = m->count_ci == ci && m->count_pc >= p->code && m->count_pc <= p->code + p->ncode;
  int before = same ? (int)(m->count_pc - p->code) - 1 : now - 1;
  return now <= before || line_changed(p, before, now);
}

static void count_instruction(lua_State *L, CallInfo *ci, const uint32_t *pc) {
  Thr *m = L->m;
  bool line = m->count_lines && counts_new_line(m, ci, pc);
  m->count_ci = ci;
  m->count_pc = pc;
  if (--m->count_left > 0 && !line) return;
  uint32_t i = pc[-1];
  if (!(fe_opinfo[fe_op_of(i)].open_in && fe_b(i) == 0)) L->top = ci->top;
  if (m->count_left <= 0) {
    m->modes &= (uint8_t)~THR_COUNTING;
    run_hook(L, L->g->counter->event, LUA_HOOKCOUNT, -1, CI_HOOKED);
  }
  if (line)
    run_hook(L, L->g->counter->event, LUA_HOOKLINE,
             core_line_at(ci_closure(ci)->p, (int)(pc - ci_closure(ci)->p->code) - 1), CI_HOOKED);
}

/* The counting OS thread goes on in L. */
void core_count_switch(lua_State *L) {
  L->trap = 1;
  L->g->counter->switched(L);
}

void gilt_core_set_counter(lua_State *L, const struct gilt_core_counter *c) { L->g->counter = c; }

void gilt_core_count(lua_State *L, int n, bool lines) {
  Thr *m = L->m;
  m->count_left = n;
  m->count_lines = lines;
  m->modes = (uint8_t)((m->modes & ~THR_COUNTING) | (n > 0 ? THR_COUNTING : 0));
  if (n <= 0) return;
  m->L->trap = 1;
  RLX_SET(m->poll, 1); /* where the executor looks at it */
}

/* Before the instruction pc[-1], with line or count hooks set, or counting. */
void core_trace(lua_State *L, CallInfo *ci, const uint32_t *pc) {
  int mask = L->hookmask;
  ci->pc = pc;
  if (is_counting(L->m)) count_instruction(L, ci, pc);
  if (!(mask & (LUA_MASKLINE | LUA_MASKCOUNT))) return;
  bool count = (mask & LUA_MASKCOUNT) && --L->hookcount == 0;
  if (count)
    L->hookcount = L->basehookcount;
  else if (!(mask & LUA_MASKLINE))
    return;
  if (ci->status & CI_HOOKYIELD) { /* its hook ran already, before the yield */
    ci->status &= ~(uint32_t)CI_HOOKYIELD;
    return;
  }
  uint32_t i = pc[-1];
  if (!(fe_opinfo[fe_op_of(i)].open_in && fe_b(i) == 0)) L->top = ci->top;
  if (count) core_hook(L, LUA_HOOKCOUNT, -1, 0, 0);
  if (mask & LUA_MASKLINE) line_hook(L, ci, pc);
  if (unlikely(L->status == LUA_YIELD)) {
    if (count) L->hookcount = 1; /* count again */
    ci->pc--;
    ci->status |= CI_HOOKYIELD;
    core_throw(L, LUA_YIELD);
  }
}

/* Safe in a signal handler: sets words only; the running executor sees them at its next poll. */
LUA_API void lua_sethook(lua_State *L, lua_Hook func, int mask, int count) {
  if (func == NULL || mask == 0) {
    mask = 0;
    func = NULL;
  }
  L->hook = func;
  L->basehookcount = count;
  L->hookcount = count;
  L->hookmask = mask;
  if (mask) L->trap = 1;
  RLX_SET(L->m->poll, 1);
}
LUA_API lua_Hook lua_gethook(lua_State *L) { return L->hook; }
LUA_API int lua_gethookmask(lua_State *L) { return L->hookmask; }
LUA_API int lua_gethookcount(lua_State *L) { return L->basehookcount; }
