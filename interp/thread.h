/* thread.h: threads that scripts and hosts start in a runtime. */
#ifndef GILT_THREAD_H
#define GILT_THREAD_H

#include "runtime_impl.h"

enum rt_task_state { TASK_RUNNING, TASK_DONE, TASK_FAILED };

struct rt_joiner {
  rt_thread *t;
  struct rt_joiner *next;
};

/* A started thread, as its handles see it. Reference counted: the OS thread has one, each handle
 * has one. (c) constant after creation   (g) with the GIL held   (m) with task->mtx held; mtx is a
 * leaf */
typedef struct rt_task {
  _Atomic int refs;
  gilt_runtime *rt; /* (c) */
  lua_State *L;  /* (g) arguments, then results or the error; anchored with the task as the key */
  int nargs;     /* (c) */
  char name[64]; /* (c) */
  enum gil_class cls;    /* (c) */
  int priority;          /* (c) */
  rt_worker_info worker; /* (c) inherited from the starter */
  _Atomic bool claimed;  /* relaxed: somebody has asked for the outcome */

  pthread_mutex_t mtx;
  enum rt_task_state state;  /* (m); the outcome on L is complete once it is not TASK_RUNNING */
  int nresults;              /* (m) */
  rt_thread *t;              /* (m) while it runs; NULL: not any more */
  struct rt_joiner *joiners; /* (m) each lives on its waiter's C stack */
} rt_task;

/* A task of the runtime of L, for a function with `nargs` arguments. NULL: no memory. The caller
 * owns one reference. */
rt_task *rt_task_new(lua_State *L, int nargs, const char *name);
/* The interpreter is closing: no thread may start any more. */
bool rt_closing(gilt_runtime *rt);
/* Starts it with the function and its arguments on L's top (popped). 0 or an errno value. The
 * caller is inside and keeps its reference. */
int rt_task_start(lua_State *L, rt_task *task);
/* idle.c. Gives a task to an OS thread that waits for one; false: none does. `self` is inside. */
bool rt_idle_start(rt_thread *self, rt_task *task);
/* By an OS thread whose task has ended and which is detached: counts it out, and waits for the next
 * task. NULL: the thread is to end. */
rt_task *rt_idle_wait(gilt_runtime *rt);

/* Waits; the caller is inside. GILT_OK (ended), GILT_ETIMEOUT, GILT_EINTERRUPTED. May block,
 * without the lock. */
int rt_task_join(rt_thread *self, rt_task *task, uint64_t deadline_ns);
void rt_task_interrupt(rt_task *task);
enum rt_task_state rt_task_state(rt_task *task);
/* Says on stderr that it failed: nobody asked for the outcome, and an error must not vanish. With
 * the GIL held, after it failed. */
void rt_task_report(rt_task *task);
void rt_task_unref(rt_task *task); /* with the GIL held */

#endif
