/* operator.c: arithmetic, comparison, concatenation, logic.
 *
 * infix() sees the first operand before the second is compiled, postfix() has both. A constant
 * operand stays one as long as some instruction could take it. */
#include "scope.h"
#include "number.h"

static void swap(struct expr *e1, struct expr *e2) {
  struct expr t = *e1;
  *e1 = *e2;
  *e2 = t;
}

static enum fe_op op_plus(enum fe_op first, enum binop op) {
  return (enum fe_op)((int)first + (int)op);
}

static int event_of(enum binop op) { return (int)FE_TM_ADD + (int)op; }

/* --- arithmetic: the instruction, then the one that calls the metamethod if it fails --- */

struct arith {
  enum fe_op op, mm;
  int event;
  bool flip; /* the operands are in the other order than in the source */
  int line;
};

static void finish_arith(struct comp *c, struct expr *e1, struct expr *e2, int operand2,
                         struct arith how) {
  int reg1 = fe_to_any_reg(c, e1);
  int pc = fe_emit_abc(c, how.op, 0, reg1, operand2);
  fe_free_exprs(c, e1, e2);
  e1->kind = X_RELOC;
  e1->u.info = pc;
  fe_fix_line(c, how.line);
  fe_emit_abck(c, how.mm, reg1, operand2, how.event, how.flip);
  fe_fix_line(c, how.line);
}

static void arith_regs(struct comp *c, enum binop op, struct expr *e1, struct expr *e2, int line) {
  int reg2 = fe_to_any_reg(c, e2);
  finish_arith(c, e1, e2, reg2,
               (struct arith){op_plus(OP_ADD, op), OP_MMBIN, event_of(op), false, line});
}

/* The second operand is an integer in the instruction. */
static void arith_imm(struct comp *c, enum fe_op op, struct expr *e1, struct expr *e2,
                      struct arith how) {
  how.op = op;
  how.mm = OP_MMBINI;
  finish_arith(c, e1, e2, (int)e2->u.i + FE_BIAS_SC, how);
}

/* x - 5 is x + -5, x << 5 is x >> -5; the metamethod still gets the 5. */
static bool arith_negated(struct comp *c, enum fe_op op, struct expr *e1, struct expr *e2,
                          enum binop source_op, int line) {
  if (!fe_small_int(e2) || e2->u.i < -FE_BIAS_SC || e2->u.i > FE_BIAS_SC) return false;
  int i = (int)e2->u.i;
  finish_arith(c, e1, e2, FE_BIAS_SC - i,
               (struct arith){op, OP_MMBINI, event_of(source_op), false, line});
  fe_set_b(fe_ins(c, c->func->pc - 1), FE_BIAS_SC + i);
  return true;
}

static void arith_any(struct comp *c, enum binop op, struct expr *e1, struct expr *e2, bool flip,
                      int line) {
  if (fe_is_numeral(e2) && fe_to_k(c, e2)) {
    finish_arith(c, e1, e2, e2->u.info,
                 (struct arith){op_plus(OP_ADDK, op), OP_MMBINK, event_of(op), flip, line});
    return;
  }
  if (flip) swap(e1, e2);
  arith_regs(c, op, e1, e2, line);
}

/* A constant goes second. */
static void commutative(struct comp *c, enum binop op, struct expr *e1, struct expr *e2, int line) {
  bool flip = fe_is_numeral(e1);
  if (flip) swap(e1, e2);
  if (op == BIN_ADD && fe_small_int(e2))
    arith_imm(c, OP_ADDI, e1, e2, (struct arith){.event = FE_TM_ADD, .flip = flip, .line = line});
  else
    arith_any(c, op, e1, e2, flip, line);
}

static void bitwise(struct comp *c, enum binop op, struct expr *e1, struct expr *e2, int line) {
  bool flip = e1->kind == X_INT && fe_to_rk(c, e1);
  if (flip) {
    swap(e1, e2);
  } else if (e2->kind != X_INT || !fe_to_rk(c, e2)) {
    arith_regs(c, op, e1, e2, line);
    return;
  }
  finish_arith(c, e1, e2, e2->u.info,
               (struct arith){op_plus(OP_ADDK, op), OP_MMBINK, event_of(op), flip, line});
}

static void shift(struct comp *c, enum binop op, struct expr *e1, struct expr *e2, int line) {
  if (op == BIN_SHL && fe_small_int(e1)) {
    swap(e1, e2);
    arith_imm(c, OP_SHLI, e1, e2, (struct arith){.event = FE_TM_SHL, .flip = true, .line = line});
  } else if (op == BIN_SHL) {
    if (!arith_negated(c, OP_SHRI, e1, e2, op, line)) arith_regs(c, op, e1, e2, line);
  } else if (fe_small_int(e2)) {
    arith_imm(c, OP_SHRI, e1, e2, (struct arith){.event = FE_TM_SHR, .line = line});
  } else {
    arith_regs(c, op, e1, e2, line);
  }
}

/* --- comparison --- */

/* `less`: OP_LT or OP_LE, the operands in that order. */
static void order(struct comp *c, enum fe_op less, struct expr *e1, struct expr *e2) {
  int reg, other;
  bool is_float = false;
  enum fe_op op;
  if (fe_small_number(e2, &other, &is_float)) {
    reg = fe_to_any_reg(c, e1);
    op = less == OP_LT ? OP_LTI : OP_LEI;
  } else if (fe_small_number(e1, &other, &is_float)) { /* 5 < x is x > 5 */
    reg = fe_to_any_reg(c, e2);
    op = less == OP_LT ? OP_GTI : OP_GEI;
  } else {
    reg = fe_to_any_reg(c, e1);
    other = fe_to_any_reg(c, e2);
    op = less;
  }
  fe_free_exprs(c, e1, e2);
  e1->u.info = fe_jump_if(c, op, reg, other, is_float, 1);
  e1->kind = X_JMP;
}

static void equality(struct comp *c, bool equal, struct expr *e1, struct expr *e2) {
  int other;
  bool is_float = false;
  enum fe_op op;
  if (e1->kind != X_REG) swap(e1, e2);
  int reg = fe_to_any_reg(c, e1);
  if (fe_small_number(e2, &other, &is_float)) {
    op = OP_EQI;
  } else if (fe_to_rk(c, e2)) {
    op = OP_EQK;
    other = e2->u.info;
  } else {
    op = OP_EQ;
    other = fe_to_any_reg(c, e2);
  }
  fe_free_exprs(c, e1, e2);
  e1->u.info = fe_jump_if(c, op, reg, other, is_float, equal);
  e1->kind = X_JMP;
}

/* --- concatenation: a .. (b .. c) becomes one instruction --- */

static void concat(struct comp *c, struct expr *e1, struct expr *e2, int line) {
  uint32_t *prev = fe_last_ins(c);
  if (fe_op_of(*prev) == OP_CONCAT) {
    int n = fe_b(*prev);
    fe_free_expr(c, e2);
    fe_set_a(prev, e1->u.info);
    fe_set_b(prev, n + 1);
    return;
  }
  fe_emit_abc(c, OP_CONCAT, e1->u.info, 2, 0);
  fe_free_expr(c, e2);
  fe_fix_line(c, line);
}

/* --- what the parser calls --- */

void fe_prefix(struct comp *c, enum unop op, struct expr *e, int line) {
  fe_to_value(c, e);
  if (op == UN_NOT) {
    fe_negate(c, e);
    return;
  }
  if (op != UN_LEN && fe_fold_unary(op, e)) return;
  int reg = fe_to_any_reg(c, e);
  fe_free_expr(c, e);
  enum fe_op ins = op == UN_MINUS ? OP_UNM : op == UN_BNOT ? OP_BNOT : OP_LEN;
  e->u.info = fe_emit_abc(c, ins, 0, reg, 0);
  e->kind = X_RELOC;
  fe_fix_line(c, line);
}

void fe_infix(struct comp *c, enum binop op, struct expr *e) {
  int sc;
  bool is_float;
  fe_to_value(c, e);
  switch ((int)op) {
  case BIN_AND: fe_jump_if_false(c, e); break;
  case BIN_OR: fe_jump_if_true(c, e); break;
  case BIN_CONCAT: fe_to_next_reg(c, e); break;
  case BIN_EQ:
  case BIN_NE:
    if (!fe_is_numeral(e)) fe_to_rk(c, e);
    break;
  case BIN_LT:
  case BIN_LE:
  case BIN_GT:
  case BIN_GE:
    if (!fe_small_number(e, &sc, &is_float)) fe_to_any_reg(c, e);
    break;
  default:
    if (!fe_is_numeral(e)) fe_to_any_reg(c, e);
  }
}

static void logic(struct comp *c, struct expr *e1, struct expr *e2, bool is_and) {
  if (is_and)
    fe_join(c, &e2->jf, e1->jf);
  else
    fe_join(c, &e2->jt, e1->jt);
  *e1 = *e2;
}

void fe_postfix(struct comp *c, enum binop op, struct expr *e1, struct expr *e2, int line) {
  fe_to_value(c, e2);
  if (fe_fold_binary(op, e1, e2)) return;
  switch (op) {
  case BIN_AND:
  case BIN_OR: logic(c, e1, e2, op == BIN_AND); break;
  case BIN_CONCAT:
    fe_to_next_reg(c, e2);
    concat(c, e1, e2, line);
    break;
  case BIN_ADD:
  case BIN_MUL: commutative(c, op, e1, e2, line); break;
  case BIN_SUB:
    if (arith_negated(c, OP_ADDI, e1, e2, op, line)) break;
    arith_any(c, op, e1, e2, false, line);
    break;
  case BIN_MOD:
  case BIN_POW:
  case BIN_DIV:
  case BIN_IDIV: arith_any(c, op, e1, e2, false, line); break;
  case BIN_BAND:
  case BIN_BOR:
  case BIN_BXOR: bitwise(c, op, e1, e2, line); break;
  case BIN_SHL:
  case BIN_SHR: shift(c, op, e1, e2, line); break;
  case BIN_EQ:
  case BIN_NE: equality(c, op == BIN_EQ, e1, e2); break;
  case BIN_LT: order(c, OP_LT, e1, e2); break;
  case BIN_LE: order(c, OP_LE, e1, e2); break;
  case BIN_GT:
    swap(e1, e2);
    order(c, OP_LT, e1, e2);
    break;
  case BIN_GE:
    swap(e1, e2);
    order(c, OP_LE, e1, e2);
    break;
  case BIN_NONE: break;
  }
}
