/* capture.c: which captured variables can be copied into closures.
 *
 * A closure may hold a copy of a variable if nothing assigns the variable once the closure exists.
 * Code runs forward except at backward jumps (loops, goto), so an assignment can come after a
 * capture
 *   1. when it stands after it in the text, or in a nested function: seen when it is compiled;
 *   2. when both stand between a backward jump and its target, the variable being declared before
 *      the target: seen when the jump is compiled, for then both have been.
 * The initialisation of a declaration is no assignment: it runs before any capture of that
 * variable, and each time it runs the variable is a new one. (`local function f` captures f inside
 * of its own initialisation; OP_CLOSURE puts the closure into the register first.) */
#include "scope.h"

void fe_capture_local(struct comp *c, struct func *f, int var) {
  struct var *v = fe_var(c, f, var);
  if (v->capture == NULL) {
    v->capture = fe_new(&c->job, sizeof *v->capture);
    v->capture->reassigned = false;
  }
  struct block *b = f->block;
  while (b->nactive > var) b = b->prev;
  b->captured = true;
  f->needs_close = true;
}

void fe_note_assign(struct comp *c, const struct expr *var) {
  if (var->kind == X_UPVAL) {
    c->func->upvals[var->u.info].root->reassigned = true;
    return;
  }
  struct var *v = fe_var(c, c->func, var->u.local.var);
  v->last_assign = c->func->pc - 1;
  if (v->capture != NULL) v->capture->reassigned = true;
}

void fe_note_back_jump(struct comp *c, int target) {
  struct func *f = c->func;
  for (int i = 0; i < f->nactive; i++) {
    struct var *v = fe_var(c, f, i);
    if (v->capture != NULL && v->last_assign >= target) v->capture->reassigned = true;
  }
}

void fe_note_scope_end(struct comp *c, const struct var *v) {
  struct func *f = c->func;
  if (v->capture == NULL) return;
  struct fe_locvar *l = (struct fe_locvar *)c->locvars.v + f->loc0 + v->locvar;
  l->flags = FE_LOC_CAPTURED;
  if (!v->capture->reassigned) return;
  l->flags |= FE_LOC_BYREF;
  f->byref[v->reg / 64] |= UINT64_C(1) << v->reg % 64;
}

void fe_resolve_captures(struct comp *c) {
  const struct upval_fix *fix = c->fixes.v;
  for (int i = 0; i < c->fixes.n; i++) fix[i].upval->byvalue = !fix[i].root->reassigned;
}
