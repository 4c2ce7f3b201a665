/* call_impl.h: between call.c and call_fast.c: plans and frames. */
#ifndef GILT_FFI_CALL_IMPL_H
#define GILT_FFI_CALL_IMPL_H

#include "ffi_impl.h"

#include <errno.h>

struct plan_arg {
  uint8_t prim;      /* enum ctype_prim */
  bool takes_string; /* const char *, const void * */
  struct direct_arg where;
  ctype *ct;
};
struct call_plan {
  uint32_t nargs;
  bool variadic;
  uint8_t rprim; /* of the result; CP_NONE: void */
  uint8_t shape;
  enum direct_ret direct; /* DR_NONE: through libffi */
  ctype *fn, *result;
  ffi_cif cif; /* not for variadic functions: one for each call's types */
  int split;   /* the record that the cif has as one or two numbers: see split_record; -1: none */
  int halves;  /* how many */
#if defined FFI_VERSION_NUMBER && FFI_VERSION_NUMBER >= 30700
  ffi_call_plan *prepared; /* immutable, for any thread */
#endif
  struct plan_arg arg[];
};

struct call {
  lua_State *L;
  struct call_plan *plan;
  void *addr;
  struct lock_stat *lock;
  const char *name;
  int first; /* stack index of the first argument */
};

/* What a call does with the lock. ALONE keeps it; where there is none, it is one at a time. */
enum leave { STAY, LEAVE, ALONE };

static inline enum leave wants_release(struct lock_stat *s, bool *sample) {
  int mode = atomic_load_explicit(&s->mode, memory_order_relaxed);
  *sample = false;
  if (mode == LOCK_AUTO) return lock_decide(s, sample) ? LEAVE : STAY;
  return mode == LOCK_RELEASE ? LEAVE : ALONE;
}

static inline void enter_frame(struct call_frame *f, lua_State *L, gffi_state *st,
                               enum leave leave) {
  f->prev = gffi_frame;
  f->L = L;
  f->st = st;
  f->released = leave == LEAVE;
  f->held = false;
  f->error_index = 0;
  f->running = false;
  f->cb = NULL;
  f->thread = NULL;
  gffi_frame = f;
  errno = gffi_errno;
  if (leave == LEAVE) {
    f->thread = rt_self();
    rt_release(f->thread);
  }
#if GILT_OWN_CORE
  if (leave == ALONE) lock_hold_begin(f); /* keeps errno, as rt_release does */
#endif
}

static inline void leave_frame(struct call_frame *f) {
  int e = errno;
#if GILT_OWN_CORE
  if (f->held) lock_hold_end(f);
#endif
  if (f->released) rt_acquire(f->thread);
  gffi_errno = e;
  gffi_frame = f->prev;
}

/* Behind leave_frame: raises the error that a callback left, or the interruption that broke the
 * call. */
void call_after(const struct call_frame *f);

int call_closure(lua_State *L); /* any signature */
/* call_fast.c: the closure for a signature; call_closure where there is none of its own. */
lua_CFunction call_choose(ctype *fn);
bool call_is_ours(lua_CFunction f);

#endif
