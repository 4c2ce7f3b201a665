/* table.c: tables as one thread sees them: private ones, and shared ones under their lock.
 *
 * Array part {asize, arr}: keys 1..asize. Hash part: a block of nodes in coalesced chains. A new
 * key takes a free node (its main position, or one found from the end of the block and linked
 * behind the main position); nodes never move, keys stay until the block is replaced. So a reader
 * without a lock that holds a block sees every key in it, at worst with an old value. */
#include <limits.h>
#include <math.h>
#include "node.h"
#include "stress.h"

struct EmptyBlock core_empty_block __attribute__((aligned(64)));
#define MAX_ARRAY (1u << 30)
#define MAX_HASH  (1u << 30)

static Value *get_hash(Table *t, const Value *k) {
  Node *base = ACQ(t->node);
  Node *n = main_pos(base, k);
  for (;;) {
    if (key_equal(n, k)) return &n->val;
    uint32_t x = RLX(n->next);
    if (x == 0) return NULL;
    n = base + (x - 1);
  }
}

NOINLINE Value *core_tab_get_inthash(Table *t, lua_Integer i) {
  for (;;) {
    uint32_t asize = ACQ(t->asize);
    Node *base = ACQ(t->node);
    Node *n = node_int(base, i);
    for (;;) {
      if (RLX(n->key.i) == i && RLX(n->ktt) == TINT) return &n->val;
      uint32_t x = RLX(n->next);
      if (x == 0) break;
      n = base + (x - 1);
    }
    STRESS_POINT();
    /* a miss: perhaps a resize moved the key into the array meanwhile */
    order_loads();
    if (ACQ(t->asize) != asize && (uint64_t)i - 1 < ACQ(t->asize)) {
      order_loads();
      return &ACQ(t->arr)[i - 1];
    }
    if (ACQ(t->node) == base) return NULL;
  }
}

Value *core_tab_get(Table *t, const Value *k) {
  lua_Integer i;
  switch (k->tt) {
  case TSSTR: return tab_get_str(t, k->v.s);
  case TINT: return tab_get_int(t, k->v.i);
  case TNIL: return NULL;
  case TFLT:
    if (core_flt2int(k->v.n, &i)) return tab_get_int(t, i);
    return get_hash(t, k);
  default: return get_hash(t, k);
  }
}

/* ---- blocks ---- */
static size_t nodes_bytes(uint32_t n) { return sizeof(NodeBlock) + (size_t)n * sizeof(Node); }
static uint32_t node_count(const Table *t) {
  return t->node == EMPTY_NODE ? 0 : node_block(t->node)->mask + 1;
}

static Node *nodes_new(lua_State *L, uint32_t n) {
  size_t bytes = nodes_bytes(n);
  NodeBlock *b = core_raw(L, bytes);
  memset(b, 0, bytes);
  b->mask = n - 1;
  b->lastfree = n;
  b->fastmod = UINT64_MAX / ((n - 1) | 1) + 1;
  return block_nodes(b);
}

Table *core_tab_new(lua_State *L) {
  Table *t = obj_new(L, sizeof(Table), TTAB);
  t->asize = 0;
  t->resizing = 0;
  t->arr = NULL;
  t->node = EMPTY_NODE;
  t->mt = NULL;
  t->fin = 0;
  t->walked = 0;
  t->listed = 0;
  t->lenhint = 0;
  t->iterhint = 0;
  return t;
}

void core_tab_free(Thr *m, Table *t) {
  core_raw_free(m, t->arr, (size_t)t->asize * sizeof(Value));
  if (t->node != EMPTY_NODE) core_raw_free(m, node_block(t->node), nodes_bytes(node_count(t)));
}

size_t core_tab_bytes(const Table *t) {
  size_t n = sizeof(Table) + (size_t)t->asize * sizeof(Value);
  return t->node == EMPTY_NODE ? n : n + nodes_bytes(node_count(t));
}

/* ---- placing keys ---- */
static Node *free_node(Node *base) {
  NodeBlock *b = node_block(base);
  while (b->lastfree > 0) {
    Node *n = base + --b->lastfree;
    if (n->ktt == TNIL) return n;
  }
  return NULL;
}

/* Fills a free node: value, key, tag, then the link that makes it visible to readers. */
static void node_fill(Node *base, Node *mp, Node *n, const Value *k, const Value *val) {
  slot_set(&n->val, val);
  REL_SET(n->key.u,
          k->v.u); /* [key] a long string's contents; pairs with the DEP load in key_equal */
  if (STRESS_CHANCE(16)) STRESS_POINT(); /* resizes come here for every key */
  order_stores(); /* [node] key before tag before link; readers follow the link */
  if (n != mp) RLX_SET(n->next, mp->next);
  RLX_SET(n->ktt, k->tt);
  order_stores();
  if (n != mp) RLX_SET(mp->next, (uint32_t)(n - base) + 1);
}

/* Copies the live keys of the old block: first those that get their main position, then the rest.
 */
static void move_nodes(Node *old, Node *nn, Value *arr, uint32_t na) {
  uint32_t n = node_block(old)->mask + 1;
  bool again = false;
  for (uint32_t i = 0; i < n; i++) {
    Node *o = old + i;
    Value v, k;
    o->pass = 0;
    if (i + 2 * AHEAD < n) fetch_ahead(o, nn);
    if (o->ktt == TNIL || o->ktt == TDEADKEY) continue;
    slot_get(&v, &o->val);
    if (v.tt == TNIL) continue;
    k.v = o->key;
    k.tt = o->ktt;
    if (k.tt == TINT && (uint64_t)k.v.i - 1 < na) {
      slot_set(&arr[k.v.i - 1], &v);
      continue;
    }
    Node *mp = main_pos(nn, &k);
    if (mp->ktt == TNIL) {
      node_fill(nn, mp, mp, &k, &v);
    } else {
      o->pass = 1;
      again = true;
    }
  }
  if (!again) return;
  for (uint32_t i = 0; i < n; i++) {
    Node *o = old + i;
    Value v, k;
    if (!o->pass) continue;
    slot_get(&v, &o->val);
    k.v = o->key;
    k.tt = o->ktt;
    node_fill(nn, main_pos(nn, &k), free_node(nn), &k, &v);
  }
}

/* Array entries behind a shrunk array part go to the hash part. Private tables only. */
static void move_tail(Value *arr, uint32_t from, uint32_t to, Node *nn) {
  for (uint32_t i = from; i < to; i++) {
    if (arr[i].tt == TNIL) continue;
    Value k;
    set_int(&k, (lua_Integer)i + 1);
    Node *mp = main_pos(nn, &k);
    node_fill(nn, mp, mp->ktt == TNIL ? mp : free_node(nn), &k, &arr[i]);
  }
}

static uint32_t ceil_log2(uint32_t x) { return x <= 1 ? 0 : 32 - (uint32_t)__builtin_clz(x - 1); }

static Value *array_for(lua_State *L, Table *t, uint32_t na, bool shared, Node *nn) {
  uint32_t oa = t->asize;
  size_t ob = (size_t)oa * sizeof(Value), nb = (size_t)na * sizeof(Value);
  Value *arr = t->arr;
  if (na == oa) return arr;
  if (na > oa && !shared && ob > RAW_BIGGEST) {
    arr = core_sys_realloc(L->m, arr, ob, nb);
    if (arr != NULL) {
      L->m->debt += nb - ob;
      t->arr = arr;
      if (L->m->debt > 256 * 1024 && (ptrdiff_t)L->m->debt > 0) core_gc_request(L->m);
    }
  } else {
    arr = na > 0 ? core_raw_try(L->m, nb) : NULL;
  }
  if (arr == NULL && na > 0) {
    if (nn != EMPTY_NODE)
      core_raw_free(L->m, node_block(nn), nodes_bytes(node_block(nn)->mask + 1));
    core_err_mem(L);
  }
  return arr;
}

/* New sizes: na array slots, room for nh hash keys. A private table, or one that rehash prepared; a
 * shared table's array never shrinks. Raises LUA_ERRMEM with the table unchanged. */
static void resize(lua_State *L, Table *t, uint32_t na, uint32_t nh, bool shared) {
  uint32_t oa = t->asize;
  Node *on = t->node;
  Value *oarr = t->arr;
  if (shared && na < oa) na = oa;
  if (na > MAX_ARRAY || nh > MAX_HASH) core_err(L, "table overflow");
  uint32_t nodes = nh > 0 ? 1u << ceil_log2(nh) : 0;
  Node *nn = nodes > 0 ? nodes_new(L, nodes) : EMPTY_NODE;
  Value *narr = array_for(L, t, na, shared, nn);
  oarr = t->arr == narr ? narr : oarr;
  uint32_t keep = na < oa ? na : oa;
  if (narr != oarr)
    for (uint32_t i = 0; i < keep; i++) {
      Pair x = pair_load(&oarr[i]);
      pair_store(&narr[i], x);
    }
  STRESS_POINT();
  if (na > oa) memset((void *)(narr + oa), 0, (size_t)(na - oa) * sizeof(Value));
  if (on != EMPTY_NODE) {
    if (shared)
      core_move_shared(L, on, nn, narr, na);
    else
      move_nodes(on, nn, narr, na);
  }
  if (na < oa) move_tail(oarr, na, oa, nn);
  STRESS_POINT();
  order_stores();
  REL_SET(t->arr, narr);
  STRESS_POINT();
  order_stores(); /* [array] arr before asize */
  REL_SET(t->asize, na);
  STRESS_POINT();
  order_stores();
  REL_SET(t->node, nn);
  STRESS_POINT();
  REL_SET(t->resizing, 0); /* [inplace] the new blocks first */
  if (narr != oarr) {
    if (shared)
      core_retire(L, oarr, (size_t)oa * sizeof(Value));
    else
      core_raw_free(L->m, oarr, (size_t)oa * sizeof(Value));
  }
  if (on != EMPTY_NODE) {
    if (shared)
      core_retire(L, node_block(on), nodes_bytes(node_block(on)->mask + 1));
    else
      core_raw_free(L->m, node_block(on), nodes_bytes(node_block(on)->mask + 1));
  }
}

void core_tab_resize(lua_State *L, Table *t, uint32_t na, uint32_t nh) {
  resize(L, t, na, nh, false);
}

/* ---- sizes that fit: the largest n with more than n/2 of 1..n in use goes to the array ---- */
static void count_int(lua_Integer k, uint32_t *nums, uint32_t *nints) {
  if (k >= 1 && k <= (lua_Integer)MAX_ARRAY) {
    nums[ceil_log2((uint32_t)k)]++;
    ++*nints;
  }
}

static uint32_t count_array(const Table *t, uint32_t *nums) {
  uint32_t total = 0, i = 1;
  for (uint32_t lg = 0, lim = 1; lg <= 30; lg++, lim *= 2) {
    uint32_t top = lim, n = 0;
    if (top > t->asize) {
      top = t->asize;
      if (i > top) break;
    }
    for (; i <= top; i++) n += slot_tag(&t->arr[i - 1]) != TNIL;
    nums[lg] += n;
    total += n;
  }
  return total;
}

static void rehash(lua_State *L, Table *t, const Value *extra) {
  bool shared = !is_private(L, &t->h);
  if (shared) {
    RLX_SET(t->resizing, 1);
    core_handshake(L->m); /* [inplace] [insert] the table does not change from here on */
    STRESS_POINT();
  }
  uint32_t nums[32] = {0};
  uint32_t nints = count_array(t, nums), total = nints;
  Node *base = t->node;
  uint32_t nn = node_count(t);
  for (uint32_t i = 0; i < nn; i++) {
    if (base[i].ktt == TNIL || base[i].ktt == TDEADKEY || slot_tag(&base[i].val) == TNIL) continue;
    total++;
    if (base[i].ktt == TINT) count_int(base[i].key.i, nums, &nints);
  }
  total++;
  if (extra->tt == TINT) count_int(extra->v.i, nums, &nints);
  uint32_t sum = 0, inarray = 0, size = 0;
  for (uint32_t lg = 0, p = 1; lg < 31 && nints > p / 2; lg++, p *= 2) {
    sum += nums[lg];
    if (sum > p / 2) {
      size = p;
      inarray = sum;
    }
  }
  if (shared && size < t->asize) { /* readers rely on asize: keep it */
    size = t->asize;
    inarray = 0;
    for (uint32_t i = 0; i < size; i++) inarray += slot_tag(&t->arr[i]) != TNIL;
    if (extra->tt == TINT && (uint64_t)extra->v.i - 1 < size) inarray++;
    for (uint32_t i = 0; i < nn; i++)
      if (base[i].ktt == TINT && slot_tag(&base[i].val) != TNIL &&
          (uint64_t)base[i].key.i - 1 < size)
        inarray++;
  }
  uint32_t nh = total - inarray;
  if (shared) nh += nh / 4; /* emptied nodes are not reused: leave slack for churn */
  resize(L, t, size, nh, shared);
}

/* A dead node with this very key in the chain of mp: it may live again. */
static Node *dead_node(Node *base, Node *mp, const Value *k) {
  for (Node *n = mp;; n = base + (n->next - 1)) {
    if (n->ktt == TDEADKEY && n->key.u == k->v.u) return n;
    if (n->next == 0) return NULL;
  }
}

/* Private table, mp taken by a key of another chain: that one moves to the free node, so that
 * chains hold the keys of one main position only. Nobody else reads, so nodes may move. */
static Node *evict(Node *base, Node *mp, Node *n) {
  Value k;
  k.v = mp->key;
  k.tt = mp->ktt;
  if (k.tt == TDEADKEY) return n;
  Node *prev = main_pos(base, &k);
  if (prev == mp) return n;
  uint32_t me = (uint32_t)(mp - base) + 1;
  while (prev->next != me) {
    if (prev->next == 0) return n; /* a chain made while the table was shared */
    prev = base + (prev->next - 1);
  }
  prev->next = (uint32_t)(n - base) + 1;
  slot_get(&n->val, &mp->val);
  n->key = mp->key;
  n->ktt = mp->ktt;
  n->next = mp->next;
  mp->next = 0;
  mp->ktt = TNIL;
  return mp;
}

/* Stress builds: resize a shared table before it is full. */
static inline bool force_rehash(const Table *t) {
  (void)t;
  return STRESS_CHANCE(4 + node_count(t) / 4);
}

/* Key without value (or absent) gets one. Private table or lock held; key normalised, not nil or
 * NaN; a nil value only clears. */
void core_tab_insert(lua_State *L, Table *t, const Value *key, const Value *val) {
  Value *s = core_tab_get(t, key);
  if (s == NULL) {
    core_tab_insert_absent(L, t, key, val);
    return;
  }
  slot_set(s, val);
  if (RLX(t->h.flags) != 0) RLX_SET(t->h.flags, 0);
}

/* Under the lock; others may insert without it (insert.c) until a resize keeps them out. */
static void insert_shared(lua_State *L, Table *t, const Value *key, const Value *val) {
  if (is_reserved(key)) RLX_SET(t->h.flags, 0);
  for (;;) {
    Value *s = core_tab_get(t, key);
    if (s != NULL) {
      slot_set(s, val);
      return;
    }
    if (!force_rehash(t) && core_node_insert(L->m, t->node, key, val)) break;
    rehash(L, t, key);
  }
  core_tab_note_insert(t);
}

/* The same for a key that the table is known not to have. */
void core_tab_insert_absent(lua_State *L, Table *t, const Value *key, const Value *val) {
  if (is_nil(val)) return;
  if (!is_private(L, &t->h)) {
    insert_shared(L, t, key, val);
    return;
  }
  core_tab_note_insert(t);
  for (;;) {
    Node *base = t->node;
    if (base != EMPTY_NODE) {
      Node *mp = main_pos(base, key);
      Node *n = mp;
      if (is_gc(key) && (n = dead_node(base, mp, key)) != NULL) {
        slot_set(&n->val, val);
        order_stores(); /* [node] value before tag */
        RLX_SET(n->ktt, key->tt);
        return;
      }
      if (mp->ktt != TNIL && is_nil(&mp->val)) {
        mp->key = key->v; /* nobody else reads: an emptied node takes the key, still in its chain */
        mp->ktt = key->tt;
        slot_set(&mp->val, val);
        if (is_str(key)) t->h.flags = 0;
        return;
      }
      n = mp->ktt == TNIL ? mp : free_node(base);
      if (n != NULL) {
        if (n != mp) n = evict(base, mp, n);
        node_fill(base, mp, n, key, val);
        if (is_str(key)) t->h.flags = 0;
        return;
      }
    }
    rehash(L, t, key);
    if (key->tt == TINT && (uint64_t)key->v.i - 1 < t->asize) {
      slot_set(&t->arr[key->v.i - 1], val);
      return;
    }
  }
}

/* Raw set of any valid key. */
void core_tab_set(lua_State *L, Table *t, const Value *key, const Value *val) {
  Value k;
  lua_Integer i;
  if (key->tt == TFLT) {
    if (core_flt2int(key->v.n, &i)) {
      set_int(&k, i);
      key = &k;
    } else if (unlikely(isnan(key->v.n))) {
      core_err(L, "table index is NaN");
    }
  } else if (unlikely(is_nil(key))) {
    core_err(L, "table index is nil");
  }
  if (likely(is_private(L, &t->h)))
    core_tab_insert(L, t, key, val);
  else
    core_shared_set(L, t, key, val);
}

void core_tab_set_int(lua_State *L, Table *t, lua_Integer key, const Value *val) {
  Value k;
  set_int(&k, key);
  if (likely(is_private(L, &t->h)))
    core_tab_insert(L, t, &k, val);
  else
    core_shared_set(L, t, &k, val);
}

/* ---- length ---- */
/* A border in (i, j): t[i] present or i == 0, t[j] absent. */
static lua_Unsigned hash_border(Table *t, lua_Unsigned i) {
  lua_Unsigned j = i + 1;
  for (;;) { /* t[j] is present */
    i = j;
    if (j <= (lua_Unsigned)LUA_MAXINTEGER / 2) {
      j *= 2;
    } else {
      j = LUA_MAXINTEGER;
      Value *v = tab_get_int(t, (lua_Integer)j);
      if (v == NULL || slot_tag(v) == TNIL) break;
      return j;
    }
    Value *v = tab_get_int(t, (lua_Integer)j);
    if (v == NULL || slot_tag(v) == TNIL) break;
  }
  while (j - i > 1) {
    lua_Unsigned mid = i + (j - i) / 2;
    Value *v = tab_get_int(t, (lua_Integer)mid);
    if (v == NULL || slot_tag(v) == TNIL)
      j = mid;
    else
      i = mid;
  }
  return i;
}

static uint32_t array_border(Table *t, const Value *a, uint32_t n) {
  uint32_t lo = 0, hi = n, hint = RLX(t->lenhint);
#define PRESENT(i) (slot_tag(&a[(i)-1]) != TNIL)
  if (hint < n) {
    if (hint == 0 || PRESENT(hint)) {
      if (!PRESENT(hint + 1)) return hint;
      lo = hint + 1;
      if (lo + 1 < n && !PRESENT(lo + 1)) {
        RLX_SET(t->lenhint, lo);
        return lo;
      }
    } else {
      hi = hint;
      if (hi >= 2 && PRESENT(hi - 1)) {
        RLX_SET(t->lenhint, hi - 1);
        return hi - 1;
      }
    }
  }
  while (hi - lo > 1) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (PRESENT(mid))
      lo = mid;
    else
      hi = mid;
  }
#undef PRESENT
  RLX_SET(t->lenhint, lo);
  return lo;
}

lua_Unsigned core_tab_len(Table *t) {
  uint32_t n = ACQ(t->asize);
  order_loads();
  if (n > 0) {
    const Value *a = ACQ(t->arr);
    if (slot_tag(&a[n - 1]) == TNIL) return array_border(t, a, n);
  }
  if (ACQ(t->node) == EMPTY_NODE) return n;
  Value *v = tab_get_int(t, (lua_Integer)n + 1);
  if (v == NULL || slot_tag(v) == TNIL) return n;
  return hash_border(t, n);
}

/* ---- traversal ---- */
/* Position behind `key`, or -1 when the table does not have it. */
static int64_t next_index(Table *t, const Value *key, Node *base, uint32_t asize, uint32_t nn) {
  Value k;
  uint32_t hint = RLX(t->iterhint);
  val_copy(&k, key);
  if (k.tt == TNIL) return 0;
  if (k.tt == TINT && (uint64_t)k.v.i - 1 < asize) return k.v.i;
  if (nn == 0) return -1;
  if (hint < nn && RLX(base[hint].ktt) == k.tt && RLX(base[hint].key.u) == k.v.u && k.tt != TLSTR)
    return (int64_t)asize + hint + 1;
  for (Node *n = main_pos(base, &k);;) {
    if (key_equal(n, &k) || (is_gc(&k) && RLX(n->ktt) == TDEADKEY && RLX(n->key.u) == k.v.u))
      return (int64_t)asize + (n - base) + 1;
    uint32_t x = RLX(n->next);
    if (x == 0) return -1;
    n = base + (x - 1);
  }
}

/* key[0] is the last key, or nil; on success key[0], key[1] become the next pair. On a shared table
 * a key that a concurrent rebuild dropped ends the traversal. */
int core_tab_next(lua_State *L, Table *t, Value *key) {
  uint32_t asize = ACQ(t->asize);
  order_loads();
  Value *arr = ACQ(t->arr);
  Node *base = ACQ(t->node);
  uint32_t nn = base == EMPTY_NODE ? 0 : node_block(base)->mask + 1;
  int64_t i = next_index(t, key, base, asize, nn);
  if (i < 0) {
    if (!is_private(L, &t->h) || (RLX(t->walked) & WALK_CHANGED)) return 0;
    core_err(L, "invalid key to 'next'");
  }
  for (; i < asize; i++) {
    Pair x = pair_load(&arr[i]);
    if (pair_tag(x) != TNIL) {
      set_int(key, i + 1);
      pair_put(key + 1, x);
      if (unlikely(RLX(t->walked) == 0)) RLX_SET(t->walked, WALK_BEGUN);
      return 1;
    }
  }
  for (i -= asize; i < nn; i++) {
    Node *n = base + i;
    uint8_t ktt = RLX(n->ktt);
    if (ktt == TNIL || ktt == TDEADKEY || ktt == TCLAIMED) continue;
    Pair x = pair_load(&n->val);
    if (pair_tag(x) != TNIL) {
      key->v.u = DEP(n->key.u);
      key->tt = ktt;
      pair_put(key + 1, x);
      RLX_SET(t->iterhint, (uint32_t)i);
      if (unlikely(RLX(t->walked) == 0)) RLX_SET(t->walked, WALK_BEGUN);
      return 1;
    }
  }
  return 0;
}
