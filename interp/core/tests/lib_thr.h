/* lib_thr.h: the test driver's thread module. */
#ifndef CORE_TESTS_LIB_THR_H
#define CORE_TESTS_LIB_THR_H
#include <lua.h>
int luaopen_thr(lua_State *L);
void thr_wait_all(lua_State *L); /* before lua_close */
#endif
