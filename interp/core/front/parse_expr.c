/* parse_expr.c: expressions (reference manual, 3.4 and 9). */
#include "scope.h"
#include "lex.h"

#include <limits.h>

/* --- tokens --- */

static _Noreturn void fail_expected(struct comp *c, int kind) {
  char buf[16];
  fe_error_near(c, "%s expected", fe_token_text(kind, buf));
}

bool fe_accept(struct comp *c, int kind) {
  if (c->tok.kind != kind) return false;
  fe_next(c);
  return true;
}

void fe_check(struct comp *c, int kind) {
  if (c->tok.kind != kind) fail_expected(c, kind);
}

void fe_expect(struct comp *c, int kind) {
  fe_check(c, kind);
  fe_next(c);
}

/* `what` closes the `who` of that line. */
void fe_expect_match(struct comp *c, int what, int who, int line) {
  char buf1[16], buf2[16];
  if (fe_accept(c, what)) return;
  if (line == c->line) fail_expected(c, what);
  fe_error_near(c, "%s expected (to close %s at line %d)", fe_token_text(what, buf1),
                fe_token_text(who, buf2), line);
}

struct fe_str *fe_expect_name(struct comp *c) {
  fe_check(c, TK_NAME);
  struct fe_str *name = c->tok.u.s;
  fe_next(c);
  return name;
}

static void string_expr(struct expr *e, struct fe_str *s) {
  fe_expr_init(e, X_STR, 0);
  e->u.s = s;
}

/* --- indexing --- */

/* ['.' | ':'] Name */
void fe_parse_field(struct comp *c, struct expr *e) {
  struct expr key;
  fe_to_reg_or_upval(c, e);
  fe_next(c);
  string_expr(&key, fe_expect_name(c));
  fe_index(c, e, &key);
}

/* '[' expr ']' */
static void parse_brackets(struct comp *c, struct expr *key) {
  fe_next(c);
  fe_parse_expr(c, key);
  fe_to_operand(c, key);
  fe_expect(c, ']');
}

/* --- table constructors --- */

enum { ITEMS_PER_FLUSH = 50 };

struct constructor {
  struct expr *table;
  struct expr item; /* the last positional item, not stored yet; X_VOID: none */
  int nhash, narray;
  int pending; /* positional items in registers or in `item` */
};

/* Name '=' expr | '[' expr ']' '=' expr */
static void parse_record(struct comp *c, struct constructor *cc) {
  int regs = c->func->freereg;
  struct expr table, key, value;
  if (c->tok.kind == TK_NAME)
    string_expr(&key, fe_expect_name(c));
  else
    parse_brackets(c, &key);
  if (cc->nhash++ == INT_MAX - 1) fe_fail_limit(c, c->func, INT_MAX, "items in a constructor");
  fe_expect(c, '=');
  table = *cc->table;
  fe_index(c, &table, &key);
  fe_parse_expr(c, &value);
  fe_store(c, &table, &value);
  c->func->freereg = regs;
}

static void flush_item(struct comp *c, struct constructor *cc) {
  if (cc->item.kind == X_VOID) return;
  fe_to_next_reg(c, &cc->item);
  cc->item.kind = X_VOID;
  if (cc->pending < ITEMS_PER_FLUSH) return;
  fe_set_list(c, cc->table->u.info, cc->narray, cc->pending);
  cc->narray += cc->pending;
  cc->pending = 0;
}

static void flush_last(struct comp *c, struct constructor *cc) {
  if (cc->pending == 0) return;
  if (fe_is_multi(&cc->item)) {
    fe_set_results(c, &cc->item, MULTI);
    fe_set_list(c, cc->table->u.info, cc->narray, MULTI);
    cc->narray--; /* nobody knows how many the last one gives */
  } else {
    if (cc->item.kind != X_VOID) fe_to_next_reg(c, &cc->item);
    fe_set_list(c, cc->table->u.info, cc->narray, cc->pending);
  }
  cc->narray += cc->pending;
}

static void parse_item(struct comp *c, struct constructor *cc) {
  if (c->tok.kind == '[' || (c->tok.kind == TK_NAME && fe_lookahead(c) == '=')) {
    parse_record(c, cc);
    return;
  }
  fe_parse_expr(c, &cc->item);
  cc->pending++;
}

static void parse_constructor(struct comp *c, struct expr *e) {
  int line = c->line;
  int pc = fe_emit_abc(c, OP_NEWTABLE, 0, 0, 0);
  struct constructor cc = {.table = e};
  fe_emit(c, 0); /* the EXTRAARG */
  fe_expr_init(e, X_REG, c->func->freereg);
  fe_reserve(c, 1);
  fe_expr_init(&cc.item, X_VOID, 0);
  fe_expect(c, '{');
  do {
    if (c->tok.kind == '}') break;
    flush_item(c, &cc);
    parse_item(c, &cc);
  } while (fe_accept(c, ',') || fe_accept(c, ';'));
  fe_expect_match(c, '}', '{', line);
  flush_last(c, &cc);
  fe_set_table_size(c, pc, e->u.info, cc.narray, cc.nhash);
}

/* --- functions --- */

static void parse_params(struct comp *c) {
  struct func *f = c->func;
  int n = 0;
  bool vararg = false;
  if (c->tok.kind != ')') {
    do {
      if (c->tok.kind == TK_NAME) {
        fe_new_local(c, fe_expect_name(c));
        n++;
      } else if (fe_accept(c, TK_DOTS)) {
        vararg = true;
      } else {
        fe_error_near(c, "<name> or '...' expected");
      }
    } while (!vararg && fe_accept(c, ','));
  }
  fe_activate(c, n);
  f->numparams = f->nactive;
  if (vararg) {
    f->is_vararg = true;
    fe_emit_abc(c, OP_VARARGPREP, f->numparams, 0, 0);
  }
  fe_reserve(c, f->nactive);
}

/* parlist, body and `end` of a function; the closure into the next register */
void fe_parse_body(struct comp *c, struct expr *e, bool method, int line) {
  struct func f;
  struct block b;
  fe_open_func(c, &f, &b);
  f.linedefined = f.prev_line = line;
  fe_expect(c, '(');
  if (method) {
    fe_new_local(c, fe_intern(c, "self", 4));
    fe_activate(c, 1);
  }
  parse_params(c);
  fe_expect(c, ')');
  fe_parse_block_body(c);
  f.lastlinedefined = c->line;
  fe_expect_match(c, TK_END, TK_FUNCTION, line);

  /* what follows belongs to the enclosing function */
  struct fe_proto *p = fe_close_func(c);
  if (c->func->np >= FE_MAX_BX)
    fe_fail(&c->job, FE_ERRRUN, "too many functions (limit is %d)", FE_MAX_BX);
  fe_vec_room(&c->job, &c->protos, sizeof p);
  ((struct fe_proto **)c->protos.v)[c->protos.n++] = p;
  fe_expr_init(e, X_RELOC, fe_emit_abx(c, OP_CLOSURE, 0, c->func->np++));
  fe_to_next_reg(c, e);
}

/* expr {',' expr}: all but the last in registers; how many */
int fe_parse_list(struct comp *c, struct expr *e) {
  int n = 1;
  fe_parse_expr(c, e);
  while (fe_accept(c, ',')) {
    fe_to_next_reg(c, e);
    fe_parse_expr(c, e);
    n++;
  }
  return n;
}

static void parse_args(struct comp *c, struct expr *args, int line) {
  switch (c->tok.kind) {
  case '(':
    fe_next(c);
    if (c->tok.kind == ')') {
      fe_expr_init(args, X_VOID, 0);
    } else {
      fe_parse_list(c, args);
      if (fe_is_multi(args)) fe_set_results(c, args, MULTI);
    }
    fe_expect_match(c, ')', '(', line);
    break;
  case '{': parse_constructor(c, args); break;
  case TK_STRING:
    string_expr(args, c->tok.u.s);
    fe_next(c);
    break;
  default: fe_error_near(c, "function arguments expected");
  }
}

/* The function is in the last register; `line` is that of the whole suffixed expression. */
static void parse_call(struct comp *c, struct expr *e, int line) {
  struct expr args;
  int base = e->u.info, nargs = MULTI;
  parse_args(c, &args, line);
  if (!fe_is_multi(&args)) {
    if (args.kind != X_VOID) fe_to_next_reg(c, &args);
    nargs = c->func->freereg - (base + 1);
  }
  fe_expr_init(e, X_CALL, fe_emit_abc(c, OP_CALL, base, nargs + 1, 2));
  fe_fix_line(c, line);
  c->func->freereg = base + 1; /* the call takes all and leaves one result */
}

/* --- the grammar of expressions --- */

static void parse_primary(struct comp *c, struct expr *e) {
  if (c->tok.kind == TK_NAME) {
    fe_find_variable(c, fe_expect_name(c), e);
  } else if (c->tok.kind == '(') {
    int line = c->line;
    fe_next(c);
    fe_parse_expr(c, e);
    fe_expect_match(c, ')', '(', line);
    fe_to_value(c, e);
  } else {
    fe_error_near(c, "unexpected symbol");
  }
}

void fe_parse_suffixed(struct comp *c, struct expr *e) {
  struct expr key;
  int line = c->line;
  parse_primary(c, e);
  for (;;) {
    switch (c->tok.kind) {
    case '.': fe_parse_field(c, e); break;
    case '[':
      fe_to_reg_or_upval(c, e);
      parse_brackets(c, &key);
      fe_index(c, e, &key);
      break;
    case ':':
      fe_next(c);
      string_expr(&key, fe_expect_name(c));
      fe_self(c, e, &key);
      parse_call(c, e, line);
      break;
    case '(':
    case TK_STRING:
    case '{':
      fe_to_next_reg(c, e);
      parse_call(c, e, line);
      break;
    default: return;
    }
  }
}

static void parse_simple(struct comp *c, struct expr *e) {
  switch (c->tok.kind) {
  case TK_FLT:
    fe_expr_init(e, X_FLT, 0);
    e->u.n = c->tok.u.n;
    break;
  case TK_INT:
    fe_expr_init(e, X_INT, 0);
    e->u.i = c->tok.u.i;
    break;
  case TK_STRING: string_expr(e, c->tok.u.s); break;
  case TK_NIL: fe_expr_init(e, X_NIL, 0); break;
  case TK_TRUE: fe_expr_init(e, X_TRUE, 0); break;
  case TK_FALSE: fe_expr_init(e, X_FALSE, 0); break;
  case TK_DOTS:
    if (!c->func->is_vararg) fe_error_near(c, "cannot use '...' outside a vararg function");
    fe_expr_init(e, X_VARARG, fe_emit_abc(c, OP_VARARG, 0, 0, 1));
    break;
  case '{': parse_constructor(c, e); return;
  case TK_FUNCTION:
    fe_next(c);
    fe_parse_body(c, e, false, c->line);
    return;
  default: fe_parse_suffixed(c, e); return;
  }
  fe_next(c);
}

static enum unop unop_of(int kind) {
  switch (kind) {
  case '-': return UN_MINUS;
  case '~': return UN_BNOT;
  case '#': return UN_LEN;
  case TK_NOT: return UN_NOT;
  default: return UN_NONE;
  }
}

static enum binop binop_of(int kind) {
  switch (kind) {
  case '+': return BIN_ADD;
  case '-': return BIN_SUB;
  case '*': return BIN_MUL;
  case '%': return BIN_MOD;
  case '^': return BIN_POW;
  case '/': return BIN_DIV;
  case TK_IDIV: return BIN_IDIV;
  case '&': return BIN_BAND;
  case '|': return BIN_BOR;
  case '~': return BIN_BXOR;
  case TK_SHL: return BIN_SHL;
  case TK_SHR: return BIN_SHR;
  case TK_CONCAT: return BIN_CONCAT;
  case TK_EQ: return BIN_EQ;
  case TK_NE: return BIN_NE;
  case '<': return BIN_LT;
  case TK_LE: return BIN_LE;
  case '>': return BIN_GT;
  case TK_GE: return BIN_GE;
  case TK_AND: return BIN_AND;
  case TK_OR: return BIN_OR;
  default: return BIN_NONE;
  }
}

/* How strongly an operator binds to its left and right side; right < left: right associative. */
static const struct {
  uint8_t left, right;
} priority[] = {
    [BIN_OR] = {1, 1},    [BIN_AND] = {2, 2},    [BIN_EQ] = {3, 3},     [BIN_NE] = {3, 3},
    [BIN_LT] = {3, 3},    [BIN_LE] = {3, 3},     [BIN_GT] = {3, 3},     [BIN_GE] = {3, 3},
    [BIN_BOR] = {4, 4},   [BIN_BXOR] = {5, 5},   [BIN_BAND] = {6, 6},   [BIN_SHL] = {7, 7},
    [BIN_SHR] = {7, 7},   [BIN_CONCAT] = {9, 8}, [BIN_ADD] = {10, 10},  [BIN_SUB] = {10, 10},
    [BIN_MUL] = {11, 11}, [BIN_DIV] = {11, 11},  [BIN_IDIV] = {11, 11}, [BIN_MOD] = {11, 11},
    [BIN_POW] = {14, 13},
};
enum { UNARY_PRIORITY = 12 };

/* Parses as long as operators bind more strongly than `limit`; the operator that does not. */
static enum binop parse_sub(struct comp *c, struct expr *e, int limit) {
  fe_enter_level(c);
  enum unop un = unop_of(c->tok.kind);
  if (un != UN_NONE) {
    int line = c->line;
    fe_next(c);
    parse_sub(c, e, UNARY_PRIORITY);
    fe_prefix(c, un, e, line);
  } else {
    parse_simple(c, e);
  }
  enum binop op = binop_of(c->tok.kind);
  while (op != BIN_NONE && priority[op].left > limit) {
    struct expr e2;
    int line = c->line;
    fe_next(c);
    fe_infix(c, op, e);
    enum binop next = parse_sub(c, &e2, priority[op].right);
    fe_postfix(c, op, e, &e2, line);
    op = next;
  }
  fe_leave_level(c);
  return op;
}

void fe_parse_expr(struct comp *c, struct expr *e) { parse_sub(c, e, 0); }
