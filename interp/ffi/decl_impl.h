/* decl_impl.h: between the lexer, the expressions and the declarations. The parser is plain C: it
 * calls no Lua, runs with st->mtx held, and leaves by longjmp to decl_run on an error. */
#ifndef GILT_FFI_DECL_IMPL_H
#define GILT_FFI_DECL_IMPL_H

#include "ffi_impl.h"

#include <setjmp.h>

/* Single characters are their own code. */
enum token {
  TK_EOF = 256,
  TK_IDENT,
  TK_INT,
  TK_FLOAT,
  TK_STRING,
  TK_ELLIPSIS,
  TK_SHL,
  TK_SHR,
  TK_LE,
  TK_GE,
  TK_EQ,
  TK_NE,
  TK_AND,
  TK_OR,
  TK_ARROW,
  TK_KEYWORD_FIRST,
  TK_ALIGNAS = TK_KEYWORD_FIRST,
  TK_ALIGNOF,
  TK_ASM,
  TK_ATTRIBUTE,
  TK_AUTO,
  TK_BF16,
  TK_BOOL,
  TK_CALLCONV,
  TK_CHAR,
  TK_COMPLEX,
  TK_CONST,
  TK_DECLSPEC,
  TK_DOUBLE,
  TK_ENUM,
  TK_EXTENSION,
  TK_EXTERN,
  TK_FLOATKW,
  TK_FLOAT128,
  TK_FLOAT16,
  TK_FLOAT32,
  TK_FLOAT64,
  TK_FLOAT64X,
  TK_FRIENDLY, /* words without meaning here: register, _Thread_local, _Atomic, _Nullable, ... */
  TK_IMAGINARY,
  TK_INLINE,
  TK_INT128,
  TK_INT16,
  TK_INT32,
  TK_INT64,
  TK_INT8,
  TK_INTKW,
  TK_LONG,
  TK_NORETURN,
  TK_RESTRICT,
  TK_SHORT,
  TK_SIGNED,
  TK_SIZEOF,
  TK_STATIC,
  TK_STATIC_ASSERT,
  TK_STRUCT,
  TK_TYPEDEF,
  TK_TYPEOF,
  TK_UNION,
  TK_UNSIGNED,
  TK_VOID,
  TK_VOLATILE,
};

/* A place in the text and the token there; copied to look ahead. */
struct lex_pos {
  const char *p;     /* behind the token */
  const char *line;  /* begin of the line of p */
  const char *start; /* the token */
  const char *start_line;
  uint32_t lineno, start_lineno;
  uint32_t param; /* `$` used so far */
  int tok;
  bool bol; /* only blanks before p in its line */
};

struct value { /* of a constant expression: a number, a pointer, an object at a known place */
  bool is_float, is_unsigned;
  uint8_t size;   /* of its arithmetic: 4 or 8; a float's own */
  uint8_t bytes;  /* its own where that is less: (char)1; 0 */
  int64_t i;      /* the number or the address */
  double d;       /* ... of a float */
  ctype *pointee; /* a pointer to this; NULL */
  ctype *object;  /* an object of this type: in sizeof, or to take its address; NULL */
};

#define PACK_DEPTH 16
struct parser {
  struct lex_pos lx;
  const char *end;
  const char *name; /* of TK_IDENT, TK_STRING (raw): not terminated */
  size_t name_len;
  struct value num;               /* of TK_INT, TK_FLOAT */
  const struct decl_param *param; /* `$` that stands for a type or number, at TK_IDENT */
  const struct decl_source *src;
  gffi_state *st;
  const char *where; /* copy of src->where in the arena, made when needed */
  uint32_t pack, pack_stack[PACK_DEPTH];
  int pack_depth;
  int depth;
  int in_params;   /* inside of parameter lists */
  int unevaluated; /* inside of sizeof, or where a condition says no */
  char *err;
  jmp_buf jmp;
};

#define DECL_DEPTH_MAX 100 /* nested declarators, records, expressions */

/* Leaves the parser. The message starts with the place of the current token. */
_Noreturn void decl_error(struct parser *P, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void decl_expected(struct parser *P, const char *what);
_Noreturn void decl_no_memory(struct parser *P);
void decl_enter(struct parser *P); /* one level deeper; undone by P->depth-- */

void lex_init(struct parser *P);
void lex_next(struct parser *P);
void lex_seek(struct parser *P, const struct lex_pos *pos);
const char *lex_describe(struct parser *P, char *buf, size_t cap); /* the current token */
static inline bool lex_accept(struct parser *P, int tok) {
  if (P->lx.tok != tok) return false;
  lex_next(P);
  return true;
}
void lex_expect(struct parser *P, int tok, const char *what);
/* The current token opens a bracket; moves behind the matching one. */
void lex_skip_balanced(struct parser *P);

/* Constant expression without a comma operator. */
struct value expr_parse(struct parser *P);
int64_t expr_integer(struct parser *P);
ctype *expr_type(struct parser *P); /* of an expression that is not evaluated */

/* What attributes and specifiers say about the entity declared. */
struct attrs {
  uint32_t align;  /* 0: nothing said */
  uint32_t vector; /* bytes of a vector type */
  uint32_t mode;   /* bytes of mode(...) */
  bool packed;
  const char *asmname; /* in the arena */
};
enum storage { ST_NONE, ST_TYPEDEF, ST_EXTERN, ST_STATIC };
struct spec {
  ctype *type;
  enum storage storage;
  bool is_inline;
  struct attrs attrs;
};
struct declname {
  const char *name; /* NULL: abstract */
  size_t len;
  struct lex_pos at;
};
enum decl_mode { DM_NAMED, DM_ABSTRACT, DM_EITHER };

void parse_attributes(struct parser *P, struct attrs *a);
void parse_spec(struct parser *P, struct spec *sp);
ctype *parse_declarator(struct parser *P, ctype *base, enum decl_mode mode, struct declname *out,
                        struct attrs *a);
ctype *apply_attrs(struct parser *P, ctype *ct, const struct attrs *a);
ctype *parse_record(struct parser *P, bool is_union); /* behind `struct` */
ctype *parse_enum(struct parser *P);                  /* behind `enum` */
ctype *need(struct parser *P, void *ct);              /* NULL: leaves, no memory */
const char *decl_where(struct parser *P);             /* of this text; in the arena */
/* Defines a constant; the same one twice is fine. */
void define_constant(struct parser *P, const struct declname *dn, ctype *ct, struct value v);

/* Specifiers and abstract declarator: what stands in sizeof, casts and parameters. */
ctype *decl_type_name(struct parser *P);
bool decl_is_type(struct parser *P); /* the current token begins a type */

#endif
