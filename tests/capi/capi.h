/* capi.h: what the C API tests share. Include it first. */
#ifndef GILT_TESTS_CAPI_H
#define GILT_TESTS_CAPI_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#define check_str(L, i, text) assert_string_equal(lua_tostring((L), (i)), (text))
#define check_int(L, i, n)    assert_true(lua_isinteger((L), (i)) && lua_tointeger((L), (i)) == (n))
#define check_top(L, n)       assert_int_equal(lua_gettop(L), (n))

/* Runs a chunk that must not fail; its results stay on the stack. */
static inline void run_lua(lua_State *L, const char *code) {
  assert_int_equal(luaL_dostring(L, code), LUA_OK);
}

static inline int setup_state(void **state) {
  lua_State *L = luaL_newstate();
  if (L == NULL) return -1;
  luaL_openlibs(L);
  *state = L;
  return 0;
}
static inline int teardown_state(void **state) {
  lua_close(*state);
  return 0;
}
#define api_test(f) cmocka_unit_test_setup_teardown(f, setup_state, teardown_state)
#endif
