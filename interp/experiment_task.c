/* experiment_task.c: the Lua side of a sample: the workload's functions, called with whatever they
 * may do wrong kept in an exp_error. The workload of an interpreter lies in its registry. */
#include "runner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <errno.h>

/* Registry keys: the addresses. */
static char key_workload, key_params, key_ctx, key_results;

/* ---- errors, with their traceback kept apart ---- */

/* Is the function that raised coroutine.yield itself? Its message alone could be somebody's string.
 */
static bool raised_by_yield(lua_State *L) {
  lua_Debug ar;
  if (!lua_getstack(L, 1, &ar) || !lua_getinfo(L, "f", &ar)) return false;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, LUA_COLIBNAME);
  bool is =
      lua_istable(L, -1) && lua_getfield(L, -1, "yield") != LUA_TNIL && lua_rawequal(L, -1, -4);
  lua_settop(L, 1);
  return is;
}

static bool says_yield(const char *message) {
  return strcmp(message, "attempt to yield from outside a coroutine") == 0 ||
         strcmp(message, "attempt to yield across a C-call boundary") == 0;
}

/* Message handler; upvalue 1 is the exp_error to fill in. */
static int on_error(lua_State *L) {
  struct exp_error *error = lua_touserdata(L, lua_upvalueindex(1));
  lua_settop(L, 1);
  enum exp_fault kind = EXP_ERROR;
  if (lua_type(L, 1) == LUA_TSTRING && says_yield(lua_tostring(L, 1)) && raised_by_yield(L))
    kind = EXP_YIELD;
  const char *message = luaL_tolstring(L, 1, NULL);
  luaL_traceback(L, L, NULL, 1);
  exp_error_clear(error);
  exp_error_set(error, kind, 0, 0, message, lua_tostring(L, -1));
  return 1;
}

/* After a pcall with on_error that failed. Pops the error value. */
static void classify(lua_State *L, int status, struct exp_error *error) {
  if (status == LUA_ERRMEM) {
    exp_error_clear(error);
    exp_error_set(error, EXP_MEMORY, 0, 0, "not enough memory", NULL);
  } else if (error->kind == EXP_NONE) { /* the handler failed */
    const char *message =
        lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "error in the error object";
    exp_error_set(error, EXP_ERROR, 0, 0, message, NULL);
  }
  lua_pop(L, 1);
}

/* Calls a C function with a light userdata, protected. False: `error` says why. */
static bool protected_call(lua_State *L, lua_CFunction f, void *arg, struct exp_error *error) {
  if (!lua_checkstack(L, 8)) {
    exp_error_set(error, EXP_MEMORY, 0, 0, "not enough memory", NULL);
    return false;
  }
  lua_pushcfunction(L, f);
  lua_pushlightuserdata(L, arg);
  int status = lua_pcall(L, 1, 0, 0);
  if (status != LUA_OK) classify(L, status, error);
  return status == LUA_OK;
}

/* Within a protected call: calls the function below nargs arguments. Its error is kept; false then.
 */
static bool guarded(lua_State *L, int nargs, int nresults, struct exp_error *error) {
  int base = lua_gettop(L) - nargs;
  lua_pushlightuserdata(L, error);
  lua_pushcclosure(L, on_error, 1);
  lua_insert(L, base);
  int status = lua_pcall(L, nargs, nresults, base);
  lua_remove(L, base);
  if (status != LUA_OK) classify(L, status, error);
  return status == LUA_OK;
}

/* ---- load, setup, teardown ---- */

struct step {
  struct subject *s;
  struct exp_error error;
};

static void put_directory_first(lua_State *L, const char *file) {
  const char *slash = strrchr(file, '/');
  lua_getglobal(L, LUA_LOADLIBNAME);
  if (!lua_istable(L, -1) || lua_getfield(L, -1, "path") != LUA_TSTRING) {
    lua_settop(L, 1);
    return;
  }
  lua_pushlstring(L, slash != NULL ? file : ".", slash != NULL ? (size_t)(slash - file) : 1);
  lua_pushfstring(L, "%s/?.lua;%s", lua_tostring(L, -1), lua_tostring(L, -2));
  lua_setfield(L, 2, "path"); /* 1 the step, 2 package */
  lua_settop(L, 1);
}

static bool fail_load(struct step *step, lua_State *L) {
  exp_error_set(&step->error, EXP_LOAD, 0, 0, lua_tostring(L, -1), NULL);
  return false;
}

static bool load_chunk(lua_State *L, struct step *step) {
  const char *file = step->s->spec->file;
  struct stat st;
  if (stat(file, &st) == 0 && S_ISDIR(st.st_mode)) {
    lua_pushfstring(L, "cannot read %s: it is a directory", file);
    return fail_load(step, L);
  }
  if (luaL_loadfilex(L, file, "t") != LUA_OK) return fail_load(step, L);
  if (!guarded(L, 0, 1, &step->error)) {
    if (step->error.kind == EXP_ERROR) step->error.kind = EXP_LOAD;
    return false;
  }
  if (!lua_istable(L, -1)) {
    lua_pushfstring(L, "%s returned %s, not a table", file,
                    lua_isnil(L, -1) ? "nothing" : luaL_typename(L, -1));
    return fail_load(step, L);
  }
  if (lua_getfield(L, -1, "task") != LUA_TFUNCTION) {
    lua_pushfstring(L, "%s has no function `task`", file);
    return fail_load(step, L);
  }
  lua_pop(L, 1);
  return true;
}

static int load_step(lua_State *L) {
  struct step *step = lua_touserdata(L, 1);
  const struct exp_spec *spec = step->s->spec;
  put_directory_first(L, spec->file);
  if (!load_chunk(L, step)) return 0;
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key_workload);
  if (spec->params.len == 0) {
    lua_newtable(L);
  } else if (wire_decode(L, spec->params.bytes, spec->params.len) != GILT_OK) {
    return luaL_error(L, "the parameters did not arrive whole");
  }
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key_params);
  /* All places exist from the start, so that keeping a result never allocates. */
  lua_createtable(L, spec->tasks <= INT32_MAX ? (int)spec->tasks : 0, 0);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key_results);
  lua_pushboolean(L, 0);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key_ctx);
  return 0;
}

/* Runs a step; its error, if any, becomes the subject's. */
static bool run_step(struct subject *s, lua_State *L, int worker, lua_CFunction f,
                     enum exp_fault as) {
  struct step step = {.s = s};
  bool ok = protected_call(L, f, &step, &step.error) && step.error.kind == EXP_NONE;
  if (!ok) {
    if (step.error.kind == EXP_ERROR) step.error.kind = as;
    step.error.worker = worker;
    subject_fail_with(s, &step.error);
  }
  exp_error_clear(&step.error);
  return ok;
}

bool subject_load(struct subject *s, lua_State *L, int worker) {
  return run_step(s, L, worker, load_step, EXP_LOAD);
}

static bool push_method(lua_State *L, const char *name) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_workload);
  lua_getfield(L, -1, name);
  lua_remove(L, -2);
  return !lua_isnil(L, -1);
}

static int setup_step(lua_State *L) {
  struct step *step = lua_touserdata(L, 1);
  if (!push_method(L, "setup")) {
    lua_pushnil(L); /* tasks get nil */
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_ctx);
    return 0;
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_params);
  if (!guarded(L, 1, 1, &step->error)) return 0;
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key_ctx);
  return 0;
}

bool subject_setup(struct subject *s, lua_State *L, int worker, uint64_t *ns_out) {
  uint64_t start = rt_now_ns();
  bool ok = run_step(s, L, worker, setup_step, EXP_SETUP);
  *ns_out = rt_now_ns() - start;
  return ok;
}

static int teardown_step(lua_State *L) {
  struct step *step = lua_touserdata(L, 1);
  if (!push_method(L, "teardown")) return 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_ctx);
  if (guarded(L, 1, 0, &step->error) || step->error.message == NULL) return 0;
  lua_pushfstring(L, "in teardown: %s", step->error.message);
  char *text = strdup(lua_tostring(L, -1));
  if (text == NULL) return 0;
  free(step->error.message);
  step->error.message = text;
  return 0;
}

bool subject_teardown(struct subject *s, lua_State *L, int worker) {
  return run_step(s, L, worker, teardown_step, EXP_ERROR);
}

/* ---- tasks ---- */

enum { AT_HANDLER = 1, AT_TASK, AT_CTX, AT_RESULTS };

static int push_here(lua_State *L) {
  struct worker *w = lua_touserdata(L, 1);
  lua_pushlightuserdata(L, &w->error);
  lua_pushcclosure(L, on_error, 1);
  (void)push_method(L, "task");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_ctx);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_results);
  return 4;
}

bool worker_push(struct worker *w) {
  lua_State *L = w->L;
  lua_settop(L, 0);
  lua_pushcfunction(L, push_here);
  lua_pushlightuserdata(L, w);
  if (lua_pcall(L, 1, 4, 0) == LUA_OK) return true;
  lua_settop(L, 0);
  exp_error_set(&w->error, EXP_MEMORY, 0, w->number, "not enough memory", NULL);
  w->fail(w, &w->error);
  exp_error_clear(&w->error);
  return false;
}

bool worker_call(struct worker *w, uint64_t task) {
  lua_State *L = w->L;
  lua_pushvalue(L, AT_TASK);
  lua_pushvalue(L, AT_CTX);
  lua_pushinteger(L, (lua_Integer)task);
  int status = lua_pcall(L, 2, 1, AT_HANDLER);
  if (status == LUA_OK) return true;
  classify(L, status, &w->error);
  w->error.task = task;
  w->error.worker = w->number;
  return false;
}

void worker_keep_in_table(struct worker *w, uint64_t task) {
  lua_rawseti(w->L, AT_RESULTS, (lua_Integer)task); /* the place exists: no allocation */
  w->s->done_by[task - 1] = (uint32_t)w->number;
}

int worker_encode(lua_State *L, struct wire_buf *out, uint64_t task, int worker,
                  struct exp_error *error) {
  char why[WIRE_WHY], message[WIRE_WHY + 16];
  int rc = wire_encode(L, -1, out, why);
  if (rc == GILT_EINVAL) {
    (void)snprintf(message, sizeof message, "returned %s", why);
    exp_error_set(error, EXP_UNSENDABLE, task, worker, message, NULL);
  } else if (rc != GILT_OK) {
    exp_error_set(error, EXP_MEMORY, task, worker, "not enough memory to send the result", NULL);
  }
  return rc;
}

bool subject_collect(struct subject *s, lua_State *L, int worker) {
  bool ok = true;
  if (!lua_checkstack(L, 8)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_results);
  for (uint64_t i = 0; i < s->spec->tasks && ok; i++) {
    uint32_t by = s->done_by[i];
    if (by == 0 || (worker != 0 && by != (uint32_t)worker)) continue;
    struct exp_error error = {0};
    lua_rawgeti(L, -1, (lua_Integer)i + 1);
    ok = worker_encode(L, &s->report->results[i], i + 1, (int)by, &error) == GILT_OK;
    lua_pop(L, 1);
    if (!ok) subject_fail_with(s, &error);
    exp_error_clear(&error);
  }
  lua_pop(L, 1);
  return ok;
}

/* ---- check ---- */

static bool push_results(lua_State *L, const struct exp_report *report) {
  lua_createtable(L, report->tasks <= INT32_MAX ? (int)report->tasks : 0, 0);
  for (uint64_t i = 0; i < report->tasks; i++) {
    const struct wire_buf *r = &report->results[i];
    if (r->len == 0) continue;
    int rc = wire_decode(L, r->bytes, r->len);
    if (rc == GILT_ENOMEM) return luaL_error(L, "not enough memory") != 0;
    if (rc != GILT_OK)
      return luaL_error(L, "the result of task %d did not arrive whole", (int)i + 1) != 0;
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return true;
}

static int check_step(lua_State *L) {
  struct step *step = lua_touserdata(L, 1);
  if (!push_method(L, "check")) return 0;
  (void)push_results(L, step->s->report);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key_params);
  if (!guarded(L, 2, 2, &step->error)) return 0;
  if (lua_toboolean(L, -2)) {
    step->s->report->checked = true;
    return 0;
  }
  const char *message = lua_isnil(L, -1) ? "the answers are wrong" : luaL_tolstring(L, -1, NULL);
  exp_error_set(&step->error, EXP_CHECK, 0, 0, message, NULL);
  return 0;
}

bool subject_check(struct subject *s, lua_State *L) {
  return run_step(s, L, 0, check_step, EXP_CHECK);
}
