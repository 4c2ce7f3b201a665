/* parse_stat.c: statements (reference manual, 3.3). */
#include "scope.h"
#include "lex.h"

#include <string.h>

static void parse_statement(struct comp *c);

/* Nothing more in this block? `until` ends one, but its condition still sees the locals. */
static bool at_block_end(struct comp *c, bool until_too) {
  switch (c->tok.kind) {
  case TK_ELSE:
  case TK_ELSEIF:
  case TK_END:
  case TK_EOS: return true;
  case TK_UNTIL: return until_too;
  default: return false;
  }
}

void fe_parse_block_body(struct comp *c) {
  while (!at_block_end(c, true)) {
    bool last = c->tok.kind == TK_RETURN;
    parse_statement(c);
    if (last) return;
  }
}

static void parse_block(struct comp *c) {
  struct block b;
  fe_enter_block(c, &b, false);
  fe_parse_block_body(c);
  fe_leave_block(c);
}

static void jump_back(struct comp *c, int list, int target) {
  fe_patch(c, list, target);
  fe_note_back_jump(c, target);
}

/* --- assignment --- */

/* Turn nexps values, the last in e, into nvars. */
static void adjust_values(struct comp *c, int nvars, int nexps, struct expr *e) {
  int missing = nvars - nexps;
  if (fe_is_multi(e)) {
    fe_set_results(c, e, missing + 1 > 0 ? missing + 1 : 0);
  } else {
    if (e->kind != X_VOID) fe_to_next_reg(c, e);
    if (missing > 0) fe_emit_nil(c, c->func->freereg, missing);
  }
  if (missing > 0)
    fe_reserve(c, missing);
  else
    c->func->freereg += missing; /* drop the surplus */
}

/* The variables on the left side, the newest first. */
struct target {
  struct target *prev;
  struct expr v;
};

/* In `a[i], i = ...` the store to i must not change what a[i] means: an earlier target that uses
 * the variable gets a copy of its old value. */
static void protect_targets(struct comp *c, struct target *t, const struct expr *v) {
  int copy = c->func->freereg;
  bool needed = false;
  for (; t != NULL; t = t->prev) {
    if (!fe_is_indexed(&t->v)) continue;
    if (t->v.kind == X_INDEXUP) {
      if (v->kind != X_UPVAL || t->v.u.ind.base != v->u.info) continue;
      t->v.kind = X_INDEXSTR;
      t->v.u.ind.base = copy;
      needed = true;
      continue;
    }
    if (v->kind != X_LOCAL) continue;
    if (t->v.u.ind.base == v->u.local.reg) {
      t->v.u.ind.base = copy;
      needed = true;
    }
    if (t->v.kind == X_INDEXED && t->v.u.ind.key == v->u.local.reg) {
      t->v.u.ind.key = copy;
      needed = true;
    }
  }
  if (!needed) return;
  if (v->kind == X_LOCAL)
    fe_emit_abc(c, OP_MOVE, copy, v->u.local.reg, 0);
  else
    fe_emit_abc(c, OP_GETUPVAL, copy, v->u.info, 0);
  fe_reserve(c, 1);
}

static bool is_variable(const struct expr *e) {
  return e->kind == X_LOCAL || e->kind == X_UPVAL || e->kind == X_CONST || fe_is_indexed(e);
}

static void parse_assignment(struct comp *c, struct target *t, int nvars) {
  struct expr e;
  if (!is_variable(&t->v)) fe_error_near(c, "syntax error");
  fe_check_assignable(c, &t->v);
  if (fe_accept(c, ',')) {
    struct target next = {.prev = t};
    fe_parse_suffixed(c, &next.v);
    if (!fe_is_indexed(&next.v)) protect_targets(c, t, &next.v);
    fe_enter_level(c);
    parse_assignment(c, &next, nvars + 1);
    fe_leave_level(c);
  } else {
    fe_expect(c, '=');
    int nexps = fe_parse_list(c, &e);
    if (nexps == nvars) {
      fe_one_result(c, &e);
      fe_store(c, &t->v, &e); /* the last value goes there directly */
      return;
    }
    adjust_values(c, nvars, nexps, &e);
  }
  fe_expr_init(&e, X_REG, c->func->freereg - 1);
  fe_store(c, &t->v, &e);
}

static void parse_expr_stat(struct comp *c) {
  struct target t = {.prev = NULL};
  fe_parse_suffixed(c, &t.v);
  if (c->tok.kind == '=' || c->tok.kind == ',') {
    parse_assignment(c, &t, 1);
    return;
  }
  if (t.v.kind != X_CALL) fe_error_near(c, "syntax error");
  fe_set_c(fe_ins(c, t.v.u.info), 1); /* no results */
}

/* --- local declarations --- */

static uint8_t parse_attribute(struct comp *c) {
  if (!fe_accept(c, '<')) return FE_VAR_REGULAR;
  const char *name = fe_expect_name(c)->data;
  fe_expect(c, '>');
  if (strcmp(name, "const") == 0) return FE_VAR_CONST;
  if (strcmp(name, "close") == 0) return FE_VAR_TOCLOSE;
  fe_error(c, "unknown attribute '%s'", name);
}

static void parse_local(struct comp *c) {
  struct func *f = c->func;
  struct expr e;
  int nvars = 0, nexps = 0, to_close = -1, last;
  do {
    last = fe_new_local(c, fe_expect_name(c));
    uint8_t kind = parse_attribute(c);
    fe_var(c, f, last)->kind = kind;
    if (kind == FE_VAR_TOCLOSE) {
      if (to_close >= 0) fe_error(c, "multiple to-be-closed variables in local list");
      to_close = f->nactive + nvars;
    }
    nvars++;
  } while (fe_accept(c, ','));
  fe_expr_init(&e, X_VOID, 0);
  if (fe_accept(c, '=')) nexps = fe_parse_list(c, &e);

  struct var *v = fe_var(c, f, last);
  if (nvars == nexps && v->kind == FE_VAR_CONST && fe_to_const(c, &e, v)) {
    v->kind = FE_VAR_COMPTIME;
    fe_activate(c, nvars - 1);
    f->nactive++; /* it needs no register */
  } else {
    adjust_values(c, nvars, nexps, &e);
    fe_activate(c, nvars);
  }
  if (to_close >= 0) {
    fe_mark_tbc(c);
    fe_emit_abc(c, OP_TBC, fe_reg_level(c, f, to_close), 0, 0);
  }
}

static void parse_local_function(struct comp *c) {
  struct func *f = c->func;
  struct expr body;
  int i = f->nactive;
  fe_new_local(c, fe_expect_name(c));
  fe_activate(c, 1); /* its body can name it */
  fe_parse_body(c, &body, false, c->line);
  struct fe_locvar *l = (struct fe_locvar *)c->locvars.v + f->loc0 + fe_var(c, f, i)->locvar;
  l->startpc = f->pc; /* the debugger sees it once it has its value */
}

static void parse_function(struct comp *c, int line) {
  struct expr v, body;
  bool method = false;
  fe_next(c);
  fe_find_variable(c, fe_expect_name(c), &v);
  while (c->tok.kind == '.') fe_parse_field(c, &v);
  if (c->tok.kind == ':') {
    method = true;
    fe_parse_field(c, &v);
  }
  fe_parse_body(c, &body, method, line);
  fe_check_assignable(c, &v);
  fe_store(c, &v, &body);
  fe_fix_line(c, line);
}

/* --- jumps --- */

static void parse_goto(struct comp *c) {
  int line = c->line;
  struct fe_str *name = fe_expect_name(c);
  const struct label *l = fe_find_label(c, name);
  if (l == NULL) { /* forward: solved when the label comes */
    fe_new_goto(c, name, line, fe_jump(c));
    return;
  }
  int regs = fe_reg_level(c, c->func, l->nactive), target = l->pc;
  if (fe_var_regs(c) > regs) fe_emit_abc(c, OP_CLOSE, regs, 0, 0);
  jump_back(c, fe_jump(c), target);
}

static void parse_break(struct comp *c) {
  int line = c->line;
  fe_next(c);
  fe_new_goto(c, c->break_name, line, fe_jump(c));
}

static void parse_label(struct comp *c, struct fe_str *name, int line) {
  fe_expect(c, TK_DBCOLON);
  while (c->tok.kind == ';' || c->tok.kind == TK_DBCOLON) parse_statement(c);
  const struct label *other = fe_find_label(c, name);
  if (other != NULL) fe_error(c, "label '%s' already defined on line %d", name->data, other->line);
  fe_new_label(c, name, line, at_block_end(c, false), fe_var_regs(c));
}

static void parse_return(struct comp *c) {
  struct func *f = c->func;
  struct expr e;
  int n = 0, first = fe_var_regs(c);
  if (!at_block_end(c, true) && c->tok.kind != ';') {
    n = fe_parse_list(c, &e);
    if (fe_is_multi(&e)) {
      fe_set_results(c, &e, MULTI);
      if (e.kind == X_CALL && n == 1 && !f->block->inside_tbc)
        fe_set_op(fe_ins(c, e.u.info), OP_TAILCALL);
      n = MULTI;
    } else if (n == 1) {
      first = fe_to_any_reg(c, &e);
    } else {
      fe_to_next_reg(c, &e);
    }
  }
  fe_emit_return(c, first, n);
  fe_accept(c, ';');
}

/* --- conditions --- */

/* The jumps taken when the condition is false. */
static int parse_condition(struct comp *c) {
  struct expr e;
  fe_parse_expr(c, &e);
  if (e.kind == X_NIL) e.kind = X_FALSE; /* all falses are equal here */
  fe_jump_if_false(c, &e);
  return e.jf;
}

/* [if | elseif] cond then block; `escape` collects the jumps to the end of the whole statement */
static void parse_then(struct comp *c, int *escape) {
  struct block b;
  struct expr e;
  int skip;
  fe_next(c);
  fe_parse_expr(c, &e);
  fe_expect(c, TK_THEN);
  if (c->tok.kind == TK_BREAK) { /* `if x then break`: the condition itself is the break */
    int line = c->line;
    fe_jump_if_true(c, &e);
    fe_next(c);
    fe_enter_block(c, &b, false); /* before the goto, which belongs to it */
    fe_new_goto(c, c->break_name, line, e.jt);
    while (fe_accept(c, ';')) {
    }
    if (at_block_end(c, false)) {
      fe_leave_block(c);
      return;
    }
    skip = fe_jump(c);
  } else {
    fe_jump_if_false(c, &e);
    fe_enter_block(c, &b, false);
    skip = e.jf;
  }
  fe_parse_block_body(c);
  fe_leave_block(c);
  if (c->tok.kind == TK_ELSE || c->tok.kind == TK_ELSEIF) fe_join(c, escape, fe_jump(c));
  fe_patch_here(c, skip);
}

static void parse_if(struct comp *c, int line) {
  int escape = NO_JUMP;
  parse_then(c, &escape);
  while (c->tok.kind == TK_ELSEIF) parse_then(c, &escape);
  if (fe_accept(c, TK_ELSE)) parse_block(c);
  fe_expect_match(c, TK_END, TK_IF, line);
  fe_patch_here(c, escape);
}

/* --- loops --- */

static void parse_while(struct comp *c, int line) {
  struct block b;
  fe_next(c);
  int start = fe_mark_target(c);
  int exit = parse_condition(c);
  fe_enter_block(c, &b, true);
  fe_expect(c, TK_DO);
  parse_block(c);
  jump_back(c, fe_jump(c), start);
  fe_expect_match(c, TK_END, TK_WHILE, line);
  fe_leave_block(c);
  fe_patch_here(c, exit);
}

static void parse_repeat(struct comp *c, int line) {
  struct block loop, scope;
  int start = fe_mark_target(c);
  fe_enter_block(c, &loop, true);
  fe_enter_block(c, &scope, false);
  fe_next(c);
  fe_parse_block_body(c);
  fe_expect_match(c, TK_UNTIL, TK_REPEAT, line);
  int again = parse_condition(c); /* it sees the block's locals */
  fe_leave_block(c);
  if (scope.captured) { /* both ways out must close them */
    int exit = fe_jump(c);
    fe_patch_here(c, again);
    fe_emit_abc(c, OP_CLOSE, fe_reg_level(c, c->func, scope.nactive), 0, 0);
    again = fe_jump(c);
    fe_patch_here(c, exit);
  }
  jump_back(c, again, start);
  fe_leave_block(c);
}

static void expr_to_next_reg(struct comp *c) {
  struct expr e;
  fe_parse_expr(c, &e);
  fe_to_next_reg(c, &e);
}

static void aim_loop(struct comp *c, int pc, int target, bool back) {
  int offset = back ? pc + 1 - target : target - (pc + 1);
  if (offset > FE_MAX_BX) fe_error_near(c, "control structure too long");
  fe_set_bx(fe_ins(c, pc), offset);
}

/* do block, with the loop's hidden state in the registers from base */
static void parse_for_body(struct comp *c, int base, int line, int nvars, bool generic) {
  struct block b;
  fe_expect(c, TK_DO);
  int prep = fe_emit_abx(c, generic ? OP_TFORPREP : OP_FORPREP, base, 0);
  fe_enter_block(c, &b, false);
  fe_activate(c, nvars);
  fe_reserve(c, nvars);
  parse_block(c);
  fe_leave_block(c);
  aim_loop(c, prep, fe_mark_target(c), false);
  if (generic) {
    fe_emit_abc(c, OP_TFORCALL, base, 0, nvars);
    fe_fix_line(c, line);
  }
  int loop = fe_emit_abx(c, generic ? OP_TFORLOOP : OP_FORLOOP, base, 0);
  aim_loop(c, loop, prep + 1, true);
  fe_fix_line(c, line);
  fe_note_back_jump(c, prep + 1);
}

static void new_hidden_locals(struct comp *c, int n) {
  struct fe_str *name = fe_intern(c, "(for state)", 11);
  while (n-- > 0) fe_new_local(c, name);
}

static void parse_for_numeric(struct comp *c, struct fe_str *name, int line) {
  int base = c->func->freereg;
  new_hidden_locals(c, 3);
  fe_new_local(c, name);
  fe_expect(c, '=');
  expr_to_next_reg(c);
  fe_expect(c, ',');
  expr_to_next_reg(c);
  if (fe_accept(c, ',')) {
    expr_to_next_reg(c);
  } else {
    fe_emit_int(c, c->func->freereg, 1);
    fe_reserve(c, 1);
  }
  fe_activate(c, 3);
  parse_for_body(c, base, line, 1, false);
}

static void parse_for_generic(struct comp *c, struct fe_str *name) {
  struct expr e;
  int nvars = 1, base = c->func->freereg;
  new_hidden_locals(c, 4);
  fe_new_local(c, name);
  for (; fe_accept(c, ','); nvars++) fe_new_local(c, fe_expect_name(c));
  fe_expect(c, TK_IN);
  int line = c->line;
  adjust_values(c, 4, fe_parse_list(c, &e), &e);
  fe_activate(c, 4);
  fe_mark_tbc(c);
  fe_check_regs(c, 3); /* to call the iterator */
  parse_for_body(c, base, line, nvars, true);
}

static void parse_for(struct comp *c, int line) {
  struct block b;
  fe_enter_block(c, &b, true);
  fe_next(c);
  struct fe_str *name = fe_expect_name(c);
  if (c->tok.kind == '=')
    parse_for_numeric(c, name, line);
  else if (c->tok.kind == ',' || c->tok.kind == TK_IN)
    parse_for_generic(c, name);
  else
    fe_error_near(c, "'=' or 'in' expected");
  fe_expect_match(c, TK_END, TK_FOR, line);
  fe_leave_block(c);
}

/* --- all of them --- */

static void parse_do(struct comp *c, int line) {
  fe_next(c);
  parse_block(c);
  fe_expect_match(c, TK_END, TK_DO, line);
}

static void parse_statement(struct comp *c) {
  int line = c->line;
  fe_enter_level(c);
  switch (c->tok.kind) {
  case ';': fe_next(c); break;
  case TK_IF: parse_if(c, line); break;
  case TK_WHILE: parse_while(c, line); break;
  case TK_DO: parse_do(c, line); break;
  case TK_FOR: parse_for(c, line); break;
  case TK_REPEAT: parse_repeat(c, line); break;
  case TK_FUNCTION: parse_function(c, line); break;
  case TK_LOCAL:
    fe_next(c);
    if (fe_accept(c, TK_FUNCTION))
      parse_local_function(c);
    else
      parse_local(c);
    break;
  case TK_DBCOLON:
    fe_next(c);
    parse_label(c, fe_expect_name(c), line);
    break;
  case TK_RETURN:
    fe_next(c);
    parse_return(c);
    break;
  case TK_BREAK: parse_break(c); break;
  case TK_GOTO:
    fe_next(c);
    parse_goto(c);
    break;
  default: parse_expr_stat(c); break;
  }
  c->func->freereg = fe_var_regs(c); /* temporaries end with their statement */
  fe_leave_level(c);
}
