/* parse.c: C declarations: specifiers, declarators, typedefs, functions, variables, constants. */
#include "decl_impl.h"

#include <string.h>

#define MAX_ALIGN   ((uint32_t) _Alignof(max_align_t))
#define ALIGN_LIMIT (1u << 20)
#define MODE_TF     128u /* _Float128: as large as a long double may be, so not a size */

ctype *need(struct parser *P, void *ct) {
  if (ct == NULL) decl_no_memory(P);
  return ct;
}

const char *decl_where(struct parser *P) {
  if (P->where == NULL) {
    const char *w = P->src->where != NULL ? P->src->where : "a declaration";
    P->where = arena_strdup(P->st, w, strlen(w));
    if (P->where == NULL) decl_no_memory(P);
  }
  return P->where;
}

/* ------------------------------------------------------------------ attributes */

static bool name_is(const struct parser *P, const char *name) {
  size_t len = strlen(name);
  const char *s = P->name;
  size_t n = P->name_len;
  if (n > 4 && s[0] == '_' && s[1] == '_' && s[n - 1] == '_' && s[n - 2] == '_') {
    s += 2;
    n -= 4;
  }
  return n == len && memcmp(s, name, len) == 0;
}

static uint32_t alignment(struct parser *P, int64_t n) {
  if (n <= 0 || n > ALIGN_LIMIT || (n & (n - 1)) != 0)
    decl_error(P, "an alignment must be a power of two up to %u", ALIGN_LIMIT);
  return (uint32_t)n;
}

static void raise_align(struct attrs *a, uint32_t align) {
  if (align > a->align) a->align = align;
}

/* The machine modes of gcc: a size in bytes. XF and XC are the long double's. */
static void attr_mode(struct parser *P, struct attrs *a) {
  static const struct {
    const char *name;
    uint32_t size;
  } modes[] = {{"QI", 1},
               {"HI", 2},
               {"SI", 4},
               {"DI", 8},
               {"TI", 16},
               {"byte", 1},
               {"word", sizeof(void *)},
               {"pointer", sizeof(void *)},
               {"unwind_word", sizeof(void *)},
               {"HF", 2},
               {"HC", 2},
               {"SF", 4},
               {"DF", 8},
               {"XF", sizeof(long double)},
               {"TF", MODE_TF},
               {"SC", 4},
               {"DC", 8},
               {"XC", sizeof(long double)},
               {"TC", MODE_TF}};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
    if (P->lx.tok == TK_IDENT && name_is(P, modes[i].name)) a->mode = modes[i].size;
  if (a->mode == 0) decl_error(P, "unknown mode");
  lex_next(P);
}

/* One attribute with its arguments; those that do not change layouts or names are skipped. */
static void parse_attribute(struct parser *P, struct attrs *a) {
  enum { OTHER, ALIGNED, MODE, VECTOR } what = OTHER;
  if (P->lx.tok == TK_IDENT) {
    if (name_is(P, "packed")) a->packed = true;
    what = name_is(P, "aligned")       ? ALIGNED
           : name_is(P, "mode")        ? MODE
           : name_is(P, "vector_size") ? VECTOR
                                       : OTHER;
  } else if (P->lx.tok < TK_KEYWORD_FIRST) {
    decl_expected(P, "an attribute");
  }
  lex_next(P);
  if (P->lx.tok != '(') {
    if (what == ALIGNED) raise_align(a, MAX_ALIGN);
    return;
  }
  if (what == OTHER) {
    lex_skip_balanced(P);
    return;
  }
  lex_next(P);
  if (what == ALIGNED)
    raise_align(a, alignment(P, expr_integer(P)));
  else if (what == VECTOR)
    a->vector = alignment(P, expr_integer(P));
  else
    attr_mode(P, a);
  lex_expect(P, ')', "')'");
}

static void parse_asm(struct parser *P, struct attrs *a) {
  char buf[256];
  size_t n = 0;
  lex_next(P);
  while (P->lx.tok == TK_VOLATILE) lex_next(P);
  lex_expect(P, '(', "'('");
  while (P->lx.tok == TK_STRING) {
    if (n + P->name_len >= sizeof buf) decl_error(P, "assembler name too long");
    memcpy(buf + n, P->name, P->name_len);
    n += P->name_len;
    lex_next(P);
  }
  lex_expect(P, ')', "a string or ')'");
  a->asmname = arena_strdup(P->st, buf, n);
  if (a->asmname == NULL) decl_no_memory(P);
}

static void parse_alignas(struct parser *P, struct attrs *a) {
  lex_next(P);
  lex_expect(P, '(', "'('");
  if (decl_is_type(P)) {
    raise_align(a, (uint32_t)ctype_align(decl_type_name(P)));
  } else {
    int64_t n = expr_integer(P);
    if (n != 0) raise_align(a, alignment(P, n));
  }
  lex_expect(P, ')', "')'");
}

/* Everything that may stand around a declarator without changing its type. */
void parse_attributes(struct parser *P, struct attrs *a) {
  for (;;) {
    switch (P->lx.tok) {
    case TK_ATTRIBUTE:
    case TK_DECLSPEC: {
      bool gnu = P->lx.tok == TK_ATTRIBUTE;
      lex_next(P);
      lex_expect(P, '(', "'('");
      if (gnu) lex_expect(P, '(', "'(('");
      while (P->lx.tok != ')') {
        if (P->lx.tok != ',') parse_attribute(P, a);
        if (P->lx.tok != ')') lex_expect(P, ',', "',' or ')'");
      }
      lex_next(P);
      if (gnu) lex_expect(P, ')', "'))'");
      break;
    }
    case TK_ASM: parse_asm(P, a); break;
    case TK_ALIGNAS: parse_alignas(P, a); break;
    case TK_EXTENSION:
    case TK_CALLCONV: lex_next(P); break;
    default: return;
    }
  }
}

static ctype *float_mode(gffi_state *st, bool is_complex, uint32_t size) {
  switch (size) {
  case 2: return is_complex ? st->t_cfloat16 : st->t_float16;
  case 4: return is_complex ? st->t_cfloat : st->t_float;
  case 8: return is_complex ? st->t_cdouble : st->t_double;
  case sizeof(long double): return is_complex ? st->t_cldouble : st->t_ldouble;
  case MODE_TF: return is_complex ? st->t_cfloat128 : st->t_float128;
  default: return NULL;
  }
}

static ctype *int_mode(gffi_state *st, bool is_unsigned, uint32_t size) {
  switch (size) {
  case 1: return is_unsigned ? st->t_uchar : st->t_schar;
  case 2: return is_unsigned ? st->t_ushort : st->t_short;
  case 4: return is_unsigned ? st->t_uint : st->t_int;
  case 8: return is_unsigned ? st->t_ulong : st->t_long;
  case 16: return is_unsigned ? st->t_uint128 : st->t_int128;
  default: return NULL;
  }
}

static ctype *with_mode(struct parser *P, const ctype *ct, uint32_t size) {
  ctype *made = NULL;
  if (ct->kind == CK_FLOAT || ct->kind == CK_COMPLEX)
    made = float_mode(P->st, ct->kind == CK_COMPLEX, size);
  else if (ct->kind == CK_INT || ct->kind == CK_ENUM)
    made = int_mode(P->st, (ct->un->flags & CF_UNSIGNED) != 0, size);
  if (made == NULL) decl_error(P, "a mode that this type cannot have");
  return made;
}

ctype *apply_attrs(struct parser *P, ctype *ct, const struct attrs *a) {
  if (a->mode != 0) ct = need(P, ctype_qualified(P->st, with_mode(P, ct, a->mode), ct->quals));
  if (a->vector != 0) {
    ctype *v = need(P, ctype_new(P->st, CK_OPAQUE));
    v->name = "vector";
    v->size = a->vector;
    v->align = a->vector;
    /* [ctype-complete] release: pairs with ctype_is_complete. */
    atomic_store_explicit(&v->complete, true, memory_order_release);
    ct = v;
  }
  if (a->align != 0 && ctype_size(ct) != CT_INCOMPLETE && a->align != ctype_align(ct))
    ct = need(P, ctype_aligned(P->st, ct, a->align));
  return ct;
}

/* ------------------------------------------------------------------ specifiers */

struct basic_count {
  uint8_t void_, bool_, char_, short_, int_, long_, signed_, unsigned_, float_, double_, complex_;
  uint8_t int128, float128, float16, bf16;
  uint8_t sized; /* bits of __int8 ... */
};

static bool any_basic(const struct basic_count *c) {
  return c->void_ || c->bool_ || c->char_ || c->short_ || c->int_ || c->long_ || c->signed_ ||
         c->unsigned_ || c->float_ || c->double_ || c->complex_ || c->int128 || c->float128 ||
         c->float16 || c->bf16 || c->sized;
}

static ctype *float_type(gffi_state *st, const struct basic_count *c) {
  if (c->float_) return c->complex_ ? st->t_cfloat : st->t_float;
  if (c->long_) return c->complex_ ? st->t_cldouble : st->t_ldouble;
  return c->complex_ ? st->t_cdouble : st->t_double;
}

static ctype *int_type(gffi_state *st, const struct basic_count *c) {
  bool u = c->unsigned_ > 0;
  if (c->char_) return u ? st->t_uchar : c->signed_ ? st->t_schar : st->t_char;
  if (c->sized == 8) return u ? st->t_uchar : st->t_schar;
  if (c->short_ || c->sized == 16) return u ? st->t_ushort : st->t_short;
  if (c->long_ == 1 || (c->sized == 64 && sizeof(long) == 8)) return u ? st->t_ulong : st->t_long;
  if (c->long_ == 2 || c->sized == 64) return u ? st->t_ullong : st->t_llong;
  return u ? st->t_uint : st->t_int;
}

static ctype *basic_type(struct parser *P, const struct basic_count *c) {
  gffi_state *st = P->st;
  int sign = c->signed_ + c->unsigned_, main_ = c->void_ + c->bool_ + c->char_ + c->float_ +
                                                c->double_ + c->int128 + c->float128 + c->float16 +
                                                c->bf16 + (c->sized != 0);
  bool bad =
      main_ > 1 || sign > 1 || c->short_ > 1 || c->int_ > 1 || c->long_ > 2 ||
      (c->short_ && c->long_) || (c->int_ && main_ > 0) ||
      ((c->short_ || c->long_) && main_ > 0 && !(c->double_ && c->long_ == 1 && !c->short_)) ||
      (sign &&
       (c->void_ || c->bool_ || c->float_ || c->double_ || c->float128 || c->float16 || c->bf16)) ||
      (c->complex_ && (sign || c->int_ || c->short_ || c->char_ || c->void_ || c->bool_ ||
                       c->int128 || c->bf16 || c->sized));
  if (bad) decl_error(P, "these words make no type together");
  if (c->void_) return st->t_void;
  if (c->bool_) return st->t_bool;
  if (c->float128) return c->complex_ ? st->t_cfloat128 : st->t_float128;
  if (c->float16) return c->complex_ ? st->t_cfloat16 : st->t_float16;
  if (c->bf16) return st->t_bf16;
  if (c->int128) return c->unsigned_ ? st->t_uint128 : st->t_int128;
  if (c->float_ || c->double_ || c->complex_) return float_type(st, c);
  return int_type(st, c);
}

/* Counts a word of a basic type; false: it is none. */
static bool count_basic(struct parser *P, struct basic_count *c) {
  uint8_t *n;
  switch (P->lx.tok) {
  case TK_VOID: n = &c->void_; break;
  case TK_BOOL: n = &c->bool_; break;
  case TK_CHAR: n = &c->char_; break;
  case TK_SHORT: n = &c->short_; break;
  case TK_INTKW: n = &c->int_; break;
  case TK_LONG: n = &c->long_; break;
  case TK_SIGNED: n = &c->signed_; break;
  case TK_UNSIGNED: n = &c->unsigned_; break;
  case TK_FLOATKW:
  case TK_FLOAT32: n = &c->float_; break;
  case TK_DOUBLE:
  case TK_FLOAT64: n = &c->double_; break;
  case TK_FLOAT64X:
    c->long_++;
    n = &c->double_;
    break;
  case TK_COMPLEX:
  case TK_IMAGINARY: n = &c->complex_; break;
  case TK_INT128: n = &c->int128; break;
  case TK_FLOAT128: n = &c->float128; break;
  case TK_FLOAT16: n = &c->float16; break;
  case TK_BF16: n = &c->bf16; break;
  case TK_INT8: c->sized = 8; return true;
  case TK_INT16: c->sized = 16; return true;
  case TK_INT32: c->sized = 32; return true;
  case TK_INT64: c->sized = 64; return true;
  default: return false;
  }
  if (*n < 100) ++*n;
  return true;
}

static const csym *typedef_here(const struct parser *P) {
  if (P->lx.tok != TK_IDENT) return NULL;
  const csym *s = symtab_find(&P->st->names, P->name, P->name_len);
  return s != NULL && s->kind == CS_TYPEDEF ? s : NULL;
}

bool decl_is_type(struct parser *P) {
  switch (P->lx.tok) {
  case TK_IDENT: return P->param != NULL || typedef_here(P) != NULL;
  case TK_SIZEOF:
  case TK_ALIGNOF:
  case TK_STATIC_ASSERT:
  case TK_ASM: return false;
  case TK_CALLCONV:
  case TK_ATTRIBUTE: return false;
  default: return P->lx.tok >= TK_KEYWORD_FIRST;
  }
}

static ctype *parse_typeof(struct parser *P) {
  ctype *ct;
  lex_next(P);
  lex_expect(P, '(', "'('");
  if (decl_is_type(P)) {
    ct = decl_type_name(P);
  } else {
    ct = expr_type(P);
  }
  lex_expect(P, ')', "')'");
  return ct;
}

/* struct, union, enum, typeof, a typedef's name, `$`; NULL: none of them. */
static ctype *parse_other_type(struct parser *P) {
  ctype *ct;
  switch (P->lx.tok) {
  case TK_STRUCT:
  case TK_UNION: {
    bool is_union = P->lx.tok == TK_UNION;
    lex_next(P);
    return parse_record(P, is_union);
  }
  case TK_ENUM: lex_next(P); return parse_enum(P);
  case TK_TYPEOF: return parse_typeof(P);
  case TK_IDENT:
    if (P->param != NULL) {
      ct = P->param->ct;
    } else {
      const csym *s = typedef_here(P);
      if (s == NULL) return NULL;
      ct = s->ct;
    }
    lex_next(P);
    return ct;
  default: return NULL;
  }
}

static void set_storage(struct parser *P, struct spec *sp, enum storage st) {
  if (sp->storage != ST_NONE && sp->storage != st) decl_error(P, "two storage classes");
  sp->storage = st;
  lex_next(P);
}

/* One word that is no type; false: it is none of these. */
static bool parse_storage_word(struct parser *P, struct spec *sp, unsigned *quals) {
  switch (P->lx.tok) {
  case TK_CONST: *quals |= CQ_CONST; break;
  case TK_VOLATILE: *quals |= CQ_VOLATILE; break;
  case TK_TYPEDEF: set_storage(P, sp, ST_TYPEDEF); return true;
  case TK_EXTERN: set_storage(P, sp, ST_EXTERN); return true;
  case TK_STATIC: set_storage(P, sp, ST_STATIC); return true;
  case TK_INLINE: sp->is_inline = true; break;
  case TK_RESTRICT:
  case TK_NORETURN:
  case TK_AUTO:
  case TK_FRIENDLY: break;
  case TK_ATTRIBUTE:
  case TK_DECLSPEC:
  case TK_EXTENSION:
  case TK_CALLCONV:
  case TK_ALIGNAS: parse_attributes(P, &sp->attrs); return true;
  default: return false;
  }
  lex_next(P);
  return true;
}

/* Words that are keywords for headers that were not preprocessed, and in C11 names like any. */
static bool plain_word(const struct parser *P) {
  switch (P->lx.tok) {
  case TK_ALIGNOF:
  case TK_BOOL:
  case TK_COMPLEX: return P->name[0] != '_';
  default: return false;
  }
}

/* `int bool`, but not `double complex`. */
static bool is_name_here(const struct parser *P, const struct basic_count *c) {
  return plain_word(P) && any_basic(c) &&
         !(P->lx.tok == TK_COMPLEX && (c->float_ || c->double_ || c->long_));
}

void parse_spec(struct parser *P, struct spec *sp) {
  struct basic_count c = {0};
  unsigned quals = 0;
  struct lex_pos begin = P->lx;
  memset(sp, 0, sizeof *sp);
  decl_enter(P);
  for (;;) {
    if (parse_storage_word(P, sp, &quals)) continue;
    if (P->lx.tok == '(' && sp->type == NULL && !any_basic(&c) && begin.tok == TK_FRIENDLY) {
      lex_next(P); /* _Atomic(type) */
      sp->type = decl_type_name(P);
      lex_expect(P, ')', "')'");
      continue;
    }
    if (is_name_here(P, &c)) break;
    if (sp->type == NULL && count_basic(P, &c)) {
      lex_next(P);
      continue;
    }
    if (sp->type != NULL || any_basic(&c)) break;
    sp->type = parse_other_type(P);
    if (sp->type == NULL) break;
  }
  if (sp->type == NULL && !any_basic(&c)) {
    char buf[64];
    if (P->lx.tok == TK_IDENT) decl_error(P, "unknown type %s", lex_describe(P, buf, sizeof buf));
    decl_expected(P, "a type");
  }
  if (sp->type == NULL) sp->type = basic_type(P, &c);
  if (quals != 0) sp->type = need(P, ctype_qualified(P->st, sp->type, quals));
  P->depth--;
}

/* ------------------------------------------------------------------ declarators */

static ctype *parse_pointers(struct parser *P, ctype *ct, struct attrs *a) {
  for (;;) {
    parse_attributes(P, a);
    if (!lex_accept(P, '*')) return ct;
    ct = need(P, ctype_ptr(P->st, ct));
    unsigned quals = 0;
    for (;; lex_next(P)) {
      if (P->lx.tok == TK_CONST)
        quals |= CQ_CONST;
      else if (P->lx.tok == TK_VOLATILE)
        quals |= CQ_VOLATILE;
      else if (P->lx.tok != TK_RESTRICT && P->lx.tok != TK_FRIENDLY && P->lx.tok != TK_CALLCONV)
        break;
    }
    if (quals != 0) ct = need(P, ctype_qualified(P->st, ct, quals));
  }
}

static ctype *parse_suffixes(struct parser *P, ctype *base);

struct dimension {
  size_t n;
  unsigned flags;
};

/* Inside of parameters, at what may be a constant: does a name of another parameter follow before
 * the bracket closes, as in f(int n, int a[(n + 1)])? Then the dimension is none. */
static bool names_a_parameter(struct parser *P) {
  struct lex_pos at = P->lx;
  bool found = false;
  int depth = 0;
  for (int before = 0; !found && P->lx.tok != TK_EOF; lex_next(P)) {
    int t = P->lx.tok;
    depth += (t == '[' || t == '(') - (t == ']' || t == ')');
    if (depth < 0) break;
    bool tag = before == TK_STRUCT || before == TK_UNION || before == TK_ENUM || before == '.' ||
               before == TK_ARROW;
    if (t == TK_IDENT && P->param == NULL && !tag) {
      const csym *s = symtab_find(&P->st->names, P->name, P->name_len);
      found = s == NULL || s->kind == CS_EXTERN;
    }
    before = t;
  }
  lex_seek(P, &at);
  return found;
}

/* Behind such a dimension. */
static void skip_dimension(struct parser *P) {
  while (P->lx.tok != ']' && P->lx.tok != TK_EOF) {
    if (P->lx.tok == '(' || P->lx.tok == '[')
      lex_skip_balanced(P);
    else
      lex_next(P);
  }
}

static struct dimension parse_dimension(struct parser *P) {
  struct dimension d = {0, 0};
  lex_next(P);
  while (P->lx.tok == TK_STATIC || P->lx.tok == TK_CONST || P->lx.tok == TK_VOLATILE ||
         P->lx.tok == TK_RESTRICT)
    lex_next(P);
  if (lex_accept(P, '?')) {
    d.flags = CF_VLA;
  } else if (P->lx.tok == ']') {
    d.flags = CF_OPEN;
  } else if (P->lx.tok == '*') {
    lex_next(P);
    d.flags = CF_OPEN;
  } else if (P->in_params > 0 && names_a_parameter(P)) {
    skip_dimension(P);
    d.flags = CF_OPEN;
  } else {
    int64_t n = expr_integer(P);
    if (n < 0) decl_error(P, "array of %lld elements", (long long)n);
    d.n = (size_t)n;
  }
  lex_expect(P, ']', "']'");
  return d;
}

static ctype *parse_array(struct parser *P, ctype *base) {
  char buf[CTYPE_REPR_MAX];
  struct lex_pos at = P->lx;
  struct dimension d = parse_dimension(P);
  decl_enter(P);
  ctype *elem = parse_suffixes(P, base);
  P->depth--;
  size_t size = ctype_size(elem);
  if (size == CT_INCOMPLETE || (elem->un->flags & CF_VLA) != 0) {
    P->lx = at;
    decl_error(P, "array of '%s', whose size is not known", ctype_repr(elem, "", buf, sizeof buf));
  }
  if (size != 0 && d.n > (SIZE_MAX / 64) / size) {
    P->lx = at;
    decl_error(P, "array is too large");
  }
  return need(P, ctype_array(P->st, elem, d.n, d.flags));
}

static ctype *adjust_param(struct parser *P, ctype *ct) {
  if (ct->kind == CK_ARRAY) return need(P, ctype_ptr(P->st, ct->base));
  if (ct->kind == CK_FUNC) return need(P, ctype_ptr(P->st, ct));
  return ct->un;
}

#define PARAMS_MAX 127

static ctype *parse_params(struct parser *P, ctype *base) {
  ctype *params[PARAMS_MAX];
  uint32_t n = 0;
  bool variadic = false;
  struct lex_pos at = P->lx;
  lex_next(P);
  decl_enter(P);
  P->in_params++;
  while (P->lx.tok != ')') {
    struct spec sp;
    struct declname dn;
    if (lex_accept(P, TK_ELLIPSIS)) {
      variadic = true;
      break;
    }
    parse_spec(P, &sp);
    ctype *ct = parse_declarator(P, sp.type, DM_EITHER, &dn, &sp.attrs);
    if (ct->kind == CK_VOID && n == 0 && P->lx.tok == ')' && ct->quals == 0) break;
    if (ct->kind == CK_VOID) decl_error(P, "parameter of type void");
    if (n == PARAMS_MAX) decl_error(P, "more than %d parameters", PARAMS_MAX);
    params[n++] = adjust_param(P, ct);
    if (!lex_accept(P, ',')) break;
    if (P->lx.tok == ')') decl_expected(P, "a parameter");
  }
  P->depth--;
  P->in_params--;
  lex_expect(P, ')', "',' or ')'");
  ctype *ret = parse_suffixes(P, base);
  if (ret->kind == CK_ARRAY || ret->kind == CK_FUNC) {
    P->lx = at;
    decl_error(P, "a function cannot return %s", ret->kind == CK_ARRAY ? "an array" : "a function");
  }
  return need(P, ctype_func(P->st, ret, params, n, variadic));
}

static ctype *parse_suffixes(struct parser *P, ctype *base) {
  if (P->lx.tok != '[' && P->lx.tok != '(') return base;
  decl_enter(P);
  base = P->lx.tok == '[' ? parse_array(P, base) : parse_params(P, base);
  P->depth--;
  return base;
}

/* At '(': a declarator in parentheses, or parameters? */
static bool is_nested(struct parser *P, enum decl_mode mode) {
  struct lex_pos open = P->lx;
  if (mode == DM_NAMED) return true;
  lex_next(P);
  bool nested = P->lx.tok != ')' && P->lx.tok != TK_ELLIPSIS && !decl_is_type(P);
  lex_seek(P, &open);
  return nested;
}

ctype *parse_declarator(struct parser *P, ctype *base, enum decl_mode mode, struct declname *out,
                        struct attrs *a) {
  decl_enter(P);
  memset(out, 0, sizeof *out);
  base = parse_pointers(P, base, a);
  if (P->lx.tok == '(' && is_nested(P, mode)) {
    /* The outside comes first: read it, then come back for the inside. */
    struct lex_pos open = P->lx;
    lex_skip_balanced(P);
    base = parse_suffixes(P, base);
    struct lex_pos behind = P->lx;
    lex_seek(P, &open);
    lex_next(P);
    base = parse_declarator(P, base, mode, out, a);
    lex_expect(P, ')', "')'");
    lex_seek(P, &behind);
  } else {
    bool word = P->lx.tok == TK_IDENT ? P->param == NULL : plain_word(P);
    if (word && mode != DM_ABSTRACT) {
      *out = (struct declname){P->name, P->name_len, P->lx};
      lex_next(P);
    } else if (mode == DM_NAMED) {
      decl_expected(P, "a name");
    }
    base = parse_suffixes(P, base);
  }
  parse_attributes(P, a);
  P->depth--;
  return base;
}

ctype *decl_type_name(struct parser *P) {
  struct spec sp;
  struct declname dn;
  parse_spec(P, &sp);
  if (sp.storage != ST_NONE) decl_error(P, "storage class in a type name");
  ctype *ct = parse_declarator(P, sp.type, DM_ABSTRACT, &dn, &sp.attrs);
  return apply_attrs(P, ct, &sp.attrs);
}

/* ------------------------------------------------------------------ declarations */

static _Noreturn void redeclared(struct parser *P, const struct declname *dn, const csym *old,
                                 const char *now) {
  char was[CTYPE_REPR_MAX];
  ctype_repr(old->ct, old->name, was, sizeof was);
  P->lx = dn->at;
  if (old->kind == CS_INT)
    decl_error(P, "'%s' redeclared as %s; it is the constant %lld since %s, line %u", old->name,
               now, (long long)old->i, old->where, (unsigned)old->line);
  decl_error(P, "'%s' redeclared as %s; it is %s'%s' since %s, line %u", old->name, now,
             old->kind == CS_TYPEDEF ? "typedef " : "", was, old->where, (unsigned)old->line);
}

/* The entry for a name: a new one (*is_new), or the old one of the same kind and type. */
static csym *define(struct parser *P, const struct declname *dn, enum csym_kind kind, ctype *ct,
                    bool *is_new) {
  char now[CTYPE_REPR_MAX], decl[CTYPE_REPR_MAX + 32];
  csym *s = symtab_find(&P->st->names, dn->name, dn->len);
  *is_new = s == NULL || (s->builtin && !ctype_equivalent(s->ct, ct, 32));
  if (s != NULL && !*is_new) {
    bool same =
        s->kind == kind && (kind == CS_INT || kind == CS_FLOAT || ctype_equivalent(s->ct, ct, 32));
    /* extern int a[]; extern int a[4]; */
    if (!same && s->kind == kind && kind == CS_EXTERN && ct->kind == CK_ARRAY &&
        s->ct->kind == CK_ARRAY && ctype_same(ct->base, s->ct->base) &&
        ((ct->flags | s->ct->flags) & CF_OPEN) != 0)
      same = true;
    if (same) return s;
    ctype_repr(ct, s->name, now, sizeof now);
    size_t n = 0;
    const char *pre = kind == CS_TYPEDEF ? "typedef '" : kind == CS_EXTERN ? "'" : "the constant '";
    for (const char *parts[] = {pre, now, "'"}, **p = parts; p < parts + 3; p++) {
      size_t len = strlen(*p);
      if (len >= sizeof decl - n) len = sizeof decl - n - 1;
      memcpy(decl + n, *p, len);
      n += len;
    }
    decl[n] = '\0';
    redeclared(P, dn, s, decl);
  }
  if (s == NULL) s = symtab_add(P->st, &P->st->names, dn->name, dn->len);
  if (s == NULL) decl_no_memory(P);
  s->kind = kind;
  s->ct = ct;
  s->builtin = false;
  s->where = decl_where(P);
  s->line = dn->at.start_lineno;
  return s;
}

void define_constant(struct parser *P, const struct declname *dn, ctype *ct, struct value v) {
  bool is_new;
  enum csym_kind kind = v.is_float ? CS_FLOAT : CS_INT;
  csym *s = define(P, dn, kind, ct, &is_new);
  if (is_new) {
    if (v.is_float)
      s->d = v.d;
    else
      s->i = v.i;
  } else if (v.is_float ? (s->d < v.d || s->d > v.d) : s->i != v.i) {
    redeclared(P, dn, s, "another constant");
  }
}

static void skip_initializer(struct parser *P) {
  while (P->lx.tok != ';' && P->lx.tok != ',' && P->lx.tok != TK_EOF) {
    if (P->lx.tok == '(' || P->lx.tok == '{' || P->lx.tok == '[')
      lex_skip_balanced(P);
    else
      lex_next(P);
  }
}

/* Cuts a constant to its declared type. */
static struct value convert_constant(const ctype *ct, struct value v) {
  if (ct->kind == CK_FLOAT) {
    if (!v.is_float) v.d = v.is_unsigned ? (double)(uint64_t)v.i : (double)v.i;
    v.is_float = true;
    return v;
  }
  if (v.is_float) v.i = v.d >= -0x1p63 && v.d < 0x1p63 ? (int64_t)v.d : INT64_MIN;
  v.is_float = false;
  switch (ct->un->prim) {
  case CP_BOOL: v.i = v.i != 0; break;
  case CP_I8: v.i = (int8_t)v.i; break;
  case CP_U8: v.i = (uint8_t)v.i; break;
  case CP_I16: v.i = (int16_t)v.i; break;
  case CP_U16: v.i = (uint16_t)v.i; break;
  case CP_I32: v.i = (int32_t)v.i; break;
  case CP_U32: v.i = (uint32_t)v.i; break;
  default: break;
  }
  return v;
}

static void declare_variable(struct parser *P, const struct spec *sp, const struct declname *dn,
                             ctype *ct, const struct attrs *a) {
  bool is_new;
  bool number = ctype_is_integer(ct) || ct->kind == CK_FLOAT;
  if (sp->storage == ST_STATIC) {
    if (P->lx.tok != '=' || (ct->quals & CQ_CONST) == 0 || !number) {
      skip_initializer(P); /* has no symbol */
      return;
    }
    lex_next(P);
    define_constant(P, dn, ct->un, convert_constant(ct, expr_parse(P)));
    return;
  }
  if (ct->kind == CK_VOID) decl_error(P, "variable of type void");
  csym *s = define(P, dn, CS_EXTERN, ct, &is_new);
  if (is_new) s->asmname = a->asmname;
  if (P->lx.tok == '=') skip_initializer(P);
}

/* One declarator of a declaration. True: it was a function with its body. */
static bool declare(struct parser *P, const struct spec *sp) {
  struct declname dn;
  struct attrs a = sp->attrs;
  bool is_new;
  ctype *ct = parse_declarator(P, sp->type, DM_NAMED, &dn, &a);
  if (sp->storage == ST_TYPEDEF) {
    const csym *s = define(P, &dn, CS_TYPEDEF, apply_attrs(P, ct, &a), &is_new);
    if (is_new && ct->un->name == NULL &&
        atomic_load_explicit(&ct->un->alias, memory_order_relaxed) == NULL)
      atomic_store_explicit(&ct->un->alias, s->name, memory_order_relaxed);
  } else if (ct->kind == CK_FUNC) {
    bool body = P->lx.tok == '{';
    if (body) lex_skip_balanced(P);
    if (sp->storage != ST_STATIC && !(body && sp->is_inline)) {
      csym *s = define(P, &dn, CS_EXTERN, ct, &is_new);
      if (a.asmname != NULL && s->asmname == NULL) s->asmname = a.asmname;
    }
    return body;
  } else {
    declare_variable(P, sp, &dn,
                     apply_attrs(P, ct, &(struct attrs){.mode = a.mode, .vector = a.vector}), &a);
  }
  return false;
}

static void static_assertion(struct parser *P) {
  struct lex_pos at = P->lx;
  lex_next(P);
  lex_expect(P, '(', "'('");
  bool ok = expr_integer(P) != 0;
  if (!ok) {
    P->lx = at;
    decl_error(P, "_Static_assert failed");
  }
  if (lex_accept(P, ','))
    while (P->lx.tok == TK_STRING) lex_next(P);
  lex_expect(P, ')', "')'");
}

static void declaration(struct parser *P) {
  struct spec sp;
  if (P->lx.tok == TK_STATIC_ASSERT) {
    static_assertion(P);
  } else if (P->lx.tok == TK_ASM) {
    lex_next(P);
    if (P->lx.tok == '(') lex_skip_balanced(P);
  } else {
    parse_spec(P, &sp);
    if (P->lx.tok != ';') {
      do
        if (declare(P, &sp)) return;
      while (lex_accept(P, ','));
    }
  }
  if (P->lx.tok != TK_EOF) lex_expect(P, ';', "';'");
}

/* extern "C" { ... }; true: done with the token. */
static bool linkage(struct parser *P, int *braces) {
  struct lex_pos at = P->lx;
  if (P->lx.tok == '}' && *braces > 0) {
    --*braces;
    lex_next(P);
    return true;
  }
  if (P->lx.tok != TK_EXTERN) return false;
  lex_next(P);
  if (P->lx.tok != TK_STRING) {
    lex_seek(P, &at);
    return false;
  }
  lex_next(P);
  if (lex_accept(P, '{')) ++*braces;
  return true;
}

static void parse_everything(struct parser *P) {
  int braces = 0;
  lex_init(P);
  while (P->lx.tok != TK_EOF) {
    if (linkage(P, &braces) || lex_accept(P, ';')) continue;
    declaration(P);
  }
  if (braces > 0) decl_expected(P, "'}'");
}

static void parser_init(struct parser *P, gffi_state *st, const struct decl_source *src,
                        char *err) {
  memset(P, 0, sizeof *P);
  P->st = st;
  P->src = src;
  P->err = err;
  err[0] = '\0';
}

bool decl_parse_all(gffi_state *st, const struct decl_source *src, char *err) {
  struct parser P;
  parser_init(&P, st, src, err);
  pthread_mutex_lock(&st->mtx);
  if (setjmp(P.jmp) == 0) parse_everything(&P); /* every jump has written a message */
  pthread_mutex_unlock(&st->mtx);
  return err[0] == '\0';
}

static ctype *parse_one(struct parser *P) {
  lex_init(P);
  ctype *ct = decl_type_name(P);
  if (P->lx.tok != TK_EOF) decl_expected(P, "the end");
  return ct;
}

ctype *decl_parse_type(gffi_state *st, const struct decl_source *src, char *err) {
  struct parser P;
  ctype *volatile ct = NULL;
  parser_init(&P, st, src, err);
  pthread_mutex_lock(&st->mtx);
  if (setjmp(P.jmp) == 0) ct = parse_one(&P);
  pthread_mutex_unlock(&st->mtx);
  return err[0] == '\0' ? ct : NULL;
}
