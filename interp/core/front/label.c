/* label.c: goto, break and labels. `break` is a goto to a label at the end of the loop. */
#include "scope.h"
#include "lex.h"

#include <limits.h>
#include <string.h>

static struct label *append(struct comp *c, struct vec *list, struct fe_str *name, int line,
                            int pc) {
  if (list->n >= SHRT_MAX)
    fe_fail(&c->job, FE_ERRRUN, "too many labels/gotos (limit is %d)", SHRT_MAX);
  fe_vec_room(&c->job, list, sizeof(struct label));
  struct label *l = (struct label *)list->v + list->n++;
  *l = (struct label){.name = name, .pc = pc, .line = line};
  l->nactive = (uint8_t)c->func->nactive;
  l->regs = (uint8_t)fe_var_regs(c);
  return l;
}

void fe_new_goto(struct comp *c, struct fe_str *name, int line, int pc) {
  append(c, &c->gotos, name, line, pc);
}

struct label *fe_find_label(struct comp *c, const struct fe_str *name) {
  struct label *labels = c->labels.v;
  for (int i = c->func->label0; i < c->labels.n; i++) {
    if (labels[i].name == name) return &labels[i];
  }
  return NULL;
}

static _Noreturn void fail_jump_into_scope(struct comp *c, const struct label *g) {
  const char *var = fe_var(c, c->func, g->nactive)->name->data;
  fe_error(c, "<goto %s> at line %d jumps into the scope of local '%s'", g->name->data, g->line,
           var);
}

/* Aim the gotos of this block that wait for the label. True when one of them left the scope of a
 * captured variable, which the code at the label must close. */
static bool solve_gotos(struct comp *c, const struct label *l) {
  struct label *gotos = c->gotos.v;
  int kept = c->func->block->first_goto;
  bool close = false;
  for (int i = kept; i < c->gotos.n; i++) {
    if (gotos[i].name != l->name) {
      gotos[kept++] = gotos[i];
      continue;
    }
    if (gotos[i].nactive < l->nactive) fail_jump_into_scope(c, &gotos[i]);
    close = close || gotos[i].close;
    fe_patch(c, gotos[i].pc, l->pc);
  }
  c->gotos.n = kept;
  return close;
}

bool fe_new_label(struct comp *c, struct fe_str *name, int line, bool last, int close_level) {
  struct label *l = append(c, &c->labels, name, line, fe_mark_target(c));
  if (last) l->nactive = c->func->block->nactive; /* as if the block's variables had ended */
  if (!solve_gotos(c, l)) return false;
  fe_emit_abc(c, OP_CLOSE, close_level, 0, 0);
  return true;
}

/* The gotos that no label of block b took go on to look outside. */
void fe_goto_leave_block(struct comp *c, const struct block *b) {
  struct func *f = c->func;
  struct label *gotos = c->gotos.v;
  int outside = fe_reg_level(c, f, b->nactive);
  for (int i = b->first_goto; i < c->gotos.n; i++) {
    struct label *g = &gotos[i];
    if (g->regs > outside) g->close = g->close || b->captured;
    g->nactive = b->nactive;
    g->regs = (uint8_t)outside;
  }
}

void fe_fail_goto(struct comp *c, const struct label *g) {
  if (g->name == c->break_name) fe_error(c, "break outside loop at line %d", g->line);
  fe_error(c, "no visible label '%s' for <goto> at line %d", g->name->data, g->line);
}
