/* lib_sync.c: `require "gilt.sync"`: mutex(), condition(), semaphore([count]): threads that wait
 * for each other. Each kind has a file of its own; what they share is in waitline.h. */
#include "lib.h"
#include "lib_sync.h"

int luaopen_gilt_sync(lua_State *L) {
  lua_createtable(L, 0, 3);
  sync_open_mutex(L);
  sync_open_condition(L);
  sync_open_semaphore(L);
  return 1;
}
