/* modlock.c: C modules that are not made for threads in parallel. While the heap is parallel each
 * has a lock of its own: one OS thread at a time runs its C code.
 *
 * Protocol [modlock]
 *   1. A C function of such a module runs with the module's lock, and with no other.
 *   2. Other C functions that it calls run with it, too, like finalizers in its API calls. Lua code
 *      and functions of another such module run without it, and so does what waits in a safe region
 *      of the embedder. It is taken again before the module's code goes on. Those are the places
 *      where the GIL would change hands, so the module knows this kind of interruption.
 *   3. A thread holds one lock at most, and waits for one with none, in a safe region. So they
 *      cannot deadlock with each other.
 * What a frame runs with is read off the stack: the innermost C function of such a module that no
 * Lua function separates from it. After a call, an error or a resume that is set right by
 * core_mod_frame. CI_MODULE marks the frames whose end has to do it.
 * The ranges change with the world stopped; THR_GUARDED says that there are any and that the heap
 * is parallel. While a lock is held that does not change: see gilt_core_set_parallel. */
#include <stdlib.h>
#include "core.h"

struct ModLock {
  pthread_mutex_t mtx;
  struct ModLock *next;
  uintptr_t lo, hi; /* (c) the module's code */
};

static ModLock *lock_of(const Global *g, uintptr_t at) {
  for (ModLock *k = g->modlocks; k != NULL; k = k->next)
    if (at - k->lo < k->hi - k->lo) return k;
  return NULL;
}

/* The C code that runs in ci, a hook of its state included; 0: Lua code. */
static uintptr_t frame_code(const lua_State *L, const CallInfo *ci) {
  if (ci->status & CI_HOOKED) return (uintptr_t)L->hook;
  if (ci_is_lua(ci)) return 0;
  if (ci->func->tt == TLCF) return (uintptr_t)ci->func->v.f;
  return ci->func->tt == TCCL ? (uintptr_t)ci->func->v.c->f : 0;
}

static ModLock *frame_lock(const lua_State *L, const CallInfo *ci) {
  for (; ci != NULL; ci = ci->prev) {
    uintptr_t code = frame_code(L, ci);
    ModLock *k = code != 0 ? lock_of(L->g, code) : NULL;
    if (k != NULL || code == 0) return k;
  }
  return NULL;
}

static void take(Thr *m, ModLock *k) {
  if (pthread_mutex_trylock(&k->mtx) != 0) {
    core_enter_safe(m);
    pthread_mutex_lock(&k->mtx);
    core_leave_safe(m);
  }
  m->modlock = k;
}

static void hold(Thr *m, ModLock *k) {
  if (m->modlock == k) return;
  if (m->modlock != NULL) pthread_mutex_unlock(&m->modlock->mtx);
  m->modlock = NULL;
  if (k != NULL) take(m, k);
}

/* Frame ci goes on: after a call, an error, a resume. Or its C function, or its hook, begins. */
NOINLINE void core_mod_frame(lua_State *L, CallInfo *ci) {
  ModLock *k = is_guarded(L->m) ? frame_lock(L, ci) : NULL;
  if (k != NULL && !ci_is_lua(ci)) ci->status |= CI_MODULE;
  hold(L->m, k);
}

/* Lua code, or a wait, is about to begin. */
NOINLINE void core_mod_leave(Thr *m) { hold(m, NULL); }

/* World stopped, or nobody else there yet. */
void core_mod_update(Global *g) {
  bool on = g->parallel && g->modlocks != NULL;
  for (Thr *t = g->thr; t != NULL; t = t->next)
    t->modes = (uint8_t)((t->modes & ~THR_GUARDED) | (on ? THR_GUARDED : 0));
}

void core_mod_free(Global *g) {
  for (ModLock *k = g->modlocks, *next; k != NULL; k = next) {
    next = k->next;
    pthread_mutex_destroy(&k->mtx);
    free(k);
  }
}

int gilt_core_guard_code(lua_State *L, const void *lo, const void *hi) {
  Global *g = L->g;
  ModLock *k = malloc(sizeof *k);
  if (k == NULL) return LUA_ERRMEM;
  pthread_mutex_init(&k->mtx, NULL);
  k->lo = (uintptr_t)lo;
  k->hi = (uintptr_t)hi;
  core_stw_begin(L->m);
  k->next = g->modlocks;
  g->modlocks = k;
  core_mod_update(g);
  core_stw_end(L->m);
  return LUA_OK;
}

/* Their holders are not in this process. */
void gilt_core_forked(lua_State *L) {
  for (ModLock *k = L->g->modlocks; k != NULL; k = k->next)
    if (k != L->m->modlock) pthread_mutex_init(&k->mtx, NULL);
}
