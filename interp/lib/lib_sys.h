/* lib_sys.h: the script modules that talk to the operating system.
 *
 *   luaopen_gilt_io    replaces `io`: returns the whole library (and installs the metatable FILE*)
 *   luaopen_gilt_os    replaces `os`: the stock library with the entries that can block replaced
 *   luaopen_gilt_time  gilt.time: clocks and sleep
 *   luaopen_gilt_net   gilt.net: TCP, UDP and Unix sockets
 *   gilt_print         replaces `print`: one line is one write, and never blocks with the lock held
 *
 * They use Lua's public API and runtime.h only. libs.c opens them. */
#ifndef GILT_LIB_SYS_H
#define GILT_LIB_SYS_H

#include <lua.h>

int luaopen_gilt_io(lua_State *L);
int luaopen_gilt_os(lua_State *L);
int luaopen_gilt_time(lua_State *L);
int luaopen_gilt_net(lua_State *L);
int gilt_print(lua_State *L);

#endif
