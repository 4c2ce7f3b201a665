/* vm_ops.h: the instruction bodies, included by vm.c once for each kind of register access.
 * RD/RD2 give a readable operand, WR* write a register. */

#define RKC (ARG_K ? KC : RD2(REG_C))
#define SLOW_GET(obj, key)                                                                         \
  do {                                                                                             \
    Value res_;                                                                                    \
    PROTECT();                                                                                     \
    core_get(L, obj, key, &res_);                                                                  \
    REFRESH();                                                                                     \
    WR(RA, &res_);                                                                                 \
  } while (0)
#define SLOW_SET(obj, key, val)                                                                    \
  do {                                                                                             \
    PROTECT();                                                                                     \
    core_set(L, obj, key, val);                                                                    \
    REFRESH();                                                                                     \
  } while (0)
#define SHARED_STORE(t, s, key, val)                                                               \
  do {                                                                                             \
    PROTECT();                                                                                     \
    core_shared_store(L, t, s, key, val);                                                          \
    REFRESH();                                                                                     \
  } while (0)

OP(MOVE) : {
  const Value *b = RD(REG_B);
  WR(RA, b);
  NEXT;
}
OP(LOADI) : {
  WR_INT(RA, (int)ARG_BX - 65535);
  NEXT;
}
OP(LOADF) : {
  WR_FLT(RA, (lua_Number)((int)ARG_BX - 65535));
  NEXT;
}
OP(LOADK) : {
  WR(RA, k + ARG_BX);
  NEXT;
}
OP(LOADKX) : {
  WR(RA, k + (*pc >> 7));
  pc++;
  NEXT;
}
OP(LOADFALSE) : {
  WR_TAG(RA, TFALSE);
  NEXT;
}
OP(LFALSESKIP) : {
  WR_TAG(RA, TFALSE);
  pc++;
  NEXT;
}
OP(LOADTRUE) : {
  WR_TAG(RA, TTRUE);
  NEXT;
}
OP(LOADNIL) : {
  Value *ra = RA;
  int b = ARG_B;
  do {
    WR_TAG(ra, TNIL);
    ra++;
  } while (b--);
  NEXT;
}
OP(GETUPVAL) : {
  UpVal *u = cl->up[ARG_B];
  Value *v = RLX(u->v);
  if (likely(upval_here(v))) {
    order_loads();
    WR_PAIR(RA, pair_load(v));
    NEXT;
  }
  Value t;
  PROTECT();
  core_upval_get(L, u, &t);
  WR(RA, &t);
  NEXT;
}
OP(SETUPVAL) : {
  UpVal *u = cl->up[ARG_B];
  const Value *v = RD(RA);
  Value *s = RLX(u->v);
  if (likely(upval_here(s) && is_private(L, &u->h))) {
    slot_set(s, v);
    NEXT;
  }
  Value t = *v;
  PROTECT();
  core_upval_set(L, u, &t);
  REFRESH();
  NEXT;
}
OP(GETTABUP) : {
  UpVal *u = cl->up[ARG_B];
  Value *v = RLX(u->v);
  Value env;
  if (likely(upval_here(v))) {
    order_loads();
    Pair e = pair_load(v);
    if (likely(pair_tag(e) == TTAB)) {
      Value *s = tab_get_str((Table *)pair_bits(e), KC->v.s);
      if (likely(s != NULL)) {
        Pair x = pair_load(s);
        if (likely(pair_tag(x) != TNIL)) {
          WR_PAIR(RA, x);
          NEXT;
        }
      }
    }
    pair_put(&env, e);
  } else {
    PROTECT();
    core_upval_get(L, u, &env);
  }
  SLOW_GET(&env, KC);
  NEXT;
}
OP(GETTABLE) : {
  const Value *rb = RD(REG_B), *rc = RD2(REG_C);
  if (likely(rb->tt == TTAB)) {
    Table *t = rb->v.t;
    Value *s = rc->tt == TINT    ? tab_get_int(t, rc->v.i)
               : rc->tt == TSSTR ? tab_get_str(t, rc->v.s)
                                 : core_tab_get(t, rc);
    if (likely(s != NULL)) {
      Pair x = pair_load(s);
      if (likely(pair_tag(x) != TNIL)) {
        WR_PAIR(RA, x);
        NEXT;
      }
    }
    if (RLX(t->mt) == NULL) {
      WR_TAG(RA, TNIL);
      NEXT;
    }
  }
  SLOW_GET(rb, rc);
  NEXT;
}
OP(GETI) : {
  const Value *rb = RD(REG_B);
  if (likely(rb->tt == TTAB)) {
    Value *s = tab_get_int(rb->v.t, ARG_C);
    if (likely(s != NULL)) {
      Pair x = pair_load(s);
      if (likely(pair_tag(x) != TNIL)) {
        WR_PAIR(RA, x);
        NEXT;
      }
    }
  }
  Value key;
  set_int(&key, ARG_C);
  SLOW_GET(rb, &key);
  NEXT;
}
OP(GETFIELD) : {
  const Value *rb = RD(REG_B);
  const Value *key = KC;
  if (likely(rb->tt == TTAB)) {
    Table *t = rb->v.t;
    Value *s = tab_get_str(t, key->v.s);
    Pair x;
    if (likely(s != NULL)) {
      x = pair_load(s);
      if (likely(pair_tag(x) != TNIL)) {
        WR_PAIR(RA, x);
        NEXT;
      }
    }
    PROTECT(); /* looking for a metamethod may wait for a lock */
    if (RLX(t->mt) == NULL) {
      WR_TAG(RA, TNIL);
      NEXT;
    }
    if (get_str_inherited(L, t, key->v.s, &x)) {
      WR_PAIR(RA, x);
      NEXT;
    }
  }
  SLOW_GET(rb, key);
  NEXT;
}
OP(SETTABUP) : {
  Value env;
  const Value *key = KB;
  const Value *rc = RKC;
  UpVal *u = cl->up[(i >> 7) & 0xff];
  Value *uv = RLX(u->v);
  if (likely(upval_here(uv))) {
    order_loads();
    slot_get(&env, uv);
  } else {
    PROTECT();
    core_upval_get(L, u, &env);
  }
  if (likely(env.tt == TTAB)) {
    Value *s = tab_get_str(env.v.t, key->v.s);
    if (likely(s != NULL && slot_tag(s) != TNIL)) {
      if (likely(is_private(L, env.v.gc)))
        slot_set(s, rc);
      else
        SHARED_STORE(env.v.t, s, key, rc);
      NEXT;
    }
  }
  SLOW_SET(&env, key, rc);
  NEXT;
}
OP(SETTABLE) : {
  const Value *ra = RD(RA);
  Value kv;
  if (likely(ra->tt == TTAB)) {
    Table *t = ra->v.t;
    const Value *rb = RD2(REG_B);
    Value *s = rb->tt == TINT    ? tab_get_int(t, rb->v.i)
               : rb->tt == TSSTR ? tab_get_str(t, rb->v.s)
                                 : core_tab_get(t, rb);
    if (likely(s != NULL)) {
      unsigned tag = slot_tag(s);
      if (likely(is_private(L, &t->h))) {
        if (likely(tag != TNIL) || (rb->tt == TINT && t->mt == NULL)) {
          slot_set(s, RKC);
          NEXT;
        }
      } else if (tag != TNIL) {
        kv = *rb;
        const Value *rc = RKC;
        SHARED_STORE(t, s, &kv, rc);
        NEXT;
      }
    } else if (rb->tt == TINT && t->mt == NULL && is_private(L, &t->h)) {
      val_copy(&kv, rb);
      PROTECT();
      core_tab_insert_absent(L, t, &kv, RKC);
      NEXT;
    }
  }
  val_copy(&kv, RD2(REG_B));
  const Value *rc = RKC;
  SLOW_SET(ra, &kv, rc);
  NEXT;
}
OP(SETI) : {
  const Value *ra = RD(RA);
  const Value *rc = RKC;
  Value key;
  if (likely(ra->tt == TTAB)) {
    Table *t = ra->v.t;
    Value *s = tab_get_int(t, ARG_B);
    if (likely(s != NULL)) {
      if (likely(is_private(L, &t->h))) {
        if (likely(slot_tag(s) != TNIL) || t->mt == NULL) {
          slot_set(s, rc);
          NEXT;
        }
      } else if (slot_tag(s) != TNIL) {
        set_int(&key, ARG_B);
        SHARED_STORE(t, s, &key, rc);
        NEXT;
      }
    }
  }
  set_int(&key, ARG_B);
  SLOW_SET(ra, &key, rc);
  NEXT;
}
OP(SETFIELD) : {
  const Value *ra = RD(RA);
  const Value *key = KB;
  const Value *rc = RKC;
  if (likely(ra->tt == TTAB)) {
    Table *t = ra->v.t;
    Value *s = tab_get_str(t, key->v.s);
    if (likely(s != NULL && slot_tag(s) != TNIL)) {
      if (likely(is_private(L, &t->h)))
        slot_set(s, rc);
      else
        SHARED_STORE(t, s, key, rc);
      NEXT;
    }
  }
  SLOW_SET(ra, key, rc);
  NEXT;
}
OP(NEWTABLE) : {
  uint32_t b = (uint32_t)ARG_B, c = (uint32_t)ARG_C;
  if (b > 0) b = 1u << (b - 1);
  if (ARG_K) c += (*pc >> 7) * 256;
  pc++;
  SAVE_PC();
  L->top = RA + 1;
  Table *t = core_tab_new(L);
  WR_OBJ(RA, t, TTAB);
  if (b != 0 || c != 0) core_tab_resize(L, t, c, b);
  POLL_AT(RA + 1);
  NEXT;
}
OP(SELF) : {
  Value self;
  val_copy(&self, RD(REG_B));
  const Value *key = RKC;
  WR(RA + 1, &self);
  if (likely(self.tt == TTAB && key->tt == TSSTR)) {
    Pair x;
    PROTECT();
    if (likely(get_str_chain(L, self.v.t, key->v.s, &x))) {
      WR_PAIR(RA, x);
      NEXT;
    }
  }
  {
    Value res;
    PROTECT();
    core_get(L, REG_B, key, &res);
    REFRESH();
    WR(RA, &res);
  }
  NEXT;
}

#define ARITH(iop, fop, b_, c_)                                                                    \
  do {                                                                                             \
    const Value *b = (b_), *c = (c_);                                                              \
    if (b->tt == TINT && c->tt == TINT) {                                                          \
      lua_Integer x = b->v.i, y = c->v.i;                                                          \
      pc++;                                                                                        \
      WR_INT(RA, iop);                                                                             \
    } else {                                                                                       \
      lua_Number x, y;                                                                             \
      if (likely(b->tt == TFLT))                                                                   \
        x = b->v.n;                                                                                \
      else if (b->tt == TINT)                                                                      \
        x = (lua_Number)b->v.i;                                                                    \
      else                                                                                         \
        NEXT;                                                                                      \
      if (likely(c->tt == TFLT))                                                                   \
        y = c->v.n;                                                                                \
      else if (c->tt == TINT)                                                                      \
        y = (lua_Number)c->v.i;                                                                    \
      else                                                                                         \
        NEXT;                                                                                      \
      pc++;                                                                                        \
      WR_FLT(RA, fop);                                                                             \
    }                                                                                              \
    NEXT;                                                                                          \
  } while (0)
#define ARITH_F(fop, b_, c_)                                                                       \
  do {                                                                                             \
    const Value *b = (b_), *c = (c_);                                                              \
    lua_Number x, y;                                                                               \
    if (likely(b->tt == TFLT))                                                                     \
      x = b->v.n;                                                                                  \
    else if (b->tt == TINT)                                                                        \
      x = (lua_Number)b->v.i;                                                                      \
    else                                                                                           \
      NEXT;                                                                                        \
    if (likely(c->tt == TFLT))                                                                     \
      y = c->v.n;                                                                                  \
    else if (c->tt == TINT)                                                                        \
      y = (lua_Number)c->v.i;                                                                      \
    else                                                                                           \
      NEXT;                                                                                        \
    pc++;                                                                                          \
    WR_FLT(RA, fop);                                                                               \
    NEXT;                                                                                          \
  } while (0)
#define UADD ((lua_Integer)((lua_Unsigned)x + (lua_Unsigned)y))
#define USUB ((lua_Integer)((lua_Unsigned)x - (lua_Unsigned)y))
#define UMUL ((lua_Integer)((lua_Unsigned)x * (lua_Unsigned)y))

OP(ADDI) : {
  const Value *b = RD(REG_B);
  if (likely(b->tt == TINT)) {
    pc++;
    WR_INT(RA, (lua_Integer)((lua_Unsigned)b->v.i + (lua_Unsigned)(lua_Integer)ARG_SC));
  } else if (b->tt == TFLT) {
    pc++;
    WR_FLT(RA, b->v.n + (lua_Number)ARG_SC);
  }
  NEXT;
}
OP(ADDK) : ARITH(UADD, x + y, RD(REG_B), KC);
OP(SUBK) : ARITH(USUB, x - y, RD(REG_B), KC);
OP(MULK) : ARITH(UMUL, x * y, RD(REG_B), KC);
OP(MODK) : {
  SAVE_PC();
  ARITH(core_imod(L, x, y), core_fmod(x, y), RD(REG_B), KC);
}
OP(POWK) : ARITH_F(core_fpow(x, y), RD(REG_B), KC);
OP(DIVK) : ARITH_F(x / y, RD(REG_B), KC);
OP(IDIVK) : {
  SAVE_PC();
  ARITH(core_idiv(L, x, y), floor(x / y), RD(REG_B), KC);
}
#define BITOP(expr, b_, c_)                                                                        \
  do {                                                                                             \
    const Value *b = (b_), *c = (c_);                                                              \
    lua_Integer x, y;                                                                              \
    if (likely(b->tt == TINT))                                                                     \
      x = b->v.i;                                                                                  \
    else if (!core_num2int(b, &x))                                                                 \
      NEXT;                                                                                        \
    if (likely(c->tt == TINT))                                                                     \
      y = c->v.i;                                                                                  \
    else if (!core_num2int(c, &y))                                                                 \
      NEXT;                                                                                        \
    pc++;                                                                                          \
    WR_INT(RA, expr);                                                                              \
    NEXT;                                                                                          \
  } while (0)
OP(BANDK) : BITOP(x & y, RD(REG_B), KC);
OP(BORK) : BITOP(x | y, RD(REG_B), KC);
OP(BXORK) : BITOP(x ^ y, RD(REG_B), KC);
OP(SHRI) : {
  const Value *b = RD(REG_B);
  lua_Integer x;
  if (core_num2int(b, &x)) {
    pc++;
    WR_INT(RA, core_shl(x, -ARG_SC));
  }
  NEXT;
}
OP(SHLI) : {
  const Value *b = RD(REG_B);
  lua_Integer x;
  if (core_num2int(b, &x)) {
    pc++;
    WR_INT(RA, core_shl(ARG_SC, x));
  }
  NEXT;
}
OP(ADD) : ARITH(UADD, x + y, RD(REG_B), RD2(REG_C));
OP(SUB) : ARITH(USUB, x - y, RD(REG_B), RD2(REG_C));
OP(MUL) : ARITH(UMUL, x * y, RD(REG_B), RD2(REG_C));
OP(MOD) : {
  SAVE_PC();
  ARITH(core_imod(L, x, y), core_fmod(x, y), RD(REG_B), RD2(REG_C));
}
OP(POW) : ARITH_F(core_fpow(x, y), RD(REG_B), RD2(REG_C));
OP(DIV) : ARITH_F(x / y, RD(REG_B), RD2(REG_C));
OP(IDIV) : {
  SAVE_PC();
  ARITH(core_idiv(L, x, y), floor(x / y), RD(REG_B), RD2(REG_C));
}
OP(BAND) : BITOP(x & y, RD(REG_B), RD2(REG_C));
OP(BOR) : BITOP(x | y, RD(REG_B), RD2(REG_C));
OP(BXOR) : BITOP(x ^ y, RD(REG_B), RD2(REG_C));
OP(SHL) : BITOP(core_shl(x, y), RD(REG_B), RD2(REG_C));
OP(SHR) : BITOP(core_shl(x, y == LUA_MININTEGER ? 64 : -y), RD(REG_B), RD2(REG_C));
#define META_BIN(a_, b_)                                                                           \
  do {                                                                                             \
    Value res_;                                                                                    \
    PROTECT();                                                                                     \
    core_binmeta(L, a_, b_, &res_, ARG_C);                                                         \
    REFRESH();                                                                                     \
    WR(base + ((pc[-2] >> 7) & 0xff), &res_);                                                      \
    NEXT;                                                                                          \
  } while (0)
OP(MMBIN) : {
  const Value *a = RD(RA), *b = RD2(REG_B);
  META_BIN(a, b);
}
OP(MMBINI) : {
  Value imm;
  const Value *a = RD(RA);
  set_int(&imm, ARG_SB);
  if (ARG_K) META_BIN(&imm, a);
  META_BIN(a, &imm);
}
OP(MMBINK) : {
  const Value *a = RD(RA), *b = KB;
  if (ARG_K) META_BIN(b, a);
  META_BIN(a, b);
}
OP(UNM) : {
  const Value *b = RD(REG_B);
  if (b->tt == TINT) {
    WR_INT(RA, (lua_Integer)(0u - (lua_Unsigned)b->v.i));
  } else if (b->tt == TFLT) {
    WR_FLT(RA, -b->v.n);
  } else {
    Value res;
    PROTECT();
    core_binmeta(L, b, b, &res, META_UNM);
    REFRESH();
    WR(RA, &res);
  }
  NEXT;
}
OP(BNOT) : {
  const Value *b = RD(REG_B);
  lua_Integer x;
  if (core_num2int(b, &x)) {
    WR_INT(RA, ~x);
  } else {
    Value res;
    PROTECT();
    core_binmeta(L, b, b, &res, META_BNOT);
    REFRESH();
    WR(RA, &res);
  }
  NEXT;
}
OP(NOT) : {
  const Value *b = RD(REG_B);
  unsigned t = is_false(b) ? TTRUE : TFALSE;
  WR_TAG(RA, (uint8_t)t);
  NEXT;
}
OP(LEN) : {
  const Value *b = RD(REG_B);
  if (likely(b->tt == TTAB && RLX(b->v.t->mt) == NULL)) {
    lua_Integer n = (lua_Integer)core_tab_len(b->v.t);
    WR_INT(RA, n);
    NEXT;
  }
  Value res;
  PROTECT();
  core_len(L, &res, b);
  REFRESH();
  WR(RA, &res);
  NEXT;
}
OP(CONCAT) : {
  int n = ARG_B;
  L->top = RA + n;
  SAVE_PC();
  core_concat(L, n);
  REFRESH();
  Value res;
  val_copy(&res, L->top - 1);
  WR(RA, &res);
  POLL_AT(RA + 1);
  NEXT;
}
OP(CLOSE) : {
  PROTECT();
  core_close(L, RA, CLOSE_OK, true);
  REFRESH();
  NEXT;
}
OP(TBC) : {
  PROTECT();
  core_new_tbc(L, RA);
  NEXT;
}
OP(JMP) : {
  int off = (int)(i >> 7) - 16777215;
  pc += off;
  if (off < 0) POLL_LOOP();
  NEXT;
}
OP(EQ) : {
  const Value *a = RD(RA), *b = RD2(REG_B);
  bool c;
  if (a->tt == b->tt && (a->tt == TINT || a->tt == TSSTR)) {
    c = a->v.u == b->v.u;
  } else {
    PROTECT();
    c = core_eq(L, a, b);
    REFRESH();
  }
  COND_JUMP(c);
}
#define COMPARE(iop, slow)                                                                         \
  do {                                                                                             \
    const Value *a = RD(RA), *b = RD2(REG_B);                                                      \
    bool c;                                                                                        \
    if (a->tt == TINT && b->tt == TINT) {                                                          \
      c = a->v.i iop b->v.i;                                                                       \
    } else if (a->tt == TFLT && b->tt == TFLT) {                                                   \
      c = a->v.n iop b->v.n;                                                                       \
    } else {                                                                                       \
      PROTECT();                                                                                   \
      c = slow(L, a, b);                                                                           \
      REFRESH();                                                                                   \
    }                                                                                              \
    COND_JUMP(c);                                                                                  \
  } while (0)
OP(LT) : COMPARE(<, core_lt);
OP(LE) : COMPARE(<=, core_le);
OP(EQK) : {
  const Value *a = RD(RA), *b = KB;
  bool c = a->tt == b->tt && a->tt == TSSTR ? a->v.s == b->v.s : core_raw_eq(a, b);
  COND_JUMP(c);
}
OP(EQI) : {
  const Value *a = RD(RA);
  bool c = a->tt == TINT ? a->v.i == ARG_SB : a->tt == TFLT && a->v.n == (lua_Number)ARG_SB;
  COND_JUMP(c);
}
#define COMPARE_IMM(iop, swap, slow)                                                               \
  do {                                                                                             \
    const Value *a = RD(RA);                                                                       \
    int imm = ARG_SB;                                                                              \
    bool c;                                                                                        \
    if (likely(a->tt == TINT)) {                                                                   \
      c = a->v.i iop imm;                                                                          \
    } else if (a->tt == TFLT) {                                                                    \
      c = a->v.n iop(lua_Number) imm;                                                              \
    } else {                                                                                       \
      Value t;                                                                                     \
      if (ARG_C)                                                                                   \
        set_flt(&t, (lua_Number)imm);                                                              \
      else                                                                                         \
        set_int(&t, imm);                                                                          \
      PROTECT();                                                                                   \
      c = swap ? slow(L, &t, a) : slow(L, a, &t);                                                  \
      REFRESH();                                                                                   \
    }                                                                                              \
    COND_JUMP(c);                                                                                  \
  } while (0)
OP(LTI) : COMPARE_IMM(<, 0, core_lt);
OP(LEI) : COMPARE_IMM(<=, 0, core_le);
OP(GTI) : COMPARE_IMM(>, 1, core_lt);
OP(GEI) : COMPARE_IMM(>=, 1, core_le);
OP(TEST) : {
  const Value *a = RD(RA);
  COND_JUMP(!is_false(a));
}
OP(TESTSET) : {
  const Value *b = RD(REG_B);
  if (is_false(b) == ARG_K) {
    pc++;
  } else {
    WR(RA, b);
    JUMP_NEXT();
  }
  NEXT;
}
OP(CALL) : {
  Value *ra = RA;
  int b = ARG_B, nres = ARG_C - 1;
  if (b != 0) L->top = ra + b;
  SAVE_PC();
  if (likely(ra->tt == TLCL)) {
    const Proto *p = ra->v.l->p;
    if (unlikely(L->stack_last - L->top <= p->maxstack)) {
      ptrdiff_t off = stack_off(L, ra);
      core_stack_grow(L, p->maxstack, true);
      ra = stack_at(L, off);
    }
    CallInfo *n = ci->next;
    if (unlikely(n == NULL)) n = core_new_ci(L);
    n->func = ra;
    n->top = ra + 1 + p->maxstack;
    n->nresults = nres;
    n->status = 0;
    n->pc = p->code;
    L->ci = ci = n;
    for (Value *lim = ra + 1 + p->numparams; L->top < lim; L->top++) set_nil(L->top);
    goto start;
  }
  if (likely(ra->tt == TLCF)) {
    core_call_c(L, ra, nres, ra->v.f);
  } else {
    CallInfo *n = core_precall(L, ra, nres);
    if (n != NULL) {
      ci = n;
      goto start;
    }
  }
  base = ci->func + 1;
  if (unlikely(RLX(m->poll))) {
    core_safepoint(L, true); /* L->top: right behind the results */
    REFRESH();
  }
  NEXT;
}
OP(TAILCALL) : {
  Value *ra = RA;
  int b = ARG_B, np1 = ARG_C;
  int delta = np1 ? ci->u.nextra + np1 : 0;
  if (b != 0)
    L->top = ra + b;
  else
    b = (int)(L->top - ra);
  SAVE_PC();
  if (ARG_K) core_close_upvals(L, base);
  if (core_pretailcall(L, ci, ra, b, delta)) goto start;
  /* a C function was called on top of this frame: its results are this frame's */
  {
    int n = (int)(L->top - (ci->func + 1 + (ra - base)));
    ci->func -= delta;
    core_poscall(L, ci, n);
  }
  goto OP(leave);
}
OP(RETURN) : {
  Value *ra = RA;
  int n = ARG_B - 1, np1 = ARG_C;
  if (n < 0) n = (int)(L->top - ra);
  SAVE_PC();
  if (ARG_K) {
    ci->u2.nres = n; /* core_finish_op needs it should a close method yield */
    if (L->top < ci->top) L->top = ci->top;
    core_close(L, base, CLOSE_OK, true);
    base = ci->func + 1;
    ra = RA;
  }
  if (np1) ci->func -= ci->u.nextra + np1;
  L->top = ra + n;
  core_poscall(L, ci, n);
  goto OP(leave);
}
OP(RETURN0) : {
  if (unlikely(L->trap)) {
    L->top = RA;
    SAVE_PC();
    core_poscall(L, ci, 0);
  } else {
    int nres = ci->nresults;
    L->ci = ci->prev;
    L->top = base - 1;
    for (; unlikely(nres > 0); nres--) {
      set_nil(L->top);
      L->top++;
    }
  }
  goto OP(leave);
}
OP(RETURN1) : {
  if (unlikely(L->trap)) {
    L->top = RA + 1;
    SAVE_PC();
    core_poscall(L, ci, 1);
  } else {
    int nres = ci->nresults;
    L->ci = ci->prev;
    if (nres == 0) {
      L->top = base - 1;
    } else {
      val_copy(base - 1, RA);
      L->top = base;
      for (; unlikely(nres > 1); nres--) {
        set_nil(L->top);
        L->top++;
      }
    }
  }
}
OP(leave) : if (ci->status & CI_FRESH) return;
ci = ci->prev;
goto ret;
OP(FORLOOP) : {
  Value *ra = RA;
  if (likely(ra[2].tt == TINT)) {
    lua_Unsigned count = (lua_Unsigned)ra[1].v.i;
    if (count > 0) {
      lua_Integer x = (lua_Integer)((lua_Unsigned)ra->v.i + (lua_Unsigned)ra[2].v.i);
      ra[1].v.i = (lua_Integer)(count - 1);
      ra->v.i = x;
      WR_INT(ra + 3, x);
      pc -= ARG_BX;
    }
  } else {
    lua_Number step = ra[2].v.n, lim = ra[1].v.n, x = ra->v.n + step;
    if (step > 0 ? x <= lim : lim <= x) {
      ra->v.n = x;
      WR_FLT(ra + 3, x);
      pc -= ARG_BX;
    }
  }
  POLL_AT(RA + 4);
  NEXT;
}
OP(FORPREP) : {
  PROTECT();
  if (core_forprep(L, RA)) pc += ARG_BX + 1;
  NEXT;
}
OP(TFORPREP) : {
  PROTECT();
  core_new_tbc(L, RA + 3);
  pc += ARG_BX;
  NEXT;
}
OP(TFORCALL) : {
  Value *ra = RA;
  val_copy(ra + 4, ra);
  val_copy(ra + 5, ra + 1);
  val_copy(ra + 6, ra + 2);
  L->top = ra + 7;
  SAVE_PC();
  CallInfo *n = core_precall(L, ra + 4, ARG_C);
  if (n != NULL) {
    ci = n;
    goto start;
  }
  base = ci->func + 1;
  if (unlikely(RLX(m->poll))) {
    core_safepoint(L, true);
    REFRESH();
  }
  NEXT;
}
OP(TFORLOOP) : {
  Value *ra = RA;
  if (!is_nil(ra + 4)) {
    val_copy(ra + 2, ra + 4);
    pc -= ARG_BX;
  }
  NEXT;
}
OP(SETLIST) : {
  int n = ARG_B;
  uint32_t last = (uint32_t)ARG_C;
  Value *ra = RA;
  if (n == 0)
    n = (int)(L->top - ra) - 1;
  else
    L->top = ci->top;
  last += (uint32_t)n;
  if (ARG_K) {
    last += (*pc >> 7) * 256;
    pc++;
  }
  SAVE_PC();
  set_list(L, ra, n, last);
  REFRESH();
  NEXT;
}
OP(CLOSURE) : {
  Value fn;
  SAVE_PC();
  L->top = RA + 1;
  make_closure(L, cl->p->p[ARG_BX], cl, base, RA, &fn);
  WR(RA, &fn);
  POLL_AT(RA + 1);
  NEXT;
}
OP(VARARG) : {
  SAVE_PC();
  L->top = ci->top;
  get_varargs(L, ci, RA, ARG_C - 1);
  base = ci->func + 1;
  NEXT;
}
OP(VARARGPREP) : {
  SAVE_PC();
  vararg_prep(L, ci, cl->p);
  if (unlikely(L->trap)) {
    if (L->hookmask) {
      core_hook_call(L, ci);
      L->oldpc = 1; /* the next instruction is seen as a new line */
    }
  }
  REFRESH();
  NEXT;
}
OP(EXTRAARG) : NEXT;

#undef RKC
#undef SLOW_GET
#undef SLOW_SET
#undef SHARED_STORE
#undef ARITH
#undef ARITH_F
#undef UADD
#undef USUB
#undef UMUL
#undef BITOP
#undef META_BIN
#undef COMPARE
#undef COMPARE_IMM
