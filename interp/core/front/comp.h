/* comp.h: the state of one compilation of source text: lexer, names, functions under construction.
 *
 * One pass: the parser pulls tokens and calls the code generator as it recognises constructs.
 * Functions nest strictly, so their growing arrays share one stack per kind (comp.code, ...): a
 * function's part starts at its *0 index, is copied to its exact size in the arena when the
 * function ends, and is then cut off again.
 */
#ifndef GILT_FRONT_COMP_H
#define GILT_FRONT_COMP_H

#include "job.h"
#include "opcodes.h"

enum token_kind {
  TK_AND = 257, /* below: single characters stand for themselves */
  TK_BREAK,
  TK_DO,
  TK_ELSE,
  TK_ELSEIF,
  TK_END,
  TK_FALSE,
  TK_FOR,
  TK_FUNCTION,
  TK_GOTO,
  TK_IF,
  TK_IN,
  TK_LOCAL,
  TK_NIL,
  TK_NOT,
  TK_OR,
  TK_REPEAT,
  TK_RETURN,
  TK_THEN,
  TK_TRUE,
  TK_UNTIL,
  TK_WHILE,
  TK_IDIV,
  TK_CONCAT,
  TK_DOTS,
  TK_EQ,
  TK_GE,
  TK_LE,
  TK_NE,
  TK_SHL,
  TK_SHR,
  TK_DBCOLON,
  TK_EOS,
  TK_FLT,
  TK_INT,
  TK_NAME,
  TK_STRING
};

struct token {
  int kind;
  union {
    int64_t i;
    double n;
    struct fe_str *s;
  } u;
};

/* The last string literal stands in the text buffer, delimiters included, to be shown in messages;
 * otherwise it is the token's string between two characters `delim`. */
enum { DELIM_BUFFER = -1 };

/* A variable that some closure captures; outlives its scope, see capture.c. */
struct capture {
  bool reassigned;
};

/* An active local variable. */
struct var {
  struct fe_str *name;
  struct capture *capture; /* NULL until captured */
  struct fe_const value;   /* of a compile-time constant, but for strings: */
  struct fe_str *str;
  int last_assign; /* pc of the last assignment after the declaration, -1: none */
  int16_t locvar;  /* its index in the function's locvars, -1: none */
  uint8_t kind;    /* enum fe_varkind */
  uint8_t reg;
};

/* A pending goto or a visible label. */
struct label {
  struct fe_str *name;
  int pc;
  int line;
  uint8_t nactive; /* active variables there */
  uint8_t regs;    /* and their registers */
  bool close;      /* the goto leaves the scope of a captured variable */
};

struct block {
  struct block *prev;
  int first_label, first_goto;
  uint8_t nactive; /* variables outside the block */
  bool captured;   /* a closure captures a variable of the block, or one is to be closed */
  bool is_loop;
  bool has_tbc;    /* one of its own variables is to be closed */
  bool inside_tbc; /* in the scope of a to-be-closed variable */
};

struct upvalue {
  struct fe_upval d;
  struct capture *root;
};

struct func {
  struct func *prev;
  struct block *block;
  struct upvalue *upvals; /* in the arena, grown by doubling: outer ones grow while inner ones do */
  int code0, k0, p0, abs0, loc0, var0, label0;
  int pc;
  int last_target; /* the last pc that is a jump target; instructions before it are final */
  int prev_line;
  int nk, np, nabs, nloc;
  int linedefined, lastlinedefined;
  int since_abs; /* instructions since the last absolute line */
  int nactive;
  int nupvals, upvals_cap;
  int freereg;
  int maxstack;
  int numparams;
  bool is_vararg;
  bool needs_close; /* returns must close upvalues */
  uint64_t byref[4];
};

/* Resolved at the end of the unit: only then is it known whether anything assigns the variable. */
struct upval_fix {
  struct fe_upval *upval;
  struct capture *root;
};

/* A number constant and where it was last put, see constant.c. */
struct numkey {
  bool used, is_int;
  uint64_t bits;
  int index;
};

struct comp {
  struct job job;

  /* lexer */
  int line, last_line; /* of the character under the cursor; of the token consumed last */
  struct token tok, ahead;
  int delim;       /* of the last string literal, or DELIM_BUFFER */
  struct vec text; /* char: the token being collected */
  struct fe_str **names;
  int nnames, names_cap; /* cap is a power of two */

  /* parser and code generator */
  struct func *func;
  struct fe_str *source, *env_name, *break_name;
  int clevel;
  struct vec code;    /* uint32_t */
  struct vec lines;   /* int8_t, in step with code */
  struct vec abs;     /* struct fe_absline */
  struct vec k;       /* struct fe_const */
  struct vec protos;  /* struct fe_proto * */
  struct vec locvars; /* struct fe_locvar */
  struct vec vars;    /* struct var */
  struct vec labels, gotos;
  struct vec fixes; /* struct upval_fix */
  struct numkey *numkeys;
  int nnumkeys, numkeys_cap;
  int simple_index[3]; /* last index of nil, false, true; -1 */
  uint32_t no_ins;     /* see fe_last_ins() */

  /* first buffers: most chunks never leave them */
  uint32_t code_buf[192];
  int8_t lines_buf[192];
  struct fe_const k_buf[48];
  struct var vars_buf[24];
  struct fe_locvar locvars_buf[24];
  struct fe_str *names_buf[128];
  struct numkey numkeys_buf[16];
  char text_buf[128];
};

enum { CLEVELS_MAX = 200, VARS_MAX = 200, UPVALS_MAX = 255, REGS_MAX = 255 };

static inline uint32_t *fe_ins(struct comp *c, int pc) {
  return (uint32_t *)c->code.v + c->func->code0 + pc;
}
static inline struct fe_const *fe_kst(struct comp *c, int i) {
  return (struct fe_const *)c->k.v + c->func->k0 + i;
}
static inline struct var *fe_var(struct comp *c, struct func *f, int i) {
  return (struct var *)c->vars.v + f->var0 + i;
}

/* compile.c */
const struct fe_proto *fe_parse_main(struct comp *c);

#endif
