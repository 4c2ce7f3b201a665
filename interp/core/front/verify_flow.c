/* verify_flow.c: follows the code of a binary function along all its paths with what is known of
 * each register, as the executor relies on it without looking:
 *
 *   1. a register is read only after something was written to it (what a frame starts with is
 *      rubbish, and a call leaves rubbish above its results);
 *   2. FORLOOP runs on the three registers that FORPREP has prepared and nothing has touched;
 *   3. SETLIST stores into a table made by NEWTABLE, and SELF looks up a string constant;
 *   4. variables to be closed are marked in the order of their registers, and a function returns
 * only through instructions that close what may be open.
 *
 * A closure that captured a register may write to it at any time, so such a register is never known
 * to hold more than some value. The facts at a join are those that hold on every way there; a
 * register counts as open if it is on any. Facts only ever get weaker, so the loop ends. */
#include "chunk.h"

#include <string.h>

enum {
  UNSET = 0,  /* rubbish */
  VALUE = 1,  /* some value */
  TABLE = 2,  /* a table made here */
  STRING = 3, /* a constant string */
  LOOP0 = 4,  /* prepared by FORPREP: counter, */
  LOOP1 = 5,  /* iterations left or limit, */
  LOOP2 = 6,  /* step */
  KIND = 7,
  OPEN = 8, /* captured by a closure and not closed */
  TBC = 16  /* to be closed */
};

struct flow {
  const struct verify *v;
  int nregs;
  int32_t *leader_of; /* per pc: index of its entry state, -1 when it has none */
  int32_t *pc_of;     /* of each leader */
  uint8_t *states;    /* nregs bytes for each leader */
  bool *seen, *queued;
  int32_t *queue;
  int32_t nqueue;
  uint8_t *now; /* state along the path that is being followed */
  int pc;
};

static void require(const struct flow *f, bool ok, const char *what) {
  if (!ok) fe_fail_code(f->v, f->pc, what);
}

/* --- registers --- */

static int kind(const struct flow *f, int reg) { return f->now[reg] & KIND; }

static void read_reg(const struct flow *f, int reg) {
  require(f, kind(f, reg) != UNSET, "register read before it is set");
}

static void read_range(const struct flow *f, int first, int n) {
  for (int i = 0; i < n; i++) read_reg(f, first + i);
}

static void write_reg(struct flow *f, int reg, int what) {
  int flags = f->now[reg] & (OPEN | TBC);
  if ((flags & OPEN) != 0) {
    if (what > VALUE) what = VALUE;
    f->v->byref[reg / 64] |= UINT64_C(1) << reg % 64;
  }
  f->now[reg] = (uint8_t)(flags | what);
}

/* A call or the like has used the registers from `from` on. */
static void spoil(struct flow *f, int from) {
  for (int reg = from; reg < f->nregs; reg++) write_reg(f, reg, UNSET);
}

static void write_range(struct flow *f, int first, int n) {
  for (int i = 0; i < n; i++) write_reg(f, first + i, VALUE);
}

/* --- joins --- */

static uint8_t join(uint8_t a, uint8_t b) {
  int ka = a & KIND, kb = b & KIND;
  int k = ka == kb ? ka : ka == UNSET || kb == UNSET ? UNSET : VALUE;
  int flags = (a | b) & (OPEN | TBC);
  if ((flags & OPEN) != 0 && k > VALUE) k = VALUE;
  return (uint8_t)(k | flags);
}

/* The path goes on at `pc`, which has an entry state. */
static void flow_to(struct flow *f, int pc) {
  int32_t leader = f->leader_of[pc];
  uint8_t *state = f->states + (size_t)leader * (size_t)f->nregs;
  bool changed = !f->seen[leader];
  if (changed) {
    memcpy(state, f->now, (size_t)f->nregs);
    f->seen[leader] = true;
  } else {
    for (int reg = 0; reg < f->nregs; reg++) {
      uint8_t joined = join(state[reg], f->now[reg]);
      changed = changed || joined != state[reg];
      state[reg] = joined;
    }
  }
  if (!changed || f->queued[leader]) return;
  f->queued[leader] = true;
  f->queue[f->nqueue++] = leader;
}

/* --- instructions --- */

static void mark_tbc(struct flow *f, int reg) {
  for (int r = reg; r < f->nregs; r++)
    require(f, (f->now[r] & TBC) == 0, "variables to be closed out of order");
  read_reg(f, reg);
  f->now[reg] |= TBC;
}

static void close_from(struct flow *f, int from) {
  for (int reg = from; reg < f->nregs; reg++) f->now[reg] &= KIND;
}

static void leave(const struct flow *f, uint32_t ins) {
  enum fe_op op = fe_op_of(ins);
  bool closes = (op == OP_RETURN || op == OP_TAILCALL) && fe_k(ins);
  int open = 0;
  for (int reg = 0; reg < f->nregs; reg++) open |= f->now[reg];
  require(f, closes || (open & (OPEN | TBC)) == 0, "return leaves variables open");
  require(f, op != OP_TAILCALL || (open & TBC) == 0, "tail call leaves variables open");
}

/* The k results or arguments from `first`; open ones end where the instruction before put them. */
static void read_list(const struct flow *f, int first, int b) {
  int n = b - 1;
  if (b == 0) n = fe_a(f->v->p->code[f->pc - 1]) - first;
  read_range(f, first, n);
}

static void call(struct flow *f, uint32_t ins) {
  int a = fe_a(ins), b = fe_b(ins);
  read_reg(f, a);
  read_list(f, a + 1, b);
  if (fe_op_of(ins) == OP_TAILCALL) leave(f, ins);
  spoil(f, a);
  if (fe_op_of(ins) == OP_CALL && fe_c(ins) > 1) write_range(f, a, fe_c(ins) - 1);
}

static void closure(struct flow *f, uint32_t ins) {
  const struct fe_proto *inner = f->v->p->p[fe_bx(ins)];
  write_reg(f, fe_a(ins), VALUE);
  for (int i = 0; i < inner->nupvals; i++) {
    int reg = inner->upvals[i].idx;
    if (!inner->upvals[i].instack) continue;
    read_reg(f, reg);
    require(f, kind(f, reg) < LOOP0, "closure captures the state of a loop");
    f->now[reg] = (uint8_t)((f->now[reg] & TBC) | OPEN | VALUE);
  }
}

static void for_prep(struct flow *f, uint32_t ins, int target) {
  int a = fe_a(ins);
  read_range(f, a, 3);
  flow_to(f, target);
  for (int i = 0; i < 3; i++) {
    require(f, (f->now[a + i] & (OPEN | TBC)) == 0, "loop state can be reached by a closure");
    write_reg(f, a + i, LOOP0 + i);
  }
  write_reg(f, a + 3, VALUE);
}

static void for_loop(struct flow *f, uint32_t ins, int target) {
  int a = fe_a(ins);
  for (int i = 0; i < 3; i++) require(f, kind(f, a + i) == LOOP0 + i, "loop state is not prepared");
  uint8_t variable = f->now[a + 3];
  write_reg(f, a + 3, VALUE);
  flow_to(f, target);
  f->now[a + 3] = variable;
  for (int i = 0; i < 3; i++) write_reg(f, a + i, VALUE);
}

static void generic_call(struct flow *f, uint32_t ins) {
  int a = fe_a(ins);
  read_range(f, a, 3);
  spoil(f, a + 4);
  write_range(f, a + 4, fe_c(ins));
}

static void generic_loop(struct flow *f, uint32_t ins, int target) {
  int a = fe_a(ins);
  read_reg(f, a + 4);
  write_reg(f, a + 2, VALUE);
  flow_to(f, target);
}

/* Operands by the table, for instructions without rules of their own. */
static void plain(struct flow *f, uint32_t ins) {
  const struct fe_operands *o = &fe_operands[fe_op_of(ins)];
  if (o->a == 'r') read_reg(f, fe_a(ins));
  if (o->b == 'r') read_reg(f, fe_b(ins));
  if (o->c == 'r' || (o->c == 'x' && !fe_k(ins))) read_reg(f, fe_c(ins));
  if (o->a == 'w') write_reg(f, fe_a(ins), VALUE);
}

static void special(struct flow *f, uint32_t ins) {
  int a = fe_a(ins), b = fe_b(ins), c = fe_c(ins);
  switch ((int)fe_op_of(ins)) {
  case OP_LOADK:
  case OP_LOADKX: {
    int k = fe_op_of(ins) == OP_LOADK ? fe_bx(ins) : fe_ax(f->v->p->code[f->pc + 1]);
    if (f->v->p->k[k].type == FE_KSTR) write_reg(f, a, STRING);
    break;
  }
  case OP_LOADNIL: write_range(f, a, b + 1); break;
  case OP_NEWTABLE: write_reg(f, a, TABLE); break;
  case OP_SELF:
    require(f, fe_k(ins) || kind(f, c) == STRING, "method name is no string");
    write_range(f, a, 2);
    break;
  case OP_CONCAT:
    read_range(f, a, b);
    for (int i = 1; i < b; i++) write_reg(f, a + i, UNSET);
    write_reg(f, a, VALUE);
    break;
  case OP_CLOSE: close_from(f, a); break;
  case OP_TBC: mark_tbc(f, a); break;
  case OP_CALL:
  case OP_TAILCALL: call(f, ins); break;
  case OP_TFORCALL: generic_call(f, ins); break;
  case OP_SETLIST:
    require(f, kind(f, a) == TABLE, "list is not stored in a new table");
    read_list(f, a + 1, b == 0 ? 0 : b + 1);
    break;
  case OP_CLOSURE: closure(f, ins); break;
  case OP_VARARG:
    if (c == 0) spoil(f, a);
    if (c > 1) write_range(f, a, c - 1);
    break;
  default: break;
  }
}

/* One instruction. True when the path goes on to the next one. */
static bool step(struct flow *f) {
  uint32_t ins = f->v->p->code[f->pc];
  enum fe_op op = fe_op_of(ins);
  int target = fe_jump_target(ins, f->pc);
  plain(f, ins);
  special(f, ins);
  switch ((int)op) {
  case OP_JMP: flow_to(f, target); return false;
  case OP_FORPREP: for_prep(f, ins, target); return true;
  case OP_FORLOOP: for_loop(f, ins, target); return true;
  case OP_TFORPREP:
    mark_tbc(f, fe_a(ins) + 3);
    flow_to(f, target);
    return false;
  case OP_TFORLOOP: generic_loop(f, ins, target); return true;
  case OP_LFALSESKIP: flow_to(f, f->pc + 2); return false;
  case OP_TESTSET:
    flow_to(f, f->pc + 2);
    write_reg(f, fe_a(ins), VALUE);
    return true;
  case OP_RETURN:
    read_list(f, fe_a(ins), fe_b(ins));
    leave(f, ins);
    return false;
  case OP_RETURN0:
  case OP_RETURN1: leave(f, ins); return false;
  default:
    if (fe_opinfo[op].test) flow_to(f, f->pc + 2);
    return true;
  }
}

static void follow(struct flow *f, int32_t leader) {
  memcpy(f->now, f->states + (size_t)leader * (size_t)f->nregs, (size_t)f->nregs);
  f->pc = f->pc_of[leader];
  while (step(f)) {
    f->pc++;
    require(f, f->pc < f->v->p->ncode, "code runs over its end");
    if (f->leader_of[f->pc] < 0) continue;
    flow_to(f, f->pc);
    return;
  }
}

/* --- set up --- */

static void *scratch(const struct verify *v, size_t n, size_t elem) {
  if (n > SIZE_MAX / 2 / elem) fe_fail_memory(v->job);
  void *p = fe_new_in(v->job, v->job->scratch, n * elem);
  memset(p, 0, n * elem);
  return p;
}

static void number_leaders(struct flow *f) {
  int n = f->v->p->ncode;
  int32_t count = 0;
  f->leader_of = scratch(f->v, (size_t)n, sizeof *f->leader_of);
  for (int pc = 0; pc < n; pc++) f->leader_of[pc] = pc == 0 || f->v->marks[pc] != 0 ? count++ : -1;
  f->pc_of = scratch(f->v, (size_t)count, sizeof *f->pc_of);
  for (int pc = 0; pc < n; pc++) {
    if (f->leader_of[pc] >= 0) f->pc_of[f->leader_of[pc]] = pc;
  }
  f->states = scratch(f->v, (size_t)count, (size_t)f->nregs);
  f->seen = scratch(f->v, (size_t)count, sizeof *f->seen);
  f->queued = scratch(f->v, (size_t)count, sizeof *f->queued);
  f->queue = scratch(f->v, (size_t)count, sizeof *f->queue);
  f->now = scratch(f->v, 1, (size_t)f->nregs);
}

void fe_verify_flow(struct verify *v) {
  struct flow f = {.v = v, .nregs = v->p->maxstacksize};
  number_leaders(&f);
  for (int i = 0; i < v->p->numparams; i++) f.now[i] = VALUE;
  flow_to(&f, 0);
  while (f.nqueue > 0) {
    int32_t leader = f.queue[--f.nqueue];
    f.queued[leader] = false;
    follow(&f, leader);
  }
}
