/* runtime.h: the seam between an interpreter of gilt and the C modules that scripts use
 * (interp/lib/, interp/ffi/, runners). Private to interp/.
 *
 * A runtime is one interpreter (one heap) and its lock. A rt_thread is an OS thread attached to
 * one; the pointer is per thread, so a C function asks rt_self() and keeps it for the call.
 *
 * With -DGILT_GIL=OFF the lock calls compile to nothing; modules need no #if of their own. */
#ifndef GILT_RUNTIME_H
#define GILT_RUNTIME_H

#include <gilt/gil.h>
#include <lua.h>

typedef struct gilt_runtime gilt_runtime;
typedef struct rt_thread rt_thread;

/* The calling thread's attachment to the runtime that it is running, or NULL on a thread that has
 * none. Async-signal-safe. */
rt_thread *rt_self(void);
/* The runtime that L belongs to; any thread that may use L. */
gilt_runtime *rt_of(lua_State *L);

/* Blocking regions. Between begin and end call no lua_* function and touch no Lua memory except
 * what is anchored on the stack (strings and userdata blocks do not move). errno survives.
 * begin/end: the call blocks (wakes a waiter). release/acquire: it is probably short. */
void rt_block_begin(rt_thread *t, enum gil_state why);
void rt_block_end(rt_thread *t);
void rt_release(rt_thread *t);
void rt_acquire(rt_thread *t);
/* Does t keep other threads out while it is inside? False with the GIL off. */
bool rt_has_gil(const rt_thread *t);

/* Makes a blocked thread come back at once when it is interrupted (thread:interrupt, Ctrl-C,
 * runtime closing). Call rt_interrupted after each EINTR and after rt_block_end: true means give up
 * the operation, release what you hold, and call rt_raise_interrupt. A directed signal (SIGURG, no
 * SA_RESTART) breaks system calls; code that must not miss one that comes just before its call
 * waits with ppoll on rt_wake_fd() beside its own descriptors. */
bool rt_interrupted(const rt_thread *t);
int rt_raise_interrupt(lua_State *L, rt_thread *t); /* raises; never returns */
int rt_wake_fd(rt_thread *t); /* readable while an interrupt is pending; owned by t; -1: none */

/* Attaches the calling OS thread, which Lua may never have seen, and takes the lock (nested calls
 * on an attached thread are counted and cheap; if the thread is inside its own blocking region, the
 * region is ended for the duration). L_out: a Lua state of this thread, with an empty stack.
 * GILT_OK, GILT_ENOMEM, GILT_ECLOSED (the runtime is closing). Undo with rt_leave. */
int rt_enter(gilt_runtime *rt, lua_State **L_out);
void rt_leave(gilt_runtime *rt);
/* Lua C code that stores a runtime for later callbacks holds a reference; rt_enter fails with
 * GILT_ECLOSED once the runtime is closing, and the memory stays until the last reference goes. */
gilt_runtime *rt_ref(gilt_runtime *rt);
void rt_unref(gilt_runtime *rt);

/* The coroutine chain of this thread: called by whatever resumes a lua_State with lua_resume, so
 * that a preemption reaches the state that runs. */
void rt_push_running(rt_thread *t, lua_State *co, lua_State *from);
void rt_pop_running(rt_thread *t, lua_State *from);

/* Modes, for `require "gilt"`. */
typedef struct rt_worker_info {
  const char *mode; /* "serial", "threads", ... static */
  int worker;       /* 1..workers */
  int workers;
} rt_worker_info;
rt_worker_info rt_worker(rt_thread *t);

#endif
