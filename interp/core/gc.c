/* gc.c: stop-the-world marking; what follows marking (weak tables, finalizers, strings); when to
 * run.
 *
 * A collection runs at a safepoint of the thread that asked for it, with every other thread at a
 * safepoint or in a safe region. Marking stores the new epoch in the objects it reaches; sweeping
 * is lazy (heap.c). New objects carry the current epoch, so they live until the next collection.
 * There is no write barrier. */
#include <stdlib.h>
#include <time.h>
#include "stress.h"
#include "table.h"

#define LIMIT_MIN       (GILT_CORE_STRESS ? 8192u : 256u * 1024)
#define EPOCH_LAST      250
#define FINALIZER_BATCH 1000 /* called at one safepoint */
#define LIMIT_THREAD    (2048u * 1024)

bool core_vec_push(ObjVec *v, Object *o) {
  if (v->n == v->cap) {
    size_t cap = v->cap ? v->cap * 2 : 256;
    Object **a = realloc(v->a, cap * sizeof *a);
    if (a == NULL) return false;
    v->a = a;
    v->cap = cap;
  }
  v->a[v->n++] = o;
  return true;
}

static void must_push(ObjVec *v, Object *o) {
  if (!core_vec_push(v, o)) abort(); /* marking cannot be left half done */
}

/* ---- marking ---- */
static inline bool is_marked(const Global *g, const Object *o) { return o->mark == g->epoch; }

static inline void mark_obj(Global *g, Object *o) {
  if (o->mark == g->epoch) return;
  o->mark = g->epoch;
  if (basetype(o->tt) == LUA_TSTRING)
    g->gray_live += sizeof(String) + ((String *)(void *)o)->len + 1;
  else
    must_push(&g->gray, o);
}
static inline void mark_val(Global *g, const Value *v) {
  if (is_gc(v)) mark_obj(g, v->v.gc);
}
static inline void mark_str(Global *g, String *s) {
  if (s != NULL) mark_obj(g, &s->h);
}

/* A key whose entry is empty and that nothing else reached: only its address is kept. */
static inline void clear_key(Global *g, Node *n) {
  if ((n->ktt & TAG_GC) && !is_marked(g, n->key.gc)) n->ktt = TDEADKEY;
}

/* Weakly held: may it be dropped? Strings are values and stay. */
static bool is_dead(Global *g, const Payload p, uint8_t tt) {
  if (!(tt & TAG_GC)) return false;
  if (basetype(tt) == LUA_TSTRING) {
    mark_obj(g, p.gc);
    return false;
  }
  return !is_marked(g, p.gc);
}

static uint32_t nodes_of(const Table *t) {
  return t->node == EMPTY_NODE ? 0 : node_block(t->node)->mask + 1;
}

static void mark_strong(Global *g, Table *t) {
  for (uint32_t i = 0; i < t->asize; i++) mark_val(g, &t->arr[i]);
  uint32_t n = nodes_of(t);
  for (uint32_t i = 0; i < n; i++) {
    Node *nd = t->node + i;
    if (is_nil(&nd->val)) {
      clear_key(g, nd);
    } else {
      if (nd->ktt & TAG_GC) mark_obj(g, nd->key.gc);
      mark_val(g, &nd->val);
    }
  }
}

static void mark_weak_values(Global *g, Table *t) {
  uint32_t n = nodes_of(t);
  for (uint32_t i = 0; i < n; i++) {
    Node *nd = t->node + i;
    if (is_nil(&nd->val))
      clear_key(g, nd);
    else if (nd->ktt & TAG_GC)
      mark_obj(g, nd->key.gc);
  }
  must_push(&g->weak, &t->h);
}

/* Values of live keys are live; true when that marked anything. */
static bool mark_ephemeron(Global *g, Table *t) {
  bool marked = false;
  for (uint32_t i = 0; i < t->asize; i++)
    if (is_gc(&t->arr[i]) && !is_marked(g, t->arr[i].v.gc)) {
      mark_val(g, &t->arr[i]);
      marked = true;
    }
  uint32_t n = nodes_of(t);
  for (uint32_t i = 0; i < n; i++) {
    Node *nd = t->node + i;
    if (is_nil(&nd->val)) {
      clear_key(g, nd);
    } else if (!is_dead(g, nd->key, nd->ktt) && is_gc(&nd->val) && !is_marked(g, nd->val.v.gc)) {
      mark_val(g, &nd->val);
      marked = true;
    }
  }
  return marked;
}

static void mark_table(Global *g, Table *t) {
  const char *mode = NULL;
  if (t->mt != NULL) {
    mark_obj(g, &t->mt->h);
    Value *s = tab_get_str(t->mt, g->metaname[META_MODE]);
    if (s != NULL && is_str(s)) mode = s->v.s->s;
  }
  g->gray_live += core_tab_bytes(t);
  bool wk = mode != NULL && strchr(mode, 'k') != NULL;
  bool wv = mode != NULL && strchr(mode, 'v') != NULL;
  if (!wk && !wv) {
    mark_strong(g, t);
  } else if (!wk) {
    mark_weak_values(g, t);
  } else if (!wv) {
    mark_ephemeron(g, t);
    must_push(&g->ephemeron, &t->h);
  } else {
    must_push(&g->allweak, &t->h);
  }
}

static void mark_proto(Global *g, Proto *p) {
  mark_str(g, p->source);
  for (int i = 0; i < p->nk; i++) mark_val(g, &p->k[i]);
  for (int i = 0; i < p->np; i++)
    if (p->p[i] != NULL) mark_obj(g, &p->p[i]->h);
  for (int i = 0; i < p->nup; i++) mark_str(g, p->up[i].name);
  for (int i = 0; i < p->nloc; i++) mark_str(g, p->loc[i].name);
  g->gray_live += sizeof *p + (size_t)p->ncode * 5 + (size_t)p->nk * sizeof(Value) +
                  (size_t)p->nloc * sizeof(LocVar) + (size_t)p->nup * sizeof(UpDesc);
}

/* Also forgets what lies above the top, so that stale references never outlive a collection. */
static void mark_thread(Global *g, lua_State *L1) {
  if (L1->stack == NULL) return;
  for (Value *p = L1->stack; p < L1->top; p++) mark_val(g, p);
  for (Value *p = L1->top; p < L1->stack_last + EXTRA_STACK; p++) set_nil(p);
  for (UpVal *u = L1->openuv; u != NULL; u = u->u.open.next) mark_obj(g, &u->h);
  if (L1->from != NULL) mark_obj(g, thread_obj(L1->from));
  g->gray_live += core_thread_bytes(L1);
}

static void mark_upval(Global *g, UpVal *u) {
  mark_val(g, u->v != NULL ? u->v : u->u.open.x.slot); /* NULL: open and shared */
  g->gray_live += sizeof *u;
}

static void scan(Global *g, Object *o) {
  switch (o->tt) {
  case TTAB: mark_table(g, (Table *)(void *)o); break;
  case TLCL: {
    LClosure *c = (LClosure *)(void *)o;
    mark_obj(g, &c->p->h);
    for (int i = 0; i < closure_nup(c); i++)
      if (c->up[i] != NULL) mark_obj(g, &c->up[i]->h);
    g->gray_live += sizeof *c + closure_nup(c) * sizeof(UpVal *);
    break;
  }
  case TCCL: {
    CClosure *c = (CClosure *)(void *)o;
    for (int i = 0; i < closure_nup(c); i++) mark_val(g, &c->up[i]);
    g->gray_live += sizeof *c + closure_nup(c) * sizeof(Value);
    break;
  }
  case TUD: {
    Udata *u = (Udata *)(void *)o;
    if (u->mt != NULL) mark_obj(g, &u->mt->h);
    for (uint32_t i = 0; i < u->nuv; i++) mark_val(g, &u->uv[i]);
    g->gray_live += sizeof *u + u->nuv * sizeof(Value) + u->len;
    break;
  }
  case TUPV: mark_upval(g, (UpVal *)(void *)o); break;
  case TTHR: mark_thread(g, obj_thread(o)); break;
  case TPROTO: mark_proto(g, (Proto *)(void *)o); break;
  default: break;
  }
}

static void propagate(Global *g) {
  while (g->gray.n > 0) scan(g, g->gray.a[--g->gray.n]);
}

static void mark_roots(Global *g) {
  mark_val(g, &g->registry);
  for (int i = 0; i < LUA_NUMTYPES; i++)
    if (g->mt[i] != NULL) mark_obj(g, &g->mt[i]->h);
  for (int i = 0; i < META_COUNT; i++) mark_str(g, g->metaname[i]);
  mark_str(g, g->memerr);
  if (g->mainL != NULL) mark_obj(g, thread_obj(g->mainL));
  for (Thr *m = g->thr; m != NULL; m = m->next) {
    if (m->base != NULL) mark_obj(g, thread_obj(m->base));
    if (m->L != NULL) mark_obj(g, thread_obj(m->L));
    for (int i = 0; i < 4; i++)
      if (m->pin[i] != NULL) mark_obj(g, m->pin[i]);
  }
  for (size_t i = 0; i < g->tobefnz.n; i++) mark_obj(g, g->tobefnz.a[i]);
}

static void converge_ephemerons(Global *g) {
  bool again;
  do {
    again = false;
    for (size_t i = 0; i < g->ephemeron.n; i++)
      if (mark_ephemeron(g, (Table *)(void *)g->ephemeron.a[i])) {
        propagate(g); /* may find more ephemerons: they join the end of the list */
        again = true;
      }
  } while (again);
}

/* ---- weak entries ---- */
static void drop(Global *g, Node *n) {
  set_nil(&n->val);
  clear_key(g, n);
}

static void clear_values(Global *g, const ObjVec *list) {
  for (size_t j = 0; j < list->n; j++) {
    Table *t = (Table *)(void *)list->a[j];
    for (uint32_t i = 0; i < t->asize; i++)
      if (is_dead(g, t->arr[i].v, t->arr[i].tt)) set_nil(&t->arr[i]);
    uint32_t n = nodes_of(t);
    for (uint32_t i = 0; i < n; i++) {
      Node *nd = t->node + i;
      if (!is_nil(&nd->val) && is_dead(g, nd->val.v, nd->val.tt)) set_nil(&nd->val);
      if (is_nil(&nd->val)) clear_key(g, nd);
    }
  }
}

static void clear_keys(Global *g, const ObjVec *list) {
  for (size_t j = 0; j < list->n; j++) {
    Table *t = (Table *)(void *)list->a[j];
    uint32_t n = nodes_of(t);
    for (uint32_t i = 0; i < n; i++) {
      Node *nd = t->node + i;
      if (is_nil(&nd->val) || is_dead(g, nd->key, nd->ktt)) drop(g, nd);
    }
  }
}

/* ---- finalizers ---- */
/* Unreached objects with finalizers move to tobefnz so that the last one registered comes last
 * there: they are called from the end. */
static void separate(Global *g, ObjVec *fin, bool all) {
  size_t keep = 0;
  for (size_t i = 0; i < fin->n; i++) {
    Object *o = fin->a[i];
    if (all || !is_marked(g, o))
      must_push(&g->tobefnz, o);
    else
      fin->a[keep++] = o;
  }
  fin->n = keep;
}

/* New arrivals are called before those already waiting? No: those wait at the end of the list. */
static void separate_all(Global *g, bool all) {
  ObjVec old = g->tobefnz;
  g->tobefnz = (ObjVec){NULL, 0, 0};
  for (Thr *m = g->thr; m != NULL; m = m->next) separate(g, &m->finobj, all);
  for (size_t i = 0; i < old.n; i++) must_push(&g->tobefnz, old.a[i]);
  free(old.a);
}

static Object *next_finalizer(Global *g) {
  Object *o = NULL;
  pthread_mutex_lock(
      &g->fin_mu); /* a leaf: its holder never waits, so a running thread may take it */
  size_t n = g->tobefnz.n;
  if (n > 0) {
    RLX_SET(g->tobefnz.n, n - 1); /* read without fin_mu: is there any? */
    o = g->tobefnz.a[n - 1];
  }
  pthread_mutex_unlock(&g->fin_mu);
  return o;
}

/* lua_setmetatable with a __gc: o will be finalized, once. Bit 7 of flags (userdata) or of fin
 * (tables) says that it is registered. Any thread may call the finalizer, while this one runs: so
 * what o reaches is shared from now on. */
#define FIN_BIT 0x80
static uint8_t *fin_byte(Object *o) {
  return o->tt == TTAB ? &((Table *)(void *)o)->fin : &o->flags;
}
void core_gc_register_fin(lua_State *L, Object *o, Table *mt) {
  Global *g = L->g;
  uint8_t *b = fin_byte(o);
  if (mt == NULL || (RLX(*b) & FIN_BIT) || g->closing) return;
  Value tm = meta_fast(L, mt, META_GC);
  if (is_nil(&tm)) return;
  if (__atomic_fetch_or(b, FIN_BIT, __ATOMIC_RELAXED) & FIN_BIT) return;
  if (!core_vec_push(&L->m->finobj, o)) {
    __atomic_fetch_and(b, (uint8_t)~FIN_BIT, __ATOMIC_RELAXED);
    core_err_mem(L);
  }
  if (g->parallel && is_private(L, o)) core_publish(L, o);
}

static void call_fin(lua_State *L, void *ud) {
  (void)ud;
  core_call_noyield(L, L->top - 2, 0);
}

static void finalize(lua_State *L, Object *o) {
  Value v;
  __atomic_fetch_and(fin_byte(o), (uint8_t)~FIN_BIT,
                     __ATOMIC_RELAXED); /* may be registered again */
  set_obj(&v, o, o->tt);
  Value tm = core_meta_obj(L, &v, META_GC);
  if (is_nil(&tm)) return;
  Thr *m = L->m;
  uint8_t allowhook = L->allowhook, nested = m->in_finalizer;
  stack_check(L, 3);
  L->allowhook = 0;
  m->in_finalizer = 1;
  val_copy(L->top, &tm);
  val_copy(L->top + 1, &v);
  L->top += 2;
  L->ci->status |= CI_FIN;
  int st = core_pcall(L, call_fin, NULL, stack_off(L, L->top - 2), 0);
  L->ci->status &= ~(uint32_t)CI_FIN;
  m->in_finalizer = nested;
  L->allowhook = allowhook;
  if (unlikely(st != LUA_OK)) {
    core_warn_error(L, "__gc");
    L->top--;
  }
}

void core_gc_finalizers(lua_State *L, bool all) {
  Object *o;
  int budget = all ? -1 : FINALIZER_BATCH;
  if (L->m->in_finalizer && !all) return;
  while (budget-- != 0 && (o = next_finalizer(L->g)) != NULL) {
    L->m->pin[0] = o;
    Value v;
    stack_check(L, 1); /* rooted by the stack from here on */
    set_obj(&v, o, o->tt);
    val_copy(L->top, &v);
    L->top++;
    L->m->pin[0] = NULL;
    finalize(L, o);
    L->top--;
  }
  if (!L->m->in_finalizer) gilt_core_poke(L); /* for what the callback put off meanwhile */
}

/* ---- one collection ---- */
static void close_dead_thread(lua_State *L1, bool live, void *ud) {
  (void)ud;
  if (!live && L1->stack != NULL && L1->openuv != NULL) core_close_dead_upvals(L1);
}

static void free_retired(Thr *m) {
  for (size_t i = 0; i < m->nretired; i++) core_raw_free(m, m->retired[i].p, m->retired[i].size);
  m->nretired = 0;
}

static void next_epoch(Global *g) {
  if (g->epoch < EPOCH_LAST) {
    g->epoch++;
    return;
  }
  /* epochs start over: no cell may keep an old one */
  for (Thr *m = g->thr; m != NULL; m = m->next) core_heap_sweep_all(m);
  g->epoch = 1;
}

static void mark_all(Global *g) {
  g->gray_live = 0;
  g->weak.n = g->ephemeron.n = g->allweak.n = 0;
  mark_roots(g);
  propagate(g);
  converge_ephemerons(g);
  clear_values(g, &g->weak);
  clear_values(g, &g->allweak);
  separate_all(g, false);
  for (size_t i = 0; i < g->tobefnz.n; i++) mark_obj(g, g->tobefnz.a[i]);
  propagate(g);
  converge_ephemerons(g);
  clear_keys(g, &g->ephemeron);
  clear_keys(g, &g->allweak);
  clear_values(g, &g->weak); /* tables that only the resurrected reach */
  clear_values(g, &g->allweak);
}

/* Threads in parallel all stand still for a collection: each of them may allocate something first,
 * however small the heap is. */
void core_gc_set_limit(Global *g) {
  size_t live = g->estimate, threads = RLX(g->nrunning);
  int pause = RLX(g->gcpause);
  size_t limit = live / 100 * (size_t)(pause > 100 ? pause - 100 : 10);
  size_t least = g->parallel && threads > 1 ? threads * LIMIT_THREAD : LIMIT_MIN;
  if (GILT_CORE_STRESS) limit = least = LIMIT_MIN;
  RLX_SET(g->limit, limit < least ? least : limit);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void collect_stopped(Global *g) {
  uint64_t t0 = now_ns();
  core_adopt_dead(g);
  next_epoch(g);
  mark_all(g);
  core_heap_each_thread(g, close_dead_thread, NULL);
  core_str_sweep(g);
  for (Thr *m = g->thr; m != NULL; m = m->next) {
    m->epoch = g->epoch;
    core_heap_restart_sweep(m);
    core_heap_sweep_large(&m->large, m, g->epoch);
    free_retired(m);
    m->debt = 0;
    m->gc_wanted = 0;
    m->deferred = 0;
    m->sweep_wanted = 1;
    RLX_SET(m->poll, 1);
  }
  g->estimate = g->gray_live;
  g->alloc = 0;
  core_gc_set_limit(g);
  g->ncollect++;
  uint64_t dt = now_ns() - t0;
  g->gc_ns += dt;
  if (dt > g->pause_max_ns) g->pause_max_ns = dt;
}

void core_gc_full(lua_State *L) {
  Global *g = L->g;
  core_stw_begin(L->m);
  collect_stopped(g);
  core_stw_end(L->m);
  L->m->sweep_wanted = 0;
  core_heap_sweep_payloads(L->m);
}

void core_gc_request(Thr *m) {
  m->gc_wanted = 1;
  RLX_SET(m->poll, 1);
}

/* Frees of what a collection found dead do not count as progress of the next one. */
static void sweep_payloads(Thr *m) {
  size_t debt = m->debt;
  m->sweep_wanted = 0;
  core_heap_sweep_payloads(m);
  m->debt = debt;
}

void core_gc_safepoint(lua_State *L) {
  Thr *m = L->m;
  Global *g = L->g;
  if (m->sweep_wanted) sweep_payloads(m);
  bool forced = g->gc_stress || (STRESS_GC() != 0 && STRESS_CHANCE(STRESS_GC()));
  if ((m->gc_wanted || forced) && !RLX(g->gc_stopped)) {
    m->gc_wanted = 0;
    core_stw_begin(m);
    if (RLX(g->alloc) > RLX(g->limit) || forced) collect_stopped(g);
    core_stw_end(m);
    if (m->sweep_wanted) sweep_payloads(m);
  }
  if (RLX(g->tobefnz.n) > 0 && !m->in_finalizer) core_gc_finalizers(L, false);
}

size_t core_gc_count(lua_State *L) {
  Global *g = L->g;
  ptrdiff_t n = (ptrdiff_t)(g->estimate + RLX(g->alloc) + L->m->debt);
  return n > 0 ? (size_t)n : 0;
}

/* With all finalizers that are due then; not with those that become due meanwhile, for ever. */
static void full_cycle(lua_State *L) {
  core_gc_full(L);
  size_t batches = RLX(L->g->tobefnz.n) / FINALIZER_BATCH + 1;
  for (; batches > 0; batches--) core_gc_finalizers(L, false);
}

LUA_API int lua_gc(lua_State *L, int what, ...) {
  Global *g = L->g;
  va_list ap;
  int res = 0;
  if (L->m->in_finalizer || g->closing) return -1; /* not while a finalizer runs */
  va_start(ap, what);
  switch (what) {
  case LUA_GCSTOP: RLX_SET(g->gc_stopped, 1); break;
  case LUA_GCRESTART: RLX_SET(g->gc_stopped, 0); break;
  case LUA_GCCOLLECT: full_cycle(L); break;
  case LUA_GCCOUNT: res = (int)(core_gc_count(L) >> 10); break;
  case LUA_GCCOUNTB: res = (int)(core_gc_count(L) & 0x3ff); break;
  case LUA_GCSTEP: /* collections are not divided: a step is a whole cycle */
    full_cycle(L);
    res = 1;
    break;
  case LUA_GCSETPAUSE:
    res = va_arg(ap, int) / 4 * 4; /* stock Lua keeps quarters in a byte */
    res = __atomic_exchange_n(&g->gcpause, res > 1020 ? 1020 : res, __ATOMIC_RELAXED);
    core_gc_set_limit(g);
    break;
  case LUA_GCSETSTEPMUL:
    res = va_arg(ap, int) / 4 * 4;
    res = __atomic_exchange_n(&g->gcstepmul, res, __ATOMIC_RELAXED);
    break;
  case LUA_GCISRUNNING: res = !RLX(g->gc_stopped); break;
  case LUA_GCGEN:
  case LUA_GCINC: { /* accepted and remembered; there is one collector */
    uint8_t gen = what == LUA_GCGEN;
    res = __atomic_exchange_n(&g->gc_gen, gen, __ATOMIC_RELAXED) ? LUA_GCGEN : LUA_GCINC;
    if (what == LUA_GCINC) {
      int pause = va_arg(ap, int), mul = va_arg(ap, int);
      if (pause != 0) RLX_SET(g->gcpause, pause);
      if (mul != 0) RLX_SET(g->gcstepmul, mul);
      core_gc_set_limit(g);
    }
    break;
  }
  default: res = -1;
  }
  va_end(ap);
  return res;
}
