/* node.h: where a key belongs in a block of nodes, and whether a node has it: for table.c and
 * insert.c. */
#ifndef CORE_NODE_H
#define CORE_NODE_H

#include "table.h"

static inline uint32_t hash_bits(uint64_t x) {
  x *= 0x9E3779B97F4A7C15ull;
  return (uint32_t)(x >> 32) ^ (uint32_t)(x >> 50);
}

static inline uint32_t hash_key(const Value *k) {
  switch (k->tt) {
  case TSSTR: return str_hash_field(k->v.s);
  case TLSTR: return core_str_hash(k->v.s);
  case TFALSE: return 1;
  case TTRUE: return 2;
  case TFLT: return hash_bits(k->v.u);
  default: return hash_bits(k->v.u >> 4);
  }
}

static inline Node *main_pos(Node *base, const Value *k) {
  return k->tt == TINT ? node_int(base, k->v.i) : node_at(base, hash_key(k));
}

static inline bool key_equal(const Node *n, const Value *k) {
  Payload key;
  if (ACQ(n->ktt) != k->tt)
    return false; /* [tag] the key before its tag; pairs with node_fill, finish */
  key.u = RLX(n->key.u);
  switch (k->tt) {
  case TFALSE:
  case TTRUE: return true;
  case TLSTR: return core_str_eq_long(key.s, k->v.s);
  case TFLT: return key.n == k->v.n;
  default: return key.u == k->v.u;
  }
}

/* In a big block nearly every access misses the caches: the string of a key to come, and the place
 * of a nearer one, are on their way when their turn comes. */
#define AHEAD 8
static inline void fetch_ahead(const Node *o, Node *nn) {
  const Node *far = o + 2 * AHEAD, *near = o + AHEAD;
  if (far->ktt == TSSTR) __builtin_prefetch(far->key.p);
  if (near->ktt == TINT)
    __builtin_prefetch(node_int(nn, near->key.i), 1);
  else if (near->ktt == TSSTR)
    __builtin_prefetch(node_at(nn, str_hash_field(near->key.s)), 1);
}

#endif
