/* ffitype.c: our types as libffi's.
 *
 * libffi lays a struct out by its elements' natural alignment. Where ours differs (unions, packed
 * or aligned members, bit-fields) elements of the same registers are made up, and size and
 * alignment are set by hand. */
#include "ffi_impl.h"

#include <stdio.h>
#include <string.h>

#define LEAVES_MAX 64

struct leaf {
  size_t offset;
  ffi_type *type;
  const ctype *ct;
};
struct leaves {
  struct leaf v[LEAVES_MAX];
  unsigned n;
  bool more, unaligned; /* unaligned: a member that is a record or an array */
  bool plain;           /* plain: libffi would put each where it is */
  size_t end;
};

static ffi_type *scalar(const ctype *ct) {
  switch ((enum ctype_prim)ct->un->prim) {
  case CP_BOOL:
  case CP_U8: return &ffi_type_uint8;
  case CP_I8: return &ffi_type_sint8;
  case CP_I16: return &ffi_type_sint16;
  case CP_U16: return &ffi_type_uint16;
  case CP_I32: return &ffi_type_sint32;
  case CP_U32: return &ffi_type_uint32;
  case CP_I64: return &ffi_type_sint64;
  case CP_U64: return &ffi_type_uint64;
  case CP_F32: return &ffi_type_float;
  case CP_F64: return &ffi_type_double;
  case CP_LD: return &ffi_type_longdouble;
  case CP_PTR: return &ffi_type_pointer;
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
  case CP_C32: return &ffi_type_complex_float;
  case CP_C64: return &ffi_type_complex_double;
  case CP_CLD: return &ffi_type_complex_longdouble;
#else
  case CP_C32:
  case CP_C64:
  case CP_CLD:
#endif
  case CP_AGG:
  case CP_NONE: break;
  }
  return ct->kind == CK_VOID ? &ffi_type_void : NULL;
}

static void add_leaf(struct leaves *l, size_t offset, const ctype *ct) {
  ffi_type *t = scalar(ct);
  if (t == NULL || l->n == LEAVES_MAX) {
    l->more = true;
    return;
  }
  size_t natural = (l->end + t->alignment - 1) / t->alignment * t->alignment;
  if (offset != natural) l->plain = false;
  l->end = offset + t->size;
  l->v[l->n++] = (struct leaf){offset, t, ct};
}

/* A bit-field is the bytes that it lies in. */
static void add_bits(struct leaves *l, const cfield *f, size_t offset) {
  size_t n = f->name == NULL ? 0 : (f->bitpos + f->bits + 7u) / 8u;
  l->plain = false;
  for (size_t i = 0; i < n && l->n < LEAVES_MAX; i++)
    l->v[l->n++] = (struct leaf){offset + i, &ffi_type_uint8, f->ct};
}

static void collect(struct leaves *l, const ctype *ct, size_t offset, int depth) {
  ct = ct->un;
  if (offset % ctype_align(ct) != 0) l->unaligned = true;
  if (depth <= 0 || l->more) {
    l->more = true;
  } else if (ct->kind == CK_ARRAY) {
    for (size_t i = 0; i < ct->nelem && !l->more; i++)
      collect(l, ct->base, offset + i * ctype_size(ct->base), depth - 1);
  } else if (ct->kind == CK_RECORD) {
    if ((ct->flags & CF_UNION) != 0) l->plain = false;
    for (uint32_t i = 0; i < ct->nfields; i++) {
      const cfield *f = &ct->fields[i];
      if (f->bitfield)
        add_bits(l, f, offset + f->offset);
      else
        collect(l, f->ct, offset + f->offset, depth - 1);
    }
  } else {
    add_leaf(l, offset, ct);
  }
}

#if defined __aarch64__
/* All leaves of one floating type, as in an array: up to four travel in registers. */
static ffi_type *homogeneous(const struct leaves *l) {
  if (l->more || l->n == 0) return NULL;
  ffi_type *t = l->v[0].type;
  if (t != &ffi_type_float && t != &ffi_type_double) return NULL;
  for (unsigned i = 1; i < l->n; i++)
    if (l->v[i].type != t) return NULL;
  return t;
}
#endif

static ffi_type *new_struct(gffi_state *st, const ctype *ct, unsigned n) {
  ffi_type *t = arena_alloc(st, sizeof *t);
  if (t == NULL) return NULL;
  t->elements = arena_alloc(st, (n + 1) * sizeof(ffi_type *));
  if (t->elements == NULL) return NULL;
  t->type = FFI_TYPE_STRUCT;
  t->size = ctype_size(ct);
  t->alignment = (unsigned short)ctype_align(ct);
  return t;
}

/* Bit n is set where byte n of the record holds an integer's; unnamed bit-fields apart. */
struct occupied {
  uint32_t named, unnamed;
  bool split; /* a bit-field of a union at an offset that its own width does not divide */
};

static void occupy(uint32_t *bytes, size_t first, size_t n) {
  for (size_t i = first; i < first + n && i < 16; i++) *bytes |= 1u << i;
}

static void find_occupied(struct occupied *o, const ctype *ct, size_t offset, int depth) {
  ct = ct->un;
  if (depth <= 0 || offset >= 16) return;
  if (ct->kind == CK_ARRAY) {
    for (size_t i = 0; i < ct->nelem && i < 16; i++)
      find_occupied(o, ct->base, offset + i * ctype_size(ct->base), depth - 1);
    return;
  }
  if (ct->kind != CK_RECORD) {
    if (ct->kind != CK_FLOAT) occupy(&o->named, offset, ctype_size(ct));
    return;
  }
  for (uint32_t i = 0; i < ct->nfields; i++) {
    const cfield *f = &ct->fields[i];
    size_t bytes = 1;
    if (!f->bitfield) {
      find_occupied(o, f->ct, offset + f->offset, depth - 1);
      continue;
    }
    while (bytes * 8 < f->bits) bytes *= 2;
    bool is_union = (ct->flags & CF_UNION) != 0;
    if (is_union && offset % bytes != 0) o->split = true;
    if (f->bits > 0 || is_union) /* `: 0` counts for gcc, in a union */
      occupy(f->name != NULL ? &o->named : &o->unnamed, offset + f->offset,
             f->bits == 0 ? 1 : (f->bitpos + f->bits + 7u) / 8u);
  }
}

bool bits_disputed(const ctype *record) {
  struct occupied o = {0, 0, false};
  find_occupied(&o, record, 0, 16);
  bool low = (o.unnamed & 0x00ff) != 0 && (o.named & 0x00ff) == 0;
  bool high = (o.unnamed & 0xff00) != 0 && (o.named & 0xff00) == 0;
  return o.split || low || high;
}

/* Members that overlap or lie packed. Bits and integers win over floats in each eightbyte. */
static ffi_type *made_up(gffi_state *st, const ctype *ct, const struct leaves *l, char *err,
                         size_t cap) {
  size_t size = ctype_size(ct);
  bool sse[2] = {true, true}, used[2] = {false, false};
  for (unsigned i = 0; i < l->n; i++) {
    const struct leaf *f = &l->v[i];
    if ((l->unaligned || f->offset % f->type->alignment != 0) && size <= 16) {
      snprintf(err, cap, "a record of up to 16 bytes with members that are not aligned");
      return NULL;
    }
    if (f->type == &ffi_type_longdouble && size <= 16) {
      snprintf(err, cap, "a packed record or a union with a long double");
      return NULL;
    }
    if (f->offset < 16) used[f->offset / 8] = used[(f->offset + f->type->size - 1) / 8 % 2] = true;
    if (f->offset < 16 && f->type != &ffi_type_float && f->type != &ffi_type_double)
      sse[f->offset / 8] = false;
  }
  if (size <= 16 && !used[0]) {
    snprintf(err, cap, "a record whose first 8 bytes are padding");
    return NULL;
  }
  if (size <= 16 && bits_disputed(ct)) {
    snprintf(err, cap, "a record with bit-fields that compilers pass in different ways");
    return NULL;
  }
  bool words = size > 16;
  size_t covered = !words && size > 8 && !used[1] ? 8 : size; /* the rest is padding */
  unsigned n = (unsigned)(words ? size / 8 + size % 8 : size), k = 0;
  ffi_type *t = new_struct(st, ct, n);
  if (t == NULL) return NULL;
  for (size_t at = 0; at < covered;) {
    size_t left = size - at;
    bool whole = at % 8 == 0 && left >= 8;
    bool floating = !words && at < 16 && sse[at / 8];
    ffi_type *e = &ffi_type_uint8;
    if (words && whole)
      e = &ffi_type_uint64;
    else if (floating && whole)
      e = &ffi_type_double;
    else if (floating && at % 4 == 0 && left >= 4)
      e = &ffi_type_float;
    t->elements[k++] = e;
    at += e->size;
  }
  return t;
}

static ffi_type *plain_struct(gffi_state *st, const ctype *ct, const struct leaves *l) {
  ffi_type *t = new_struct(st, ct, l->n);
  if (t == NULL) return NULL;
  for (unsigned i = 0; i < l->n; i++) t->elements[i] = l->v[i].type;
  return t;
}

static ffi_type *make_struct(gffi_state *st, const ctype *ct, char *err, size_t cap) {
  struct leaves l = {.plain = true};
  size_t size = ctype_size(ct);
  if (ct->un->kind == CK_OPAQUE || size == CT_INCOMPLETE || size == 0 ||
      (ct->un->flags & (CF_VLA | CF_FLEX)) != 0) {
    snprintf(err, cap, "a type of this kind");
    return NULL;
  }
  collect(&l, ct, 0, 16);
  /* Padding at the end has no class of its own, so it has no element. */
  bool one_ld = l.plain && l.n == 1 && l.v[0].type == &ffi_type_longdouble;
  if (one_ld && size == sizeof(long double) && ctype_align(ct) == l.v[0].type->alignment)
    return l.v[0].type;        /* the same registers; libffi returns the record in the wrong ones */
  if (one_ld) l.plain = false; /* packed: it is aligned to 8 on the stack */
  if (l.plain && !l.more && l.n > 0) return plain_struct(st, ct, &l);
#if defined __aarch64__
  ffi_type *h = homogeneous(&l);
  if (h != NULL && size % h->size == 0 && size / h->size <= 4) {
    unsigned n = (unsigned)(size / h->size);
    ffi_type *t = new_struct(st, ct, n);
    for (unsigned i = 0; t != NULL && i < n; i++) t->elements[i] = h;
    return t;
  }
#endif
  return made_up(st, ct, &l, err, cap);
}

ffi_type *ffitype_of(ctype *ct, char *err, size_t cap) {
  ffi_type *t = scalar(ct);
  if (t != NULL) return t;
  ct = ct->un;
  t = atomic_load_explicit(&ct->ffitype, memory_order_relaxed); /* written under mtx */
  if (t != NULL) return t;
  snprintf(err, cap, "not enough memory");
  t = make_struct(ct->st, ct, err, cap);
  atomic_store_explicit(&ct->ffitype, t, memory_order_relaxed);
  return t;
}

/* libffi's closures take a register for an eightbyte of padding, which the ABI does not. */
bool ffitype_closure_takes(ctype *ct) {
  struct leaves l = {.plain = true};
  size_t size = ctype_size(ct);
  if (ct->un->kind != CK_RECORD || size <= 8 || size > 16) return true;
  collect(&l, ct, 0, 16);
  for (unsigned i = 0; i < l.n; i++)
    if (l.v[i].offset + l.v[i].type->size > 8) return true;
  return false;
}

ffi_type *ffitype_of_param(ctype *ct, char *err, size_t cap) {
  if (ctype_is_aggregate(ct) && ctype_align(ct) > 16) { /* libffi aligns the stack to 16 */
    snprintf(err, cap, "a type aligned to %zu bytes", ctype_align(ct));
    return NULL;
  }
  return ffitype_of(ct, err, cap);
}
