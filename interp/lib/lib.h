/* lib.h: the script modules of interp/lib/ and the standard functions they replace. */
#ifndef GILT_LIB_H
#define GILT_LIB_H

#include "../runtime_impl.h"

int rt_open_coroutine(lua_State *L); /* the whole library */
int rt_open_debug(lua_State *L);     /* the stock one, with hooks that survive a preemption */
int rt_patch_base(lua_State *L);     /* into the globals: setmetatable, collectgarbage */
int rt_patch_require(lua_State *L); /* likewise: a module is loaded once, whatever the threads do */
void rt_patch_modules(lua_State *L); /* C modules that are not made for threads: lib_modules.c */
/* A time limit in seconds as a deadline for rt_park: none or nil is UINT64_MAX. Raises. */
uint64_t rt_deadline_arg(lua_State *L, int arg);
/* mt's finalizer, at stack index `mt`, is made preemptible (lib_gc.c). */
void rt_wrap_gc(lua_State *L, int mt);

int luaopen_gilt(lua_State *L);
int luaopen_gilt_thread(lua_State *L);
int luaopen_gilt_gil(lua_State *L);
int luaopen_gilt_sync(lua_State *L);
int luaopen_gilt_channel(lua_State *L);
int luaopen_gilt_atomic(lua_State *L);
int luaopen_gilt_experiment(lua_State *L);
int luaopen_gilt_bench(lua_State *L);
int luaopen_ffi(lua_State *L); /* interp/ffi/ */

#endif
