/* callback_fast.c: callbacks inside of a foreign call of the same thread, without allocation.
 *
 * Where parameters and result are numbers, or pointers to numbers that the function provably does
 * not keep (escape.c), the function is called itself, in protected mode, with the same pointer
 * objects each time; the function and the objects wait on the stack of the foreign call, so that
 * only the first callback looks them up. What is on its way already (a callback inside of the
 * same callback, or another thread's) takes the general way with objects of its own. */
#include "callback_impl.h"

static bool fast_result_type(const ctype *ct) {
  return ct->kind == CK_VOID || (ctype_is_integer(ct) && ct->kind != CK_BOOL);
}

static bool fast_param(const ctype *ct) {
  if (ct->kind == CK_PTR) return ct->elem_get != CP_NONE && ctype_is_number(ct->base);
  return ctype_is_number(ct) && ct->un->prim != CP_U64 && ct->un->prim != CP_LD;
}

bool fast_suits(lua_State *L, const ctype *fn, int idx) {
  bool pointers = false;
  if (fn->nfields > CALLBACK_FAST_PARAMS || !fast_result_type(fn->base)) return false;
  for (uint32_t i = 0; i < fn->nfields; i++) {
    if (!fast_param(fn->params[i])) return false;
    pointers = pointers || fn->params[i]->kind == CK_PTR;
  }
  return !pointers || escape_free(L, idx);
}

void fast_push_objects(lua_State *L, const ctype *fn) {
  lua_pushboolean(L, 1);
  for (uint32_t i = 0; i < fn->nfields; i++) {
    if (fn->params[i]->kind == CK_PTR)
      cdata_pointer(L, fn->params[i], NULL, 0);
    else
      lua_pushnil(L);
  }
}

/* Leaves the function and the objects on the stack of the foreign call, in the place of the ones
 * of another callback: C may call several by turns, any number of times. */
static bool remember(struct call_frame *f, struct callback *cb, const ctype *fn) {
  lua_State *L = f->L;
  int n = (int)fn->nfields;
  if (f->cb != NULL) lua_settop(L, f->cb_at - 1);
  f->cb = NULL;
  if (!lua_checkstack(L, 2 * n + 8)) return false;
  /* [cb-generation] acquire: the body is this one's or a later one's. Pairs with publish_body. */
  f->cb_generation = atomic_load_explicit(&cb->generation, memory_order_acquire);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, cb) != LUA_TFUNCTION ||
      lua_getupvalue(L, -1, UP_METATABLE + n) == NULL) {
    lua_pop(L, 1);
    return false;
  }
  lua_pop(L, 1);
  int body = lua_gettop(L);
  for (int i = 0; i < n; i++) {
    lua_getupvalue(L, body, UP_METATABLE + n + 1 + i);
    f->cb_object[i] = lua_touserdata(L, -1);
    if (f->cb_object[i] == NULL && fn->params[i]->kind == CK_PTR) {
      lua_settop(L, body - 1); /* freed, and another callback by now */
      return false;
    }
  }
  lua_getupvalue(L, body, UP_FUNCTION);
  lua_replace(L, body);
  f->cb = cb;
  f->cb_at = body;
  return true;
}

/* The objects of cb are for one call at a time. */
static bool take_objects(struct callback *cb) {
#if GILT_OWN_CORE
  /* [cb-busy] acquire: pairs with give_objects. */
  return !atomic_exchange_explicit(&cb->busy, true, memory_order_acquire);
#else /* the GIL is held */
  bool busy = atomic_load_explicit(&cb->busy, memory_order_relaxed);
  if (!busy) atomic_store_explicit(&cb->busy, true, memory_order_relaxed);
  return !busy;
#endif
}

static void give_objects(struct callback *cb) {
  /* [cb-busy] release: pairs with take_objects. */
  atomic_store_explicit(&cb->busy, false, memory_order_release);
}

static int convert_result(lua_State *L) {
  const struct invocation *in = lua_touserdata(L, 1);
  callback_store_result(L, in->fn, in->ret, 2);
  return 0;
}

static enum fast_result take_result(lua_State *L, struct invocation *in) {
  int is_integer;
  lua_Integer v = lua_tointegerx(L, -1, &is_integer);
  if (is_integer != 0 && lua_type(L, -1) == LUA_TNUMBER && v == (int32_t)v &&
      in->fn->base->un->prim == CP_I32) {
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
  const ctype *fn = in->fn;
  lua_State *L = f->L;
  if (!atomic_load_explicit(&cb->fast, memory_order_relaxed)) return FAST_NO;
  if ((f->cb != cb ||
       f->cb_generation != atomic_load_explicit(&cb->generation, memory_order_relaxed)) &&
      !remember(f, cb, fn))
    return FAST_NO;
  if (!take_objects(cb)) return FAST_NO;
  int n = (int)fn->nfields, at = f->cb_at, results = fn->base->kind != CK_VOID;
  lua_pushvalue(L, at);
  for (int i = 0; i < n; i++) {
    if (fn->params[i]->kind == CK_PTR) {
      memcpy(f->cb_object[i]->p, in->args[i], sizeof(void *));
      lua_pushvalue(L, at + 1 + i);
    } else {
      conv_push_number(L, fn->params[i]->un->prim, in->args[i]);
    }
  }
  int rc = lua_pcall(L, n, results, 0);
  give_objects(cb);
  if (rc != LUA_OK) return FAST_FAILED;
  return results != 0 ? take_result(L, in) : FAST_OK;
}
