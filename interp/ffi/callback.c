/* callback.c: Lua functions that C calls, on any thread.
 *
 * Where the thread is inside a foreign call of the same runtime, the callback runs on the Lua state
 * that made the call; an error waits in the call's frame until C has returned, and the callbacks
 * that come before that return their default at once. Any other thread, also one that Lua has never
 * seen, goes in by rt_enter for the time of the callback; an error there is reported on stderr.
 *
 * The closure of a freed callback is kept for a while before it is used again, so that C code that
 * still calls it gets an error, not another function. When the state closes, live closures stay in
 * memory (C may call them) in a bounded list, marked dead. */
#include "callback_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FREED_KEPT     64   /* freed closures that wait before they are used again */
#define GRAVEYARD_KEPT 4096 /* closures that outlive their runtime */

static const char key_callbacks, key_implicit;

/* Around libffi's allocator, whose first use is not safe for threads; taken under st->mtx, before
 * graveyard_mtx (at fork). */
static pthread_mutex_t closure_mtx = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t graveyard_mtx = PTHREAD_MUTEX_INITIALIZER; /* a leaf */
static struct callback *graveyard_head, *graveyard_tail;          /* under graveyard_mtx */
static unsigned graveyard_count;

void callback_fork_prepare(void) {
  pthread_mutex_lock(&closure_mtx);
  pthread_mutex_lock(&graveyard_mtx);
}

void callback_fork_done(void) {
  pthread_mutex_unlock(&graveyard_mtx);
  pthread_mutex_unlock(&closure_mtx);
}

static void drop_ref(struct callback *cb) {
  /* [cb-refs] acq_rel: the last one sees everything that the others did with rt. */
  if (atomic_fetch_sub_explicit(&cb->refs, 1, memory_order_acq_rel) == 1) {
    gilt_runtime *rt = atomic_exchange(&cb->rt, NULL); /* a dead one can come here again */
    if (rt != NULL) rt_unref(rt);
  }
}

/* ------------------------------------------------------------------ running */

static void push_args(lua_State *L, const struct invocation *in) {
  const ctype *fn = in->fn;
  for (uint32_t i = 0; i < fn->nfields; i++) {
    ctype *ct = fn->params[i];
    if (ctype_is_aggregate(ct)) { /* C's copy ends with the call */
      size_t size = ctype_size(ct);
      cdata *cd = cdata_new(L, ct->un, size, 0);
      memcpy(cd->p, in->args[i], size);
    } else if (ct->kind == CK_PTR) {
      void *p;
      memcpy(&p, in->args[i], sizeof p);
      cdata_bare_pointer(L, ct, p);
      lua_pushvalue(L, lua_upvalueindex(UP_METATABLE + (int)i));
      lua_setmetatable(L, -2);
    } else {
      conv_push(L, ct, in->args[i], 0);
    }
  }
}

void callback_store_result(lua_State *L, const ctype *fn, void *ret, int idx) {
  ctype *ct = fn->base;
  struct conv_ctx cx = {.st = fn->st, .func = "callback", .arg = 0};
  union {
    unsigned char bytes[CALLBACK_RESULT_BYTES];
    long double align;
  } u;
  if (ct->kind == CK_VOID) return;
  if (ct->un->prim == CP_I32 && lua_isinteger(L, idx)) {
    lua_Integer v = lua_tointeger(L, idx);
    ffi_sarg small = (int32_t)v;
    if (v == small) {
      memcpy(ret, &small, sizeof small);
      return;
    }
  }
  if (ctype_is_aggregate(ct)) {
    conv_store(L, &cx, ct, ret, idx);
    return;
  }
  memset(&u, 0, sizeof u);
  conv_store(L, &cx, ct, &u, idx);
  size_t size = ctype_size(ct);
  if (ctype_is_integer(ct) && size < sizeof(ffi_arg)) {
    int64_t v;
    unsigned up = (unsigned)(64 - 8 * size);
    memcpy(&v, &u, sizeof v);
    if ((ct->un->flags & CF_UNSIGNED) == 0) v = (int64_t)((uint64_t)v << up) >> up;
    memcpy(&u, &v, sizeof v);
    size = sizeof(ffi_arg);
  }
  memcpy(ret, &u, size);
}

/* Uses no type: the state may be gone. */
static void default_result(const struct callback *cb, void *ret) {
  uint64_t value[CALLBACK_RESULT_BYTES / 8];
  for (int i = 0; i < CALLBACK_RESULT_BYTES / 8; i++)
    value[i] = atomic_load_explicit(&cb->on_error[i], memory_order_relaxed);
  if (cb->ret_bytes > CALLBACK_RESULT_BYTES)
    memset(ret, 0, cb->ret_bytes);
  else
    memcpy(ret, value, cb->ret_bytes);
}

static void set_default(struct callback *cb, const uint64_t *value) {
  for (int i = 0; i < CALLBACK_RESULT_BYTES / 8; i++)
    atomic_store_explicit(&cb->on_error[i], value == NULL ? 0 : value[i], memory_order_relaxed);
}

static int body_of_freed(lua_State *L) {
  return luaL_error(L, "C called a callback that has been freed");
}

/* In protected mode: the invocation is the only argument. */
static int body(lua_State *L) {
  const struct invocation *in = lua_touserdata(L, 1);
  const ctype *fn = in->fn;
  if (fn->nfields + 8 > LUA_MINSTACK)
    luaL_checkstack(L, (int)fn->nfields + 8, "too many arguments of a callback");
  lua_pushvalue(L, lua_upvalueindex(UP_FUNCTION));
  push_args(L, in);
  lua_call(L, (int)fn->nfields, fn->base->kind != CK_VOID);
  callback_store_result(L, fn, in->ret, -1);
  return 0;
}

static bool run_protected(lua_State *L, struct invocation *in, int handler) {
  if (!lua_checkstack(L, 8)) return false;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, in->cb) != LUA_TFUNCTION) {
    lua_pop(L, 1);
    lua_pushcfunction(L, body_of_freed);
  }
  lua_pushlightuserdata(L, in);
  return lua_pcall(L, 1, 0, handler) == LUA_OK;
}

/* May the lock stay taken when the callback returns to C? Auto: where C comes back soon. */
static bool keeps_lock(struct callback *cb) {
  int mode = atomic_load_explicit(&cb->lock.mode, memory_order_relaxed);
  return mode == LOCK_HOLD ||
         (mode == LOCK_AUTO && atomic_load_explicit(&cb->lock.hold, memory_order_relaxed));
}

static void learn_gap(struct callback *cb) {
  bool sample;
  if (atomic_load_explicit(&cb->lock.mode, memory_order_relaxed) != LOCK_AUTO) return;
  lock_decide(&cb->lock, &sample);
  uint64_t last = atomic_exchange_explicit(&cb->last_ns, 0, memory_order_relaxed);
  if (sample && last != 0) lock_learn(&cb->lock, lock_now() - last);
}

/* Inside of a foreign call of this thread. */
static void run_nested(struct call_frame *f, struct invocation *in) {
  struct callback *cb = in->cb;
  if (f->error_index != 0) {
    default_result(cb, in->ret);
    return;
  }
  bool released = f->released, held = f->held;
  if (held) lock_hold_end(f);
  if (released) {
    rt_acquire(f->thread);
    f->released = false;
  }
  learn_gap(cb);
  /* Another one may run on this frame already: C code that Lua calls without us can call back. */
  bool outer = f->running;
  f->running = true;
  enum fast_result fast = outer ? FAST_NO : fast_run(f, in);
  int top = lua_gettop(f->L);
  if (fast == FAST_FAILED) {
    default_result(cb, in->ret);
    f->error_index = top;
  } else if (fast == FAST_NO && !run_protected(f->L, in, 0)) {
    default_result(cb, in->ret);
    if (lua_gettop(f->L) == top)
      lua_pushliteral(f->L, "stack overflow in a callback"); /* LUA_MINSTACK */
    f->error_index = lua_gettop(f->L);
  }
  f->running = outer;
  if (released && (held || !keeps_lock(cb))) {
    rt_release(f->thread);
    f->released = true;
    if (held) lock_hold_again(f);
  }
  if (atomic_load_explicit(&cb->lock.mode, memory_order_relaxed) == LOCK_AUTO) {
    unsigned n = atomic_load_explicit(&cb->lock.calls, memory_order_relaxed);
    if (lock_samples(n + 1)) atomic_store_explicit(&cb->last_ns, lock_now(), memory_order_relaxed);
  }
}

static int traceback(lua_State *L) {
  const char *msg = luaL_tolstring(L, 1, NULL);
  luaL_traceback(L, L, msg, 1);
  return 1;
}

static void report(const char *what) {
  fprintf(stderr, "gilt: error in a callback from C, with no Lua code to raise it in: %s\n", what);
}

/* On a thread that is in no foreign call of this runtime. */
static void run_foreign(struct invocation *in) {
  struct callback *cb = in->cb;
  lua_State *L;
  gilt_runtime *rt = atomic_load(&cb->rt);
  int rc = rt_enter(rt, &L);
  if (rc != GILT_OK) {
    default_result(cb, in->ret);
    report(rc == GILT_ECLOSED ? "the runtime is closing"
                              : "not enough memory to attach the thread");
    return;
  }
  /* A call frame of another runtime may lie below; the callback's own calls go on top of it. */
  int top = lua_gettop(L);
  lua_pushcfunction(L, traceback);
  if (!run_protected(L, in, top + 1)) {
    const char *msg = lua_gettop(L) > top + 1 ? lua_tostring(L, -1) : NULL;
    default_result(cb, in->ret);
    report(msg != NULL ? msg : "stack overflow");
  }
  lua_settop(L, top);
  rt_leave(rt);
}

void callback_entry(ffi_cif *cif, void *ret, void **args, void *user) {
  struct callback *cb = user;
  struct invocation in = {cb, cb->fn, ret, args};
  struct call_frame *f = gffi_frame;
  int outer = gffi_errno;
  (void)cif;
  gffi_errno = errno;
  if (f != NULL && f->st == cb->st && !atomic_load(&cb->dead)) { /* an address can come back */
    run_nested(f, &in);
  } else {
    /* [cb-dead] seq_cst: the reference is visible before dead is read; callback_state_close
     * sets dead before it drops its reference. So rt stays valid below. */
    atomic_fetch_add(&cb->refs, 1);
    if (atomic_load(&cb->dead)) {
      default_result(cb, ret);
      report("its runtime is closed");
    } else {
      run_foreign(&in);
    }
    drop_ref(cb);
  }
  int now = gffi_errno;
  gffi_errno = outer;
  errno = now;
}

/* ------------------------------------------------------------------ making and freeing */

/* False without memory, and on a system that forbids executable memory. */
static bool add_closure(struct callback *cb) {
  pthread_mutex_lock(&closure_mtx);
  cb->closure = ffi_closure_alloc(sizeof(ffi_closure), &cb->closure_code);
  pthread_mutex_unlock(&closure_mtx);
  return cb->closure != NULL;
}

static bool prepare(struct callback *cb, ctype *fn, char *err, size_t cap) {
  gffi_state *st = fn->st;
  uint32_t n = fn->nfields;
  ffi_type **types = arena_alloc(st, (n + 1) * sizeof(ffi_type *));
  ffi_type *rtype = ffitype_of(fn->base, err, cap);
  if (types == NULL || rtype == NULL) return false;
  for (uint32_t i = 0; i < n; i++) {
    if (!ffitype_closure_takes(fn->params[i])) return false;
    if ((types[i] = ffitype_of_param(fn->params[i], err, cap)) == NULL) return false;
  }
  if (ffi_prep_cif(&cb->cif, FFI_DEFAULT_ABI, n, rtype, types) != FFI_OK) return false;
  bool direct = trampoline_takes(fn);
  if (direct && cb->tramp == NULL) cb->tramp = trampoline_take(cb);
  direct = direct && cb->tramp != NULL;
  atomic_store_explicit(&cb->direct, direct, memory_order_relaxed);
  if (!direct && cb->closure == NULL && !add_closure(cb)) {
    snprintf(err, cap, "no memory for the code of a callback");
    return false;
  }
  cb->code = direct ? cb->tramp : cb->closure_code;
  return cb->closure == NULL || /* a stale call by it gets the types of now */
         ffi_prep_closure_loc(cb->closure, &cb->cif, callback_entry, cb, cb->closure_code) ==
             FFI_OK;
}

static void list_remove(gffi_state *st, struct callback *cb) {
  if (cb->prev != NULL)
    cb->prev->next = cb->next;
  else
    st->callbacks = cb->next;
  if (cb->next != NULL) cb->next->prev = cb->prev;
  cb->prev = cb->next = NULL;
}

static void list_add(gffi_state *st, struct callback *cb) {
  cb->prev = NULL;
  cb->next = st->callbacks;
  if (cb->next != NULL) cb->next->prev = cb;
  st->callbacks = cb;
}

/* A freed one that nobody is inside of, when enough others have been freed since. */
static struct callback *reuse(gffi_state *st) {
  struct callback *cb = st->freed_head;
  if (st->freed_count <= FREED_KEPT || atomic_load(&cb->refs) != 1) return NULL;
  st->freed_head = cb->next;
  if (st->freed_head == NULL) st->freed_tail = NULL;
  st->freed_count--;
  return cb;
}

static struct callback *allocate(gffi_state *st) {
  struct callback *cb = calloc(1, sizeof *cb);
  if (cb == NULL) return NULL;
  cb->st = st;
  atomic_init(&cb->rt, rt_ref(st->rt));
  atomic_init(&cb->refs, 1);
  atomic_init(&cb->dead, false);
  return cb;
}

static void destroy(struct callback *cb) {
  if (cb->tramp != NULL) trampoline_give(cb);
  pthread_mutex_lock(&closure_mtx);
  if (cb->closure != NULL) ffi_closure_free(cb->closure);
  pthread_mutex_unlock(&closure_mtx);
  free(cb);
}

static size_t result_bytes(const ctype *ct) {
  size_t size = ctype_size(ct);
  if (ct->kind == CK_VOID) return 0;
  return ctype_is_integer(ct) && size < sizeof(ffi_arg) ? sizeof(ffi_arg) : size;
}

static struct callback *create_locked(gffi_state *st, ctype *fn, char *err, size_t cap) {
  struct callback *cb = reuse(st);
  if (cb == NULL) cb = allocate(st);
  if (cb == NULL) {
    snprintf(err, cap, "no memory for the code of a callback");
    return NULL;
  }
  cb->fn = fn;
  cb->ret_bytes = result_bytes(fn->base);
  set_default(cb, NULL);
  lock_init(&cb->lock, LOCK_RELEASE);
  atomic_store_explicit(&cb->last_ns, 0, memory_order_relaxed);
  if (!prepare(cb, fn, err, cap)) {
    drop_ref(cb);
    destroy(cb);
    return NULL;
  }
  atomic_store(&cb->freed, false);
  list_add(st, cb);
  return cb;
}

/* Pushes the closure that a callback runs, for the function at idx. It is complete before any
 * thread can find it, and does not change. True: callback_fast.c takes it. */
static bool push_body(lua_State *L, const ctype *fn, int idx) {
  int n = (int)fn->nfields;
  bool fast = fast_suits(L, fn, idx);
  luaL_checkstack(L, 2 * n + 8, NULL);
  lua_pushvalue(L, idx);
  for (int i = 0; i < n; i++) {
    if (fn->params[i]->kind == CK_PTR)
      cdata_push_metatable(L, fn->params[i]);
    else
      lua_pushnil(L);
  }
  if (fast) fast_push_objects(L, fn);
  lua_pushcclosure(L, body, 1 + n + (fast ? 1 + n : 0));
  return fast;
}

/* The body, or nil, on the top; pops it. Frames that remember the one before look again. */
static void publish_body(lua_State *L, struct callback *cb, bool fast) {
  atomic_store_explicit(&cb->fast, fast, memory_order_relaxed);
  lua_rawsetp(L, LUA_REGISTRYINDEX, cb);
  /* [cb-generation] release: pairs with the acquire in fast_run. */
  atomic_fetch_add_explicit(&cb->generation, 1, memory_order_release);
}

void *callback_create(lua_State *L, ctype *fn, int idx) {
  char err[128] = "libffi does not take this type", buf[CTYPE_REPR_MAX];
  gffi_state *st = fn->st;
  struct callback *cb = NULL;
  idx = lua_absindex(L, idx);
  luaL_checkstack(L, 8, NULL);
  if ((fn->flags & CF_VARIADIC) != 0) {
    snprintf(err, sizeof err, "variable arguments");
  } else {
    pthread_mutex_lock(&st->mtx);
    cb = create_locked(st, fn, err, sizeof err);
    pthread_mutex_unlock(&st->mtx);
  }
  if (cb == NULL)
    gffi_raise(L, "no callback of type '%s': %s", ctype_repr(fn, "", buf, sizeof buf), err);
  publish_body(L, cb, push_body(L, fn, idx));
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_callbacks);
  lua_pushlightuserdata(L, cb);
  lua_rawsetp(L, -2, cb->code);
  lua_pop(L, 1);
  return cb->code;
}

void *callback_cached(lua_State *L, ctype *fn, int idx) {
  idx = lua_absindex(L, idx);
  luaL_checkstack(L, 8, NULL);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_implicit);
  lua_pushvalue(L, idx);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, idx);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_rawgetp(L, -1, fn);
  void *code = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (code == NULL) {
    code = callback_create(L, fn, idx);
    lua_pushlightuserdata(L, code);
    lua_rawsetp(L, -2, fn);
  }
  lua_pop(L, 2);
  return code;
}

void callback_open(lua_State *L) {
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key_callbacks);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key_implicit);
}

static struct callback *find(lua_State *L, const void *code) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_callbacks);
  lua_rawgetp(L, -1, code);
  struct callback *cb = lua_touserdata(L, -1);
  lua_pop(L, 2);
  return cb;
}

struct lock_stat *callback_lock(lua_State *L, const void *code) {
  struct callback *cb = find(L, code);
  return cb != NULL ? &cb->lock : NULL;
}

static struct callback *check(lua_State *L, const char *what) {
  cdata *cd = cdata_test(L, 1);
  if (cd == NULL || !ctype_is_funcptr(cd->ct)) {
    luaL_typeerror(L, 1, "callback");
    abort(); /* not reached */
  }
  struct callback *cb = find(L, cdata_address(cd));
  if (cb == NULL) {
    gffi_raise(L, "bad callback: '%s' of a function pointer that is none, or freed", what);
  }
  return cb;
}

/* The Lua side goes now; the closure when FREED_KEPT others have been freed. */
int callback_free(lua_State *L) {
  struct callback *cb = check(L, "free");
  gffi_state *st = cb->st;
  if (atomic_exchange(&cb->freed, true)) return 0; /* another thread was first */
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_implicit);
  lua_rawgetp(L, LUA_REGISTRYINDEX, cb);
  if (lua_getupvalue(L, -1, UP_FUNCTION) == NULL) lua_pushnil(L);
  lua_remove(L, -2);
  if (lua_rawget(L, -2) == LUA_TTABLE) {
    lua_pushnil(L);
    lua_rawsetp(L, -2, cb->fn);
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_callbacks);
  lua_pushnil(L);
  lua_rawsetp(L, -2, cb->code);
  lua_pushnil(L);
  publish_body(L, cb, false);
  pthread_mutex_lock(&st->mtx);
  list_remove(st, cb);
  if (st->freed_tail != NULL)
    st->freed_tail->next = cb;
  else
    st->freed_head = cb;
  st->freed_tail = cb;
  st->freed_count++;
  pthread_mutex_unlock(&st->mtx);
  return 0;
}

int callback_set(lua_State *L) {
  struct callback *cb = check(L, "set");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  bool fast = push_body(L, cb->fn, 2);
  if (atomic_load(&cb->freed)) return luaL_error(L, "bad callback: 'set' of one that was freed");
  publish_body(L, cb, fast);
  return 0;
}

/* cb:onerror(value): what C gets after an error; zero otherwise. */
int callback_onerror(lua_State *L) {
  struct callback *cb = check(L, "onerror");
  _Alignas(16) uint64_t value[CALLBACK_RESULT_BYTES / 8] = {0};
  if (cb->fn->base->kind == CK_VOID || ctype_size(cb->fn->base) > CALLBACK_RESULT_BYTES)
    return luaL_error(L, "a callback of this type returns no value that could be chosen");
  callback_store_result(L, cb->fn, value, 2);
  set_default(cb, value);
  return 0;
}

/* ------------------------------------------------------------------ the end */

static void bury(struct callback *cb) {
  struct callback *old = NULL;
  pthread_mutex_lock(&graveyard_mtx);
  cb->prev = cb->next = NULL;
  if (graveyard_tail != NULL)
    graveyard_tail->next = cb;
  else
    graveyard_head = cb;
  graveyard_tail = cb;
  if (++graveyard_count > GRAVEYARD_KEPT && atomic_load(&graveyard_head->refs) == 0) {
    old = graveyard_head;
    graveyard_head = old->next;
    graveyard_count--;
  }
  pthread_mutex_unlock(&graveyard_mtx);
  if (old != NULL) destroy(old);
}

/* C may call the closure later, when its types are gone with the state: from now on it takes no
 * arguments and returns zero, in the register of its result. */
static void retire(struct callback *cb) {
  static ffi_cif dead_int, dead_double, dead_float; /* under graveyard_mtx until made */
  pthread_mutex_lock(&graveyard_mtx);
  if (dead_int.rtype == NULL) {
    ffi_prep_cif(&dead_int, FFI_DEFAULT_ABI, 0, &ffi_type_sint64, NULL);
    ffi_prep_cif(&dead_double, FFI_DEFAULT_ABI, 0, &ffi_type_double, NULL);
    ffi_prep_cif(&dead_float, FFI_DEFAULT_ABI, 0, &ffi_type_float, NULL);
  }
  pthread_mutex_unlock(&graveyard_mtx);
  unsigned prim = cb->fn->base->un->prim;
  ffi_cif *cif = prim == CP_F64 ? &dead_double : prim == CP_F32 ? &dead_float : &dead_int;
  set_default(cb, NULL);
  cb->ret_bytes = cif->rtype->size;
  if (cb->closure != NULL)
    ffi_prep_closure_loc(cb->closure, cif, callback_entry, cb, cb->closure_code);
}

/* With the lock of the runtime held, while its Lua state closes. */
void callback_state_close(gffi_state *st) {
  for (struct callback *cb = st->callbacks, *next; cb != NULL; cb = next) {
    next = cb->next;
    atomic_store(&cb->dead, true); /* [cb-dead] */
    retire(cb);
    drop_ref(cb);
    bury(cb);
  }
  for (struct callback *cb = st->freed_head, *next; cb != NULL; cb = next) {
    next = cb->next;
    atomic_store(&cb->dead, true); /* [cb-dead] */
    retire(cb);
    drop_ref(cb);
    if (atomic_load(&cb->refs) == 0)
      destroy(cb);
    else
      bury(cb);
  }
  st->callbacks = st->freed_head = st->freed_tail = NULL;
}
