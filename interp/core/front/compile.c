/* compile.c: the entry: one chunk, source or binary, to one unit. */
#include "scope.h"
#include "lex.h"
#include "chunk.h"

#include <stdlib.h>
#include <string.h>

static void *default_alloc(void *ud, void *ptr, size_t osize, size_t nsize) {
  (void)ud;
  (void)osize;
  if (nsize != 0) return realloc(ptr, nsize);
  free(ptr);
  return NULL;
}

/* --- source text --- */

static void comp_init(struct comp *c) {
#define BUFFER(name, buf)                                                                          \
  (c->name = (struct vec){.v = c->buf, .cap = sizeof c->buf / sizeof *c->buf})
  BUFFER(code, code_buf);
  BUFFER(lines, lines_buf);
  BUFFER(k, k_buf);
  BUFFER(vars, vars_buf);
  BUFFER(locvars, locvars_buf);
  BUFFER(text, text_buf);
#undef BUFFER
  c->abs = c->protos = c->labels = c->gotos = c->fixes = (struct vec){.v = NULL};
  c->names = c->names_buf;
  c->names_cap = sizeof c->names_buf / sizeof *c->names_buf;
  memset(c->names_buf, 0, sizeof c->names_buf);
  c->numkeys = c->numkeys_buf;
  c->numkeys_cap = sizeof c->numkeys_buf / sizeof *c->numkeys_buf;
  memset(c->numkeys_buf, 0, sizeof c->numkeys_buf);
  c->nnames = c->nnumkeys = 0;
  c->func = NULL;
  for (int i = 0; i < 3; i++) c->simple_index[i] = -1;
}

static void comp_fini(struct comp *c) {
  struct vec *all[] = {&c->text,    &c->code, &c->lines,  &c->abs,   &c->k,    &c->protos,
                       &c->locvars, &c->vars, &c->labels, &c->gotos, &c->fixes};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) fe_vec_free(&c->job, all[i]);
}

/* The main function: vararg, with _ENV as its only upvalue. */
const struct fe_proto *fe_parse_main(struct comp *c) {
  struct func f;
  struct block b;
  c->source = fe_intern(c, c->job.chunkname, strlen(c->job.chunkname));
  c->env_name = fe_intern(c, "_ENV", 4);
  c->break_name = fe_intern(c, "break", 5);
  fe_lex_start(c);

  fe_open_func(c, &f, &b);
  f.is_vararg = true;
  fe_emit_abc(c, OP_VARARGPREP, 0, 0, 0);
  fe_new_upvalue(c, &f, c->env_name);
  struct upvalue *env = f.upvals;
  env->d.instack = 1;
  env->root = fe_new(&c->job, sizeof *env->root);
  env->root->reassigned = false;
  fe_next(c);
  fe_parse_block_body(c);
  fe_check(c, TK_EOS);
  const struct fe_proto *main = fe_close_func(c);
  fe_resolve_captures(c);
  return main;
}

/* --- either --- */

static void check_mode(struct job *j, const char *mode, bool binary) {
  const char *kind = binary ? "binary" : "text";
  if (mode != NULL && strchr(mode, *kind) == NULL)
    fe_fail(j, FE_ERRSYNTAX, "attempt to load a %s chunk (mode is '%s')", kind, mode);
}

static void load_chunk(struct comp *c, const struct fe_params *params, struct fe_unit *unit) {
  unit->binary = fe_peek(&c->job) == FE_SIGNATURE[0];
  check_mode(&c->job, params->mode, unit->binary);
  unit->main = unit->binary ? fe_undump(&c->job) : fe_parse_main(c);
}

int fe_compile(const struct fe_params *params, struct fe_unit *unit) {
  struct comp c;
  struct job *j = &c.job;
  memset(j, 0, sizeof *j);
  memset(unit, 0, sizeof *unit);
  j->alloc = params->alloc != NULL ? params->alloc : default_alloc;
  j->alloc_ud = params->alloc_ud;
  j->read = params->read;
  j->read_ud = params->read_ud;
  j->chunkname = params->chunkname != NULL ? params->chunkname : "?";
  c.clevel = params->clevels;
  comp_init(&c);

  if (setjmp(j->on_error) == 0) {
    j->arena = fe_arena_create(j->alloc, j->alloc_ud);
    if (j->arena == NULL) fe_fail_memory(j);
    load_chunk(&c, params, unit);
  }
  comp_fini(&c);
  fe_arena_destroy(j->scratch);
  if (j->status != FE_OK) unit->main = NULL;
  if (j->status == FE_ERRMEM || j->status == FE_STOPPED) {
    fe_arena_destroy(j->arena);
    j->arena = NULL;
  }
  unit->arena = j->arena;
  unit->message = j->message;
  unit->message_len = j->message_len;
  return j->status;
}

void fe_free(struct fe_unit *unit) {
  fe_arena_destroy(unit->arena);
  memset(unit, 0, sizeof *unit);
}
