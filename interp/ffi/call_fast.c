/* call_fast.c: closures for the commonest signatures: what call.c does, with the shape known to the
 * compiler. Each takes only arguments that need no conversion; for all others, for errors and for
 * the calls that `auto` times it falls back on call_closure. */
#include "call_impl.h"

#include <string.h>

#if (defined __x86_64__ && !defined _WIN32 && !defined __ILP32__) ||                               \
    (defined __aarch64__ && !defined __APPLE__ && !defined __ILP32__)

#  define INLINE static inline __attribute__((always_inline))

/* A C function by the registers that it takes, as in call_direct.c. */
union target {
  void *p;
  uint64_t (*i0)(void);
  uint64_t (*i1)(uint64_t);
  uint64_t (*i2)(uint64_t, uint64_t);
  uint64_t (*i3)(uint64_t, uint64_t, uint64_t);
  double (*d1)(double);
  double (*d2)(double, double);
};

/* May this call be made here? Sets what it does with the lock. */
INLINE bool decide(struct lock_stat *s, enum leave *leave) {
  int mode = atomic_load_explicit(&s->mode, memory_order_relaxed);
  *leave = mode == LOCK_RELEASE ? LEAVE : ALONE;
  if (mode != LOCK_AUTO) return true;
  unsigned n = atomic_load_explicit(&s->calls, memory_order_relaxed);
  if (lock_samples(n + 1)) return false; /* call_closure counts this one and times it */
  atomic_store_explicit(&s->calls, n + 1, memory_order_relaxed);
  *leave = atomic_load_explicit(&s->hold, memory_order_relaxed) ? STAY : LEAVE;
  return true;
}

INLINE bool int32_arg(lua_State *L, int idx, uint64_t *out) {
  if (!lua_isinteger(L, idx)) return false;
  lua_Integer v = lua_tointeger(L, idx);
  *out = (uint64_t)v;
  return v == (int32_t)v;
}

INLINE bool pointer_arg(lua_State *L, int idx, const struct plan_arg *a, uint64_t *out) {
  if (lua_type(L, idx) == LUA_TSTRING) {
    *out = (uint64_t)(uintptr_t)lua_tostring(L, idx);
    return a->takes_string;
  }
  const cdata *cd = cdata_test(L, idx);
  if (cd == NULL ||
      (cd->ct->un != a->ct->un && (cd->ct->kind != CK_ARRAY || cd->ct->base != a->ct->base)))
    return false;
  *out = (uint64_t)(uintptr_t)cdata_address(cd);
  return true;
}

INLINE int push_integer(lua_State *L, const struct call_plan *plan, uint64_t r) {
  switch (plan->rprim) {
  case CP_NONE: return 0;
  case CP_I32: lua_pushinteger(L, (int32_t)(uint32_t)r); return 1;
  case CP_I64: lua_pushinteger(L, (lua_Integer)r); return 1;
  default: conv_push(L, plan->result, &r, 0); return 1; /* little-endian */
  }
}

/* The call and what surrounds it; the argument list is evaluated between enter and leave. */
#  define CALL(type, result, expression)                                                           \
    struct call_frame f;                                                                           \
    enter_frame(&f, L, plan->fn->st, leave);                                                       \
    type result = (expression);                                                                    \
    leave_frame(&f);                                                                               \
    if (f.error_index != 0 || gffi_errno == EINTR) call_after(&f)

#  define SETUP()                                                                                  \
    cfunc *fn = lua_touserdata(L, lua_upvalueindex(1));                                            \
    const struct call_plan *plan = fn->plan;                                                       \
    union target t = {.p = fn->cd.p};                                                              \
    enum leave leave

static int call_none(lua_State *L) {
  SETUP();
  if (lua_gettop(L) != 0 || !decide(&fn->lock, &leave)) return call_closure(L);
  CALL(uint64_t, r, t.i0());
  return push_integer(L, plan, r);
}

static int call_i32(lua_State *L) {
  uint64_t a;
  SETUP();
  if (lua_gettop(L) != 1 || !int32_arg(L, 1, &a) || !decide(&fn->lock, &leave))
    return call_closure(L);
  CALL(uint64_t, r, t.i1(a));
  return push_integer(L, plan, r);
}

static int call_i32_i32(lua_State *L) {
  uint64_t a, b;
  SETUP();
  if (lua_gettop(L) != 2 || !int32_arg(L, 1, &a) || !int32_arg(L, 2, &b) ||
      !decide(&fn->lock, &leave))
    return call_closure(L);
  CALL(uint64_t, r, t.i2(a, b));
  return push_integer(L, plan, r);
}

static int call_ptr(lua_State *L) {
  uint64_t a;
  SETUP();
  if (lua_gettop(L) != 1 || !pointer_arg(L, 1, &plan->arg[0], &a) || !decide(&fn->lock, &leave))
    return call_closure(L);
  CALL(uint64_t, r, t.i1(a));
  return push_integer(L, plan, r);
}

static int call_ptr_ptr(lua_State *L) {
  uint64_t a, b;
  SETUP();
  if (lua_gettop(L) != 2 || !pointer_arg(L, 1, &plan->arg[0], &a) ||
      !pointer_arg(L, 2, &plan->arg[1], &b) || !decide(&fn->lock, &leave))
    return call_closure(L);
  CALL(uint64_t, r, t.i2(a, b));
  return push_integer(L, plan, r);
}

static int call_f64(lua_State *L) {
  SETUP();
  if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TNUMBER || !decide(&fn->lock, &leave))
    return call_closure(L);
  double a = lua_tonumber(L, 1);
  CALL(double, r, t.d1(a));
  lua_pushnumber(L, r);
  return 1;
}

static int call_f64_f64(lua_State *L) {
  SETUP();
  if (lua_gettop(L) != 2 || lua_type(L, 1) != LUA_TNUMBER || lua_type(L, 2) != LUA_TNUMBER ||
      !decide(&fn->lock, &leave))
    return call_closure(L);
  double a = lua_tonumber(L, 1), b = lua_tonumber(L, 2);
  CALL(double, r, t.d2(a, b));
  lua_pushnumber(L, r);
  return 1;
}

static const struct {
  uint8_t nargs, prim; /* all arguments of one kind */
  bool floating;       /* the result */
  lua_CFunction f;
} table[] = {{0, CP_NONE, false, call_none},   {1, CP_I32, false, call_i32},
             {2, CP_I32, false, call_i32_i32}, {1, CP_PTR, false, call_ptr},
             {2, CP_PTR, false, call_ptr_ptr}, {1, CP_F64, true, call_f64},
             {2, CP_F64, true, call_f64_f64}};
#  define TABLE_SIZE (sizeof table / sizeof table[0])

static bool result_fits(const ctype *ct, bool floating) {
  if (floating) return ct->un->prim == CP_F64;
  return ct->kind == CK_VOID || ct->un->prim == CP_PTR ||
         (ct->un->prim >= CP_BOOL && ct->un->prim <= CP_U64);
}

lua_CFunction call_choose(ctype *fn) {
  if ((fn->flags & CF_VARIADIC) != 0) return call_closure;
  for (size_t i = 0; i < TABLE_SIZE; i++) {
    bool same = table[i].nargs == fn->nfields && result_fits(fn->base, table[i].floating);
    for (uint32_t k = 0; same && k < fn->nfields; k++)
      same = fn->params[k]->un->prim == table[i].prim;
    if (same) return table[i].f;
  }
  return call_closure;
}

bool call_is_ours(lua_CFunction f) {
  if (f == NULL) return false;
  bool is = f == call_closure;
  for (size_t i = 0; !is && i < TABLE_SIZE; i++) is = f == table[i].f;
  return is;
}

#else

lua_CFunction call_choose(ctype *fn) {
  (void)fn;
  return call_closure;
}
bool call_is_ours(lua_CFunction f) { return f == call_closure; }

#endif
