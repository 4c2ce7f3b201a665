/* table.h: inline lookups. Readers take no lock and check no owner: a node's key never changes
 * while its block lives, and a slot is read by one 16-byte load. They return the slot, or NULL. */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include "core.h"

/* One node without key: the hash part of an array-only table. Never written. */
struct EmptyBlock {
  NodeBlock b;
  Node n;
};
__extension__ typedef unsigned __int128 uint128;

extern struct EmptyBlock core_empty_block;
#define EMPTY_NODE (&core_empty_block.n)

static inline Node *node_at(Node *base, uint32_t h) { return base + (h & node_block(base)->mask); }

/* Integers: modulo the odd number (size-1)|1, by multiplication, so that runs of keys stay runs. */
static inline Node *node_int(Node *base, lua_Integer i) {
  NodeBlock *b = node_block(base);
  uint32_t a = (uint32_t)i ^ (uint32_t)((uint64_t)i >> 32);
  uint64_t lo = b->fastmod * a;
  return base + (uint32_t)(((uint128)lo * (b->mask | 1)) >> 64);
}

static inline Value *tab_get_str(Table *t, const String *s) {
  Node *base = ACQ(t->node);
  Node *n = node_at(base, str_hash_field(s));
  for (;;) {
    if (RLX(n->key.s) == s && RLX(n->ktt) == TSSTR) return &n->val;
    uint32_t x = RLX(n->next);
    if (x == 0) return NULL;
    n = base + (x - 1);
  }
}

static inline Value *tab_get_int(Table *t, lua_Integer i) {
  /* [array] asize before arr; pairs with core_tab_resize, which stores arr before asize */
  if (likely((uint64_t)i - 1 < ACQ(t->asize))) {
    order_loads();
    return &ACQ(t->arr)[i - 1];
  }
  if (ACQ(t->node) == EMPTY_NODE) return NULL;
  return core_tab_get_inthash(t, i);
}

#endif
