/* waitline.h: what the objects that threads meet at (mutex, condition, semaphore, channel) are made
 * of: a lock for some instructions, and a line of threads that wait.
 *
 * Rules
 *   1. A guard is held for some instructions: no call that may raise, allocate from the Lua heap or
 *      block. So waiting for one needs no blocking region, and nobody who has it waits for the GIL.
 *      (lua_getiuservalue and lua_setiuservalue are allowed: they do none of these.)
 *   2. Order: GIL -> guard of a condition -> guard of a mutex -> rt->mtx.
 *   3. A thread that waits is outside, its entry on its C stack, the object on its Lua stack.
 * Whoever holds the guard may rely on each entry of the line and on its thread.
 *   4. After fork only the calling thread is there: the first one that takes a guard in the new
 *      process finds the line empty. */
#ifndef GILT_WAITLINE_H
#define GILT_WAITLINE_H

#include "../runtime_impl.h"
#include "claim.h"

/* (a) fork generation, as in claim.h, and CLAIM_HELD. */
struct guard {
  _Atomic uint32_t word;
};

struct line_entry {
  rt_thread *t;
  struct line_entry *next, *prev;
  bool told;         /* woken since it last lay down to sleep */
  uint64_t told_at;  /* first time that it was; 0: never */
  bool granted;      /* what it waits for is its own, and it is not in the line any more */
  lua_Integer wants; /* how much: semaphores */
};

/* In the order of arrival. All with the object's guard held. */
struct line {
  struct line_entry *first, *last;
};

enum line_result { LINE_LOOK, LINE_TIMEOUT, LINE_INTERRUPTED };

void guard_wait(struct guard *g, uint32_t generation); /* until it looks free */

static inline void guard_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static inline void guard_init(struct guard *g) {
  claim_setup();
  atomic_init(&g->word, atomic_load_explicit(&claim_generation, memory_order_relaxed));
}

/* False: the first one to take it since a fork; the lines are to be emptied. */
static inline bool guard_lock(struct guard *g) {
  uint32_t gen = atomic_load_explicit(&claim_generation, memory_order_relaxed);
  for (;;) {
    uint32_t word = atomic_load_explicit(&g->word, memory_order_relaxed);
    /* [guard] acquire: pairs with the release in guard_unlock. */
    if (claim_is_free(word, gen) &&
        atomic_compare_exchange_weak_explicit(&g->word, &word, gen | CLAIM_HELD,
                                              memory_order_acquire, memory_order_relaxed))
      return (word & ~(uint32_t)CLAIM_BITS) == gen;
    guard_wait(g, gen);
  }
}

static inline void guard_unlock(struct guard *g) {
  /* [guard] release: pairs with the acquire in guard_lock. The generation cannot change under us.
   */
  atomic_store_explicit(&g->word, atomic_load_explicit(&claim_generation, memory_order_relaxed),
                        memory_order_release);
}

void line_join(struct line *line, struct line_entry *me, rt_thread *t);
void line_leave(struct line *line, struct line_entry *me);
/* Wakes the first one that has not been told yet. It stays in the line and looks for itself. */
void line_tell_one(struct line *line);
void line_tell_all(struct line *line);
/* Takes it out of the line, granted, and wakes it. */
void line_grant(struct line *line, struct line_entry *w);

/* One sleep of a thread that is in the line: line_prepare, a last look at the state, line_park. Who
 * tells it after line_prepare ends the sleep. line_park gives the guard up meanwhile and has it
 * again. LINE_LOOK: something has changed. The caller looks at its state first, and at the result
 * only if it can't go on. */
void line_prepare(struct line_entry *me);
enum line_result line_park(struct guard *g, struct line_entry *me, uint64_t deadline_ns);

/* ---- for the Lua side of these objects ---- */

/* Methods have their metatable as upvalue 1: compared without a look-up by name. */
void *wl_check(lua_State *L, int arg, const char *type_name);
/* A new userdata of the type whose metatable is upvalue 1, on L's top. */
void *wl_new(lua_State *L, size_t size, int values);
/* A metatable with __index and __name, and these functions in it; leaves it on L's top. `meta` and
 * `methods` get the metatable as upvalue 1. There is one for each name in an interpreter. */
void wl_type(lua_State *L, const char *type_name, const luaL_Reg *meta, const luaL_Reg *methods);
/* nil, reason. */
int wl_fail(lua_State *L, const char *reason);

#endif
