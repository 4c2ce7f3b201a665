/* share.c: what makes objects reachable from two threads safe.
 *
 * Invariant P: whatever two threads can reach has owner 0 before it is reachable. core_publish
 * keeps it: a value is published before it is stored in anything shared. With one owner id for all
 * threads (not parallel) nothing is ever shared and none of this runs.
 *
 * Shared store into an existing slot [inplace]:
 *   1. publish the value   2. if the table is not resizing and the slot lies in its current blocks,
 *   3. one 16-byte store; else set it under the lock
 * There is no safepoint from the lookup to the store. A resizer sets `resizing`, then waits until
 * every thread has passed a safepoint (core_handshake): a store whose check saw 0 is complete
 * before it counts and copies, and every later check sees 1. The check reads `resizing` before the
 * blocks: a 0 from after a resize comes with the new ones. So a store takes effect once, and what a
 * resize copies does not change meanwhile. Metamethod names take the lock at once (meta.c). */
#include <sched.h>
#include <stdlib.h>
#include "stress.h"
#include "table.h"

/* ---- spin locks of tables and iterators; waiting for one is a safe region ---- */
static NOINLINE void lock_slow(lua_State *L, Object *o) {
  Thr *m = L->m;
  unsigned n = 0;
  m->pin[0] = o; /* a collection may run while we wait */
  COUNT(m, lock_waits, 1);
  core_enter_safe(m);
  for (;;) {
    while (RLX(o->lock)) {
      if (++n < 200) {
        cpu_relax();
      } else {
        if (o->tt == TTAB) core_help_move(m, (Table *)(void *)o);
        sched_yield();
      }
    }
    /* [lock] acquire; pairs with the release in core_obj_unlock */
    if (!__atomic_exchange_n(&o->lock, 1, __ATOMIC_ACQUIRE)) break;
  }
  core_leave_safe(m);
  m->pin[0] = NULL;
}

void core_obj_lock(lua_State *L, Object *o) {
  COUNT(L->m, lock_takes, 1);
  if (unlikely(__atomic_exchange_n(&o->lock, 1, __ATOMIC_ACQUIRE))) lock_slow(L, o);
}
void core_obj_unlock(Object *o) { REL_SET(o->lock, 0); }
void core_tab_lock(lua_State *L, Table *t) { core_obj_lock(L, &t->h); }
void core_tab_unlock(Table *t) { core_obj_unlock(&t->h); }

/* ---- contended slots [hot] ----
 * Threads that store into one slot all the time pass its cache line to and fro: each store waits
 * for it, and together they do less than one of them alone. A thread that finds another's store in
 * a slot twice within a short time leaves the line alone for a moment, so that the other can store
 * many times meanwhile, then takes its turn. Two stores that a lock orders are further apart. */
#define HOT_SEEN_NS  250
#define HOT_PAUSE_NS 1500
static NOINLINE void hot_slot(Thr *m, const Value *slot) {
  uint64_t now = cpu_ticks();
  if (m->hot == slot && now - m->hot_seen < cpu_ticks_of(HOT_SEEN_NS)) {
    COUNT(m, hot_pauses, 1);
    uint64_t pause = cpu_ticks_of(HOT_PAUSE_NS), from = now;
    while ((now = cpu_ticks()) - from < pause) cpu_relax();
  }
  m->hot = slot;
  m->hot_seen = now;
}

/* An upvalue's lock is held for a few instructions and never in a safe region. So waiting for it is
 * none either: what the waiter holds in C locals stays alive, and the stack stays where it is. */
void core_upval_lock(UpVal *u) {
  unsigned n = 0;
  /* [lock] acquire; pairs with the release in core_obj_unlock */
  while (__atomic_exchange_n(&u->h.lock, 1, __ATOMIC_ACQUIRE))
    while (RLX(u->h.lock)) {
      if (++n < 200)
        cpu_relax();
      else
        sched_yield();
    }
}

/* ---- tables ---- */
struct locked_set {
  Table *t;
  const Value *key, *val;
};
static void do_locked_set(lua_State *L, void *ud) {
  struct locked_set *s = ud;
  core_tab_insert(L, s->t, s->key, s->val);
}

/* Store, or insert, without the lock. False: under it, please. As in [inplace], what is done to the
 * blocks of a table that is not resizing is done before the next resize counts and copies. */
static bool set_unlocked(lua_State *L, Table *t, const Value *key, const Value *val) {
  if (is_reserved(key) || ACQ(t->resizing) || STRESS_CHANCE(8)) return false;
  STRESS_POINT();
  uint32_t asize = ACQ(t->asize);
  order_loads();
  const Value *arr = ACQ(t->arr);
  Node *base = ACQ(t->node);
  Value *s = core_tab_get(t, key);
  if (s != NULL) {
    bool in_array = s >= arr && s < arr + asize;
    bool in_nodes =
        (char *)s >= (char *)base && (char *)s < (char *)(base + node_block(base)->mask + 1);
    if (!in_array && !in_nodes) return false;
    STRESS_POINT();
    slot_set(s, val);
    return true;
  }
  if (is_nil(val)) return true;
  STRESS_POINT();
  if (!core_node_insert(L->m, base, key, val)) return false;
  core_tab_note_insert(t);
  return true;
}

/* Insert or store in a shared table. Under the lock, key and value may live in C locals: pinned. */
NOINLINE void core_shared_set(lua_State *L, Table *t, const Value *key, const Value *val) {
  Thr *m = L->m;
  publish_val(L, val);
  publish_val(L, key);
  if (likely(set_unlocked(L, t, key, val))) return;
  m->pin[1] = &t->h;
  m->pin[2] = is_gc(key) ? key->v.gc : NULL;
  m->pin[3] = is_gc(val) ? val->v.gc : NULL;
  STRESS_POINT();
  core_tab_lock(L, t);
  STRESS_POINT();
  Value *s = core_tab_get(t, key);
  if (s != NULL && slot_tag(s) != TNIL) {
    slot_set(s, val); /* no allocation, cannot fail */
    if (is_str(key)) RLX_SET(t->h.flags, 0);
    core_tab_unlock(t);
  } else {
    struct locked_set ls = {t, key, val};
    int st = core_run_protected(L, do_locked_set, &ls); /* memory errors must not keep the lock */
    RLX_SET(t->resizing, 0);
    core_tab_unlock(t);
    if (unlikely(st != LUA_OK)) {
      m->pin[1] = m->pin[2] = m->pin[3] = NULL;
      core_throw(L, st);
    }
  }
  m->pin[1] = m->pin[2] = m->pin[3] = NULL;
}

NOINLINE void core_shared_store(lua_State *L, Table *t, Value *slot, const Value *key,
                                const Value *val) {
  Thr *m = L->m;
  COUNT(m, shared_stores, 1);
  STRESS_POINT(); /* the caller has found the slot, and a value in it */
  if (unlikely(is_reserved(key))) {
    core_shared_set(L, t, key, val);
    return;
  }
  publish_val(L, val);
  uint32_t last = RLX(slot->writer); /* [hot] a hint: relaxed */
  if (unlikely(last != m->id && last != 0)) hot_slot(m, slot);
  bool resizing = ACQ(t->resizing); /* [inplace] pairs with the end of a resize (table.c) */
  STRESS_POINT();
  Value *a = ACQ(t->arr);
  Node *base = ACQ(t->node);
  STRESS_POINT();
  bool in_array = slot >= a && slot < a + ACQ(t->asize);
  bool in_nodes =
      (char *)slot >= (char *)base && (char *)slot < (char *)(base + node_block(base)->mask + 1);
  if (likely(!resizing && (in_array || in_nodes))) {
    STRESS_POINT();
    slot_set_by(slot, val, m->id);
    return;
  }
  COUNT(m, redos, 1);
  core_shared_set(L, t, key, val);
}

/* ---- upvalues ---- */
/* The open upvalue u is about to become visible to other threads: from now on everybody reaches the
 * slot under u's lock, and the frame that owns the slot accesses its registers 16 bytes at a time.
 * Called by the thread that runs, or holds, the Lua thread whose stack has the slot. */
void core_upval_escape(lua_State *L, UpVal *u) {
  Value *slot = u->v;
  if (slot == NULL || slot == &u->u.closed) return;
  lua_State *L1 = u->u.open.x.owner;
  u->u.open.x.slot = slot;
  STRESS_POINT();
  order_stores();
  REL_SET(u->v, NULL); /* [upval] pairs with the acquire load of v in core_upval_get */
  for (CallInfo *ci = L1->ci; ci != NULL; ci = ci->prev)
    if (slot > ci->func) {
      ci->status |= CI_ESCAPED;
      break;
    }
  core_update_trap(L1);
  RLX_SET(L->m->poll, 1); /* the running executor rereads its mode */
}

/* A variable that is never assigned again: the closure may as well have the value. */
static bool close_const(UpVal *u) {
  lua_State *L1 = u->u.open.x.owner;
  Value *slot = u->v;
  UpVal **p = &L1->openuv;
  if (!(u->h.flags & UPV_CONST) || slot == NULL) return false;
  while (*p != NULL && *p != u) p = &(*p)->u.open.next;
  if (*p == NULL) return false;
  *p = u->u.open.next;
  slot_set(&u->u.closed, slot);
  order_stores();
  REL_SET(u->v, &u->u.closed);
  return true;
}

/* ---- publication ---- */
struct worklist {
  lua_State *L;
  Object **a;
  size_t n, cap;
  uint32_t me;
  bool starve; /* tests */
  bool lost;   /* no memory: an object was not followed */
  Object *room[64];
};

/* Is shared, but cannot be followed now: what matters at once is that nobody reaches a register. */
static void escape_all(lua_State *L, Object *o) {
  if (o->tt == TUPV) {
    core_upval_escape(L, (UpVal *)(void *)o);
  } else if (o->tt == TTHR) {
    lua_State *L1 = obj_thread(o);
    if (L1->from != NULL || L1->is_base || L1->stack == NULL) return;
    for (UpVal *u = L1->openuv; u != NULL; u = u->u.open.next) core_upval_escape(L, u);
  }
}

static void wl_add(struct worklist *w, Object *o) {
  if (o == NULL || RLX(o->owner) != w->me || basetype(o->tt) == LUA_TSTRING) return;
  RLX_SET(o->owner, 0);
  if (o->tt == TPROTO) return;
  if (w->n == w->cap) {
    size_t cap = w->cap * 2;
    Object **a = w->starve ? NULL : malloc(cap * sizeof *a);
    if (a == NULL) {
      w->lost = true; /* half a graph must not become reachable: publish_all */
      escape_all(w->L, o);
      return;
    }
    memcpy(a, w->a, w->n * sizeof *a);
    if (w->a != w->room) free(w->a);
    w->a = a;
    w->cap = cap;
  }
  w->a[w->n++] = o;
}
static void wl_value(struct worklist *w, const Value *v) {
  if (is_gc(v)) wl_add(w, v->v.gc);
}

static void publish_table(struct worklist *w, Table *t) {
  if (t->mt != NULL) wl_add(w, &t->mt->h);
  for (uint32_t i = 0; i < t->asize; i++) wl_value(w, &t->arr[i]);
  if (t->node == EMPTY_NODE) return;
  uint32_t n = node_block(t->node)->mask + 1;
  for (uint32_t i = 0; i < n; i++) {
    Node *nd = t->node + i;
    if (nd->ktt == TNIL || nd->ktt == TDEADKEY) continue;
    if (nd->ktt & TAG_GC) wl_add(w, nd->key.gc);
    wl_value(w, &nd->val);
  }
}

static void publish_upval(lua_State *L, struct worklist *w, UpVal *u) {
  if (u->v == &u->u.closed) {
    wl_value(w, &u->u.closed);
    return;
  }
  Value *slot = u->v != NULL ? u->v : u->u.open.x.slot;
  wl_value(w, slot);
  if (u->v != NULL && !close_const(u)) core_upval_escape(L, u);
}

static void publish_thread(lua_State *L, struct worklist *w, lua_State *L1) {
  for (Value *p = L1->stack; p < L1->top; p++) wl_value(w, p);
  for (UpVal *u = L1->openuv, *n; u != NULL; u = n) {
    n = u->u.open.next;
    RLX_SET(u->h.owner, 0);
    core_upval_escape(L, u);
  }
}

static void publish_one(lua_State *L, struct worklist *w, Object *o) {
  switch (o->tt) {
  case TTAB: publish_table(w, (Table *)(void *)o); break;
  case TLCL: {
    LClosure *c = (LClosure *)(void *)o;
    wl_add(w, &c->p->h);
    for (int i = 0; i < closure_nup(c); i++)
      if (c->up[i] != NULL) wl_add(w, &c->up[i]->h);
    break;
  }
  case TCCL: {
    CClosure *c = (CClosure *)(void *)o;
    for (int i = 0; i < closure_nup(c); i++) wl_value(w, &c->up[i]);
    break;
  }
  case TUD: {
    Udata *u = (Udata *)(void *)o;
    if (u->mt != NULL) wl_add(w, &u->mt->h);
    for (uint32_t i = 0; i < u->nuv; i++) wl_value(w, &u->uv[i]);
    break;
  }
  case TUPV: publish_upval(L, w, (UpVal *)(void *)o); break;
  case TTHR: {
    lua_State *L1 = obj_thread(o);
    /* running: its stack is published when it suspends (core_publish_stack) */
    if (L1->from == NULL && !L1->is_base) publish_thread(L, w, L1);
    break;
  }
  default: break;
  }
}

static void publish_all(lua_State *L, struct worklist *w) {
  while (w->n > 0 && !w->lost) publish_one(L, w, w->a[--w->n]);
  if (unlikely(w->lost)) {
    while (w->n > 0) escape_all(L, w->a[--w->n]);
    core_share_everything(L);
  }
  if (w->a != w->room) free(w->a);
}

/* Makes o and everything private that it reaches shared. No allocation of the heap, no safepoint.
 */
NOINLINE void core_publish(lua_State *L, Object *o) {
  struct worklist w = {.L = L, .cap = 64, .me = L->m->id, .starve = L->g->mark_starved};
  w.a = w.room;
  COUNT(L->m, publishes, 1);
  STRESS_POINT();
  wl_add(&w, o);
  publish_all(L, &w);
}

/* A shared coroutine suspends, or a thread leaves: all that its stack holds becomes shared. */
void core_publish_stack(lua_State *L, lua_State *L1) {
  struct worklist w = {.L = L, .cap = 64, .me = L->m->id, .starve = L->g->mark_starved};
  w.a = w.room;
  publish_thread(L, &w, L1);
  publish_all(L, &w);
}
