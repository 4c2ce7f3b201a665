/* callback_fast.c: callbacks inside of a foreign call of the same thread, without allocation.
 *
 * Where parameters and result are numbers, or pointers to numbers that the function provably does
 * not keep (escape.c), the function is called itself, in protected mode, with the same pointer
 * objects each time; the function and the objects wait on the stack of the foreign call, so that
 * only the first callback looks them up. What is on its way already (a callback inside of the
 * same callback, or another thread's) takes the general way with objects of its own.
 *
 * Threads, with the GIL or without: who turns a ticket that is READY into one that is BUSY has the
 * objects of that generation to itself. A change of the function begins with another generation, so
 * what a call in progress uses, it keeps; one that has just begun to look its objects up sees that
 * they may be mixed and takes the general way. Of two changes at once the callback stays slow. */
#include "callback_impl.h"

static bool fast_result_type(const ctype *ct) {
  return ct->kind == CK_VOID || (ctype_is_integer(ct) && ct->kind != CK_BOOL);
}

static bool fast_param(const ctype *ct) {
  if (ct->kind == CK_PTR) return ct->elem_get != CP_NONE && ctype_is_number(ct->base);
  return ctype_is_number(ct) && ct->un->prim != CP_U64 && ct->un->prim != CP_LD;
}

/* The generation is not reset: one that a frame remembers never comes back. */
uint64_t fast_stop(struct callback *cb) {
  uint64_t old = atomic_load_explicit(&cb->ticket, memory_order_relaxed), next;
  do next = ((old | FAST_FLAGS) + 1) | FAST_SETTING;
  /* [ticket] seq_cst: before the upvalues change; pairs with the second look in fast_begin. */
  while (!atomic_compare_exchange_weak_explicit(&cb->ticket, &old, next, memory_order_seq_cst,
                                                memory_order_relaxed));
  return old & FAST_SETTING ? 0 : next;
}

static bool make_objects(lua_State *L, struct callback *cb) {
  const ctype *fn = cb->fn;
  int n = (int)fn->nfields, body = lua_gettop(L);
  bool pointers = false;
  if (n > CALLBACK_FAST_PARAMS || !fast_result_type(fn->base)) return false;
  for (int i = 0; i < n; i++) {
    if (!fast_param(fn->params[i])) return false;
    pointers = pointers || fn->params[i]->kind == CK_PTR;
  }
  lua_getupvalue(L, body, UP_FUNCTION);
  bool keeps_none = !pointers || escape_free(L, -1);
  lua_pop(L, 1);
  if (!keeps_none) return false;
  for (int i = 0; i < n; i++) {
    if (fn->params[i]->kind != CK_PTR) continue;
    cdata_pointer(L, fn->params[i], NULL, 0);
    lua_setupvalue(L, body, UP_METATABLE + n + i);
  }
  return true;
}

/* After an error, or where another change came between, SETTING stays. */
void fast_prepare(lua_State *L, struct callback *cb, uint64_t ticket) {
  uint64_t ready = make_objects(L, cb) ? FAST_READY : 0;
  /* [ticket] release: the objects; pairs with the acquire in fast_begin. */
  atomic_compare_exchange_strong_explicit(&cb->ticket, &ticket,
                                          (ticket & ~(uint64_t)FAST_FLAGS) | ready,
                                          memory_order_release, memory_order_relaxed);
}

/* Leaves the function and the objects on the stack of the foreign call, in the place of the ones
 * of another callback: C may call several by turns, any number of times. */
static bool remember(struct call_frame *f, struct callback *cb, uint64_t generation) {
  lua_State *L = f->L;
  int n = (int)cb->fn->nfields;
  if (f->cb != NULL) lua_settop(L, f->cb_at - 1);
  f->cb = NULL;
  if (!lua_checkstack(L, 2 * n + 8)) return false;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, cb) != LUA_TFUNCTION) {
    lua_pop(L, 1);
    return false;
  }
  int body = lua_gettop(L);
  for (int i = 0; i < n; i++) lua_getupvalue(L, body, UP_METATABLE + n + i);
  lua_getupvalue(L, body, UP_FUNCTION);
  lua_replace(L, body);
  f->cb = cb;
  f->cb_generation = generation;
  f->cb_at = body;
  return true;
}

static bool is_current(struct callback *cb, uint64_t generation) {
  uint64_t now = atomic_load_explicit(&cb->ticket, memory_order_seq_cst);
  return (now & ~(uint64_t)FAST_FLAGS) == generation;
}

/* Nothing to be done where the generation is another one: its objects are others. */
static void fast_end(struct callback *cb, uint64_t generation) {
  uint64_t busy = generation | FAST_READY | FAST_BUSY;
  /* [ticket] release: we are done with the objects; pairs with the acquire in fast_begin. */
  atomic_compare_exchange_strong_explicit(&cb->ticket, &busy, generation | FAST_READY,
                                          memory_order_release, memory_order_relaxed);
}

/* The objects are this call's, and on its stack. Gives the generation, for fast_end. */
static bool fast_begin(struct call_frame *f, struct callback *cb, uint64_t *generation) {
  uint64_t now = atomic_load_explicit(&cb->ticket, memory_order_relaxed);
  if ((now & FAST_FLAGS) != FAST_READY) return false;
  *generation = now & ~(uint64_t)FAST_FLAGS;
  if (!atomic_compare_exchange_strong_explicit(&cb->ticket, &now, now | FAST_BUSY,
                                               memory_order_acquire, memory_order_relaxed))
    return false;
  if (f->cb == cb && f->cb_generation == *generation) return true;
  if (remember(f, cb, *generation) && is_current(cb, *generation)) return true;
  f->cb_generation = 0;
  fast_end(cb, *generation);
  return false;
}

static int convert_result(lua_State *L) {
  const struct invocation *in = lua_touserdata(L, 1);
  callback_store_result(L, in->cb, in->ret, 2);
  return 0;
}

static enum fast_result take_result(lua_State *L, struct invocation *in) {
  int is_integer;
  lua_Integer v = lua_tointegerx(L, -1, &is_integer);
  if (is_integer != 0 && lua_type(L, -1) == LUA_TNUMBER && v == (int32_t)v &&
      in->cb->fn->base->un->prim == CP_I32) {
    ffi_sarg whole = (ffi_sarg)v;
    memcpy(in->ret, &whole, sizeof whole);
    lua_pop(L, 1);
    return FAST_OK;
  }
  lua_pushcfunction(L, convert_result);
  lua_insert(L, -2);
  lua_pushlightuserdata(L, in);
  lua_insert(L, -2);
  return lua_pcall(L, 2, 0, 0) == LUA_OK ? FAST_OK : FAST_FAILED;
}

enum fast_result fast_run(struct call_frame *f, struct invocation *in) {
  struct callback *cb = in->cb;
  lua_State *L = f->L;
  uint64_t generation;
  if (!fast_begin(f, cb, &generation)) return FAST_NO;
  const ctype *fn = cb->fn;
  int n = (int)fn->nfields, at = f->cb_at, results = fn->base->kind != CK_VOID;
  lua_pushvalue(L, at);
  for (int i = 0; i < n; i++) {
    if (fn->params[i]->kind == CK_PTR) {
      cdata *cd = lua_touserdata(L, at + 1 + i);
      memcpy(cd->p, in->args[i], sizeof(void *));
      lua_pushvalue(L, at + 1 + i);
    } else {
      conv_push_number(L, fn->params[i]->un->prim, in->args[i]);
    }
  }
  int rc = lua_pcall(L, n, results, 0);
  fast_end(cb, generation);
  if (rc != LUA_OK) return FAST_FAILED;
  return results != 0 ? take_result(L, in) : FAST_OK;
}
