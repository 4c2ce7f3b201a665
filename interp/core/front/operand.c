/* operand.c: operands into registers, constants and conditions. */
#include "scope.h"
#include "number.h"

/* --- multiple results --- */

void fe_set_results(struct comp *c, struct expr *e, int n) {
  uint32_t *ins = fe_ins(c, e->u.info);
  fe_set_c(ins, n + 1);
  if (e->kind == X_CALL) return;
  fe_set_a(ins, c->func->freereg);
  fe_reserve(c, 1);
}

void fe_one_result(struct comp *c, struct expr *e) {
  if (e->kind == X_CALL) { /* its result comes back where the function was */
    e->kind = X_REG;
    e->u.info = fe_a(*fe_ins(c, e->u.info));
  } else if (e->kind == X_VARARG) {
    fe_set_c(fe_ins(c, e->u.info), 2);
    e->kind = X_RELOC;
  }
}

/* --- values --- */

static void const_to_expr(const struct var *v, struct expr *e) {
  const struct fe_const *k = &v->value;
  switch (k->type) {
  case FE_KNIL: e->kind = X_NIL; break;
  case FE_KFALSE: e->kind = X_FALSE; break;
  case FE_KTRUE: e->kind = X_TRUE; break;
  case FE_KINT:
    e->kind = X_INT;
    e->u.i = k->u.i;
    break;
  case FE_KFLT:
    e->kind = X_FLT;
    e->u.n = k->u.n;
    break;
  case FE_KSTR:
    e->kind = X_STR;
    e->u.s = v->str;
    break;
  }
}

static void to_reloc(struct expr *e, int pc) {
  e->kind = X_RELOC;
  e->u.info = pc;
}

void fe_to_value(struct comp *c, struct expr *e) {
  int base = 0, key = 0;
  if (fe_is_indexed(e)) {
    base = e->u.ind.base;
    key = e->u.ind.key;
  }
  switch ((int)e->kind) {
  case X_CONST: const_to_expr((struct var *)c->vars.v + e->u.info, e); break;
  case X_LOCAL: {
    int reg = e->u.local.reg;
    e->kind = X_REG;
    e->u.info = reg;
    break;
  }
  case X_UPVAL: to_reloc(e, fe_emit_abc(c, OP_GETUPVAL, 0, e->u.info, 0)); break;
  case X_INDEXUP: to_reloc(e, fe_emit_abc(c, OP_GETTABUP, 0, base, key)); break;
  case X_INDEXI:
    fe_free_reg(c, base);
    to_reloc(e, fe_emit_abc(c, OP_GETI, 0, base, key));
    break;
  case X_INDEXSTR:
    fe_free_reg(c, base);
    to_reloc(e, fe_emit_abc(c, OP_GETFIELD, 0, base, key));
    break;
  case X_INDEXED:
    fe_free_reg(c, base > key ? base : key);
    fe_free_reg(c, base > key ? key : base);
    to_reloc(e, fe_emit_abc(c, OP_GETTABLE, 0, base, key));
    break;
  case X_CALL:
  case X_VARARG: fe_one_result(c, e); break;
  default: break;
  }
}

/* The value itself into `reg`, pending jumps aside. A comparison has none but its jump. */
static void load(struct comp *c, struct expr *e, int reg) {
  fe_to_value(c, e);
  switch ((int)e->kind) {
  case X_NIL: fe_emit_nil(c, reg, 1); break;
  case X_FALSE: fe_emit_abc(c, OP_LOADFALSE, reg, 0, 0); break;
  case X_TRUE: fe_emit_abc(c, OP_LOADTRUE, reg, 0, 0); break;
  case X_STR: fe_emit_load_k(c, reg, fe_k_str(c, e->u.s)); break;
  case X_K: fe_emit_load_k(c, reg, e->u.info); break;
  case X_FLT: fe_emit_flt(c, reg, e->u.n); break;
  case X_INT: fe_emit_int(c, reg, e->u.i); break;
  case X_RELOC: fe_set_a(fe_ins(c, e->u.info), reg); break;
  case X_REG:
    if (reg != e->u.info) fe_emit_abc(c, OP_MOVE, reg, e->u.info, 0);
    break;
  default: return; /* X_JMP */
  }
  e->kind = X_REG;
  e->u.info = reg;
}

static void load_anywhere(struct comp *c, struct expr *e) {
  if (e->kind == X_REG) return;
  fe_reserve(c, 1);
  load(c, e, c->func->freereg - 1);
}

static int emit_bool(struct comp *c, enum fe_op op, int reg) {
  fe_mark_target(c);
  return fe_emit_abc(c, op, reg, 0, 0);
}

void fe_to_reg(struct comp *c, struct expr *e, int reg) {
  load(c, e, reg);
  if (e->kind == X_JMP) fe_join(c, &e->jt, e->u.info);
  if (fe_has_jumps(e)) {
    int load_false = NO_JUMP, load_true = NO_JUMP;
    if (fe_needs_value(c, e->jt) || fe_needs_value(c, e->jf)) {
      int skip = e->kind == X_JMP ? NO_JUMP : fe_jump(c);
      load_false = emit_bool(c, OP_LFALSESKIP, reg);
      load_true = emit_bool(c, OP_LOADTRUE, reg);
      fe_patch_here(c, skip);
    }
    int end = fe_mark_target(c);
    fe_patch_values(c, e->jf, end, reg, load_false);
    fe_patch_values(c, e->jt, end, reg, load_true);
  }
  fe_expr_init(e, X_REG, reg);
}

void fe_to_next_reg(struct comp *c, struct expr *e) {
  fe_to_value(c, e);
  fe_free_expr(c, e);
  fe_reserve(c, 1);
  fe_to_reg(c, e, c->func->freereg - 1);
}

int fe_to_any_reg(struct comp *c, struct expr *e) {
  fe_to_value(c, e);
  if (e->kind == X_REG) {
    if (!fe_has_jumps(e)) return e->u.info;
    if (e->u.info >= fe_var_regs(c)) { /* not a variable: the jumps may put their value there */
      fe_to_reg(c, e, e->u.info);
      return e->u.info;
    }
  }
  fe_to_next_reg(c, e);
  return e->u.info;
}

void fe_to_reg_or_upval(struct comp *c, struct expr *e) {
  if (e->kind != X_UPVAL || fe_has_jumps(e)) fe_to_any_reg(c, e);
}

void fe_to_operand(struct comp *c, struct expr *e) {
  if (fe_has_jumps(e))
    fe_to_any_reg(c, e);
  else
    fe_to_value(c, e);
}

/* --- constants --- */

bool fe_to_k(struct comp *c, struct expr *e) {
  int k;
  if (fe_has_jumps(e)) return false;
  switch ((int)e->kind) {
  case X_NIL: k = fe_k_simple(c, FE_KNIL); break;
  case X_FALSE: k = fe_k_simple(c, FE_KFALSE); break;
  case X_TRUE: k = fe_k_simple(c, FE_KTRUE); break;
  case X_INT: k = fe_k_int(c, e->u.i); break;
  case X_FLT: k = fe_k_flt(c, e->u.n); break;
  case X_STR: k = fe_k_str(c, e->u.s); break;
  case X_K: k = e->u.info; break;
  default: return false;
  }
  if (k > FE_MAX_B) return false;
  e->kind = X_K;
  e->u.info = k;
  return true;
}

bool fe_to_rk(struct comp *c, struct expr *e) {
  if (fe_to_k(c, e)) return true;
  fe_to_any_reg(c, e);
  return false;
}

bool fe_to_const(struct comp *c, const struct expr *e, struct var *v) {
  if (fe_has_jumps(e)) return false;
  switch ((int)e->kind) {
  case X_NIL: v->value.type = FE_KNIL; return true;
  case X_FALSE: v->value.type = FE_KFALSE; return true;
  case X_TRUE: v->value.type = FE_KTRUE; return true;
  case X_STR:
    v->value.type = FE_KSTR;
    v->str = e->u.s;
    return true;
  case X_INT:
    v->value.type = FE_KINT;
    v->value.u.i = e->u.i;
    return true;
  case X_FLT:
    v->value.type = FE_KFLT;
    v->value.u.n = e->u.n;
    return true;
  case X_CONST: {
    const struct var *from = (struct var *)c->vars.v + e->u.info;
    v->value = from->value;
    v->str = from->str;
    return true;
  }
  default: return false;
  }
}

static bool fits_sc(int64_t i) { return i >= -FE_BIAS_SC && i <= FE_MAX_C - FE_BIAS_SC; }

bool fe_small_int(const struct expr *e) {
  return e->kind == X_INT && !fe_has_jumps(e) && fits_sc(e->u.i);
}

/* *is_float_out also tells of a float with a big integer value, which is refused: the instructions
 * for registers carry that bit then, unused, and chunks shall come out the same to the byte. */
bool fe_small_number(const struct expr *e, int *sc_out, bool *is_float_out) {
  int64_t i;
  if (e->kind == X_INT)
    i = e->u.i;
  else if (e->kind == X_FLT && fe_float_to_int(e->u.n, &i))
    *is_float_out = true;
  else
    return false;
  if (fe_has_jumps(e) || !fits_sc(i)) return false;
  *sc_out = (int)i + FE_BIAS_SC;
  return true;
}

/* --- conditions --- */

static void negate(struct comp *c, const struct expr *e) {
  *fe_jump_control(c, e->u.info) ^= 0x8000u;
}

/* The operand decides: a jump taken when it is `cond`. `not x` is tested as x. */
static int jump_on(struct comp *c, struct expr *e, bool cond) {
  if (e->kind == X_RELOC) {
    uint32_t ins = *fe_ins(c, e->u.info);
    if (fe_op_of(ins) == OP_NOT) {
      fe_unemit(c);
      return fe_jump_if(c, OP_TEST, fe_b(ins), 0, 0, !cond);
    }
  }
  load_anywhere(c, e);
  fe_free_expr(c, e);
  return fe_jump_if(c, OP_TESTSET, FE_NO_REG, e->u.info, 0, cond);
}

void fe_jump_if_false(struct comp *c, struct expr *e) {
  int pc;
  fe_to_value(c, e);
  switch ((int)e->kind) {
  case X_JMP:
    negate(c, e);
    pc = e->u.info;
    break;
  case X_K:
  case X_FLT:
  case X_INT:
  case X_STR:
  case X_TRUE: pc = NO_JUMP; break;
  default: pc = jump_on(c, e, false);
  }
  fe_join(c, &e->jf, pc);
  fe_patch_here(c, e->jt);
  e->jt = NO_JUMP;
}

void fe_jump_if_true(struct comp *c, struct expr *e) {
  int pc;
  fe_to_value(c, e);
  switch ((int)e->kind) {
  case X_JMP: pc = e->u.info; break;
  case X_NIL:
  case X_FALSE: pc = NO_JUMP; break;
  default: pc = jump_on(c, e, true);
  }
  fe_join(c, &e->jt, pc);
  fe_patch_here(c, e->jf);
  e->jf = NO_JUMP;
}

/* `not e` */
void fe_negate(struct comp *c, struct expr *e) {
  switch ((int)e->kind) {
  case X_NIL:
  case X_FALSE: e->kind = X_TRUE; break;
  case X_K:
  case X_FLT:
  case X_INT:
  case X_STR:
  case X_TRUE: e->kind = X_FALSE; break;
  case X_JMP: negate(c, e); break;
  default:
    load_anywhere(c, e);
    fe_free_expr(c, e);
    to_reloc(e, fe_emit_abc(c, OP_NOT, 0, e->u.info, 0));
  }
  int jt = e->jt;
  e->jt = e->jf;
  e->jf = jt;
  fe_drop_values(c, e->jf);
  fe_drop_values(c, e->jt);
}
