/* constant.c: the constant table of each function, without repetitions.
 *
 * Where a value was put last is remembered once for the whole unit, not per function: in its
 * fe_str, or in a hash table of numbers. The index is only a hint and checked against the table of
 * the current function. A nested function may overwrite the hint, which then costs its parent a
 * second copy of the constant. Stock Lua does just so, and chunks shall come out the same to the
 * byte.
 */
#include "scope.h"
#include "number.h"

#include <math.h>
#include <string.h>

static int add(struct comp *c, struct fe_const k) {
  struct func *f = c->func;
  if (f->nk >= FE_MAX_AX) {
    fe_fail(&c->job, FE_ERRRUN, "too many constants (limit is %d)", FE_MAX_AX);
  }
  fe_vec_room(&c->job, &c->k, sizeof k);
  ((struct fe_const *)c->k.v)[c->k.n++] = k;
  return f->nk++;
}

int fe_k_str(struct comp *c, struct fe_str *s) {
  int at = s->kindex;
  if (at >= 0 && at < c->func->nk) {
    const struct fe_const *k = fe_kst(c, at);
    if (k->type == FE_KSTR && k->u.s == s) return at;
  }
  return s->kindex = add(c, (struct fe_const){.type = FE_KSTR, .u.s = s});
}

int fe_k_simple(struct comp *c, enum fe_ktype type) {
  int at = c->simple_index[type];
  if (at >= 0 && at < c->func->nk && fe_kst(c, at)->type == type) return at;
  return c->simple_index[type] = add(c, (struct fe_const){.type = type});
}

/* --- numbers --- */

static uint32_t hash_number(uint64_t bits, bool is_int) {
  return (uint32_t)((bits ^ (is_int ? UINT64_C(0x9e37) : 0)) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static struct numkey *probe(struct numkey *keys, int cap, uint64_t bits, bool is_int) {
  for (uint32_t at = hash_number(bits, is_int);; at++) {
    struct numkey *n = &keys[at & (uint32_t)(cap - 1)];
    if (!n->used || (n->bits == bits && n->is_int == is_int)) return n;
  }
}

static void grow_numkeys(struct comp *c) {
  int cap = c->numkeys_cap * 2;
  struct numkey *keys = fe_new_array(&c->job, cap, sizeof *keys);
  memset(keys, 0, (size_t)cap * sizeof *keys);
  for (int i = 0; i < c->numkeys_cap; i++) {
    struct numkey *n = &c->numkeys[i];
    if (n->used) *probe(keys, cap, n->bits, n->is_int) = *n;
  }
  c->numkeys = keys;
  c->numkeys_cap = cap;
}

/* The hint for a number; -1 when it was never seen. */
static int *hint_of(struct comp *c, uint64_t bits, bool is_int) {
  if (c->nnumkeys >= c->numkeys_cap / 4 * 3) grow_numkeys(c);
  struct numkey *n = probe(c->numkeys, c->numkeys_cap, bits, is_int);
  if (!n->used) {
    *n = (struct numkey){.used = true, .is_int = is_int, .bits = bits, .index = -1};
    c->nnumkeys++;
  }
  return &n->index;
}

int fe_k_int(struct comp *c, int64_t i) {
  int *hint = hint_of(c, (uint64_t)i, true);
  if (*hint >= 0 && *hint < c->func->nk) {
    const struct fe_const *k = fe_kst(c, *hint);
    if (k->type == FE_KINT && k->u.i == i) return *hint;
  }
  return *hint = add(c, (struct fe_const){.type = FE_KINT, .u.i = i});
}

/* Floats share the hints with integers, as keys of one table do. A float with an integer value must
 * not meet that integer there, so it is looked up as a neighbour of itself. */
static int *float_hint(struct comp *c, double n) {
  int64_t i;
  double key = n;
  if (fe_float_to_int(n, &i)) {
    const double eps = 0x1p-52;
    key = i == 0 ? eps : n + n * eps;
    if (fe_float_to_int(key, &i)) return hint_of(c, (uint64_t)i, true);
  }
  uint64_t bits;
  memcpy(&bits, &key, sizeof bits);
  return hint_of(c, bits, false);
}

int fe_k_flt(struct comp *c, double n) {
  int *hint = float_hint(c, n);
  if (*hint >= 0 && *hint < c->func->nk) {
    const struct fe_const *k = fe_kst(c, *hint);
    if (k->type == FE_KFLT && k->u.n == n) return *hint;
  }
  return *hint = add(c, (struct fe_const){.type = FE_KFLT, .u.n = n});
}
