/* mark.c: marking: which objects are reached, and what each refers to.
 *
 * Several markers may run at once. A mark is a byte that only goes from older epochs to this one,
 * so reading it and storing it needs no atomic read-modify-write: two markers that race for one
 * object both scan it, which finds the same again (as in Boehm, "Fast multiprocessor memory
 * allocation and garbage collection", HP Labs 2000). Where twice would matter, an exchange decides:
 * threads (their stacks are cleaned) and weak tables (they are linked in a list). All accesses here
 * are relaxed: objects were written before the world stopped, and markers meet under the pool's
 * mutex.
 *
 * Most of marking is waiting for memory. A reference first goes through a ring while its header is
 * fetched, and is looked at when the ring comes round; an object taken from a packet waits likewise
 * for its contents (Cher, Hosking, Vitek, "Software prefetching for mark-sweep garbage collection",
 * ASPLOS 2004). */
#include <stdlib.h>
#include "mark.h"
#include "table.h"

#define SHARE_EVERY 32   /* objects between two looks for idle markers */
#define SHARE_LEAST 4    /* objects below which sharing does not pay */
#define RUN         1024 /* entries of a table between two such looks */

/* ---- packets ---- */
static Packet *packet_new(Marker *mk) {
  Packet *p = mk->spare;
  if (p != NULL) {
    mk->spare = p->next;
    mk->nspare--;
  } else {
    p = mk->g->mark_starved ? NULL : malloc(sizeof *p);
    if (p == NULL) return NULL;
  }
  p->n = 0;
  p->t = NULL;
  p->next = NULL;
  return p;
}

static void packet_free(Marker *mk, Packet *p) {
  if (p == &mk->own) {
    p->n = 0;
    return;
  }
  p->next = mk->spare;
  mk->spare = p;
  mk->nspare++;
}

void core_marker_init(Marker *mk, Global *g) {
  memset(mk, 0, offsetof(Marker, own));
  mk->g = g;
  mk->epoch = g->epoch;
  mk->own.next = NULL;
  mk->own.t = NULL;
  mk->own.n = 0;
  mk->cur = &mk->own;
}

void core_marker_fini(Marker *mk) {
  if (mk->cur != &mk->own) free(mk->cur);
  mk->cur = &mk->own;
  for (Packet *p = mk->spare, *n; p != NULL; p = n) {
    n = p->next;
    free(p);
  }
  mk->spare = NULL;
  mk->nspare = 0;
}

/* The packet that came with the marker stays with it: others get a copy. */
static void give_away(Marker *mk, Packet *p) {
  if (p == &mk->own) {
    Packet *q = packet_new(mk);
    if (q == NULL) { /* keeps it */
      p->next = mk->full;
      mk->full = p;
      return;
    }
    memcpy(q->o, p->o, p->n * sizeof p->o[0]);
    q->n = p->n;
    p->n = 0;
    p = q;
  }
  p->next = NULL;
  core_pool_give(mk->pool, p);
}

static bool own_in_use(const Marker *mk) {
  if (mk->cur == &mk->own) return true;
  for (const Packet *p = mk->full; p != NULL; p = p->next)
    if (p == &mk->own) return true;
  return false;
}

/* No memory for a packet: o stays marked and unscanned, which core_mark_run makes up for. */
static void overflow(Marker *mk) { RLX_SET(mk->g->mark_overflow, 1); }

static NOINLINE void push_full(Marker *mk, Object *o) {
  Packet *p = packet_new(mk);
  if (p == NULL && !own_in_use(mk)) {
    p = &mk->own;
    p->n = 0;
  }
  if (p == NULL) {
    overflow(mk);
    return;
  }
  mk->cur->next = mk->full;
  mk->full = mk->cur;
  p->next = NULL;
  p->o[p->n++] = o;
  mk->cur = p;
}

static inline void push(Marker *mk, Object *o) {
  Packet *p = mk->cur;
  if (likely(p->n < PACKET_ROOM))
    p->o[p->n++] = o;
  else
    push_full(mk, o);
}

static NOINLINE Object *pop_next(Marker *mk) {
  Packet *p = mk->full;
  if (p == NULL) return NULL;
  packet_free(mk, mk->cur);
  mk->full = p->next;
  p->next = NULL;
  mk->cur = p;
  return p->o[--p->n];
}

static inline Object *pop(Marker *mk) {
  Packet *p = mk->cur;
  return likely(p->n > 0) ? p->o[--p->n] : pop_next(mk);
}

/* Somebody is idle: the oldest entries are the likeliest to lead to much. */
static NOINLINE void share(Marker *mk) {
  if (mk->full != NULL) {
    Packet *p = mk->full;
    mk->full = p->next;
    give_away(mk, p);
    return;
  }
  Packet *cur = mk->cur;
  if (cur->n < SHARE_LEAST) return;
  Packet *p = packet_new(mk);
  if (p == NULL) return;
  p->n = cur->n / 2;
  memcpy(p->o, cur->o, p->n * sizeof p->o[0]);
  cur->n -= p->n;
  memmove(cur->o, cur->o + p->n, cur->n * sizeof cur->o[0]);
  core_pool_give(mk->pool, p);
}

/* ---- references ---- */
static inline bool claim(uint8_t *byte, uint8_t value) {
  return __atomic_exchange_n(byte, value, __ATOMIC_RELAXED) != value;
}

static inline void count(Marker *mk, size_t bytes) {
  if (likely(!mk->recount)) mk->found.live += bytes;
}

static void mark_now(Marker *mk, Object *o) {
  uint8_t tt = o->tt;
  if (RLX(o->mark) == mk->epoch) return;
  if (unlikely(tt == TTHR)) {
    if (!claim(&o->mark, mk->epoch)) return;
  } else {
    RLX_SET(o->mark, mk->epoch);
  }
  if (basetype(tt) == LUA_TSTRING)
    mk->found.live += sizeof(String) + ((String *)(void *)o)->len + 1;
  else
    push(mk, o);
}

static inline void edge(Marker *mk, Object *o) {
  __builtin_prefetch(o, 1);
  Object **slot = &mk->edge[mk->edge_in++ % EDGE_RING];
  if (likely(mk->edge_in - mk->edge_out > EDGE_RING)) {
    Object *old = *slot;
    mk->edge_out++;
    *slot = o;
    mark_now(mk, old);
  } else {
    *slot = o;
  }
}

static inline void edge_val(Marker *mk, const Value *v) {
  if (is_gc(v)) edge(mk, v->v.gc);
}
static inline void edge_str(Marker *mk, String *s) {
  if (s != NULL) edge(mk, &s->h);
}

static bool flush_edges(Marker *mk) {
  if (mk->edge_in == mk->edge_out) return false;
  while (mk->edge_in != mk->edge_out) mark_now(mk, mk->edge[mk->edge_out++ % EDGE_RING]);
  return true;
}

void core_mark_object(Marker *mk, Object *o) { mark_now(mk, o); }

/* ---- tables ---- */
enum { WEAK_LISTED = 1 }; /* Table.listed: in a list of this collection */

/* lenhint and iterhint, as one pointer */
static void set_link(Table *t, Table *next) {
  memcpy((char *)t + offsetof(Table, lenhint), &next, sizeof next);
}
Table *core_weak_next(const Table *t) {
  Table *next;
  memcpy(&next, (const char *)t + offsetof(Table, lenhint), sizeof next);
  return next;
}
static void list_weak(Table **list, Table *t) {
  if (!claim(&t->listed, WEAK_LISTED)) return;
  set_link(t, *list);
  *list = t;
}
static void join_lists(Table **to, Table **from) {
  Table *last = *from;
  if (last == NULL) return;
  while (core_weak_next(last) != NULL) last = core_weak_next(last);
  set_link(last, *to);
  *to = *from;
  *from = NULL;
}

Table *core_weak_unlink(Table *t) {
  Table *next = core_weak_next(t);
  set_link(t, NULL); /* both hints 0 */
  t->listed = 0;
  return next;
}

void core_found_join(Found *to, Found *from) {
  join_lists(&to->weak, &from->weak);
  join_lists(&to->ephemeron, &from->ephemeron);
  join_lists(&to->allweak, &from->allweak);
  to->live += from->live;
  to->nobject += from->nobject;
  from->live = from->nobject = 0;
}

/* A key whose entry is empty and that nothing else has reached: only its address is kept. */
static inline void clear_key(Marker *mk, Node *n) {
  if ((RLX(n->ktt) & TAG_GC) && !is_marked(mk, n->key.gc)) RLX_SET(n->ktt, TDEADKEY);
}

static uint32_t nodes_of(const Table *t) {
  return t->node == EMPTY_NODE ? 0 : node_block(t->node)->mask + 1;
}

static void scan_array(Marker *mk, const Value *v, uint64_t n) {
  for (const Value *e = v + n; v < e; v++) edge_val(mk, v);
}

static void scan_nodes(Marker *mk, Node *nd, uint64_t n) {
  for (Node *e = nd + n; nd < e; nd++) {
    if (is_nil(&nd->val)) {
      clear_key(mk, nd);
    } else {
      uint8_t ktt = RLX(nd->ktt);
      if (ktt & TAG_GC) edge(mk, nd->key.gc);
      edge_val(mk, &nd->val);
    }
  }
}

/* Entries i .. last-1 of t, array part first, then nodes. Whoever is idle gets half of the rest. */
static NOINLINE void scan_range(Marker *mk, Table *t, uint64_t i, uint64_t last) {
  while (i < last) {
    uint64_t end = last - i > RUN ? i + RUN : last, na = t->asize;
    if (i < na) {
      if (end > na) end = na;
      scan_array(mk, t->arr + i, end - i);
    } else {
      scan_nodes(mk, t->node + (i - na), end - i);
    }
    i = end;
    if (mk->pool == NULL || !core_pool_hungry(mk->pool)) continue;
    Packet *p = last - i > RUN ? packet_new(mk) : NULL;
    if (p == NULL) {
      share(mk);
      continue;
    }
    p->t = t;
    p->first = i + (last - i) / 2;
    p->last = last;
    last = p->first;
    core_pool_give(mk->pool, p);
  }
}

static void scan_strong(Marker *mk, Table *t) {
  uint32_t n = nodes_of(t);
  if (unlikely((uint64_t)t->asize + n > RUN)) {
    scan_range(mk, t, 0, (uint64_t)t->asize + n);
    return;
  }
  scan_array(mk, t->arr, t->asize);
  scan_nodes(mk, t->node, n);
}

static void scan_weak_values(Marker *mk, Table *t) {
  uint32_t n = nodes_of(t);
  for (uint32_t i = 0; i < n; i++) {
    Node *nd = t->node + i;
    if (is_nil(&nd->val))
      clear_key(mk, nd);
    else if (nd->ktt & TAG_GC)
      edge(mk, nd->key.gc);
  }
}

/* Weakly held: known to be live? Strings are values and stay. */
static bool key_lives(Marker *mk, const Node *n) {
  uint8_t ktt = RLX(n->ktt);
  if (!(ktt & TAG_GC)) return true;
  if (basetype(ktt) == LUA_TSTRING) mark_now(mk, n->key.gc);
  return is_marked(mk, n->key.gc);
}

bool core_mark_ephemeron(Marker *mk, Table *t) {
  bool found = false;
  for (uint32_t i = 0; i < t->asize; i++)
    if (is_gc(&t->arr[i]) && !is_marked(mk, t->arr[i].v.gc)) {
      mark_now(mk, t->arr[i].v.gc);
      found = true;
    }
  uint32_t n = nodes_of(t);
  for (uint32_t i = 0; i < n; i++) {
    Node *nd = t->node + i;
    if (is_nil(&nd->val)) {
      clear_key(mk, nd);
    } else if (key_lives(mk, nd) && is_gc(&nd->val) && !is_marked(mk, nd->val.v.gc)) {
      mark_now(mk, nd->val.v.gc);
      found = true;
    }
  }
  return found;
}

static void scan_table(Marker *mk, Table *t) {
  const char *mode = NULL;
  if (t->mt != NULL) {
    edge(mk, &t->mt->h);
    Value *s = tab_get_str(t->mt, mk->g->metaname[META_MODE]);
    if (s != NULL && is_str(s)) mode = s->v.s->s;
  }
  count(mk, core_tab_bytes(t));
  if (likely(mode == NULL)) {
    scan_strong(mk, t);
    return;
  }
  bool wk = strchr(mode, 'k') != NULL, wv = strchr(mode, 'v') != NULL;
  if (!wk && !wv) {
    scan_strong(mk, t);
  } else if (!wk) {
    scan_weak_values(mk, t);
    list_weak(&mk->found.weak, t);
  } else if (!wv) {
    core_mark_ephemeron(mk, t);
    list_weak(&mk->found.ephemeron, t);
  } else {
    list_weak(&mk->found.allweak, t);
  }
}

/* ---- other objects ---- */
static void scan_proto(Marker *mk, Proto *p) {
  edge_str(mk, p->source);
  for (int i = 0; i < p->nk; i++) edge_val(mk, &p->k[i]);
  for (int i = 0; i < p->np; i++)
    if (p->p[i] != NULL) edge(mk, &p->p[i]->h);
  for (int i = 0; i < p->nup; i++) edge_str(mk, p->up[i].name);
  for (int i = 0; i < p->nloc; i++) edge_str(mk, p->loc[i].name);
  count(mk, sizeof *p + (size_t)p->ncode * 5 + (size_t)p->nk * sizeof(Value) +
                (size_t)p->nloc * sizeof(LocVar) + (size_t)p->nup * sizeof(UpDesc));
}

/* Also forgets what lies above the top, so that stale references never outlive a collection. In an
 * emergency nobody knows where the top is: then all slots count. */
static void scan_thread(Marker *mk, lua_State *L1) {
  if (L1->stack == NULL) return;
  Value *end = L1->stack_last + EXTRA_STACK;
  Value *live = mk->g->mark_all_slots ? end : L1->top;
  for (Value *p = L1->stack; p < live; p++) edge_val(mk, p);
  for (Value *p = live; p < end; p++) set_nil(p);
  for (UpVal *u = L1->openuv; u != NULL; u = u->u.open.next) edge(mk, &u->h);
  if (L1->from != NULL) edge(mk, thread_obj(L1->from));
  count(mk, core_thread_bytes(L1));
}

void core_mark_scan(Marker *mk, Object *o) {
  switch (o->tt) {
  case TTAB: scan_table(mk, (Table *)(void *)o); break;
  case TLCL: {
    LClosure *c = (LClosure *)(void *)o;
    edge(mk, &c->p->h);
    for (int i = 0; i < closure_nup(c); i++)
      if (c->up[i] != NULL) edge(mk, &c->up[i]->h);
    count(mk, sizeof *c + closure_nup(c) * sizeof(UpVal *));
    break;
  }
  case TCCL: {
    CClosure *c = (CClosure *)(void *)o;
    for (int i = 0; i < closure_nup(c); i++) edge_val(mk, &c->up[i]);
    count(mk, sizeof *c + closure_nup(c) * sizeof(Value));
    break;
  }
  case TUD: {
    Udata *u = (Udata *)(void *)o;
    if (u->mt != NULL) edge(mk, &u->mt->h);
    for (uint32_t i = 0; i < u->nuv; i++) edge_val(mk, &u->uv[i]);
    count(mk, sizeof *u + u->nuv * sizeof(Value) + u->len);
    break;
  }
  case TUPV: {
    UpVal *u = (UpVal *)(void *)o;
    edge_val(mk, u->v != NULL ? u->v : u->u.open.x.slot); /* NULL: open and shared */
    count(mk, sizeof *u);
    break;
  }
  case TTHR: scan_thread(mk, obj_thread(o)); break;
  case TPROTO: scan_proto(mk, (Proto *)(void *)o); break;
  default: break;
  }
}

/* ---- the loop ---- */
static inline void fetch_contents(const Object *o) {
  if (o->tt == TTAB) {
    const Table *t = (const Table *)(const void *)o;
    if (t->asize > 0) __builtin_prefetch(t->arr);
    __builtin_prefetch(t->node);
  } else if (o->tt == TUPV) {
    __builtin_prefetch(((const UpVal *)(const void *)o)->v);
  }
}

/* The next object whose contents had time to arrive; NULL: nothing left. */
static Object *next_object(Marker *mk) {
  for (;;) {
    Object *o = pop(mk);
    if (o == NULL && flush_edges(mk)) continue;
    if (o != NULL) {
      fetch_contents(o);
      Object **slot = &mk->ahead[mk->ahead_in++ % AHEAD_RING];
      Object *old = *slot;
      *slot = o;
      if (likely(mk->ahead_in - mk->ahead_out > AHEAD_RING)) {
        mk->ahead_out++;
        return old;
      }
      continue;
    }
    return mk->ahead_in == mk->ahead_out ? NULL : mk->ahead[mk->ahead_out++ % AHEAD_RING];
  }
}

void core_mark_own(Marker *mk) {
  Object *o;
  size_t n = 0;
  while ((o = next_object(mk)) != NULL) {
    core_mark_scan(mk, o);
    if (unlikely(++n % SHARE_EVERY == 0) && mk->pool != NULL && core_pool_hungry(mk->pool))
      share(mk);
  }
  mk->found.nobject += n;
}

void core_marker_add(Marker *mk, Packet *p) {
  if (p->t != NULL) {
    scan_range(mk, p->t, p->first, p->last);
    packet_free(mk, p);
  } else if (mk->cur->n == 0) {
    packet_free(mk, mk->cur);
    mk->cur = p;
  } else {
    p->next = mk->full;
    mk->full = p;
  }
}

static void run_once(Marker *mk) {
  for (;;) {
    core_mark_own(mk);
    Packet *p = mk->pool != NULL ? core_pool_wait(mk) : NULL;
    if (p == NULL) return;
    core_marker_add(mk, p);
  }
}

/* One of those that overflowed is among the marked objects: all are scanned again. */
static void rescan(Object *o, void *ud) {
  Marker *mk = ud;
  if (!is_marked(mk, o) || basetype(o->tt) == LUA_TSTRING) return;
  mk->recount = true;
  core_mark_scan(mk, o);
  mk->recount = false;
  core_mark_own(mk);
}

void core_mark_run(Marker *mk) {
  run_once(mk);
  while (unlikely(RLX(mk->g->mark_overflow))) { /* each round marks at least one more */
    struct MarkPool *pool = mk->pool;
    RLX_SET(mk->g->mark_overflow, 0);
    mk->pool = NULL; /* a stack that is cleaned here must not be scanned elsewhere meanwhile */
    core_heap_each_object(mk->g, rescan, mk);
    mk->pool = pool;
  }
}
