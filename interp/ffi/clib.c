/* clib.c: ffi.C and ffi.load: names of C libraries.
 *
 * A library is a table that keeps the functions and constants found so far, so that a second lookup
 * is a plain table access; a userdata behind it owns the handle. Whatever comes from a library
 * keeps that userdata, so the library stays loaded. */
#include "ffi_impl.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char key_clib; /* in the metatable of a library: its userdata */

struct clib *clib_at(lua_State *L, int idx) {
  if (lua_type(L, idx) != LUA_TTABLE || !lua_getmetatable(L, idx)) return NULL;
  lua_rawgetp(L, -1, &key_clib);
  struct clib *lib = lua_touserdata(L, -1);
  lua_pop(L, 2);
  return lib;
}

static int resolve_error(lua_State *L, const struct clib *lib, const char *name) {
  const char *why = dlerror();
  return luaL_error(L, "cannot resolve symbol '%s' in %s: %s", name,
                    lib->is_default ? "ffi.C" : lib->name,
                    why != NULL ? why : "its address is NULL");
}

struct found {
  enum csym_kind kind;
  ctype *ct;
  const char *name, *asmname;
  int64_t i;
  double d;
};

static bool find_name(gffi_state *st, const char *name, size_t len, struct found *out) {
  pthread_mutex_lock(&st->mtx);
  const csym *s = symtab_find(&st->names, name, len);
  if (s != NULL) {
    *out = (struct found){s->kind, s->ct, s->name, s->asmname != NULL ? s->asmname : s->name, 0, 0};
    if (s->kind == CS_FLOAT)
      out->d = s->d;
    else
      out->i = s->i;
  }
  pthread_mutex_unlock(&st->mtx);
  return s != NULL;
}

static void *address(lua_State *L, const struct clib *lib, const struct found *f) {
  void *p = dlsym(lib->handle, f->asmname);
  if (p == NULL) resolve_error(L, lib, f->asmname);
  return p;
}

static struct found lookup(lua_State *L, gffi_state *st, int idx) {
  struct found f;
  size_t len;
  const char *name = luaL_checklstring(L, idx, &len);
  if (!find_name(st, name, len, &f)) luaL_error(L, "missing declaration for symbol '%s'", name);
  if (f.kind == CS_TYPEDEF) luaL_error(L, "'%s' is declared as a type", name);
  return f;
}

/* __index: upvalues: the userdata, the state. */
static int clib_lookup(lua_State *L) {
  const struct clib *lib = lua_touserdata(L, lua_upvalueindex(1));
  gffi_state *st = lua_touserdata(L, lua_upvalueindex(2));
  struct found f = lookup(L, st, 2);
  if (f.kind == CS_INT) {
    if (f.i < 0 && (f.ct->un->flags & CF_UNSIGNED) != 0)
      conv_push_u64(L, st, (uint64_t)f.i);
    else
      lua_pushinteger(L, f.i);
  } else if (f.kind == CS_FLOAT) {
    lua_pushnumber(L, f.d);
  } else if (f.ct->kind == CK_FUNC) {
    lua_pushvalue(L, lua_upvalueindex(1));
    call_push_function(L, f.ct, address(L, lib, &f), f.name,
                       atomic_load_explicit(&lib->mode, memory_order_relaxed), -1);
  } else {
    lua_pushvalue(L, lua_upvalueindex(1));
    conv_push(L, f.ct, address(L, lib, &f), lua_gettop(L));
    if (!ctype_is_aggregate(f.ct)) return 1; /* a variable: its value may change */
  }
  lua_pushvalue(L, 2);
  lua_pushvalue(L, -2);
  lua_rawset(L, 1);
  cfunc *fn = call_function_at(L, -1); /* clib_set_mode looks for functions once, behind mode */
  int now = atomic_load_explicit(&lib->mode, memory_order_relaxed);
  if (fn != NULL && atomic_load_explicit(&fn->lock.mode, memory_order_relaxed) != now)
    lock_init(&fn->lock, now);
  return 1;
}

/* __newindex: the same upvalues. */
static int clib_assign(lua_State *L) {
  const struct clib *lib = lua_touserdata(L, lua_upvalueindex(1));
  gffi_state *st = lua_touserdata(L, lua_upvalueindex(2));
  struct found f = lookup(L, st, 2);
  struct conv_ctx cx = {.st = st, .func = f.name, .arg = 1};
  if (f.kind != CS_EXTERN || f.ct->kind == CK_FUNC || (f.ct->quals & CQ_CONST) != 0)
    return luaL_error(L, "'%s' is %s and cannot be set", f.name,
                      f.kind != CS_EXTERN     ? "a constant"
                      : f.ct->kind == CK_FUNC ? "a function"
                                              : "const");
  conv_store(L, &cx, f.ct, address(L, lib, &f), 3);
  return 0;
}

static int clib_gc(lua_State *L) {
  struct clib *lib = lua_touserdata(L, 1);
  if (lib->handle != NULL && !lib->is_default) dlclose(lib->handle);
  lib->handle = NULL;
  return 0;
}

static int clib_tostring(lua_State *L) {
  const struct clib *lib = lua_touserdata(L, lua_upvalueindex(1));
  lua_pushfstring(L, "library: %s", lib->is_default ? "default" : lib->name);
  return 1;
}

void clib_set_mode(lua_State *L, int idx, int mode) {
  struct clib *lib = clib_at(L, idx);
  if (lib == NULL) return;
  atomic_store_explicit(&lib->mode, mode, memory_order_relaxed);
  lua_pushvalue(L, idx);
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    cfunc *fn = call_function_at(L, -1);
    if (fn != NULL) lock_init(&fn->lock, mode);
  }
  lua_pop(L, 1);
}

/* The userdata that owns the handle, which the caller sets. */
static struct clib *push_owner(lua_State *L, const char *name, int mode) {
  size_t len = strlen(name) + 1;
  struct clib *lib = lua_newuserdatauv(L, sizeof *lib + len, 0);
  lib->handle = NULL;
  atomic_init(&lib->mode, mode);
  lib->is_default = false;
  memcpy(lib->name, name, len);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, clib_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return lib;
}

static void set_closure(lua_State *L, gffi_state *st, int owner, lua_CFunction f,
                        const char *event) {
  lua_pushvalue(L, owner);
  lua_pushlightuserdata(L, st);
  lua_pushcclosure(L, f, 2);
  lua_setfield(L, -2, event);
}

/* Pushes a library without a handle; the caller sets it. */
static struct clib *push_library(lua_State *L, gffi_state *st, const char *name, int mode) {
  struct clib *lib = push_owner(L, name, mode);
  int owner = lua_gettop(L);
  lua_newtable(L);
  lua_createtable(L, 0, 8);
  lua_pushvalue(L, owner);
  lua_rawsetp(L, -2, &key_clib);
  set_closure(L, st, owner, clib_lookup, "__index");
  set_closure(L, st, owner, clib_assign, "__newindex");
  set_closure(L, st, owner, clib_tostring, "__tostring");
  lua_pushliteral(L, "ffi");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_remove(L, owner);
  return lib;
}

void clib_open(lua_State *L, gffi_state *st) {
  struct clib *lib = push_library(L, st, "default", LOCK_RELEASE);
  lib->handle = RTLD_DEFAULT;
  lib->is_default = true;
}

/* "z" is libz.so; a name with a slash or a dot is left as it is. */
static const char *push_file_name(lua_State *L, const char *name) {
  if (strchr(name, '/') != NULL) return lua_pushstring(L, name);
  bool dot = strchr(name, '.') != NULL, lib = strncmp(name, "lib", 3) == 0;
  if (dot) return lua_pushfstring(L, "%s%s", lib ? "" : "lib", name);
  return lua_pushfstring(L, "%s%s.so", lib ? "" : "lib", name);
}

/* lib*.so can be a linker script: takes the first file that it names. */
static void *open_linker_script(const char *error, int flags) {
  char path[512], word[512];
  const char *colon = strchr(error, ':');
  void *handle = NULL;
  if (strstr(error, "invalid ELF header") == NULL && strstr(error, "file too short") == NULL)
    return NULL;
  if (colon == NULL || (size_t)(colon - error) >= sizeof path) return NULL;
  memcpy(path, error, (size_t)(colon - error));
  path[colon - error] = '\0';
  FILE *f = fopen(path, "re");
  if (f == NULL) return NULL;
  while (handle == NULL && fscanf(f, "%511s", word) == 1)
    if (word[0] == '/' && strstr(word, ".so") != NULL) handle = dlopen(word, flags);
  fclose(f);
  return handle;
}

static void *open_library(lua_State *L, const char *name, bool global) {
  int flags = RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL);
  const char *file = push_file_name(L, name);
  void *handle = dlopen(file, flags);
  if (handle == NULL) {
    const char *why = dlerror();
    lua_pushstring(L, why != NULL ? why : "no reason given");
    handle = open_linker_script(lua_tostring(L, -1), flags);
    if (handle == NULL) {
      dlerror();
      if (strcmp(file, name) != 0) handle = dlopen(name, flags); /* as it is, too */
      if (handle == NULL) luaL_error(L, "cannot load '%s': %s", name, lua_tostring(L, -1));
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return handle;
}

/* ffi.load(name [, global | {gil = mode, global = bool}]) */
int clib_load(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  if (name[0] == '\0') return luaL_argerror(L, 1, "the name of a library is empty");
  int mode = LOCK_RELEASE;
  bool global = lua_isboolean(L, 2) && lua_toboolean(L, 2);
  if (lua_istable(L, 2)) {
    if (lua_getfield(L, 2, "gil") != LUA_TNIL &&
        (lua_type(L, -1) != LUA_TSTRING || !lock_mode_parse(lua_tostring(L, -1), &mode)))
      return luaL_error(
          L, "bad argument #2 to 'load' (gil: \"release\", \"hold\" or \"auto\" expected, got %s)",
          value_repr(L, -1));
    lua_getfield(L, 2, "global");
    global = lua_toboolean(L, -1);
  }
  struct clib *lib = push_library(L, gffi_of(L), name, mode);
  lib->handle = open_library(L, name, global);
  return 1;
}
