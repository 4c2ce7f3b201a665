/* callback_impl.h: between callback.c, callback_fast.c and trampoline.c. */
#ifndef GILT_FFI_CALLBACK_IMPL_H
#define GILT_FFI_CALLBACK_IMPL_H

#include "ffi_impl.h"

#define CALLBACK_RESULT_BYTES 32

/* Key: (c) constant after creation or reuse; (s) st->mtx; (a) atomic; (g) with the lock of the
 * runtime held, as every use of its Lua state. */
struct callback {
  ffi_closure *closure;         /* (c) NULL while only a trampoline was needed */
  void *code;                   /* (c) what C calls */
  void *closure_code, *tramp;   /* (c) the two kinds of it; tramp may be NULL */
  ffi_cif cif;                  /* (c) */
  ctype *fn;                    /* (c) */
  gffi_state *st;               /* (c) valid while not dead */
  _Atomic(gilt_runtime *) rt;   /* (a) a reference; NULL when it has been given back */
  struct callback *prev, *next; /* (s) */
  atomic_uint refs;             /* (a) one of the state, one of each call in progress */
  atomic_bool dead;             /* (a) the state is closed */
  atomic_bool freed;            /* (a) :free() */
  atomic_bool direct;           /* (a) relaxed: code is the trampoline */
  struct lock_stat lock;
  size_t ret_bytes;         /* (c) what libffi wants of a result */
  _Atomic uint64_t last_ns; /* (a) relaxed: when the last one returned, for `auto` */
  _Atomic uint64_t on_error[CALLBACK_RESULT_BYTES / 8]; /* (a) relaxed: returned after an error */

  /* callback_fast.c: */
  atomic_bool fast;            /* (a) relaxed: a hint that the body has objects */
  atomic_bool busy;            /* (a) [cb-busy] its objects are in use by a call in progress */
  _Atomic uint64_t generation; /* (a) [cb-generation] another one whenever the body changes */
};

/* Upvalues of the closure in registry[cb] that a callback runs: the function; for each parameter
 * the metatable of pointers, or nil. If callback_fast.c takes it, also `true` and for each
 * parameter the object to use again, or nil. */
enum { UP_FUNCTION = 1, UP_METATABLE };

struct invocation {
  struct callback *cb;
  const ctype *fn; /* of cb when C called: it may be freed meanwhile and become another */
  void *ret;
  void **args;
};

/* What libffi and the trampolines call. errno is C's on the way in and what Lua made of it on the
 * way out. */
void callback_entry(ffi_cif *cif, void *ret, void **args, void *user);

/* Converts the value at idx; raises. libffi wants narrow integers as a whole ffi_arg. */
void callback_store_result(lua_State *L, const ctype *fn, void *ret, int idx);

/* callback_fast.c. May the function at idx be called with the same objects each time? */
bool fast_suits(lua_State *L, const ctype *fn, int idx);
void fast_push_objects(lua_State *L, const ctype *fn); /* the upvalues for it */
enum fast_result { FAST_NO, FAST_OK, FAST_FAILED };    /* failed: the error is on the top */
enum fast_result fast_run(struct call_frame *f, struct invocation *in);

/* escape.c: can the Lua function at idx not hand on its parameters? */
bool escape_free(lua_State *L, int idx);

/* trampoline.c */
bool trampoline_takes(const ctype *fn);
void *trampoline_take(struct callback *cb); /* NULL: all are taken */
void trampoline_give(struct callback *cb);  /* nothing calls it any more */

#endif
