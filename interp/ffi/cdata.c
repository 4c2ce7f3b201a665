/* cdata.c: C values as Lua objects: creation, metatables, members and elements.
 *
 * Each type has a metatable of its own, made on first use and kept in the registry under the
 * address of its ctype_meta. The ctype_meta also maps the Lua strings of the member names, which
 * the metatable anchors, to members: Lua interns short strings, so a lookup is a comparison of
 * pointers. A name that is not found so is looked for by its bytes. */
#include "ffi_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Addresses used as registry keys. */
static const char key_state, key_ctypes, key_finalizers;
/* Of a type, from the address of its ctype_meta: */
enum { META_TABLE, META_USER, META_GC };

static void *meta_key(struct ctype_meta *m, int which) { return (char *)m + which; }

#define COOKIE ((uintptr_t)UINT64_C(0x6c61756b656e6900)) /* AC_MASK is free */

static bool is_cdata(const cdata *cd) {
  return ((cd->cookie ^ (uintptr_t)cd) & ~(uintptr_t)AC_MASK) == COOKIE;
}
/* ... of a type with this access code; bits in `ignore` may be set, too. */
static inline bool has_access(const cdata *cd, unsigned access, unsigned ignore) {
  return ((cd->cookie ^ (uintptr_t)cd ^ (COOKIE | access)) & ~(uintptr_t)ignore) == 0;
}

gffi_state *gffi_of(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_state);
  gffi_state **box = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (box == NULL || *box == NULL) luaL_error(L, "ffi is not open in this runtime");
  return *box;
}

cdata *cdata_test(lua_State *L, int idx) {
  if (lua_type(L, idx) != LUA_TUSERDATA || lua_rawlen(L, idx) < sizeof(cdata)) return NULL;
  cdata *cd = lua_touserdata(L, idx);
  return is_cdata(cd) ? cd : NULL;
}

cdata *cdata_at(lua_State *L, int idx) {
  cfunc *fn;
  switch (lua_type(L, idx)) {
  case LUA_TUSERDATA: return cdata_test(L, idx);
  case LUA_TFUNCTION: fn = call_function_at(L, idx); return fn == NULL ? NULL : &fn->cd;
  default: return NULL;
  }
}

void *cdata_address(const cdata *cd) {
  void *p;
  if (cd->ct->kind != CK_PTR) return cd->p;
  memcpy(&p, cd->p, sizeof p);
  return p;
}

size_t cdata_extent(const cdata *cd) {
  size_t size = ctype_size(cd->ct);
  if (cd->ct->kind == CK_FUNC || cd->ct->kind == CK_PTR) return CD_UNBOUNDED;
  if (cd->ct->kind == CK_ARRAY)
    return cd->nelem == CD_UNBOUNDED ? CD_UNBOUNDED : cd->nelem * ctype_size(cd->ct->base);
  if (cd->ct->kind == CK_RECORD && (cd->ct->un->flags & CF_FLEX) != 0) return CD_UNBOUNDED;
  if (cd->ct->kind == CK_RECORD && (cd->ct->un->flags & CF_VLA) != 0) {
    if (cd->nelem == CD_UNBOUNDED) return CD_UNBOUNDED;
    const cfield *f = &cd->ct->un->fields[cd->ct->un->nfields - 1];
    size_t bytes = f->offset + cd->nelem * ctype_size(f->ct->base);
    return bytes > size ? bytes : size;
  }
  return size == CT_INCOMPLETE ? CD_UNBOUNDED : size;
}

/* ------------------------------------------------------------------ metatables */

static int cdata_call(lua_State *L);
static int cdata_tostring(lua_State *L);
static void element_metamethods(lua_State *L, const ctype *ct);

static const luaL_Reg cdata_metamethods[] = {{"__index", cdata_index},
                                             {"__newindex", cdata_newindex},
                                             {"__call", cdata_call},
                                             {"__tostring", cdata_tostring},
                                             {NULL, NULL}};

static uint32_t count_names(const ctype *ct, int depth) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < ct->nfields; i++) {
    const cfield *f = &ct->fields[i];
    if (f->name != NULL)
      n++;
    else if (f->ct->kind == CK_RECORD && !f->bitfield && depth > 0)
      n += count_names(f->ct->un, depth - 1);
  }
  return n;
}

static uint32_t slot_of(const struct ctype_meta *m, const void *key) {
  uintptr_t a = (uintptr_t)key;
  return (uint32_t)((a >> 4) ^ (a >> 11)) & m->mask;
}

static void slot_access(struct name_slot *s) {
  const cfield *f = &s->field;
  bool number = !f->bitfield && ctype_is_number(f->ct);
  s->get = number ? f->ct->un->prim : CP_NONE;
  s->set = number && !f->is_const ? f->ct->un->prim : CP_NONE;
}

/* Adds the names of ct to m and anchors their strings in the table on the top. */
static void add_names(lua_State *L, struct ctype_meta *m, const ctype *root, const ctype *ct,
                      int depth) {
  for (uint32_t i = 0; i < ct->nfields; i++) {
    const cfield *f = &ct->fields[i];
    if (f->name == NULL) {
      if (f->ct->kind == CK_RECORD && !f->bitfield && depth > 0)
        add_names(L, m, root, f->ct->un, depth - 1);
      continue;
    }
    lua_pushstring(L, f->name);
    const void *key = lua_topointer(L, -1);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    uint32_t s = slot_of(m, key);
    while (m->slot[s].key != NULL && m->slot[s].key != key) s = (s + 1) & m->mask;
    m->slot[s].key = key;
    record_find(root, f->name, strlen(f->name), &m->slot[s].field);
    slot_access(&m->slot[s]);
  }
}

static int free_box(lua_State *L) {
  void **box = lua_touserdata(L, 1);
  free(*box);
  *box = NULL;
  return 0;
}

/* Pushes a box that frees *p when an error comes between. */
static void **push_box(lua_State *L) {
  void **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, free_box);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return box;
}

static void list_meta(gffi_state *st, struct ctype_meta *m) {
  pthread_mutex_lock(&st->mtx);
  m->next = st->metas;
  st->metas = m;
  pthread_mutex_unlock(&st->mtx);
}

/* Builds the metatable of ct and leaves it on the stack; returns what is published. */
static struct ctype_meta *build_meta(lua_State *L, ctype *ct) {
  uint32_t n = 0, cap = 1;
  bool record = ct->kind == CK_RECORD && ctype_is_complete(ct);
  if (record) n = count_names(ct, 64);
  while (cap < n * 2) cap *= 2;
  void **box = push_box(L);
  struct ctype_meta *m = calloc(1, sizeof *m + cap * sizeof m->slot[0]), *none = NULL;
  if (m == NULL) gffi_raise(L, "not enough memory");
  *box = m;
  m->mask = cap - 1;
  lua_createtable(L, 0, 32);
  luaL_setfuncs(L, cdata_metamethods, 0);
  element_metamethods(L, ct);
  arith_register(L);
  lua_pushliteral(L, "ffi");
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "cdata");
  lua_setfield(L, -2, "__name");
  lua_createtable(L, (int)n, 0);
  if (record) add_names(L, m, ct, ct, 64);
  lua_rawseti(L, -2, 1); /* mt[1]: the strings */
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, meta_key(m, META_TABLE));
  *box = NULL;
  /* [ctype-meta] release: the slots are written before. Pairs with the acquire in meta_of. */
  if (!atomic_compare_exchange_strong_explicit(&ct->meta, &none, m, memory_order_acq_rel,
                                               memory_order_acquire)) {
    lua_pushnil(L); /* another thread was first */
    lua_rawsetp(L, LUA_REGISTRYINDEX, meta_key(m, META_TABLE));
    free(m);
    lua_pop(L, 1);
    m = none;
    lua_rawgetp(L, LUA_REGISTRYINDEX, meta_key(m, META_TABLE));
  }
  if (none == NULL) list_meta(ct->st, m);
  lua_remove(L, -2); /* the box */
  return m;
}

static struct ctype_meta *meta_of(const ctype *ct) {
  /* [ctype-meta] acquire: pairs with build_meta. */
  return atomic_load_explicit(&ct->un->meta, memory_order_acquire);
}

struct ctype_meta *cdata_push_metatable(lua_State *L, ctype *ct) {
  struct ctype_meta *m = meta_of(ct);
  if (m == NULL) return build_meta(L, ct->un);
  lua_rawgetp(L, LUA_REGISTRYINDEX, meta_key(m, META_TABLE));
  return m;
}

/* The record whose metatype applies to a value of type ct: itself or what it points to. */
static ctype *meta_owner(ctype *ct) {
  ct = ct->kind == CK_PTR && ct->base->kind == CK_RECORD ? ct->base->un : ct->un;
  return ct->origin != NULL ? ct->origin : ct;
}

bool cdata_push_usermeta(lua_State *L, ctype *ct, const char *event) {
  struct ctype_meta *m = meta_of(meta_owner(ct));
  if (m == NULL || !atomic_load_explicit(&m->has_user, memory_order_relaxed)) return false;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, meta_key(m, META_USER)) != LUA_TTABLE) {
    lua_pop(L, 1);
    return false;
  }
  lua_pushstring(L, event);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (!lua_isnil(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}

ctype *gffi_pointer_type(lua_State *L, ctype *base) {
  gffi_state *st = base->st;
  pthread_mutex_lock(&st->mtx);
  ctype *ct = ctype_ptr(st, base);
  pthread_mutex_unlock(&st->mtx);
  if (ct == NULL) gffi_raise(L, "not enough memory");
  return ct;
}

/* ------------------------------------------------------------------ objects */

static cdata *object(lua_State *L, ctype *ct, size_t extra, int nuv) {
  cdata *cd = lua_newuserdatauv(L, sizeof *cd + extra, nuv);
  cd->cookie = (uintptr_t)cd ^ (COOKIE | ct->access);
  cd->ct = ct;
  cd->p = &cd->nelem;
  cd->nelem = 0;
  return cd;
}

cdata *cdata_new(lua_State *L, ctype *ct, size_t size, size_t nelem) {
  size_t align = ctype_align(ct);
  bool inside = size <= sizeof(size_t) && !ctype_is_aggregate(ct);
  if (size > SIZE_MAX / 4) luaL_error(L, "not enough memory for %s", "a C value of this size");
  size_t slack = align > _Alignof(void *) ? align : 0;
  cdata *cd = object(L, ct, inside ? 0 : size + slack, 0);
  if (!inside) {
    uintptr_t at = (uintptr_t)(cd + 1);
    size_t up = (align - at % align) % align;
    cd->p = (char *)(cd + 1) + up;
    memset(cd->p, 0, size);
    cd->nelem = nelem;
  }
  cdata_push_metatable(L, ct);
  lua_setmetatable(L, -2);
  return cd;
}

static void set_anchor(lua_State *L, int anchor) {
  lua_pushvalue(L, anchor);
  lua_setiuservalue(L, -2, 1);
}

cdata *cdata_ref(lua_State *L, ctype *ct, void *p, size_t nelem, int anchor) {
  cdata *cd = object(L, ct, 0, anchor != 0);
  cd->p = p;
  cd->nelem = nelem;
  if (anchor != 0) set_anchor(L, anchor);
  cdata_push_metatable(L, ct);
  lua_setmetatable(L, -2);
  return cd;
}

void cdata_bare_pointer(lua_State *L, ctype *ct, void *p) {
  cdata *cd = object(L, ct->un, 0, 0);
  memcpy(&cd->nelem, &p, sizeof p);
}

cdata *cdata_pointer(lua_State *L, ctype *ct, void *p, int anchor) {
  cdata *cd = object(L, ct->un, 0, anchor != 0);
  memcpy(&cd->nelem, &p, sizeof p);
  if (anchor != 0) set_anchor(L, anchor);
  cdata_push_metatable(L, ct);
  lua_setmetatable(L, -2);
  return cd;
}

/* One object for each type, as long as it is used. */
void ctype_push(lua_State *L, ctype *ct) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_ctypes);
  if (lua_rawgetp(L, -1, ct) == LUA_TNIL) {
    lua_pop(L, 1);
    cdata *cd = object(L, ct->st->t_ctype, 0, 0);
    cd->p = ct;
    cdata_push_metatable(L, ct->st->t_ctype);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, ct);
  }
  lua_remove(L, -2);
}

static int state_gc(lua_State *L) {
  gffi_state **box = lua_touserdata(L, 1);
  if (*box != NULL) {
    lock_close(*box);
    gffi_state_destroy(*box);
  }
  *box = NULL;
  return 0;
}

static void weak_table(lua_State *L, const char *key, const char *mode) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushstring(L, mode);
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void cdata_open(lua_State *L, gffi_state *st) {
  gffi_state **box = lua_newuserdatauv(L, sizeof(void *), 0);
  *box = st;
  lock_open(st);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, state_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key_state);
  weak_table(L, &key_ctypes, "v");
  weak_table(L, &key_finalizers, "k");
}

/* ------------------------------------------------------------------ finalizers and metatypes */

static int cdata_gc(lua_State *L) {
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_finalizers);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, 2) == LUA_TNIL) return 0;
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  lua_rawset(L, 2);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  return 0;
}

/* What is in the table at -2, to the one on the top. */
static void copy_metatable(lua_State *L) {
  for (lua_pushnil(L); lua_next(L, -3) != 0;) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
}

/* Pushes the metatable with __gc: a copy of the other. */
static void push_gc_metatable(lua_State *L, ctype *ct) {
  struct ctype_meta *m = cdata_push_metatable(L, ct);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, meta_key(m, META_GC)) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 32);
    copy_metatable(L);
    lua_pushcfunction(L, cdata_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, meta_key(m, META_GC));
    copy_metatable(L); /* again: a metatype set before it was published is in the other alone */
  }
  lua_remove(L, -2);
}

/* cdata at `obj`, finalizer on the top (popped). */
void cdata_set_finalizer(lua_State *L, int obj) {
  const cdata *cd = lua_touserdata(L, obj);
  obj = lua_absindex(L, obj);
  bool none = lua_isnil(L, -1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_finalizers);
  lua_pushvalue(L, obj);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 2);
  if (none) return;
  push_gc_metatable(L, cd->ct);
  lua_setmetatable(L, obj);
}

void cdata_new_finalizer(lua_State *L, ctype *ct) {
  struct ctype_meta *m = meta_of(ct);
  if (m == NULL || !m->has_gc) return;
  if (cdata_push_usermeta(L, ct, "__gc")) cdata_set_finalizer(L, lua_gettop(L) - 1);
}

bool cdata_has_new(const ctype *ct) {
  struct ctype_meta *m = meta_of(ct);
  return m != NULL && m->has_new;
}

/* Copies the metamethods of the user's table (at idx) to the metatable on the top. */
static void copy_events(lua_State *L, int idx) {
  for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1)) {
    static const char *const ours[] = {"__index",     "__newindex", "__gc",  "__new",
                                       "__metatable", "__mode",     "__name"};
    bool skip = lua_type(L, -2) != LUA_TSTRING;
    for (size_t i = 0; !skip && i < sizeof ours / sizeof ours[0]; i++)
      skip = strcmp(lua_tostring(L, -2), ours[i]) == 0;
    if (skip) continue;
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -5);
  }
}

/* ffi.metatype: table at idx 2. */
void cdata_set_metatype(lua_State *L, ctype *ct) {
  char buf[CTYPE_REPR_MAX];
  struct ctype_meta *m = cdata_push_metatable(L, ct);
  if (atomic_exchange_explicit(&m->taken, true, memory_order_relaxed))
    luaL_error(L, "the metatype of '%s' is set already", ctype_repr(ct, "", buf, sizeof buf));
  copy_events(L, 2);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, meta_key(m, META_GC)) != LUA_TNIL) copy_events(L, 2);
  lua_pop(L, 2);
  lua_pushvalue(L, 2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, meta_key(m, META_USER));
  lua_getfield(L, 2, "__gc");
  m->has_gc = !lua_isnil(L, -1);
  lua_getfield(L, 2, "__new");
  m->has_new = !lua_isnil(L, -1);
  lua_pop(L, 2);
  atomic_store_explicit(&m->has_user, true,
                        memory_order_relaxed); /* the table is found by the core */
}

/* ------------------------------------------------------------------ members and elements */

static cdata *self(lua_State *L) {
  cdata *cd = cdata_test(L, 1);
  if (cd == NULL) gffi_raise(L, "cdata expected, got %s", luaL_typename(L, 1));
  return cd;
}

static int null_access(lua_State *L, const ctype *ct) {
  char buf[CTYPE_REPR_MAX];
  return luaL_error(L, "NULL pointer access ('%s')", ctype_repr(ct, "", buf, sizeof buf));
}

/* The user's __index or __newindex for a key that is no member. 1: done, its results are on the
 * stack; 0: there is none. */
static int user_access(lua_State *L, ctype *ct, const char *event, int nargs) {
  if (!cdata_push_usermeta(L, ct, event)) return 0;
  if (lua_isfunction(L, -1)) {
    lua_insert(L, 1);
    lua_settop(L, nargs + 1);
    lua_call(L, nargs, 1);
  } else {
    lua_pushvalue(L, 2);
    if (nargs == 2) {
      lua_gettable(L, -2);
    } else {
      lua_pushvalue(L, 3);
      lua_settable(L, -3);
    }
  }
  return 1;
}

static int no_member(lua_State *L, const ctype *ct) {
  char buf[CTYPE_REPR_MAX];
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
  ctype_repr(ct, "", buf, sizeof buf);
  if (key != NULL && ct->un->kind == CK_RECORD)
    return luaL_error(
        L, ctype_is_complete(ct) ? "'%s' has no member '%s'" : "'%s' is incomplete: no member '%s'",
        buf, key);
  return luaL_error(L, "'%s' cannot be indexed with %s", buf, value_repr(L, 2));
}

static bool find_slow(lua_State *L, ctype *rec, cfield *out) {
  size_t len;
  const char *key = lua_tolstring(L, 2, &len);
  if (meta_of(rec) == NULL && ctype_is_complete(rec)) { /* the next lookup is fast */
    cdata_push_metatable(L, rec);
    lua_pop(L, 1);
  }
  return record_find(rec, key, len, out);
}

/* The member named by the string at 2. `tmp` is room for one that is not in the slots. */
static const cfield *find_member(lua_State *L, ctype *rec, cfield *tmp) {
  const struct ctype_meta *m = meta_of(rec);
  if (m != NULL) {
    const void *key = lua_topointer(L, 2);
    uint32_t s = slot_of(m, key);
    for (; m->slot[s].key != NULL; s = (s + 1) & m->mask) {
      if (m->slot[s].key == key) return &m->slot[s].field;
    }
  }
  return find_slow(L, rec, tmp) ? tmp : NULL;
}

static void push_array_member(lua_State *L, const cdata *cd, const cfield *f, char *p) {
  size_t nelem = f->ct->nelem;
  if ((f->ct->flags & (CF_VLA | CF_OPEN)) != 0)
    nelem =
        (cd->ct->un->flags & CF_VLA) != 0 && cd->ct->kind == CK_RECORD ? cd->nelem : CD_UNBOUNDED;
  else if (f->last && nelem <= 1)
    nelem = CD_UNBOUNDED; /* the older way to write [] */
  cdata_ref(L, f->ct, p, nelem, 1);
}

static void push_member(lua_State *L, const cdata *cd, const cfield *f, char *p) {
  if (f->bitfield)
    conv_push_bits(L, f, p);
  else if (f->ct->kind == CK_ARRAY)
    push_array_member(L, cd, f, p + f->offset);
  else
    conv_push(L, f->ct, p + f->offset, 1);
}

/* Methods of function pointers. */
static int push_method(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"free", callback_free}, {"set", callback_set}, {"onerror", callback_onerror}};
  const char *key = lua_tostring(L, 2);
  for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
    if (strcmp(key, methods[i].name) != 0) continue;
    lua_pushcfunction(L, methods[i].func);
    return 1;
  }
  return 0;
}

/* T.method of a metatype, where T is a ctype object. */
static int index_ctype(lua_State *L, const cdata *cd) {
  ctype *ct = cd->p;
  if (user_access(L, ct, "__index", 2)) return 1;
  return no_member(L, ct);
}

static int index_complex(lua_State *L, const cdata *cd) {
  const char *key = lua_tostring(L, 2);
  int part = strcmp(key, "re") == 0 ? 0 : strcmp(key, "im") == 0 ? 1 : -1;
  size_t half = cd->ct->un->size / 2;
  gffi_state *st = cd->ct->st;
  ctype *ct = half == sizeof(float)    ? st->t_float
              : half == sizeof(double) ? st->t_double
                                       : st->t_ldouble;
  if (part < 0) return no_member(L, cd->ct);
  conv_push(L, ct, (char *)cd->p + (size_t)part * half, 0);
  return 1;
}

static int index_name(lua_State *L, const cdata *cd) {
  ctype *rec = cd->ct;
  char *p = cd->p;
  cfield tmp;
  if (rec->kind == CK_PTR) {
    rec = rec->base;
    memcpy(&p, cd->p, sizeof p);
  }
  if (rec->kind == CK_RECORD) {
    const cfield *f = find_member(L, rec->un, &tmp);
    if (f != NULL) {
      if (p == NULL) return null_access(L, cd->ct);
      push_member(L, cd, f, p);
      return 1;
    }
  } else if (cd->ct->kind == CK_CTYPE) {
    return index_ctype(L, cd);
  } else if (cd->ct->kind == CK_COMPLEX) {
    return index_complex(L, cd);
  } else if (ctype_is_funcptr(cd->ct) && push_method(L)) {
    return 1;
  }
  if (user_access(L, cd->ct, "__index", 2)) return 1;
  return no_member(L, rec);
}

static bool integer_key(lua_State *L, int64_t *out) {
  if (lua_isinteger(L, 2)) {
    *out = lua_tointeger(L, 2);
    return true;
  }
  if (lua_type(L, 2) == LUA_TNUMBER) {
    double d = lua_tonumber(L, 2);
    if (!(d > -0x1p53 && d < 0x1p53)) return false;
    *out = (int64_t)d;
    return true;
  }
  const cdata *cd = cdata_test(L, 2);
  if (cd == NULL || !ctype_is_integer(cd->ct)) return false;
  struct conv_ctx cx = {.st = cd->ct->st};
  *out = conv_integer(L, &cx, cd->ct->st->t_long, 2);
  return true;
}

static int bad_index(lua_State *L, const cdata *cd, int64_t k) {
  char buf[CTYPE_REPR_MAX];
  ctype_repr(cd->ct, "", buf, sizeof buf);
  return luaL_error(L, "index %I is outside of '%s' (%I elements)", (LUAI_UACINT)k, buf,
                    (LUAI_UACINT)cd->nelem);
}

/* The address of element k; raises where there is none. */
static char *element(lua_State *L, const cdata *cd, int64_t k) {
  const ctype *base = cd->ct->base;
  size_t size = ctype_size(base);
  char *p = cd->p;
  if (cd->ct->kind == CK_ARRAY) {
    if (cd->nelem != CD_UNBOUNDED && (uint64_t)k >= cd->nelem) bad_index(L, cd, k);
  } else {
    memcpy(&p, cd->p, sizeof p);
    if (p == NULL) null_access(L, cd->ct);
    if (size == CT_INCOMPLETE) {
      char buf[CTYPE_REPR_MAX];
      luaL_error(L, "'%s' cannot be indexed: the size of its elements is not known",
                 ctype_repr(cd->ct, "", buf, sizeof buf));
    }
  }
  return (char *)((uintptr_t)p + (uintptr_t)k * size);
}

static int index_element(lua_State *L, const cdata *cd) {
  int64_t k;
  if ((cd->ct->kind == CK_ARRAY || cd->ct->kind == CK_PTR) && integer_key(L, &k)) {
    conv_push(L, cd->ct->base, element(L, cd, k), 1);
    return 1;
  }
  if (cd->ct->kind == CK_COMPLEX && integer_key(L, &k) && (k == 0 || k == 1)) {
    lua_settop(L, 1);
    lua_pushstring(L, k == 0 ? "re" : "im");
    return index_complex(L, cd);
  }
  if (user_access(L, cd->ct->kind == CK_CTYPE ? (ctype *)cd->p : cd->ct, "__index", 2)) return 1;
  return no_member(L, cd->ct);
}

/* The common case without a call: a number in a record, reached by a name in the slots, or an
 * element of an array of numbers. The argument is ours: only debug.getmetatable shows __index to
 * anyone but the core. */
static bool index_fast(lua_State *L, const cdata *cd) {
  const char *p = cd->p;
  const ctype *ct = cd->ct;
  if (ct->elem_get != CP_NONE) {
    if (!lua_isinteger(L, 2)) return false;
    lua_Integer k = lua_tointeger(L, 2);
    if (ct->kind == CK_PTR) {
      memcpy(&p, cd->p, sizeof p);
      if (p == NULL) return false;
    } else if ((uint64_t)k >= cd->nelem) { /* CD_UNBOUNDED is the greatest */
      return false;
    }
    return conv_push_number(L, ct->elem_get,
                            (const char *)((uintptr_t)p + (uintptr_t)k * ct->elem_size));
  }
  if (ct->kind == CK_PTR) {
    memcpy(&p, cd->p, sizeof p);
    ct = ct->base;
  }
  const struct ctype_meta *m = meta_of(ct);
  if (m == NULL || p == NULL) return false;
  const void *key = lua_topointer(L, 2); /* of a string: which one it is */
  const struct name_slot *s = &m->slot[slot_of(m, key)];
  return s->key == key && key != NULL && conv_push_number(L, s->get, p + s->field.offset);
}

/* Out of line, so that the fast way saves no registers for it. */
static __attribute__((noinline)) int index_slow(lua_State *L) {
  const cdata *cd = self(L);
  return lua_type(L, 2) == LUA_TSTRING ? index_name(L, cd) : index_element(L, cd);
}

int cdata_index(lua_State *L) {
  const cdata *cd = lua_touserdata(L, 1);
  if (cd != NULL && is_cdata(cd) && index_fast(L, cd)) return 1;
  return index_slow(L);
}

static int write_const(lua_State *L, const ctype *ct, const char *name) {
  char buf[CTYPE_REPR_MAX];
  ctype_repr(ct, "", buf, sizeof buf);
  if (name != NULL) return luaL_error(L, "member '%s' of '%s' is const", name, buf);
  return luaL_error(L, "'%s' is const", buf);
}

static int newindex_name(lua_State *L, const cdata *cd) {
  ctype *rec = cd->ct;
  char *p = cd->p;
  cfield tmp;
  if (rec->kind == CK_PTR) {
    rec = rec->base;
    memcpy(&p, cd->p, sizeof p);
  }
  const cfield *f = rec->kind == CK_RECORD ? find_member(L, rec->un, &tmp) : NULL;
  if (f != NULL) {
    struct conv_ctx cx = {.st = rec->st, .field = f->name, .owner = rec};
    if (p == NULL) return null_access(L, cd->ct);
    if (f->is_const || (rec->quals & CQ_CONST) != 0) return write_const(L, rec, f->name);
    if (f->bitfield)
      conv_store_bits(L, &cx, f, p, 3);
    else
      conv_store(L, &cx, f->ct, p + f->offset, 3);
    return 0;
  }
  if (cd->ct->kind == CK_COMPLEX && (cd->ct->quals & CQ_CONST) == 0) {
    struct conv_ctx cx = {.st = rec->st, .func = "complex", .arg = 1};
    lua_Number v = conv_number(L, &cx, rec->st->t_double, 3);
    lua_settop(L, 2);
    index_complex(L, cd); /* checks the name */
    bool im = strcmp(lua_tostring(L, 2), "im") == 0;
    lua_createtable(L, 2, 0);
    for (int k = 0; k < 2; k++) {
      if (im == (k == 1)) {
        lua_pushnumber(L, v);
      } else {
        lua_pushstring(L, k == 0 ? "re" : "im");
        lua_replace(L, 2);
        index_complex(L, cd);
      }
      lua_rawseti(L, 4, k + 1);
    }
    conv_store(L, &cx, cd->ct, cd->p, 4);
    return 0;
  }
  if (user_access(L, cd->ct, "__newindex", 3)) return 0;
  return no_member(L, rec);
}

static bool newindex_fast(lua_State *L, const cdata *cd) {
  char *p = cd->p;
  const ctype *ct = cd->ct;
  if (ct->elem_set != CP_NONE) {
    if (!lua_isinteger(L, 2)) return false;
    lua_Integer k = lua_tointeger(L, 2);
    if (ct->kind == CK_PTR) {
      memcpy(&p, cd->p, sizeof p);
      if (p == NULL) return false;
    } else if ((uint64_t)k >= cd->nelem) { /* CD_UNBOUNDED is the greatest */
      return false;
    }
    return conv_store_number(L, ct->elem_set, (char *)((uintptr_t)p + (uintptr_t)k * ct->elem_size),
                             3);
  }
  if (ct->kind == CK_PTR) {
    memcpy(&p, cd->p, sizeof p);
    ct = ct->base;
  }
  const struct ctype_meta *m = meta_of(ct);
  if (ct->quals != 0 || m == NULL || p == NULL) return false;
  const void *key = lua_topointer(L, 2);
  const struct name_slot *s = &m->slot[slot_of(m, key)];
  return s->key == key && key != NULL && conv_store_number(L, s->set, p + s->field.offset, 3);
}

static __attribute__((noinline)) int newindex_slow(lua_State *L) {
  const cdata *cd = self(L);
  int64_t k;
  if (lua_type(L, 2) == LUA_TSTRING) return newindex_name(L, cd);
  if ((cd->ct->kind == CK_ARRAY || cd->ct->kind == CK_PTR) && integer_key(L, &k)) {
    struct conv_ctx cx = {.st = cd->ct->st, .field = "[]", .owner = cd->ct};
    if ((cd->ct->base->quals & CQ_CONST) != 0) return write_const(L, cd->ct, NULL);
    conv_store(L, &cx, cd->ct->base, element(L, cd, k), 3);
    return 0;
  }
  if (user_access(L, cd->ct, "__newindex", 3)) return 0;
  return no_member(L, cd->ct);
}

int cdata_newindex(lua_State *L) {
  const cdata *cd = lua_touserdata(L, 1);
  if (cd != NULL && is_cdata(cd) && newindex_fast(L, cd)) return 0;
  return newindex_slow(L);
}

/* Arrays of numbers and pointers to numbers have metamethods of their own for each type of element:
 * no switch, a constant size, one comparison for "a C value of such a type". What is out of the
 * ordinary goes the general way. */
#define ELEMENT(base, k, T) ((char *)((uintptr_t)(base) + (uintptr_t)(k) * sizeof(T)))

/* The array's begin, or NULL where it has no element k. */
static inline char *array_base(const cdata *cd, lua_Integer k) {
  return (uint64_t)k < cd->nelem ? cd->p : NULL;
}
static inline char *pointer_base(const cdata *cd, lua_Integer k) {
  char *p;
  (void)k;
  memcpy(&p, cd->p, sizeof p);
  return p;
}

/* At the begin of a cache line: the same speed whatever is linked before. */
#define HOT __attribute__((aligned(64)))
#define GET(NAME, ACCESS, base_of, T, push, as)                                                    \
  static HOT int NAME(lua_State *L) {                                                              \
    const cdata *cd = lua_touserdata(L, 1);                                                        \
    if (cd != NULL && has_access(cd, ACCESS, AC_CONST) && lua_isinteger(L, 2)) {                   \
      lua_Integer k = lua_tointegerx(L, 2, NULL);                                                  \
      const char *base = base_of(cd, k);                                                           \
      if (base != NULL) {                                                                          \
        T v;                                                                                       \
        memcpy(&v, ELEMENT(base, k, T), sizeof v);                                                 \
        push(L, (as)v);                                                                            \
        return 1;                                                                                  \
      }                                                                                            \
    }                                                                                              \
    return index_slow(L);                                                                          \
  }
#define SET(NAME, ACCESS, base_of, T, is, to, L_T, fits)                                           \
  static HOT int NAME(lua_State *L) {                                                              \
    const cdata *cd = lua_touserdata(L, 1);                                                        \
    if (cd != NULL && has_access(cd, ACCESS, 0) && is(L, 3) && lua_isinteger(L, 2)) {              \
      L_T value = to(L, 3, NULL);                                                                  \
      lua_Integer k = lua_tointegerx(L, 2, NULL);                                                  \
      char *base = base_of(cd, k);                                                                 \
      T v = (T)value;                                                                              \
      if (base != NULL && fits) {                                                                  \
        memcpy(ELEMENT(base, k, T), &v, sizeof v);                                                 \
        return 0;                                                                                  \
      }                                                                                            \
    }                                                                                              \
    return newindex_slow(L);                                                                       \
  }
#define ACCESS_INT(PRIM, T)                                                                        \
  GET(array_get_##PRIM, PRIM, array_base, T, lua_pushinteger, lua_Integer)                         \
  GET(pointer_get_##PRIM, PRIM | AC_POINTER, pointer_base, T, lua_pushinteger, lua_Integer)        \
  SET(array_set_##PRIM, PRIM, array_base, T, lua_isinteger, lua_tointegerx, lua_Integer,           \
      (lua_Integer)v == value)                                                                     \
  SET(pointer_set_##PRIM, PRIM | AC_POINTER, pointer_base, T, lua_isinteger, lua_tointegerx,       \
      lua_Integer, (lua_Integer)v == value)
#define ACCESS_FLOAT(PRIM, T)                                                                      \
  GET(array_get_##PRIM, PRIM, array_base, T, lua_pushnumber, lua_Number)                           \
  GET(pointer_get_##PRIM, PRIM | AC_POINTER, pointer_base, T, lua_pushnumber, lua_Number)          \
  SET(array_set_##PRIM, PRIM, array_base, T, is_number, lua_tonumberx, lua_Number, true)           \
  SET(pointer_set_##PRIM, PRIM | AC_POINTER, pointer_base, T, is_number, lua_tonumberx,            \
      lua_Number, true)

static inline bool is_number(lua_State *L, int idx) { return lua_type(L, idx) == LUA_TNUMBER; }

ACCESS_INT(CP_I8, int8_t)
ACCESS_INT(CP_U8, uint8_t)
ACCESS_INT(CP_I16, int16_t)
ACCESS_INT(CP_U16, uint16_t)
ACCESS_INT(CP_I32, int32_t)
ACCESS_INT(CP_U32, uint32_t)
ACCESS_INT(CP_I64, int64_t)
ACCESS_FLOAT(CP_F32, float)
ACCESS_FLOAT(CP_F64, double)

static void element_metamethods(lua_State *L, const ctype *ct) {
#define OWN(PRIM)                                                                                  \
  [PRIM] = { {array_get_##PRIM, array_set_##PRIM}, {pointer_get_##PRIM, pointer_set_##PRIM} }
  static const lua_CFunction own[][2][2] = {OWN(CP_I8),  OWN(CP_U8),  OWN(CP_I16),
                                            OWN(CP_U16), OWN(CP_I32), OWN(CP_U32),
                                            OWN(CP_I64), OWN(CP_F32), OWN(CP_F64)};
#undef OWN
  unsigned prim = ct->elem_get, pointer = ct->kind == CK_PTR;
  if (prim >= sizeof own / sizeof own[0] || own[prim][0][0] == NULL) return;
  lua_pushcfunction(L, own[prim][pointer][0]);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, own[prim][pointer][1]);
  lua_setfield(L, -2, "__newindex");
}

/* ------------------------------------------------------------------ call, tostring */

static int cdata_call(lua_State *L) {
  char buf[CTYPE_REPR_MAX];
  cdata *cd = self(L);
  if (cd->ct->kind == CK_CTYPE) return ctype_construct(L);
  if (ctype_is_funcptr(cd->ct) || cd->ct->kind == CK_FUNC) return call_cdata(L);
  if (cdata_push_usermeta(L, cd->ct, "__call")) {
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
  }
  return luaL_error(L, "'%s' cannot be called", ctype_repr(cd->ct, "", buf, sizeof buf));
}

static void push_complex(lua_State *L, const cdata *cd) {
  char buf[96];
  double v[2];
  for (int k = 0; k < 2; k++) {
    lua_settop(L, 1);
    lua_pushstring(L, k == 0 ? "re" : "im");
    index_complex(L, cd);
    v[k] = lua_tonumber(L, -1);
  }
  snprintf(buf, sizeof buf, "%.14g%s%.14gi", v[0], signbit(v[1]) ? "-" : "+", fabs(v[1]));
  lua_pushstring(L, buf);
}

static int cdata_tostring(lua_State *L) {
  char type[CTYPE_REPR_MAX], num[32];
  cdata *cd = self(L);
  if (cd->ct->kind == CK_CTYPE) {
    lua_pushfstring(L, "ctype<%s>", ctype_repr(cd->p, "", type, sizeof type));
    return 1;
  }
  if (cd->ct->kind == CK_PTR && cdata_push_usermeta(L, cd->ct, "__tostring")) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
  }
  uint64_t u;
  switch ((enum ctype_prim)cd->ct->un->prim) {
  case CP_I64:
  case CP_U64:
    memcpy(&u, cd->p, sizeof u);
    if (cd->ct->un->prim == CP_I64)
      snprintf(num, sizeof num, "%lldLL", (long long)u);
    else
      snprintf(num, sizeof num, "%lluULL", (unsigned long long)u);
    lua_pushstring(L, num);
    return 1;
  case CP_C32:
  case CP_C64:
  case CP_CLD: push_complex(L, cd); return 1;
  default: break;
  }
  ctype_repr(cd->ct, "", type, sizeof type);
  void *p = cdata_address(cd);
  if (p == NULL)
    lua_pushfstring(L, "cdata<%s>: NULL", type);
  else
    lua_pushfstring(L, "cdata<%s>: %p", type, p);
  return 1;
}
