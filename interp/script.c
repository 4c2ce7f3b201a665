/* script.c: see script.h. */
#include "script.h"
#include "run_script.h"
#include "runtime_impl.h"
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

enum { EXIT_ERROR = 1, EXIT_INTERRUPTED = 130 };

/* ---- the plan ---- */

static char *copy_field(lua_State *L, int index, const char *key) {
  char *copy = NULL;
  if (lua_getfield(L, index, key) == LUA_TSTRING && (copy = strdup(lua_tostring(L, -1))) == NULL)
    luaL_error(L, "not enough memory");
  lua_pop(L, 1);
  return copy;
}

static char **copy_list(lua_State *L, int index, const char *key, int *count) {
  lua_getfield(L, index, key);
  int n = (int)lua_rawlen(L, -1);
  char **list = calloc((size_t)n + 1, sizeof *list);
  if (list == NULL) luaL_error(L, "not enough memory");
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, -1, i + 1);
    list[i] = strdup(lua_tostring(L, -1));
    lua_pop(L, 1);
    if (list[i] == NULL) luaL_error(L, "not enough memory");
  }
  lua_pop(L, 1);
  *count = n;
  return list;
}

static lua_Integer integer_field(lua_State *L, int index, const char *key) {
  lua_getfield(L, index, key);
  lua_Integer n = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return n;
}

static bool flag_field(lua_State *L, int index, const char *key) {
  lua_getfield(L, index, key);
  bool set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return set;
}

struct script_plan *script_plan_read(lua_State *L, int index) {
  index = lua_absindex(L, index);
  struct script_plan *p = calloc(1, sizeof *p);
  if (p == NULL) luaL_error(L, "not enough memory"); /* the process ends: nothing to give back */
  p->script = copy_field(L, index, "script");
  p->args = copy_list(L, index, "args", &p->nargs);
  p->execute = copy_list(L, index, "execute", &p->nexecute);
  p->mode = copy_field(L, index, "mode");
  p->workers = (int)integer_field(L, index, "workers");
  p->policy = copy_field(L, index, "policy");
  p->interval_ns = (uint64_t)integer_field(L, index, "interval");
  p->memory_limit = (size_t)integer_field(L, index, "memory");
  p->gil_stats = flag_field(L, index, "gil_stats");
  p->trace = copy_field(L, index, "trace");
  p->trace_all = flag_field(L, index, "trace_all");
  p->trace_timeline = flag_field(L, index, "trace_timeline");
  p->trace_capacity = (uint32_t)integer_field(L, index, "trace_capacity");
  p->schedule = copy_field(L, index, "schedule");
  p->schedule_report = copy_field(L, index, "schedule_report");
  p->schedule_limit_s = (unsigned)integer_field(L, index, "schedule_limit");
  p->schedule_trace = flag_field(L, index, "schedule_trace");
  return p;
}

static void free_list(char **list, int n) {
  for (int i = 0; i < n; i++) free(list[i]);
  free(list);
}

void script_plan_free(struct script_plan *p) {
  if (p == NULL) return;
  free(p->script);
  free_list(p->args, p->nargs);
  free_list(p->execute, p->nexecute);
  free(p->mode);
  free(p->policy);
  free(p->trace);
  free(p->schedule);
  free(p->schedule_report);
  free(p);
}

/* ---- running ---- */

struct job {
  const struct script_plan *plan;
  const char *self;
};

static int message(lua_State *L) {
  const char *msg = lua_tostring(L, 1);
  if (msg == NULL) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
    msg = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  luaL_traceback(L, L, msg, 1);
  return 1;
}

/* The global `arg`, as lua makes it: the script at 0, its arguments from 1 on, gilt before. */
static void create_arg(lua_State *L, const struct job *j) {
  lua_createtable(L, j->plan->nargs, 2);
  lua_pushstring(L, j->self);
  lua_rawseti(L, -2, -1);
  if (j->plan->script != NULL) {
    lua_pushstring(L, j->plan->script);
    lua_rawseti(L, -2, 0);
  }
  for (int i = 0; i < j->plan->nargs; i++) {
    lua_pushstring(L, j->plan->args[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setglobal(L, "arg");
}

static int run_all(lua_State *L) {
  const struct job *j = lua_touserdata(L, 1);
  const struct script_plan *p = j->plan;
  create_arg(L, j);
  for (int i = 0; i < p->nexecute; i++) {
    if (luaL_loadbuffer(L, p->execute[i], strlen(p->execute[i]), "=(command line)") != LUA_OK)
      return lua_error(L);
    lua_call(L, 0, 0);
  }
  if (p->script == NULL) return 0;
  const char *path = strcmp(p->script, "-") == 0 ? NULL : p->script;
  if (luaL_loadfile(L, path) != LUA_OK) return lua_error(L);
  luaL_checkstack(L, p->nargs, "too many arguments to script");
  for (int i = 0; i < p->nargs; i++) lua_pushstring(L, p->args[i]);
  lua_call(L, p->nargs, 0);
  return 0;
}

/* What each worker does. Reports its errors; returns the exit status. */
static int run_job(lua_State *L, void *job) {
  int top = lua_gettop(L);
  lua_pushcfunction(L, message);
  lua_pushcfunction(L, run_all);
  lua_pushlightuserdata(L, job);
  int status = lua_pcall(L, 1, 0, top + 1);
  if (status != LUA_OK) {
    fflush(stdout);
    const char *msg = lua_tostring(L, -1);
    fprintf(stderr, "gilt: %s\n", msg != NULL ? msg : "(error object is not a string)");
    fflush(stderr);
    schedule_failed(rt_self(), "error", msg != NULL ? msg : "(error object is not a string)");
  }
  lua_settop(L, top);
  if (interrupt_came()) return EXIT_INTERRUPTED;
  return status == LUA_OK ? EXIT_SUCCESS : EXIT_ERROR;
}

/* Ctrl-C has its default effect under a schedule: there a signal is no event that could be told
 * again. */
static int run_scheduled(const gilt_options *opt, struct job *job) {
  const struct script_plan *p = job->plan;
  struct schedule_plan plan = {
      .report = p->schedule_report, .trace = p->schedule_trace, .limit_s = p->schedule_limit_s};
  gilt_runtime *rt = NULL;
  int rc = schedule_parse(p->schedule, &plan) ? GILT_OK : GILT_EINVAL;
  if (rc == GILT_OK) {
    schedule_fix_heap();
    rt_core_fix_seed();
    rc = gilt_open(opt, &rt);
  }
  if (rc == GILT_OK) rc = schedule_start(rt, &plan);
  if (rc != GILT_OK) {
    fprintf(stderr, "gilt: cannot start under the schedule %.60s: %s\n", p->schedule,
            gilt_strerror(rc));
    gilt_close(rt);
    return EXIT_ERROR;
  }
  int status = run_job(gilt_state(rt), job);
  rt_wait_threads(rt);
  if (!schedule_finish()) status = EXIT_ERROR;
  gilt_close(rt);
  return status;
}

static int run_serial(const gilt_options *opt, struct job *job) {
  gilt_runtime *rt;
  int rc = gilt_open(opt, &rt);
  if (rc != GILT_OK) {
    fprintf(stderr, "gilt: cannot start: %s\n", gilt_strerror(rc));
    return EXIT_ERROR;
  }
  interrupt_on_sigint(rt_self());
  int status = run_job(gilt_state(rt), job);
  /* Ctrl-C ended the main thread: the others are to end too. */
  if (status == EXIT_INTERRUPTED) rt_interrupt_others(rt, rt_self());
  rt_wait_threads(rt); /* a script ends when its last thread has */
  if (status == EXIT_SUCCESS && interrupt_came()) status = EXIT_INTERRUPTED;
  interrupt_on_sigint(NULL);
  gilt_close(rt);
  return status;
}

int script_run(const struct script_plan *plan, const char *self) {
  gilt_options opt = {.policy = plan->policy,
                      .interval_ns = plan->interval_ns,
                      .memory_limit = plan->memory_limit,
                      .open_libs = true};
  struct job job = {.plan = plan, .self = self};
  if (plan->schedule != NULL) return run_scheduled(&opt, &job);
  if (strcmp(plan->mode, "serial") == 0) return run_serial(&opt, &job);
  return run_script_workers(plan->mode, plan->workers, &opt, run_job, &job);
}
