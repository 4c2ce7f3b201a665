/* gc.c: stop-the-world marking; what follows marking (weak tables, finalizers, strings); when to
 * run.
 *
 * A collection runs at a safepoint of the thread that asked for it, with every other thread at a
 * safepoint or in a safe region. Marking stores the new epoch in the objects it reaches; sweeping
 * is lazy (heap.c). New objects carry the current epoch, so they live until the next collection.
 * There is no write barrier. */
#include <stdlib.h>
#include <time.h>
#include "mark.h"
#include "stress.h"
#include "table.h"

#define LIMIT_MIN       (GILT_CORE_STRESS ? 8192u : 160u * 1024)
#define EPOCH_LAST      250
#define FINALIZER_BATCH 1000 /* called at one safepoint */
#define LIMIT_THREAD    (2048u * 1024)

bool core_vec_reserve(ObjVec *v, size_t more) {
  if (v->cap - v->n >= more) return true;
  size_t cap = v->cap ? v->cap * 2 : 16;
  while (cap - v->n < more) cap *= 2;
  Object **a = realloc(v->a, cap * sizeof *a);
  if (a == NULL) return false;
  v->a = a;
  v->cap = cap;
  return true;
}

bool core_vec_push(ObjVec *v, Object *o) {
  if (!core_vec_reserve(v, 1)) return false;
  v->a[v->n++] = o;
  return true;
}

/* ---- roots ---- */
static void mark_str(Marker *mk, String *s) {
  if (s != NULL) core_mark_object(mk, &s->h);
}

static void mark_roots(Marker *mk) {
  Global *g = mk->g;
  if (is_gc(&g->registry)) core_mark_object(mk, g->registry.v.gc);
  for (int i = 0; i < LUA_NUMTYPES; i++)
    if (g->mt[i] != NULL) core_mark_object(mk, &g->mt[i]->h);
  for (int i = 0; i < META_COUNT; i++) mark_str(mk, g->metaname[i]);
  mark_str(mk, g->memerr);
  if (g->mainL != NULL) core_mark_object(mk, thread_obj(g->mainL));
  for (Thr *m = g->thr; m != NULL; m = m->next) {
    if (m->base != NULL) core_mark_object(mk, thread_obj(m->base));
    if (m->L != NULL) core_mark_object(mk, thread_obj(m->L));
    for (int i = 0; i < 4; i++)
      if (m->pin[i] != NULL) core_mark_object(mk, m->pin[i]);
  }
  for (size_t i = 0; i < g->tobefnz.n; i++) core_mark_object(mk, g->tobefnz.a[i]);
  if (unlikely(g->mark_all_slots)) core_mark_cstacks(mk);
}

/* Marking may find more ephemerons: they join the front of the list and are looked at next time. */
static void converge_ephemerons(Marker *mk) {
  bool again;
  do {
    again = false;
    for (Table *t = mk->found.ephemeron; t != NULL; t = core_weak_next(t))
      if (core_mark_ephemeron(mk, t)) {
        core_mark_run(mk);
        again = true;
      }
  } while (again);
}

/* ---- weak entries ---- */
static bool is_dead(Marker *mk, const Payload p, uint8_t tt) {
  if (!(tt & TAG_GC)) return false;
  if (basetype(tt) == LUA_TSTRING) { /* strings are values: they stay */
    core_mark_object(mk, p.gc);
    return false;
  }
  return !is_marked(mk, p.gc);
}

static void clear_key(Marker *mk, Node *n) {
  if ((n->ktt & TAG_GC) && !is_marked(mk, n->key.gc)) n->ktt = TDEADKEY;
}

static uint32_t nodes_of(const Table *t) {
  return t->node == EMPTY_NODE ? 0 : node_block(t->node)->mask + 1;
}

static void clear_values(Marker *mk, Table *list) {
  for (Table *t = list; t != NULL; t = core_weak_next(t)) {
    for (uint32_t i = 0; i < t->asize; i++)
      if (is_dead(mk, t->arr[i].v, t->arr[i].tt)) set_nil(&t->arr[i]);
    uint32_t n = nodes_of(t);
    for (uint32_t i = 0; i < n; i++) {
      Node *nd = t->node + i;
      if (!is_nil(&nd->val) && is_dead(mk, nd->val.v, nd->val.tt)) set_nil(&nd->val);
      if (is_nil(&nd->val)) clear_key(mk, nd);
    }
  }
}

static void clear_keys(Marker *mk, Table *list) {
  for (Table *t = list; t != NULL; t = core_weak_next(t)) {
    uint32_t n = nodes_of(t);
    for (uint32_t i = 0; i < n; i++) {
      Node *nd = t->node + i;
      if (is_nil(&nd->val) || is_dead(mk, nd->key, nd->ktt)) {
        set_nil(&nd->val);
        clear_key(mk, nd);
      }
    }
  }
}

static void unlink_weak(Table *list) {
  while (list != NULL) list = core_weak_unlink(list);
}

/* ---- finalizers ---- */
/* Unreached objects with finalizers move to tobefnz so that the last one registered comes last
 * there: they are called from the end. Those already waiting there stay at the end. Without memory
 * for the longer list, all live until the next collection. */
typedef void (*each_fin)(Marker *mk, ObjVec *fin, void *ud);
/* Ended threads too: core_adopt_dead leaves their lists when it has no memory to join them. */
static void each_finobj(Marker *mk, each_fin fn, void *ud) {
  for (Thr *m = mk->g->thr; m != NULL; m = m->next) fn(mk, &m->finobj, ud);
  for (Thr *m = mk->g->dead; m != NULL; m = m->next) fn(mk, &m->finobj, ud);
}
static void count_dead(Marker *mk, ObjVec *fin, void *ud) {
  for (size_t i = 0; i < fin->n; i++) *(size_t *)ud += !is_marked(mk, fin->a[i]);
}
static void mark_finobj(Marker *mk, ObjVec *fin, void *ud) {
  (void)ud;
  for (size_t i = 0; i < fin->n; i++) core_mark_object(mk, fin->a[i]);
}
static void take_dead(Marker *mk, ObjVec *fin, void *ud) {
  ObjVec *to = ud;
  size_t keep = 0;
  for (size_t i = 0; i < fin->n; i++) {
    Object *o = fin->a[i];
    if (is_marked(mk, o))
      fin->a[keep++] = o;
    else
      to->a[to->n++] = o;
  }
  fin->n = keep;
}

static bool separate(Marker *mk) {
  ObjVec *due = &mk->g->tobefnz;
  size_t dead = 0;
  each_finobj(mk, count_dead, &dead);
  if (dead == 0) return false;
  ObjVec all = {malloc((dead + due->n) * sizeof *all.a), 0, dead + due->n};
  if (all.a == NULL) {
    each_finobj(mk, mark_finobj, NULL);
    return true;
  }
  each_finobj(mk, take_dead, &all);
  for (size_t i = 0; i < dead; i++) core_mark_object(mk, all.a[i]);
  for (size_t i = 0; i < due->n; i++) all.a[all.n++] = due->a[i];
  free(due->a);
  *due = all;
  return true;
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
  if (core_fail_again(L->m) || !core_vec_push(&L->m->finobj, o)) {
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

static void finalize_rooted(lua_State *L, Object *o) {
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

/* The heap is closed: what is still registered, newest first. */
void core_gc_last_finalizers(lua_State *L) {
  for (Thr *m = L->g->thr; m != NULL; m = m->next)
    while (m->finobj.n > 0) finalize_rooted(L, m->finobj.a[--m->finobj.n]);
  for (Thr *m = L->g->dead; m != NULL; m = m->next)
    while (m->finobj.n > 0) finalize_rooted(L, m->finobj.a[--m->finobj.n]);
}

void core_gc_finalizers(lua_State *L, bool all) {
  Object *o;
  int budget = all ? -1 : FINALIZER_BATCH;
  if (L->m->in_finalizer && !all) return;
  while (budget-- != 0 && (o = next_finalizer(L->g)) != NULL) finalize_rooted(L, o);
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
  g->epoch_before = g->epoch;
  if (g->epoch < EPOCH_LAST) {
    g->epoch++;
    return;
  }
  /* epochs start over: no cell may keep an old one */
  for (Thr *m = g->thr; m != NULL; m = m->next) core_heap_sweep_all(m);
  g->epoch = 1;
}

static void mark_all(Marker *mk) {
  mark_roots(mk);
  core_mark_run(mk);
  converge_ephemerons(mk);
  clear_values(mk, mk->found.weak);
  clear_values(mk, mk->found.allweak);
  if (separate(mk)) {
    core_mark_run(mk);
    converge_ephemerons(mk);
  }
  clear_keys(mk, mk->found.ephemeron);
  clear_keys(mk, mk->found.allweak);
  clear_values(mk, mk->found.weak); /* tables that only the resurrected reach */
  clear_values(mk, mk->found.allweak);
  unlink_weak(mk->found.weak);
  unlink_weak(mk->found.ephemeron);
  unlink_weak(mk->found.allweak);
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

static void restart_thread(Thr *m) {
  m->epoch = m->g->epoch;
  core_heap_restart_sweep(m);
  core_heap_sweep_large(&m->large, m, m->epoch);
  if (likely(!m->g->mark_all_slots)) free_retired(m); /* else an operation may be reading one */
  m->debt = 0;
  m->gc_wanted = 0;
  m->deferred = 0;
  m->sweep_wanted = 1;
  RLX_SET(m->poll, 1);
}

/* World stopped. */
void core_gc_collect(Global *g) {
  uint64_t t0 = now_ns();
  Marker mk;
  g->collecting = 1;
  g->mark_all_slots = core_emergency_waits(g);
  core_adopt_dead(g);
  next_epoch(g);
  core_marker_init(&mk, g);
  core_pool_open(&mk, g->estimate + g->alloc);
  mark_all(&mk);
  uint64_t t1 = now_ns();
  core_heap_each_thread(g, close_dead_thread, NULL);
  core_str_sweep(&mk);
  g->markers_last = 1 + core_pool_close(&mk);
  for (Thr *m = g->thr; m != NULL; m = m->next) restart_thread(m);
  g->estimate = mk.found.live;
  core_marker_fini(&mk);
  g->alloc = 0;
  g->credits = 0;
  core_gc_set_limit(g);
  g->ncollect++;
  uint64_t dt = now_ns() - t0;
  g->mark_ns += t1 - t0;
  g->gc_ns += dt;
  g->pause_last_ns = dt;
  if (dt > g->pause_max_ns) g->pause_max_ns = dt;
  g->collecting = 0;
}

/* Frees of what a collection found dead do not count as progress of the next one. */
static void sweep_payloads(Thr *m) {
  size_t debt = m->debt;
  m->sweep_wanted = 0;
  core_heap_sweep_payloads(m);
  core_raw_compact(m);
  m->debt = debt;
}

/* Says when this thread begins and ends to collect, for its books. */
static void tell(Thr *m, bool begins) {
  Global *g = m->g;
  if (g->gcfn != NULL && m->L != NULL) g->gcfn(m->L, begins, g->gc_ud);
}

static void collect_now(Thr *m, bool anyway) {
  Global *g = m->g;
  tell(m, true);
  core_stw_begin(m);
  if (anyway || RLX(g->alloc) > RLX(g->limit)) core_gc_collect(g);
  core_stw_end(m);
  if (m->sweep_wanted) sweep_payloads(m);
  tell(m, false);
}

void core_gc_full(lua_State *L) { collect_now(L->m, true); }

void core_gc_request(Thr *m) {
  m->gc_wanted = 1;
  RLX_SET(m->poll, 1);
}

void core_gc_safepoint(lua_State *L) {
  Thr *m = L->m;
  Global *g = L->g;
  if (m->sweep_wanted) {
    tell(m, true);
    sweep_payloads(m);
    tell(m, false);
  }
  bool forced = g->gc_stress || (STRESS_GC() != 0 && STRESS_CHANCE(STRESS_GC()));
  if ((m->gc_wanted || forced) && !RLX(g->gc_stopped)) {
    m->gc_wanted = 0;
    collect_now(m, forced);
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

/* collectgarbage("step", kib): as if so many KiB, times stepmul / 100, had been allocated. That may
 * make a collection due, which is not divided; else a bounded number of pages is swept. Steps of
 * size 0 make one due after STEPS of them; in generational mode each is a collection. True: a
 * collection has ended. */
#define STEPS      16
#define STEP_PAGES 32
static bool step(lua_State *L, int kib) {
  Global *g = L->g;
  Thr *m = L->m;
  size_t mul = (size_t)(RLX(g->gcstepmul) | 1), limit = RLX(g->limit);
  size_t credit = kib > 0 ? (size_t)kib * 1024 / 100 * mul : limit / STEPS + 1;
  size_t credits = __atomic_add_fetch(&g->credits, credit, __ATOMIC_RELAXED);
  ptrdiff_t allocated = (ptrdiff_t)(RLX(g->alloc) + m->debt);
  if ((kib > 0 || !RLX(g->gc_gen)) && allocated + (ptrdiff_t)credits <= (ptrdiff_t)limit) {
    tell(m, true);
    core_heap_sweep_some(m, STEP_PAGES);
    tell(m, false);
    return false;
  }
  full_cycle(L);
  return true;
}

/* What the options mean here. collect, count, stop, restart, isrunning: as in stock Lua. pause: how
 * long a collection waits, in percent of what the last one left: 200 until as much again has been
 * allocated; below 110 counts as 110, and small heaps wait for LIMIT_MIN. stepmul, step: see
 * above. incremental, generational: remembered, and told by the next call; there is one collector,
 * so the other numbers that come with them are checked and forgotten. */
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
  case LUA_GCSTEP: res = step(L, va_arg(ap, int)); break;
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
      if (pause != 0) RLX_SET(g->gcpause, pause / 4 * 4);
      if (mul != 0) RLX_SET(g->gcstepmul, mul / 4 * 4);
      core_gc_set_limit(g);
    }
    break;
  }
  default: res = -1;
  }
  va_end(ap);
  return res;
}
