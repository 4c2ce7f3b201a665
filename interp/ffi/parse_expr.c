/* parse_expr.c: constant expressions of declarations, with C's promotions for 32 and 64 bits. */
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

static struct value float_op(struct parser *P, int op, double a, double b) {
  struct value r = {.is_float = true, .size = 8};
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

static struct value binary(struct parser *P, int op, struct value a, struct value b) {
  if (op == TK_AND) return int_value(truth(a) && truth(b));
  if (op == TK_OR) return int_value(truth(a) || truth(b));
  if (a.is_float || b.is_float) return float_op(P, op, as_double(a), as_double(b));
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
  if (ct->un->kind == CK_FLOAT)
    return (struct value){.is_float = true, .size = 8, .d = as_double(v)};
  if (!ctype_is_integer(ct) && ct->kind != CK_PTR) decl_error(P, "cast to a number needed");
  if (ct->kind == CK_BOOL) return int_value(truth(v));
  if (v.is_float) v.i = v.d >= -0x1p63 && v.d < 0x1p63 ? (int64_t)v.d : INT64_MIN;
  v.is_float = false;
  size_t size = ctype_size(ct);
  v.is_unsigned = (ct->un->flags & CF_UNSIGNED) != 0;
  if (size == 1) v.i = v.is_unsigned ? (int64_t)(uint8_t)v.i : (int64_t)(int8_t)v.i;
  if (size == 2) v.i = v.is_unsigned ? (int64_t)(uint16_t)v.i : (int64_t)(int16_t)v.i;
  if (size < 4) v.is_unsigned = false;
  v.size = size == 8 ? 8 : 4;
  return normalize(v);
}

static struct value unary(struct parser *P);
static struct value conditional(struct parser *P);

static struct value size_value(struct parser *P, size_t size) {
  if (size == CT_INCOMPLETE) decl_error(P, "the size of an incomplete type is not known");
  return (struct value){.i = (int64_t)size, .size = 8, .is_unsigned = true};
}

/* sizeof (type), sizeof expression; _Alignof likewise. */
static struct value size_of(struct parser *P, bool align) {
  lex_next(P);
  if (P->lx.tok == '(') {
    struct lex_pos open = P->lx;
    lex_next(P);
    if (decl_is_type(P)) {
      ctype *ct = decl_type_name(P);
      lex_expect(P, ')', "')'");
      if (ctype_size(ct) == CT_INCOMPLETE) return size_value(P, CT_INCOMPLETE);
      return size_value(P, align ? ctype_align(ct) : ctype_size(ct));
    }
    lex_seek(P, &open);
  }
  struct value v = unary(P);
  return size_value(P, v.size);
}

static struct value named(struct parser *P) {
  if (P->param != NULL) decl_error(P, "a type is no value");
  const csym *s = symtab_find(&P->st->names, P->name, P->name_len);
  if (s == NULL || (s->kind != CS_INT && s->kind != CS_FLOAT))
    decl_error(P, "'%.*s' is no constant", P->name_len > 60 ? 60 : (int)P->name_len, P->name);
  struct value v = {.size = 8};
  if (s->kind == CS_FLOAT) {
    v.is_float = true;
    v.d = s->d;
  } else {
    v.i = s->i;
    v.is_unsigned = (s->ct->un->flags & CF_UNSIGNED) != 0;
    v.size = ctype_size(s->ct) == 8 ? 8 : 4;
    if (ctype_size(s->ct) < 4) v.is_unsigned = false;
  }
  lex_next(P);
  return v;
}

static struct value primary(struct parser *P) {
  struct value v;
  switch (P->lx.tok) {
  case TK_INT:
  case TK_FLOAT:
    v = P->num;
    lex_next(P);
    return v;
  case TK_IDENT: return named(P);
  case '(':
    lex_next(P);
    if (decl_is_type(P)) {
      ctype *ct = decl_type_name(P);
      lex_expect(P, ')', "')'");
      return cast(P, ct, unary(P));
    }
    v = conditional(P);
    lex_expect(P, ')', "')'");
    return v;
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
    v = unary(P);
    if (op == '-') v = negate(v);
    if (op == '!') v = int_value(!truth(v));
    if (op == '~') {
      need_integers(P, v, v);
      v.i = ~v.i;
      v = normalize(v);
    }
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
    lex_next(P);
    decl_enter(P);
    struct value b = climb(P, prec + 1);
    P->depth--;
    a = binary(P, op, a, b);
  }
  return a;
}

static struct value conditional(struct parser *P) {
  decl_enter(P);
  struct value v = climb(P, 1);
  if (lex_accept(P, '?')) {
    struct value a = conditional(P);
    lex_expect(P, ':', "':'");
    struct value b = conditional(P);
    v = truth(v) ? a : b;
  }
  P->depth--;
  return v;
}

struct value expr_parse(struct parser *P) {
  return conditional(P);
}

int64_t expr_integer(struct parser *P) {
  struct lex_pos at = P->lx;
  struct value v = conditional(P);
  if (v.is_float) {
    P->lx = at;
    decl_error(P, "integer constant needed");
  }
  return v.i;
}
