/* lib_sys.h: the script modules that talk to the operating system.
 *
 *   luaopen_gilt_io    replaces `io`: returns the whole library (and installs the metatable FILE*)
 *   luaopen_gilt_os    replaces `os`: the stock library with the entries that can block replaced
 *   luaopen_gilt_time  gilt.time: clocks and sleep
 *   luaopen_gilt_net   gilt.net: TCP, UDP and Unix sockets
 *   gilt_print         replaces `print`: one line is one write, and never blocks with the lock held
 *
 * They use Lua's public API and runtime.h only. luaL_requiref does not replace a library that is
 * loaded already; gilt_open_sys does. */
#ifndef GILT_LIB_SYS_H
#define GILT_LIB_SYS_H

#include <lua.h>

/* After the standard libraries: replaces io, os and print, and preloads gilt.time and gilt.net.
 * Raises memory errors. */
void gilt_open_sys(lua_State *L);

int luaopen_gilt_io(lua_State *L);
int luaopen_gilt_os(lua_State *L);
int luaopen_gilt_time(lua_State *L);
int luaopen_gilt_net(lua_State *L);
int gilt_print(lua_State *L);

#endif
