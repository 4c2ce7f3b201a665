/* thread.c: OS threads of a heap: safepoints, safe regions, stopping the world, handshakes;
 * creating and destroying a heap.
 *
 * Protocol [world]
 *   1. A thread runs Lua only in state THR_RUN. It leaves that state in safe regions only.
 *   2. Who stops the world holds Global.mu, sets Global.stw, sets every poll word, and waits until
 * no other thread is in THR_RUN.
 *   3. Entering THR_RUN: store the state, then look at stw (both seq_cst); if it is set, step back
 * and wait on Global.mu. So either the stopper sees THR_RUN and waits, or the thread sees stw.
 * Handshake: the initiator bumps Global.hs, sets the poll words, and waits until each thread has
 * been in a safe region or has acknowledged at a poll. Nobody stops. */
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#if defined(__aarch64__)
#  include <sys/auxv.h>
#  ifndef HWCAP_USCAT
#    define HWCAP_USCAT (1ul << 25) /* older headers lack it */
#  endif
#endif
#include "api.h"
#include "mark.h"
#include "stress.h"

#define SEQ __ATOMIC_SEQ_CST

void core_enter_safe(Thr *m) { __atomic_store_n(&m->state, THR_SAFE, SEQ); }

void core_leave_safe(Thr *m) {
  Global *g = m->g;
  for (;;) {
    while (unlikely(__atomic_load_n(&g->stw, SEQ))) {
      pthread_mutex_lock(&g->mu); /* held as long as the world is stopped */
      pthread_mutex_unlock(&g->mu);
    }
    __atomic_store_n(&m->state, THR_RUN, SEQ); /* [world] 3; pairs with stw_begin's store of stw */
    if (likely(!__atomic_load_n(&g->stw, SEQ))) break;
    __atomic_store_n(&m->state, THR_SAFE, SEQ);
  }
  __atomic_store_n(&m->ack, __atomic_load_n(&g->hs, SEQ), SEQ);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static void wait_a_little(unsigned *n) {
  if (++*n < 1000) {
    cpu_relax();
  } else if (*n < 2000) {
    sched_yield();
  } else {
    struct timespec t = {0, 50000};
    nanosleep(&t, NULL);
  }
}

void core_stw_begin(Thr *m) {
  Global *g = m->g;
  if (m->stw_depth++ > 0) return;
  uint64_t asked = now_ns();
  core_enter_safe(m); /* another stopper may be first */
  pthread_mutex_lock(&g->mu);
  __atomic_store_n(&g->stw, 1, SEQ);
  uint32_t running = 1;
  for (Thr *t = g->thr; t != NULL; t = t->next)
    if (t != m) {
      __atomic_store_n(&t->poll, 1, SEQ);
      if (__atomic_load_n(&t->state, SEQ) != THR_SAFE) running++;
    }
  RLX_SET(g->nrunning, running); /* relaxed: others read it as a hint */
  for (Thr *t = g->thr; t != NULL; t = t->next) {
    unsigned n = 0;
    while (t != m && __atomic_load_n(&t->state, SEQ) != THR_SAFE) wait_a_little(&n);
  }
  m->stop_began = now_ns();
  COUNT(m, stops, 1);
  COUNT(m, stop_wait_ns, m->stop_began - asked);
}

void core_stw_end(Thr *m) {
  Global *g = m->g;
  if (--m->stw_depth > 0) return;
  COUNT(m, stopped_ns, now_ns() - m->stop_began);
  __atomic_store_n(&g->stw, 0, SEQ);
  pthread_mutex_unlock(&g->mu);
  core_leave_safe(m);
}

void core_handshake(Thr *m) {
  Global *g = m->g;
  if (!g->parallel) return;
  uint64_t asked = now_ns();
  core_enter_safe(m);
  pthread_mutex_lock(&g->mu);
  uint32_t h = __atomic_add_fetch(&g->hs, 1, SEQ);
  for (Thr *t = g->thr; t != NULL; t = t->next)
    if (t != m) __atomic_store_n(&t->poll, 1, SEQ);
  for (Thr *t = g->thr; t != NULL; t = t->next) {
    unsigned n = 0;
    while (t != m && __atomic_load_n(&t->state, SEQ) != THR_SAFE &&
           (int32_t)(__atomic_load_n(&t->ack, SEQ) - h) < 0)
      wait_a_little(&n);
  }
  pthread_mutex_unlock(&g->mu);
  core_leave_safe(m);
  COUNT(m, handshakes, 1);
  COUNT(m, handshake_ns, now_ns() - asked);
}

static bool collector_waits(const Thr *m) {
  return m->gc_wanted || m->sweep_wanted || RLX(m->g->tobefnz.n) > 0;
}

static void acknowledge(Thr *m) {
  Global *g = m->g;
  __atomic_store_n(&m->poll, 0, SEQ);
  __atomic_store_n(&m->ack, __atomic_load_n(&g->hs, SEQ), SEQ); /* pairs with core_handshake */
  if (__atomic_load_n(&g->stw, SEQ)) {
    core_enter_safe(m);
    core_leave_safe(m);
  }
  if (unlikely(m->strtab_full)) core_str_safepoint(m);
}

/* The callback may raise, so it finds the poll word set again if the collector waits. */
static void call_back(lua_State *L, Thr *m) {
  Global *g = m->g;
  if (g->pollfn == NULL) return;
  if (collector_waits(m)) RLX_SET(m->poll, 1);
  ptrdiff_t top = stack_off(L, L->top);
  stack_check(L, LUA_MINSTACK);
  g->pollfn(L, g->poll_ud);
  L->top = stack_at(L, top);
}

/* The poll word is set. `precise`: registers above L->top are dead, so a collection of our own may
 * start here; elsewhere it waits for a better place, but not for ever. */
NOINLINE void core_safepoint(lua_State *L, bool precise) {
  Thr *m = L->m;
  Global *g = m->g;
  acknowledge(m);
  STRESS_POINT();
  if (__atomic_exchange_n(&m->poked, 0, __ATOMIC_ACQUIRE)) call_back(L, m);
  if (precise || m->deferred > 200)
    core_gc_safepoint(L);
  else if (collector_waits(m)) {
    m->deferred++;
    RLX_SET(m->poll, 1);
  }
  if (L->trap && !L->hookmask) core_update_trap(L);
  if (unlikely(g->gc_stress) || STRESS_GC() != 0) RLX_SET(m->poll, 1);
}

/* In an API function that allocates: C code relies on not being asked there, so the callback waits
 * for the next poll of Lua code. */
NOINLINE void core_safepoint_api(lua_State *L) {
  Thr *m = L->m;
  acknowledge(m);
  core_gc_safepoint(L);
  if (unlikely(L->g->gc_stress) || STRESS_GC() != 0 || RLX(m->poked)) RLX_SET(m->poll, 1);
}

/* ---- threads ---- */
/* Ids are used once. A thread may need a new one while others run: core_share_everything. */
uint32_t core_next_id(Global *g) { return __atomic_add_fetch(&g->nextid, 1, __ATOMIC_RELAXED); }

static uint64_t mix(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

static uint64_t fixed_seed; /* written while no heap exists; 0: none */

void gilt_core_fix_seed(uint64_t seed) { fixed_seed = seed | 1; }

static uint64_t new_seed(const Thr *m) {
  if (fixed_seed != 0) return fixed_seed += UINT64_C(0x9e3779b97f4a7c15) << 1;
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (uint64_t)t.tv_nsec ^ (uint64_t)t.tv_sec << 32 ^ (uint64_t)(uintptr_t)m;
}

Thr *core_thr_new(Global *g) {
  Thr *m = aligned_alloc(64, (sizeof *m + 63) & ~(size_t)63);
  if (m == NULL) return NULL;
  memset(m, 0, sizeof *m);
  m->g = g;
  m->state = THR_SAFE;
  uint64_t seed = new_seed(m);
  for (int i = 0; i < 4; i++) m->rng[i] = mix(seed += 0x9e3779b97f4a7c15ull);
  return m;
}

/* A thread that ended since the last collection left its allocator: take it over. Under Global.mu.
 */
static Thr *thr_reuse(Global *g) {
  Thr *m = g->dead;
  if (m == NULL) return NULL;
  g->dead = m->next;
  RLX_SET(m->poll, 0);
  m->poked = 0;
  m->modes = 0;
  return m;
}

int gilt_core_attach(lua_State *L) {
  Global *g = L->g;
  Thr *fresh = core_thr_new(g);
  if (fresh == NULL) return LUA_ERRMEM;
  pthread_mutex_lock(&g->mu); /* not while the world is stopped */
  Thr *m = thr_reuse(g);
  if (m == NULL) {
    m = fresh;
    fresh = NULL;
  }
  m->epoch = g->epoch;
  m->id = g->parallel ? core_next_id(g) : g->main->id;
  if (g->parallel && g->modlocks != NULL) m->modes |= THR_GUARDED;
  m->next = g->thr;
  m->base = m->L = L;
  g->thr = m;
  L->m = m;
  L->is_base = 1;
  L->nny = 1;
  L->claimed = 1; /* running, for as long as it is attached */
  if (g->gc_stress || STRESS_GC() != 0) RLX_SET(m->poll, 1);
  pthread_mutex_unlock(&g->mu);
  free(fresh);
  core_leave_safe(m);
  return LUA_OK;
}

static void add_counters(struct gilt_core_counters *sum, const Thr *m) {
#define ADD(name) sum->name += RLX(m->count.name);
  GILT_CORE_COUNTERS(ADD)
#undef ADD
}

void gilt_core_detach(lua_State *L) {
  Thr *m = L->m;
  Global *g = m->g;
  if (g->parallel) {
    core_publish(L, thread_obj(L));
    core_publish_stack(L, L);
  }
  core_enter_safe(m);
  pthread_mutex_lock(&g->mu);
  for (Thr **p = &g->thr; *p != NULL; p = &(*p)->next)
    if (*p == m) {
      *p = m->next;
      break;
    }
  add_counters(&g->count, m);
  memset(&m->count, 0, sizeof m->count);
  m->base = m->L = NULL;
  m->next = g->dead;
  g->dead = m;
  L->m = g->main;
  L->is_base = 0;
  L->nny = 0;
  REL_SET(L->claimed, 0);
  pthread_mutex_unlock(&g->mu);
}

static void leave_ended(lua_State *L1, bool live, void *ud) {
  Global *g = ud;
  (void)live;
  for (Thr *m = g->dead; m != NULL; m = m->next)
    if (L1->m == m) L1->m = g->main;
}

/* World stopped: the main thread inherits what ended threads allocated, and the coroutines that one
 * of them was the last to run. */
void core_adopt_dead(Global *g) {
  if (g->dead == NULL) return;
  Thr *heir = g->main, **at = &g->dead;
  for (Thr *m = g->dead; m != NULL; m = m->next) core_heap_inherit(heir, m);
  core_heap_each_thread(g, leave_ended, g);
  while (*at != NULL) {
    Thr *m = *at;
    if (g->runner == m) g->runner = NULL;
    heir->nstr += m->nstr;
    m->nstr = 0;
    bool in_use = m->nretired > 0 && core_emergency_waits(g);
    if (in_use || !core_vec_reserve(&heir->finobj, m->finobj.n)) {
      at =
          &m->next; /* keeps its blocks and finalizers, which gc.c finds here, till the next time */
      continue;
    }
    for (size_t i = 0; i < m->nretired; i++)
      core_raw_free(heir, m->retired[i].p, m->retired[i].size);
    for (size_t i = 0; i < m->finobj.n; i++) (void)core_vec_push(&heir->finobj, m->finobj.a[i]);
    *at = m->next;
    free(m->retired);
    free(m->finobj.a);
    free(m);
  }
}

void gilt_core_share(lua_State *L, int idx) {
  if (L->g->parallel) publish_val(L, index2value(L, idx));
}

/* One allocator goes to who runs, with its free cells in the cache. With one for each thread, every
 * turn would begin in memory that has gone cold, and the heap would be as many times larger. */
void gilt_core_take_turn(lua_State *L) {
  Thr *m = L->m;
  Global *g = m->g;
  if (g->parallel || g->runner == m) return;
  if (g->runner != NULL) core_heap_swap(m, g->runner);
  g->runner = m;
}

void gilt_core_enter_safe(lua_State *L) {
  if (is_guarded(L->m)) core_mod_leave(L->m);
  core_enter_safe(L->m);
}
void gilt_core_leave_safe(lua_State *L) {
  Thr *m = L->m;
  core_leave_safe(m);
  if (is_guarded(m)) core_mod_frame(m->L, m->L->ci);
}

void gilt_core_set_poll(lua_State *L, gilt_core_poll_fn fn, void *ud) {
  L->g->poll_ud = ud;
  L->g->pollfn = fn;
}
void gilt_core_poke(lua_State *L) {
  Thr *m = L->m;
  __atomic_store_n(&m->poked, 1, __ATOMIC_RELEASE); /* pairs with the exchange in core_safepoint */
  RLX_SET(m->poll, 1);
}
void gilt_core_stop_world(lua_State *L) { core_stw_begin(L->m); }
void gilt_core_start_world(lua_State *L) { core_stw_end(L->m); }
lua_State *gilt_core_running(lua_State *L) { return L->m->L; }
bool gilt_core_parallel(lua_State *L) { return L->g->parallel; }
bool gilt_core_finalizing(lua_State *L) { return L->m->in_finalizer != 0; }

/* ---- the toggle ---- */

static void share_open_upvals(lua_State *L1, bool live, void *ud) {
  (void)live;
  if (L1->stack == NULL) return;
  for (UpVal *u = L1->openuv; u != NULL; u = u->u.open.next) core_upval_escape(ud, u);
}
/* What runs now is claimed by its OS thread: until now nobody looked. */
static void claim_running(Thr *t) {
  for (lua_State *L1 = t->L; L1 != NULL; L1 = L1->from) RLX_SET(L1->claimed, 1);
}
static void own(Object *o, void *ud) {
  if (basetype(o->tt) != LUA_TSTRING && o->tt != TPROTO) o->owner = *(uint32_t *)ud;
}

bool gilt_core_can_parallel(const char **why_out) {
  const char *why = NULL;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx")) why = "this CPU has no AVX: no atomic 16-byte accesses";
#else
  if (!(getauxval(AT_HWCAP) & HWCAP_USCAT))
    why = "this CPU has no LSE2: no atomic 16-byte accesses";
#endif
  const char *forced = getenv("GILT_NO_PARALLEL");
  if (forced != NULL && strcmp(forced, "1") == 0) why = "GILT_NO_PARALLEL is set";
  if (why_out != NULL && why != NULL) *why_out = why;
  return why == NULL;
}

/* On: each thread gets a new id, which makes every existing object shared at once. Off: one id for
 * all, and every object belongs to it. */
bool gilt_core_set_parallel(lua_State *L, bool on) {
  Global *g = L->g;
  if (CORE_ALONE) return false;
  if (on && !gilt_core_can_parallel(NULL)) return g->parallel;
  core_stw_begin(L->m);
  core_adopt_dead(g);
  bool was = g->parallel;
  if (on && !was) {
    for (Thr *t = g->thr; t != NULL; t = t->next) {
      t->id = core_next_id(g);
      claim_running(t);
      RLX_SET(t->poll, 1);
    }
    core_heap_each_thread(g, share_open_upvals, L);
    g->parallel = 1;
  } else if (!on && was) {
    uint32_t id = core_next_id(g);
    for (Thr *t = g->thr; t != NULL; t = t->next) t->id = id;
    core_heap_each_object(g, own, &id);
    g->parallel = 0;
  }
  core_mod_update(g);
  core_stw_end(L->m);
  return was;
}

void gilt_core_stats(lua_State *L, struct gilt_core_stats *out) {
  Global *g = L->g;
  memset(out, 0, sizeof *out);
  core_enter_safe(L->m); /* whoever stops the world holds mu and waits for us */
  pthread_mutex_lock(&g->mu);
  out->collections = g->ncollect;
  out->gc_ns = g->gc_ns;
  out->mark_ns = g->mark_ns;
  out->pause_last_ns = g->pause_last_ns;
  out->pause_max_ns = g->pause_max_ns;
  out->markers = g->markers_last;
  out->live_bytes = g->estimate;
  out->emergencies = g->nemergency;
  out->n = g->count;
  for (Thr *t = g->thr; t != NULL; t = t->next) add_counters(&out->n, t);
  pthread_mutex_unlock(&g->mu);
  core_leave_safe(L->m);
}

void gilt_core_set_gc_watch(lua_State *L, gilt_core_gc_fn fn, void *ud) {
  L->g->gc_ud = ud;
  L->g->gcfn = fn;
}

void gilt_core_set_markers(lua_State *L, unsigned n) {
  core_stw_begin(L->m);
  L->g->markers = n < MARKERS_MAX ? n : MARKERS_MAX;
  core_stw_end(L->m);
}

void gilt_core_stress_gc(lua_State *L, bool on) {
  L->g->gc_stress = on;
  RLX_SET(L->m->poll, 1);
}
void gilt_core_starve_marking(lua_State *L, bool on) {
  core_stw_begin(L->m);
  L->g->mark_starved = on;
  core_stw_end(L->m);
}
void gilt_core_fail_alloc(lua_State *L, long n) {
  L->g->failcount = n;
  L->m->refuse = 0;
  core_heap_hide_cells(L->m, n >= 0);
}
void gilt_core_fail_hook(lua_State *L, gilt_core_fail_fn fn, void *ud) {
  L->g->fail_ud = ud;
  L->g->failfn = fn;
  L->m->refuse = 0;
  core_heap_hide_cells(L->m, fn != NULL);
}

/* ---- the heap's life ---- */
static void open_state(lua_State *L, void *ud) {
  Global *g = L->g;
  (void)ud;
  g->memerr = str_lit(L, "not enough memory");
  core_meta_init(L);
  Table *reg = core_tab_new(L);
  set_obj(&g->registry, reg, TTAB);
  core_tab_resize(L, reg, LUA_RIDX_LAST, 0);
  Value v;
  set_obj(&v, thread_obj(L), TTHR);
  core_tab_set_int(L, reg, LUA_RIDX_MAINTHREAD, &v);
  Table *globals = core_tab_new(L);
  set_obj(&v, globals, TTAB);
  core_tab_set_int(L, reg, LUA_RIDX_GLOBALS, &v);
}

/* The auxiliary library makes the metatable of its buffers when it first needs it, in two steps. If
 * memory fails between them, every later buffer of the state is broken. So it is made here. */
static void open_buffers(lua_State *L, void *ud) {
  luaL_Buffer b;
  (void)ud;
  luaL_buffinitsize(L, &b, 2 * (size_t)LUAL_BUFFERSIZE);
  luaL_pushresultsize(&b, 0);
  lua_settop(L, 0);
}

struct first_thread {
  lua_State boot;
  lua_State *L;
};
static void make_main(lua_State *boot, void *ud) {
  ((struct first_thread *)ud)->L = core_thread_new(boot);
}

static void free_global(Global *g) {
  core_pool_heap_closed(g);
  core_adopt_dead(g);
  core_heap_destroy(g);
  core_mod_free(g);
  free(g->strtab);
  free(g->tobefnz.a);
  pthread_mutex_destroy(&g->mu);
  pthread_mutex_destroy(&g->alloc_mu);
  pthread_mutex_destroy(&g->fin_mu);
  g->frealloc(g->ud, g, sizeof *g, 0);
}

LUA_API lua_State *lua_newstate(lua_Alloc f, void *ud) {
  Global *g = f(ud, NULL, LUA_TTHREAD, sizeof *g);
  if (g == NULL) return NULL;
  memset(g, 0, sizeof *g);
  g->frealloc = f;
  g->ud = ud;
  g->failcount = -1;
  g->epoch = 1;
  g->gcpause = 200;
  g->gcstepmul = 100;
  g->gc_stopped = 1; /* until the state is complete */
  g->limit = SIZE_MAX / 4;
  core_pool_heap_opened(g);
  pthread_mutex_init(&g->mu, NULL);
  pthread_mutex_init(&g->alloc_mu, NULL);
  pthread_mutex_init(&g->fin_mu, NULL);
  Thr *m = core_thr_new(g);
  if (m == NULL || !core_str_init(g)) {
    free(m);
    core_pool_heap_closed(g);
    g->frealloc(ud, g, sizeof *g, 0);
    return NULL;
  }
  m->is_main = 1;
  core_heap_begin_large(m);
  m->epoch = g->epoch;
  m->id = core_next_id(g);
  m->state = THR_RUN;
  g->thr = g->main = g->runner = m;
  g->nrunning = 1;
  struct first_thread ft; /* something for errors to jump to before there is a thread */
  memset(&ft, 0, sizeof ft);
  ft.boot.g = g;
  ft.boot.m = m;
  if (core_run_protected(&ft.boot, make_main, &ft) != LUA_OK) {
    free_global(g);
    return NULL;
  }
  lua_State *L = ft.L;
  L->is_base = 1;
  L->nny = 1;
  L->claimed = 1;
  g->mainL = m->L = m->base = L;
  if (core_run_protected(L, open_state, NULL) != LUA_OK ||
      core_run_protected(L, open_buffers, NULL) != LUA_OK) {
    free_global(g);
    return NULL;
  }
  g->gc_stopped = 0;
  g->alloc = 0;
  g->estimate = m->debt;
  m->debt = 0;
  core_gc_set_limit(g);
  return L;
}

static void all_finalizers(Global *g) {
  lua_State *L = g->mainL;
  Thr *m = L->m;
  core_stw_begin(m);
  core_adopt_dead(g);
  core_stw_end(m);
  core_gc_finalizers(L, true);
  core_gc_last_finalizers(L);
}

LUA_API void lua_close(lua_State *L) {
  Global *g = L->g;
  L = g->mainL; /* only the main thread can be closed */
  L->ci = &L->base_ci;
  L->errjmp = NULL;
  core_close_protected(L, stack_off(L, L->stack + 1), CLOSE_OK);
  L->top = L->stack + 1;
  L->m->in_finalizer = 0;
  g->closing = 1;
  g->gc_stopped = 1;
  all_finalizers(g);
  free_global(g);
}
