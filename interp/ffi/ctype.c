/* ctype.c: C types: the arena they live in, interning, comparison, printing.
 *
 * Pointers, arrays, functions and qualified types are interned: equal parts give the same record,
 * so that a pointer comparison is a type comparison. Records and enums are their own identity. */
#include "ffi_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ------------------------------------------------------------------ arena */

struct arena_block {
  struct arena_block *next;
  size_t used, cap;
  max_align_t data[];
};

void *arena_alloc(gffi_state *st, size_t size) {
  struct arena_block *b = st->arena;
  if (size > SIZE_MAX / 2) return NULL;
  size = (size + 15) & ~(size_t)15;
  if (b == NULL || b->cap - b->used < size) {
    size_t cap = size > 16384 ? size : 16384;
    b = malloc(sizeof *b + cap);
    if (b == NULL) return NULL;
    b->next = st->arena;
    b->used = 0;
    b->cap = cap;
    st->arena = b;
  }
  void *p = (char *)b->data + b->used;
  b->used += size;
  return memset(p, 0, size);
}

char *arena_strdup(gffi_state *st, const char *s, size_t len) {
  char *d = arena_alloc(st, len + 1);
  if (d != NULL) memcpy(d, s, len);
  return d;
}

/* ------------------------------------------------------------------ names */

static uint32_t hash_bytes(const char *s, size_t len) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < len; i++) h = (h ^ (unsigned char)s[i]) * 16777619u;
  return h;
}

csym *symtab_find(const struct symtab *tab, const char *name, size_t len) {
  if (tab->cap == 0) return NULL;
  csym *s = tab->slot[hash_bytes(name, len) & (tab->cap - 1)];
  while (s != NULL && (strncmp(s->name, name, len) != 0 || s->name[len] != '\0')) s = s->next;
  return s;
}

static bool symtab_grow(struct symtab *tab) {
  uint32_t cap = tab->cap == 0 ? 256 : tab->cap * 2;
  csym **slot = calloc(cap, sizeof *slot);
  if (slot == NULL) return false;
  for (uint32_t i = 0; i < tab->cap; i++) {
    for (csym *s = tab->slot[i], *next; s != NULL; s = next) {
      next = s->next;
      csym **head = &slot[hash_bytes(s->name, strlen(s->name)) & (cap - 1)];
      s->next = *head;
      *head = s;
    }
  }
  free(tab->slot);
  tab->slot = slot;
  tab->cap = cap;
  return true;
}

csym *symtab_add(gffi_state *st, struct symtab *tab, const char *name, size_t len) {
  if (tab->count >= tab->cap && !symtab_grow(tab)) return NULL;
  csym *s = arena_alloc(st, sizeof *s);
  if (s == NULL || (s->name = arena_strdup(st, name, len)) == NULL) return NULL;
  csym **head = &tab->slot[hash_bytes(name, len) & (tab->cap - 1)];
  s->next = *head;
  *head = s;
  tab->count++;
  return s;
}

/* ------------------------------------------------------------------ making types */

ctype *ctype_new(gffi_state *st, enum ctype_kind kind) {
  ctype *ct = arena_alloc(st, sizeof *ct);
  if (ct == NULL) return NULL;
  ct->kind = (uint8_t)kind;
  ct->un = ct;
  ct->st = st;
  ct->align = 1;
  ct->size = CT_INCOMPLETE;
  ct->prim = CP_AGG;
  return ct;
}

ctype *ctype_new_record(gffi_state *st, const char *tag, bool is_union) {
  ctype *ct = ctype_new(st, CK_RECORD);
  if (ct == NULL) return NULL;
  ct->name = tag;
  ct->flags = is_union ? CF_UNION : 0;
  return ct;
}

static void publish(ctype *ct) {
  /* [ctype-complete] release: pairs with ctype_is_complete. */
  atomic_store_explicit(&ct->complete, true, memory_order_release);
}

static uint32_t mix(uint32_t h, uintptr_t v) {
  uint64_t x = ((uint64_t)h << 1) ^ (uint64_t)v;
  x *= UINT64_C(0x9E3779B97F4A7C15);
  return (uint32_t)(x >> 32) ^ (uint32_t)x;
}

static bool intern_grow(gffi_state *st) {
  uint32_t cap = st->intern_cap == 0 ? 512 : st->intern_cap * 2;
  ctype **slot = calloc(cap, sizeof(ctype *));
  if (slot == NULL) return false;
  for (uint32_t i = 0; i < st->intern_cap; i++) {
    for (ctype *c = st->intern[i], *next; c != NULL; c = next) {
      next = c->next;
      c->next = slot[c->hash & (cap - 1)];
      slot[c->hash & (cap - 1)] = c;
    }
  }
  free(st->intern);
  st->intern = slot;
  st->intern_cap = cap;
  return true;
}

static bool intern_equal(const ctype *a, const ctype *b) {
  if (a->hash != b->hash || a->kind != b->kind || a->quals != b->quals || a->flags != b->flags)
    return false;
  if (a->quals != 0 || (a->flags & CF_ALIGNED) != 0)
    return (a->quals != 0 ? a->un == b->un : a->name == b->name) && a->align == b->align;
  if (a->base != b->base || a->nelem != b->nelem || a->nfields != b->nfields) return false;
  return a->kind != CK_FUNC || a->nfields == 0 ||
         memcmp(a->params, b->params, a->nfields * sizeof a->params[0]) == 0;
}

/* The interned twin of *key, made from it where there is none. */
static ctype *intern(gffi_state *st, ctype *key) {
  uint32_t h = mix(key->kind * 31u + key->quals, key->flags);
  h = mix(h, (uintptr_t)(key->quals != 0 ? key->un : key->base));
  h = mix(h, key->nelem);
  h = mix(h, key->align);
  if (key->kind == CK_FUNC && key->quals == 0)
    for (uint32_t i = 0; i < key->nfields; i++) h = mix(h, (uintptr_t)key->params[i]);
  key->hash = h;
  if (st->intern_count >= st->intern_cap && !intern_grow(st)) return NULL;
  for (ctype *c = st->intern[h & (st->intern_cap - 1)]; c != NULL; c = c->next)
    if (intern_equal(c, key)) return c;

  ctype *ct = arena_alloc(st, sizeof *ct);
  if (ct == NULL) return NULL;
  *ct = *key;
  if (ct->quals == 0) ct->un = ct;
  if (ct->kind == CK_FUNC && ct->quals == 0 && ct->nfields > 0) {
    ct->params = arena_alloc(st, ct->nfields * sizeof ct->params[0]);
    if (ct->params == NULL) return NULL;
    memcpy(ct->params, key->params, ct->nfields * sizeof ct->params[0]);
  }
  ct->next = st->intern[h & (st->intern_cap - 1)];
  st->intern[h & (st->intern_cap - 1)] = ct;
  st->intern_count++;
  if (ct->size != CT_INCOMPLETE) publish(ct);
  return ct;
}

static void key_init(ctype *key, gffi_state *st, enum ctype_kind kind, ctype *base) {
  memset(key, 0, sizeof *key);
  key->kind = (uint8_t)kind;
  key->st = st;
  key->base = base;
  key->align = 1;
  key->size = CT_INCOMPLETE;
  key->prim = CP_AGG;
}

/* What an access to an element needs to know, without a look at the element's type. */
static void key_elements(ctype *key, const ctype *base) {
  if (!ctype_is_number(base)) return;
  key->elem_get = base->un->prim;
  key->elem_set = base->quals == 0 ? base->un->prim : CP_NONE;
  key->elem_size = (uint16_t)base->un->size;
  key->access = (uint8_t)(key->elem_get | (key->kind == CK_PTR ? AC_POINTER : 0u) |
                          (key->elem_set == CP_NONE ? AC_CONST : 0u));
}

ctype *ctype_ptr(gffi_state *st, ctype *base) {
  ctype key;
  key_init(&key, st, CK_PTR, base);
  key.size = sizeof(void *);
  key.align = _Alignof(void *);
  key.prim = CP_PTR;
  key_elements(&key, base);
  return intern(st, &key);
}

/* The element type is complete and no VLA; the parser has checked that the size fits. */
ctype *ctype_array(gffi_state *st, ctype *base, size_t nelem, unsigned flags) {
  ctype key;
  key_init(&key, st, CK_ARRAY, base);
  key_elements(&key, base);
  key.flags = flags;
  key.nelem = nelem;
  key.align = base->un->align;
  key.size = (flags & (CF_VLA | CF_OPEN)) != 0 ? CT_INCOMPLETE : base->un->size * nelem;
  return intern(st, &key);
}

ctype *ctype_func(gffi_state *st, ctype *ret, ctype **params, uint32_t n, bool variadic) {
  ctype key;
  key_init(&key, st, CK_FUNC, ret);
  key.params = params;
  key.nfields = n;
  key.flags = variadic ? CF_VARIADIC : 0;
  return intern(st, &key);
}

ctype *ctype_qualified(gffi_state *st, ctype *ct, unsigned quals) {
  quals |= ct->quals;
  if (quals == ct->quals || ct->kind == CK_FUNC) return ct;
  if (ct->kind == CK_ARRAY) { /* qualifies the elements */
    ctype *base = ctype_qualified(st, ct->base, quals);
    return base == NULL ? NULL : ctype_array(st, base, ct->nelem, ct->flags);
  }
  ctype key = *ct->un;
  key.quals = (uint8_t)quals;
  key.un = ct->un;
  atomic_init(&key.complete, false);
  atomic_init(&key.meta, NULL);
  atomic_init(&key.plan, NULL);
  atomic_init(&key.ffitype, NULL);
  if (key.kind == CK_RECORD || key.kind == CK_ENUM) { /* read through un: may be completed later */
    key.size = CT_INCOMPLETE;
    key.align = 1;
    key.flags &= CF_UNION;
    key.fields = NULL;
    key.nfields = 0;
  }
  return intern(st, &key);
}

ctype *ctype_aligned(gffi_state *st, ctype *ct, uint32_t align) {
  ctype *c = arena_alloc(st, sizeof *c);
  if (c == NULL) return NULL;
  *c = *ct->un;
  c->un = c;
  c->align = align;
  c->flags |= CF_ALIGNED;
  if (c->kind == CK_RECORD && c->origin == NULL) c->origin = ct->un;
  atomic_init(&c->meta, NULL);
  atomic_init(&c->plan, NULL);
  atomic_init(&c->ffitype, NULL);
  return ct->quals == 0 ? c : ctype_qualified(st, c, ct->quals);
}

/* ------------------------------------------------------------------ basic types */

static ctype *basic(gffi_state *st, enum ctype_kind kind, enum ctype_prim prim, const char *name,
                    size_t size, size_t align, unsigned flags) {
  ctype *ct = ctype_new(st, kind);
  if (ct == NULL) return NULL;
  ct->prim = (uint8_t)prim;
  ct->name = name;
  ct->size = size;
  ct->align = (uint32_t)align;
  ct->flags = flags;
  if (size != CT_INCOMPLETE) publish(ct);
  return ct;
}

static enum ctype_prim int_prim(size_t size, bool is_unsigned) {
  int p = size == 1 ? CP_I8 : size == 2 ? CP_I16 : size == 4 ? CP_I32 : CP_I64;
  return (enum ctype_prim)(p + is_unsigned);
}

#define INT(field, T, cname)                                                                       \
  (st->field = basic(st, CK_INT, int_prim(sizeof(T), (T)-1 > 0), cname, sizeof(T), _Alignof(T),    \
                     (T)-1 > 0 ? CF_UNSIGNED : 0))
#define FLT(field, T, kind, prim, cname)                                                           \
  (st->field = basic(st, kind, prim, cname, sizeof(T), _Alignof(T), 0))

static bool make_basic(gffi_state *st) {
  INT(t_char, char, "char");
  INT(t_schar, signed char, "signed char");
  INT(t_uchar, unsigned char, "unsigned char");
  INT(t_short, short, "short");
  INT(t_ushort, unsigned short, "unsigned short");
  INT(t_int, int, "int");
  INT(t_uint, unsigned, "unsigned int");
  INT(t_long, long, "long");
  INT(t_ulong, unsigned long, "unsigned long");
  INT(t_llong, long long, "long long");
  INT(t_ullong, unsigned long long, "unsigned long long");
  FLT(t_float, float, CK_FLOAT, CP_F32, "float");
  FLT(t_double, double, CK_FLOAT, CP_F64, "double");
  FLT(t_ldouble, long double, CK_FLOAT, CP_LD, "long double");
  FLT(t_cfloat, float _Complex, CK_COMPLEX, CP_C32, "complex float");
  FLT(t_cdouble, double _Complex, CK_COMPLEX, CP_C64, "complex");
  FLT(t_cldouble, long double _Complex, CK_COMPLEX, CP_CLD, "complex long double");
  st->t_bool = basic(st, CK_BOOL, CP_BOOL, "bool", sizeof(bool), _Alignof(bool), CF_UNSIGNED);
  st->t_void = basic(st, CK_VOID, CP_NONE, "void", CT_INCOMPLETE, 1, 0);
  st->t_ctype = basic(st, CK_CTYPE, CP_NONE, "ctype", sizeof(void *), _Alignof(void *), 0);
  st->t_int128 = basic(st, CK_OPAQUE, CP_AGG, "__int128", 16, 16, 0);
  st->t_uint128 = basic(st, CK_OPAQUE, CP_AGG, "unsigned __int128", 16, 16, CF_UNSIGNED);
  st->t_float128 = basic(st, CK_OPAQUE, CP_AGG, "_Float128", 16, 16, 0);
  st->t_cfloat128 = basic(st, CK_OPAQUE, CP_AGG, "complex _Float128", 32, 16, 0);
  st->t_float16 = basic(st, CK_OPAQUE, CP_AGG, "_Float16", 2, 2, 0);
  st->t_cfloat16 = basic(st, CK_OPAQUE, CP_AGG, "complex _Float16", 4, 2, 0);
  st->t_bf16 = basic(st, CK_OPAQUE, CP_AGG, "__bf16", 2, 2, 0);
  return st->t_void != NULL && st->t_bf16 != NULL && st->t_cldouble != NULL &&
         st->t_ullong != NULL && st->t_ctype != NULL;
}

static bool predeclare(gffi_state *st, const char *name, ctype *ct) {
  csym *s = ct == NULL ? NULL : symtab_add(st, &st->names, name, strlen(name));
  if (s == NULL) return false;
  s->kind = CS_TYPEDEF;
  s->ct = ct;
  s->where = "built in";
  s->builtin = true;
  return true;
}

/* What the ABI's va_list is: opaque to us, passed on as C passes it. */
static ctype *make_valist(gffi_state *st) {
  ctype *tag = ctype_new_record(st, "__va_list_tag", false);
  if (tag == NULL) return NULL;
#if defined __x86_64__
  tag->size = 24;
  tag->align = 8;
  publish(tag);
  return ctype_array(st, tag, 1, 0);
#elif defined __aarch64__
  tag->size = 32;
  tag->align = 8;
  publish(tag);
  return tag;
#else
  return ctype_ptr(st, st->t_void);
#endif
}

static bool make_predeclared(gffi_state *st) {
  static const char *const valist[] = {"va_list", "__builtin_va_list", "__gnuc_va_list"};
  bool ok = true;
  ctype *i8 = st->t_schar, *i64 = sizeof(long) == 8 ? st->t_long : st->t_llong;
  ctype *u64 = sizeof(long) == 8 ? st->t_ulong : st->t_ullong;
  ctype *wide = (wchar_t)-1 > 0 ? st->t_uint : st->t_int;
  ok = ok && predeclare(st, "__int128_t", st->t_int128) &&
       predeclare(st, "__uint128_t", st->t_uint128);
  st->t_voidp = ctype_ptr(st, st->t_void);
  ctype *cc = ctype_qualified(st, st->t_char, CQ_CONST);
  st->t_ccharp = cc == NULL ? NULL : ctype_ptr(st, cc);
  st->t_valist = make_valist(st);
  if (st->t_voidp == NULL || st->t_ccharp == NULL || st->t_valist == NULL) return false;
  for (int i = 0; i < 3; i++) ok = ok && predeclare(st, valist[i], st->t_valist);
  ok = ok && predeclare(st, "int8_t", i8) && predeclare(st, "uint8_t", st->t_uchar) &&
       predeclare(st, "int16_t", st->t_short) && predeclare(st, "uint16_t", st->t_ushort) &&
       predeclare(st, "int32_t", st->t_int) && predeclare(st, "uint32_t", st->t_uint) &&
       predeclare(st, "int64_t", i64) && predeclare(st, "uint64_t", u64);
  return ok && predeclare(st, "ptrdiff_t", st->t_long) && predeclare(st, "size_t", st->t_ulong) &&
         predeclare(st, "ssize_t", st->t_long) && predeclare(st, "intptr_t", st->t_long) &&
         predeclare(st, "uintptr_t", st->t_ulong) && predeclare(st, "wchar_t", wide);
}

gffi_state *gffi_state_create(gilt_runtime *rt) {
  gffi_state *st = calloc(1, sizeof *st);
  if (st == NULL) return NULL;
  if (pthread_mutex_init(&st->mtx, NULL) != 0) {
    free(st);
    return NULL;
  }
  st->rt = rt;
  st->cookie = (uintptr_t)st * 31 ^ (uintptr_t)0x67696c74ffee1u;
  if (!make_basic(st) || !make_predeclared(st)) {
    gffi_state_destroy(st);
    return NULL;
  }
  return st;
}

void gffi_state_destroy(gffi_state *st) {
  if (st == NULL) return;
  callback_state_close(st);
  for (struct ctype_meta *m = st->metas, *next; m != NULL; m = next) {
    next = m->next;
    free(m);
  }
  for (struct arena_block *b = st->arena, *next; b != NULL; b = next) {
    next = b->next;
    free(b);
  }
  free(st->intern);
  free(st->names.slot);
  free(st->tags.slot);
  pthread_mutex_destroy(&st->mtx);
  free(st);
}

/* ------------------------------------------------------------------ comparison */

static const ctype *identity(const ctype *ct) {
  ct = ct->un;
  return ct->origin != NULL ? ct->origin : ct;
}

bool ctype_same(const ctype *a, const ctype *b) {
  for (;;) {
    if (a == b) return true;
    if (a->quals != b->quals) return false;
    a = identity(a);
    b = identity(b);
    if (a == b) return true;
    if (a->kind != b->kind || a->kind == CK_RECORD || a->kind == CK_ENUM) return false;
    if (a->kind == CK_FUNC) break;
    if (a->kind != CK_PTR && a->kind != CK_ARRAY)
      return a->prim == b->prim && a->size == b->size &&
             (a->flags & CF_UNSIGNED) == (b->flags & CF_UNSIGNED) &&
             (a->kind != CK_OPAQUE || a->name == b->name);
    if (a->nelem != b->nelem || a->flags != b->flags) return false;
    a = a->base;
    b = b->base;
  }
  if (a->nfields != b->nfields || a->flags != b->flags || !ctype_same(a->base, b->base))
    return false;
  for (uint32_t i = 0; i < a->nfields; i++)
    if (!ctype_same(a->params[i], b->params[i])) return false;
  return true;
}

static bool same_name(const char *a, const char *b) {
  return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool records_equivalent(const ctype *a, const ctype *b, int depth) {
  if (a->size != b->size || a->align != b->align || a->nfields != b->nfields) return false;
  if ((a->flags & CF_UNION) != (b->flags & CF_UNION)) return false;
  for (uint32_t i = 0; i < a->nfields; i++) {
    const cfield *f = &a->fields[i], *g = &b->fields[i];
    if (!same_name(f->name, g->name) || f->offset != g->offset || f->bits != g->bits ||
        f->bitpos != g->bitpos || !ctype_equivalent(f->ct, g->ct, depth - 1))
      return false;
  }
  return true;
}

/* An enum without a tag is an integer with names; the names have been compared one by one. */
bool ctype_equivalent(const ctype *a, const ctype *b, int depth) {
  for (; depth > 0; depth--) {
    if (ctype_same(a, b)) return true;
    if (a->quals != b->quals || a->kind != b->kind) return false;
    a = a->un;
    b = b->un;
    if (a->kind == CK_ENUM) return a->name == NULL && b->name == NULL && a->prim == b->prim;
    if (a->kind == CK_RECORD) {
      if (a->name != NULL || b->name != NULL) return false;
      return ctype_is_complete(a) && ctype_is_complete(b) && records_equivalent(a, b, depth);
    }
    if (a->kind == CK_FUNC) break;
    if ((a->kind != CK_PTR && a->kind != CK_ARRAY) || a->nelem != b->nelem || a->flags != b->flags)
      return false;
    a = a->base;
    b = b->base;
  }
  if (depth <= 0 || a->nfields != b->nfields || a->flags != b->flags) return false;
  if (!ctype_equivalent(a->base, b->base, depth - 1)) return false;
  for (uint32_t i = 0; i < a->nfields; i++)
    if (!ctype_equivalent(a->params[i], b->params[i], depth - 1)) return false;
  return true;
}

/* ------------------------------------------------------------------ printing */

/* A declarator grows outwards from the name, in the middle of the buffer. */
struct repr {
  char buf[2 * CTYPE_REPR_MAX];
  size_t begin, end;
};

static void repr_before(struct repr *r, const char *s) {
  size_t len = strlen(s);
  if (len > r->begin) len = r->begin;
  r->begin -= len;
  memcpy(r->buf + r->begin, s, len);
}
static void repr_after(struct repr *r, const char *s) {
  size_t len = strlen(s), room = sizeof r->buf - r->end;
  if (len > room) len = room;
  memcpy(r->buf + r->end, s, len);
  r->end += len;
}
static bool repr_room(const struct repr *r) { return r->begin > 8 && r->end + 8 < sizeof r->buf; }

static void repr_params(struct repr *r, const ctype *fn, int depth);

static void repr_word(struct repr *r, const char *word) {
  char first = r->begin < r->end ? r->buf[r->begin] : '\0';
  if (first != '\0' && first != ' ') repr_before(r, " ");
  repr_before(r, word);
}

static void repr_quals(struct repr *r, unsigned quals) {
  if ((quals & CQ_VOLATILE) != 0) repr_word(r, "volatile");
  if ((quals & CQ_CONST) != 0) repr_word(r, "const");
}

static void repr_array(struct repr *r, const ctype *ct) {
  char num[32];
  if ((ct->flags & CF_VLA) != 0) {
    repr_after(r, "[?]");
  } else if ((ct->flags & CF_OPEN) != 0) {
    repr_after(r, "[]");
  } else {
    snprintf(num, sizeof num, "[%zu]", ct->nelem);
    repr_after(r, num);
  }
}

static void repr_base(struct repr *r, const ctype *ct) {
  const ctype *un = ct->un;
  char anon[32];
  if (un->kind == CK_RECORD || un->kind == CK_ENUM) {
    const char *alias = atomic_load_explicit(&un->alias, memory_order_relaxed);
    if (un->name == NULL && alias != NULL) {
      repr_word(r, alias);
      repr_quals(r, ct->quals);
      return;
    }
    snprintf(anon, sizeof anon, "%u", (unsigned)un->hash);
    repr_word(r, un->name != NULL ? un->name : anon);
    repr_before(r, un->kind == CK_ENUM           ? "enum "
                   : (un->flags & CF_UNION) != 0 ? "union "
                                                 : "struct ");
  } else {
    repr_word(r, un->name);
  }
  repr_quals(r, ct->quals);
}

static void repr_type(struct repr *r, const ctype *ct, int depth) {
  bool after_ptr = false;
  for (; repr_room(r); ct = ct->base) {
    if (ct->kind == CK_PTR) {
      repr_quals(r, ct->quals);
      repr_before(r, "*");
      after_ptr = true;
      continue;
    }
    if (ct->kind != CK_ARRAY && ct->kind != CK_FUNC) {
      repr_base(r, ct);
      return;
    }
    if (after_ptr) {
      repr_before(r, "(");
      repr_after(r, ")");
    }
    if (ct->kind == CK_ARRAY)
      repr_array(r, ct);
    else
      repr_params(r, ct, depth);
    after_ptr = false;
  }
}

static void repr_params(struct repr *r, const ctype *fn, int depth) {
  char buf[CTYPE_REPR_MAX];
  repr_after(r, "(");
  for (uint32_t i = 0; i < fn->nfields && repr_room(r); i++) {
    struct repr p = {.begin = CTYPE_REPR_MAX, .end = CTYPE_REPR_MAX};
    if (i > 0) repr_after(r, ", ");
    if (depth <= 0) {
      repr_after(r, "...");
      break;
    }
    repr_type(&p, fn->params[i], depth - 1);
    snprintf(buf, sizeof buf, "%.*s", (int)(p.end - p.begin), p.buf + p.begin);
    repr_after(r, buf);
  }
  if ((fn->flags & CF_VARIADIC) != 0) repr_after(r, fn->nfields > 0 ? ", ..." : "...");
  repr_after(r, ")");
}

const char *ctype_repr(const ctype *ct, const char *name, char *buf, size_t cap) {
  struct repr r = {.begin = CTYPE_REPR_MAX, .end = CTYPE_REPR_MAX};
  repr_after(&r, name);
  repr_type(&r, ct, 4);
  snprintf(buf, cap, "%.*s", (int)(r.end - r.begin), r.buf + r.begin);
  return buf;
}
