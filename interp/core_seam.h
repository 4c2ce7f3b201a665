/* core_seam.h: what a runtime asks of the Lua core below it, beside lua.h. Two implementations, one
 * is built: seam_stock.c (the distribution's Lua: signals and hooks) and seam_own.c (interp/core:
 * poll words and safe regions). Nothing else in interp/ knows which core it runs on.
 *
 * "Inside" means: this thread may touch the runtime's Lua states. With the GIL it holds the lock
 * too. */
#ifndef GILT_CORE_SEAM_H
#define GILT_CORE_SEAM_H

#include <gilt/gil.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct rt_hook { /* a Lua hook: function, mask, count */
  lua_Hook fn;
  int mask;
  int count;
};

/* ---- OS threads of a heap ---- */
void rt_core_init(void); /* once per process */
/* The heap was opened by t, which runs on its main state: t is attached. */
void rt_core_opened(rt_thread *t);
/* t->base becomes the base state of the calling OS thread. With the lock held, before the first
 * rt_go_inside. False: no memory. */
bool rt_core_attach(rt_thread *t);
/* Inside, by t: its base state is an ordinary one again, which any thread may empty. */
void rt_core_detach(rt_thread *t);
/* Inside: the n values on L's top are about to be moved to a state that another thread will run. */
void rt_core_share(lua_State *L, int n);
/* Inside, by whoever closes the runtime: no other thread will touch the heap again, and a poke that
 * comes late must not either. */
void rt_core_closing(rt_thread *t);
/* A state for work on the registry, for a thread that may have none of its own (t NULL: the record
 * is gone): with the lock held, inside or not. NULL: no memory. _end gives it back; it has to be
 * empty again. */
lua_State *rt_service_begin(gilt_runtime *rt, rt_thread *t);
void rt_service_end(gilt_runtime *rt, rt_thread *t);

void rt_go_inside(rt_thread *t);  /* after the lock was taken */
void rt_go_outside(rt_thread *t); /* before it is given up; nobody has to wait for t from now on */

/* Threads in parallel on one heap: can the core do it? */
bool rt_core_can_parallel(void);
const char *rt_core_why_not(void); /* why it cannot; NULL if it can */
/* Switches the lock on or off while threads run. By t, inside. GILT_OK, also where nothing changes;
 * GILT_EUNSUPPORTED: the core cannot. Waits for threads in C functions that do not block. */
GILT_NODISCARD int rt_set_gil(rt_thread *t, bool on);
/* No switch between the two, and none going on: for fork. hold by t, inside. */
void rt_mode_hold(rt_thread *t);
void rt_mode_release(gilt_runtime *rt);
/* C functions at lo <= address < hi are run by one thread at a time while the GIL is off. By a
 * thread that is inside; once for a range. False: no memory. */
bool rt_core_guard_code(lua_State *L, const void *lo, const void *hi);
/* fork: everybody else is stopped from prepare to done, which both processes call. */
void rt_core_fork_prepare(rt_thread *t);
void rt_core_fork_done(rt_thread *t, bool child);

/* What the core's collector has done; false: it keeps no books. */
struct rt_gc_stats {
  uint64_t collections, total_ns, marking_ns, last_ns, longest_ns;
  unsigned markers; /* threads that marked in the last one */
  size_t live_bytes;
};
bool rt_core_gc_stats(rt_thread *t, struct rt_gc_stats *out);
/* Pushes a table of the core's own counters, by name, or nil where the core keeps none. */
void rt_push_core_stats(lua_State *L);

/* ---- the state that runs ---- */
/* base, or the coroutine of the chain that runs; inside, by t. Under a schedule by whoever has the
 * turn; NULL: t has not begun or has ended. */
lua_State *rt_top(rt_thread *t);
void rt_core_name(rt_thread *t, char *buf, size_t size); /* "file:line function" of rt_top */

/* ---- preemption ---- */
void rt_poke(void *t); /* gil_poke_fn: t reaches a safepoint soon. Async-signal-safe */
/* Pokes itself, for when it runs Lua. By t. */
void rt_poke_self(rt_thread *t);
/* Reaches a safepoint of its own accord after some hundred instructions. False: it cannot. */
bool rt_safepoint_soon(rt_thread *t);
/* No preemption until _unlock: our own lua_sethook calls. */
void rt_hooks_lock(rt_thread *t);
void rt_hooks_unlock(rt_thread *t);
bool rt_safepoint_due(const rt_thread *t); /* for a hook that looks by itself: runtime.c */
void rt_offer(rt_thread *t); /* inside: under `tick`, where nobody asks, starts offering the lock */
void rt_offer_again(rt_thread *t); /* likewise, before an error leaves the safepoint */
/* Under a schedule t counts the instructions that it executes: schedule_hook after `count` of them
 * (LUA_HOOKCOUNT), and at each new line (LUA_HOOKLINE), if `lines`; schedule_part where another
 * coroutine goes on. By t, inside or not. rt_armed: the last count is still to be repeated. */
void rt_arm_schedule(rt_thread *t, int count, bool lines);
bool rt_armed(const rt_thread *t);
void rt_disarm(rt_thread *t);
/* Before the runtime is opened: its heap is to depend on nothing but what it runs. */
void rt_core_fix_seed(void);
/* By t, inside: does it run a finalizer, in which an error would be a warning? */
bool rt_finalizing(const rt_thread *t);

/* ---- hooks of scripts ---- */
/* The hook that a script set, without ours: what debug.gethook has to show. */
struct rt_hook rt_user_hook(rt_thread *t, lua_State *L);
void rt_set_user_hook(rt_thread *t, lua_State *L, lua_Hook fn, int mask, int count);
/* f(L), which looks at or changes the coroutine given as first argument: raises if it runs in
 * parallel. */
int rt_guarded(lua_State *L, lua_CFunction f);
/* A coroutine that t just made may have inherited ours. */
void rt_forget_inherited_hook(rt_thread *t, lua_State *co);
/* Marks a hook function that calls rt_safepoint itself, often enough to need no arming. */
void rt_set_polling_hook(lua_Hook fn);
/* Finalizers need a state of their own to be preemptible: lib_gc.c. */
bool rt_finalizers_need_state(void);

/* ---- provided by the runtime, called by the seam ---- */
void rt_safepoint(lua_State *L, rt_thread *t); /* hands over if asked, raises a pending interrupt */

#endif
