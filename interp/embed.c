/* embed.c: the embedding API of gilt.h that is not about going in and out (runtime.c). */
#include "thread.h"

#include <stdlib.h>
#include <string.h>

int gilt_enter(gilt_runtime *rt) {
  lua_State *ignored;
  return rt_enter(rt, &ignored);
}

void gilt_leave(gilt_runtime *rt) { rt_leave(rt); }

static rt_thread *inside(gilt_runtime *rt) {
  rt_thread *t = rt_self();
  return t != NULL && t->rt == rt && t->inside ? t : NULL;
}

lua_State *gilt_state(gilt_runtime *rt) {
  rt_thread *t = inside(rt);
  return t != NULL ? rt_top(t) : NULL;
}

gil *gilt_lock(gilt_runtime *rt) { return rt->lock; }

void gilt_allow_threads_begin(gilt_runtime *rt) {
  (void)rt;
  rt_block_begin(rt_self(), GIL_NATIVE);
}

void gilt_allow_threads_end(gilt_runtime *rt) {
  (void)rt;
  rt_block_end(rt_self());
}

int gilt_set_gil(gilt_runtime *rt, bool on) {
  (void)rt;
  return rt_set_gil(rt_self(), on);
}

/* ---- running code ---- */

static void keep_error(rt_thread *t, const char *msg) {
  free(t->error);
  t->error = strdup(msg != NULL ? msg : "(error object is not a string)");
}

const char *gilt_error(gilt_runtime *rt) {
  rt_thread *t = inside(rt);
  return t != NULL && t->error != NULL ? t->error : "";
}

struct chunk {
  const char *path, *code, *name;
};

/* Runs protected: even loading and the message handler may run out of memory. */
static int run_chunk(lua_State *L) {
  struct chunk *c = lua_touserdata(L, 1);
  int status = c->path != NULL ? luaL_loadfile(L, c->path)
                               : luaL_loadbuffer(L, c->code, strlen(c->code), c->name);
  if (status != LUA_OK) return lua_error(L);
  lua_call(L, 0, 0);
  return 0;
}

static int run(gilt_runtime *rt, struct chunk *c) {
  rt_thread *t = inside(rt);
  if (t == NULL) return GILT_EINVAL;
  lua_State *L = rt_top(t);
  if (!lua_checkstack(L, 4)) return GILT_ENOMEM;
  int top = lua_gettop(L);
  lua_pushcfunction(L, rt_traceback);
  lua_pushcfunction(L, run_chunk);
  lua_pushlightuserdata(L, c);
  int status = lua_pcall(L, 1, 0, top + 1);
  if (status != LUA_OK) keep_error(t, lua_tostring(L, -1));
  lua_settop(L, top);
  return status == LUA_OK ? GILT_OK : GILT_ESCRIPT;
}

int gilt_run_file(gilt_runtime *rt, const char *path) {
  return run(rt, &(struct chunk){.path = path});
}

int gilt_run_string(gilt_runtime *rt, const char *code, const char *chunkname) {
  return run(rt, &(struct chunk){.code = code, .name = chunkname != NULL ? chunkname : code});
}

/* ---- threads ---- */

struct gilt_thread {
  rt_task *task;
};

int gilt_spawn_string(gilt_runtime *rt, const char *code, const char *chunkname,
                      gilt_thread **thread_out) {
  rt_thread *t = inside(rt);
  if (!GILT_GIL) return GILT_EUNSUPPORTED;
  if (t == NULL) return GILT_EINVAL;
  if (rt_closing(rt)) return GILT_ECLOSED;
  lua_State *L = rt_top(t);
  if (!lua_checkstack(L, 4)) return GILT_ENOMEM;
  int rc = GILT_ENOMEM, top = lua_gettop(L);
  if (luaL_loadbuffer(L, code, strlen(code), chunkname != NULL ? chunkname : code) != LUA_OK) {
    keep_error(t, lua_tostring(L, -1));
    lua_settop(L, top);
    return GILT_ESCRIPT;
  }
  gilt_thread *thread = calloc(1, sizeof *thread);
  if (thread == NULL) goto fail;
  if ((thread->task = rt_task_new(L, 0, chunkname)) == NULL) goto free_thread;
  if (rt_task_start(L, thread->task) != 0) goto unref;
  lua_settop(L, top);
  *thread_out = thread;
  return GILT_OK;
unref:
  rt_task_unref(thread->task);
free_thread:
  free(thread);
fail:
  lua_settop(L, top);
  return rc;
}

static char *error_text(rt_task *task) {
  const char *msg = lua_type(task->L, -1) == LUA_TSTRING ? lua_tostring(task->L, -1)
                                                         : "(error object is not a string)";
  return strdup(msg);
}

int gilt_join(gilt_thread *thread, char **error_out) {
  rt_task *task = thread->task;
  gilt_runtime *rt = task->rt;
  lua_State *ignored;
  int rc = rt_enter(rt, &ignored);
  if (rc != GILT_OK) return rc;
  while (rt_task_join(rt_self(), task, UINT64_MAX) == GILT_EINTERRUPTED)
    rt_clear_interrupt(rt_self());
  bool failed = rt_task_state(task) == TASK_FAILED;
  if (failed && error_out != NULL) *error_out = error_text(task);
  rt_task_unref(task);
  rt_leave(rt);
  free(thread);
  return failed ? GILT_ESCRIPT : GILT_OK;
}
