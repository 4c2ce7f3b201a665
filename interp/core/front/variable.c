/* variable.c: declaring variables and finding what a name means. */
#include "scope.h"
#include "lex.h"

#include <limits.h>
#include <string.h>

/* --- locals --- */

int fe_new_local(struct comp *c, struct fe_str *name) {
  struct func *f = c->func;
  int declared = c->vars.n - f->var0;
  if (declared >= VARS_MAX) fe_fail_limit(c, f, VARS_MAX, "local variables");
  fe_vec_room(&c->job, &c->vars, sizeof(struct var));
  struct var *v = (struct var *)c->vars.v + c->vars.n++;
  v->name = name;
  v->capture = NULL;
  v->last_assign = -1;
  v->locvar = -1;
  v->kind = FE_VAR_REGULAR;
  return declared;
}

static int new_locvar(struct comp *c, const struct var *v) {
  struct func *f = c->func;
  if (f->nloc >= SHRT_MAX)
    fe_fail(&c->job, FE_ERRRUN, "too many local variables (limit is %d)", SHRT_MAX);
  fe_vec_room(&c->job, &c->locvars, sizeof(struct fe_locvar));
  ((struct fe_locvar *)c->locvars.v)[c->locvars.n++] =
      (struct fe_locvar){.name = v->name, .startpc = f->pc, .reg = v->reg};
  return f->nloc++;
}

void fe_activate(struct comp *c, int n) {
  struct func *f = c->func;
  int reg = fe_var_regs(c);
  for (; n > 0; n--) {
    struct var *v = fe_var(c, f, f->nactive++);
    v->reg = (uint8_t)reg++;
    v->locvar = (int16_t)new_locvar(c, v);
  }
}

/* Ends the scope of all variables above to_level, declared-only ones included. */
void fe_deactivate(struct comp *c, int to_level) {
  struct func *f = c->func;
  while (f->nactive > to_level) {
    struct var *v = fe_var(c, f, --f->nactive);
    if (v->kind == FE_VAR_COMPTIME) continue;
    ((struct fe_locvar *)c->locvars.v)[f->loc0 + v->locvar].endpc = f->pc;
    fe_note_scope_end(c, v);
  }
  c->vars.n = f->var0 + to_level;
}

int fe_reg_level(struct comp *c, struct func *f, int nactive) {
  while (nactive-- > 0) {
    const struct var *v = fe_var(c, f, nactive);
    if (v->kind != FE_VAR_COMPTIME) return v->reg + 1;
  }
  return 0;
}

/* --- upvalues --- */

int fe_new_upvalue(struct comp *c, struct func *f, struct fe_str *name) {
  if (f->nupvals >= UPVALS_MAX) fe_fail_limit(c, f, UPVALS_MAX, "upvalues");
  if (f->nupvals == f->upvals_cap) {
    int cap = f->upvals_cap == 0 ? 4 : f->upvals_cap * 2;
    struct upvalue *bigger = fe_new_array(&c->job, cap, sizeof *bigger);
    if (f->nupvals > 0) memcpy(bigger, f->upvals, (size_t)f->nupvals * sizeof *bigger);
    f->upvals = bigger;
    f->upvals_cap = cap;
  }
  f->upvals[f->nupvals] = (struct upvalue){.d.name = name};
  return f->nupvals++;
}

/* The variable `e` of the enclosing function becomes an upvalue of f. */
static int link_upvalue(struct comp *c, struct func *f, struct fe_str *name, const struct expr *e) {
  int i = fe_new_upvalue(c, f, name);
  struct upvalue *u = &f->upvals[i];
  if (e->kind == X_LOCAL) {
    const struct var *v = fe_var(c, f->prev, e->u.local.var);
    u->d.instack = 1;
    u->d.idx = v->reg;
    u->d.kind = v->kind;
    u->root = v->capture;
  } else {
    const struct upvalue *outer = &f->prev->upvals[e->u.info];
    u->d.idx = (uint8_t)e->u.info;
    u->d.kind = outer->d.kind;
    u->root = outer->root;
  }
  return i;
}

/* --- names --- */

static bool find_local(struct comp *c, struct func *f, const struct fe_str *name, struct expr *e) {
  const struct var *first = fe_var(c, f, 0);
  for (const struct var *v = first + f->nactive; v-- > first;) {
    if (v->name != name) continue;
    int i = (int)(v - first);
    if (v->kind == FE_VAR_COMPTIME) {
      fe_expr_init(e, X_CONST, f->var0 + i);
    } else {
      fe_expr_init(e, X_LOCAL, 0);
      e->u.local.reg = v->reg;
      e->u.local.var = i;
    }
    return true;
  }
  return false;
}

static int find_upvalue(const struct func *f, const struct fe_str *name) {
  for (int i = 0; i < f->nupvals; i++) {
    if (f->upvals[i].d.name == name) return i;
  }
  return -1;
}

/* Looks in f and the functions around it; false when the name is global. */
static bool find(struct comp *c, struct func *f, struct fe_str *name, struct expr *e,
                 bool from_inside) {
  if (f == NULL) return false;
  if (find_local(c, f, name, e)) {
    if (from_inside && e->kind == X_LOCAL) fe_capture_local(c, f, e->u.local.var);
    return true;
  }
  int i = find_upvalue(f, name);
  if (i < 0) {
    if (!find(c, f->prev, name, e, true)) return false;
    if (e->kind == X_CONST) return true;
    i = link_upvalue(c, f, name, e);
  }
  fe_expr_init(e, X_UPVAL, i);
  return true;
}

void fe_find_variable(struct comp *c, struct fe_str *name, struct expr *e) {
  if (find(c, c->func, name, e, false)) return;
  struct expr key;
  find(c, c->func, c->env_name, e, false); /* the main function has it as an upvalue */
  fe_to_reg_or_upval(c, e);                /* `local _ENV <const> = 1` makes it a constant */
  fe_expr_init(&key, X_STR, 0);
  key.u.s = name;
  fe_index(c, e, &key);
}

void fe_check_assignable(struct comp *c, const struct expr *e) {
  const struct fe_str *name = NULL;
  if (e->kind == X_CONST) {
    name = ((struct var *)c->vars.v)[e->u.info].name;
  } else if (e->kind == X_LOCAL) {
    const struct var *v = fe_var(c, c->func, e->u.local.var);
    if (v->kind != FE_VAR_REGULAR) name = v->name;
  } else if (e->kind == X_UPVAL) {
    const struct fe_upval *u = &c->func->upvals[e->u.info].d;
    if (u->kind != FE_VAR_REGULAR) name = u->name;
  }
  if (name != NULL) fe_error(c, "attempt to assign to const variable '%s'", name->data);
}
