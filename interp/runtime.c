/* runtime.c: a runtime's life, and the threads that go in and out. Locking key: runtime_impl.h. */
#include "runtime_impl.h"
#include "schedule.h"

#include <errno.h>
#include <gilt/gil_inline.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

_Thread_local rt_thread *rt_tls_self;

/* All attachments of this OS thread, and the key whose destructor ends them with the thread. */
static _Thread_local rt_thread *tls_attached;
static pthread_key_t exit_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void on_thread_exit(void *unused);

static const struct rt_observer *observer;

void rt_set_observer(const struct rt_observer *o) { observer = o; }

static void init_process(void) {
  if (pthread_key_create(&exit_key, on_thread_exit) != 0) abort();
  rt_core_init();
  rt_interrupt_init();
}

rt_thread *rt_self(void) { return rt_tls_self; }
bool rt_has_gil(const rt_thread *t) { return rt_locks(t); }

gilt_runtime *rt_of(lua_State *L) {
  gilt_runtime *rt;
  memcpy(&rt, lua_getextraspace(L), sizeof rt);
  return rt;
}

rt_worker_info rt_worker(rt_thread *t) { return t->worker; }

/* ---- in and out ---- */

void rt_take(rt_thread *t) {
  if (t->turn != NULL) schedule_take(t);
#if GILT_OWN_CORE
  t->locked = (atomic_load_explicit(&t->rt->mode, memory_order_seq_cst) & RT_MODE_FREE) == 0;
#endif
#if GILT_GIL
  if (rt_locks(t)) gil_acquire_inline(t->lock);
#else
  (void)t;
#endif
}

void rt_give(rt_thread *t) {
#if GILT_GIL
  if (rt_locks(t)) gil_release_inline(t->lock);
#else
  (void)t;
#endif
}

void rt_lock(rt_thread *t) {
  rt_take(t);
  rt_go_inside(t);
  if (t->turn != NULL) schedule_begin(t);
}

void rt_unlock(rt_thread *t) {
  rt_go_outside(t);
  rt_give(t);
  if (t->starting != NULL) rt_flush_start(t);
}

/* Under a schedule a thread that is in a region keeps lock and turn: its system calls take place at
 * once. Only what waits through rt_park or blocking.c lets others run. */
void rt_release(rt_thread *t) {
  t->region = GIL_NATIVE;
  if (t->turn != NULL)
    rt_go_outside(t);
  else
    rt_unlock(t);
}

void rt_acquire(rt_thread *t) {
  if (t->turn != NULL)
    rt_go_inside(t);
  else
    rt_lock(t);
}

void rt_block_begin(rt_thread *t, enum gil_state why) {
  t->region = (uint8_t)why;
  rt_go_outside(t);
#if GILT_GIL
  if (rt_locks(t) && (t->turn == NULL || why == GIL_DETACHED)) gil_block_begin(t->lock, why);
#endif
  if (t->starting != NULL) rt_flush_start(t);
}

void rt_block_end(rt_thread *t) {
#if GILT_GIL
  if (rt_locks(t) && t->turn == NULL) gil_block_end(t->lock);
#endif
  rt_go_inside(t);
}

/* ---- safepoints ---- */

bool rt_safepoint_due(const rt_thread *t) {
#if GILT_GIL
  if (rt_locks(t) && gil_drop_wanted(t->lock)) return true; /* under `tick` there is no signal */
#endif
  return t->asked || (rt_interrupted(t) && !rt_interrupt_waits(t));
}

void rt_safepoint(lua_State *L, rt_thread *t) {
  t->asked = 0;
#if GILT_GIL
  if (rt_locks(t) && (GILT_STRESS_GIL || gil_drop_wanted(t->lock))) {
    rt_go_outside(t);
    gil_yield(t->lock);
    rt_go_inside(t);
  }
#endif
  if (!rt_interrupted(t) || rt_interrupt_waits(t)) return;
  rt_offer_again(t); /* the error passes our caller, which would go on offering */
  rt_raise_interrupt(L, t);
}

#if GILT_GIL
/* The caller holds the lock and is about to give it up; nothing is allocated. */
static void name_hold(void *arg, char *buf, size_t size) {
  rt_thread *t = arg;
  if (t != rt_tls_self || t->base == NULL) return;
  lua_State *L = rt_top(t);
  lua_Debug ar;
  if (L == NULL) return;
  const char *inner = NULL;
  for (int level = 0; lua_getstack(L, level, &ar) && lua_getinfo(L, "Sln", &ar); level++) {
    if (ar.currentline < 0) { /* a C function: its Lua caller has the line */
      if (inner == NULL) inner = ar.name;
      continue;
    }
    const char *name = inner != NULL ? inner : ar.name;
    snprintf(buf, size, "%s:%d%s%s", ar.short_src, ar.currentline, name != NULL ? " " : "",
             name != NULL ? name : "");
    return;
  }
  snprintf(buf, size, "the end of the thread"); /* nothing is on its stack any more */
}
#endif

void rt_poke_all(gilt_runtime *rt) {
  pthread_mutex_lock(&rt->mtx);
  for (rt_thread *t = rt->threads; t != NULL; t = t->next) rt_poke(t);
  pthread_mutex_unlock(&rt->mtx);
}

/* ---- attachments ---- */

int rt_thread_new(gilt_runtime *rt, const char *name, rt_thread **out) {
  pthread_once(&once, init_process);
  static _Atomic uint64_t ids;
  rt_thread *t = calloc(1, sizeof *t);
  if (t == NULL) return GILT_ENOMEM;
  t->rt = rt;
  t->id = 1 + atomic_fetch_add_explicit(&ids, 1, memory_order_relaxed);
  t->worker = (rt_worker_info){.mode = "serial", .worker = 1, .workers = 1};
  atomic_init(&t->wake_fd, -1);
#if GILT_GIL
  int rc = gil_attach(rt->lock, name, t, &t->lock);
  if (rc != GILT_OK) {
    free(t);
    return rc;
  }
  if (gil_policy_ticks(rt->lock)) rt_poke_self(t); /* from its first instruction on */
#else
  (void)name;
#endif
  if (schedule_on && schedule_of(rt)) {
    t->asked = 0;
    if ((t->turn = schedule_add(t, name)) == NULL) {
#if GILT_GIL
      gil_detach(t->lock);
#endif
      free(t);
      return GILT_ENOMEM;
    }
  }
  pthread_mutex_lock(&rt->mtx);
  if (rt->threads != NULL) atomic_store_explicit(&rt->shared, true, memory_order_relaxed);
  t->next = rt->threads;
  if (t->next != NULL) t->next->prev = t;
  rt->threads = t;
  pthread_mutex_unlock(&rt->mtx);
  rt_ref(rt);
  *out = t;
  return GILT_OK;
}

void rt_thread_adopt(rt_thread *t) {
  /* seq_cst with the load in rt_thread_signal: either it sees the thread, or the thread sees the
   * interrupt before it waits. */
  atomic_store_explicit(&t->tid, (pid_t)syscall(SYS_gettid), memory_order_seq_cst);
  t->sibling = tls_attached;
  tls_attached = t;
  t->outer = rt_tls_self;
  rt_tls_self = t;
}

static int rt_attach(gilt_runtime *rt, const char *name, rt_thread **out) {
  int rc = rt_thread_new(rt, name, out);
  if (rc == GILT_OK) rt_thread_adopt(*out);
  return rc;
}

static void forget(rt_thread *t) {
  for (rt_thread **p = &tls_attached; *p != NULL; p = &(*p)->sibling)
    if (*p == t) {
      *p = t->sibling;
      break;
    }
  gilt_runtime *rt = t->rt;
  pthread_mutex_lock(&rt->mtx);
  if (t->prev != NULL)
    t->prev->next = t->next;
  else
    rt->threads = t->next;
  if (t->next != NULL) t->next->prev = t->prev;
  /* Whoever waits for a mutex of t has to see that it is gone. */
  for (rt_thread *u = t->locks_held > 0 ? rt->threads : NULL; u != NULL; u = u->next) rt_unpark(u);
  pthread_mutex_unlock(&rt->mtx);
}

void rt_thread_falls(rt_thread *t, const char *name) {
  gilt_runtime *rt = t->rt;
  pthread_mutex_lock(&rt->mtx);
  struct rt_fallen *f = &rt->fallen[rt->fallen_next++ % RT_FALLEN];
  f->id = t->id;
  snprintf(f->name, sizeof f->name, "%s", name);
  pthread_mutex_unlock(&rt->mtx);
}

bool rt_thread_lives(gilt_runtime *rt, uint64_t id, char name[64]) {
  name[0] = '\0';
  pthread_mutex_lock(&rt->mtx);
  const rt_thread *t = rt->threads;
  while (t != NULL && t->id != id) t = t->next;
  for (int i = 0; t == NULL && i < RT_FALLEN; i++)
    if (rt->fallen[i].id == id) memcpy(name, rt->fallen[i].name, sizeof rt->fallen[i].name);
  pthread_mutex_unlock(&rt->mtx);
  return t != NULL;
}

/* The thread is outside and its Lua state is not anchored any more. */
void rt_detach(rt_thread *t) {
  if (rt_tls_self == t) rt_tls_self = t->outer;
  rt_discard(t);
}

void rt_discard(rt_thread *t) {
  gilt_runtime *rt = t->rt;
  if (t->turn != NULL) schedule_forget(t);
  forget(t);
#if GILT_GIL
  gil_detach(t->lock);
#endif
  int fd = atomic_load_explicit(&t->wake_fd, memory_order_relaxed);
  if (fd >= 0) close(fd);
  free(t->error);
  free(t);
  rt_unref(rt);
}

static void drop_state(rt_thread *t) {
  lua_State *L = rt_service_begin(t->rt, t);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, t); /* the key exists: no allocation, no error */
  rt_service_end(t->rt, t);
  rt_core_detach(t);
  t->base = NULL;
}

/* A host thread ends without having left properly: its attachments must not outlive it. */
static void on_thread_exit(void *unused) {
  (void)unused;
  while (tls_attached != NULL) {
    rt_thread *t = tls_attached;
    rt_tls_self = t;
    if (t->base != NULL && !atomic_load_explicit(&t->rt->closing, memory_order_acquire)) {
      if (!t->inside) rt_lock(t);
      if (!atomic_load_explicit(&t->rt->closing, memory_order_relaxed)) drop_state(t);
    }
    if (t->inside) rt_unlock(t);
    t->outer = NULL;
    rt_detach(t);
  }
}

/* ---- Lua states for threads ---- */

static int new_state(lua_State *L) {
  rt_thread *t = lua_touserdata(L, 1);
  t->base = lua_newthread(L);
  lua_sethook(t->base, NULL, 0, 0); /* a hook is inherited; this is no coroutine */
  lua_rawsetp(L, LUA_REGISTRYINDEX, t);
  return 0;
}

lua_State *rt_new_state(rt_thread *t) {
  lua_State *L = rt_service_begin(t->rt, t);
  if (L == NULL) return NULL;
  if (!lua_checkstack(L, 4)) goto out;
  lua_pushcfunction(L, new_state);
  lua_pushlightuserdata(L, t);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
    lua_pop(L, 1);
    t->base = NULL;
  }
out:
  rt_service_end(t->rt, t);
  return t->base;
}

static rt_thread *attachment(gilt_runtime *rt) {
  for (rt_thread *t = tls_attached; t != NULL; t = t->sibling)
    if (t->rt == rt) return t;
  return NULL;
}

/* First visit: the record, then, with the lock, the Lua state. */
static int attach_host(gilt_runtime *rt, rt_thread **out) {
  rt_thread *t;
  int rc = rt_attach(rt, NULL, &t);
  if (rc != GILT_OK) return rc;
  pthread_setspecific(exit_key, rt);
  rt_take(t);
  bool closing = atomic_load_explicit(&rt->closing, memory_order_relaxed);
  if (closing || rt_new_state(t) == NULL || !rt_core_attach(t)) {
    rt_give(t);
    rt_detach(t);
    return closing ? GILT_ECLOSED : GILT_ENOMEM;
  }
  rt_go_inside(t);
  rt_offer(t);
  *out = t;
  return GILT_OK;
}

int rt_enter(gilt_runtime *rt, lua_State **L_out) {
  rt_thread *t = attachment(rt);
  if (t == NULL) {
    if (atomic_load_explicit(&rt->closing, memory_order_acquire)) return GILT_ECLOSED;
    if (schedule_on && schedule_of(rt)) return GILT_EUNSUPPORTED; /* nobody's turn */
    int rc = attach_host(rt, &t);
    if (rc != GILT_OK) return rc;
    t->entry[t->depth++] = RT_ENTRY_OUTSIDE;
    *L_out = rt_top(t);
    return GILT_OK;
  }
  if (t->depth >= RT_DEPTH_MAX) return GILT_ENOMEM;
  enum rt_entry how = t->depth == 0 ? RT_ENTRY_OUTSIDE
                      : t->inside   ? RT_ENTRY_INSIDE
                                    : RT_ENTRY_REGION;
  if (how != RT_ENTRY_INSIDE) {
    if (rt_tls_self != t) {
      t->outer = rt_tls_self;
      rt_tls_self = t;
    }
    if (t->turn == NULL || how == RT_ENTRY_OUTSIDE) rt_take(t);
#if GILT_GIL
    if (how == RT_ENTRY_OUTSIDE && atomic_load_explicit(&rt->closing, memory_order_relaxed)) {
      rt_give(t);
      rt_tls_self = t->outer;
      return GILT_ECLOSED;
    }
#endif
    rt_go_inside(t);
  }
  t->entry[t->depth++] = (uint8_t)how;
  *L_out = rt_top(t);
  return GILT_OK;
}

void rt_leave(gilt_runtime *rt) {
  rt_thread *t = attachment(rt);
  if (t == NULL || t->depth == 0) {
    fputs("gilt: gilt_leave without gilt_enter\n", stderr);
    abort();
  }
  switch ((enum rt_entry)t->entry[--t->depth]) {
  case RT_ENTRY_INSIDE: break;
  case RT_ENTRY_REGION: rt_release(t); break;
  case RT_ENTRY_OUTSIDE:
    rt_block_begin(t, GIL_DETACHED);
    rt_tls_self = t->outer;
    t->outer = NULL;
    break;
  }
}

gilt_runtime *rt_ref(gilt_runtime *rt) {
  atomic_fetch_add_explicit(&rt->refs, 1, memory_order_relaxed);
  return rt;
}

void rt_unref(gilt_runtime *rt) {
  /* [refs] acq_rel: whoever frees it sees what the other users did. Pairs with itself. */
  if (atomic_fetch_sub_explicit(&rt->refs, 1, memory_order_acq_rel) != 1) return;
  rt_heap_fini(&rt->heap);
  rt_free_modules(rt);
#if GILT_GIL
  gil_destroy(rt->lock);
#endif
  pthread_mutex_destroy(&rt->mtx);
  pthread_cond_destroy(&rt->switched);
  pthread_mutex_destroy(&rt->service_mtx);
  free(rt);
}

/* ---- open and close ---- */

static int panic(lua_State *L) {
  const char *msg = lua_tostring(L, -1);
  fprintf(stderr, "gilt: unprotected error in a call to the Lua API (%s)\n",
          msg != NULL ? msg : "?");
  return 0; /* Lua aborts */
}

static int open_all(lua_State *L) {
  gilt_runtime *rt = lua_touserdata(L, 1);
  bool libs = lua_toboolean(L, 2);
  rt->service = lua_newthread(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, rt);
  if (libs) rt_open_libs(L);
  return 0;
}

static void new_lua(void *arg) {
  gilt_runtime *rt = arg;
  rt->L = lua_newstate(rt_heap_alloc, &rt->heap);
}

static int open_state(gilt_runtime *rt, bool libs) {
  if (schedule_fixed)
    schedule_call_on_fixed_stack(new_lua, rt);
  else
    new_lua(rt);
  lua_State *L = rt->L;
  if (L == NULL) return GILT_ENOMEM;
  memcpy(lua_getextraspace(L), &rt, sizeof rt);
  lua_atpanic(L, panic);
  lua_gc(L, LUA_GCSTOP); /* as the lua command: no collection while the libraries open */
  lua_pushcfunction(L, open_all);
  lua_pushlightuserdata(L, rt);
  lua_pushboolean(L, libs);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK) return GILT_ENOMEM;
  lua_gc(L, LUA_GCRESTART);
  lua_gc(L, LUA_GCGEN, 0, 0); /* as the lua command of 5.4 */
  return GILT_OK;
}

static gilt_runtime *new_runtime(const gilt_options *opt) {
  gilt_runtime *rt = calloc(1, sizeof *rt);
  if (rt == NULL) return NULL;
  rt_heap_init(&rt->heap, opt != NULL ? opt->memory_limit : 0);
  atomic_init(&rt->refs, 1);
  pthread_mutex_init(&rt->mtx, NULL);
  pthread_cond_init(&rt->switched, NULL);
  pthread_mutex_init(&rt->service_mtx, NULL);
  return rt;
}

int gilt_open(const gilt_options *opt, gilt_runtime **rt_out) {
  int rc = GILT_OK;
  bool parallel = opt != NULL && opt->gil_off;
  if (parallel && (!GILT_GIL || !rt_core_can_parallel())) return GILT_EUNSUPPORTED;
  gilt_runtime *rt = new_runtime(opt);
  if (rt == NULL) return GILT_ENOMEM;
#if GILT_GIL
  gil_options lock = {.policy = opt != NULL ? opt->policy : NULL,
                      .interval_ns = opt != NULL ? opt->interval_ns : 0,
                      .poke = rt_poke,
                      .name_hold = name_hold};
  if ((rc = gil_create(&lock, &rt->lock)) != GILT_OK) goto fail;
#endif
  rt_thread *t;
  if ((rc = rt_attach(rt, "main", &t)) != GILT_OK) goto fail;
  rt_take(t);
  if ((rc = open_state(rt, opt == NULL || opt->open_libs)) != GILT_OK) {
    if (rt->L != NULL) lua_close(rt->L);
    rt_give(t);
    rt_detach(t);
    goto fail;
  }
  t->base = rt->L;
  rt_core_opened(t);
  t->entry[t->depth++] = RT_ENTRY_OUTSIDE;
  rt_go_inside(t);
  if (parallel && rt_set_gil(t, false) != GILT_OK) abort(); /* it can: asked above */
  if (observer != NULL) observer->opened(rt);
  *rt_out = rt;
  return GILT_OK;
fail:
  rt_unref(rt);
  return rc;
}

void rt_wait_threads(gilt_runtime *rt) {
  rt_thread *t = rt_self();
  for (;;) {
    rt_park_prepare(t);
    pthread_mutex_lock(&rt->mtx);
    bool any = rt->live > 0;
    rt->waiter = any ? t : NULL;
    pthread_mutex_unlock(&rt->mtx);
    if (!any) return;
    rt_park(t, UINT64_MAX, GIL_BLOCKED_LOCK);
    if (rt_interrupted(t)) { /* Ctrl-C: the wait ends when the threads have been told */
      rt_interrupt_others(rt, t);
      rt_clear_interrupt(t);
    }
  }
}

void rt_thread_started(gilt_runtime *rt) {
  pthread_mutex_lock(&rt->mtx);
  rt->live++;
  pthread_mutex_unlock(&rt->mtx);
}

void rt_thread_ended_locked(gilt_runtime *rt) {
  if (--rt->live == 0 && rt->waiter != NULL) rt_unpark(rt->waiter);
}

void rt_thread_ended(gilt_runtime *rt) {
  pthread_mutex_lock(&rt->mtx);
  rt_thread_ended_locked(rt);
  pthread_mutex_unlock(&rt->mtx);
}

void rt_interrupt_others(gilt_runtime *rt, rt_thread *self) {
  int why = atomic_load_explicit(&rt->closing, memory_order_relaxed) ? RT_INTERRUPT_CLOSE
                                                                     : RT_INTERRUPT_RAISE;
  pthread_mutex_lock(&rt->mtx);
  for (rt_thread *t = rt->threads; t != NULL; t = t->next)
    if (t != self) rt_thread_signal(t, why);
  pthread_mutex_unlock(&rt->mtx);
}

/* A host thread that is attached and outside has a record only; its own exit or next gilt_enter
 * sees `closing` and never touches Lua again. */
void gilt_close(gilt_runtime *rt) {
  if (rt == NULL) return;
  rt_thread *t = attachment(rt);
  if (t == NULL || !t->inside) {
    fputs("gilt: gilt_close by a thread that is not inside\n", stderr);
    abort();
  }
  atomic_store_explicit(&rt->closing, true, memory_order_release);
  rt_interrupt_others(rt, t);
  rt_wait_threads(rt);
  rt_idle_close(rt);
  schedule_stop(rt, false);
  rt_core_closing(t);
  lua_close(rt->L);
  rt_unlock(t);
  if (observer != NULL) observer->closing(rt);
  rt_tls_self = t;
  rt_detach(t);
  rt_unref(rt);
}

/* ---- fork ---- */

void rt_fork_prepare(rt_thread *t) {
  rt_mode_hold(t);
  rt_go_outside(t);
#if GILT_GIL
  if (!rt_locks(t)) {
    gil_acquire(t->lock); /* before the world stops: one that came back by it gives it up */
    rt_core_fork_prepare(t);
  }
  gil_fork_prepare(t->lock);
#endif
  pthread_mutex_lock(&t->rt->mtx);
}

void rt_fork_parent(rt_thread *t) {
  pthread_mutex_unlock(&t->rt->mtx);
#if GILT_GIL
  gil_fork_parent(t->lock);
  if (!rt_locks(t)) {
    gil_release(t->lock);
    rt_core_fork_done(t, false);
  }
#endif
  rt_mode_release(t->rt);
  rt_go_inside(t);
}

/* The records of the threads that are not in this process are left alone: their Lua states stay
 * anchored, so that nothing they referred to is finalized twice. */
void rt_fork_child(rt_thread *t) {
  gilt_runtime *rt = t->rt;
  schedule_stop(rt, true);
  pthread_mutex_unlock(&rt->mtx); /* taken in prepare; nobody else is here to wait for it */
  atomic_store_explicit(&t->tid, (pid_t)syscall(SYS_gettid), memory_order_relaxed);
  t->next = t->prev = NULL;
  rt->threads = t;
  rt->live = 0;
  rt->loading = NULL; /* at worst, a module that this thread loads is loaded again */
  rt->idle = NULL;    /* those threads are not in this process */
  rt->idle_count = 0;
  pthread_cond_init(&rt->switched, NULL); /* who waited is not in this process, either */
  atomic_store_explicit(&rt->serving, 0, memory_order_relaxed);
#if GILT_GIL
  gil_fork_child(t->lock);
  if (!rt_locks(t)) {
    gil_release(t->lock);
    pthread_mutex_init(&rt->service_mtx, NULL); /* its holder is not in this process */
    rt_core_fork_done(t, true);
  }
#endif
  rt_mode_release(rt);
  if (observer != NULL) observer->forked(rt);
  rt_go_inside(t);
}
