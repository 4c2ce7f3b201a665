/* access.c: fields, methods, assignment, table constructors. */
#include "scope.h"

/* The operand is a constant that an instruction can name as a field. */
static bool is_field_name(struct comp *c, const struct expr *e) {
  if (e->kind != X_K || fe_has_jumps(e) || e->u.info > FE_MAX_B) return false;
  const struct fe_const *k = fe_kst(c, e->u.info);
  return k->type == FE_KSTR && k->u.s->len <= FE_SHORT_STRING_MAX;
}

static bool is_byte_index(const struct expr *e) {
  return e->kind == X_INT && !fe_has_jumps(e) && e->u.i >= 0 && e->u.i <= FE_MAX_C;
}

void fe_index(struct comp *c, struct expr *t, struct expr *key) {
  if (key->kind == X_STR) {
    key->u.info = fe_k_str(c, key->u.s);
    key->kind = X_K;
  }
  if (t->kind == X_UPVAL && !is_field_name(c, key)) {
    /* The comparison in t[a == b] must not be torn apart by loading t. (Lua 5.4.4 does.) */
    if (key->kind == X_JMP) fe_to_any_reg(c, key);
    fe_to_any_reg(c, t);
  }
  if (t->kind == X_UPVAL) {
    int upval = t->u.info;
    t->u.ind.base = upval;
    t->u.ind.key = key->u.info;
    t->kind = X_INDEXUP;
    return;
  }
  int base = t->kind == X_LOCAL ? t->u.local.reg : t->u.info;
  t->u.ind.base = base;
  if (is_field_name(c, key)) {
    t->u.ind.key = key->u.info;
    t->kind = X_INDEXSTR;
  } else if (is_byte_index(key)) {
    t->u.ind.key = (int)key->u.i;
    t->kind = X_INDEXI;
  } else {
    t->u.ind.key = fe_to_any_reg(c, key);
    t->kind = X_INDEXED;
  }
}

/* e:key -> function and object in two new registers */
void fe_self(struct comp *c, struct expr *e, struct expr *key) {
  int object = fe_to_any_reg(c, e);
  fe_free_expr(c, e);
  fe_expr_init(e, X_REG, c->func->freereg);
  fe_reserve(c, 2);
  bool k = fe_to_rk(c, key);
  fe_emit_abck(c, OP_SELF, e->u.info, object, key->u.info, k);
  fe_free_expr(c, key);
}

static void store_field(struct comp *c, enum fe_op op, const struct expr *var, struct expr *e) {
  bool k = fe_to_rk(c, e);
  fe_emit_abck(c, op, var->u.ind.base, var->u.ind.key, e->u.info, k);
}

void fe_store(struct comp *c, const struct expr *var, struct expr *e) {
  switch ((int)var->kind) {
  case X_LOCAL:
    fe_free_expr(c, e);
    fe_to_reg(c, e, var->u.local.reg);
    fe_note_assign(c, var);
    return;
  case X_UPVAL: {
    int reg = fe_to_any_reg(c, e);
    fe_emit_abc(c, OP_SETUPVAL, reg, var->u.info, 0);
    fe_note_assign(c, var);
    break;
  }
  case X_INDEXUP: store_field(c, OP_SETTABUP, var, e); break;
  case X_INDEXI: store_field(c, OP_SETI, var, e); break;
  case X_INDEXSTR: store_field(c, OP_SETFIELD, var, e); break;
  default: store_field(c, OP_SETTABLE, var, e); break;
  }
  fe_free_expr(c, e);
}

/* --- constructors --- */

static int ceil_log2(unsigned n) {
  int log = 0;
  while ((UINT64_C(1) << log) < n) log++;
  return log;
}

void fe_set_table_size(struct comp *c, int pc, int reg, int narray, int nhash) {
  uint32_t *ins = fe_ins(c, pc);
  int hash_bits = nhash != 0 ? ceil_log2((unsigned)nhash) + 1 : 0;
  int extra = narray / (FE_MAX_C + 1), rest = narray % (FE_MAX_C + 1);
  ins[0] = fe_abck(OP_NEWTABLE, reg, hash_bits, rest, extra > 0);
  ins[1] = fe_axop(OP_EXTRAARG, extra);
}

void fe_set_list(struct comp *c, int base, int nelems, int tostore) {
  int count = tostore == MULTI ? 0 : tostore;
  if (nelems <= FE_MAX_C) {
    fe_emit_abc(c, OP_SETLIST, base, count, nelems);
  } else {
    fe_emit_abck(c, OP_SETLIST, base, count, nelems % (FE_MAX_C + 1), 1);
    fe_emit(c, fe_axop(OP_EXTRAARG, nelems / (FE_MAX_C + 1)));
  }
  c->func->freereg = base + 1; /* only the table stays */
}
