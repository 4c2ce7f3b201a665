/* gilt_core.h: the seam between the Lua core and whoever starts OS threads on its heap.
 *
 * Everything else goes through lua.h. An OS thread runs Lua of a heap only while attached; while it
 * may block it is in a safe region, in which it must not call any lua_* function of the heap and in
 * which collections and ownership changes go on without it. */
#ifndef GILT_CORE_H
#define GILT_CORE_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct lua_State;
struct lua_Debug;

#if defined(__GNUC__)
#  define GILT_CORE_API __attribute__((visibility("default")))
#else
#  define GILT_CORE_API
#endif

/* Makes L (from lua_newthread, anchored somewhere) the base of the calling OS thread: it gets its
 * own allocator, poll word and owner id, and is left running. Returns 0, or LUA_ERRMEM. The values
 * on L's stack must have been pushed before, by the thread that created it. */
GILT_CORE_API int gilt_core_attach(struct lua_State *L);
/* The reverse: publishes what is left on L's stack, so that any thread may lua_xmove it away. */
GILT_CORE_API void gilt_core_detach(struct lua_State *L);
/* Before lua_xmove from a creator's stack into a thread that another OS thread will run. */
GILT_CORE_API void gilt_core_share(struct lua_State *L, int idx);

/* Around a call that may block. enter is callable with or without the GIL held. */
GILT_CORE_API void gilt_core_enter_safe(struct lua_State *L);
GILT_CORE_API void gilt_core_leave_safe(struct lua_State *L);
/* Not parallel, for speed only: by a thread that runs, holding the lock that lets one thread run at
 * a time, when it may not be the one that ran last. */
GILT_CORE_API void gilt_core_take_turn(struct lua_State *L);

/* Poll callback: runs in the thread that was poked, at its next safepoint. Async-signal-safe to
 * poke. */
typedef void (*gilt_core_poll_fn)(struct lua_State *L, void *ud);
GILT_CORE_API void gilt_core_set_poll(struct lua_State *L, gilt_core_poll_fn fn, void *ud);
GILT_CORE_API void gilt_core_poke(struct lua_State *L);

/* Counted runs, for schedulers that decide every switch between threads. While an OS thread counts,
 * each instruction of Lua code that it executes is counted, in whichever coroutine, hook or
 * finalizer. `event`: before the instruction with which the count is complete (LUA_HOOKCOUNT;
 * counting has ended then, and event sets the next count), and before the first instruction of a
 * line (LUA_HOOKLINE), if lines were asked for. It may raise, but not run Lua code. `switched`: the
 * thread goes on in another coroutine; must not raise. */
struct gilt_core_counter {
  void (*event)(struct lua_State *L, struct lua_Debug *ar);
  void (*switched)(struct lua_State *L);
};
GILT_CORE_API void gilt_core_set_counter(struct lua_State *L, const struct gilt_core_counter *c);
/* By the OS thread of L: an event after n more instructions; 0: no more counting. */
GILT_CORE_API void gilt_core_count(struct lua_State *L, int n, bool lines);
/* Heaps opened from now on draw nothing from clocks and addresses: math.random starts from `seed`.
 */
GILT_CORE_API void gilt_core_fix_seed(uint64_t seed);

/* Stop every other attached thread at a safepoint; nests. */
GILT_CORE_API void gilt_core_stop_world(struct lua_State *L);
GILT_CORE_API void gilt_core_start_world(struct lua_State *L);

/* Does this CPU read and write 16 bytes at once (x86-64: AVX, aarch64: LSE2)? If not, why_out (may
 * be NULL) is told what it lacks. The environment variable GILT_NO_PARALLEL=1 makes it say no. */
GILT_CORE_API bool gilt_core_can_parallel(const char **why_out);

/* false (at first): one thread at a time, by a lock outside this core; all threads share one owner
 * id and no shared path is taken. true: distinct ids, threads run in parallel; never on a processor
 * that cannot (gilt_core_can_parallel). Changes with the world stopped, each other thread in a safe
 * region of its own or in the poll callback; returns the previous value. */
GILT_CORE_API bool gilt_core_set_parallel(struct lua_State *L, bool on);
GILT_CORE_API bool gilt_core_parallel(struct lua_State *L);

/* A coroutine that other threads can reach is claimed before its stack is touched (lua_xmove,
 * lua_resume, lua_resetthread). False: another thread has it; it is not suspended. Private ones
 * need no claim, and claiming them succeeds. */
GILT_CORE_API bool gilt_core_claim(struct lua_State *L, struct lua_State *co);
GILT_CORE_API void gilt_core_unclaim(struct lua_State *L, struct lua_State *co);

/* C functions at lo <= address < hi belong to a module that is not made for threads in parallel:
 * while the heap is parallel, one OS thread at a time runs them (modlock.c). 0, or LUA_ERRMEM. Once
 * for a range. */
GILT_CORE_API int gilt_core_guard_code(struct lua_State *L, const void *lo, const void *hi);
/* In the child of a fork, whose only thread is that of L, the world stopped. */
GILT_CORE_API void gilt_core_forked(struct lua_State *L);
/* f(L), for library functions that look at the coroutine given as first argument, or change it: in
 * parallel it is claimed meanwhile; raises "thread is running" when another OS thread runs it. */
GILT_CORE_API int gilt_core_guarded(struct lua_State *L, int (*f)(struct lua_State *L));

/* The Lua thread that the OS thread of L is running now (a coroutine, perhaps). */
GILT_CORE_API struct lua_State *gilt_core_running(struct lua_State *L);
/* By the OS thread of L: does it run a finalizer, in which an error is but a warning? When the last
 * one ends it is poked. */
GILT_CORE_API bool gilt_core_finalizing(struct lua_State *L);

/* Counted by each OS thread for itself, so that counting writes nothing shared:
 *   publishes       values made shared, with what they reach
 *   shared_stores   stores into existing slots of shared tables; redos: those done again, locked
 *   hot_pauses      times a thread left a slot to others that stored into it all the time
 *   lock_takes      locks of tables, upvalues and coroutines taken; lock_waits: those waited for
 *   interned        strings put into the common table; intern_retries: another thread was first
 *   chunk_locks     times the lock of the memory supply was taken
 *   handshakes      times every thread was asked to pass a safepoint; handshake_ns: the wait
 *   stops           times the world was stopped; stop_wait_ns: until it stood; stopped_ns: while */
#define GILT_CORE_COUNTERS(X)                                                                      \
  X(publishes)                                                                                     \
  X(shared_stores)                                                                                 \
  X(hot_pauses)                                                                                    \
  X(redos)                                                                                         \
  X(lock_takes)                                                                                    \
  X(lock_waits)                                                                                    \
  X(interned)                                                                                      \
  X(intern_retries)                                                                                \
  X(chunk_locks)                                                                                   \
  X(handshakes)                                                                                    \
  X(handshake_ns)                                                                                  \
  X(stops)                                                                                         \
  X(stop_wait_ns)                                                                                  \
  X(stopped_ns)

#define GILT_CORE_COUNTER_FIELD(name) uint64_t name;
struct gilt_core_counters {
  GILT_CORE_COUNTERS(GILT_CORE_COUNTER_FIELD)
};
struct gilt_core_stats {
  uint64_t collections;
  uint64_t gc_ns;   /* all collections, from the stop of the world to its start */
  uint64_t mark_ns; /* of these, marking */
  uint64_t pause_last_ns, pause_max_ns;
  uint64_t emergencies;        /* collections because an allocation failed */
  size_t live_bytes;           /* after the last collection */
  uint32_t markers;            /* threads that marked in it */
  struct gilt_core_counters n; /* of all threads, ended ones included */
};
GILT_CORE_API void gilt_core_stats(struct lua_State *L, struct gilt_core_stats *out);

/* Told when the OS thread of L begins and ends to collect garbage. May be in the middle of any
 * allocation: no function of this heap may be called. One at most; NULL: nobody. */
typedef void (*gilt_core_gc_fn)(struct lua_State *L, bool begins, void *ud);
GILT_CORE_API void gilt_core_set_gc_watch(struct lua_State *L, gilt_core_gc_fn fn, void *ud);

/* How many threads mark, the collecting one included. 0 (at first): as many as pay for the size of
 * the heap, and not more than this heap's share of the processors. A process forked off with the
 * heap marks alone unless this is called with another number. */
GILT_CORE_API void gilt_core_set_markers(struct lua_State *L, unsigned n);

/* Test switches: collect at every safepoint; no memory for marking beyond what a heap has anyway;
 * let the n-th allocation from now fail (-1: never); ask fn at each allocation (NULL: nobody). An
 * allocation that fails is tried once more after a collection: FAIL refuses that as well. */
enum { GILT_CORE_SUCCEED = 0, GILT_CORE_FAIL_ONCE = 1, GILT_CORE_FAIL = 2 };
typedef int (*gilt_core_fail_fn)(void *ud);
GILT_CORE_API void gilt_core_stress_gc(struct lua_State *L, bool on);
GILT_CORE_API void gilt_core_starve_marking(struct lua_State *L, bool on);
GILT_CORE_API void gilt_core_fail_alloc(struct lua_State *L, long n);
GILT_CORE_API void gilt_core_fail_hook(struct lua_State *L, gilt_core_fail_fn fn, void *ud);

#endif
