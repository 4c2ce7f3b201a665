/* vmslow.c: what the executor and the API do off the fast path: indexing through metamethods,
 * comparison, arithmetic metamethods, concatenation, numeric loops.
 *
 * Arguments may point into the stack; each function copies what it needs before anything can move
 * the stack. Results come back through `res`, which must not point into the stack. */
#include <math.h>
#include "table.h"
#include "front/opcodes.h"

#define MAX_CHAIN 2000

/* ---- calling metamethods ---- */
static void push_call(lua_State *L, const Value *f, const Value *a, const Value *b, const Value *c,
                      int nres) {
  Value *top = L->top;
  val_copy(top, f);
  val_copy(top + 1, a);
  val_copy(top + 2, b);
  L->top = top + 3;
  if (c != NULL) {
    val_copy(top + 3, c);
    L->top = top + 4;
  }
  if (ci_is_lua(L->ci))
    core_call(L, top, nres); /* may yield: core_finish_op completes the instruction */
  else
    core_call_noyield(L, top, nres);
}

void core_call_meta_res(lua_State *L, const Value *f, const Value *a, const Value *b, Value *res) {
  push_call(L, f, a, b, NULL, 1);
  L->top--;
  val_copy(res, L->top);
}

/* ---- indexing ---- */
void core_get(lua_State *L, const Value *obj, const Value *key, Value *res) {
  Value o = *obj, k = *key;
  for (int loop = 0; loop < MAX_CHAIN; loop++) {
    Value tm;
    if (o.tt == TTAB) {
      Value *s = core_tab_get(o.v.t, &k);
      if (s != NULL) {
        slot_get(res, s);
        if (!is_nil(res)) return;
      }
      tm = meta_fast(L, DEP(o.v.t->mt), META_INDEX);
      if (is_nil(&tm)) {
        set_nil(res);
        return;
      }
    } else {
      tm = core_meta_obj(L, &o, META_INDEX);
      if (unlikely(is_nil(&tm))) core_err_type(L, loop == 0 ? obj : &o, "index");
    }
    if (is_func(&tm)) {
      core_call_meta_res(L, &tm, &o, &k, res);
      return;
    }
    o = tm;
  }
  core_err(L, "'__index' chain too long; possible loop");
}

/* A store into an existing, non-nil slot. */
static inline void store_slot(lua_State *L, Table *t, Value *s, const Value *k, const Value *v) {
  if (likely(is_private(L, &t->h)))
    slot_set(s, v);
  else
    core_shared_store(L, t, s, k, v);
}

void core_set(lua_State *L, const Value *obj, const Value *key, const Value *val) {
  Value o = *obj, k = *key, v = *val;
  for (int loop = 0; loop < MAX_CHAIN; loop++) {
    Value tm;
    if (o.tt == TTAB) {
      Table *t = o.v.t;
      Value *s = core_tab_get(t, &k);
      if (s != NULL && slot_tag(s) != TNIL) {
        store_slot(L, t, s, &k, &v);
        return;
      }
      tm = meta_fast(L, DEP(t->mt), META_NEWINDEX);
      if (is_nil(&tm)) {
        if (s == NULL && (k.tt == TSSTR || k.tt == TINT) && is_private(L, &t->h))
          core_tab_insert_absent(L, t, &k, &v);
        else
          core_tab_set(L, t, &k, &v);
        return;
      }
    } else {
      tm = core_meta_obj(L, &o, META_NEWINDEX);
      if (unlikely(is_nil(&tm))) core_err_type(L, loop == 0 ? obj : &o, "index");
    }
    if (is_func(&tm)) {
      push_call(L, &tm, &o, &k, &v, 0);
      return;
    }
    o = tm;
  }
  core_err(L, "'__newindex' chain too long; possible loop");
}

/* ---- arithmetic ---- */
static _Noreturn void err_operand(lua_State *L, const Value *a, const Value *b, const char *op) {
  if (is_num(a)) a = b; /* the first operand that is not a number is to blame */
  core_err_type(L, a, op);
}

static _Noreturn void err_to_int(lua_State *L, const Value *a, const Value *b) {
  char info[128];
  lua_Integer i;
  if (core_num2int(a, &i)) a = b;
  const char *var = core_var_info(L, a, info, sizeof info);
  core_err(L, "number%s has no integer representation", var);
}

static bool is_bitop(int e) { return (e >= META_BAND && e <= META_SHR) || e == META_BNOT; }

void core_binmeta(lua_State *L, const Value *a, const Value *b, Value *res, int e) {
  Value tm = core_meta_obj(L, a, e);
  if (is_nil(&tm)) tm = core_meta_obj(L, b, e);
  if (likely(!is_nil(&tm))) {
    core_call_meta_res(L, &tm, a, b, res);
    return;
  }
  if (e == META_CONCAT) {
    if (is_str(a) || is_num(a)) a = b;
    core_err_type(L, a, "concatenate");
  }
  if (is_bitop(e)) {
    if (is_num(a) && is_num(b)) err_to_int(L, a, b);
    err_operand(L, a, b, "perform bitwise operation on");
  }
  err_operand(L, a, b, "perform arithmetic on");
}

/* ---- comparison ---- */
static Value binary_meta(lua_State *L, const Value *a, const Value *b, int e) {
  Value tm = core_meta_obj(L, a, e);
  return is_nil(&tm) ? core_meta_obj(L, b, e) : tm;
}

static bool call_order(lua_State *L, const Value *a, const Value *b, int e) {
  Value res;
  Value tm = binary_meta(L, a, b, e);
  if (is_nil(&tm) && e == META_LE) { /* a <= b as not (b < a), like stock Lua built compatible */
    tm = binary_meta(L, b, a, META_LT);
    if (!is_nil(&tm)) {
      L->ci->status |= CI_LEQ; /* a yield in it: core_finish_op negates */
      core_call_meta_res(L, &tm, b, a, &res);
      L->ci->status &= ~(uint32_t)CI_LEQ;
      return is_false(&res);
    }
  }
  if (is_nil(&tm)) {
    const char *x = core_type_name(L, a), *y = core_type_name(L, b);
    if (strcmp(x, y) == 0) core_err(L, "attempt to compare two %s values", x);
    core_err(L, "attempt to compare %s with %s", x, y);
  }
  core_call_meta_res(L, &tm, a, b, &res);
  return !is_false(&res);
}

bool core_lt(lua_State *L, const Value *a, const Value *b) {
  if (is_num(a) && is_num(b)) return core_lt_num(a, b);
  if (is_str(a) && is_str(b)) return core_str_cmp(a->v.s, b->v.s) < 0;
  return call_order(L, a, b, META_LT);
}

bool core_le(lua_State *L, const Value *a, const Value *b) {
  if (is_num(a) && is_num(b)) return core_le_num(a, b);
  if (is_str(a) && is_str(b)) return core_str_cmp(a->v.s, b->v.s) <= 0;
  return call_order(L, a, b, META_LE);
}

bool core_raw_eq(const Value *a, const Value *b) {
  if (a->tt != b->tt) {
    lua_Integer i;
    if (!is_num(a) || !is_num(b)) return false;
    if (a->tt == TFLT) return core_flt2int(a->v.n, &i) && i == b->v.i;
    return core_flt2int(b->v.n, &i) && i == a->v.i;
  }
  switch (a->tt) {
  case TNIL:
  case TFALSE:
  case TTRUE: return true;
  case TFLT: return a->v.n == b->v.n;
  case TLSTR: return core_str_eq_long(a->v.s, b->v.s);
  default: return a->v.u == b->v.u;
  }
}

bool core_eq(lua_State *L, const Value *a, const Value *b) {
  Value res;
  if (core_raw_eq(a, b)) return true;
  if (a->tt != b->tt || (a->tt != TTAB && a->tt != TUD)) return false;
  Value tm = meta_fast(L, core_metatable(L, a), META_EQ);
  if (is_nil(&tm)) tm = meta_fast(L, core_metatable(L, b), META_EQ);
  if (is_nil(&tm)) return false;
  core_call_meta_res(L, &tm, a, b, &res);
  return !is_false(&res);
}

/* ---- length, concatenation ---- */
void core_len(lua_State *L, Value *res, const Value *o) {
  Value tm;
  if (o->tt == TTAB) {
    tm = meta_fast(L, DEP(o->v.t->mt), META_LEN);
    if (is_nil(&tm)) {
      set_int(res, (lua_Integer)core_tab_len(o->v.t));
      return;
    }
  } else if (is_str(o)) {
    set_int(res, (lua_Integer)o->v.s->len);
    return;
  } else {
    tm = core_meta_obj(L, o, META_LEN);
    if (unlikely(is_nil(&tm))) core_err_type(L, o, "get length of");
  }
  core_call_meta_res(L, &tm, o, o, res);
}

static inline bool to_str(lua_State *L, Value *o) {
  if (is_str(o)) return true;
  if (!is_num(o)) return false;
  core_tostring_inplace(L, o);
  return true;
}

/* Joins as many of the top `total` values as are strings or numbers; returns how many. */
static int join_run(lua_State *L, int total) {
  Value *top = L->top;
  size_t len = top[-1].v.s->len;
  int n = 1;
  for (; n < total && to_str(L, top - n - 1); n++) {
    size_t l = top[-n - 1].v.s->len;
    if (unlikely(l >= SIZE_MAX / 2 - len)) {
      L->top = top - total; /* free the operands */
      core_err(L, "string length overflow");
    }
    len += l;
  }
  char buf[SHORT_MAX];
  String *r = NULL;
  char *p = buf;
  if (len > SHORT_MAX) {
    r = core_str_raw(L, len);
    p = r->s;
  }
  for (int i = n; i > 0; i--) {
    const String *s = top[-i].v.s;
    memcpy(p, s->s, s->len);
    p += s->len;
  }
  if (r == NULL) r = core_str_new(L, buf, len);
  set_str(top - n, r);
  return n;
}

/* R = top[-n] .. ... .. top[-1]; the result stands at top[-n] and ends as the top value. */
void core_concat(lua_State *L, int total) {
  if (total == 1) return;
  do {
    Value *top = L->top;
    int n = 2;
    if (!(is_str(top - 2) || is_num(top - 2)) || !to_str(L, top - 1)) {
      Value res;
      core_binmeta(L, top - 2, top - 1, &res, META_CONCAT);
      val_copy(L->top - 2, &res);
    } else if (is_str(top - 1) && top[-1].v.s->len == 0) {
      to_str(L, top - 2);
    } else if (is_str(top - 2) && top[-2].v.s->len == 0) {
      val_copy(top - 2, top - 1);
    } else {
      n = join_run(L, total);
    }
    total -= n - 1;
    L->top -= n - 1;
  } while (total > 1);
}

/* ---- numeric for ---- */
static _Noreturn void for_error(lua_State *L, const Value *o, const char *what) {
  core_err(L, "bad 'for' %s (number expected, got %s)", what, core_type_name(L, o));
}

/* The limit as an integer, clipped; true: the loop does not run. */
static bool for_limit(lua_State *L, lua_Integer init, const Value *lim, lua_Integer *out,
                      lua_Integer step) {
  lua_Number f;
  if (!is_num(lim) || !core_num2int(lim, out)) {
    if (!core_tonum(lim, &f)) for_error(L, lim, "limit");
    f = step < 0 ? ceil(f) : floor(f);
    if (!core_flt2int(f, out)) { /* beyond integers; NaN counts as negative, as in stock Lua */
      if (f > 0) {
        if (step < 0) return true;
        *out = LUA_MAXINTEGER;
      } else {
        if (step > 0) return true;
        *out = LUA_MININTEGER;
      }
    }
  }
  return step > 0 ? init > *out : init < *out;
}

/* R[A..A+2] = initial, limit, step become the loop's state; true: it does not run. */
bool core_forprep(lua_State *L, Value *ra) {
  Value *init = ra, *lim = ra + 1, *step = ra + 2;
  if (init->tt == TINT && step->tt == TINT) {
    lua_Integer i = init->v.i, s = step->v.i, l;
    if (s == 0) core_err(L, "'for' step is zero");
    set_int(ra + 3, i);
    if (for_limit(L, i, lim, &l, s)) return true;
    lua_Unsigned count;
    if (s > 0) {
      count = (lua_Unsigned)l - (lua_Unsigned)i;
      if (s != 1) count /= (lua_Unsigned)s;
    } else {
      count = (lua_Unsigned)i - (lua_Unsigned)l;
      count /= (lua_Unsigned)(-(s + 1)) + 1u;
    }
    set_int(lim, (lua_Integer)count);
    return false;
  }
  lua_Number i, l, s;
  if (!core_tonum(lim, &l)) for_error(L, lim, "limit");
  if (!core_tonum(step, &s)) for_error(L, step, "step");
  if (!core_tonum(init, &i)) for_error(L, init, "initial value");
  if (s == 0) core_err(L, "'for' step is zero");
  if (s > 0 ? l < i : i < l) return true;
  set_flt(lim, l);
  set_flt(step, s);
  set_flt(init, i);
  set_flt(ra + 3, i);
  return false;
}

/* ---- finishing an instruction that a yield interrupted ---- */
/* A register of frame ci, which may have become reachable for others meanwhile. */
NOINLINE void core_write_reg(lua_State *L, CallInfo *ci, Value *ra, const Value *v) {
  if (ci->status & CI_ESCAPED) {
    publish_val(L, v);
    slot_set(ra, v);
  } else {
    val_copy(ra, v);
  }
}

static void finish_concat(lua_State *L, Value *base, uint32_t i) {
  Value *top = L->top - 1; /* where the metamethod was called */
  int total = (int)(top - 1 - (base + fe_a(i)));
  val_copy(top - 2, top);
  L->top = top - 1;
  core_concat(L, total);
}

void core_finish_op(lua_State *L) {
  CallInfo *ci = L->ci;
  Value *base = ci->func + 1;
  uint32_t i = ci->pc[-1];
  switch (fe_op_of(i)) {
  case OP_MMBIN:
  case OP_MMBINI:
  case OP_MMBINK:
    L->top--;
    core_write_reg(L, ci, base + fe_a(ci->pc[-2]), L->top);
    break;
  case OP_UNM:
  case OP_BNOT:
  case OP_LEN:
  case OP_GETTABUP:
  case OP_GETTABLE:
  case OP_GETI:
  case OP_GETFIELD:
  case OP_SELF:
    L->top--;
    core_write_reg(L, ci, base + fe_a(i), L->top);
    break;
  case OP_LT:
  case OP_LE:
  case OP_LTI:
  case OP_LEI:
  case OP_GTI:
  case OP_GEI:
  case OP_EQ: {
    bool res = !is_false(L->top - 1);
    L->top--;
    if (ci->status & CI_LEQ) {
      ci->status &= ~(uint32_t)CI_LEQ;
      res = !res;
    }
    if (res != (bool)fe_k(i)) ci->pc++;
    break;
  }
  case OP_CONCAT: finish_concat(L, base, i); break;
  case OP_CLOSE: ci->pc--; break; /* more variables to close, perhaps */
  case OP_RETURN:
    L->top = base + fe_a(i) + ci->u2.nres; /* the results are still there */
    ci->pc--;
    break;
  default: break; /* calls and stores have nothing left to do */
  }
}
