/* parse_expr.c: constant expressions of declarations, with C's promotions for 32 and 64 bits, and
 * as much of pointers and members as offsets and sizes need: ((T *)0)->m, &a.b[2], sizeof(f(1)). */
#include "decl_impl.h"

#include <string.h>

static struct value int_value(int64_t i) { return (struct value){.i = i, .size = 4}; }

/* Cuts to the width of the type, as an int or a long would hold it. */
static struct value normalize(struct value v) {
  if (!v.is_float && v.size == 4)
    v.i = v.is_unsigned ? (int64_t)(uint32_t)v.i : (int64_t)(int32_t)(uint32_t)v.i;
  return v;
}

static bool truth(struct value v) { return v.is_float ? v.d != 0 : v.i != 0; }

static double as_double(struct value v) {
  if (v.is_float) return v.d;
  return v.is_unsigned ? (double)(uint64_t)v.i : (double)v.i;
}

static void need_integers(struct parser *P, struct value a, struct value b) {
  if (a.is_float || b.is_float) decl_error(P, "integer operands needed");
}

static int64_t divide(struct parser *P, struct value t, int64_t a, int64_t b, bool want_rest) {
  if (b == 0 && P->unevaluated > 0) return 0;
  if (b == 0) decl_error(P, "division by zero");
  if (t.is_unsigned) {
    uint64_t x = (uint64_t)a, y = (uint64_t)b;
    return (int64_t)(want_rest ? x % y : x / y);
  }
  if (b == -1) return want_rest ? 0 : (int64_t)(0 - (uint64_t)a);
  return want_rest ? a % b : a / b;
}

static int64_t shift(struct value t, int64_t a, int64_t n, bool left) {
  unsigned width = t.size * 8u, by = (unsigned)n & (width - 1);
  if (left) return (int64_t)((uint64_t)a << by);
  if (t.is_unsigned) return (int64_t)((uint64_t)a >> by);
  return a >> by;
}

static struct value float_op(struct parser *P, int op, uint8_t size, double a, double b) {
  struct value r = {.is_float = true, .size = size};
  switch (op) {
  case '+': r.d = a + b; return r;
  case '-': r.d = a - b; return r;
  case '*': r.d = a * b; return r;
  case '/': r.d = a / b; return r;
  case '<': return int_value(a < b);
  case '>': return int_value(a > b);
  case TK_LE: return int_value(a <= b);
  case TK_GE: return int_value(a >= b);
  case TK_EQ: return int_value(!(a < b) && !(a > b));
  case TK_NE: return int_value(a < b || a > b);
  default: decl_error(P, "integer operands needed");
  }
}

static struct value compare(int op, struct value t, int64_t a, int64_t b) {
  bool lt = t.is_unsigned ? (uint64_t)a < (uint64_t)b : a < b;
  switch (op) {
  case '<': return int_value(lt);
  case '>': return int_value(!lt && a != b);
  case TK_LE: return int_value(lt || a == b);
  case TK_GE: return int_value(!lt);
  case TK_EQ: return int_value(a == b);
  default: return int_value(a != b);
  }
}

/* ------------------------------------------------------------------ pointers and objects */

static struct value pointer_value(ctype *pointee, int64_t address) {
  return (struct value){.pointee = pointee, .i = address, .size = 8, .is_unsigned = true};
}

static struct value object_value(ctype *ct, int64_t address) {
  return (struct value){.object = ct, .i = address, .size = 8};
}

/* A number of type ct. */
static struct value number_value(const ctype *ct, int64_t i) {
  size_t size = ctype_size(ct);
  if (ct->kind == CK_FLOAT) return (struct value){.is_float = true, .size = (uint8_t)size};
  struct value v = {.i = i, .size = size == 8 ? 8 : 4};
  v.is_unsigned = (ct->un->flags & CF_UNSIGNED) != 0;
  if (size < 4) v.bytes = (uint8_t)size;
  return v;
}

/* What is left of an object in an expression. Its contents are known to no compiler, so only its
 * type is of use. */
static struct value rvalue(struct parser *P, struct value v) {
  ctype *ct = v.object;
  if (ct == NULL) return v;
  if (ct->kind == CK_ARRAY) return pointer_value(ct->base, v.i);
  if (ct->kind == CK_FUNC) return pointer_value(ct, v.i);
  if (P->unevaluated == 0) decl_error(P, "the value of an object is no constant");
  if (ct->kind == CK_PTR) return pointer_value(ct->base, 0);
  if (ctype_is_integer(ct) || ct->kind == CK_FLOAT) return number_value(ct, 0);
  decl_error(P, "a number or a pointer is needed");
}

/* ... with C's promotion of what is smaller than int. */
static struct value operand(struct parser *P, struct value v) {
  v = rvalue(P, v);
  if (v.bytes != 0) v.is_unsigned = false;
  v.bytes = 0;
  return v;
}

static int64_t stride(struct parser *P, const ctype *ct) {
  size_t size = ctype_size(ct);
  if (ct->kind == CK_VOID || ct->kind == CK_FUNC) return 1; /* as gcc counts */
  if (size == CT_INCOMPLETE) decl_error(P, "arithmetic with a pointer to an incomplete type");
  return size == 0 ? 1 : (int64_t)size;
}

/* p + n for n elements. */
static int64_t advance(struct parser *P, struct value p, int64_t n) {
  return (int64_t)((uint64_t)p.i + (uint64_t)n * (uint64_t)stride(P, p.pointee));
}

static struct value pointer_op(struct parser *P, int op, struct value a, struct value b) {
  struct value all = {.size = 8, .is_unsigned = true};
  if (a.is_float || b.is_float) decl_error(P, "a pointer and a floating-point number");
  if (op == '-' && a.pointee != NULL && b.pointee != NULL)
    return (struct value){.size = 8,
                          .i = (int64_t)((uint64_t)a.i - (uint64_t)b.i) / stride(P, a.pointee)};
  if (op == '+' && a.pointee == NULL) return pointer_value(b.pointee, advance(P, b, a.i));
  if ((op == '+' || op == '-') && b.pointee == NULL)
    return pointer_value(a.pointee, advance(P, a, op == '+' ? b.i : (int64_t)(0 - (uint64_t)b.i)));
  switch (op) {
  case '<':
  case '>':
  case TK_LE:
  case TK_GE:
  case TK_EQ:
  case TK_NE: return compare(op, all, a.i, b.i);
  default: decl_error(P, "integer operands needed");
  }
}

static struct value member(struct parser *P, struct value v) {
  char buf[CTYPE_REPR_MAX];
  cfield f;
  if (P->lx.tok != TK_IDENT || P->param != NULL) decl_expected(P, "a member's name");
  if (v.object == NULL || !record_find(v.object, P->name, P->name_len, &f))
    decl_error(P, "'%s' has no member '%.*s'",
               v.object == NULL ? "a number" : ctype_repr(v.object, "", buf, sizeof buf),
               P->name_len > 60 ? 60 : (int)P->name_len, P->name);
  if (f.bitfield) decl_error(P, "a bit-field has neither a size nor an address");
  lex_next(P);
  return object_value(f.ct, (int64_t)((uint64_t)v.i + f.offset));
}

static struct value dereference(struct parser *P, struct value v) {
  v = rvalue(P, v);
  if (v.pointee == NULL) decl_error(P, "a pointer is needed");
  return object_value(v.pointee, v.i);
}

static struct value conditional(struct parser *P);

static struct value subscript(struct parser *P, struct value v) {
  lex_next(P);
  struct value k = operand(P, conditional(P));
  lex_expect(P, ']', "']'");
  v = rvalue(P, v);
  if (v.pointee == NULL || k.pointee != NULL || k.is_float)
    decl_error(P, "a pointer and an integer are needed");
  return object_value(v.pointee, advance(P, v, k.i));
}

static struct value call(struct parser *P, struct value v) {
  const ctype *fn = rvalue(P, v).pointee;
  if (fn == NULL || fn->kind != CK_FUNC) decl_error(P, "this is no function");
  if (P->unevaluated == 0) decl_error(P, "a call is no constant");
  lex_skip_balanced(P);
  return object_value(fn->base, 0);
}

static struct value postfix(struct parser *P, struct value v) {
  for (;;) {
    switch (P->lx.tok) {
    case '.':
      lex_next(P);
      v = member(P, v);
      break;
    case TK_ARROW:
      v = dereference(P, v);
      lex_next(P);
      v = member(P, v);
      break;
    case '[': v = subscript(P, v); break;
    case '(': v = call(P, v); break;
    default: return v;
    }
  }
}

/* ------------------------------------------------------------------ operators */

static struct value binary(struct parser *P, int op, struct value a, struct value b) {
  a = operand(P, a);
  b = operand(P, b);
  if (op == TK_AND) return int_value(truth(a) && truth(b));
  if (op == TK_OR) return int_value(truth(a) || truth(b));
  if (a.pointee != NULL || b.pointee != NULL) return pointer_op(P, op, a, b);
  if (a.is_float || b.is_float) {
    uint8_t x = a.is_float ? a.size : 4, y = b.is_float ? b.size : 4;
    return float_op(P, op, x > y ? x : y, as_double(a), as_double(b));
  }
  struct value t = {.size = a.size > b.size ? a.size : b.size};
  t.is_unsigned = (a.is_unsigned && a.size == t.size) || (b.is_unsigned && b.size == t.size);
  if (op == TK_SHL || op == TK_SHR) {
    t = a;
    t.i = shift(t, a.i, b.i, op == TK_SHL);
    return normalize(t);
  }
  a.size = b.size = t.size;
  a.is_unsigned = b.is_unsigned = t.is_unsigned;
  a = normalize(a);
  b = normalize(b);
  uint64_t x = (uint64_t)a.i, y = (uint64_t)b.i;
  switch (op) {
  case '+': t.i = (int64_t)(x + y); break;
  case '-': t.i = (int64_t)(x - y); break;
  case '*': t.i = (int64_t)(x * y); break;
  case '/': t.i = divide(P, t, a.i, b.i, false); break;
  case '%': t.i = divide(P, t, a.i, b.i, true); break;
  case '&': t.i = a.i & b.i; break;
  case '|': t.i = a.i | b.i; break;
  case '^': t.i = a.i ^ b.i; break;
  default: return compare(op, t, a.i, b.i);
  }
  return normalize(t);
}

static struct value cast(struct parser *P, const ctype *ct, struct value v) {
  v = rvalue(P, v);
  struct value r = number_value(ct, v.i);
  if (ct->kind == CK_FLOAT) {
    r.d = ct->prim == CP_F32 ? (double)(float)as_double(v) : as_double(v);
    return r;
  }
  if (v.is_float) r.i = v.d >= -0x1p63 && v.d < 0x1p63 ? (int64_t)v.d : INT64_MIN;
  if (ct->kind == CK_PTR) return pointer_value(ct->base, r.i);
  if (!ctype_is_integer(ct)) decl_error(P, "cast to a number needed");
  if (ct->kind == CK_BOOL) r.i = truth(v);
  if (r.bytes == 1) r.i = r.is_unsigned ? (int64_t)(uint8_t)r.i : (int64_t)(int8_t)r.i;
  if (r.bytes == 2) r.i = r.is_unsigned ? (int64_t)(uint16_t)r.i : (int64_t)(int16_t)r.i;
  return normalize(r);
}

static struct value unary(struct parser *P);

static struct value size_value(struct parser *P, size_t size) {
  if (size == CT_INCOMPLETE) decl_error(P, "the size of an incomplete type is not known");
  return (struct value){.i = (int64_t)size, .size = 8, .is_unsigned = true};
}

static ctype *value_type(struct parser *P, struct value v) {
  gffi_state *st = P->st;
  if (v.object != NULL) return v.object;
  if (v.pointee != NULL) return need(P, ctype_ptr(st, v.pointee));
  if (v.is_float) return v.size == 4 ? st->t_float : v.size == 8 ? st->t_double : st->t_ldouble;
  switch (v.bytes) {
  case 1: return v.is_unsigned ? st->t_uchar : st->t_schar;
  case 2: return v.is_unsigned ? st->t_ushort : st->t_short;
  default: break;
  }
  if (v.size == 8) return v.is_unsigned ? st->t_ulong : st->t_long;
  return v.is_unsigned ? st->t_uint : st->t_int;
}

/* sizeof (type), sizeof expression; _Alignof likewise. */
static struct value size_of(struct parser *P, bool align) {
  const ctype *ct = NULL;
  lex_next(P);
  if (P->lx.tok == '(') {
    struct lex_pos open = P->lx;
    lex_next(P);
    if (decl_is_type(P)) {
      ct = decl_type_name(P);
      lex_expect(P, ')', "')'");
    } else {
      lex_seek(P, &open);
    }
  }
  if (ct == NULL) {
    P->unevaluated++;
    ct = value_type(P, unary(P));
    P->unevaluated--;
  }
  if (ctype_size(ct) == CT_INCOMPLETE) return size_value(P, CT_INCOMPLETE);
  return size_value(P, align ? ctype_align(ct) : ctype_size(ct));
}

/* offsetof(type, member.name[2]), behind the word. */
static struct value offset_of(struct parser *P) {
  lex_expect(P, '(', "'('");
  struct value v = object_value(decl_type_name(P), 0);
  lex_expect(P, ',', "','");
  v = postfix(P, member(P, v));
  lex_expect(P, ')', "')'");
  return size_value(P, (size_t)v.i);
}

static struct value types_compatible(struct parser *P) {
  lex_expect(P, '(', "'('");
  const ctype *a = decl_type_name(P);
  lex_expect(P, ',', "','");
  const ctype *b = decl_type_name(P);
  lex_expect(P, ')', "')'");
  return int_value(ctype_same(a->un, b->un));
}

static bool word_is(const struct parser *P, const char *word) {
  return P->name_len == strlen(word) && memcmp(P->name, word, P->name_len) == 0;
}

static struct value named(struct parser *P) {
  if (P->param != NULL) decl_error(P, "a type is no value");
  const csym *s = symtab_find(&P->st->names, P->name, P->name_len);
  bool offset = word_is(P, "__builtin_offsetof") || word_is(P, "offsetof");
  if (s == NULL && (offset || word_is(P, "__builtin_types_compatible_p"))) {
    lex_next(P);
    return offset ? offset_of(P) : types_compatible(P);
  }
  /* The address of a variable or a function is known to the linker, its type to us. */
  if (s == NULL || s->kind == CS_TYPEDEF || (s->kind == CS_EXTERN && P->unevaluated == 0))
    decl_error(P, "'%.*s' is no constant", P->name_len > 60 ? 60 : (int)P->name_len, P->name);
  struct value v = object_value(s->ct, 0);
  if (s->kind != CS_EXTERN) {
    v = number_value(s->ct, s->kind == CS_INT ? s->i : 0);
    if (s->kind == CS_FLOAT) v.d = s->d;
  }
  lex_next(P);
  return v;
}

/* How many bytes from s on, `most` of them, are in `set`. */
static size_t strspn_in(const char *s, const char *end, const char *set, size_t most) {
  size_t n = 0;
  while (n < most && s + n < end && s[n] != '\0' && strchr(set, s[n]) != NULL) n++;
  return n;
}

/* "...": an array of char, of use for its size. Escapes count as one. */
static struct value string(struct parser *P) {
  size_t n = 1;
  for (; P->lx.tok == TK_STRING; lex_next(P)) {
    const char *s = P->name, *end = s + P->name_len;
    for (; s < end; n++) {
      bool hex = end - s >= 2 && s[0] == '\\' && s[1] == 'x';
      bool octal = end - s >= 2 && s[0] == '\\' && s[1] >= '0' && s[1] <= '7';
      s += *s == '\\' && end - s >= 2 ? 2 : 1;
      if (hex) s += strspn_in(s, end, "0123456789abcdefABCDEF", SIZE_MAX);
      if (octal) s += strspn_in(s, end, "01234567", 2);
    }
  }
  return object_value(need(P, ctype_array(P->st, P->st->t_char, n, 0)), 0);
}

static struct value primary(struct parser *P) {
  struct value v;
  switch (P->lx.tok) {
  case TK_INT:
  case TK_FLOAT:
    v = P->num;
    lex_next(P);
    return v;
  case TK_STRING: return postfix(P, string(P));
  case TK_IDENT: return postfix(P, named(P));
  case '(':
    lex_next(P);
    if (decl_is_type(P)) {
      ctype *ct = decl_type_name(P);
      lex_expect(P, ')', "')'");
      return cast(P, ct, unary(P));
    }
    v = conditional(P);
    lex_expect(P, ')', "')'");
    return postfix(P, v);
  default: decl_expected(P, "a constant expression");
  }
}

static struct value negate(struct value v) {
  if (v.is_float)
    v.d = -v.d;
  else
    v.i = (int64_t)(0 - (uint64_t)v.i);
  return normalize(v);
}

static struct value unary(struct parser *P) {
  struct value v;
  int op = P->lx.tok;
  decl_enter(P);
  switch (op) {
  case '+':
  case '-':
  case '~':
  case '!':
    lex_next(P);
    v = operand(P, unary(P));
    if (v.pointee != NULL && op != '!') decl_error(P, "a number is needed");
    if (op == '-') v = negate(v);
    if (op == '!') v = int_value(!truth(v));
    if (op == '~') {
      need_integers(P, v, v);
      v.i = ~v.i;
      v = normalize(v);
    }
    break;
  case '*':
    lex_next(P);
    v = dereference(P, unary(P));
    break;
  case '&':
    lex_next(P);
    v = unary(P);
    if (v.object == NULL) decl_error(P, "a number has no address");
    v = pointer_value(v.object, v.i);
    break;
  case TK_SIZEOF: v = size_of(P, false); break;
  case TK_ALIGNOF: v = size_of(P, true); break;
  case TK_EXTENSION:
    lex_next(P);
    v = unary(P);
    break;
  default: v = primary(P); break;
  }
  P->depth--;
  return v;
}

static int precedence(int tok) {
  switch (tok) {
  case '*':
  case '/':
  case '%': return 10;
  case '+':
  case '-': return 9;
  case TK_SHL:
  case TK_SHR: return 8;
  case '<':
  case '>':
  case TK_LE:
  case TK_GE: return 7;
  case TK_EQ:
  case TK_NE: return 6;
  case '&': return 5;
  case '^': return 4;
  case '|': return 3;
  case TK_AND: return 2;
  case TK_OR: return 1;
  default: return 0;
  }
}

static struct value climb(struct parser *P, int least) {
  struct value a = unary(P);
  for (int prec; (prec = precedence(P->lx.tok)) >= least && prec > 0;) {
    int op = P->lx.tok;
    bool decided = (op == TK_AND || op == TK_OR) && truth(operand(P, a)) == (op == TK_OR);
    lex_next(P);
    decl_enter(P);
    P->unevaluated += decided;
    struct value b = climb(P, prec + 1);
    a = binary(P, op, a, b);
    P->unevaluated -= decided;
    P->depth--;
  }
  return a;
}

/* The one of a and b that counts, in the type that both have in common. */
static struct value choose(struct parser *P, bool first, struct value a, struct value b) {
  if (a.object != NULL && a.object == b.object && a.object->kind == CK_RECORD)
    return first ? a : b; /* no lvalue in C, but only sizeof can tell */
  P->unevaluated += !first;
  a = operand(P, a);
  P->unevaluated += first - !first;
  b = operand(P, b);
  P->unevaluated -= first;
  struct value v = first ? a : b;
  if (a.pointee != NULL || b.pointee != NULL) {
    v.pointee = a.pointee != NULL ? a.pointee : b.pointee;
    v.size = 8;
  } else if (a.is_float || b.is_float) {
    v.d = as_double(v);
    v.is_float = true;
    v.size = a.is_float && (!b.is_float || a.size > b.size) ? a.size : b.size;
  } else {
    v.size = a.size > b.size ? a.size : b.size;
    v.is_unsigned = (a.is_unsigned && a.size == v.size) || (b.is_unsigned && b.size == v.size);
    v = normalize(v);
  }
  return v;
}

static struct value conditional(struct parser *P) {
  decl_enter(P);
  struct value v = climb(P, 1);
  if (lex_accept(P, '?')) {
    bool first = truth(operand(P, v));
    P->unevaluated += !first;
    struct value a = conditional(P);
    P->unevaluated += first - !first;
    lex_expect(P, ':', "':'");
    struct value b = conditional(P);
    P->unevaluated -= first;
    v = choose(P, first, a, b);
  }
  P->depth--;
  return v;
}

struct value expr_parse(struct parser *P) {
  struct lex_pos at = P->lx;
  struct value v = rvalue(P, conditional(P));
  if (v.pointee != NULL) {
    P->lx = at;
    decl_error(P, "a number is needed, not a pointer");
  }
  return v;
}

int64_t expr_integer(struct parser *P) {
  struct lex_pos at = P->lx;
  struct value v = expr_parse(P);
  if (v.is_float) {
    P->lx = at;
    decl_error(P, "integer constant needed");
  }
  return v.i;
}

ctype *expr_type(struct parser *P) {
  P->unevaluated++;
  ctype *ct = value_type(P, conditional(P));
  P->unevaluated--;
  return ct;
}
