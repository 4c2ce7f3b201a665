/* main.c: the gilt command. Its words are understood by Lua (scripts/lab/main.lua) in an
 * interpreter of their own; a script that is to be run gets a fresh one (script.c). */
#include "embedded.h"
#include "runtime_impl.h"
#include "script.h"
#include "version.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static int load_embedded(lua_State *L) {
  const struct embedded *m = lua_touserdata(L, lua_upvalueindex(1));
  if (luaL_loadbuffer(L, m->code, (size_t)(m->end - m->code), lua_pushfstring(L, "=%s", m->name)) !=
      LUA_OK)
    return lua_error(L);
  lua_pushstring(L, m->name);
  lua_call(L, 1, 1);
  return 1;
}

static void preload_embedded(lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  for (const struct embedded *m = embedded_modules; m->name != NULL; m++) {
    lua_pushlightuserdata(L, (void *)(uintptr_t)m);
    lua_pushcclosure(L, load_embedded, 1);
    lua_setfield(L, -2, m->name);
  }
  lua_pop(L, 1);
}

static void push_build(lua_State *L) {
  lua_newtable(L);
  lua_pushboolean(L, GILT_GIL);
  lua_setfield(L, -2, "gil");
  version_push(L);
  lua_setfield(L, -2, "version");
  lua_newtable(L);
#if GILT_GIL
  const char *const *names = gil_policy_names();
  for (int i = 0; names[i] != NULL; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, i + 1);
  }
#endif
  lua_setfield(L, -2, "policies");
}

struct command {
  int argc;
  char **argv;
  int status;
  struct script_plan *plan; /* what is to be run, or NULL */
};

/* Calls gilt.lab.main. */
static int dispatch(lua_State *L) {
  struct command *c = lua_touserdata(L, 1);
  preload_embedded(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "gilt.lab.main");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "main");
  lua_createtable(L, c->argc, 0);
  for (int i = 1; i < c->argc; i++) {
    lua_pushstring(L, c->argv[i]);
    lua_rawseti(L, -2, i);
  }
  push_build(L);
  lua_call(L, 2, 1);
  if (lua_istable(L, -1))
    c->plan = script_plan_read(L, -1);
  else
    c->status = (int)luaL_checkinteger(L, -1);
  return 0;
}

/* `gilt run SCRIPT [ARG...]` without options, the common case, needs no Lua to be understood. */
static bool is_plain_run(int argc, char **argv) {
  return argc >= 3 && strcmp(argv[1], "run") == 0 && argv[2][0] != '-' && argv[2][0] != '\0';
}

int main(int argc, char **argv) {
  if (is_plain_run(argc, argv)) {
    struct script_plan plan = {.script = argv[2],
                               .args = argv + 3,
                               .nargs = argc - 3,
                               .mode = (char[]){"serial"},
                               .workers = 1};
    return script_run(&plan, argv[0]);
  }
  struct command c = {.argc = argc, .argv = argv, .status = 0, .plan = NULL};
  gilt_runtime *rt;
  int rc = gilt_open(NULL, &rt);
  if (rc != GILT_OK) {
    fprintf(stderr, "gilt: cannot start: %s\n", gilt_strerror(rc));
    return EXIT_FAILURE;
  }
  lua_State *L = gilt_state(rt);
  lua_pushcfunction(L, rt_traceback);
  lua_pushcfunction(L, dispatch);
  lua_pushlightuserdata(L, &c);
  if (lua_pcall(L, 1, 0, -3) != LUA_OK) {
    fprintf(stderr, "gilt: %s\n", lua_tostring(L, -1));
    c.status = EXIT_FAILURE;
  }
  gilt_close(rt);
  if (c.plan != NULL) {
    c.status = script_run(c.plan, argv[0]);
    script_plan_free(c.plan);
  }
  return c.status;
}
