/* call.c: foreign calls. A plan, made once for each function type, says how each argument is
 * converted and whether the call goes through registers directly or through libffi.
 *
 * The order of a call: convert the arguments (this may raise), push the frame, set errno, give the
 * lock up, call, take the lock, save errno, pop the frame, raise what a callback left, convert the
 * result. Strings and userdata that the arguments point to stay on this thread's Lua stack
 * meanwhile; the collector does not move them. */
#include "call_impl.h"

#include <stdlib.h>
#include <string.h>

GFFI_TLS struct call_frame *gffi_frame;
GFFI_TLS int gffi_errno;

#define SLOT_BYTES  32 /* the largest scalar: complex long double */
#define STACK_SLOTS 16
union arg_slot {
  int64_t i;
  double d;
  float f;
  void *p;
  long double ld;
  char bytes[SLOT_BYTES];
};

/* ------------------------------------------------------------------ plans */

/* Which record of a call has an integer in the sixth integer register and more bytes behind it, in
 * a floating register or padding? libffi copies all of such a record to the place of that
 * register, and so over the first floating argument. To it the record is one or two arguments of
 * simple types, which travel the same way. -1: none. */
static int split_record(const ctype *result, ctype **params, uint32_t n) {
#if defined __x86_64__
  unsigned used[2] = {ctype_is_aggregate(result) && ctype_size(result) > 16, 0};
  for (uint32_t i = 0; i < n; i++) {
    const ctype *ct = params[i];
    uint8_t cls[2] = {ct->kind == CK_FLOAT ? 2 : 1, 0};
    if (ct->un->prim == CP_LD || (ctype_is_aggregate(ct) && ctype_size(ct) > 16)) continue;
    if (ct->kind == CK_COMPLEX) return -1;
    if (ct->un->prim == CP_AGG && !direct_record_classes(ct, cls)) return -1;
    unsigned integers = cls[0] == 1, floats = cls[0] == 2;
    integers += cls[1] == 1;
    floats += cls[1] == 2;
    if (used[0] + integers > 6 || used[1] + floats > 8) continue; /* all of it in memory */
    if (cls[0] == 1 && cls[1] != 1 && used[0] == 5 && ctype_size(ct) > 8) return (int)i;
    used[0] += integers;
    used[1] += floats;
  }
#else
  (void)result;
  (void)params;
  (void)n;
#endif
  return -1;
}

static bool prepare_cif(gffi_state *st, struct call_plan *plan, ctype *fn, ctype **params,
                        uint32_t n, char *err, size_t cap) {
  ffi_type **types = arena_alloc(st, (n + 2) * sizeof(ffi_type *));
  ffi_type *rtype = ffitype_of(fn->base, err, cap);
  uint32_t k = 0, fixed = fn->nfields;
  if (types == NULL || rtype == NULL) return false;
  plan->split = split_record(fn->base, params, n);
  for (uint32_t i = 0; i < n; i++) {
    if ((types[k++] = ffitype_of_param(params[i], err, cap)) == NULL) return false;
    uint8_t cls[2] = {1, 0};
    if ((int)i != plan->split || !direct_record_classes(params[i], cls)) continue;
    types[k - 1] = &ffi_type_uint64;
    plan->halves = cls[1] == 0 ? 1 : 2;
    if (plan->halves == 1) continue;
    types[k++] = ctype_size(params[i]) > 12 ? &ffi_type_double : &ffi_type_float;
    if (i < fixed) fixed++;
  }
  ffi_status rc = (fn->flags & CF_VARIADIC) == 0
                      ? ffi_prep_cif(&plan->cif, FFI_DEFAULT_ABI, k, rtype, types)
                      : ffi_prep_cif_var(&plan->cif, FFI_DEFAULT_ABI, fixed, k, rtype, types);
  return rc == FFI_OK;
}

static bool takes_string(const ctype *ct) {
  return ct->kind == CK_PTR && (ct->base->quals & CQ_CONST) != 0 &&
         (ct->base->kind == CK_VOID || ctype_is_byte(ct->base->un));
}

static struct call_plan *make_plan(gffi_state *st, ctype *fn, char *err, size_t cap) {
  struct direct_arg where[128];
  uint32_t n = fn->nfields;
  struct call_plan *plan = arena_alloc(st, sizeof *plan + n * sizeof plan->arg[0]);
  if (plan == NULL) return NULL;
  plan->nargs = n;
  plan->fn = fn;
  plan->variadic = (fn->flags & CF_VARIADIC) != 0;
  plan->result = fn->base;
  plan->rprim = fn->base->un->prim;
  bool direct = direct_plan(fn, where, &plan->direct, &plan->shape);
  if (!direct) plan->direct = DR_NONE;
  for (uint32_t i = 0; i < n; i++) {
    plan->arg[i].ct = fn->params[i];
    plan->arg[i].prim = fn->params[i]->un->prim;
    plan->arg[i].takes_string = takes_string(fn->params[i]);
    if (direct) plan->arg[i].where = where[i];
  }
  if (!direct && !plan->variadic && !prepare_cif(st, plan, fn, fn->params, n, err, cap))
    return NULL;
#if defined FFI_VERSION_NUMBER && FFI_VERSION_NUMBER >= 30700
  if (!direct && !plan->variadic) plan->prepared = ffi_call_plan_alloc(&plan->cif);
#endif
  return plan;
}

static struct call_plan *plan_of(lua_State *L, ctype *fn) {
  /* [ctype-plan] acquire: pairs with the release below. */
  struct call_plan *plan = atomic_load_explicit(&fn->plan, memory_order_acquire);
  if (plan != NULL) return plan;
  char err[128] = "not enough memory", buf[CTYPE_REPR_MAX];
  gffi_state *st = fn->st;
  pthread_mutex_lock(&st->mtx);
  plan = atomic_load_explicit(&fn->plan, memory_order_relaxed); /* under mtx */
  if (plan == NULL) {
    plan = make_plan(st, fn, err, sizeof err);
    /* [ctype-plan] release: the plan is complete. Pairs with the acquire above. */
    atomic_store_explicit(&fn->plan, plan, memory_order_release);
  }
  pthread_mutex_unlock(&st->mtx);
  if (plan == NULL)
    luaL_error(L, "'%s' cannot be called: %s by value", ctype_repr(fn, "", buf, sizeof buf), err);
  return plan;
}

/* ------------------------------------------------------------------ the call itself */

/* Raises the error of a callback, or the interruption that broke the call. */
void call_after(const struct call_frame *f) {
  if (f->error_index != 0) {
    lua_settop(f->L, f->error_index);
    lua_error(f->L);
  }
  if (gffi_errno == EINTR && f->thread != NULL && rt_interrupted(f->thread))
    rt_raise_interrupt(f->L, f->thread);
}

static void call_direct(const struct call *c, const struct direct_regs *regs,
                        union direct_result *res) {
  struct call_frame f;
  bool sample;
  enum leave leave = wants_release(c->lock, &sample);
  uint64_t t0 = 0;
  enter_frame(&f, c->L, c->plan->fn->st, leave);
  if (sample) t0 = lock_now();
  direct_call(c->addr, c->plan->direct, c->plan->shape, regs, res);
  if (sample) {
    int e = errno;
    lock_learn(c->lock, lock_now() - t0);
    errno = e;
  }
  leave_frame(&f);
  if (f.error_index != 0 || gffi_errno == EINTR) call_after(&f);
}

static void call_libffi(const struct call *c, ffi_cif *cif, void *result, void **args) {
  struct call_frame f;
  bool sample;
  enum leave leave = wants_release(c->lock, &sample);
  union {
    void *p;
    void (*fn)(void);
  } u = {.p = c->addr};
  enter_frame(&f, c->L, c->plan->fn->st, leave);
  uint64_t t0 = sample ? lock_now() : 0;
#if defined FFI_VERSION_NUMBER && FFI_VERSION_NUMBER >= 30700
  if (c->plan->prepared != NULL)
    ffi_call_plan_invoke(c->plan->prepared, u.fn, result, args);
  else
    ffi_call(cif, u.fn, result, args);
#else
  ffi_call(cif, u.fn, result, args);
#endif
  if (sample) {
    int e = errno;
    lock_learn(c->lock, lock_now() - t0);
    errno = e;
  }
  leave_frame(&f);
  if (f.error_index != 0 || gffi_errno == EINTR) call_after(&f);
}

/* ------------------------------------------------------------------ arguments */

static struct conv_ctx context(const struct call *c, int arg) {
  return (struct conv_ctx){.st = c->plan->fn->st, .func = c->name, .arg = arg};
}

static int64_t narrow(unsigned prim, int64_t v) {
  switch (prim) {
  case CP_BOOL: return v != 0;
  case CP_I8: return (int8_t)v;
  case CP_U8: return (uint8_t)v;
  case CP_I16: return (int16_t)v;
  case CP_U16: return (uint16_t)v;
  case CP_I32: return (int32_t)v;
  case CP_U32: return (uint32_t)v;
  default: return v;
  }
}

/* The bytes of a record that is passed by value: those of the cdata at idx, or of one made from the
 * table there, which takes its place on the stack. */
static void *record_bytes(const struct call *c, ctype *ct, int idx, int arg) {
  lua_State *L = c->L;
  struct conv_ctx cx = context(c, arg);
  cdata *cd = cdata_test(L, idx);
  if (cd != NULL && cd->ct->un == ct->un) return cd->p;
  if (cd != NULL && cd->ct->kind == CK_PTR && cd->ct->base->un == ct->un) {
    void *p = cdata_address(cd);
    if (p == NULL) conv_fail(L, &cx, ct, idx, "NULL pointer");
    return p;
  }
  cd = cdata_new(L, ct->un, ctype_size(ct), 0);
  conv_store(L, &cx, ct, cd->p, idx);
  lua_replace(L, idx);
  return cd->p;
}

static int64_t integer_arg(const struct call *c, const struct plan_arg *a, int idx, int arg,
                           bool strict) {
  int64_t v;
  if (lua_isinteger(c->L, idx) && !strict) {
    v = lua_tointeger(c->L, idx);
  } else {
    struct conv_ctx cx = context(c, arg);
    v = conv_integer(c->L, &cx, a->ct, idx);
  }
  return narrow(a->prim, v);
}

static double number_arg(const struct call *c, const struct plan_arg *a, int idx, int arg) {
  if (lua_type(c->L, idx) == LUA_TNUMBER) return lua_tonumber(c->L, idx);
  struct conv_ctx cx = context(c, arg);
  return conv_number(c->L, &cx, a->ct, idx);
}

static void *pointer_arg(const struct call *c, const struct plan_arg *a, int idx, int arg) {
  struct conv_ctx cx = context(c, arg);
  return conv_pointer(c->L, &cx, a->ct, idx);
}

static void load_record(struct direct_regs *r, const struct plan_arg *a, const char *bytes) {
  size_t size = ctype_size(a->ct);
  for (unsigned k = 0; k < a->where.n; k++) {
    unsigned reg = a->where.reg[k];
    size_t n = size - 8 * k < 8 ? size - 8 * k : 8;
    if (reg >= 8)
      memcpy(&r->d[reg - 8], bytes + 8 * k, n);
    else
      memcpy(&r->i[reg], bytes + 8 * k, n);
  }
}

static void load_registers(const struct call *c, struct direct_regs *r) {
  const struct call_plan *plan = c->plan;
  bool strict = gffi_is_strict(plan->fn->st);
  for (uint32_t i = 0; i < plan->nargs; i++) {
    const struct plan_arg *a = &plan->arg[i];
    int idx = c->first + (int)i, arg = (int)i + 1;
    unsigned reg = a->where.reg[0];
    switch (a->prim) {
    case CP_F64: r->d[reg - 8] = number_arg(c, a, idx, arg); break;
    case CP_F32: {
      float f = (float)number_arg(c, a, idx, arg);
      memcpy(&r->d[reg - 8], &f, sizeof f);
      break;
    }
    case CP_PTR: r->i[reg] = (uint64_t)(uintptr_t)pointer_arg(c, a, idx, arg); break;
    case CP_AGG: load_record(r, a, record_bytes(c, a->ct, idx, arg)); break;
    default: r->i[reg] = (uint64_t)integer_arg(c, a, idx, arg, strict); break;
    }
  }
}

/* For libffi: a pointer to the value, in the slot or in a record's own memory. */
static void *load_slot(const struct call *c, const struct plan_arg *a, union arg_slot *slot,
                       int idx, int arg) {
  if (a->prim == CP_AGG) return record_bytes(c, a->ct, idx, arg);
  struct conv_ctx cx = context(c, arg);
  conv_store(c->L, &cx, a->ct, slot, idx);
  return slot;
}

static int wrong_count(const struct call *c, int n) {
  const struct call_plan *p = c->plan;
  char buf[CTYPE_REPR_MAX];
  ctype_repr(p->fn, c->name, buf, sizeof buf);
  return luaL_error(c->L, "wrong number of arguments to '%s' (%s%d expected, got %d): %s", c->name,
                    p->variadic ? "at least " : "", (int)p->nargs, n, buf);
}

/* ------------------------------------------------------------------ results */

static int push_result(const struct call *c, const void *raw, cdata *record) {
  ctype *ct = c->plan->result;
  union {
    const void *in;
    void *out;
  } u = {.in = raw};
  if (c->plan->rprim == CP_NONE) return 0;
  if (record == NULL) conv_push(c->L, ct, u.out, 0);
  return 1; /* the record is on the top */
}

static int finish_direct(const struct call *c, union direct_result *res) {
  lua_State *L = c->L;
  switch (c->plan->rprim) {
  case CP_NONE: return 0;
  case CP_I32: lua_pushinteger(L, (int32_t)(uint32_t)res->i); return 1;
  case CP_F64: lua_pushnumber(L, res->d); return 1;
  case CP_I64: lua_pushinteger(L, (int64_t)res->i); return 1;
  case CP_BOOL: lua_pushboolean(L, (res->i & 0xff) != 0); return 1;
  default: return push_result(c, res, NULL); /* little-endian: the low bytes come first */
  }
}

/* A record that the call returns: made before the call, while errors may be raised. */
static cdata *result_record(const struct call *c) {
  ctype *ct = c->plan->result;
  return ctype_is_aggregate(ct) ? cdata_new(c->L, ct->un, ctype_size(ct), 0) : NULL;
}

static int run_direct(const struct call *c) {
  struct direct_regs regs = {{0}, {0}};
  union direct_result res = {0};
  load_registers(c, &regs);
  if (c->plan->rprim != CP_AGG) {
    call_direct(c, &regs, &res);
    return finish_direct(c, &res);
  }
  luaL_checkstack(c->L, 4, NULL);
  cdata *record = result_record(c);
  if (c->plan->direct == DR_MEM) {
    regs.i[0] = (uint64_t)(uintptr_t)record->p;
    call_direct(c, &regs, &res);
  } else {
    call_direct(c, &regs, &res);
    memcpy(record->p, &res, ctype_size(c->plan->result));
  }
  return push_result(c, NULL, record);
}

/* ------------------------------------------------------------------ through libffi */

/* The type that a value takes in the place of `...`: C's promotions, and Lua's own types. */
static ctype *vararg_type(const struct call *c, int idx, int arg) {
  gffi_state *st = c->plan->fn->st;
  cdata *cd = cdata_at(c->L, idx);
  ctype *ct;
  switch (lua_type(c->L, idx)) {
  case LUA_TNUMBER: return lua_isinteger(c->L, idx) ? st->t_llong : st->t_double;
  case LUA_TBOOLEAN: return st->t_int;
  case LUA_TNIL:
  case LUA_TLIGHTUSERDATA: return st->t_voidp;
  case LUA_TSTRING: return st->t_ccharp;
  default: break;
  }
  if (cd == NULL && lua_isuserdata(c->L, idx)) return st->t_voidp;
  if (cd == NULL || cd->ct->kind == CK_CTYPE) {
    struct conv_ctx cx = context(c, arg);
    conv_fail(c->L, &cx, st->t_voidp, idx, "as a variable argument");
    return st->t_voidp; /* not reached */
  }
  ct = cd->ct->un;
  if (ct->prim == CP_F32) return st->t_double;
  if (ctype_is_integer(ct) && ctype_size(ct) < sizeof(int)) return st->t_int;
  if (ct->kind == CK_ARRAY) return gffi_pointer_type(c->L, ct->base);
  return ct->kind == CK_FUNC ? gffi_pointer_type(c->L, ct) : ct;
}

/* Room for n arguments: `local` where it is enough, else a userdata on the stack. */
struct arg_space {
  union arg_slot *slot;
  void **av;
  ctype **types;
};
struct arg_local {
  union arg_slot slot[STACK_SLOTS];
  void *av[STACK_SLOTS + 1]; /* one more for a record that is split */
  ctype *types[STACK_SLOTS];
};

static void arg_room(lua_State *L, struct arg_space *s, struct arg_local *local, uint32_t n) {
  if (n <= STACK_SLOTS) {
    *s = (struct arg_space){local->slot, local->av, local->types};
    return;
  }
  char *p = lua_newuserdatauv(L, n * (sizeof *s->slot + 2 * sizeof(void *)) + 24, 0);
  p += (16 - (uintptr_t)p % 16) % 16;
  s->slot = (union arg_slot *)(void *)p;
  s->av = (void **)(void *)(p + n * sizeof *s->slot);
  s->types = (ctype **)(void *)(s->av + n + 1);
}

/* The cif of one variadic call's types; types and cif stay in the arena, found again by an interned
 * function type that lists them all. */
static struct call_plan *variadic_plan(const struct call *c, ctype **types, uint32_t n) {
  ctype *fn = c->plan->fn;
  gffi_state *st = fn->st;
  char err[128] = "not enough memory";
  pthread_mutex_lock(&st->mtx);
  /* Under the key `result(types..., ...)` with n parameters; its own plan is that of a function
   * with n fixed ones, so the number of fixed ones is kept apart by an extra parameter type. */
  ctype *shape = ctype_func(st, fn, types, n, true);
  struct call_plan *p = NULL;
  if (shape != NULL) {
    p = atomic_load_explicit(&shape->plan, memory_order_relaxed); /* under mtx */
    if (p == NULL && (p = arena_alloc(st, sizeof *p)) != NULL) {
      p->fn = fn;
      if (!prepare_cif(st, p, fn, types, n, err, sizeof err))
        p = NULL;
      else
        atomic_store_explicit(&shape->plan, p, memory_order_relaxed);
    }
  }
  pthread_mutex_unlock(&st->mtx);
  if (p == NULL) luaL_error(c->L, "'%s' cannot be called: %s by value", c->name, err);
  return p;
}

/* Narrow integers come back widened to a register. */
static void narrow_result(const struct call *c, union arg_slot *r) {
  unsigned prim = c->plan->rprim;
  if (prim >= CP_BOOL && prim <= CP_U32) {
    ffi_arg v;
    memcpy(&v, r, sizeof v);
    int64_t n = narrow(prim, prim == CP_BOOL ? (int64_t)(v & 0xff) : (int64_t)v);
    memcpy(r, &n, sizeof n);
  }
}

/* Makes room in av for the second half of argument i. */
static void split_argument(void **av, int n, int i) {
  memmove(av + i + 2, av + i + 1, (size_t)(n - i - 1) * sizeof *av);
  av[i + 1] = (char *)av[i] + 8;
}

static int run_libffi(const struct call *c, int n) {
  lua_State *L = c->L;
  struct arg_local local;
  struct arg_space s;
  union arg_slot result = {0};
  struct call_plan *plan = c->plan;
  luaL_checkstack(L, 8, NULL);
  arg_room(L, &s, &local, (uint32_t)n);
  for (int i = 0; i < n; i++) {
    const struct plan_arg *a = &c->plan->arg[i];
    struct plan_arg extra;
    int idx = c->first + i;
    if ((uint32_t)i >= c->plan->nargs) {
      extra.ct = vararg_type(c, idx, i + 1);
      extra.prim = extra.ct->un->prim;
      a = &extra;
    }
    s.types[i] = a->ct;
    s.av[i] = load_slot(c, a, &s.slot[i], idx, i + 1);
  }
  if (plan->variadic) plan = variadic_plan(c, s.types, (uint32_t)n);
  if (plan->split >= 0 && plan->halves == 2) split_argument(s.av, n, plan->split);
  cdata *record = result_record(c);
  call_libffi(c, &plan->cif, record != NULL ? record->p : &result, s.av);
  narrow_result(c, &result);
  return push_result(c, &result, record);
}

static int run(const struct call *c) {
  int n = lua_gettop(c->L) - c->first + 1;
  if (n != (int)c->plan->nargs && (!c->plan->variadic || n < (int)c->plan->nargs))
    return wrong_count(c, n);
  if (c->plan->direct != DR_NONE) return run_direct(c);
  return run_libffi(c, n);
}

/* ------------------------------------------------------------------ functions as Lua values */

int call_closure(lua_State *L) {
  cfunc *fn = lua_touserdata(L, lua_upvalueindex(1));
  struct call c = {L, fn->plan, fn->cd.p, &fn->lock, fn->name, 1};
  return run(&c);
}

void call_push_function(lua_State *L, ctype *fn, void *addr, const char *name, int mode,
                        int anchor) {
  if (anchor != 0) anchor = lua_absindex(L, anchor);
  struct call_plan *plan = plan_of(L, fn);
  cfunc *f = lua_newuserdatauv(L, sizeof *f, anchor != 0);
  cdata *ref = cdata_ref(L, fn, addr, 0, 0); /* for the cookie, which depends on the address */
  f->cd = *ref;
  f->cd.cookie ^= (uintptr_t)ref ^ (uintptr_t)f;
  f->cd.p = addr;
  f->name = name;
  f->plan = plan;
  lock_init(&f->lock, mode);
  lua_pop(L, 1);
  if (anchor != 0) {
    lua_pushvalue(L, anchor);
    lua_setiuservalue(L, -2, 1);
  }
  lua_pushcclosure(L, call_choose(fn), 1);
}

cfunc *call_function_at(lua_State *L, int idx) {
  if (!call_is_ours(lua_tocfunction(L, idx))) return NULL;
  if (lua_getupvalue(L, idx, 1) == NULL) return NULL;
  cfunc *fn = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return fn;
}

/* A pointer to a function: the lock is given up. The name is of no use, so the type stands in. */
int call_cdata(lua_State *L) {
  cdata *cd = lua_touserdata(L, 1); /* __call has checked it */
  ctype *fn = cd->ct->kind == CK_PTR ? cd->ct->base : cd->ct;
  static struct lock_stat release; /* mode 0 is LOCK_RELEASE */
  struct call c = {L, plan_of(L, fn), cdata_address(cd), &release, "function pointer", 2};
  if (c.addr == NULL) {
    char buf[CTYPE_REPR_MAX];
    return luaL_error(L, "call of a NULL pointer ('%s')", ctype_repr(cd->ct, "", buf, sizeof buf));
  }
  return run(&c);
}
