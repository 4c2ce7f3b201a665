/* names.c: names for messages: which variable a register or function came from, and lines.
 * Works on the bytecode alone: finds the instruction that last set a register. */
#include <stdio.h>
#include "core.h"
#include "front/opcodes.h"
#include "front/proto.h"

int core_line_at(const Proto *p, int pc) {
  if (p->line == NULL) return -1;
  int base = -1, line = p->linedefined, lo = 0, hi = p->nabs;
  while (lo < hi) { /* last absolute line at or before pc */
    int mid = (lo + hi) / 2;
    if (p->abs[mid].pc <= pc)
      lo = mid + 1;
    else
      hi = mid;
  }
  if (lo > 0) {
    base = p->abs[lo - 1].pc;
    line = p->abs[lo - 1].line;
  }
  for (int i = base + 1; i <= pc; i++) line += p->line[i];
  return line;
}

static int cur_pc(const CallInfo *ci) { return (int)(ci->pc - ci_closure(ci)->p->code) - 1; }

int core_cur_line(const CallInfo *ci) { return core_line_at(ci_closure(ci)->p, cur_pc(ci)); }

void core_chunk_id(char *out, const char *source, size_t len) { fe_chunkid(out, source, len); }

const char *core_upval_name(const Proto *p, int n) {
  const String *s = p->up[n].name;
  return s == NULL ? "?" : s->s;
}

const char *core_local_name(const Proto *p, int n, int pc) {
  for (int i = 0; i < p->nloc && p->loc[i].startpc <= pc; i++)
    if (pc < p->loc[i].endpc && --n == 0) return p->loc[i].name->s;
  return NULL;
}

/* ---- what set a register ---- */
static bool sets_reg(uint32_t i, int reg) {
  int a = fe_a(i);
  switch (fe_op_of(i)) {
  case OP_LOADNIL: return a <= reg && reg <= a + fe_b(i);
  case OP_TFORCALL: return reg >= a + 2;
  case OP_CALL:
  case OP_TAILCALL: return reg >= a;
  case OP_JMP: return false;
  default: return fe_opinfo[fe_op_of(i)].sets_a && a == reg;
  }
}

/* The instruction before lastpc that certainly set reg, or -1: one inside a forward jump may not
 * have run. */
static int find_setter(const Proto *p, int lastpc, int reg) {
  int setter = -1, target = 0;
  if (fe_opinfo[fe_op_of(p->code[lastpc])].metamethod)
    lastpc--; /* the operation before it failed */
  for (int pc = 0; pc < lastpc; pc++) {
    uint32_t i = p->code[pc];
    if (fe_op_of(i) == OP_JMP) {
      int dest = pc + 1 + fe_sj(i);
      if (dest <= lastpc && dest > target) target = dest;
    }
    if (sets_reg(i, reg)) setter = pc < target ? -1 : pc;
  }
  return setter;
}

static const char *reg_name(const Proto *p, int lastpc, int reg, const char **name);

static const char *const_name(const Proto *p, int k) {
  return is_str(&p->k[k]) ? p->k[k].v.s->s : "?";
}

/* "global" when the indexed table is _ENV. */
static const char *field_kind(const Proto *p, int pc, int t, bool upvalue) {
  const char *name = NULL;
  if (upvalue)
    name = core_upval_name(p, t);
  else
    reg_name(p, pc, t, &name);
  return name != NULL && strcmp(name, "_ENV") == 0 ? "global" : "field";
}

static const char *key_name(const Proto *p, int pc, int reg) {
  const char *name;
  const char *kind = reg_name(p, pc, reg, &name);
  return kind != NULL && *kind == 'c' ? name : "?";
}

static const char *setter_name(const Proto *p, int pc, const char **name) {
  uint32_t i = p->code[pc];
  switch (fe_op_of(i)) {
  case OP_MOVE: return fe_b(i) < fe_a(i) ? reg_name(p, pc, fe_b(i), name) : NULL;
  case OP_GETTABUP: *name = const_name(p, fe_c(i)); return field_kind(p, pc, fe_b(i), true);
  case OP_GETTABLE: *name = key_name(p, pc, fe_c(i)); return field_kind(p, pc, fe_b(i), false);
  case OP_GETI: *name = "integer index"; return "field";
  case OP_GETFIELD: *name = const_name(p, fe_c(i)); return field_kind(p, pc, fe_b(i), false);
  case OP_GETUPVAL: *name = core_upval_name(p, fe_b(i)); return "upvalue";
  case OP_LOADK:
  case OP_LOADKX: {
    int k = fe_op_of(i) == OP_LOADK ? fe_bx(i) : fe_ax(p->code[pc + 1]);
    if (!is_str(&p->k[k])) return NULL;
    *name = p->k[k].v.s->s;
    return "constant";
  }
  case OP_SELF:
    *name = fe_k(i) ? const_name(p, fe_c(i)) : key_name(p, pc, fe_c(i));
    return "method";
  default: return NULL;
  }
}

static const char *reg_name(const Proto *p, int lastpc, int reg, const char **name) {
  *name = core_local_name(p, reg + 1, lastpc);
  if (*name != NULL) return "local";
  int pc = find_setter(p, lastpc, reg);
  return pc < 0 ? NULL : setter_name(p, pc, name);
}

/* ---- operands ---- */
static bool same_value(const Value *a, const Value *b) {
  return a->tt == b->tt && a->v.u == b->v.u;
}

/* Operand o is a copy (escaped frames, upvalues): the register among A, B, C that holds it. */
static int operand_reg(CallInfo *ci, const Value *o) {
  uint32_t i = ci->pc[-1];
  int regs[3] = {fe_b(i), fe_c(i), fe_a(i)};
  for (int j = 0; j < 3; j++) {
    Value v;
    if (ci->func + 1 + regs[j] >= ci->top) continue;
    slot_get(&v, ci->func + 1 + regs[j]);
    if (same_value(&v, o)) return regs[j];
  }
  return -1;
}

static const char *operand_name(CallInfo *ci, const Value *o, const char **name) {
  const Proto *p = ci_closure(ci)->p;
  uint32_t i = ci->pc[-1];
  if (o > ci->func && o < ci->top) return reg_name(p, cur_pc(ci), (int)(o - ci->func) - 1, name);
  if (fe_op_of(i) == OP_GETTABUP || fe_op_of(i) == OP_SETTABUP) {
    *name = core_upval_name(p, fe_op_of(i) == OP_GETTABUP ? fe_b(i) : fe_a(i));
    return "upvalue";
  }
  if (ci->status & CI_ESCAPED) {
    int reg = operand_reg(ci, o);
    if (reg >= 0) return reg_name(p, cur_pc(ci), reg, name);
  }
  return NULL;
}

/* " (kind 'name')" of an operand of the current instruction, or "". */
const char *core_var_info(lua_State *L, const Value *o, char *buf, size_t size) {
  const char *name = NULL, *kind = NULL;
  if (ci_is_lua(L->ci)) kind = operand_name(L->ci, o, &name);
  if (kind == NULL) return "";
  snprintf(buf, size, " (%s '%s')", kind, name);
  return buf;
}

/* ---- functions ---- */
static int called_event(uint32_t i) {
  switch (fe_op_of(i)) {
  case OP_SELF:
  case OP_GETTABUP:
  case OP_GETTABLE:
  case OP_GETI:
  case OP_GETFIELD: return META_INDEX;
  case OP_SETTABUP:
  case OP_SETTABLE:
  case OP_SETI:
  case OP_SETFIELD: return META_NEWINDEX;
  case OP_MMBIN:
  case OP_MMBINI:
  case OP_MMBINK: return fe_c(i);
  case OP_UNM: return META_UNM;
  case OP_BNOT: return META_BNOT;
  case OP_LEN: return META_LEN;
  case OP_CONCAT: return META_CONCAT;
  case OP_EQ: return META_EQ;
  case OP_LT:
  case OP_LTI:
  case OP_GTI: return META_LT;
  case OP_LE:
  case OP_LEI:
  case OP_GEI: return META_LE;
  case OP_CLOSE:
  case OP_RETURN: return META_CLOSE;
  default: return -1;
  }
}

/* How frame ci called the function above it. */
const char *core_func_name(lua_State *L, CallInfo *ci, const char **name, char *tmp) {
  (void)tmp;
  if (ci->status & CI_HOOKED) {
    *name = "?";
    return "hook";
  }
  if (ci->status & CI_FIN) {
    *name = "__gc";
    return "metamethod";
  }
  if (!ci_is_lua(ci)) return NULL;
  const Proto *p = ci_closure(ci)->p;
  int pc = cur_pc(ci);
  uint32_t i = p->code[pc];
  switch (fe_op_of(i)) {
  case OP_CALL:
  case OP_TAILCALL: return reg_name(p, pc, fe_a(i), name);
  case OP_TFORCALL: *name = "for iterator"; return "for iterator";
  default: {
    int e = called_event(i);
    if (e < 0) return NULL;
    *name = L->g->metaname[e]->s + 2;
    return "metamethod";
  }
  }
}
