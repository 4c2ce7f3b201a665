/* verify.c: checks of a binary function that need no notion of control flow: every operand of every
 * instruction is in range, instructions that belong together stand together, and the debug
 * information fits the code. Reachable or not: the debug library reads all of the code.
 *
 * What may be in which register when is for verify_flow.c. */
#include "chunk.h"

#include <limits.h>
#include <string.h>

/* Kinds of operands:
 *   r register read    w register written   u upvalue
 *   k constant         s short string constant      n numeric constant    i integer constant
 *   x constant or register, as the k bit says
 *   - free             ! the checks below know */
const struct fe_operands fe_operands[FE_OP_COUNT] = {
    [OP_MOVE] = {'w', 'r', '-'},       [OP_LOADI] = {'w', '-', '-'},
    [OP_LOADF] = {'w', '-', '-'},      [OP_LOADK] = {'w', '!', '!'},
    [OP_LOADKX] = {'w', '!', '!'},     [OP_LOADFALSE] = {'w', '-', '-'},
    [OP_LFALSESKIP] = {'w', '-', '-'}, [OP_LOADTRUE] = {'w', '-', '-'},
    [OP_LOADNIL] = {'!', '!', '-'},    [OP_GETUPVAL] = {'w', 'u', '-'},
    [OP_SETUPVAL] = {'r', 'u', '-'},   [OP_GETTABUP] = {'w', 'u', 's'},
    [OP_GETTABLE] = {'w', 'r', 'r'},   [OP_GETI] = {'w', 'r', '-'},
    [OP_GETFIELD] = {'w', 'r', 's'},   [OP_SETTABUP] = {'u', 's', 'x'},
    [OP_SETTABLE] = {'r', 'r', 'x'},   [OP_SETI] = {'r', '-', 'x'},
    [OP_SETFIELD] = {'r', 's', 'x'},   [OP_NEWTABLE] = {'!', '!', '!'},
    [OP_SELF] = {'!', 'r', '!'},       [OP_ADDI] = {'w', 'r', '-'},
    [OP_ADDK] = {'w', 'r', 'n'},       [OP_SUBK] = {'w', 'r', 'n'},
    [OP_MULK] = {'w', 'r', 'n'},       [OP_MODK] = {'w', 'r', 'n'},
    [OP_POWK] = {'w', 'r', 'n'},       [OP_DIVK] = {'w', 'r', 'n'},
    [OP_IDIVK] = {'w', 'r', 'n'},      [OP_BANDK] = {'w', 'r', 'i'},
    [OP_BORK] = {'w', 'r', 'i'},       [OP_BXORK] = {'w', 'r', 'i'},
    [OP_SHRI] = {'w', 'r', '-'},       [OP_SHLI] = {'w', 'r', '-'},
    [OP_ADD] = {'w', 'r', 'r'},        [OP_SUB] = {'w', 'r', 'r'},
    [OP_MUL] = {'w', 'r', 'r'},        [OP_MOD] = {'w', 'r', 'r'},
    [OP_POW] = {'w', 'r', 'r'},        [OP_DIV] = {'w', 'r', 'r'},
    [OP_IDIV] = {'w', 'r', 'r'},       [OP_BAND] = {'w', 'r', 'r'},
    [OP_BOR] = {'w', 'r', 'r'},        [OP_BXOR] = {'w', 'r', 'r'},
    [OP_SHL] = {'w', 'r', 'r'},        [OP_SHR] = {'w', 'r', 'r'},
    [OP_MMBIN] = {'r', 'r', '!'},      [OP_MMBINI] = {'r', '-', '!'},
    [OP_MMBINK] = {'r', 'n', '!'},     [OP_UNM] = {'w', 'r', '-'},
    [OP_BNOT] = {'w', 'r', '-'},       [OP_NOT] = {'w', 'r', '-'},
    [OP_LEN] = {'w', 'r', '-'},        [OP_CONCAT] = {'!', '!', '-'},
    [OP_CLOSE] = {'!', '-', '-'},      [OP_TBC] = {'r', '-', '-'},
    [OP_JMP] = {'-', '-', '-'},        [OP_EQ] = {'r', 'r', '-'},
    [OP_LT] = {'r', 'r', '-'},         [OP_LE] = {'r', 'r', '-'},
    [OP_EQK] = {'r', 'k', '-'},        [OP_EQI] = {'r', '-', '-'},
    [OP_LTI] = {'r', '-', '-'},        [OP_LEI] = {'r', '-', '-'},
    [OP_GTI] = {'r', '-', '-'},        [OP_GEI] = {'r', '-', '-'},
    [OP_TEST] = {'r', '-', '-'},       [OP_TESTSET] = {'!', 'r', '-'},
    [OP_CALL] = {'!', '!', '!'},       [OP_TAILCALL] = {'!', '!', '!'},
    [OP_RETURN] = {'!', '!', '!'},     [OP_RETURN0] = {'!', '-', '-'},
    [OP_RETURN1] = {'r', '-', '-'},    [OP_FORLOOP] = {'!', '-', '-'},
    [OP_FORPREP] = {'!', '-', '-'},    [OP_TFORPREP] = {'!', '-', '-'},
    [OP_TFORCALL] = {'!', '-', '!'},   [OP_TFORLOOP] = {'!', '-', '-'},
    [OP_SETLIST] = {'!', '!', '!'},    [OP_CLOSURE] = {'!', '!', '!'},
    [OP_VARARG] = {'!', '-', '!'},     [OP_VARARGPREP] = {'!', '-', '-'},
    [OP_EXTRAARG] = {'-', '-', '-'},
};

void fe_fail_code(const struct verify *v, int pc, const char *what) {
  fe_fail_chunk(v->job, "function at line %d, instruction %d: %s", v->p->linedefined, pc + 1, what);
}

static void require(const struct verify *v, int pc, bool ok, const char *what) {
  if (!ok) fe_fail_code(v, pc, what);
}

/* --- single operands --- */

static void check_reg(const struct verify *v, int pc, int reg) {
  require(v, pc, reg < v->p->maxstacksize, "register out of range");
}

static const struct fe_const *check_const(const struct verify *v, int pc, int k) {
  require(v, pc, k < v->p->nk, "constant out of range");
  return &v->p->k[k];
}

static void check_operand(const struct verify *v, int pc, char kind, int x, bool kbit) {
  switch (kind) {
  case 'r':
  case 'w': check_reg(v, pc, x); break;
  case 'u': require(v, pc, x < v->p->nupvals, "upvalue out of range"); break;
  case 'k': check_const(v, pc, x); break;
  case 'x': kbit ? (void)check_const(v, pc, x) : check_reg(v, pc, x); break;
  case 's': {
    const struct fe_const *k = check_const(v, pc, x);
    require(v, pc, k->type == FE_KSTR && k->u.s->len <= FE_SHORT_STRING_MAX,
            "field name is no short string");
    break;
  }
  case 'n': {
    enum fe_ktype type = check_const(v, pc, x)->type;
    require(v, pc, type == FE_KINT || type == FE_KFLT, "constant is no number");
    break;
  }
  case 'i': require(v, pc, check_const(v, pc, x)->type == FE_KINT, "constant is no integer"); break;
  default: break;
  }
}

/* --- neighbours --- */

static enum fe_op op_at(const struct verify *v, int pc) {
  return pc >= 0 && pc < v->p->ncode ? fe_op_of(v->p->code[pc]) : FE_OP_COUNT;
}

static int extra_arg(const struct verify *v, int pc) {
  require(v, pc, op_at(v, pc + 1) == OP_EXTRAARG, "argument missing");
  return fe_ax(v->p->code[pc + 1]);
}

/* The metamethod instruction that must follow, FE_OP_COUNT for none. */
static enum fe_op metamethod_op(enum fe_op op) {
  if (op == OP_ADDI || op == OP_SHRI || op == OP_SHLI) return OP_MMBINI;
  if (op >= OP_ADDK && op <= OP_BXORK) return OP_MMBINK;
  if (op >= OP_ADD && op <= OP_SHR) return OP_MMBIN;
  return FE_OP_COUNT;
}

static bool takes_extra_arg(const struct verify *v, int pc) {
  enum fe_op op = op_at(v, pc);
  return op == OP_LOADKX || op == OP_NEWTABLE || (op == OP_SETLIST && fe_k(v->p->code[pc]));
}

/* Results up to the top of the stack: made by this instruction; taken by this one. */
static bool opens_top(uint32_t ins) {
  enum fe_op op = fe_op_of(ins);
  return ((op == OP_CALL || op == OP_VARARG) && fe_c(ins) == 0) || op == OP_TAILCALL;
}

static bool takes_top(uint32_t ins) {
  enum fe_op op = fe_op_of(ins);
  return fe_b(ins) == 0 &&
         (op == OP_CALL || op == OP_TAILCALL || op == OP_RETURN || op == OP_SETLIST);
}

/* Instructions that only make sense right after another, which no jump may part from it. */
static void check_pairs(const struct verify *v, int pc) {
  const uint32_t *code = v->p->code;
  uint32_t ins = code[pc];
  enum fe_op op = fe_op_of(ins), before = op_at(v, pc - 1);
  bool target = (v->marks[pc] & MARK_TARGET) != 0;
  if (op == OP_EXTRAARG) require(v, pc, !target && takes_extra_arg(v, pc - 1), "stray argument");
  if (fe_opinfo[op].metamethod)
    require(v, pc, !target && pc > 0 && metamethod_op(before) == op, "stray metamethod call");
  enum fe_op mm = metamethod_op(op);
  require(v, pc, mm == FE_OP_COUNT || op_at(v, pc + 1) == mm, "metamethod call missing");
  require(v, pc, !fe_opinfo[op].test || op_at(v, pc + 1) == OP_JMP, "jump missing after test");

  bool open_before = pc > 0 && opens_top(code[pc - 1]);
  require(v, pc, open_before == takes_top(ins), "open results mismatch");
  if (!open_before) return;
  /* the arguments or results start at or below what was left open */
  int first = fe_a(ins) + (op == OP_RETURN ? 0 : 1);
  require(v, pc, !target && first <= fe_a(code[pc - 1]), "open results out of place");
  require(v, pc, before != OP_TAILCALL || op == OP_RETURN, "no return after tail call");
}

/* --- instructions with rules of their own --- */

static void check_return_marks(const struct verify *v, int pc, uint32_t ins) {
  int expected = v->p->is_vararg ? v->p->numparams + 1 : 0;
  require(v, pc, fe_c(ins) == expected, "wrong number of parameters in return");
}

static void check_closure(const struct verify *v, int pc, uint32_t ins) {
  check_reg(v, pc, fe_a(ins));
  require(v, pc, fe_bx(ins) < v->p->np, "function out of range");
  const struct fe_proto *inner = v->p->p[fe_bx(ins)];
  for (int i = 0; i < inner->nupvals; i++) {
    const struct fe_upval *u = &inner->upvals[i];
    if (u->instack)
      check_reg(v, pc, u->idx);
    else
      require(v, pc, u->idx < v->p->nupvals, "upvalue out of range");
  }
}

static void check_table(const struct verify *v, int pc, uint32_t ins) {
  bool has_extra = fe_op_of(ins) == OP_NEWTABLE || fe_k(ins);
  int64_t n = fe_c(ins) + (has_extra ? (int64_t)extra_arg(v, pc) * (FE_MAX_C + 1) : 0);
  check_reg(v, pc, fe_a(ins));
  require(v, pc, n <= INT_MAX - FE_MAX_B, "table too big");
  if (fe_op_of(ins) == OP_NEWTABLE)
    require(v, pc, fe_b(ins) <= 31 && (extra_arg(v, pc) > 0) == fe_k(ins), "table too big");
  else
    check_reg(v, pc, fe_a(ins) + fe_b(ins));
}

static void check_call(const struct verify *v, int pc, uint32_t ins) {
  int a = fe_a(ins), b = fe_b(ins), c = fe_c(ins);
  check_reg(v, pc, b == 0 ? a : a + b - 1);
  if (fe_op_of(ins) == OP_TAILCALL) {
    check_return_marks(v, pc, ins);
    require(v, pc, op_at(v, pc + 1) == OP_RETURN, "no return after tail call");
  } else if (c > 1) {
    check_reg(v, pc, a + c - 2);
  }
}

static void check_return(const struct verify *v, int pc, uint32_t ins) {
  int a = fe_a(ins), b = fe_b(ins);
  require(v, pc, a + (b > 1 ? b - 1 : 0) <= v->p->maxstacksize, "register out of range");
  if (fe_op_of(ins) == OP_RETURN)
    check_return_marks(v, pc, ins);
  else
    require(v, pc, !v->p->is_vararg, "wrong return from a vararg function");
}

/* The two ends of a loop, seen from either. */
static void check_loop(const struct verify *v, int pc, uint32_t ins) {
  int target = fe_jump_target(ins, pc), a = fe_a(ins);
  switch ((int)fe_op_of(ins)) {
  case OP_FORPREP: {
    int loop = target - 1; /* it jumps behind the loop instruction */
    check_reg(v, pc, a + 3);
    require(v, pc,
            op_at(v, loop) == OP_FORLOOP && fe_a(v->p->code[loop]) == a &&
                fe_jump_target(v->p->code[loop], loop) == pc + 1,
            "loop does not match");
    break;
  }
  case OP_FORLOOP:
    check_reg(v, pc, a + 3);
    require(v, pc, op_at(v, target - 1) == OP_FORPREP, "loop does not match");
    break;
  case OP_TFORPREP:
    check_reg(v, pc, a + 3);
    require(v, pc, op_at(v, target) == OP_TFORCALL && fe_a(v->p->code[target]) == a,
            "loop does not match");
    break;
  case OP_TFORCALL:
    check_reg(v, pc, a + 6);
    require(v, pc, fe_c(ins) >= 1, "loop without variable");
    check_reg(v, pc, a + 3 + fe_c(ins));
    require(v, pc, op_at(v, pc + 1) == OP_TFORLOOP && fe_a(v->p->code[pc + 1]) == a,
            "loop does not match");
    break;
  default: /* OP_TFORLOOP */
    check_reg(v, pc, a + 4);
    require(v, pc, op_at(v, pc - 1) == OP_TFORCALL, "loop does not match");
  }
}

static void check_special(const struct verify *v, int pc, uint32_t ins) {
  int a = fe_a(ins), b = fe_b(ins), c = fe_c(ins);
  switch ((int)fe_op_of(ins)) {
  case OP_LOADK: check_const(v, pc, fe_bx(ins)); break;
  case OP_LOADKX: check_const(v, pc, extra_arg(v, pc)); break;
  case OP_LOADNIL: check_reg(v, pc, a + b); break;
  case OP_NEWTABLE:
  case OP_SETLIST: check_table(v, pc, ins); break;
  case OP_SELF:
    check_reg(v, pc, a + 1);
    check_operand(v, pc, 'x', c, fe_k(ins));
    require(v, pc, !fe_k(ins) || v->p->k[c].type == FE_KSTR, "method name is no string");
    break;
  case OP_MMBIN:
  case OP_MMBINI:
  case OP_MMBINK: require(v, pc, c >= FE_TM_ADD && c <= FE_TM_SHR, "unknown metamethod"); break;
  case OP_CONCAT:
    require(v, pc, b >= 2, "too few operands");
    check_reg(v, pc, a + b - 1);
    break;
  case OP_CLOSE: require(v, pc, a <= v->p->maxstacksize, "register out of range"); break;
  case OP_TESTSET: check_reg(v, pc, a); break;
  case OP_CALL:
  case OP_TAILCALL: check_call(v, pc, ins); break;
  case OP_RETURN:
  case OP_RETURN0:
  case OP_RETURN1: check_return(v, pc, ins); break;
  case OP_FORLOOP:
  case OP_FORPREP:
  case OP_TFORPREP:
  case OP_TFORCALL:
  case OP_TFORLOOP: check_loop(v, pc, ins); break;
  case OP_CLOSURE: check_closure(v, pc, ins); break;
  case OP_VARARG:
    require(v, pc, v->p->is_vararg, "varargs in a function without");
    check_reg(v, pc, c > 1 ? a + c - 2 : a);
    break;
  case OP_VARARGPREP:
    require(v, pc,
            pc == 0 && v->p->is_vararg && ins == fe_abck(OP_VARARGPREP, v->p->numparams, 0, 0, 0),
            "misplaced VARARGPREP");
    break;
  default: break;
  }
}

/* --- the whole code --- */

static void mark_targets(struct verify *v) {
  for (int pc = 0; pc < v->p->ncode; pc++) {
    uint32_t ins = v->p->code[pc];
    require(v, pc, fe_op_of(ins) < FE_OP_COUNT, "unknown instruction");
    int target = fe_jump_target(ins, pc);
    if (target != NO_TARGET) {
      require(v, pc, target >= 0 && target < v->p->ncode, "jump out of range");
      v->marks[target] |= MARK_TARGET | MARK_LEADER;
    }
    if (fe_opinfo[fe_op_of(ins)].test || fe_op_of(ins) == OP_LFALSESKIP) {
      require(v, pc, pc + 2 < v->p->ncode, "skip out of range");
      v->marks[pc + 2] |= MARK_TARGET | MARK_LEADER;
    }
  }
}

static void check_code(struct verify *v) {
  const struct fe_proto *p = v->p;
  require(v, 0, p->ncode > 0, "no code");
  mark_targets(v);
  for (int pc = 0; pc < p->ncode; pc++) {
    uint32_t ins = p->code[pc];
    const struct fe_operands *o = &fe_operands[fe_op_of(ins)];
    check_operand(v, pc, o->a, fe_a(ins), false);
    check_operand(v, pc, o->b, fe_b(ins), false);
    check_operand(v, pc, o->c, fe_c(ins), fe_k(ins));
    check_special(v, pc, ins);
    check_pairs(v, pc);
  }
  enum fe_op last = op_at(v, p->ncode - 1);
  require(v, p->ncode - 1, last == OP_RETURN || last == OP_RETURN0 || last == OP_RETURN1,
          "code does not end with a return");
  if (p->is_vararg)
    require(v, 0, op_at(v, 0) == OP_VARARGPREP && !(v->marks[0] & MARK_TARGET),
            "VARARGPREP missing");
}

/* --- debug information --- */

static void check_lines(const struct verify *v) {
  const struct fe_proto *p = v->p;
  int32_t next_abs = 0, since = 0;
  int64_t line = p->linedefined;
  if (p->nlineinfo == 0 && p->nabslineinfo == 0) return;
  require(v, 0, p->nlineinfo == p->ncode, "line information does not fit");
  for (int pc = 0; pc < p->ncode; pc++) {
    if (p->lineinfo[pc] == FE_ABSLINE) {
      require(v, pc, next_abs < p->nabslineinfo && p->abslineinfo[next_abs].pc == pc,
              "line information does not fit");
      line = p->abslineinfo[next_abs++].line;
      since = 0;
    } else {
      line += p->lineinfo[pc];
      require(v, pc, ++since <= FE_ABSLINE_EVERY, "line information does not fit");
    }
    require(v, pc, line >= 0 && line <= INT_MAX, "line out of range");
  }
  require(v, 0, next_abs == p->nabslineinfo, "line information does not fit");
}

static void check_locals(const struct verify *v) {
  for (int i = 0; i < v->p->nlocvars; i++) {
    const struct fe_locvar *l = &v->p->locvars[i];
    require(v, 0, l->name != NULL && l->startpc <= l->endpc && l->endpc <= v->p->ncode,
            "invalid local variable");
  }
}

void fe_verify(struct job *j, struct fe_proto *p) {
  struct verify v = {.job = j, .p = p, .byref = p->byref};
  require(&v, 0, p->is_vararg <= 1 && p->numparams <= p->maxstacksize && p->maxstacksize >= 2,
          "invalid header");
  if (j->scratch == NULL) j->scratch = fe_arena_create(j->alloc, j->alloc_ud);
  if (j->scratch == NULL) fe_fail_memory(j);
  v.marks = fe_new_in(j, j->scratch, (size_t)p->ncode + 1);
  memset(v.marks, 0, (size_t)p->ncode + 1);
  check_code(&v);
  check_lines(&v);
  check_locals(&v);
  fe_verify_flow(&v);
  fe_arena_reset(j->scratch);
}
