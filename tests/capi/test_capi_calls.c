/* test_capi_calls.c: calls, errors, continuations, coroutines, to-be-closed slots, hooks, debug
 * information. */
#include "capi.h"

static int echo(lua_State *L) { return lua_gettop(L); }
static int raise_top(lua_State *L) { return lua_error(L); }

static void test_calls__results_and_handlers(void **state) {
  lua_State *L = *state;
  lua_pushcfunction(L, echo);
  for (int i = 1; i <= 3; i++) lua_pushinteger(L, i);
  lua_call(L, 3, LUA_MULTRET);
  check_top(L, 3);
  lua_settop(L, 0);
  lua_pushcfunction(L, echo);
  lua_pushinteger(L, 1);
  lua_call(L, 1, 4);
  check_top(L, 4);
  assert_true(lua_isnil(L, 4));
  lua_settop(L, 0);
  lua_pushcfunction(L, echo);
  lua_pushinteger(L, 1);
  lua_pushinteger(L, 2);
  lua_call(L, 2, 0);
  check_top(L, 0);
  lua_pushcfunction(L, raise_top);
  lua_pushliteral(L, "boom");
  assert_int_equal(lua_pcall(L, 1, LUA_MULTRET, 0), LUA_ERRRUN);
  check_top(L, 1);
  check_str(L, 1, "boom");
  lua_settop(L, 0);
  run_lua(L, "return function(m) return 'handled ' .. m end");
  lua_pushcfunction(L, raise_top);
  lua_pushliteral(L, "e");
  assert_int_equal(lua_pcall(L, 1, 1, 1), LUA_ERRRUN);
  check_str(L, 2, "handled e");
  lua_settop(L, 0);
  run_lua(L, "return function(m) error('again') end");
  lua_pushcfunction(L, raise_top);
  lua_pushliteral(L, "e");
  int rc = lua_pcall(L, 1, 1, 1);
  assert_true(rc == LUA_ERRERR || rc == LUA_ERRRUN);
  lua_settop(L, 0);
  lua_pushinteger(L, 5);
  assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
  check_str(L, 1, "attempt to call a number value");
  lua_settop(L, 0);
  assert_int_equal(luaL_dostring(L, "x ="), 1);
  check_str(L, -1, "[string \"x =\"]:1: unexpected symbol near <eof>");
  assert_int_equal(luaL_loadstring(L, "syntax error"), LUA_ERRSYNTAX);
  lua_settop(L, 0);
  luaL_loadstring(L, "return ...");
  lua_pushinteger(L, 1);
  lua_pushinteger(L, 2);
  assert_int_equal(lua_pcall(L, 2, LUA_MULTRET, 0), LUA_OK);
  check_top(L, 2);
}

static int error_with_position(lua_State *L) { return luaL_error(L, "bad %s %d", "thing", 7); }
static void test_calls__luaL_error_and_where(void **state) {
  lua_State *L = *state;
  lua_register(L, "bad", error_with_position);
  assert_int_equal(luaL_loadbufferx(L, "\n\nbad()", 7, "=src", "t"), LUA_OK);
  assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
  check_str(L, -1, "src:3: bad thing 7");
  luaL_where(L, 0);
  check_str(L, -1, "");
  assert_int_equal(luaL_loadbufferx(L, "x", 1, "=s", "b"), LUA_ERRSYNTAX);
  check_str(L, -1, "attempt to load a text chunk (mode is 'b')");
  lua_settop(L, 0);
  errno = 2;
  assert_int_equal(luaL_fileresult(L, 0, "file"), 3);
  check_str(L, 2, "file: No such file or directory");
  check_int(L, 3, 2);
}

/* ---- continuations ---- */
static int after_yield(lua_State *L, int status, lua_KContext ctx) {
  assert_int_equal(status, LUA_YIELD);
  lua_pushinteger(L, (lua_Integer)ctx);
  return lua_gettop(L);
}
static int yielder(lua_State *L) { return lua_yieldk(L, lua_gettop(L), 42, after_yield); }
static int plain_yield(lua_State *L) { return lua_yield(L, lua_gettop(L)); }
static int call_k(lua_State *L, int status, lua_KContext ctx) {
  lua_pushfstring(L, "k%d:%d", (int)ctx, status);
  return lua_gettop(L);
}
static int caller(lua_State *L) {
  lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 5, call_k);
  return call_k(L, LUA_OK, 5);
}
static int pcaller(lua_State *L) {
  int rc = lua_pcallk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, 6, call_k);
  return call_k(L, rc, 6);
}

static void test_continuations__yieldk_callk_pcallk(void **state) {
  lua_State *L = *state;
  int nres = -1;
  lua_State *t = lua_newthread(L);
  lua_pushcfunction(t, yielder);
  lua_pushinteger(t, 1);
  lua_pushinteger(t, 2);
  assert_int_equal(lua_status(t), LUA_OK);
  assert_int_equal(lua_resume(t, L, 2, &nres), LUA_YIELD);
  assert_int_equal(nres, 2);
  check_int(t, -1, 2);
  assert_int_equal(lua_status(t), LUA_YIELD);
  lua_pop(t, nres);
  lua_pushliteral(t, "back");
  assert_int_equal(lua_resume(t, L, 1, &nres), LUA_OK);
  assert_int_equal(nres, 2);
  check_str(t, -2, "back");
  check_int(t, -1, 42);
  lua_settop(t, 0);
  /* yield through lua_callk */
  lua_pushcfunction(t, caller);
  lua_pushcfunction(t, plain_yield);
  lua_pushliteral(t, "y");
  assert_int_equal(lua_resume(t, L, 2, &nres), LUA_YIELD);
  check_str(t, -1, "y");
  lua_pop(t, nres);
  lua_pushliteral(t, "r");
  assert_int_equal(lua_resume(t, L, 1, &nres), LUA_OK);
  assert_int_equal(nres, 2);
  check_str(t, -2, "r");
  check_str(t, -1, "k5:1"); /* LUA_YIELD */
  lua_settop(t, 0);
  /* pcallk, yield, then an error inside */
  lua_register(L, "pcaller", pcaller);
  luaL_loadstring(t, "return pcaller(function() local x = coroutine.yield('in') error(x, 0) end)");
  assert_int_equal(lua_resume(t, L, 0, &nres), LUA_YIELD);
  check_str(t, -1, "in");
  lua_pop(t, nres);
  lua_pushliteral(t, "E");
  assert_int_equal(lua_resume(t, L, 1, &nres), LUA_OK);
  check_str(t, -2, "E");
  check_str(t, -1, "k6:2"); /* LUA_ERRRUN */
  lua_settop(t, 0);
  luaL_loadstring(t, "return pcaller(function() return 'direct' end)");
  assert_int_equal(lua_resume(t, L, 0, &nres), LUA_OK);
  check_str(t, -2, "direct");
  check_str(t, -1, "k6:0");
  lua_settop(t, 0);
  luaL_loadstring(t, "return pcaller(function() coroutine.yield() return 'later' end)");
  assert_int_equal(lua_resume(t, L, 0, &nres), LUA_YIELD);
  assert_int_equal(lua_resume(t, L, 0, &nres), LUA_OK);
  check_str(t, -1, "k6:1");
}

static void test_coroutines__resume_errors_and_reset(void **state) {
  lua_State *L = *state;
  int nres = 0;
  lua_State *t = lua_newthread(L);
  luaL_loadstring(
      t, "local a <close> = setmetatable({}, {__close = function(_, e) closed = e or 'none' end})"
         " if ... then error('x', 0) end coroutine.yield(1)");
  lua_pushboolean(t, 1);
  assert_int_equal(lua_resume(t, L, 1, &nres), LUA_ERRRUN);
  check_str(t, -1, "x");
  assert_int_equal(lua_status(t), LUA_ERRRUN);
  lua_getglobal(L, "closed"); /* not closed yet: the stack is kept for debugging */
  assert_true(lua_isnil(L, -1));
  assert_int_equal(lua_resetthread(t), LUA_ERRRUN);
  check_str(t, -1, "x");
  lua_getglobal(L, "closed");
  check_str(L, -1, "x");
  lua_settop(t, 0);
  luaL_loadstring(
      t, "local a <close> = setmetatable({}, {__close = function(_, e) closed = e or 'none' end})"
         " coroutine.yield(1)");
  assert_int_equal(lua_resume(t, L, 0, &nres), LUA_YIELD);
  assert_int_equal(nres, 1);
  assert_int_equal(lua_resetthread(t), LUA_OK);
  check_top(t, 0);
  lua_getglobal(L, "closed");
  check_str(L, -1, "none");
  assert_int_equal(lua_resume(t, L, 0, &nres), LUA_ERRRUN);
  check_str(t, -1, "cannot resume dead coroutine");
  lua_settop(t, 0);
  assert_false(lua_isyieldable(L));
  assert_false(lua_pushthread(t));
  assert_true(lua_pushthread(L));
  lua_pushcfunction(L, plain_yield);
  assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
  check_str(L, -1, "attempt to yield from outside a coroutine");
}

static int hook_yields;
static void yield_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  hook_yields++;
  lua_yield(L, 0);
}
static void test_coroutines__yield_in_a_hook(void **state) {
  lua_State *L = *state;
  int nres = 0, rc, rounds = 0;
  lua_State *t = lua_newthread(L);
  luaL_loadstring(t, "local s = 0 for i = 1, 100 do s = s + i end return s");
  lua_sethook(t, yield_hook, LUA_MASKCOUNT, 10);
  hook_yields = 0;
  while ((rc = lua_resume(t, L, 0, &nres)) == LUA_YIELD) rounds++;
  assert_int_equal(rc, LUA_OK);
  assert_int_equal(rounds, hook_yields);
  assert_true(rounds > 10);
  check_int(t, -1, 5050);
}

/* ---- to-be-closed slots ---- */
static char closed_log[64];
static int close_mm(lua_State *L) {
  lua_getfield(L, 1, "name");
  strcat(closed_log, lua_tostring(L, -1));
  strcat(closed_log, lua_isnil(L, 2) ? "." : "!");
  return 0;
}
static void push_closable(lua_State *L, const char *name) {
  lua_newtable(L);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "name");
  if (luaL_newmetatable(L, "closable")) {
    lua_pushcfunction(L, close_mm);
    lua_setfield(L, -2, "__close");
  }
  lua_setmetatable(L, -2);
}
static int uses_tbc(lua_State *L) {
  int fail = lua_toboolean(L, 1);
  push_closable(L, "a");
  lua_toclose(L, -1);
  push_closable(L, "b");
  lua_toclose(L, -1);
  lua_pushnil(L);
  lua_toclose(L, -1);
  lua_pop(L, 1);
  if (fail) return luaL_error(L, "failed");
  lua_closeslot(L, -1);
  strcat(closed_log, "|");
  lua_pushinteger(L, 9);
  return 1;
}
static void test_tbc__toclose_closeslot_settop(void **state) {
  lua_State *L = *state;
  closed_log[0] = '\0';
  lua_pushcfunction(L, uses_tbc);
  lua_pushboolean(L, 0);
  lua_call(L, 1, 1);
  check_int(L, -1, 9);
  assert_string_equal(closed_log, "b.|a.");
  closed_log[0] = '\0';
  lua_pushcfunction(L, uses_tbc);
  lua_pushboolean(L, 1);
  assert_int_equal(lua_pcall(L, 1, 1, 0), LUA_ERRRUN);
  assert_string_equal(closed_log, "b!a!");
  closed_log[0] = '\0';
  push_closable(L, "s");
  lua_toclose(L, -1);
  lua_settop(L, -2);
  assert_string_equal(closed_log, "s.");
}

/* ---- hooks and lua_Debug ---- */
static char events[256];
static void record_hook(lua_State *L, lua_Debug *ar) {
  static const char *const names[] = {"c", "r", "l", "n", "t"};
  assert_true(lua_getinfo(L, "Sl", ar));
  if (strlen(events) < sizeof events - 16) {
    strcat(events, names[ar->event]);
    if (ar->event == LUA_HOOKLINE) sprintf(events + strlen(events), "%d", ar->currentline);
  }
}
static void test_hooks__events(void **state) {
  lua_State *L = *state;
  assert_null(lua_gethook(L));
  luaL_loadstring(L, "local function f() return 1 end\nlocal x = f()\nlocal function g() return "
                     "f() end\nx = g()\n");
  events[0] = '\0';
  lua_sethook(L, record_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE, 0);
  assert_true(lua_gethook(L) == record_hook);
  assert_int_equal(lua_gethookmask(L), LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE);
  assert_int_equal(lua_gethookcount(L), 0);
  lua_call(L, 0, 0);
  lua_sethook(L, NULL, 0, 0);
  assert_string_equal(events, "cl1l2cl1rl3l4cl3tl1rr");
  assert_null(lua_gethook(L));
  assert_int_equal(lua_gethookmask(L), 0);
}

static int inspect(lua_State *L) {
  lua_Debug ar;
  assert_true(lua_getstack(L, 0, &ar));
  assert_true(lua_getinfo(L, "nSlut", &ar));
  assert_string_equal(ar.what, "C");
  assert_string_equal(ar.short_src, "[C]");
  assert_string_equal(ar.source, "=[C]");
  assert_int_equal(ar.srclen, 4);
  assert_int_equal(ar.currentline, -1);
  assert_string_equal(ar.name, "inspect");
  assert_string_equal(ar.namewhat, "global");
  assert_true(lua_getstack(L, 1, &ar));
  assert_true(lua_getinfo(L, "nSlutr", &ar));
  assert_string_equal(ar.what, "Lua");
  assert_string_equal(ar.name, "f");
  assert_string_equal(ar.namewhat, "local");
  assert_int_equal(ar.currentline, 3);
  assert_int_equal(ar.linedefined, 1);
  assert_int_equal(ar.lastlinedefined, 4);
  assert_int_equal(ar.nparams, 2);
  assert_int_equal(ar.nups, 1);
  assert_int_equal(ar.isvararg, 1);
  assert_int_equal(ar.istailcall, 0);
  assert_string_equal(lua_getlocal(L, &ar, 1), "a");
  assert_string_equal(lua_getlocal(L, &ar, 3), "c");
  check_str(L, -1, "loc");
  assert_string_equal(lua_getlocal(L, &ar, -1), "(vararg)");
  check_int(L, -1, 30);
  assert_null(lua_getlocal(L, &ar, -2));
  assert_null(lua_getlocal(L, &ar, 100));
  lua_pushliteral(L, "changed");
  assert_string_equal(lua_setlocal(L, &ar, 3), "c");
  assert_true(lua_getinfo(L, "f", &ar));
  assert_true(lua_isfunction(L, -1));
  assert_string_equal(lua_getlocal(L, NULL, 2),
                      "b"); /* a parameter name of a function that is not active */
  assert_true(lua_getinfo(L, ">L", &ar));
  lua_rawgeti(L, -1, 3);
  assert_true(lua_toboolean(L, -1));
  assert_false(lua_getstack(L, 100, &ar));
  return 0;
}
static void test_debug__getinfo_and_locals(void **state) {
  lua_State *L = *state;
  lua_register(L, "inspect", inspect);
  assert_int_equal(
      luaL_dostring(L, "local function f(a, b, ...)\nlocal c = 'loc'\ninspect()\nreturn c end\n"
                       "local r = f(10, 20, 30) return r"),
      LUA_OK);
  check_str(L, -1, "changed");
  lua_Debug ar;
  lua_pushcfunction(L, inspect);
  assert_true(lua_getinfo(L, ">Su", &ar));
  assert_string_equal(ar.what, "C");
  check_top(L, 1);
  lua_pushcfunction(L, inspect);
  assert_false(lua_getinfo(L, ">X", &ar)); /* unknown option: reported, the rest done */
}

static int panic_calls;
static jmp_buf panic_jump;
static int panic(lua_State *L) {
  panic_calls++;
  check_str(L, -1, "unprotected");
  longjmp(panic_jump, 1);
}
static void test_errors__panic_function(void **state) {
  (void)state;
  lua_State *L = luaL_newstate();
  assert_non_null(lua_atpanic(L, panic));
  panic_calls = 0;
  if (setjmp(panic_jump) == 0) {
    lua_pushliteral(L, "unprotected");
    lua_error(L);
  }
  assert_int_equal(panic_calls, 1);
  assert_true(lua_atpanic(L, NULL) == panic);
  lua_close(L);
}

static int overflow(lua_State *L) {
  luaL_checkstack(L, 2, "too deep");
  lua_pushcfunction(L, overflow);
  lua_call(L, 0, 0);
  return 0;
}
static void test_errors__c_stack_overflow(void **state) {
  lua_State *L = *state;
  lua_pushcfunction(L, overflow);
  assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
  assert_non_null(strstr(lua_tostring(L, -1), "C stack overflow"));
  lua_settop(L, 0);
  assert_int_equal(luaL_dostring(L, "return 'usable'"), LUA_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      api_test(test_calls__results_and_handlers),
      api_test(test_calls__luaL_error_and_where),
      api_test(test_continuations__yieldk_callk_pcallk),
      api_test(test_coroutines__resume_errors_and_reset),
      api_test(test_coroutines__yield_in_a_hook),
      api_test(test_tbc__toclose_closeslot_settop),
      api_test(test_hooks__events),
      api_test(test_debug__getinfo_and_locals),
      cmocka_unit_test(test_errors__panic_function),
      api_test(test_errors__c_stack_overflow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
