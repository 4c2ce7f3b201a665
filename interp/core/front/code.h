/* code.h: the code generator, as the parser sees it.
 *
 * An operand (struct expr) says where a value is or how to get it, so that code is emitted as late
 * as possible and in the best form. Layers, each using only those above it:
 *   emit.c      instructions, their lines, registers
 *   constant.c  the constant table
 *   jump.c      lists of jumps and their targets
 *   operand.c   operands into registers, constants and conditions
 *   access.c    variables, fields, constructors, calls
 *   operator.c  arithmetic, comparison, logic;  fold.c  constant folding
 */
#ifndef GILT_FRONT_CODE_H
#define GILT_FRONT_CODE_H

#include "comp.h"

enum { NO_JUMP = -1, MULTI = -1 };

enum expr_kind {
  X_VOID,
  X_NIL,
  X_TRUE,
  X_FALSE,
  X_K,        /* info: constant */
  X_FLT,      /* n */
  X_INT,      /* i */
  X_STR,      /* s, not in the constant table yet */
  X_REG,      /* info: register */
  X_LOCAL,    /* reg, var: an active variable */
  X_UPVAL,    /* info: upvalue */
  X_CONST,    /* info: absolute index of a compile-time constant in comp.vars */
  X_INDEXED,  /* base: register, key: register */
  X_INDEXUP,  /* base: upvalue, key: short string constant */
  X_INDEXI,   /* base: register, key: integer 0..255 */
  X_INDEXSTR, /* base: register, key: short string constant */
  X_JMP,      /* info: the jump of a comparison, taken when it holds */
  X_RELOC,    /* info: an instruction that lacks its result register */
  X_CALL,     /* info: the call */
  X_VARARG    /* info: the instruction */
};

struct expr {
  enum expr_kind kind;
  union {
    int64_t i;
    double n;
    struct fe_str *s;
    int info;
    struct {
      int reg, var;
    } local;
    struct {
      int base, key;
    } ind;
  } u;
  int jt, jf; /* jumps out of the expression when it is true / false */
};

enum binop {
  BIN_ADD,
  BIN_SUB,
  BIN_MUL,
  BIN_MOD,
  BIN_POW,
  BIN_DIV,
  BIN_IDIV,
  BIN_BAND,
  BIN_BOR,
  BIN_BXOR,
  BIN_SHL,
  BIN_SHR, /* the order up to here is that of the opcodes and of the events */
  BIN_CONCAT,
  BIN_EQ,
  BIN_LT,
  BIN_LE,
  BIN_NE,
  BIN_GT,
  BIN_GE,
  BIN_AND,
  BIN_OR,
  BIN_NONE
};

enum unop { UN_MINUS, UN_BNOT, UN_NOT, UN_LEN, UN_NONE };

static inline void fe_expr_init(struct expr *e, enum expr_kind kind, int info) {
  e->kind = kind;
  e->u.info = info;
  e->jt = e->jf = NO_JUMP;
}
static inline bool fe_has_jumps(const struct expr *e) { return e->jt != e->jf; }
static inline bool fe_is_multi(const struct expr *e) {
  return e->kind == X_CALL || e->kind == X_VARARG;
}
static inline bool fe_is_indexed(const struct expr *e) {
  return e->kind >= X_INDEXED && e->kind <= X_INDEXSTR;
}
/* A numeral that nothing jumps out of. */
static inline bool fe_is_numeral(const struct expr *e) {
  return (e->kind == X_INT || e->kind == X_FLT) && !fe_has_jumps(e);
}

/* emit.c */
int fe_emit(struct comp *c, uint32_t ins);
static inline int fe_emit_abck(struct comp *c, enum fe_op op, int a, int b, int x, int k) {
  return fe_emit(c, fe_abck(op, a, b, x, k));
}
static inline int fe_emit_abc(struct comp *c, enum fe_op op, int a, int b, int x) {
  return fe_emit(c, fe_abck(op, a, b, x, 0));
}
static inline int fe_emit_abx(struct comp *c, enum fe_op op, int a, int bx) {
  return fe_emit(c, fe_abx(op, a, bx));
}
uint32_t *fe_last_ins(struct comp *c); /* a harmless one when the last is a jump target */
void fe_unemit(struct comp *c);
void fe_fix_line(struct comp *c, int line); /* of the last instruction */
void fe_emit_nil(struct comp *c, int from, int n);
void fe_emit_load_k(struct comp *c, int reg, int k);
void fe_emit_int(struct comp *c, int reg, int64_t i);
void fe_emit_flt(struct comp *c, int reg, double n);
void fe_emit_return(struct comp *c, int first, int n);
static inline void fe_set_op(uint32_t *i, enum fe_op op) { *i = (*i & ~0x7fu) | (uint32_t)op; }
static inline void fe_set_a(uint32_t *i, int a) { *i = (*i & ~0x7f80u) | (uint32_t)a << 7; }
static inline void fe_set_k(uint32_t *i, int k) { *i = (*i & ~0x8000u) | (uint32_t)k << 15; }
static inline void fe_set_b(uint32_t *i, int b) { *i = (*i & ~0xff0000u) | (uint32_t)b << 16; }
static inline void fe_set_c(uint32_t *i, int x) { *i = (*i & 0xffffffu) | (uint32_t)x << 24; }
static inline void fe_set_bx(uint32_t *i, int bx) { *i = (*i & 0x7fffu) | (uint32_t)bx << 15; }
void fe_check_regs(struct comp *c, int n);
void fe_reserve(struct comp *c, int n);
void fe_free_reg(struct comp *c, int reg);
void fe_free_expr(struct comp *c, const struct expr *e);
void fe_free_exprs(struct comp *c, const struct expr *e1, const struct expr *e2);

/* constant.c: the index of a constant of the current function */
int fe_k_int(struct comp *c, int64_t i);
int fe_k_flt(struct comp *c, double n);
int fe_k_str(struct comp *c, struct fe_str *s);
int fe_k_simple(struct comp *c, enum fe_ktype type);

/* jump.c */
int fe_jump(struct comp *c);
int fe_jump_if(struct comp *c, enum fe_op op, int a, int b, int x, int k);
int fe_mark_target(struct comp *c);
void fe_join(struct comp *c, int *list, int more);
void fe_patch(struct comp *c, int list, int target);
void fe_patch_here(struct comp *c, int list);
void fe_patch_values(struct comp *c, int list, int target, int reg, int other);
bool fe_needs_value(struct comp *c, int list);
void fe_drop_values(struct comp *c, int list);
uint32_t *fe_jump_control(struct comp *c, int pc);
/* Resolve chains of jumps and complete the returns; the last thing done to a function's code. */
void fe_finish_code(struct comp *c);

/* operand.c */
void fe_to_value(struct comp *c, struct expr *e); /* no variable any more */
void fe_to_next_reg(struct comp *c, struct expr *e);
int fe_to_any_reg(struct comp *c, struct expr *e);
void fe_to_reg(struct comp *c, struct expr *e, int reg);
void fe_to_reg_or_upval(struct comp *c, struct expr *e);
void fe_to_operand(struct comp *c, struct expr *e); /* anything but pending jumps */
bool fe_to_k(struct comp *c, struct expr *e);       /* a constant that fits B or C, if it can */
bool fe_to_rk(struct comp *c, struct expr *e);      /* that, or a register */
bool fe_to_const(struct comp *c, const struct expr *e, struct var *v); /* <const> */
void fe_jump_if_false(struct comp *c, struct expr *e);                 /* go on when true */
void fe_jump_if_true(struct comp *c, struct expr *e);
void fe_one_result(struct comp *c, struct expr *e);
void fe_set_results(struct comp *c, struct expr *e, int n);
bool fe_small_int(const struct expr *e); /* fits sB or sC */
bool fe_small_number(const struct expr *e, int *sc_out, bool *is_float_out);
void fe_negate(struct comp *c, struct expr *e); /* not e */

/* access.c */
void fe_index(struct comp *c, struct expr *t, struct expr *key);
void fe_self(struct comp *c, struct expr *e, struct expr *key);
void fe_store(struct comp *c, const struct expr *var, struct expr *e);
void fe_set_table_size(struct comp *c, int pc, int reg, int narray, int nhash);
void fe_set_list(struct comp *c, int base, int nelems, int tostore);

/* fold.c */
bool fe_fold_binary(enum binop op, struct expr *e1, const struct expr *e2);
bool fe_fold_unary(enum unop op, struct expr *e);

/* operator.c */
void fe_prefix(struct comp *c, enum unop op, struct expr *e, int line);
void fe_infix(struct comp *c, enum binop op, struct expr *e);
void fe_postfix(struct comp *c, enum binop op, struct expr *e1, struct expr *e2, int line);

#endif
