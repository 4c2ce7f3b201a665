/* parse_record.c: struct, union and enum. A definition that was there already must be the same;
 * a different one is an error that names both places. */
#include "decl_impl.h"

#include <string.h>

static const char *kind_name(const ctype *ct) {
  return ct->kind == CK_ENUM ? "enum" : (ct->flags & CF_UNION) != 0 ? "union" : "struct";
}

/* The tag after the keyword, made where it is new; NULL: none. */
static ctype *parse_tag(struct parser *P, enum ctype_kind kind, bool is_union) {
  if (P->lx.tok != TK_IDENT) return NULL;
  if (P->param != NULL) {
    ctype *ct = P->param->ct->un;
    if (ct->kind != kind || ((ct->flags & CF_UNION) != 0) != is_union)
      decl_error(P, "'$' is no %s", kind == CK_ENUM ? "enum" : is_union ? "union" : "struct");
    lex_next(P);
    return ct;
  }
  csym *s = symtab_find(&P->st->tags, P->name, P->name_len);
  if (s == NULL) {
    s = symtab_add(P->st, &P->st->tags, P->name, P->name_len);
    if (s == NULL) decl_no_memory(P);
    s->ct = need(P, ctype_new_record(P->st, s->name, is_union));
    if (kind == CK_ENUM) {
      s->ct->kind = CK_ENUM;
      s->ct->prim = CP_U32;
      s->ct->base = P->st->t_uint;
    }
    s->ct->hash = ++P->st->anon_count;
  } else if (s->ct->kind != kind || ((s->ct->flags & CF_UNION) != 0) != is_union) {
    decl_error(P, "'%s' is a %s (%s, line %u)", s->name, kind_name(s->ct),
               s->ct->where != NULL ? s->ct->where : "declared before", (unsigned)s->ct->line);
  }
  lex_next(P);
  return s->ct;
}

static ctype *new_anonymous(struct parser *P, const char *tag, bool is_union) {
  ctype *ct = need(P, ctype_new_record(P->st, tag, is_union));
  ct->hash = ++P->st->anon_count;
  return ct;
}

/* ------------------------------------------------------------------ members */

struct members {
  cfield *v;
  uint32_t n, cap;
};

static cfield *members_add(struct parser *P, struct members *m) {
  if (m->n == m->cap) {
    uint32_t cap = m->cap == 0 ? 8 : m->cap * 2;
    cfield *v = arena_alloc(P->st, cap * sizeof *v);
    if (v == NULL) decl_no_memory(P);
    if (m->n > 0) memcpy(v, m->v, m->n * sizeof *v);
    m->v = v;
    m->cap = cap;
  }
  return &m->v[m->n++];
}

static void check_duplicate(struct parser *P, const struct members *m, const struct declname *dn) {
  for (uint32_t i = 0; i < m->n; i++) {
    const char *name = m->v[i].name;
    if (name != NULL && strncmp(name, dn->name, dn->len) == 0 && name[dn->len] == '\0') {
      P->lx = dn->at;
      decl_error(P, "member '%s' is there already", name);
    }
  }
}

static void check_member_type(struct parser *P, const struct members *m, const ctype *ct) {
  char buf[CTYPE_REPR_MAX];
  if (m->n > 0) {
    const ctype *prev = m->v[m->n - 1].ct->un;
    if (!m->v[m->n - 1].bitfield && (prev->flags & (CF_VLA | CF_OPEN)) != 0)
      decl_error(P, "only the last member can have an unknown size");
  }
  if (ct->kind == CK_ARRAY && (ct->flags & (CF_VLA | CF_OPEN)) != 0) return;
  if (ctype_size(ct) == CT_INCOMPLETE)
    decl_error(P, "member of incomplete type '%s'", ctype_repr(ct, "", buf, sizeof buf));
}

static void parse_bits(struct parser *P, cfield *f) {
  lex_next(P);
  if (!ctype_is_integer(f->ct)) decl_error(P, "bit-field of a type that is no integer");
  int64_t bits = expr_integer(P), most = f->ct->kind == CK_BOOL ? 1 : (int64_t)f->ct->un->size * 8;
  if (bits < 0 || bits > most)
    decl_error(P, "bit-field of %lld bits in %lld", (long long)bits, (long long)most);
  if (bits == 0 && f->name != NULL) decl_error(P, "named bit-field of no bits");
  f->bitfield = true;
  f->bits = (uint8_t)bits;
}

static void parse_member(struct parser *P, struct members *m, const struct spec *sp) {
  struct attrs a = sp->attrs;
  struct declname dn = {NULL, 0, P->lx};
  ctype *ct = sp->type;
  if (P->lx.tok != ':') ct = parse_declarator(P, ct, DM_NAMED, &dn, &a);
  if (dn.name != NULL) check_duplicate(P, m, &dn);
  if (a.mode != 0 || a.vector != 0)
    ct = apply_attrs(P, ct, &(struct attrs){.mode = a.mode, .vector = a.vector});
  check_member_type(P, m, ct);
  cfield *f = members_add(P, m);
  if (dn.name != NULL && (f->name = arena_strdup(P->st, dn.name, dn.len)) == NULL)
    decl_no_memory(P);
  f->ct = ct;
  if (P->lx.tok == ':') parse_bits(P, f);
  parse_attributes(P, &a);
  f->align = a.align;
  f->packed = a.packed;
}

static void parse_members(struct parser *P, struct members *m) {
  while (!lex_accept(P, '}')) {
    struct spec sp;
    if (lex_accept(P, ';')) continue;
    if (P->lx.tok == TK_EOF) decl_expected(P, "'}'");
    parse_spec(P, &sp);
    if (sp.storage != ST_NONE) decl_error(P, "storage class in a record");
    if (P->lx.tok == ';' && sp.type->un->kind == CK_RECORD && sp.type->un->name == NULL) {
      check_member_type(P, m, sp.type);
      cfield *f = members_add(P, m);
      f->ct = sp.type;
      f->align = sp.attrs.align;
      f->packed = sp.attrs.packed;
    } else if (P->lx.tok != ';') {
      do parse_member(P, m, &sp);
      while (lex_accept(P, ','));
    }
    lex_expect(P, ';', "';'");
  }
}

static void redefined(struct parser *P, const ctype *ct, const ctype *old,
                      const struct lex_pos *at) {
  P->lx = *at;
  decl_error(P, "'%s %s' differs from its definition at %s, line %u", kind_name(ct), old->name,
             old->where, (unsigned)old->line);
}

static void finish_record(struct parser *P, ctype *ct, const struct members *m,
                          const struct attrs *a) {
  char buf[CTYPE_REPR_MAX];
  struct layout_attr la = {.pack = P->pack, .align = a->align, .packed = a->packed};
  ct->fields = m->v;
  ct->nfields = m->n;
  if (m->n > 0 && !m->v[m->n - 1].bitfield) {
    const ctype *last = m->v[m->n - 1].ct->un;
    if (last->kind == CK_ARRAY && (last->flags & CF_VLA) != 0) ct->flags |= CF_VLA;
    if (last->kind == CK_ARRAY && (last->flags & CF_OPEN) != 0) ct->flags |= CF_FLEX;
    if (last->kind == CK_RECORD) ct->flags |= last->flags & CF_FLEX;
    if (last->kind == CK_RECORD && (last->flags & CF_VLA) != 0)
      decl_error(P, "a record with [?] cannot be a member");
  }
  if (a->packed) ct->flags |= CF_PACKED;
  if (!layout_record(ct, &la))
    decl_error(P, "'%s' is too large", ctype_repr(ct, "", buf, sizeof buf));
}

static void publish(ctype *ct) {
  /* [ctype-complete] release: pairs with ctype_is_complete. */
  atomic_store_explicit(&ct->complete, true, memory_order_release);
}

ctype *parse_record(struct parser *P, bool is_union) {
  struct attrs a = {0};
  struct members m = {0};
  parse_attributes(P, &a);
  struct lex_pos at = P->lx;
  ctype *tag = parse_tag(P, CK_RECORD, is_union);
  if (P->lx.tok != '{') {
    if (tag == NULL) decl_expected(P, "a tag or '{'");
    return tag;
  }
  decl_enter(P);
  lex_next(P);
  bool again = tag != NULL && ctype_is_complete(tag);
  ctype *ct = tag;
  if (tag == NULL || again) ct = new_anonymous(P, again ? tag->name : NULL, is_union);
  parse_members(P, &m);
  parse_attributes(P, &a);
  P->depth--;
  if (ctype_is_complete(ct)) { /* defined inside of itself */
    P->lx = at;
    decl_error(P, "'%s %s' is defined inside of its own definition", kind_name(ct), ct->name);
  }
  finish_record(P, ct, &m, &a);
  ct->where = decl_where(P);
  ct->line = at.start_lineno;
  if (again) {
    /* Compared as anonymous records: the tags are the same, the identity differs. */
    struct ctype x = *ct, y = *tag;
    x.name = y.name = NULL;
    x.un = &x;
    y.un = &y;
    atomic_init(&x.complete, true);
    if (!ctype_equivalent(&x, &y, 32)) redefined(P, ct, tag, &at);
    return tag;
  }
  publish(ct);
  return ct;
}

/* ------------------------------------------------------------------ enums */

struct enum_range {
  bool negative, wide, wide_unsigned;
};

static void note_range(struct enum_range *r, struct value v) {
  if (!v.is_unsigned && v.i < 0) {
    r->negative = true;
    if (v.i < INT32_MIN) r->wide = true;
  } else {
    if ((uint64_t)v.i > UINT32_MAX) r->wide = true;
    if ((uint64_t)v.i > INT32_MAX) r->wide_unsigned = true;
  }
}

static ctype *int_of_size(gffi_state *st, size_t size, bool is_unsigned) {
  switch (size) {
  case 1: return is_unsigned ? st->t_uchar : st->t_schar;
  case 2: return is_unsigned ? st->t_ushort : st->t_short;
  case 4: return is_unsigned ? st->t_uint : st->t_int;
  default: return is_unsigned ? st->t_ulong : st->t_long;
  }
}

static ctype *enum_base(gffi_state *st, const struct enum_range *r, const struct attrs *a,
                        int64_t low, int64_t high) {
  if (r->wide || (r->negative && r->wide_unsigned)) return int_of_size(st, 8, !r->negative);
  if (!a->packed) return int_of_size(st, 4, !r->negative);
  size_t size = 4;
  if (r->negative) {
    if (low >= INT8_MIN && high <= INT8_MAX)
      size = 1;
    else if (low >= INT16_MIN && high <= INT16_MAX)
      size = 2;
  } else {
    if (high <= UINT8_MAX)
      size = 1;
    else if (high <= UINT16_MAX)
      size = 2;
  }
  return int_of_size(st, size, !r->negative);
}

static void enum_finish(ctype *ct, ctype *base) {
  ct->base = base;
  ct->prim = base->prim;
  ct->size = base->size;
  ct->align = base->align;
  ct->flags = base->flags & CF_UNSIGNED;
}

static void parse_enumerators(struct parser *P, struct enum_range *r, int64_t *low, int64_t *high) {
  struct value v = {.size = 4};
  while (P->lx.tok != '}') {
    struct declname dn = {P->name, P->name_len, P->lx};
    struct attrs a = {0};
    if (P->lx.tok != TK_IDENT || P->param != NULL) decl_expected(P, "the name of a constant");
    lex_next(P);
    parse_attributes(P, &a);
    if (lex_accept(P, '=')) {
      struct lex_pos at = P->lx;
      v = expr_parse(P);
      if (v.is_float) {
        P->lx = at;
        decl_error(P, "integer constant needed");
      }
    }
    note_range(r, v);
    if (!v.is_unsigned || v.i >= 0) {
      if (v.i < *low) *low = v.i;
      if (v.i > *high) *high = v.i;
    }
    bool fits = v.i >= INT32_MIN && v.i <= INT32_MAX && !(v.is_unsigned && v.i < 0);
    ctype *ct = fits                               ? P->st->t_int
                : v.is_unsigned || v.i > INT64_MAX ? P->st->t_ulong
                                                   : P->st->t_long;
    if (!fits && v.i >= 0 && v.i <= UINT32_MAX) ct = P->st->t_uint;
    define_constant(P, &dn, ct, v);
    v.i = (int64_t)((uint64_t)v.i + 1);
    if (v.i > INT32_MAX || v.i < INT32_MIN) v.size = 8;
    if (!lex_accept(P, ',')) break;
  }
  lex_expect(P, '}', "',' or '}'");
}

ctype *parse_enum(struct parser *P) {
  struct attrs a = {0};
  struct enum_range r = {0};
  int64_t low = 0, high = 0;
  ctype *fixed = NULL;
  parse_attributes(P, &a);
  struct lex_pos at = P->lx;
  ctype *tag = parse_tag(P, CK_ENUM, false);
  if (tag != NULL && P->lx.tok == ':') {
    struct spec sp;
    lex_next(P);
    parse_spec(P, &sp);
    if (sp.type->kind != CK_INT) decl_error(P, "an enum's type must be an integer");
    fixed = sp.type->un;
  }
  if (P->lx.tok != '{') {
    if (tag == NULL) decl_expected(P, "a tag or '{'");
    return tag;
  }
  lex_next(P);
  bool again = tag != NULL && ctype_is_complete(tag);
  ctype *ct = tag;
  if (ct == NULL || again) {
    ct = new_anonymous(P, NULL, false);
    ct->kind = CK_ENUM;
  }
  parse_enumerators(P, &r, &low, &high);
  parse_attributes(P, &a);
  enum_finish(ct, fixed != NULL ? fixed : enum_base(P->st, &r, &a, low, high));
  ct->where = decl_where(P);
  ct->line = at.start_lineno;
  if (again) {
    if (ct->prim != tag->prim) redefined(P, ct, tag, &at);
    return tag;
  }
  publish(ct);
  return ct;
}
