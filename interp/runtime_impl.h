/* runtime_impl.h: a runtime and its threads, as the files of interp/ that make them up see them.
 *
 * Locking key
 *   (c) constant after creation      (g) with the runtime's GIL held
 *   (t) only by the thread that the record belongs to, its signal handler included
 *   (m) with rt->mtx held            (a) atomic; the order is given at each access
 * Rules
 *   1. rt->mtx is a leaf below the GIL: never wait for the GIL, and call no lua_* function, under
 * it.
 *   2. A rt_thread is freed by its own thread, after it left rt->threads. */
#ifndef GILT_RUNTIME_IMPL_H
#define GILT_RUNTIME_IMPL_H

#include "runtime.h"
#include "alloc.h"
#include "core_seam.h"

#include <gilt/gilt.h>
#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>

#define RT_DEPTH_MAX 200 /* nested rt_enter of one thread, as LUAI_MAXCCALLS */

#define RT_FALLEN 8

/* How a thread was when rt_enter found it, for rt_leave to restore. */
enum rt_entry { RT_ENTRY_INSIDE, RT_ENTRY_REGION, RT_ENTRY_OUTSIDE };

struct rt_thread {
  gilt_runtime *rt;  /* (c) */
  gil_thread *lock;  /* (c) NULL without the GIL */
  bool locked;       /* (t) it is inside by taking the lock; toggle.c */
  _Atomic pid_t tid; /* (a) for the directed signals; 0 until the thread has begun */
  lua_State *base;   /* (g) this thread's own Lua state, anchored in the registry */

  /* Preemption: seam_stock.c, seam_own.c. */
  lua_State *volatile top;      /* (t) the lua_State that runs: base or a coroutine of the chain */
  volatile sig_atomic_t inside; /* (t) holds the GIL, and hooks may be touched */
  volatile sig_atomic_t asked;  /* (t) a request came and was not served yet */
  lua_State *volatile armed;    /* (t) the state that our hook is in; NULL none */
  uint64_t armed_at, arm_cost;  /* (t) ns: when our hook was set last, and how long it took */
  struct rt_hook aside;         /* (t) what was in its place */
  _Atomic bool attached;        /* (a) base is the base of an OS thread in the core: seam_own.c */
  _Atomic int poking; /* (a) pokes under way; `attached` is unset before this is waited for */
  int grace;          /* (t) polls to let pass before the next hand-over */
  struct turn *turn;  /* (c) its place in a schedule, see schedule.h; NULL: none */

  /* Interrupts: interrupt.c. */
  _Atomic int interrupt; /* (a) RT_INTERRUPT_*; relaxed, the signal that follows orders */
  _Atomic int wake_fd;   /* (a) eventfd, -1 before the first use */

  struct rt_idle *starting; /* (t) an OS thread to wake when the lock is given up: idle.c */
  _Atomic uint32_t park;    /* (a) a futex: 1 = look again; see rt_park */
  lua_State *gc_state; /* (t) runs finalizers, see lib_gc.c; NULL before the first, or while busy */

  int finalizing; /* (t) how many finalizers it is in: an interrupt waits for their end */

  rt_thread *outer;            /* (t) what rt_self() was before this thread entered */
  rt_thread *sibling;          /* (t) the same OS thread's attachment to another runtime */
  uint8_t entry[RT_DEPTH_MAX]; /* (t) enum rt_entry of each level */
  uint8_t region;              /* (t) enum gil_state of the region that it is in */
  int depth;                   /* (t) */
  char *error;                 /* (t) text for gilt_error; malloc'ed */

  rt_worker_info worker;        /* (t) */
  uint64_t id;                  /* (c) never used again in this process; not 0 */
  int locks_held;               /* (t) mutexes of scripts: sync_mutex.c */
  struct rt_loading *waits_for; /* (m) the module that another thread loads: lib_require.c */
  struct rt_task *task;         /* (c) what it was started for; NULL for main and host threads */
  rt_thread *next, *prev;       /* (m) rt->threads */
};

struct gilt_runtime {
  lua_State *L;                /* (c) main state: base of the thread that opened the runtime */
  lua_State *service;          /* (g) see rt_service_begin */
  pthread_mutex_t service_mtx; /* seam_own.c: who has `service` */
  gil *lock;                   /* (c) */
  struct rt_heap heap;         /* (g) */
  _Atomic unsigned mode;       /* (a) RT_MODE_*: see toggle.c */
  _Atomic int serving;         /* (a) `service` is attached, or about to be: seam_own.c */
  _Atomic int refs;            /* (a) relaxed up, acq_rel down */
  _Atomic bool closing;        /* (a) relaxed: rt_enter looks again with the lock held */
  _Atomic bool shared;         /* (a) relaxed: more than one thread has been here; never falls */

  pthread_mutex_t mtx;
  struct rt_idle *idle;       /* (m) OS threads without a task: idle.c */
  int idle_count;             /* (m) */
  rt_thread *waiter;          /* (m) waits for `live` to fall to 0 */
  struct rt_loading *loading; /* (m) modules being loaded: lib_require.c */
  struct rt_module *modules;  /* (m) C modules that are not made for parallel threads */
  rt_thread *threads;         /* (m) */
  int live;                   /* (m) spawned threads that still touch the runtime */
  pthread_cond_t switched;    /* with mtx: a switch is over, or a thread has left for one */
  uint64_t left;              /* (m) threads that have left for a switch */
  struct rt_fallen {
    uint64_t id;
    char name[64];
  } fallen[RT_FALLEN];  /* (m) the last threads that ended holding a mutex */
  unsigned fallen_next; /* (m) */
};

enum {
  RT_MODE_FREE = 1,     /* the GIL is off: threads run in parallel, `lock` only counts */
  RT_MODE_SWITCHING = 2 /* it is about to change: nobody goes inside */
};

enum { RT_INTERRUPT_NONE, RT_INTERRUPT_RAISE, RT_INTERRUPT_CLOSE };

void rt_poke_all(gilt_runtime *rt);
void rt_thread_signal(rt_thread *t, int why); /* breaks a system call of t; see interrupt.c */

/* interrupt.c */
void rt_interrupt_init(void); /* installs the signal handler, once per process */
/* From now on Ctrl-C interrupts t, once; the next one has its default effect. NULL: default again.
 */
void interrupt_on_sigint(rt_thread *t);
bool interrupt_came(void);
void rt_clear_interrupt(rt_thread *t);
bool rt_must_close(const rt_thread *t); /* interrupted because the interpreter is closing */
/* t is in a finalizer, where an error would be a warning and the interrupt lost. Closing does not
 * wait. */
bool rt_interrupt_waits(const rt_thread *t);

/* runtime.c */
/* Does t take the lock to go inside? By t; what it took it by stays until it goes in again. */
static inline bool rt_locks(const rt_thread *t) {
#if GILT_OWN_CORE
  return GILT_GIL && t->locked;
#else
  (void)t;
  return GILT_GIL;
#endif
}
void rt_take(rt_thread *t); /* the lock alone, where there is one; rt_give is the reverse */
void rt_give(rt_thread *t);

extern _Thread_local rt_thread *rt_tls_self __attribute__((tls_model("initial-exec")));
/* A record, by any thread; then _adopt by the thread that it is for; _detach by that thread,
 * outside. */
int rt_thread_new(gilt_runtime *rt, const char *name, rt_thread **out);
void rt_thread_adopt(rt_thread *t);
void rt_detach(rt_thread *t);
void rt_discard(rt_thread *t); /* a record that nobody adopted */
/* A spawned OS thread counts from before it starts until after its last touch of the runtime. */
void rt_thread_started(gilt_runtime *rt);
void rt_thread_ended(gilt_runtime *rt);
void rt_thread_ended_locked(gilt_runtime *rt); /* with rt->mtx held */
void rt_flush_start(rt_thread *t);             /* idle.c */
void rt_idle_close(gilt_runtime *rt); /* idle.c: `closing` is set; waiting OS threads end */
/* Is there a thread of that id? If not: its name, where that is known, else "". Any thread. */
bool rt_thread_lives(gilt_runtime *rt, uint64_t id, char name[64]);
/* By t, before it ends, if it holds mutexes. */
void rt_thread_falls(rt_thread *t, const char *name);
void rt_interrupt_others(gilt_runtime *rt, rt_thread *self);
void rt_lock(rt_thread *t); /* take the GIL and go inside */
void rt_unlock(rt_thread *t);
int rt_traceback(lua_State *L);         /* message handler: message and traceback */
lua_State *rt_new_state(rt_thread *t);  /* with the lock: an anchored lua_State; NULL: no memory */
void rt_wait_threads(gilt_runtime *rt); /* inside: until every spawned thread has ended */
void rt_open_libs(lua_State *L);
void rt_tell_modules(gilt_runtime *rt); /* the GIL is off: lib_modules.c */
void rt_free_modules(gilt_runtime *rt);
/* fork: the calling thread is inside and the only one that goes on. */
void rt_fork_prepare(rt_thread *t);
void rt_fork_parent(rt_thread *t);
void rt_fork_child(rt_thread *t);

/* Told of every runtime of the process; set while there is none. `closing`: after Lua's state is
 * closed, while the lock still exists. `forked`: in the child. */
struct rt_observer {
  void (*opened)(gilt_runtime *rt);
  void (*closing)(gilt_runtime *rt);
  void (*forked)(gilt_runtime *rt);
};
void rt_set_observer(const struct rt_observer *observer); /* NULL: nobody */

/* park.c: a thread waits for a state that another one changes. In this order: rt_park_prepare, make
 * oneself known to the other side and look at the state (under its mutex), then rt_park; the other
 * side changes the state and calls rt_unpark for each that is known, under the same mutex. An
 * interrupt unparks too, so the waiter looks at the state and at rt_interrupted. */
void rt_park_prepare(rt_thread *t);
/* For a wait that only the closing of the interpreter ends early, no other interrupt. */
void rt_park_prepare_firm(rt_thread *t);
void rt_park(rt_thread *t, uint64_t deadline_ns, enum gil_state why); /* UINT64_MAX: none */
void rt_unpark(rt_thread *t);
void rt_unpark_self(rt_thread *t); /* async-signal-safe */
uint64_t rt_now_ns(void);

/* Stock core: another state runs from now on. By t, inside. One store, when nobody asks. A request
 * that comes before it has armed the old state, which is seen here; one that comes after it arms
 * the new one. Here, because each switch of coroutines passes twice. */
void rt_move_request(rt_thread *t);
static inline void rt_switch_running(rt_thread *t, lua_State *to) {
  t->top = to;
  atomic_signal_fence(memory_order_seq_cst);
  if (__builtin_expect(t->armed != NULL || t->asked || t->turn != NULL, 0)) rt_move_request(t);
}

#endif
