/* lib_modules.c: C modules on a core whose threads run in parallel. Whatever `require` and
 * package.loadlib load is asked for the symbol of <gilt/module.h>; code of a module without it runs
 * in one thread at a time while the GIL is off (rt_core_guard_code), which is said once.
 *
 * rt->mtx guards the list of modules. */
#include "lib.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOL "gilt_module_parallel"

static const char an_address_of_ours = 0;

struct rt_module { /* without the symbol; lives as long as the runtime */
  struct rt_module *next;
  const void *base; /* where it is loaded; NULL: its code could not be guarded */
  bool told;
  char name[];
};

/* ---- the object that an address lies in ---- */

struct object {
  uintptr_t inside; /* looked for */
  uintptr_t lo, hi; /* its code */
};

static int find_code(struct dl_phdr_info *info, size_t size, void *arg) {
  struct object *o = arg;
  (void)size;
  uintptr_t lo = UINTPTR_MAX, hi = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *p = &info->dlpi_phdr[i];
    if (p->p_type != PT_LOAD || !(p->p_flags & PF_X)) continue;
    uintptr_t at = info->dlpi_addr + p->p_vaddr;
    if (at < lo) lo = at;
    if (at + p->p_memsz > hi) hi = at + p->p_memsz;
  }
  if (o->inside < lo || o->inside >= hi) return 0;
  o->lo = lo;
  o->hi = hi;
  return 1;
}

/* Does the object itself, not one that it depends on, have the symbol? */
static bool declares_itself(const Dl_info *where) {
  void *handle = dlopen(where->dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == NULL) return false;
  Dl_info found;
  const void *symbol = dlsym(handle, SYMBOL);
  bool yes = symbol != NULL && dladdr(symbol, &found) != 0 && found.dli_fbase == where->dli_fbase;
  dlclose(handle);
  return yes;
}

/* ---- the list ---- */

static void tell(const struct rt_module *m) {
  fprintf(stderr,
          "gilt: the C module '%s' does not say that threads may run it in parallel: while the "
          "GIL is off, one thread at a time does\n",
          m->name);
}

void rt_tell_modules(gilt_runtime *rt) {
  pthread_mutex_lock(&rt->mtx);
  for (struct rt_module *m = rt->modules; m != NULL; m = m->next) {
    if (!m->told) tell(m);
    m->told = true;
  }
  pthread_mutex_unlock(&rt->mtx);
}

void rt_free_modules(gilt_runtime *rt) {
  for (struct rt_module *m = rt->modules, *next; m != NULL; m = next) {
    next = m->next;
    free(m);
  }
  rt->modules = NULL;
}

/* NULL: no memory. The one that is there already, with *found. */
static struct rt_module *enter(gilt_runtime *rt, const void *base, const char *name, bool *found) {
  pthread_mutex_lock(&rt->mtx);
  struct rt_module *m = rt->modules;
  while (m != NULL && m->base != base) m = m->next;
  *found = m != NULL;
  if (m == NULL && (m = malloc(sizeof *m + strlen(name) + 1)) != NULL) {
    m->base = base;
    m->told = false;
    memcpy(m->name, name, strlen(name) + 1);
    m->next = rt->modules;
    rt->modules = m;
  }
  pthread_mutex_unlock(&rt->mtx);
  return m;
}

/* f was loaded just now, and nobody has called it. */
static void examine(lua_State *L, lua_CFunction f, const char *name) {
  rt_thread *t = rt_self();
  Dl_info where, own;
  struct object o = {.inside = (uintptr_t)f};
  if (dladdr((void *)o.inside, &where) == 0) return; /* NOLINT: a function's address */
  if (dladdr(&an_address_of_ours, &own) != 0 && own.dli_fbase == where.dli_fbase) return;
  if (declares_itself(&where) || dl_iterate_phdr(find_code, &o) == 0) return;
  bool found;
  struct rt_module *m = enter(t->rt, where.dli_fbase, name, &found);
  if (m == NULL) luaL_error(L, "not enough memory");
  if (!found && !rt_core_guard_code(L, (void *)o.lo, (void *)o.hi)) { /* NOLINT */
    m->base = NULL;                                                   /* the next one tries again */
    luaL_error(L, "not enough memory");
  }
  if (!rt_locks(t)) rt_tell_modules(t->rt);
}

/* ---- what loads C code ---- */

/* A searcher for C modules: upvalue 1 is the stock one, which gives the loader or a message. */
static int search_c(lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_call(L, 1, LUA_MULTRET);
  lua_CFunction f = lua_tocfunction(L, 2);
  if (f != NULL) examine(L, f, lua_tostring(L, 1));
  return lua_gettop(L) - 1;
}

static int load_lib(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_call(L, 2, LUA_MULTRET);
  lua_CFunction f = lua_tocfunction(L, 3);
  if (f != NULL) examine(L, f, lua_tostring(L, 1));
  return lua_gettop(L) - 2;
}

void rt_patch_modules(lua_State *L) {
  lua_getglobal(L, LUA_LOADLIBNAME);
  lua_getfield(L, -1, "loadlib");
  lua_pushcclosure(L, load_lib, 1);
  lua_setfield(L, -2, "loadlib");
  lua_getfield(L, -1, "searchers");
  for (int i = 3; i <= 4; i++) { /* modules of their own, and in a file with their root's name */
    lua_rawgeti(L, -1, i);
    lua_pushcclosure(L, search_c, 1);
    lua_rawseti(L, -2, i);
  }
  lua_pop(L, 2);
}
