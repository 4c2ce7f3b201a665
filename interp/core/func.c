/* func.c: closures, upvalues and to-be-closed variables.
 *
 * Upvalue protocol [upval]
 *   private, open    v = the stack slot; only the owning thread sees it
 *   shared, open     v = NULL; everybody, the owner included, reaches open.x.slot under h.lock
 *   closed           v = &closed, for good; 16-byte accesses, no lock
 * Closing and moving the stack (the owner only) take the lock of every shared open upvalue
 * concerned. */
#include "table.h"

Proto *core_new_proto(lua_State *L) {
  Proto *p = obj_new(L, sizeof(Proto), TPROTO);
  memset((char *)p + sizeof(Object), 0, sizeof(Proto) - sizeof(Object));
  p->h.owner = 0; /* immutable, so shared from the start */
  return p;
}

LClosure *core_new_lclosure(lua_State *L, Proto *p, int nup) {
  LClosure *c = obj_new(L, sizeof(LClosure) + (size_t)nup * sizeof(UpVal *), TLCL);
  c->h.flags = (uint8_t)nup;
  c->p = p;
  for (int i = 0; i < nup; i++) c->up[i] = NULL;
  return c;
}

UpVal *core_new_upval(lua_State *L) { /* closed, nil */
  UpVal *u = obj_new(L, sizeof(UpVal), TUPV);
  u->u.closed.v.u = 0;
  u->u.closed.tt = TNIL;
  memset((char *)&u->u.closed + 8, 0, 8);
  u->v = &u->u.closed;
  return u;
}

static inline Value *open_slot(const UpVal *u) { return u->v != NULL ? u->v : u->u.open.x.slot; }

UpVal *core_find_upval(lua_State *L, Value *slot) {
  UpVal **p = &L->openuv;
  UpVal *u;
  while ((u = *p) != NULL && open_slot(u) >= slot) {
    if (open_slot(u) == slot) return u;
    p = &u->u.open.next;
  }
  u = obj_new(L, sizeof(UpVal), TUPV);
  u->v = slot;
  u->u.open.x.owner = L;
  u->u.open.next = *p;
  *p = u;
  return u;
}

static void close_one(lua_State *L, UpVal *u) {
  Value v;
  if (likely(u->v != NULL)) { /* private */
    v = *u->v;
    slot_set(&u->u.closed, &v);
    u->v = &u->u.closed;
    return;
  }
  core_obj_lock(L, &u->h);
  slot_get(&v, u->u.open.x.slot);
  publish_val(L, &v);
  slot_set(&u->u.closed, &v);
  order_stores();
  REL_SET(u->v, &u->u.closed); /* [upval] the value before v; pairs with core_upval_get */
  core_obj_unlock(&u->h);
}

void core_close_upvals(lua_State *L, Value *level) {
  UpVal *u;
  while ((u = L->openuv) != NULL && open_slot(u) >= level) {
    L->openuv = u->u.open.next;
    close_one(L, u);
  }
}

/* The world is stopped and L1 is dead: live closures keep the variables of its frames. */
void core_close_dead_upvals(lua_State *L1) {
  UpVal *u;
  while ((u = L1->openuv) != NULL) {
    Value v;
    L1->openuv = u->u.open.next;
    slot_get(&v, open_slot(u));
    slot_set(&u->u.closed, &v);
    u->v = &u->u.closed;
  }
}

void core_upval_get(lua_State *L, UpVal *u, Value *out) {
  Value *v = ACQ(u->v); /* [upval] pairs with close_one */
  if (likely(upval_here(v))) {
    slot_get(out, v);
    return;
  }
  core_obj_lock(L, &u->h);
  v = RLX(u->v);
  slot_get(out, v != NULL ? v : u->u.open.x.slot);
  core_obj_unlock(&u->h);
}

void core_upval_set(lua_State *L, UpVal *u, const Value *val) {
  Value *v = ACQ(u->v);
  if (!is_private(L, &u->h)) publish_val(L, val);
  if (likely(upval_here(v))) {
    slot_set(v, val);
    return;
  }
  core_obj_lock(L, &u->h);
  v = RLX(u->v);
  slot_set(v != NULL ? v : u->u.open.x.slot, val);
  core_obj_unlock(&u->h);
}

/* ---- to-be-closed variables ---- */
void core_new_tbc(lua_State *L, Value *slot) {
  if (is_false(slot)) return;
  Value tm = core_meta_obj(L, slot, META_CLOSE);
  if (is_nil(&tm)) {
    CallInfo *ci = L->ci;
    const char *name = NULL;
    if (ci_is_lua(ci))
      name = core_local_name(ci_closure(ci)->p, (int)(slot - ci->func),
                             (int)(ci->pc - ci_closure(ci)->p->code) - 1);
    core_err(L, "variable '%s' got a non-closable value", name != NULL ? name : "?");
  }
  if (L->ntbc == L->captbc) {
    uint32_t cap = L->captbc ? L->captbc * 2 : 8;
    L->tbc = core_raw_resize(L, L->tbc, L->captbc * sizeof *L->tbc, cap * sizeof *L->tbc);
    L->captbc = cap;
  }
  L->tbc[L->ntbc++] = (uint32_t)(slot - L->stack);
}

static void call_close(lua_State *L, Value *slot, const Value *err, bool yieldable) {
  Value tm = core_meta_obj(L, slot, META_CLOSE);
  Value *top = L->top;
  val_copy(top, &tm); /* none any more: the call says so */
  slot_get(top + 1, slot);
  val_copy(top + 2, err);
  L->top = top + 3;
  if (yieldable)
    core_call(L, top, 0);
  else
    core_call_noyield(L, top, 0);
}

/* Closes upvalues and variables down to level; returns level, in the stack as it is then. While an
 * error unwinds (status), its value goes behind each variable and then to the close method. */
Value *core_close(lua_State *L, Value *level, int status, bool yieldable) {
  ptrdiff_t off = stack_off(L, level);
  core_close_upvals(L, level);
  while (L->ntbc > 0 && L->stack + L->tbc[L->ntbc - 1] >= level) {
    Value *slot = L->stack + L->tbc[--L->ntbc];
    Value err = core_nil;
    if (status != CLOSE_OK) {
      core_set_error(L, status, slot + 1);
      err = slot[1];
    }
    call_close(L, slot, &err, yieldable);
    level = stack_at(L, off);
  }
  return level;
}
