/* debug.c: lua_getinfo and its relatives. */
#include "api.h"
#include "front/opcodes.h"

static int cur_pc(const CallInfo *ci) { return (int)(ci->pc - ci_closure(ci)->p->code) - 1; }

LUA_API int lua_getstack(lua_State *L, int level, lua_Debug *ar) {
  CallInfo *ci;
  if (level < 0) return 0;
  for (ci = L->ci; level > 0 && ci != &L->base_ci; ci = ci->prev) level--;
  if (level != 0 || ci == &L->base_ci) return 0;
  ar->i_ci = ci;
  return 1;
}

/* ---- lua_getinfo ---- */
static void func_info(lua_Debug *ar, const Value *f) {
  if (f->tt != TLCL) {
    ar->source = "=[C]";
    ar->srclen = 4;
    ar->linedefined = ar->lastlinedefined = -1;
    ar->what = "C";
  } else {
    const Proto *p = f->v.l->p;
    ar->source = p->source != NULL ? p->source->s : "=?";
    ar->srclen = p->source != NULL ? p->source->len : 2;
    ar->linedefined = p->linedefined;
    ar->lastlinedefined = p->lastline;
    ar->what = p->linedefined == 0 ? "main" : "Lua";
  }
  core_chunk_id(ar->short_src, ar->source, ar->srclen);
}

static void upvalue_info(lua_Debug *ar, const Value *f) {
  ar->nups = f->tt == TLCL || f->tt == TCCL ? closure_nup(f->v.c) : 0;
  ar->isvararg = f->tt == TLCL ? (char)f->v.l->p->is_vararg : 1;
  ar->nparams = f->tt == TLCL ? f->v.l->p->numparams : 0;
}

static void name_info(lua_State *L, lua_Debug *ar, CallInfo *ci) {
  ar->namewhat = NULL;
  if (ci != NULL && !(ci->status & CI_TAIL))
    ar->namewhat = core_func_name(L, ci->prev, &ar->name, NULL);
  if (ar->namewhat == NULL) {
    ar->namewhat = "";
    ar->name = NULL;
  }
}

static bool fill_info(lua_State *L, const char *what, lua_Debug *ar, const Value *f, CallInfo *ci) {
  bool ok = true;
  for (; *what; what++) {
    switch (*what) {
    case 'S': func_info(ar, f); break;
    case 'l': ar->currentline = ci != NULL && ci_is_lua(ci) ? core_cur_line(ci) : -1; break;
    case 'u': upvalue_info(ar, f); break;
    case 't': ar->istailcall = ci != NULL && (ci->status & CI_TAIL) ? 1 : 0; break;
    case 'n': name_info(L, ar, ci); break;
    case 'r': {
      bool t = ci != NULL && (ci->status & CI_TRANSFER);
      ar->ftransfer = t ? ci->u2.transfer.first : 0;
      ar->ntransfer = t ? ci->u2.transfer.count : 0;
      break;
    }
    case 'L':
    case 'f': break;
    default: ok = false;
    }
  }
  return ok;
}

/* A table whose keys are the lines with code. */
static void push_lines(lua_State *L, const Value *f) {
  if (f->tt != TLCL) {
    set_nil(L->top);
    api_inc(L);
    return;
  }
  const Proto *p = f->v.l->p;
  Value yes;
  Table *t = core_tab_new(L);
  set_obj(L->top, t, TTAB);
  api_inc(L);
  set_bool(&yes, 1);
  if (p->line == NULL) return;
  for (int pc = p->is_vararg ? 1 : 0; pc < p->nline; pc++)
    core_tab_set_int(L, t, core_line_at(p, pc), &yes);
}

LUA_API int lua_getinfo(lua_State *L, const char *what, lua_Debug *ar) {
  CallInfo *ci = NULL;
  Value f;
  if (*what == '>') {
    f = L->top[-1];
    what++;
    L->top--;
  } else {
    ci = ar->i_ci;
    f = *ci->func;
  }
  bool ok = fill_info(L, what, ar, &f, ci);
  if (strchr(what, 'f') != NULL) {
    val_copy(L->top, &f);
    api_inc(L);
  }
  if (strchr(what, 'L') != NULL) push_lines(L, &f);
  return ok;
}

/* ---- locals ---- */
static const char *find_local(lua_State *L, CallInfo *ci, int n, Value **pos) {
  Value *base = ci->func + 1;
  const char *name = NULL;
  if (ci_is_lua(ci)) {
    const Proto *p = ci_closure(ci)->p;
    if (n < 0) {
      if (!p->is_vararg || n < -ci->u.nextra) return NULL;
      *pos = ci->func - ci->u.nextra - (n + 1);
      return "(vararg)";
    }
    name = core_local_name(p, n, cur_pc(ci));
  }
  if (name == NULL) {
    const Value *limit = ci == L->ci ? L->top : ci->next->func;
    if (n <= 0 || limit - base < n) return NULL;
    name = ci_is_lua(ci) ? "(temporary)" : "(C temporary)";
  }
  *pos = base + (n - 1);
  return name;
}

LUA_API const char *lua_getlocal(lua_State *L, const lua_Debug *ar, int n) {
  if (ar == NULL) { /* a parameter of the function on top, which stays there */
    const Value *f = L->top - 1;
    return f->tt == TLCL ? core_local_name(f->v.l->p, n, 0) : NULL;
  }
  Value *pos = NULL;
  const char *name = find_local(L, ar->i_ci, n, &pos);
  if (name != NULL) {
    slot_get(L->top, pos);
    api_inc(L);
  }
  return name;
}

LUA_API const char *lua_setlocal(lua_State *L, const lua_Debug *ar, int n) {
  Value *pos = NULL;
  const char *name = find_local(L, ar->i_ci, n, &pos);
  if (name != NULL) {
    if (ar->i_ci->status & CI_ESCAPED) publish_val(L, L->top - 1);
    slot_set(pos, L->top - 1);
  }
  L->top--;
  return name;
}

/* ---- upvalues ---- */
LUA_API const char *lua_getupvalue(lua_State *L, int idx, int n) {
  Value f = index2copy(L, idx);
  if (n < 1 || (f.tt != TLCL && f.tt != TCCL) || n > closure_nup(f.v.c)) return NULL;
  if (f.tt == TCCL) {
    slot_get(L->top, &f.v.c->up[n - 1]);
    api_inc(L);
    return "";
  }
  Value v;
  core_upval_get(DEP(f.v.l->up[n - 1]), &v);
  val_copy(L->top, &v);
  api_inc(L);
  const String *name = f.v.l->p->up[n - 1].name;
  return name == NULL ? "(no name)" : name->s;
}

LUA_API const char *lua_setupvalue(lua_State *L, int idx, int n) {
  Value f = index2copy(L, idx);
  if (n < 1 || (f.tt != TLCL && f.tt != TCCL) || n > closure_nup(f.v.c)) return NULL;
  L->top--;
  if (f.tt == TCCL) {
    if (!is_private(L, f.v.gc)) publish_val(L, L->top);
    slot_set(&f.v.c->up[n - 1], L->top);
    return "";
  }
  UpVal *u = DEP(f.v.l->up[n - 1]);
  if (is_private(L, &u->h)) u->h.flags &= (uint8_t)~UPV_CONST;
  core_upval_set(L, u, L->top);
  const String *name = f.v.l->p->up[n - 1].name;
  return name == NULL ? "(no name)" : name->s;
}

LUA_API void *lua_upvalueid(lua_State *L, int idx, int n) {
  Value f = index2copy(L, idx);
  if (f.tt == TLCL) return n >= 1 && n <= closure_nup(f.v.l) ? RLX(f.v.l->up[n - 1]) : NULL;
  if (f.tt == TCCL) return n >= 1 && n <= closure_nup(f.v.c) ? &f.v.c->up[n - 1] : NULL;
  return NULL;
}

LUA_API void lua_upvaluejoin(lua_State *L, int idx1, int n1, int idx2, int n2) {
  Value f1 = index2copy(L, idx1), f2 = index2copy(L, idx2);
  UpVal *u = DEP(f2.v.l->up[n2 - 1]);
  if (is_private(L, &u->h)) {
    u->h.flags &= (uint8_t)~UPV_CONST; /* the other function may assign to it */
    if (!is_private(L, f1.v.gc)) core_publish(L, &u->h);
  }
  REL_SET(f1.v.l->up[n1 - 1], u); /* [join] pairs with the DEP loads of a closure's upvalues */
}
