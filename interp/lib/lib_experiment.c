/* lib_experiment.c: `require "gilt.experiment"`: takes one sample of a workload in one mode, and
 * says what it was taken on. Faults of a workload are part of a sample, never a Lua error; a wrong
 * spec is one.
 *
 * sample(spec) -> sample, now_ns(), ncores(), isatty(fd), columns(), environment(), workload_dir(),
 * apart(timeout_s, f, ...), catch_interrupts(on), interrupted(), modes(), policies(),
 * replacement(path) */
#include "lib.h"
#include "../experiment_env.h"
#include "../runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Ctrl-C: the first one sets a flag, the second one has its usual effect ---- */

static volatile sig_atomic_t interrupted;
static int interrupt_fd = -1; /* readable once interrupted, to end a wait that began just before */

static void on_interrupt(int sig) {
  int saved = errno;
  uint64_t one = 1;
  interrupted = 1;
  if (interrupt_fd >= 0) (void)!write(interrupt_fd, &one, sizeof one);
  errno = saved;
  (void)sig;
}

/* catch_interrupts(on): from now on SIGINT (and SIGTERM) set a flag, once; a second one ends the
 * program. */
static int exp_catch_interrupts(lua_State *L) {
  struct sigaction sa;
  memset(&sa, 0, sizeof sa);
  sa.sa_handler = lua_toboolean(L, 1) ? on_interrupt : SIG_DFL;
  sa.sa_flags = (int)SA_RESETHAND;
  if (interrupt_fd < 0) interrupt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (sigaction(SIGINT, &sa, NULL) != 0 || sigaction(SIGTERM, &sa, NULL) != 0)
    return luaL_fileresult(L, 0, NULL);
  lua_pushboolean(L, 1);
  return 1;
}

static int exp_interrupted(lua_State *L) {
  lua_pushboolean(L, interrupted);
  return 1;
}

static bool stop_wanted(void) {
  rt_thread *t = rt_self();
  return interrupted != 0 || (t != NULL && rt_interrupted(t));
}

/* ---- the spec ---- */

#define SAMPLE_TYPE "gilt.experiment.sample"

/* Everything a sample owns, so that an error on the way loses nothing. */
struct box {
  struct exp_spec spec;
  struct exp_report report;
};

static int box_gc(lua_State *L) {
  struct box *box = luaL_checkudata(L, 1, SAMPLE_TYPE);
  exp_spec_free(&box->spec);
  exp_report_fini(&box->report);
  return 0;
}

static struct box *new_box(lua_State *L) {
  struct box *box = lua_newuserdatauv(L, sizeof *box, 0);
  memset(box, 0, sizeof *box);
  if (luaL_newmetatable(L, SAMPLE_TYPE)) {
    lua_pushcfunction(L, box_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return box;
}

static int spec_error(lua_State *L, const char *field, const char *want) {
  return luaL_error(L, "bad field '%s' of a sample's spec: %s", field, want);
}

static char *string_field(lua_State *L, const char *field, bool needed) {
  int type = lua_getfield(L, 1, field);
  if (type == LUA_TNIL && !needed) {
    lua_pop(L, 1);
    return NULL;
  }
  if (type != LUA_TSTRING) spec_error(L, field, "a string is expected");
  char *text = strdup(lua_tostring(L, -1));
  lua_pop(L, 1);
  if (text == NULL) luaL_error(L, "not enough memory");
  return text;
}

static lua_Integer integer_field(lua_State *L, const char *field, lua_Integer min, lua_Integer max,
                                 bool needed) {
  int ok, type = lua_getfield(L, 1, field);
  if (type == LUA_TNIL && !needed) {
    lua_pop(L, 1);
    return 0;
  }
  lua_Integer value = lua_tointegerx(L, -1, &ok);
  if (!ok || type != LUA_TNUMBER || value < min || value > max)
    spec_error(L, field, lua_pushfstring(L, "an integer from %I to %I is expected", min, max));
  lua_pop(L, 1);
  return value;
}

static uint64_t timeout_ns(lua_Number seconds) {
  return seconds >= 1e9 ? 0 : (uint64_t)(seconds * 1e9) + 1; /* 30 years: none */
}

static uint64_t timeout_field(lua_State *L) {
  if (lua_getfield(L, 1, "timeout_s") == LUA_TNIL) {
    lua_pop(L, 1);
    return 0;
  }
  lua_Number seconds = lua_tonumber(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER || !(seconds > 0))
    spec_error(L, "timeout_s", "a positive number is expected");
  lua_pop(L, 1);
  return timeout_ns(seconds);
}

static void params_field(lua_State *L, struct exp_spec *spec) {
  char why[WIRE_WHY];
  int type = lua_getfield(L, 1, "params");
  if (type != LUA_TNIL && type != LUA_TTABLE) spec_error(L, "params", "a table is expected");
  if (type == LUA_TTABLE) {
    int rc = wire_encode(L, -1, &spec->params, why);
    if (rc == GILT_EINVAL) spec_error(L, "params", lua_pushfstring(L, "it is %s", why));
    if (rc != GILT_OK) luaL_error(L, "not enough memory");
  }
  lua_pop(L, 1);
}

static void read_spec(lua_State *L, struct exp_spec *spec) {
  luaL_checktype(L, 1, LUA_TTABLE);
  spec->file = string_field(L, "file", true);
  spec->policy = string_field(L, "policy", false);
  lua_getfield(L, 1, "mode");
  const char *mode = lua_tostring(L, -1);
  spec->runner = mode != NULL ? runner_find(mode) : NULL;
  if (spec->runner == NULL)
    spec_error(
        L, "mode",
        lua_pushfstring(L, "there is no mode \"%s\"", mode != NULL ? mode : luaL_typename(L, -1)));
  lua_pop(L, 1);
  spec->workers = (int)integer_field(L, "workers", 1, EXP_WORKERS_MAX, true);
  spec->tasks = (uint64_t)integer_field(L, "tasks", 1, EXP_TASKS_MAX, true);
  spec->interval_ns = (uint64_t)integer_field(L, "interval_ns", 0, INT64_MAX, false);
  spec->memory_limit = (size_t)integer_field(L, "memory_limit", 0, INT64_MAX, false);
  spec->timeout_ns = timeout_field(L);
  params_field(L, spec);
}

/* ---- the sample ---- */

static void set_count(lua_State *L, const char *key, uint64_t n) {
  lua_pushinteger(L, (lua_Integer)n);
  lua_setfield(L, -2, key);
}

static void set_text(lua_State *L, const char *key, const char *text) {
  if (text == NULL) return;
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

static void set_flag(lua_State *L, const char *key, bool on) {
  lua_pushboolean(L, on);
  lua_setfield(L, -2, key);
}

static void set_lock(lua_State *L, const struct exp_lock *lock) {
  lua_createtable(L, 0, 6);
  set_count(L, "hold_ns", lock->hold_ns);
  set_count(L, "wait_ns", lock->wait_ns);
  set_count(L, "acquisitions", lock->acquisitions);
  set_count(L, "contended", lock->contended);
  set_count(L, "switches_requested", lock->switches_requested);
  set_count(L, "switches_voluntary", lock->switches_voluntary);
  lua_setfield(L, -2, "gil_stats");
}

static void set_workers(lua_State *L, const struct exp_report *r) {
  uint64_t cpu = 0, runq = 0, nvcsw = 0, nivcsw = 0, minflt = 0, majflt = 0;
  lua_createtable(L, r->workers, 0);
  for (int i = 0; i < r->workers; i++) {
    const struct exp_worker *w = &r->per_worker[i];
    lua_createtable(L, 0, 4);
    set_count(L, "tasks", w->tasks);
    set_count(L, "cpu_ns", w->cpu_ns);
    set_count(L, "runq_ns", w->runq_ns);
    set_count(L, "wall_ns", w->finished_ns > r->started_ns ? w->finished_ns - r->started_ns : 0);
    lua_rawseti(L, -2, i + 1);
    cpu += w->cpu_ns;
    runq += w->runq_ns;
    nvcsw += w->nvcsw;
    nivcsw += w->nivcsw;
    minflt += w->minflt;
    majflt += w->majflt;
  }
  lua_setfield(L, -2, "per_worker");
  set_count(L, "cpu_ns", cpu);
  set_count(L, "runq_ns", runq);
  set_count(L, "nvcsw", nvcsw);
  set_count(L, "nivcsw", nivcsw);
  set_count(L, "minflt", minflt);
  set_count(L, "majflt", majflt);
}

static void set_results(lua_State *L, const struct exp_report *r) {
  lua_createtable(L, (int)r->tasks, 0);
  for (uint64_t i = 0; i < r->tasks; i++) {
    const struct wire_buf *b = &r->results[i];
    if (b->len == 0) continue;
    int rc = wire_decode(L, b->bytes, b->len);
    if (rc != GILT_OK) luaL_error(L, "the result of task %d: %s", (int)i + 1, gilt_strerror(rc));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "results");
}

static const char *signal_text(lua_State *L, int signal) {
  const char *name = sigabbrev_np(signal);
  return name != NULL ? lua_pushfstring(L, "SIG%s", name) : lua_pushfstring(L, "signal %d", signal);
}

static void push_error(lua_State *L, const struct exp_error *e) {
  lua_createtable(L, 0, 6);
  set_text(L, "kind", exp_fault_name(e->kind));
  set_text(L, "message", e->message != NULL ? e->message : "not enough memory for the message");
  set_text(L, "traceback", e->traceback);
  if (e->task != 0) set_count(L, "task", e->task);
  if (e->worker != 0) set_count(L, "worker", (uint64_t)e->worker);
  if (e->kind == EXP_EXIT) set_count(L, "status", (uint64_t)(int64_t)e->status);
  if (e->kind == EXP_SIGNAL) {
    (void)signal_text(L, e->signal);
    lua_setfield(L, -2, "signal");
  }
}

static void push_sample(lua_State *L, const struct box *box) {
  const struct exp_report *r = &box->report;
  lua_createtable(L, 0, 24);
  if (r->mode[0] != '\0') set_text(L, "mode", r->mode);
  set_text(L, "requested_mode", box->spec.runner->name);
  set_count(L, "workers", (uint64_t)r->workers);
  set_flag(L, "gil", r->gil);
  set_count(L, "tasks", r->tasks);
  set_count(L, "pid", (uint64_t)r->pid);
  set_count(L, "wall_ns", r->wall_ns);
  set_count(L, "startup_ns", r->startup_ns);
  set_count(L, "setup_ns", r->setup_ns);
  set_count(L, "peak_kb", r->peak_kb);
  set_workers(L, r);
  if (r->gil) set_lock(L, &r->lock);
  set_results(L, r);
  if (r->checked) set_flag(L, "check", true);
  if (r->interrupted) set_flag(L, "interrupted", true);
  if (r->error.kind == EXP_NONE) return;
  push_error(L, &r->error);
  lua_setfield(L, -2, "error");
}

static int exp_sample_(lua_State *L) {
  struct box *box = new_box(L);
  read_spec(L, &box->spec);
  if (!exp_report_init(&box->report, box->spec.workers, box->spec.tasks))
    return luaL_error(L, "not enough memory");
  exp_sample(&box->spec, interrupt_fd, stop_wanted, &box->report);
  if (rt_interrupted(rt_self())) return rt_raise_interrupt(L, rt_self());
  push_sample(L, box);
  return 1;
}

/* apart(timeout_s, f, ...): f(...) in a forked process, whatever it may do to that. Returns its
 * first result; otherwise nil and an error as a sample has it, its kind "interrupted" after Ctrl-C.
 * timeout_s nil: no limit. The child writes its stdout to stderr. */
static int exp_apart_(lua_State *L) {
  lua_Number seconds = luaL_optnumber(L, 1, 1e9);
  luaL_argcheck(L, seconds > 0, 1, "a positive number of seconds is expected");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  int nargs = lua_gettop(L) - 2;
  struct box *box = new_box(L);
  lua_replace(L, 1); /* kept alive below the function */
  if (!exp_report_init(&box->report, 1, 1)) return luaL_error(L, "not enough memory");
  const struct exp_report *r = &box->report;
  exp_apart(L, nargs, timeout_ns(seconds), interrupt_fd, stop_wanted, &box->report);
  if (rt_interrupted(rt_self())) return rt_raise_interrupt(L, rt_self());
  if (r->error.kind == EXP_NONE && r->results[0].len != 0) {
    int rc = wire_decode(L, r->results[0].bytes, r->results[0].len);
    return rc == GILT_OK ? 1 : luaL_error(L, "the result: %s", gilt_strerror(rc));
  }
  lua_pushnil(L);
  push_error(L, &r->error);
  if (r->interrupted) set_text(L, "kind", "interrupted");
  return 2;
}

/* ---- the rest ---- */

static int exp_now_ns(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)rt_now_ns());
  return 1;
}

static int exp_ncores(lua_State *L) {
  lua_pushinteger(L, env_cores());
  return 1;
}

static int exp_isatty(lua_State *L) {
  lua_Integer fd = luaL_checkinteger(L, 1);
  lua_pushboolean(L, fd >= 0 && fd <= INT_MAX && isatty((int)fd) == 1);
  return 1;
}

static int exp_columns(lua_State *L) {
  lua_pushinteger(L, env_columns());
  return 1;
}

static int exp_environment(lua_State *L) {
  struct env_item items[ENV_ITEMS_MAX];
  int n = env_describe(items, ENV_ITEMS_MAX);
  lua_createtable(L, 0, n + 3);
  for (int i = 0; i < n; i++) set_text(L, items[i].name, items[i].text);
  set_count(L, "cores", (uint64_t)env_cores());
  set_flag(L, "gil", GILT_GIL != 0);
  set_flag(L, "free", GILT_OWN_CORE != 0);
  return 1;
}

static int exp_workload_dir(lua_State *L) {
  struct env_paths *paths = lua_newuserdatauv(L, sizeof *paths, 0);
  env_workload_dirs(paths);
  lua_createtable(L, paths->count, 0);
  for (int i = 0; i < paths->count; i++) {
    lua_pushstring(L, paths->path[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* modes() -> list of { name, about }: those of this build. */
static int exp_modes(lua_State *L) {
  lua_newtable(L);
  for (int i = 0, n = 0; runners[i] != NULL; i++) {
    if (runners[i]->needs_gil && !GILT_GIL) continue;
    lua_createtable(L, 0, 2);
    set_text(L, "name", runners[i]->name);
    set_text(L, "about", runners[i]->about);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

static mode_t mode_for_new_file(void) {
  mode_t mask = umask(0);
  (void)umask(mask);
  return 0666 & ~mask;
}

/* replacement(path): makes an empty file beside `path`, for os.rename to put in its place once it
 * is complete, and returns its name. false: write to `path` itself, for it is no plain file (a
 * link, a device, a FIFO), or nothing can be made beside it. nil, message, errno: it cannot be
 * written. */
static int exp_replacement(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct stat st;
  bool exists = lstat(path, &st) == 0;
  if (exists && !S_ISREG(st.st_mode)) {
    lua_pushboolean(L, 0);
    return 1;
  }
  if (exists && access(path, W_OK) != 0) return luaL_fileresult(L, 0, path);
  lua_pushfstring(L, "%s.XXXXXX", path);
  size_t size = lua_rawlen(L, -1) + 1;
  char *name = lua_newuserdatauv(L, size, 0);
  memcpy(name, lua_tostring(L, -2), size);
  int fd = mkostemp(name, O_CLOEXEC);
  if (fd < 0 && exists) {
    lua_pushboolean(L, 0);
    return 1;
  }
  if (fd < 0) return luaL_fileresult(L, 0, path);
  (void)fchmod(fd, exists ? st.st_mode & 07777 : mode_for_new_file());
  (void)close(fd);
  lua_pushstring(L, name);
  return 1;
}

/* policies() -> list of the lock's policies, the default first; empty without a lock. */
static int exp_policies(lua_State *L) {
  lua_newtable(L);
#if GILT_GIL
  const char *const *names = gil_policy_names();
  for (int i = 0; names[i] != NULL; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, i + 1);
  }
#endif
  return 1;
}

int luaopen_gilt_experiment(lua_State *L) {
  static const luaL_Reg functions[] = {{"sample", exp_sample_},
                                       {"now_ns", exp_now_ns},
                                       {"ncores", exp_ncores},
                                       {"isatty", exp_isatty},
                                       {"columns", exp_columns},
                                       {"environment", exp_environment},
                                       {"workload_dir", exp_workload_dir},
                                       {"modes", exp_modes},
                                       {"policies", exp_policies},
                                       {"apart", exp_apart_},
                                       {"replacement", exp_replacement},
                                       {"catch_interrupts", exp_catch_interrupts},
                                       {"interrupted", exp_interrupted},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
