/* load.c: from the front end's neutral tree to our own prototypes, and back for lua_dump. */
#include <stdlib.h>
#include "api.h"
#include "front/proto.h"

/* ---- tree to Proto ---- */
/* Equal long constants of a chunk are one string, as short ones are everywhere: by the front end's
 * string, which is one for equal contents. Without memory for it they are several. */
struct longs {
  struct {
    const struct fe_str *from;
    String *to;
  } * at;
  size_t n, cap; /* cap: a power of two */
};

static size_t longs_place(const struct longs *m, const struct fe_str *s) {
  size_t i = ((uintptr_t)s >> 4) * 0x9E3779B1u;
  while (m->at[i & (m->cap - 1)].from != NULL && m->at[i & (m->cap - 1)].from != s) i++;
  return i & (m->cap - 1);
}

static bool longs_grow(struct longs *m) {
  struct longs big = {calloc(m->cap ? m->cap * 2 : 16, sizeof *m->at), m->n,
                      m->cap ? m->cap * 2 : 16};
  if (big.at == NULL) return false;
  for (size_t i = 0; i < m->cap; i++)
    if (m->at[i].from != NULL) big.at[longs_place(&big, m->at[i].from)] = m->at[i];
  free(m->at);
  *m = big;
  return true;
}

static String *conv_long(lua_State *L, struct longs *m, const struct fe_str *s) {
  if (m->n * 2 >= m->cap && !longs_grow(m)) return core_str_new(L, s->data, s->len);
  size_t i = longs_place(m, s);
  if (m->at[i].from == NULL) {
    m->at[i].to = core_str_new(L, s->data, s->len); /* may raise: nothing is entered yet */
    m->at[i].from = s;
    m->n++;
  }
  return m->at[i].to;
}

static String *conv_str(lua_State *L, const struct fe_str *s) {
  return s == NULL ? NULL : core_str_new(L, s->data, s->len);
}

static void conv_consts(lua_State *L, struct longs *m, Proto *p, const struct fe_proto *f) {
  if (f->nk == 0) return;
  p->k = core_raw(L, (size_t)f->nk * sizeof *p->k);
  for (int i = 0; i < f->nk; i++) pair_store(&p->k[i], pair_make(0, TNIL));
  p->nk = f->nk;
  for (int i = 0; i < f->nk; i++) {
    const struct fe_const *c = &f->k[i];
    Value v = core_nil;
    switch (c->type) {
    case FE_KNIL: break;
    case FE_KFALSE: set_bool(&v, 0); break;
    case FE_KTRUE: set_bool(&v, 1); break;
    case FE_KINT: set_int(&v, c->u.i); break;
    case FE_KFLT: set_flt(&v, c->u.n); break;
    case FE_KSTR:
      set_str(&v, c->u.s->len > SHORT_MAX ? conv_long(L, m, c->u.s) : conv_str(L, c->u.s));
      break;
    }
    slot_set(&p->k[i], &v);
  }
}

static void conv_upvals(lua_State *L, Proto *p, const struct fe_proto *f) {
  if (f->nupvals == 0) return;
  p->up = core_raw(L, f->nupvals * sizeof *p->up);
  memset(p->up, 0, f->nupvals * sizeof *p->up);
  p->nup = f->nupvals;
  for (int i = 0; i < f->nupvals; i++) {
    const struct fe_upval *u = &f->upvals[i];
    p->up[i] = (UpDesc){conv_str(L, u->name), u->instack, u->idx, u->kind, u->byvalue};
  }
}

static void conv_locals(lua_State *L, Proto *p, const struct fe_proto *f) {
  if (f->nlocvars == 0) return;
  p->loc = core_raw(L, (size_t)f->nlocvars * sizeof *p->loc);
  memset(p->loc, 0, (size_t)f->nlocvars * sizeof *p->loc);
  p->nloc = f->nlocvars;
  for (int i = 0; i < f->nlocvars; i++)
    p->loc[i] =
        (LocVar){conv_str(L, f->locvars[i].name), f->locvars[i].startpc, f->locvars[i].endpc};
}

static void conv_lines(lua_State *L, Proto *p, const struct fe_proto *f) {
  if (f->nlineinfo > 0) {
    p->line = core_raw(L, (size_t)f->nlineinfo);
    memcpy(p->line, f->lineinfo, (size_t)f->nlineinfo);
    p->nline = f->nlineinfo;
  }
  if (f->nabslineinfo > 0) {
    p->abs = core_raw(L, (size_t)f->nabslineinfo * sizeof *p->abs);
    p->nabs = f->nabslineinfo;
    for (int i = 0; i < p->nabs; i++)
      p->abs[i] = (AbsLine){f->abslineinfo[i].pc, f->abslineinfo[i].line};
  }
}

/* Raises LUA_ERRMEM; what was built so far is garbage that the sweeper understands: a count is set
 * only after its block. */
static Proto *conv_proto(lua_State *L, struct longs *m, const struct fe_proto *f, String *source) {
  Proto *p = core_new_proto(L);
  if (f->source == NULL)
    source = NULL;
  else if (source == NULL)
    source = conv_str(L, f->source);
  p->source = source;
  p->numparams = f->numparams;
  p->is_vararg = f->is_vararg;
  p->maxstack = f->maxstacksize;
  p->linedefined = f->linedefined;
  p->lastline = f->lastlinedefined;
  p->code = core_raw(L, (size_t)f->ncode * sizeof *p->code);
  p->ncode = f->ncode;
  memcpy(p->code, f->code, (size_t)f->ncode * sizeof *p->code);
  conv_consts(L, m, p, f);
  conv_upvals(L, p, f);
  conv_locals(L, p, f);
  conv_lines(L, p, f);
  if (f->np > 0) {
    p->p = core_raw(L, (size_t)f->np * sizeof *p->p);
    memset((void *)p->p, 0, (size_t)f->np * sizeof *p->p);
    p->np = f->np;
    for (int i = 0; i < f->np; i++) p->p[i] = conv_proto(L, m, f->p[i], source);
  }
  return p;
}

/* ---- lua_load ---- */
struct load_job {
  lua_State *L;
  lua_Reader reader;
  void *ud;
  const char *piece;
  size_t size;
  int error; /* status of a reader that raised; its message is on the stack */
  struct fe_unit unit;
  struct longs longs;
};

static void read_body(lua_State *L, void *ud) {
  struct load_job *j = ud;
  j->size = 0;
  j->piece = j->reader(L, j->ud, &j->size);
}

static const char *read_piece(void *ud, size_t *size_out) {
  struct load_job *j = ud;
  lua_State *L = j->L;
  int st = core_pcall(L, read_body, j, stack_off(L, L->top), L->errfunc);
  if (st != LUA_OK) {
    j->error = st;
    *size_out = FE_READ_FAILED;
    return NULL;
  }
  *size_out = j->piece == NULL ? 0 : j->size;
  return j->piece;
}

static void build(lua_State *L, void *ud) {
  struct load_job *j = ud;
  Proto *p = conv_proto(L, &j->longs, j->unit.main, NULL);
  LClosure *c = core_new_lclosure(L, p, p->nup);
  set_obj(L->top, c, TLCL);
  api_inc(L);
  for (int i = 0; i < p->nup; i++) c->up[i] = core_new_upval(L);
  if (p->nup >= 1) { /* _ENV */
    Value g;
    slot_get(&g, tab_get_int(L->g->registry.v.t, LUA_RIDX_GLOBALS));
    slot_set(&c->up[0]->u.closed, &g);
  }
}

static void push_message(lua_State *L, void *ud) {
  struct load_job *j = ud;
  set_str(L->top, core_str_new(L, j->unit.message, j->unit.message_len));
  api_inc(L);
}

static void *front_alloc(void *ud, void *p, size_t osize, size_t nsize) {
  return core_sys_realloc(((lua_State *)ud)->m, p, osize, nsize);
}

static int load_failed(lua_State *L, struct load_job *j, int st) {
  Value *top = L->top;
  if (st == FE_STOPPED) { /* the reader's error, through no handler */
    val_copy(top, L->top - 1);
    return j->error;
  }
  int st2 = core_run_protected(L, push_message, j);
  if (st2 != LUA_OK) {
    core_set_error(L, LUA_ERRMEM, L->top);
    return LUA_ERRMEM;
  }
  return st;
}

LUA_API int lua_load(lua_State *L, lua_Reader reader, void *data, const char *chunkname,
                     const char *mode) {
  struct load_job j = {.L = L, .reader = reader, .ud = data};
  ptrdiff_t top = stack_off(L, L->top);
  struct fe_params params = {.read = read_piece,
                             .read_ud = &j,
                             .alloc = front_alloc,
                             .alloc_ud = L,
                             .chunkname = chunkname == NULL ? "?" : chunkname,
                             .mode = mode,
                             .clevels = L->cdepth};
  L->nny++; /* a reader cannot yield */
  int st = fe_compile(&params, &j.unit);
  if (st == FE_OK) {
    st = core_run_protected(L, build, &j);
    free(j.longs.at);
    if (st != LUA_OK) {
      core_set_error(L, st, stack_at(L, top));
    }
  } else if (st == FE_STOPPED) {
    st = j.error;
    core_set_error(L, st, stack_at(L, top));
  } else {
    st = load_failed(L, &j, st);
  }
  L->nny--;
  fe_free(&j.unit);
  api_poll(L);
  return st;
}

/* ---- lua_dump: the tree again, as views of our arrays, in malloc'ed blocks freed at the end ----
 */
struct block {
  struct block *next;
  size_t pad; /* keeps what follows 16-aligned */
};
struct dump_job {
  struct block *blocks;
  Proto *p;
  lua_Writer writer;
  void *ud;
  lua_State *L;
  int strip, status;
};

static void *arena(lua_State *L, struct dump_job *j, size_t size) {
  struct block *b = calloc(1, sizeof *b + size);
  if (b == NULL) core_err_mem(L);
  b->next = j->blocks;
  j->blocks = b;
  return b + 1;
}

static struct fe_str *view_str(lua_State *L, struct dump_job *j, const String *s) {
  if (s == NULL) return NULL;
  struct fe_str *v = arena(L, j, sizeof *v + s->len + 1);
  v->len = s->len;
  memcpy(v->data, s->s, s->len + 1);
  return v;
}

static void view_const(lua_State *L, struct dump_job *j, struct fe_const *c, const Value *v) {
  c->type = FE_KNIL;
  switch (v->tt) {
  case TFALSE: c->type = FE_KFALSE; break;
  case TTRUE: c->type = FE_KTRUE; break;
  case TINT:
    c->type = FE_KINT;
    c->u.i = v->v.i;
    break;
  case TFLT:
    c->type = FE_KFLT;
    c->u.n = v->v.n;
    break;
  case TSSTR:
  case TLSTR:
    c->type = FE_KSTR;
    c->u.s = view_str(L, j, v->v.s);
    break;
  default: break;
  }
}

static void view_debug(lua_State *L, struct dump_job *j, struct fe_proto *f, const Proto *p) {
  f->lineinfo = p->line;
  f->nlineinfo = p->nline;
  f->nabslineinfo = p->nabs;
  f->abslineinfo = arena(L, j, (size_t)p->nabs * sizeof *f->abslineinfo);
  for (int i = 0; i < p->nabs; i++) {
    f->abslineinfo[i].pc = p->abs[i].pc;
    f->abslineinfo[i].line = p->abs[i].line;
  }
  f->nlocvars = p->nloc;
  f->locvars = arena(L, j, (size_t)p->nloc * sizeof *f->locvars);
  for (int i = 0; i < p->nloc; i++) {
    f->locvars[i].name = view_str(L, j, p->loc[i].name);
    f->locvars[i].startpc = p->loc[i].startpc;
    f->locvars[i].endpc = p->loc[i].endpc;
  }
}

/* `source` is the view of the enclosing function's source: the same pointer means "the same". */
static struct fe_proto *view(lua_State *L, struct dump_job *j, const Proto *p,
                             const String *psource, const struct fe_str *source) {
  struct fe_proto *f = arena(L, j, sizeof *f);
  f->code = p->code;
  f->ncode = p->ncode;
  f->source = p->source != NULL && p->source == psource ? source : view_str(L, j, p->source);
  f->linedefined = p->linedefined;
  f->lastlinedefined = p->lastline;
  f->numparams = p->numparams;
  f->is_vararg = p->is_vararg;
  f->maxstacksize = p->maxstack;
  f->nk = p->nk;
  f->k = arena(L, j, (size_t)p->nk * sizeof *f->k);
  for (int i = 0; i < p->nk; i++) view_const(L, j, &f->k[i], &p->k[i]);
  f->nupvals = (uint8_t)p->nup;
  f->upvals = arena(L, j, (size_t)p->nup * sizeof *f->upvals);
  for (int i = 0; i < p->nup; i++) {
    const UpDesc *u = &p->up[i];
    f->upvals[i] =
        (struct fe_upval){view_str(L, j, u->name), u->instack, u->idx, u->kind, u->byvalue};
  }
  view_debug(L, j, f, p);
  f->np = p->np;
  f->p = arena(L, j, (size_t)p->np * sizeof(struct fe_proto *));
  for (int i = 0; i < p->np; i++) f->p[i] = view(L, j, p->p[i], p->source, f->source);
  return f;
}

static int write_piece(void *ud, const void *p, size_t size) {
  struct dump_job *j = ud;
  return j->writer(j->L, p, size, j->ud);
}

static void dump_body(lua_State *L, void *ud) {
  struct dump_job *j = ud;
  j->status = fe_dump(view(L, j, j->p, NULL, NULL), j->strip, write_piece, j);
}

LUA_API int lua_dump(lua_State *L, lua_Writer writer, void *data, int strip) {
  const Value *o = L->top - 1;
  if (o->tt != TLCL) return 1;
  struct dump_job j = {.p = o->v.l->p, .writer = writer, .ud = data, .L = L, .strip = strip};
  int st = core_run_protected(L, dump_body, &j); /* the writer may raise */
  for (struct block *b = j.blocks, *n; b != NULL; b = n) {
    n = b->next;
    free(b);
  }
  if (st != LUA_OK) core_throw(L, st);
  return j.status;
}
