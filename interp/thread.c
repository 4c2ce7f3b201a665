/* thread.c: starting, ending and joining threads of a runtime. See thread.h. */
#include "thread.h"
#include "schedule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

rt_task *rt_task_new(lua_State *L, int nargs, const char *name) {
  rt_task *task = calloc(1, sizeof *task);
  if (task == NULL) return NULL;
  atomic_init(&task->refs, 1);
  pthread_mutex_init(&task->mtx, NULL);
  task->rt = rt_of(L);
  task->nargs = nargs;
  task->state = TASK_RUNNING;
  if (name != NULL) strncpy(task->name, name, sizeof task->name - 1);
  task->worker = rt_self()->worker;
  return task;
}

/* The GIL is held: the task's Lua state is let go. */
static void task_free(rt_thread *t, rt_task *task) {
  if (task->L != NULL) {
    lua_State *L = rt_service_begin(task->rt, t);
    if (L != NULL) { /* else it stays until the runtime closes */
      lua_pushnil(L);
      lua_rawsetp(L, LUA_REGISTRYINDEX, task); /* the key exists: no allocation, no error */
      rt_service_end(task->rt, t);
    }
  }
  pthread_mutex_destroy(&task->mtx);
  free(task);
}

void rt_task_unref(rt_task *task) {
  /* [refs] acq_rel: the last one sees what the others did. */
  if (atomic_fetch_sub_explicit(&task->refs, 1, memory_order_acq_rel) == 1)
    task_free(rt_self(), task);
}

enum rt_task_state rt_task_state(rt_task *task) {
  pthread_mutex_lock(&task->mtx);
  enum rt_task_state state = task->state;
  pthread_mutex_unlock(&task->mtx);
  return state;
}

/* ---- the new thread ---- */

int rt_traceback(lua_State *L) {
  const char *msg = lua_tostring(L, 1);
  if (msg == NULL) return 1; /* an error object keeps its identity */
  luaL_traceback(L, L, msg, 1);
  return 1;
}

void rt_task_report(rt_task *task) {
  lua_State *L = task->L;
  const char *msg = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, -1);
  const char *what = lua_type(L, -1) == LUA_TSTRING ? "" : "error object of type ";
  fprintf(stderr, "gilt: thread '%s' failed: %s%s\n", task->name, what, msg);
}

/* With the lock held: the outcome is complete. */
static void finish(rt_task *task, int status) {
  if (status != LUA_OK && !atomic_load_explicit(&task->claimed, memory_order_relaxed) &&
      atomic_load_explicit(&task->refs, memory_order_relaxed) == 1)
    rt_task_report(task);
  pthread_mutex_lock(&task->mtx);
  task->state = status == LUA_OK ? TASK_DONE : TASK_FAILED;
  task->nresults = status == LUA_OK ? lua_gettop(task->L) : 1;
  task->t = NULL;
  pthread_mutex_unlock(&task->mtx);
}

/* After the lock is given up, so that a woken thread finds it free. */
static void wake_joiners(rt_task *task) {
  pthread_mutex_lock(&task->mtx);
  for (struct rt_joiner *j = task->joiners; j != NULL; j = j->next) rt_unpark(j->t);
  pthread_mutex_unlock(&task->mtx);
}

static void drop_gc_state(rt_thread *t, lua_State *L) {
  if (t->gc_state == NULL) return;
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, t->gc_state);
  t->gc_state = NULL;
}

/* Takes the lock, and its turn in a schedule. False: no memory; the lock is held all the same. */
static bool start_inside(rt_thread *t) {
  rt_take(t);
  if (!rt_core_attach(t)) return false;
  rt_go_inside(t);
  if (t->turn != NULL) schedule_begin(t);
  return true;
}

static void run(rt_task *task, rt_thread *t) {
  lua_State *L = task->L;
  t->base = L;
  t->worker = task->worker;
  t->task = task;
#if GILT_GIL
  if (task->cls != GIL_CLASS_AUTO || task->priority != 0)
    gil_set_class(t->lock, task->cls, task->priority);
#endif
  if (rt_interrupted(t) && t->turn == NULL)
    rt_poke_self(t); /* interrupted before it could be signalled */
  t->entry[t->depth++] = RT_ENTRY_OUTSIDE;
  int status = LUA_ERRMEM;
  if (start_inside(t)) {
    rt_offer(t); /* the policy may have changed since the record was made */
    status = lua_pcall(L, task->nargs, LUA_MULTRET, 1);
    lua_remove(L, 1);
    drop_gc_state(t, t->rt->service);
    if (status != LUA_OK)
      schedule_thread_failed(t, L);
    else
      (void)lua_checkstack(L, lua_gettop(L)); /* joiners push copies */
    rt_core_detach(t);
  } else {
    lua_settop(L, 0);
    lua_pushliteral(L, "not enough memory"); /* the core has this string already */
  }
  if (t->locks_held > 0) rt_thread_falls(t, task->name);
  finish(task, status);
}

/* One task, from the first touch of its runtime to the last. */
static void perform(rt_task *task) {
  rt_thread *t = task->t;
  struct turn *turn = t->turn;
  gilt_runtime *task_rt = task->rt;
  rt_thread_adopt(t);
  run(task, t);
  rt_block_begin(t, GIL_DETACHED);
  wake_joiners(task);
  /* [refs] acq_rel: the last one sees what the others did. */
  if (atomic_fetch_sub_explicit(&task->refs, 1, memory_order_acq_rel) == 1) {
    rt_lock(t); /* the last handle went while we ended: the state is ours to drop */
    task_free(t, task);
    rt_block_begin(t, GIL_DETACHED);
  }
  rt_detach(t);
  if (turn != NULL) {
    rt_thread_ended(task_rt);
    schedule_leave(turn);
  }
}

static void *thread_main(void *arg) {
  rt_task *task = arg;
  gilt_runtime *rt = rt_ref(task->rt);
  bool scheduled = task->t->turn != NULL; /* then no OS thread waits for another task */
  do {
    perform(task);
    task = scheduled ? NULL : rt_idle_wait(rt);
  } while (task != NULL);
  rt_unref(rt);
  return NULL;
}

static int start_os_thread(rt_task *task) {
  pthread_attr_t attr;
  pthread_t id;
  int rc = pthread_attr_init(&attr);
  if (rc != 0) return rc;
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  rc = pthread_create(&id, &attr, thread_main, task);
  pthread_attr_destroy(&attr);
  return rc;
}

static int anchor(lua_State *L) {
  rt_task *task = lua_touserdata(L, 1);
  task->L = lua_newthread(L);
  lua_sethook(task->L, NULL, 0, 0); /* hooks are inherited; this is a thread, not a coroutine */
  if (!lua_checkstack(task->L, task->nargs + LUA_MINSTACK))
    return luaL_error(L, "too many arguments");
  lua_rawsetp(L, LUA_REGISTRYINDEX, task);
  return 0;
}

/* Puts message handler, function and arguments on the task's state; false: an error message is on
 * L's top. */
static bool prepare(lua_State *L, rt_task *task) {
  lua_pushcfunction(L, anchor);
  lua_pushlightuserdata(L, task);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) return false;
  rt_core_share(L, task->nargs + 1);
  lua_pushcfunction(task->L, rt_traceback);
  lua_xmove(L, task->L, task->nargs + 1);
  return true;
}

bool rt_closing(gilt_runtime *rt) {
  return atomic_load_explicit(&rt->closing, memory_order_relaxed); /* set with the GIL held */
}

int rt_task_start(lua_State *L, rt_task *task) {
  /* A failure is the caller's to tell: nothing is said about this thread when its handle goes. */
  atomic_store_explicit(&task->claimed, true, memory_order_relaxed);
  if (!prepare(L, task)) return ENOMEM;
  if (rt_thread_new(task->rt, task->name, &task->t) != GILT_OK) return ENOMEM;
  atomic_fetch_add_explicit(&task->refs, 1, memory_order_relaxed);
  atomic_store_explicit(&task->claimed, false, memory_order_relaxed);
  rt_thread_started(task->rt);
  if (rt_idle_start(rt_self(), task)) return 0;
  int rc = start_os_thread(task);
  if (rc == 0) return 0;
  atomic_fetch_sub_explicit(&task->refs, 1, memory_order_relaxed);
  rt_thread_ended(task->rt);
  rt_discard(task->t);
  task->t = NULL;
  task->state = TASK_FAILED;
  atomic_store_explicit(&task->claimed, true, memory_order_relaxed);
  return rc;
}

/* ---- joining and interrupting ---- */

static void leave_line(rt_task *task, struct rt_joiner *me) {
  for (struct rt_joiner **p = &task->joiners; *p != NULL; p = &(*p)->next)
    if (*p == me) {
      *p = me->next;
      return;
    }
}

int rt_task_join(rt_thread *self, rt_task *task, uint64_t deadline_ns) {
  struct rt_joiner me = {.t = self, .next = NULL};
  atomic_store_explicit(&task->claimed, true, memory_order_relaxed);
  pthread_mutex_lock(&task->mtx);
  if (task->state == TASK_RUNNING) {
    me.next = task->joiners;
    task->joiners = &me;
  }
  bool running = task->state == TASK_RUNNING;
  pthread_mutex_unlock(&task->mtx);
  if (!running) return GILT_OK;
  int rc = GILT_OK;
  do {
    rt_park_prepare(self);
    if (rt_task_state(task) != TASK_RUNNING) break;
    rt_park(self, deadline_ns, GIL_BLOCKED_LOCK);
    if (rt_task_state(task) != TASK_RUNNING) break;
    if (rt_interrupted(self))
      rc = GILT_EINTERRUPTED;
    else if (deadline_ns != UINT64_MAX && rt_now_ns() >= deadline_ns)
      rc = GILT_ETIMEOUT;
  } while (rc == GILT_OK);
  pthread_mutex_lock(&task->mtx);
  leave_line(task, &me);
  pthread_mutex_unlock(&task->mtx);
  return rc;
}

void rt_task_interrupt(rt_task *task) {
  pthread_mutex_lock(&task->mtx);
  if (task->t != NULL) rt_thread_signal(task->t, RT_INTERRUPT_RAISE);
  pthread_mutex_unlock(&task->mtx);
}
