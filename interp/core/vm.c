/* vm.c: the executor. One function; the instruction bodies are in vm_ops.h, included twice:
 *   fast     registers are this thread's alone: plain two-part accesses
 *   escaped  a shared closure captured a register of this frame: every register is read and written
 *            with one 16-byte access, and what goes into one is published first
 * A frame changes from fast to escaped when core_upval_escape marks it. That may happen within an
 * instruction that calls a metamethod: its result is written by WR_LATE, which looks again. With
 * hooks set, every instruction goes through L_hook. `disp` holds the table in force; it is looked
 * at again after everything that may have changed it (slow paths, polls, calls and returns:
 * REFRESH). */
#pragma GCC diagnostic ignored "-Wpedantic" /* labels as values */
#include <math.h>
#include "table.h"
#include "front/opcodes.h"

typedef const void *const *Dispatch;

/* A field through plain tables only: t, then its __index tables. False: take the general path. */
static inline bool get_str_chain(lua_State *L, Table *t, const String *key, Pair *out) {
  for (int depth = 0; depth < 8; depth++) {
    Value *s = tab_get_str(t, key);
    if (s != NULL) {
      *out = pair_load(s);
      if (pair_tag(*out) != TNIL) return true;
    }
    Table *mt = DEP(t->mt);
    if (mt == NULL) {
      *out = pair_make(0, TNIL);
      return true;
    }
    Value tm = meta_fast(L, mt, META_INDEX);
    if (tm.tt != TTAB) {
      *out = pair_make(0, TNIL);
      return tm.tt == TNIL;
    }
    t = tm.v.t;
  }
  return false;
}
static NOINLINE bool get_str_inherited(lua_State *L, Table *t, const String *key, Pair *out) {
  return get_str_chain(L, t, key, out);
}

/* What an escaped frame writes may be seen at once. */
static NOINLINE void escaped_write(lua_State *L, Value *ra, const Value *v) {
  publish_val(L, v);
  slot_set(ra, v);
}

/* A `local function` that captures its own, never reassigned variable finds itself in ra already:
 * publishing it copies the variable (share.c). No other thread can reach such a register yet. */
static NOINLINE void make_closure(lua_State *L, Proto *p, LClosure *encl, Value *base, Value *ra,
                                  Value *out) {
  LClosure *c = core_new_lclosure(L, p, p->nup);
  set_obj(out, c, TLCL);
  for (int i = 0; i < p->nup; i++) {
    const UpDesc *d = &p->up[i];
    if (d->instack) {
      UpVal *u = core_find_upval(L, base + d->idx);
      if (d->byvalue) {
        u->h.flags |= UPV_CONST;
        if (base + d->idx == ra) slot_set(ra, out);
      }
      c->up[i] = u;
    } else {
      c->up[i] = DEP(encl->up[d->idx]);
    }
  }
}

static NOINLINE void set_list(lua_State *L, Value *ra, int n, uint32_t last) {
  Table *t = ra->v.t;
  if (last > t->asize && is_private(L, &t->h))
    core_tab_resize(L, t, last, t->node == EMPTY_NODE ? 0 : node_block(t->node)->mask + 1);
  for (; n > 0; n--, last--) {
    Value *v = ra + n;
    if (is_private(L, &t->h))
      slot_set(&t->arr[last - 1], v);
    else
      core_tab_set_int(L, t, last, v);
  }
}

/* The frame is entered with all arguments above func; the fixed ones move above them. */
static NOINLINE void vararg_prep(lua_State *L, CallInfo *ci, const Proto *p) {
  int actual = (int)(L->top - ci->func) - 1, nfix = p->numparams;
  int extra = actual - nfix;
  stack_check(L, p->maxstack + 1);
  Value *func = ci->func, *top = L->top;
  ci->u.nextra = extra;
  val_copy(top++, func);
  for (int i = 1; i <= nfix; i++) {
    val_copy(top++, func + i);
    set_nil(func + i);
  }
  L->top = top;
  ci->func += actual + 1;
  ci->top += actual + 1;
}

static NOINLINE void get_varargs(lua_State *L, CallInfo *ci, Value *ra, int wanted) {
  int extra = ci->u.nextra, i;
  if (wanted < 0) {
    ptrdiff_t off = stack_off(L, ra);
    wanted = extra;
    stack_check(L, extra);
    ra = stack_at(L, off);
    L->top = ra + wanted;
  }
  const Value *from = ci->func - extra;
  if (unlikely(ci->status & CI_ESCAPED)) /* ra may be a captured variable: x = ... */
    for (i = 0; i < wanted && i < extra; i++) core_write_reg(L, ci, ra + i, from + i);
  else
    for (i = 0; i < wanted && i < extra; i++) val_copy(ra + i, from + i);
  for (; i < wanted; i++) set_nil(ra + i);
}

/* ---- instruction fields ---- */
#define RA     (base + ((i >> 7) & 0xff))
#define REG_B  (base + ((i >> 16) & 0xff))
#define REG_C  (base + (i >> 24))
#define KB     (k + ((i >> 16) & 0xff))
#define KC     (k + (i >> 24))
#define ARG_B  ((int)((i >> 16) & 0xff))
#define ARG_C  ((int)(i >> 24))
#define ARG_SB (ARG_B - 127)
#define ARG_SC (ARG_C - 127)
#define ARG_BX (i >> 15)
#define ARG_K  ((i >> 15) & 1)
#define NEXT                                                                                       \
  do {                                                                                             \
    i = *pc++;                                                                                     \
    goto *disp[i & 0x7f];                                                                          \
  } while (0)

#define SAVE_PC() (ci->pc = pc)
#define PROTECT() (ci->pc = pc, L->top = ci->top)
#define REFRESH()                                                                                  \
  do {                                                                                             \
    base = ci->func + 1;                                                                           \
    if (unlikely(L->trap)) disp = PICK();                                                          \
  } while (0)
#define PICK()                                                                                     \
  ((L->hookmask & (LUA_MASKLINE | LUA_MASKCOUNT)) || is_counting(m) ? hooked                       \
   : ci->status & CI_ESCAPED                                        ? escaped                      \
                                                                    : fast)
/* Registers above the live ones are dead at allocating instructions: L->top says so exactly. */
#define POLL_AT(top_)                                                                              \
  do {                                                                                             \
    if (unlikely(RLX(m->poll))) {                                                                  \
      SAVE_PC();                                                                                   \
      L->top = (top_);                                                                             \
      core_safepoint(L, true);                                                                     \
      REFRESH();                                                                                   \
    }                                                                                              \
  } while (0)
#define POLL_LOOP()                                                                                \
  do {                                                                                             \
    if (unlikely(RLX(m->poll))) {                                                                  \
      PROTECT();                                                                                   \
      core_safepoint(L, false);                                                                    \
      REFRESH();                                                                                   \
    }                                                                                              \
  } while (0)
#define JUMP_NEXT()                                                                                \
  do {                                                                                             \
    int off_ = (int)(*pc >> 7) - 16777215;                                                         \
    pc += off_ + 1;                                                                                \
    if (off_ < 0) POLL_LOOP();                                                                     \
  } while (0)
#define COND_JUMP(c)                                                                               \
  do {                                                                                             \
    if ((unsigned)(c) != ARG_K)                                                                    \
      pc++;                                                                                        \
    else                                                                                           \
      JUMP_NEXT();                                                                                 \
    NEXT;                                                                                          \
  } while (0)

void core_execute(lua_State *L, CallInfo *ci) {
#define X(name, ...) &&L_fast_##name,
  static const void *const fast[128] = {FE_OPCODES(X)};
#undef X
#define X(name, ...) &&L_esc_##name,
  static const void *const escaped[128] = {FE_OPCODES(X)};
#undef X
#define X(name, ...) &&L_hook,
  static const void *const hooked[128] = {FE_OPCODES(X)};
#undef X
  Thr *const m = L->m;
  const uint32_t *pc;
  Value *base;
  const Value *k;
  LClosure *cl;
  uint32_t i;
  Dispatch disp;

start: /* a new frame; its arguments end at L->top */
  cl = ci_closure(ci);
  k = cl->p->k;
  pc = ci->pc;
  base = ci->func + 1;
  disp = fast;
  if (unlikely(RLX(m->poll))) {
    core_safepoint(L, true);
    base = ci->func + 1;
  }
  if (unlikely(L->trap)) {
    /* vararg: in VARARGPREP; a frame that goes on after a yield has been called before */
    if (L->hookmask && !cl->p->is_vararg && pc == cl->p->code && !(ci->status & CI_HOOKYIELD))
      core_hook_call(L, ci);
    REFRESH();
  }
  NEXT;

ret: /* frame ci goes on */
  cl = ci_closure(ci);
  k = cl->p->k;
  pc = ci->pc;
  base = ci->func + 1;
  disp = fast;
  if (unlikely(L->trap)) REFRESH();
  NEXT;

L_hook:
  if ((i & 0x7f) != OP_VARARGPREP) core_trace(L, ci, pc); /* a vararg function starts behind it */
  base = ci->func + 1;
  disp = L->trap ? PICK() : fast;
  goto *(ci->status & CI_ESCAPED ? escaped : fast)[i & 0x7f];

  /* ---- fast ---- */
#define OP(name) L_fast_##name
#define RD(p)    (p)
#define RD2(p)   (p)
#define WR(d, s) val_copy(d, s)
#define WR_LATE(d, s)                                                                              \
  do {                                                                                             \
    if (unlikely(L->trap))                                                                         \
      core_write_reg(L, ci, (d), (s));                                                             \
    else                                                                                           \
      val_copy((d), (s));                                                                          \
  } while (0)
#define WR_INT(d, x)    set_int(d, x)
#define WR_FLT(d, x)    set_flt(d, x)
#define WR_TAG(d, t)    ((d)->tt = (t))
#define WR_PAIR(d, x)   pair_put(d, x)
#define WR_OBJ(d, o, t) set_obj(d, o, t)
#include "vm_ops.h"
#undef OP
#undef RD
#undef RD2
#undef WR
#undef WR_LATE
#undef WR_INT
#undef WR_FLT
#undef WR_TAG
#undef WR_PAIR
#undef WR_OBJ

  /* ---- escaped ---- */
  {
    Value in1, in2, out;
#define OP(name)        L_esc_##name
#define RD(p)           (slot_get(&in1, (p)), &in1)
#define RD2(p)          (slot_get(&in2, (p)), &in2)
#define WR(d, s)        escaped_write(L, (d), (s))
#define WR_LATE(d, s)   escaped_write(L, (d), (s))
#define WR_INT(d, x)    pair_store((d), pair_make((uint64_t)(x), TINT))
#define WR_FLT(d, x)    (set_flt(&out, (x)), slot_set((d), &out))
#define WR_TAG(d, t)    pair_store((d), pair_make(0, (t)))
#define WR_PAIR(d, x)   (pair_put(&out, (x)), escaped_write(L, (d), &out))
#define WR_OBJ(d, o, t) (set_obj(&out, (o), (t)), escaped_write(L, (d), &out))
#include "vm_ops.h"
  }
}
