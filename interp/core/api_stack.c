/* api_stack.c: lua.h: the stack, reading values, pushing values. */
#include <stdio.h>
#include <stdlib.h>
#include "api.h"

const char lua_ident[] = "$gilt core: the API of " LUA_VERSION "$"; /* visible as declared */

Value *core_index_pseudo(lua_State *L, int idx) {
  if (idx == LUA_REGISTRYINDEX) return &L->g->registry;
  idx = LUA_REGISTRYINDEX - idx;
  const Value *f = L->ci->func;
  if (f->tt == TCCL && idx <= closure_nup(f->v.c)) return &f->v.c->up[idx - 1];
  return (Value *)(uintptr_t)&core_none;
}

/* ---- the stack ---- */
LUA_API int lua_absindex(lua_State *L, int idx) {
  return idx > 0 || is_pseudo(idx) ? idx : (int)(L->top - L->ci->func) + idx;
}
LUA_API int lua_gettop(lua_State *L) { return (int)(L->top - (L->ci->func + 1)); }

LUA_API void lua_settop(lua_State *L, int idx) {
  Value *func = L->ci->func;
  Value *newtop;
  if (idx >= 0) {
    newtop = func + 1 + idx;
    while (L->top < newtop) {
      set_nil(L->top);
      L->top++;
    }
  } else {
    newtop = L->top + idx + 1;
  }
  if (unlikely(L->ntbc > 0) && L->stack + L->tbc[L->ntbc - 1] >= newtop && newtop < L->top)
    newtop = core_close(L, newtop, CLOSE_OK, false);
  L->top = newtop;
}

LUA_API void lua_closeslot(lua_State *L, int idx) {
  Value *level = core_close(L, index2value(L, idx), CLOSE_OK, false);
  set_nil(level);
}

LUA_API void lua_toclose(lua_State *L, int idx) {
  core_new_tbc(L, index2value(L, idx));
  L->ci->status |= CI_TBC;
}

static void reverse(Value *from, Value *to) {
  for (; from < to; from++, to--) {
    Value t = *from;
    val_copy(from, to);
    val_copy(to, &t);
  }
}
LUA_API void lua_rotate(lua_State *L, int idx, int n) {
  Value *t = L->top - 1, *p = index2value(L, idx);
  Value *m = n >= 0 ? t - n : p - n - 1; /* end of the prefix */
  reverse(p, m);
  reverse(m + 1, t);
  reverse(p, t);
}

LUA_API void lua_copy(lua_State *L, int from, int to) {
  Value v = index2copy(L, from);
  Value *d = index2value(L, to);
  if (is_pseudo(to)) {
    if (!is_upidx(to) || !is_private(L, L->ci->func->v.gc)) publish_val(L, &v);
    slot_set(d, &v);
  } else {
    val_copy(d, &v);
  }
}

LUA_API void lua_pushvalue(lua_State *L, int idx) {
  if (unlikely(is_pseudo(idx)))
    slot_get(L->top, index2value(L, idx));
  else
    val_copy(L->top, index2value(L, idx));
  api_inc(L);
}

LUA_API int lua_checkstack(lua_State *L, int n) {
  CallInfo *ci = L->ci;
  if (L->stack_last - L->top <= n && !core_stack_try_grow(L, n)) return 0;
  if (ci->top < L->top + n) ci->top = L->top + n;
  return 1;
}

LUA_API void lua_xmove(lua_State *from, lua_State *to, int n) {
  if (from == to) return;
  from->top -= n;
  for (int i = 0; i < n; i++) {
    val_copy(to->top, from->top + i);
    to->top++;
  }
}

/* ---- reading ---- */
LUA_API int lua_type(lua_State *L, int idx) {
  const Value *o = index2value(L, idx);
  return is_none(o) ? LUA_TNONE : (int)basetype(slot_tag(o));
}
LUA_API const char *lua_typename(lua_State *L, int t) {
  static const char *const names[] = {"no value", "nil",   "boolean",  "userdata", "number",
                                      "string",   "table", "function", "userdata", "thread"};
  (void)L;
  return names[t + 1];
}
LUA_API int lua_iscfunction(lua_State *L, int idx) {
  unsigned t = slot_tag(index2value(L, idx));
  return t == TLCF || t == TCCL;
}
LUA_API int lua_isinteger(lua_State *L, int idx) { return slot_tag(index2value(L, idx)) == TINT; }
LUA_API int lua_isnumber(lua_State *L, int idx) {
  lua_Number n;
  Value v = index2copy(L, idx);
  return core_tonum(&v, &n);
}
LUA_API int lua_isstring(lua_State *L, int idx) {
  Value v = index2copy(L, idx);
  return is_str(&v) || is_num(&v);
}
LUA_API int lua_isuserdata(lua_State *L, int idx) {
  unsigned t = slot_tag(index2value(L, idx));
  return t == TUD || t == TLUD;
}
LUA_API int lua_rawequal(lua_State *L, int a, int b) {
  if (is_none(index2value(L, a)) || is_none(index2value(L, b))) return 0;
  Value x = index2copy(L, a), y = index2copy(L, b);
  return core_raw_eq(&x, &y);
}
LUA_API lua_Number lua_tonumberx(lua_State *L, int idx, int *isnum) {
  lua_Number n = 0;
  Value v = index2copy(L, idx);
  bool ok = core_tonum(&v, &n);
  if (isnum != NULL) *isnum = ok;
  return ok ? n : 0;
}
LUA_API lua_Integer lua_tointegerx(lua_State *L, int idx, int *isnum) {
  lua_Integer i = 0;
  Value v = index2copy(L, idx);
  bool ok = core_toint(&v, &i);
  if (isnum != NULL) *isnum = ok;
  return ok ? i : 0;
}
LUA_API int lua_toboolean(lua_State *L, int idx) { return slot_tag(index2value(L, idx)) > TFALSE; }

LUA_API const char *lua_tolstring(lua_State *L, int idx, size_t *len) {
  Value v = index2copy(L, idx);
  if (!is_str(&v)) {
    if (!is_num(&v)) {
      if (len != NULL) *len = 0;
      return NULL;
    }
    core_tostring_inplace(L, &v);
    slot_set(index2value(L, idx), &v);
    api_poll(L);
  }
  if (len != NULL) *len = v.v.s->len;
  return v.v.s->s;
}

LUA_API lua_Unsigned lua_rawlen(lua_State *L, int idx) {
  Value v = index2copy(L, idx);
  switch (v.tt) {
  case TSSTR:
  case TLSTR: return v.v.s->len;
  case TUD: return v.v.ud->len;
  case TTAB: return core_tab_len(v.v.t);
  default: return 0;
  }
}
LUA_API lua_CFunction lua_tocfunction(lua_State *L, int idx) {
  Value v = index2copy(L, idx);
  return v.tt == TLCF ? v.v.f : v.tt == TCCL ? v.v.c->f : NULL;
}
LUA_API void *lua_touserdata(lua_State *L, int idx) {
  Value v = index2copy(L, idx);
  return v.tt == TUD ? udata_mem(v.v.ud) : v.tt == TLUD ? v.v.p : NULL;
}
LUA_API lua_State *lua_tothread(lua_State *L, int idx) {
  Value v = index2copy(L, idx);
  return v.tt == TTHR ? obj_thread(v.v.gc) : NULL;
}
LUA_API const void *lua_topointer(lua_State *L, int idx) {
  Value v = index2copy(L, idx);
  switch (v.tt) {
  case TLCF: return (const void *)(uintptr_t)v.v.f;
  case TUD: return udata_mem(v.v.ud);
  case TLUD: return v.v.p;
  case TTHR: return obj_thread(v.v.gc);
  default: return is_gc(&v) ? v.v.gc : NULL;
  }
}

/* ---- operators ---- */
LUA_API void lua_arith(lua_State *L, int op) {
  static const uint8_t events[] = {META_ADD, META_SUB,  META_MUL,  META_MOD, META_POW,
                                   META_DIV, META_IDIV, META_BAND, META_BOR, META_BXOR,
                                   META_SHL, META_SHR,  META_UNM,  META_BNOT};
  Value res;
  if (op == LUA_OPUNM || op == LUA_OPBNOT) { /* the operand doubles as the second one */
    val_copy(L->top, L->top - 1);
    api_inc(L);
  }
  Value a = L->top[-2], b = L->top[-1];
  if (!core_arith_raw(L, op, &a, &b, &res))
    core_binmeta(L, L->top - 2, L->top - 1, &res, events[op]);
  L->top--;
  val_copy(L->top - 1, &res);
}

LUA_API int lua_compare(lua_State *L, int i1, int i2, int op) {
  if (is_none(index2value(L, i1)) || is_none(index2value(L, i2))) return 0;
  Value a = index2copy(L, i1), b = index2copy(L, i2);
  switch (op) {
  case LUA_OPEQ: return core_eq(L, &a, &b);
  case LUA_OPLT: return core_lt(L, &a, &b);
  default: return core_le(L, &a, &b);
  }
}

LUA_API size_t lua_stringtonumber(lua_State *L, const char *s) {
  size_t n = core_str2num(s, strlen(s), L->top);
  if (n != 0) api_inc(L);
  return n;
}

LUA_API void lua_concat(lua_State *L, int n) {
  if (n > 0) {
    core_concat(L, n);
  } else {
    set_str(L->top, str_lit(L, ""));
    api_inc(L);
  }
  api_poll(L);
}

LUA_API void lua_len(lua_State *L, int idx) {
  Value res, o = index2copy(L, idx);
  core_len(L, &res, &o);
  val_copy(L->top, &res);
  api_inc(L);
}

/* ---- pushing ---- */
LUA_API void lua_pushnil(lua_State *L) {
  set_nil(L->top);
  api_inc(L);
}
LUA_API void lua_pushnumber(lua_State *L, lua_Number n) {
  set_flt(L->top, n);
  api_inc(L);
}
LUA_API void lua_pushinteger(lua_State *L, lua_Integer n) {
  set_int(L->top, n);
  api_inc(L);
}
LUA_API void lua_pushboolean(lua_State *L, int b) {
  set_bool(L->top, b);
  api_inc(L);
}
LUA_API void lua_pushlightuserdata(lua_State *L, void *p) {
  set_obj(L->top, p, TLUD);
  api_inc(L);
}
LUA_API int lua_pushthread(lua_State *L) {
  set_obj(L->top, thread_obj(L), TTHR);
  api_inc(L);
  return L == L->g->mainL;
}

LUA_API const char *lua_pushlstring(lua_State *L, const char *s, size_t len) {
  String *o = core_str_new(L, len == 0 ? "" : s, len);
  set_str(L->top, o);
  api_inc(L);
  api_poll(L);
  return o->s;
}
LUA_API const char *lua_pushstring(lua_State *L, const char *s) {
  if (s == NULL) {
    lua_pushnil(L);
    return NULL;
  }
  return lua_pushlstring(L, s, strlen(s));
}

LUA_API void lua_pushcclosure(lua_State *L, lua_CFunction fn, int n) {
  if (n == 0) {
    L->top->v.f = fn;
    L->top->tt = TLCF;
    api_inc(L);
    return;
  }
  CClosure *c = obj_new(L, sizeof *c + (size_t)n * sizeof(Value), TCCL);
  c->h.flags = (uint8_t)n;
  c->f = fn;
  L->top -= n;
  for (int i = 0; i < n; i++) slot_set(&c->up[i], L->top + i);
  set_obj(L->top, c, TCCL);
  api_inc(L);
  api_poll(L);
}

/* ---- formatting ---- */
struct fmtbuf {
  lua_State *L;
  char *p;
  size_t n, cap;
  bool failed;
  char room[256];
};
static void fmt_add(struct fmtbuf *b, const char *s, size_t len) {
  if (b->cap - b->n < len) {
    size_t cap = (b->n + len) * 2;
    char *p = b->failed ? NULL : malloc(cap);
    if (p == NULL) {
      b->failed = true;
      return;
    }
    memcpy(p, b->p, b->n);
    if (b->p != b->room) free(b->p);
    b->p = p;
    b->cap = cap;
  }
  memcpy(b->p + b->n, s, len);
  b->n += len;
}

/* One conversion; unknown ones raise, after the buffer is released by the caller. */
static bool fmt_one(struct fmtbuf *b, int c, va_list *ap) {
  char tmp[NUM_BUF + 16];
  Value v;
  switch (c) {
  case 's': {
    const char *s = va_arg(*ap, const char *);
    if (s == NULL) s = "(null)";
    fmt_add(b, s, strlen(s));
    return true;
  }
  case 'c':
    tmp[0] = (char)va_arg(*ap, int);
    fmt_add(b, tmp, 1);
    return true;
  case 'd':
    set_int(&v, va_arg(*ap, int));
    fmt_add(b, tmp, (size_t)core_num_tostr(&v, tmp));
    return true;
  case 'I':
    set_int(&v, (lua_Integer)va_arg(*ap, LUAI_UACINT));
    fmt_add(b, tmp, (size_t)core_num_tostr(&v, tmp));
    return true;
  case 'f':
    set_flt(&v, va_arg(*ap, LUAI_UACNUMBER));
    fmt_add(b, tmp, (size_t)core_num_tostr(&v, tmp));
    return true;
  case 'p':
    fmt_add(b, tmp, (size_t)snprintf(tmp, sizeof tmp, "%p", va_arg(*ap, void *)));
    return true;
  case 'U': fmt_add(b, tmp, core_utf8(tmp, (unsigned long)va_arg(*ap, long))); return true;
  case '%': fmt_add(b, "%", 1); return true;
  default: return false;
  }
}

const char *core_push_format(lua_State *L, const char *fmt, va_list ap0) {
  struct fmtbuf b = {.L = L, .cap = sizeof b.room};
  va_list ap;
  int bad = 0;
  b.p = b.room;
  va_copy(ap, ap0);
  for (const char *e; !bad && (e = strchr(fmt, '%')) != NULL; fmt = e + 2) {
    fmt_add(&b, fmt, (size_t)(e - fmt));
    if (!fmt_one(&b, e[1], &ap)) bad = e[1];
  }
  va_end(ap);
  fmt_add(&b, fmt, strlen(fmt));
  if (b.failed || bad) {
    if (b.p != b.room) free(b.p);
    if (bad) core_err(L, "invalid conversion '%%%c' to 'lua_pushfstring'", bad);
    core_err_mem(L);
  }
  String *s = b.n <= SHORT_MAX || b.p == b.room ? core_str_new(L, b.p, b.n) : core_str_raw(L, b.n);
  if (b.p != b.room) { /* only long strings outgrow the room; a failed core_str_raw leaks them */
    memcpy(s->s, b.p, b.n);
    free(b.p);
  }
  set_str(L->top, s);
  api_inc(L);
  return s->s;
}

LUA_API const char *lua_pushvfstring(lua_State *L, const char *fmt, va_list ap) {
  const char *s = core_push_format(L, fmt, ap);
  api_poll(L);
  return s;
}
LUA_API const char *lua_pushfstring(lua_State *L, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  const char *s = core_push_format(L, fmt, ap);
  va_end(ap);
  api_poll(L);
  return s;
}
