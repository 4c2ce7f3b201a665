/* scope.h: functions, blocks, variables, labels. */
#ifndef GILT_FRONT_SCOPE_H
#define GILT_FRONT_SCOPE_H

#include "code.h"

/* scope.c */
void fe_open_func(struct comp *c, struct func *f, struct block *b);
struct fe_proto *fe_close_func(struct comp *c);
void fe_enter_block(struct comp *c, struct block *b, bool is_loop);
void fe_leave_block(struct comp *c);
void fe_mark_tbc(struct comp *c); /* the block gets a to-be-closed variable */
void fe_enter_level(struct comp *c);
static inline void fe_leave_level(struct comp *c) { c->clevel--; }
_Noreturn void fe_fail_limit(struct comp *c, struct func *f, int limit, const char *what);

/* variable.c */
int fe_new_local(struct comp *c, struct fe_str *name); /* declared, not active yet */
void fe_activate(struct comp *c, int n);
void fe_deactivate(struct comp *c, int to_level);
int fe_reg_level(struct comp *c, struct func *f, int nactive); /* registers of so many variables */
static inline int fe_var_regs(struct comp *c) { return fe_reg_level(c, c->func, c->func->nactive); }
void fe_find_variable(struct comp *c, struct fe_str *name, struct expr *e);
void fe_check_assignable(struct comp *c, const struct expr *e);
int fe_new_upvalue(struct comp *c, struct func *f, struct fe_str *name);

/* capture.c: what is known about captured variables */
void fe_capture_local(struct comp *c, struct func *f, int var);
void fe_note_assign(struct comp *c, const struct expr *var);
void fe_note_back_jump(struct comp *c, int target);
void fe_note_scope_end(struct comp *c, const struct var *v);
void fe_resolve_captures(struct comp *c);

/* label.c */
void fe_new_goto(struct comp *c, struct fe_str *name, int line, int pc);
struct label *fe_find_label(struct comp *c, const struct fe_str *name);
/* True when it had to close variables, from register close_level on. */
bool fe_new_label(struct comp *c, struct fe_str *name, int line, bool last, int close_level);
void fe_goto_leave_block(struct comp *c, const struct block *b);
_Noreturn void fe_fail_goto(struct comp *c, const struct label *g);

/* parse_expr.c */
void fe_parse_expr(struct comp *c, struct expr *e);
void fe_parse_suffixed(struct comp *c, struct expr *e);
int fe_parse_list(struct comp *c, struct expr *e);
void fe_parse_body(struct comp *c, struct expr *e, bool method, int line);
void fe_parse_field(struct comp *c, struct expr *e);
bool fe_accept(struct comp *c, int kind);
void fe_check(struct comp *c, int kind);
void fe_expect(struct comp *c, int kind);
void fe_expect_match(struct comp *c, int what, int who, int line);
struct fe_str *fe_expect_name(struct comp *c);

/* parse_stat.c */
void fe_parse_block_body(struct comp *c);

#endif
