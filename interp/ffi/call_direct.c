/* call_direct.c: foreign calls without libffi.
 *
 * The System V ABI of x86-64 and AAPCS64 number integer and floating registers separately, and a
 * callee ignores the registers that it has no parameter for. So one call through a pointer to
 * f(long x 6, double x 8) serves every signature whose arguments fit the registers; a float is
 * passed in the low half of its register. Records of up to two eightbytes travel in registers too:
 * done here for x86-64, where each eightbyte has a class; elsewhere they go through libffi. */
#include "ffi_impl.h"

#include <string.h>

#if (defined __x86_64__ && !defined _WIN32 && !defined __ILP32__) ||                               \
    (defined __aarch64__ && !defined __APPLE__ && !defined __ILP32__)
#  define DIRECT 1
#else
#  define DIRECT 0
#endif

#if defined __x86_64__
enum { RECORDS_BY_EIGHTBYTE = 1 };
#else
enum { RECORDS_BY_EIGHTBYTE = 0 };
#endif

/* Shapes: how many registers of each kind are loaded. */
enum { SH_I1, SH_I3, SH_I6, SH_D1, SH_D2, SH_I3D1, SH_ALL };

#if DIRECT

/* Class of each eightbyte of a record: 0 nothing yet, 1 integer, 2 SSE. False: memory. */
static bool classify(const ctype *ct, size_t offset, uint8_t cls[2], int depth) {
  ct = ct->un;
  if (depth <= 0 || offset % ctype_align(ct) != 0) return false; /* packed: in memory */
  if (ct->kind == CK_ARRAY) {
    size_t size = ctype_size(ct->base);
    if ((ct->flags & (CF_VLA | CF_OPEN)) != 0) return false;
    for (size_t i = 0; i < ct->nelem && i * size < 16; i++)
      if (!classify(ct->base, offset + i * size, cls, depth - 1)) return false;
    return true;
  }
  if (ct->kind == CK_RECORD) {
    for (uint32_t i = 0; i < ct->nfields; i++) {
      const cfield *f = &ct->fields[i];
      if (f->bitfield) {
        if (f->name == NULL) continue;
        size_t first = offset + f->offset, last = first + (f->bitpos + f->bits - 1u) / 8u;
        for (size_t b = first; b <= last; b++) cls[b / 8] = 1;
      } else if (!classify(f->ct, offset + f->offset, cls, depth - 1)) {
        return false;
      }
    }
    return true;
  }
  if (ct->kind == CK_OPAQUE || ct->kind == CK_COMPLEX || ct->prim == CP_LD) return false;
  if ((ct->flags & CF_ALIGNED) != 0) return false;
  size_t size = ctype_size(ct);
  if (offset % size != 0 || offset + size > 16) return false;
  if (ct->kind != CK_FLOAT)
    cls[offset / 8] = 1;
  else if (cls[offset / 8] == 0)
    cls[offset / 8] = 2;
  return true;
}

static bool record_classes(const ctype *ct, uint8_t cls[2], unsigned *n) {
  size_t size = ctype_size(ct);
  cls[0] = cls[1] = 0;
  if (!RECORDS_BY_EIGHTBYTE || ct->kind != CK_RECORD || size == 0 || size > 16 ||
      ctype_align(ct) > 8)
    return false;
  if ((ct->un->flags & (CF_VLA | CF_FLEX)) != 0) return false;
  *n = (unsigned)((size + 7) / 8);
  if (bits_disputed(ct)) return false;
  if (!classify(ct, 0, cls, 16)) return false;
  return cls[0] != 0 && (*n == 1 || cls[1] != 0);
}

bool direct_record_classes(const ctype *ct, uint8_t cls[2]) {
  cls[0] = cls[1] = 0;
  if (!RECORDS_BY_EIGHTBYTE || ct->kind != CK_RECORD || ctype_size(ct) > 16) return false;
  return !bits_disputed(ct) && classify(ct, 0, cls, 16) && cls[0] != 0;
}

static bool is_float_prim(const ctype *ct) {
  return ct->un->prim == CP_F32 || ct->un->prim == CP_F64;
}

static bool is_int_prim(const ctype *ct) {
  return (ct->un->prim >= CP_BOOL && ct->un->prim <= CP_U64) || ct->un->prim == CP_PTR;
}

static bool plan_result(const ctype *ct, enum direct_ret *ret) {
  uint8_t cls[2];
  unsigned n;
  if (ct->kind == CK_VOID)
    *ret = DR_VOID;
  else if (is_int_prim(ct))
    *ret = DR_INT;
  else if (ct->un->prim == CP_F64)
    *ret = DR_F64;
  else if (ct->un->prim == CP_F32)
    *ret = DR_F32;
  else if (ct->kind != CK_RECORD || !RECORDS_BY_EIGHTBYTE)
    return false;
  else if (ctype_size(ct) > 16 && ctype_size(ct) != CT_INCOMPLETE)
    *ret = DR_MEM;
  else if (!record_classes(ct, cls, &n))
    return false;
  else if (n == 1)
    *ret = cls[0] == 1 ? DR_II : DR_DD;
  else
    *ret = cls[0] == 1 ? (cls[1] == 1 ? DR_II : DR_ID) : cls[1] == 1 ? DR_DI : DR_DD;
  return true;
}

static uint8_t choose_shape(unsigned ni, unsigned nd) {
  if (nd == 0) return ni <= 1 ? SH_I1 : ni <= 3 ? SH_I3 : SH_I6;
  if (ni == 0) return nd == 1 ? SH_D1 : nd == 2 ? SH_D2 : SH_ALL;
  return ni <= 3 && nd == 1 ? SH_I3D1 : SH_ALL;
}

bool direct_plan(ctype *fn, struct direct_arg *args, enum direct_ret *ret, uint8_t *shape_out) {
  unsigned ni = 0, nd = 0;
  if ((fn->flags & CF_VARIADIC) != 0 || !plan_result(fn->base, ret)) return false;
  if (*ret == DR_MEM) ni++;
  for (uint32_t i = 0; i < fn->nfields; i++) {
    const ctype *ct = fn->params[i];
    uint8_t cls[2] = {is_float_prim(ct) ? 2 : 1, 0};
    unsigned n = 1;
    if (!is_float_prim(ct) && !is_int_prim(ct) && !record_classes(ct, cls, &n)) return false;
    args[i].n = (uint8_t)n;
    for (unsigned k = 0; k < n; k++) args[i].reg[k] = (uint8_t)(cls[k] == 1 ? ni++ : 8 + nd++);
    if (ni > 6 || nd > 8) return false; /* the stack: libffi */
  }
  *shape_out = choose_shape(ni, nd);
  return true;
}

#  define I1     uint64_t
#  define I3     I1, I1, I1
#  define D4     double, double, double, double
#  define VI3(r) (r)->i[0], (r)->i[1], (r)->i[2]
#  define VI6(r) VI3(r), (r)->i[3], (r)->i[4], (r)->i[5]
#  define VD8(r)                                                                                   \
    (r)->d[0], (r)->d[1], (r)->d[2], (r)->d[3], (r)->d[4], (r)->d[5], (r)->d[6], (r)->d[7]

/* One function for each kind of result; T must be what the ABI returns in those registers. */
#  define CALLER(name, T)                                                                          \
    static inline T name(void *fn, uint8_t shape, const struct direct_regs *r) {                   \
      union {                                                                                      \
        void *p;                                                                                   \
        T (*i1)(I1);                                                                               \
        T (*i3)(I3);                                                                               \
        T (*i6)(I3, I3);                                                                           \
        T (*d1)(double);                                                                           \
        T (*d2)(double, double);                                                                   \
        T (*i3d1)(I3, double);                                                                     \
        T (*all)(I3, I3, D4, D4);                                                                  \
      } f = {.p = fn};                                                                             \
      switch (shape) {                                                                             \
      case SH_I1: return f.i1(r->i[0]);                                                            \
      case SH_I3: return f.i3(VI3(r));                                                             \
      case SH_I6: return f.i6(VI6(r));                                                             \
      case SH_D1: return f.d1(r->d[0]);                                                            \
      case SH_D2: return f.d2(r->d[0], r->d[1]);                                                   \
      case SH_I3D1: return f.i3d1(VI3(r), r->d[0]);                                                \
      default: return f.all(VI6(r), VD8(r));                                                       \
      }                                                                                            \
    }

struct ii {
  uint64_t a, b;
};
struct dd {
  double a, b;
};
struct id {
  uint64_t a;
  double b;
};
struct di {
  double a;
  uint64_t b;
};
CALLER(call_int, uint64_t)
CALLER(call_f64, double)
CALLER(call_f32, float)
CALLER(call_ii, struct ii)
CALLER(call_dd, struct dd)
CALLER(call_id, struct id)
CALLER(call_di, struct di)

void direct_call(void *fn, enum direct_ret ret, uint8_t shape, const struct direct_regs *regs,
                 union direct_result *res) {
  switch (ret) {
  case DR_NONE:
  case DR_VOID:
  case DR_MEM:
  case DR_INT: res->i = call_int(fn, shape, regs); return;
  case DR_F64: res->d = call_f64(fn, shape, regs); return;
  case DR_F32: res->f = call_f32(fn, shape, regs); return;
  case DR_II: {
    struct ii v = call_ii(fn, shape, regs);
    memcpy(res, &v, sizeof v);
    return;
  }
  case DR_DD: {
    struct dd v = call_dd(fn, shape, regs);
    memcpy(res, &v, sizeof v);
    return;
  }
  case DR_ID: {
    struct id v = call_id(fn, shape, regs);
    memcpy(res, &v, sizeof v);
    return;
  }
  case DR_DI: {
    struct di v = call_di(fn, shape, regs);
    memcpy(res, &v, sizeof v);
    return;
  }
  }
}

#else

bool direct_plan(ctype *fn, struct direct_arg *args, enum direct_ret *ret, uint8_t *shape_out) {
  (void)fn;
  (void)args;
  (void)shape_out;
  *ret = DR_NONE;
  return false;
}

void direct_call(void *fn, enum direct_ret ret, uint8_t shape, const struct direct_regs *regs,
                 union direct_result *res) {
  (void)fn;
  (void)ret;
  (void)shape;
  (void)regs;
  (void)res;
}

#endif
