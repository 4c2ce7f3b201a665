/* scope.c: functions and blocks: opening, closing, what leaves with them. */
#include "scope.h"
#include "lex.h"

#include <string.h>

void fe_enter_level(struct comp *c) {
  if (++c->clevel >= CLEVELS_MAX) fe_fail(&c->job, FE_ERRRUN, "C stack overflow");
}

void fe_fail_limit(struct comp *c, struct func *f, int limit, const char *what) {
  if (f->linedefined == 0)
    fe_error_near(c, "too many %s (limit is %d) in main function", what, limit);
  fe_error_near(c, "too many %s (limit is %d) in function at line %d", what, limit, f->linedefined);
}

/* --- blocks --- */

void fe_enter_block(struct comp *c, struct block *b, bool is_loop) {
  struct func *f = c->func;
  b->prev = f->block;
  b->is_loop = is_loop;
  b->nactive = (uint8_t)f->nactive;
  b->first_label = c->labels.n;
  b->first_goto = c->gotos.n;
  b->captured = false;
  b->has_tbc = false;
  b->inside_tbc = f->block != NULL && f->block->inside_tbc;
  f->block = b;
}

void fe_leave_block(struct comp *c) {
  struct func *f = c->func;
  struct block *b = f->block;
  int level = fe_reg_level(c, f, b->nactive); /* registers outside the block */
  bool closed = false;
  if (b->is_loop) {
    /* A loop's hidden variables need closing only where one of them is to be closed. (Lua 5.4.4
     * leaves that one open after a `break` out of the scope of a captured variable.) */
    int from = b->has_tbc ? level : fe_var_regs(c);
    closed = fe_new_label(c, c->break_name, 0, false, from);
  }
  if (!closed && b->prev != NULL && b->captured) fe_emit_abc(c, OP_CLOSE, level, 0, 0);
  fe_deactivate(c, b->nactive);
  f->freereg = level;
  c->labels.n = b->first_label;
  f->block = b->prev;
  if (b->prev != NULL)
    fe_goto_leave_block(c, b);
  else if (b->first_goto < c->gotos.n)
    fe_fail_goto(c, (struct label *)c->gotos.v + b->first_goto);
}

void fe_mark_tbc(struct comp *c) {
  c->func->block->captured = true;
  c->func->block->has_tbc = true;
  c->func->block->inside_tbc = true;
  c->func->needs_close = true;
}

/* --- functions --- */

void fe_open_func(struct comp *c, struct func *f, struct block *b) {
  memset(f, 0, sizeof *f);
  f->prev = c->func;
  f->code0 = c->code.n;
  f->k0 = c->k.n;
  f->p0 = c->protos.n;
  f->abs0 = c->abs.n;
  f->loc0 = c->locvars.n;
  f->var0 = c->vars.n;
  f->label0 = c->labels.n;
  f->maxstack = 2; /* registers 0 and 1 always exist */
  c->func = f;
  fe_enter_block(c, b, false);
}

static void set_upvals(struct comp *c, struct func *f, struct fe_proto *p) {
  p->nupvals = (uint8_t)f->nupvals;
  p->upvals = fe_new_array(&c->job, f->nupvals, sizeof *p->upvals);
  for (int i = 0; i < f->nupvals; i++) {
    p->upvals[i] = f->upvals[i].d;
    fe_vec_room(&c->job, &c->fixes, sizeof(struct upval_fix));
    ((struct upval_fix *)c->fixes.v)[c->fixes.n++] =
        (struct upval_fix){&p->upvals[i], f->upvals[i].root};
  }
}

/* Copy the function's part of a stack to its own array, and cut it off. */
static void *take(struct comp *c, struct vec *v, int from, size_t elem, int32_t *n_out) {
  int n = v->n - from;
  *n_out = n;
  if (n == 0) return NULL;
  v->n = from;
  return fe_copy(&c->job, (char *)v->v + (size_t)from * elem, n, elem);
}

struct fe_proto *fe_close_func(struct comp *c) {
  struct func *f = c->func;
  fe_emit_return(c, fe_var_regs(c), 0);
  fe_leave_block(c);
  fe_finish_code(c);

  struct fe_proto *p = fe_new(&c->job, sizeof *p);
  p->lineinfo = take(c, &c->lines, f->code0, 1, &p->nlineinfo);
  p->code = take(c, &c->code, f->code0, sizeof *p->code, &p->ncode);
  p->k = take(c, &c->k, f->k0, sizeof *p->k, &p->nk);
  p->p = take(c, &c->protos, f->p0, sizeof *p->p, &p->np);
  p->abslineinfo = take(c, &c->abs, f->abs0, sizeof *p->abslineinfo, &p->nabslineinfo);
  p->locvars = take(c, &c->locvars, f->loc0, sizeof *p->locvars, &p->nlocvars);
  set_upvals(c, f, p);
  p->source = c->source;
  p->linedefined = f->linedefined;
  p->lastlinedefined = f->lastlinedefined;
  p->numparams = (uint8_t)f->numparams;
  p->is_vararg = f->is_vararg;
  p->maxstacksize = (uint8_t)f->maxstack;
  memcpy(p->byref, f->byref, sizeof p->byref);
  c->func = f->prev;
  return p;
}
