/* jump.c: jumps whose target is not known yet.
 *
 * Pending jumps to one place form a list threaded through their own offsets: each holds the
 * distance to the next, the last one NO_JUMP (a jump to itself). A list is named by its newest
 * jump. */
#include "scope.h"
#include "lex.h"

static int next_in_list(struct comp *c, int pc) {
  int offset = fe_sj(*fe_ins(c, pc));
  return offset == NO_JUMP ? NO_JUMP : pc + 1 + offset;
}

static void aim(struct comp *c, int pc, int target) {
  int offset = target - (pc + 1);
  if (offset < -FE_BIAS_SJ || offset > FE_MAX_AX - FE_BIAS_SJ)
    fe_error_near(c, "control structure too long");
  *fe_ins(c, pc) = fe_axop(OP_JMP, offset + FE_BIAS_SJ);
}

int fe_jump(struct comp *c) { return fe_emit(c, fe_axop(OP_JMP, NO_JUMP + FE_BIAS_SJ)); }

int fe_jump_if(struct comp *c, enum fe_op op, int a, int b, int x, int k) {
  fe_emit_abck(c, op, a, b, x, k);
  return fe_jump(c);
}

int fe_mark_target(struct comp *c) { return c->func->last_target = c->func->pc; }

void fe_join(struct comp *c, int *list, int more) {
  if (more == NO_JUMP) return;
  if (*list == NO_JUMP) {
    *list = more;
    return;
  }
  int pc = *list;
  for (int next; (next = next_in_list(c, pc)) != NO_JUMP;) pc = next;
  aim(c, pc, more);
}

/* The instruction that decides about a jump: the test before it, or itself. */
uint32_t *fe_jump_control(struct comp *c, int pc) {
  uint32_t *ins = fe_ins(c, pc);
  if (pc >= 1 && fe_opinfo[fe_op_of(ins[-1])].test) return ins - 1;
  return ins;
}

/* A jump that carries its value (TESTSET) gets the register for it; where nobody wants the value,
 * or it is there already, a plain TEST will do. */
static bool set_value_reg(struct comp *c, int pc, int reg) {
  uint32_t *ins = fe_jump_control(c, pc);
  if (fe_op_of(*ins) != OP_TESTSET) return false;
  if (reg != FE_NO_REG && reg != fe_b(*ins))
    fe_set_a(ins, reg);
  else
    *ins = fe_abck(OP_TEST, fe_b(*ins), 0, 0, fe_k(*ins));
  return true;
}

void fe_patch_values(struct comp *c, int list, int target, int reg, int other) {
  while (list != NO_JUMP) {
    int next = next_in_list(c, list);
    aim(c, list, set_value_reg(c, list, reg) ? target : other);
    list = next;
  }
}

void fe_patch(struct comp *c, int list, int target) {
  fe_patch_values(c, list, target, FE_NO_REG, target);
}

void fe_patch_here(struct comp *c, int list) { fe_patch(c, list, fe_mark_target(c)); }

bool fe_needs_value(struct comp *c, int list) {
  for (; list != NO_JUMP; list = next_in_list(c, list)) {
    if (fe_op_of(*fe_jump_control(c, list)) != OP_TESTSET) return true;
  }
  return false;
}

void fe_drop_values(struct comp *c, int list) {
  for (; list != NO_JUMP; list = next_in_list(c, list)) set_value_reg(c, list, FE_NO_REG);
}

/* Where a chain of unconditional jumps ends; a cycle of them has no end. */
static int final_target(struct comp *c, int pc) {
  for (int steps = 0; steps < 100; steps++) {
    uint32_t ins = *fe_ins(c, pc);
    if (fe_op_of(ins) != OP_JMP) break;
    pc += fe_sj(ins) + 1;
  }
  return pc;
}

void fe_finish_code(struct comp *c) {
  struct func *f = c->func;
  for (int pc = 0; pc < f->pc; pc++) {
    uint32_t *ins = fe_ins(c, pc);
    switch ((int)fe_op_of(*ins)) {
    case OP_RETURN0:
    case OP_RETURN1:
      if (!f->needs_close && !f->is_vararg) break;
      fe_set_op(ins, OP_RETURN);
      __attribute__((fallthrough));
    case OP_RETURN:
    case OP_TAILCALL:
      if (f->needs_close) fe_set_k(ins, 1);
      if (f->is_vararg) fe_set_c(ins, f->numparams + 1);
      break;
    case OP_JMP: aim(c, pc, final_target(c, pc)); break;
    default: break;
    }
  }
}
