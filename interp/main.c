/* main.c: the gilt command. Its words are understood by Lua (scripts/lab/main.lua) in an
 * interpreter of their own; a script that is to be run gets a fresh one (script.c). */
#include "embedded.h"
#include "observe.h"
#include "runtime_impl.h"
#include "schedule.h"
#include "script.h"
#include "version.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
  lua_pushboolean(L, GILT_OWN_CORE);
  lua_setfield(L, -2, "free");
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

/* ---- what was observed ---- */

struct findings {
  const struct script_plan *plan;
  char *dir;
  int status;
};

static void set_text(lua_State *L, const char *key, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

static void set_flag(lua_State *L, const char *key, bool flag) {
  lua_pushboolean(L, flag);
  lua_setfield(L, -2, key);
}

/* require("gilt.lab.observed").report{...} -> exit status */
static int call_report(lua_State *L) {
  struct findings *f = lua_touserdata(L, 1);
  preload_embedded(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "gilt.lab.observed");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "report");
  lua_newtable(L);
  set_text(L, "dir", f->dir);
  observe_push_files(L, f->dir);
  lua_setfield(L, -2, "files");
  set_text(L, "trace", f->plan->trace);
  set_text(L, "script", f->plan->script);
  set_text(L, "mode", f->plan->mode);
  set_flag(L, "gil_stats", f->plan->gil_stats);
  set_flag(L, "timeline", f->plan->trace_timeline);
  lua_call(L, 1, 1);
  if (f->status == EXIT_SUCCESS) f->status = (int)luaL_checkinteger(L, -1);
  return 0;
}

static void report(struct findings *f) {
  gilt_runtime *rt;
  if (gilt_open(NULL, &rt) != GILT_OK) {
    f->status = EXIT_FAILURE;
    return;
  }
  lua_State *L = gilt_state(rt);
  lua_pushcfunction(L, rt_traceback);
  lua_pushcfunction(L, call_report);
  lua_pushlightuserdata(L, f);
  if (lua_pcall(L, 1, 0, -3) != LUA_OK) {
    fprintf(stderr, "gilt: %s\n", lua_tostring(L, -1));
    f->status = EXIT_FAILURE;
  }
  gilt_close(rt);
}

static struct findings *unreported;
static pid_t reporter;

/* os.exit in the script: the process ends without coming back to run_plan. */
static void report_at_exit(void) {
  if (unreported == NULL || getpid() != reporter) return;
  rt_set_observer(NULL);
  report(unreported);
  observe_end(unreported->dir);
}

/* Runs the script, watched if the plan says so. */
static int run_plan(const struct script_plan *plan, const char *self) {
  if (!plan->gil_stats && plan->trace == NULL) return script_run(plan, self);
  struct observe_plan what = {.gil_stats = plan->gil_stats, .capacity = plan->trace_capacity};
  if (plan->trace != NULL) what.trace = plan->trace_all ? GIL_TRACE_ALL : GIL_TRACE_CONTENDED;
  char *dir;
  static struct findings f;
  atexit(report_at_exit); /* before observe_start registers its own: they run in reverse */
  int rc = observe_start(&what, &dir);
  if (rc != GILT_OK) {
    fprintf(stderr, "gilt: cannot watch the lock: %s\n",
            rc == GILT_ESYS ? strerror(errno) : gilt_strerror(rc));
    return EXIT_FAILURE;
  }
  f = (struct findings){.plan = plan, .dir = dir};
  reporter = getpid();
  unreported = &f;
  f.status = script_run(plan, self);
  unreported = NULL;
  rt_set_observer(NULL);
  report(&f);
  observe_end(dir);
  return f.status;
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
    if (c.plan->schedule != NULL) schedule_fix_addresses(argv);
    c.status = run_plan(c.plan, argv[0]);
    script_plan_free(c.plan);
  }
  return c.status;
}
