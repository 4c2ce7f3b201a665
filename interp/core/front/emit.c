/* emit.c: instructions with their line information; the register stack. */
#include "scope.h"
#include "lex.h"
#include "number.h"

#include <limits.h>

/* --- lines: per instruction the difference to the one before, and now and then, or when that does
 * not fit a byte, the absolute line --- */

static void save_line(struct comp *c, int line) {
  struct func *f = c->func;
  int diff = line - f->prev_line, pc = f->pc - 1;
  if (diff <= -0x80 || diff >= 0x80 || f->since_abs++ >= FE_ABSLINE_EVERY) {
    fe_vec_room(&c->job, &c->abs, sizeof(struct fe_absline));
    ((struct fe_absline *)c->abs.v)[c->abs.n++] = (struct fe_absline){pc, line};
    f->nabs++;
    diff = FE_ABSLINE;
    f->since_abs = 1;
  }
  ((int8_t *)c->lines.v)[f->code0 + pc] = (int8_t)diff;
  f->prev_line = line;
}

static void forget_line(struct comp *c) {
  struct func *f = c->func;
  int8_t diff = ((int8_t *)c->lines.v)[f->code0 + f->pc - 1];
  if (diff != FE_ABSLINE) {
    f->prev_line -= diff;
    f->since_abs--;
    return;
  }
  /* prev_line is lost, so whatever comes next must be absolute again */
  c->abs.n--;
  f->nabs--;
  f->since_abs = FE_ABSLINE_EVERY + 1;
}

void fe_fix_line(struct comp *c, int line) {
  forget_line(c);
  save_line(c, line);
}

/* --- instructions --- */

int fe_emit(struct comp *c, uint32_t ins) {
  struct func *f = c->func;
  fe_vec_room(&c->job, &c->code, sizeof(uint32_t));
  c->lines.n = c->code.n;
  fe_vec_room(&c->job, &c->lines, 1);
  ((uint32_t *)c->code.v)[c->code.n++] = ins;
  c->lines.n = c->code.n;
  f->pc++;
  save_line(c, c->last_line);
  return f->pc - 1;
}

void fe_unemit(struct comp *c) {
  forget_line(c);
  c->func->pc--;
  c->code.n--;
}

/* A jump may arrive at the end of the code: the last instruction is then not for merging. */
uint32_t *fe_last_ins(struct comp *c) {
  struct func *f = c->func;
  static const uint32_t none = ~UINT32_C(0);
  if (f->pc > f->last_target) return fe_ins(c, f->pc - 1);
  c->no_ins = none;
  return &c->no_ins;
}

void fe_emit_nil(struct comp *c, int from, int n) {
  int last = from + n - 1;
  uint32_t *prev = fe_last_ins(c);
  if (fe_op_of(*prev) == OP_LOADNIL) {
    int first = fe_a(*prev), end = first + fe_b(*prev);
    if ((first <= from && from <= end + 1) || (from <= first && first <= last + 1)) {
      if (first > from) first = from;
      if (end < last) end = last;
      fe_set_a(prev, first);
      fe_set_b(prev, end - first);
      return;
    }
  }
  fe_emit_abc(c, OP_LOADNIL, from, n - 1, 0);
}

void fe_emit_load_k(struct comp *c, int reg, int k) {
  if (k <= FE_MAX_BX) {
    fe_emit_abx(c, OP_LOADK, reg, k);
    return;
  }
  fe_emit_abx(c, OP_LOADKX, reg, 0);
  fe_emit(c, fe_axop(OP_EXTRAARG, k));
}

static bool fits_sbx(int64_t i) { return i >= -FE_BIAS_SBX && i <= FE_MAX_BX - FE_BIAS_SBX; }

void fe_emit_int(struct comp *c, int reg, int64_t i) {
  if (fits_sbx(i))
    fe_emit_abx(c, OP_LOADI, reg, (int)i + FE_BIAS_SBX);
  else
    fe_emit_load_k(c, reg, fe_k_int(c, i));
}

void fe_emit_flt(struct comp *c, int reg, double n) {
  int64_t i;
  if (fe_float_to_int(n, &i) && fits_sbx(i))
    fe_emit_abx(c, OP_LOADF, reg, (int)i + FE_BIAS_SBX);
  else
    fe_emit_load_k(c, reg, fe_k_flt(c, n));
}

void fe_emit_return(struct comp *c, int first, int n) {
  enum fe_op op = n == 0 ? OP_RETURN0 : n == 1 ? OP_RETURN1 : OP_RETURN;
  fe_emit_abc(c, op, first, n + 1, 0);
}

/* --- registers: variables below, temporaries above, freed in the reverse order --- */

void fe_check_regs(struct comp *c, int n) {
  struct func *f = c->func;
  int top = f->freereg + n;
  if (top <= f->maxstack) return;
  if (top >= REGS_MAX) fe_error_near(c, "function or expression needs too many registers");
  f->maxstack = top;
}

void fe_reserve(struct comp *c, int n) {
  fe_check_regs(c, n);
  c->func->freereg += n;
}

void fe_free_reg(struct comp *c, int reg) {
  if (reg >= fe_var_regs(c)) c->func->freereg--;
}

void fe_free_expr(struct comp *c, const struct expr *e) {
  if (e->kind == X_REG) fe_free_reg(c, e->u.info);
}

static void free_two(struct comp *c, int r1, int r2) {
  fe_free_reg(c, r1 > r2 ? r1 : r2);
  fe_free_reg(c, r1 > r2 ? r2 : r1);
}

void fe_free_exprs(struct comp *c, const struct expr *e1, const struct expr *e2) {
  if (e1->kind == X_REG && e2->kind == X_REG)
    free_two(c, e1->u.info, e2->u.info);
  else if (e1->kind == X_REG)
    fe_free_reg(c, e1->u.info);
  else
    fe_free_expr(c, e2);
}
