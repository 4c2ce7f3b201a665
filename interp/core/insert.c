/* insert.c: new keys for shared tables without the table's lock.
 *
 * Protocol [insert], README S3. A node goes from free (tag TNIL) to TCLAIMED by a compare-and-swap,
 * which makes it one thread's; value and key are filled in; the tag of the key ends the claim.
 * Until then nobody takes the node for absent or present: who finds one claimed, as a main position
 * or in a chain, waits. A key that does not get its main position is linked right behind it, by a
 * compare-and-swap of the main position's link: of two threads that insert one key, the second
 * finds the link changed, looks again, and sees the other's node.
 *
 * Nobody waits while it holds a claim on a node that is not linked yet, and a linked one is
 * finished by the next instruction: no deadlock. There is no safepoint in between, so the collector
 * and a resize (after its handshake) find no node claimed.
 *
 * Free nodes are handed out from the end of the block, some at once to each thread, so that the
 * threads do not write one counter all the time; a few may stay unused. */
#include <sched.h>
#include "node.h"

#define BATCH_MAX 128

static bool claim(Node *n) {
  uint8_t free_ = TNIL;
  /* [claim] acquire: whoever gave the node back has cleared it. Pairs with give_back. */
  return RLX(n->ktt) == TNIL && __atomic_compare_exchange_n(&n->ktt, &free_, TCLAIMED, false,
                                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void give_back(Node *n) {
  pair_store(&n->val, pair_make(0, TNIL));
  RLX_SET(n->key.u, 0);
  RLX_SET(n->next, 0);
  REL_SET(n->ktt, TNIL); /* [claim] */
}

/* The tag of a node once nobody is filling it. */
static uint8_t settled(const Node *n) {
  unsigned spins = 0;
  uint8_t ktt;
  while ((ktt = ACQ(n->ktt)) == TCLAIMED) { /* [tag] pairs with the release in finish */
    if (++spins < 100)
      cpu_relax();
    else
      sched_yield(); /* its thread was interrupted by the system */
  }
  return ktt;
}

/* A free node of the thread's share of the block, claimed. NULL: the block is full. */
static Node *take_free(Thr *m, Node *base) {
  NodeBlock *b = node_block(base);
  for (;;) {
    if (m->batch_of == base)
      while (m->batch_left > 0) {
        m->batch_left--;
        Node *n = base + --m->batch_at;
        if (m->batch_at <= b->mask && claim(n)) return n;
      }
    uint32_t many = b->mask >> 8, from = RLX(b->lastfree);
    many = many < 1 ? 1 : many > BATCH_MAX ? BATCH_MAX : many;
    do { /* relaxed: the nodes themselves are claimed */
      if (from == 0) return NULL;
      if (many > from) many = from;
    } while (!__atomic_compare_exchange_n(&b->lastfree, &from, from - many, false, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    m->batch_of = base;
    m->batch_at = from;
    m->batch_left = many;
  }
}

static void fill(Node *n, const Value *key, const Value *val) {
  slot_set(&n->val, val);
  RLX_SET(n->key.u, key->v.u);
}
static void finish(Node *n, const Value *key) {
  REL_SET(n->ktt, key->tt); /* [tag] key and value first; pairs with the load in settled */
}

/* The key's node in the chain of its main position, dead ones with this very key included. */
static Node *find(Node *base, Node *mp, const Value *key) {
  for (Node *n = mp;;) {
    uint8_t ktt = settled(n);
    if (key_equal(n, key)) return n;
    if (ktt == TDEADKEY && is_gc(key) && RLX(n->key.u) == key->v.u) return n;
    uint32_t x = ACQ(n->next); /* [link] pairs with the CAS below */
    if (x == 0) return NULL;
    n = base + (x - 1);
  }
}

/* The key gets the value in this block, in a new node or one that another thread has just made.
 * Both are published. False: no node is free. The caller checks that the block is still the
 * table's. */
bool core_node_insert(Thr *m, Node *base, const Value *key, const Value *val) {
  if (base == EMPTY_NODE) return false;
  Node *mp = main_pos(base, key), *n = NULL;
  while (settled(mp) == TNIL)
    if (claim(mp)) {
      fill(mp, key, val);
      finish(mp, key);
      return true;
    }
  for (;;) {
    uint32_t head = ACQ(mp->next); /* before the search: what is linked later changes it */
    Node *same = find(base, mp, key);
    if (same != NULL) {
      if (n != NULL) give_back(n);
      slot_set(&same->val, val);
      if (RLX(same->ktt) != key->tt) finish(same, key); /* it was dead */
      return true;
    }
    if (n == NULL) {
      n = take_free(m, base);
      if (n == NULL) return false;
      fill(n, key, val);
    }
    RLX_SET(n->next, head);
    /* [link] release: pairs with find and with the readers, who follow the link. */
    if (__atomic_compare_exchange_n(&mp->next, &head, (uint32_t)(n - base) + 1, false,
                                    __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
      finish(n, key);
      return true;
    }
  }
}

/* ---- copying [help] ----
 * Who resizes a big shared table has help: the threads that wait for its lock copy, too. The old
 * block names the Mover, which lives on the resizer's stack: a helper counts itself in `helpers`,
 * then looks for the Mover (both seq_cst); the resizer takes it away, then waits until nobody is
 * counted. The old block itself outlives every thread that is between two safepoints. In pieces of
 * the old block: first the keys that get their main position, then, when all of those are placed,
 * the rest. */
#define PIECE 1024

struct Mover {
  Node *old, *nn;
  Value *arr;
  uint32_t na, n;
  uint32_t next[2], done[2]; /* (a) of the two passes: first piece not begun; nodes finished */
};

static bool entry(const Node *o, Value *k, Value *v) {
  if (o->ktt == TNIL || o->ktt == TDEADKEY) return false;
  slot_get(v, &o->val);
  k->v = o->key;
  k->tt = o->ktt;
  return v->tt != TNIL;
}

static void place(const struct Mover *mv, uint32_t i) {
  Node *o = mv->old + i;
  Value k, v;
  o->pass = 0;
  if (i + 2 * AHEAD < mv->n) fetch_ahead(o, mv->nn);
  if (!entry(o, &k, &v)) return;
  if (k.tt == TINT && (uint64_t)k.v.i - 1 < mv->na) {
    slot_set(&mv->arr[k.v.i - 1], &v);
    return;
  }
  Node *mp = main_pos(mv->nn, &k);
  if (claim(mp)) {
    fill(mp, &k, &v);
    finish(mp, &k);
  } else {
    o->pass = 1;
  }
}

/* A batch of another thread may hold the last free nodes: any will do. */
static Node *any_free(Thr *m, Node *nn) {
  Node *n = take_free(m, nn);
  for (uint32_t i = 0; n == NULL; i++)
    if (claim(nn + (i & node_block(nn)->mask))) n = nn + (i & node_block(nn)->mask);
  return n;
}

/* Keys of one table differ: no search. */
static void chain(Thr *m, const struct Mover *mv, uint32_t i) {
  const Node *o = mv->old + i;
  Value k, v;
  if (!o->pass || !entry(o, &k, &v)) return;
  Node *mp = main_pos(mv->nn, &k), *n = any_free(m, mv->nn);
  fill(n, &k, &v);
  uint32_t head = ACQ(mp->next);
  do {
    RLX_SET(n->next, head);
  } while (!__atomic_compare_exchange_n(&mp->next, &head, (uint32_t)(n - mv->nn) + 1, false,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED));
  finish(n, &k);
}

static void move(Thr *m, struct Mover *mv) {
  for (int pass = 0; pass < 2; pass++) {
    uint32_t from;
    while ((from = __atomic_fetch_add(&mv->next[pass], PIECE, __ATOMIC_RELAXED)) < mv->n) {
      uint32_t to = mv->n - from < PIECE ? mv->n : from + PIECE;
      for (uint32_t i = from; i < to; i++) {
        if (pass == 0)
          place(mv, i);
        else
          chain(m, mv, i);
      }
      __atomic_fetch_add(&mv->done[pass], to - from, __ATOMIC_ACQ_REL);
    }
    /* [pass] acquire: pairs with the release of each piece */
    for (unsigned spins = 0; __atomic_load_n(&mv->done[pass], __ATOMIC_ACQUIRE) < mv->n; spins++) {
      if (spins < 1000)
        cpu_relax();
      else
        sched_yield();
    }
  }
}

void core_move_shared(lua_State *L, Node *old, Node *nn, Value *arr, uint32_t na) {
  NodeBlock *b = node_block(old);
  struct Mover mv = {.old = old, .nn = nn, .arr = arr, .na = na, .n = b->mask + 1};
  if (mv.n >= 4 * PIECE) __atomic_store_n(&b->mover, &mv, __ATOMIC_SEQ_CST); /* [help] */
  move(L->m, &mv);
  if (mv.n < 4 * PIECE) return;
  __atomic_store_n(&b->mover, NULL, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&b->helpers, __ATOMIC_SEQ_CST) != 0) cpu_relax();
}

/* By a thread that waits for t's lock, in a safe region, with t pinned. */
void core_help_move(Thr *m, Table *t) {
  if (!RLX(t->resizing)) return;
  core_leave_safe(m); /* no collection until we are done: the block stays */
  Node *old = ACQ(t->node);
  if (old != EMPTY_NODE) {
    NodeBlock *b = node_block(old);
    __atomic_fetch_add(&b->helpers, 1, __ATOMIC_SEQ_CST);
    struct Mover *mv = __atomic_load_n(&b->mover, __ATOMIC_SEQ_CST); /* [help] */
    if (mv != NULL) move(m, mv);
    __atomic_fetch_sub(&b->helpers, 1, __ATOMIC_SEQ_CST);
  }
  core_enter_safe(m);
}
