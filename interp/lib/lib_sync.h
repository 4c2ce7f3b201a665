/* lib_sync.h: what the files of `gilt.sync` share. */
#ifndef GILT_LIB_SYNC_H
#define GILT_LIB_SYNC_H

#include "waitline.h"

#define SYNC_MUTEX_TYPE "gilt.mutex"

/* (g) with the guard held   (a) atomic, written with the guard held */
struct sync_mutex {
  struct guard g;
  _Atomic uint64_t owner; /* (a) relaxed: rt_thread.id; 0: free */
  struct line line;       /* (g) */
};

enum mutex_result {
  MUTEX_OK,
  MUTEX_TIMEOUT,
  MUTEX_INTERRUPTED,
  MUTEX_OWN,      /* the calling thread holds it already */
  MUTEX_ABANDONED /* its holder has ended */
};

/* deadline_ns 0: does not wait; UINT64_MAX: no limit. `firm`: only closing interrupts it.
 * May block, without the GIL. fallen: the name of the thread that has ended, or "". */
enum mutex_result sync_mutex_take(rt_thread *t, struct sync_mutex *m, uint64_t deadline_ns,
                                  bool firm, char fallen[64]);
/* False: the calling thread does not hold it. */
bool sync_mutex_give(rt_thread *t, struct sync_mutex *m);
int sync_mutex_abandoned(lua_State *L, const char *fallen); /* raises */

/* Types and constructors, into the module table on L's top. */
void sync_open_mutex(lua_State *L);
void sync_open_condition(lua_State *L);
void sync_open_semaphore(lua_State *L);

#endif
