/* test_capi_stack.c: the stack, conversions, tables, userdata, arithmetic, comparison, upvalues. */
#include "capi.h"

static void fill(lua_State *L, int n) {
  lua_settop(L, 0);
  for (int i = 1; i <= n; i++) lua_pushinteger(L, i);
}
static void check_seq(lua_State *L, const char *digits) {
  int n = (int)strlen(digits);
  check_top(L, n);
  for (int i = 0; i < n; i++) check_int(L, i + 1, digits[i] - '0');
}

static void test_stack__manipulation(void **state) {
  lua_State *L = *state;
  fill(L, 5);
  assert_int_equal(lua_absindex(L, -1), 5);
  assert_int_equal(lua_absindex(L, 2), 2);
  assert_int_equal(lua_absindex(L, LUA_REGISTRYINDEX), LUA_REGISTRYINDEX);
  lua_pushvalue(L, -2);
  check_seq(L, "123454");
  lua_pop(L, 1);
  lua_rotate(L, 2, 1);
  check_seq(L, "15234");
  lua_rotate(L, 2, -1);
  check_seq(L, "12345");
  lua_rotate(L, 1, 2);
  check_seq(L, "45123");
  lua_rotate(L, -3, 2);
  check_seq(L, "45231");
  lua_rotate(L, -1, 0);
  lua_rotate(L, 1, 0);
  check_seq(L, "45231");
  fill(L, 4);
  lua_insert(L, 1);
  check_seq(L, "4123");
  lua_remove(L, 2);
  check_seq(L, "423");
  lua_replace(L, 1);
  check_seq(L, "32");
  lua_copy(L, 1, 2);
  check_seq(L, "33");
  lua_settop(L, 4);
  assert_true(lua_isnil(L, 3) && lua_isnil(L, 4));
  lua_settop(L, -3);
  check_top(L, 2);
  assert_true(lua_checkstack(L, 1000));
  assert_false(lua_checkstack(L, 100000000));
  check_top(L, 2);
}

static void test_stack__xmove_between_threads(void **state) {
  lua_State *L = *state;
  lua_State *t = lua_newthread(L);
  lua_pushinteger(L, 1);
  lua_pushliteral(L, "two");
  lua_newtable(L);
  lua_xmove(L, t, 3);
  check_top(L, 1);
  check_top(t, 3);
  check_int(t, 1, 1);
  check_str(t, 2, "two");
  lua_xmove(t, L, 2);
  check_top(t, 1);
  assert_true(lua_istable(L, -1));
  lua_xmove(t, t, 1);
  check_top(t, 1);
  lua_xmove(L, t, 0);
  check_top(t, 1);
}

static void test_types__every_type(void **state) {
  lua_State *L = *state;
  lua_pushnil(L);
  lua_pushboolean(L, 2);
  lua_pushinteger(L, 7);
  lua_pushnumber(L, 7.5);
  lua_pushliteral(L, "10");
  lua_newtable(L);
  lua_pushcfunction(L, luaopen_base);
  lua_pushlightuserdata(L, L);
  lua_newuserdatauv(L, 8, 0);
  lua_newthread(L);
  luaL_loadstring(L, "return 1");
  static const int types[] = {LUA_TNIL,      LUA_TBOOLEAN, LUA_TNUMBER,   LUA_TNUMBER,
                              LUA_TSTRING,   LUA_TTABLE,   LUA_TFUNCTION, LUA_TLIGHTUSERDATA,
                              LUA_TUSERDATA, LUA_TTHREAD,  LUA_TFUNCTION};
  static const char *const names[] = {"nil",      "boolean", "number",   "number",
                                      "string",   "table",   "function", "userdata",
                                      "userdata", "thread",  "function"};
  for (int i = 0; i < 11; i++) {
    assert_int_equal(lua_type(L, i + 1), types[i]);
    assert_string_equal(lua_typename(L, types[i]), names[i]);
    assert_string_equal(luaL_typename(L, i + 1), names[i]);
    assert_int_equal(lua_isnumber(L, i + 1), i == 2 || i == 3 || i == 4);
    assert_int_equal(lua_isstring(L, i + 1), i == 2 || i == 3 || i == 4);
    assert_int_equal(lua_isinteger(L, i + 1), i == 2);
    assert_int_equal(lua_iscfunction(L, i + 1), i == 6);
    assert_int_equal(lua_isuserdata(L, i + 1), i == 7 || i == 8);
    assert_int_equal(lua_toboolean(L, i + 1), i != 0);
  }
  assert_int_equal(lua_type(L, 12), LUA_TNONE);
  assert_string_equal(lua_typename(L, LUA_TNONE), "no value");
  assert_true(lua_isnone(L, 100) && lua_isnoneornil(L, 1) && lua_isnoneornil(L, 100));
  assert_int_equal(lua_toboolean(L, 2), 1);
  assert_ptr_equal(lua_touserdata(L, 8), L);
  assert_non_null(lua_touserdata(L, 9));
  assert_null(lua_touserdata(L, 1));
  assert_non_null(lua_tothread(L, 10));
  assert_null(lua_tothread(L, 1));
  assert_true(lua_tocfunction(L, 7) == luaopen_base);
  assert_true(lua_tocfunction(L, 11) == NULL);
  assert_non_null(lua_topointer(L, 6));
  assert_null(lua_topointer(L, 3));
  assert_ptr_equal(lua_topointer(L, 8), L);
}

static void test_convert__numbers_and_strings(void **state) {
  lua_State *L = *state;
  int ok = 5;
  lua_pushliteral(L, " 0x10 ");
  assert_true(lua_tointegerx(L, -1, &ok) == 16 && ok == 1);
  assert_true(lua_tonumberx(L, -1, &ok) == 16.0 && ok == 1);
  assert_int_equal(lua_type(L, -1), LUA_TSTRING);
  lua_pushnumber(L, 3.5);
  assert_true(lua_tointegerx(L, -1, &ok) == 0 && ok == 0);
  lua_pushnumber(L, 3.0);
  assert_true(lua_tointegerx(L, -1, &ok) == 3 && ok == 1);
  lua_pushliteral(L, "x");
  assert_true(lua_tonumberx(L, -1, &ok) == 0.0 && ok == 0);
  assert_true(lua_tointeger(L, -1) == 0);
  size_t len = 99;
  lua_pushinteger(L, 42);
  assert_string_equal(lua_tolstring(L, -1, &len), "42");
  assert_int_equal(len, 2);
  assert_int_equal(lua_type(L, -1), LUA_TSTRING); /* converted in place */
  lua_pushnumber(L, 1e15);
  check_str(L, -1, "1e+15");
  lua_pushnumber(L, 2.0);
  check_str(L, -1, "2.0");
  lua_newtable(L);
  assert_null(lua_tolstring(L, -1, &len));
  assert_int_equal(len, 0);
  assert_int_equal(lua_stringtonumber(L, "12"), 3);
  check_int(L, -1, 12);
  assert_int_equal(lua_stringtonumber(L, "1.5e1 "), 7);
  assert_true(lua_tonumber(L, -1) == 15.0);
  int top = lua_gettop(L);
  assert_int_equal(lua_stringtonumber(L, "1x"), 0);
  check_top(L, top);
  lua_pushlstring(L, "a\0b", 3);
  assert_int_equal(lua_rawlen(L, -1), 3);
  assert_memory_equal(lua_tolstring(L, -1, &len), "a\0b", 4);
  assert_null(lua_pushstring(L, NULL));
  assert_true(lua_isnil(L, -1));
  const char *s = lua_pushstring(L, "text");
  assert_string_equal(s, "text");
  assert_ptr_equal(s, lua_tostring(L, -1));
  s = lua_pushlstring(L, NULL, 0);
  assert_string_equal(s, "");
  s = lua_pushfstring(L, "%s|%d|%I|%f|%c|%U|%%|%s", "a", -5, (LUAI_UACINT)1 << 40, 1.5, 'x',
                      0x20ACL, NULL);
  assert_string_equal(s, "a|-5|1099511627776|1.5|x|\xE2\x82\xAC|%|(null)");
  s = lua_pushfstring(L, "%p", (void *)NULL);
  assert_non_null(s);
  char big[2000];
  memset(big, 'y', sizeof big - 1);
  big[sizeof big - 1] = '\0';
  s = lua_pushfstring(L, "<%s>%d", big, 7);
  assert_int_equal(strlen(s), sizeof big + 2);
  assert_string_equal(s + sizeof big, ">7");
}

static void test_tables__access(void **state) {
  lua_State *L = *state;
  lua_createtable(L, 4, 4);
  lua_pushinteger(L, 10);
  lua_setfield(L, 1, "ten");
  lua_pushliteral(L, "v");
  lua_seti(L, 1, 3);
  lua_pushliteral(L, "key");
  lua_pushboolean(L, 1);
  lua_settable(L, 1);
  lua_pushliteral(L, "raw");
  lua_pushinteger(L, 1);
  lua_rawset(L, 1);
  lua_pushinteger(L, 77);
  lua_rawseti(L, 1, 1);
  static int key;
  lua_pushliteral(L, "by pointer");
  lua_rawsetp(L, 1, &key);
  check_top(L, 1);
  assert_int_equal(lua_getfield(L, 1, "ten"), LUA_TNUMBER);
  assert_int_equal(lua_geti(L, 1, 3), LUA_TSTRING);
  lua_pushliteral(L, "key");
  assert_int_equal(lua_gettable(L, 1), LUA_TBOOLEAN);
  lua_pushliteral(L, "raw");
  assert_int_equal(lua_rawget(L, 1), LUA_TNUMBER);
  assert_int_equal(lua_rawgeti(L, 1, 1), LUA_TNUMBER);
  check_int(L, -1, 77);
  assert_int_equal(lua_rawgetp(L, 1, &key), LUA_TSTRING);
  assert_int_equal(lua_getfield(L, 1, "none"), LUA_TNIL);
  assert_int_equal(lua_rawgetp(L, 1, L), LUA_TNIL);
  lua_settop(L, 1);
  int n = 0;
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    n++;
    lua_pop(L, 1);
  }
  assert_int_equal(n, 6);
  check_top(L, 1);
  lua_pushinteger(L, 5);
  lua_setglobal(L, "gl");
  assert_int_equal(lua_getglobal(L, "gl"), LUA_TNUMBER);
  lua_pushglobaltable(L);
  assert_int_equal(lua_getfield(L, -1, "gl"), LUA_TNUMBER);
  assert_int_equal(lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS), LUA_TTABLE);
  assert_true(lua_rawequal(L, -1, -3));
  assert_int_equal(lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD), LUA_TTHREAD);
  assert_ptr_equal(lua_tothread(L, -1), L);
}

static int index_mm(lua_State *L) {
  lua_pushfstring(L, "idx:%s", luaL_tolstring(L, 2, NULL));
  return 1;
}
static int newindex_mm(lua_State *L) {
  lua_rawset(L, 1);
  lua_pushliteral(L, "seen");
  lua_pushboolean(L, 1);
  lua_rawset(L, 1);
  return 0;
}
static void test_tables__metamethods_and_lengths(void **state) {
  lua_State *L = *state;
  lua_newtable(L);
  assert_int_equal(lua_getmetatable(L, 1), 0);
  lua_newtable(L);
  lua_pushcfunction(L, index_mm);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, newindex_mm);
  lua_setfield(L, -2, "__newindex");
  lua_pushliteral(L, "Name");
  lua_setfield(L, -2, "__name");
  assert_int_equal(lua_setmetatable(L, 1), 1);
  lua_getfield(L, 1, "foo");
  check_str(L, -1, "idx:foo");
  lua_geti(L, 1, 9);
  check_str(L, -1, "idx:9");
  lua_pushinteger(L, 4);
  lua_setfield(L, 1, "x");
  assert_int_equal(lua_getfield(L, 1, "seen"), LUA_TBOOLEAN);
  assert_int_equal(luaL_getmetafield(L, 1, "__name"), LUA_TSTRING);
  assert_int_equal(luaL_getmetafield(L, 1, "__nope"), LUA_TNIL);
  assert_int_equal(lua_getmetatable(L, 1), 1);
  lua_settop(L, 1);
  assert_int_equal(luaL_callmeta(L, 1, "__len"), 0);
  assert_true(strncmp(luaL_tolstring(L, 1, NULL), "Name: ", 6) == 0);
  lua_pushnil(L);
  lua_setmetatable(L, 1);
  assert_int_equal(lua_getmetatable(L, 1), 0);
  run_lua(L, "return setmetatable({1,2,3}, {__len = function() return 42 end})");
  assert_int_equal(lua_rawlen(L, -1), 3);
  lua_len(L, -1);
  check_int(L, -1, 42);
  assert_int_equal(luaL_len(L, -2), 42);
  lua_pushinteger(L, 1);
  assert_int_equal(lua_rawlen(L, -1), 0);
}

static void test_arith__all_operators(void **state) {
  lua_State *L = *state;
  static const struct {
    int op;
    lua_Integer a, b, want;
  } ints[] = {{LUA_OPADD, 7, 3, 10},   {LUA_OPSUB, 7, 3, 4},    {LUA_OPMUL, 7, 3, 21},
              {LUA_OPMOD, -7, 3, 2},   {LUA_OPIDIV, -7, 3, -3}, {LUA_OPBAND, 6, 3, 2},
              {LUA_OPBOR, 6, 3, 7},    {LUA_OPBXOR, 6, 3, 5},   {LUA_OPSHL, 1, 4, 16},
              {LUA_OPSHR, -1, 60, 15}, {LUA_OPSHL, 1, 64, 0},   {LUA_OPSHR, 1, -3, 8}};
  for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) {
    lua_pushinteger(L, ints[i].a);
    lua_pushinteger(L, ints[i].b);
    lua_arith(L, ints[i].op);
    check_int(L, -1, ints[i].want);
    lua_pop(L, 1);
  }
  lua_pushinteger(L, 2);
  lua_pushinteger(L, 10);
  lua_arith(L, LUA_OPPOW);
  assert_true(lua_tonumber(L, -1) == 1024.0 && !lua_isinteger(L, -1));
  lua_pushliteral(L, "10");
  lua_arith(L, LUA_OPDIV);
  assert_true(lua_tonumber(L, -1) == 102.4);
  lua_pushinteger(L, 5);
  lua_arith(L, LUA_OPUNM);
  check_int(L, -1, -5);
  lua_arith(L, LUA_OPBNOT);
  check_int(L, -1, 4);
  check_top(L, 2);
  run_lua(L, "return setmetatable({}, {__add = function(a, b) return 'added' end})");
  lua_pushinteger(L, 1);
  lua_arith(L, LUA_OPADD);
  check_str(L, -1, "added");
}

static void test_compare__raw_and_meta(void **state) {
  lua_State *L = *state;
  lua_pushinteger(L, 1);
  lua_pushnumber(L, 1.0);
  lua_pushinteger(L, 2);
  lua_pushliteral(L, "a");
  lua_pushliteral(L, "b");
  assert_true(lua_compare(L, 1, 2, LUA_OPEQ) && lua_rawequal(L, 1, 2));
  assert_true(lua_compare(L, 1, 3, LUA_OPLT) && lua_compare(L, 1, 2, LUA_OPLE));
  assert_false(lua_compare(L, 3, 1, LUA_OPLE) || lua_compare(L, 1, 2, LUA_OPLT));
  assert_true(lua_compare(L, 4, 5, LUA_OPLT));
  assert_false(lua_compare(L, 1, 50, LUA_OPEQ) || lua_rawequal(L, 50, 1) ||
               lua_compare(L, 1, 50, LUA_OPLT));
  run_lua(L,
          "local m = {__eq = function() return true end, __lt = function() return true end,"
          " __le = function() return false end} return setmetatable({}, m), setmetatable({}, m)");
  assert_true(lua_compare(L, 6, 7, LUA_OPEQ) && !lua_rawequal(L, 6, 7));
  assert_true(lua_compare(L, 6, 7, LUA_OPLT) && !lua_compare(L, 6, 7, LUA_OPLE));
  check_top(L, 7);
}

static void test_concat__counts(void **state) {
  lua_State *L = *state;
  lua_concat(L, 0);
  check_str(L, -1, "");
  lua_pushinteger(L, 5);
  lua_concat(L, 1);
  check_int(L, -1, 5);
  lua_settop(L, 0);
  lua_pushliteral(L, "a");
  lua_pushinteger(L, 1);
  lua_pushnumber(L, 2.5);
  lua_pushliteral(L, "z");
  lua_concat(L, 4);
  check_str(L, -1, "a12.5z");
  check_top(L, 1);
  run_lua(
      L,
      "return setmetatable({}, {__concat = function(a, b) return type(a) .. '+' .. type(b) end})");
  lua_concat(L, 2);
  check_str(L, -1, "string+table");
}

static void test_userdata__user_values(void **state) {
  lua_State *L = *state;
  char *p = lua_newuserdatauv(L, 100, 3);
  assert_int_equal((uintptr_t)p % sizeof(void *), 0);
  memset(p, 7, 100);
  assert_int_equal(lua_rawlen(L, 1), 100);
  for (int i = 1; i <= 3; i++) assert_int_equal(lua_getiuservalue(L, 1, i), LUA_TNIL);
  assert_int_equal(lua_getiuservalue(L, 1, 4), LUA_TNONE);
  assert_int_equal(lua_getiuservalue(L, 1, 0), LUA_TNONE);
  lua_settop(L, 1);
  lua_pushliteral(L, "uv2");
  assert_int_equal(lua_setiuservalue(L, 1, 2), 1);
  lua_pushinteger(L, 1);
  assert_int_equal(lua_setiuservalue(L, 1, 4), 0);
  check_top(L, 1);
  lua_gc(L, LUA_GCCOLLECT);
  assert_int_equal(lua_getiuservalue(L, 1, 2), LUA_TSTRING);
  check_str(L, -1, "uv2");
  assert_ptr_equal(lua_touserdata(L, 1), p);
  assert_non_null(lua_newuserdatauv(L, 0, 0));
  assert_int_equal(lua_rawlen(L, -1), 0);
  luaL_newmetatable(L, "T.type");
  assert_int_equal(luaL_newmetatable(L, "T.type"), 0);
  lua_settop(L, 1);
  luaL_setmetatable(L, "T.type");
  assert_ptr_equal(luaL_checkudata(L, 1, "T.type"), p);
  assert_ptr_equal(luaL_testudata(L, 1, "T.type"), p);
  assert_null(luaL_testudata(L, 1, "T.other"));
  lua_pushinteger(L, 1);
  assert_null(luaL_testudata(L, 2, "T.type"));
}

static int counter(lua_State *L) {
  lua_Integer n = lua_tointeger(L, lua_upvalueindex(1)) + 1;
  lua_pushinteger(L, n);
  lua_copy(L, -1, lua_upvalueindex(1));
  assert_int_equal(lua_type(L, lua_upvalueindex(3)), LUA_TNONE);
  assert_int_equal(lua_type(L, lua_upvalueindex(255)), LUA_TNONE);
  return 1;
}
static void test_upvalues__c_and_lua(void **state) {
  lua_State *L = *state;
  lua_pushinteger(L, 10);
  lua_pushliteral(L, "up2");
  lua_pushcclosure(L, counter, 2);
  for (int i = 11; i < 14; i++) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    check_int(L, -1, i);
    lua_pop(L, 1);
  }
  assert_string_equal(lua_getupvalue(L, 1, 1), "");
  check_int(L, -1, 13);
  assert_null(lua_getupvalue(L, 1, 3));
  lua_pushliteral(L, "new");
  assert_string_equal(lua_setupvalue(L, 1, 2), "");
  assert_string_equal(lua_getupvalue(L, 1, 2), "");
  check_str(L, -1, "new");
  assert_non_null(lua_upvalueid(L, 1, 1));
  assert_null(lua_upvalueid(L, 1, 3));
  lua_settop(L, 0);
  run_lua(L, "local a, b = 1, 2 return function() return a end, function() return b end");
  assert_string_equal(lua_getupvalue(L, 1, 1), "a");
  lua_pop(L, 1);
  assert_true(lua_upvalueid(L, 1, 1) != lua_upvalueid(L, 2, 1));
  lua_upvaluejoin(L, 1, 1, 2, 1);
  assert_ptr_equal(lua_upvalueid(L, 1, 1), lua_upvalueid(L, 2, 1));
  lua_call(L, 0, 1);
  check_int(L, -1, 2);
  lua_pushcfunction(L, counter);
  assert_null(lua_getupvalue(L, -1, 1));
}

static void test_aux__refs_buffers_and_checks(void **state) {
  lua_State *L = *state;
  lua_pushliteral(L, "one");
  int r1 = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushliteral(L, "two");
  int r2 = luaL_ref(L, LUA_REGISTRYINDEX);
  assert_true(r1 > 0 && r2 > 0 && r1 != r2);
  lua_pushnil(L);
  assert_int_equal(luaL_ref(L, LUA_REGISTRYINDEX), LUA_REFNIL);
  lua_rawgeti(L, LUA_REGISTRYINDEX, r1);
  check_str(L, -1, "one");
  luaL_unref(L, LUA_REGISTRYINDEX, r1);
  luaL_unref(L, LUA_REGISTRYINDEX, LUA_NOREF);
  luaL_unref(L, LUA_REGISTRYINDEX, LUA_REFNIL);
  lua_pushliteral(L, "three");
  assert_int_equal(luaL_ref(L, LUA_REGISTRYINDEX), r1); /* freed references are reused */
  lua_settop(L, 0);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (int i = 0; i < 5000; i++) {
    luaL_addchar(&b, (char)('a' + i % 26));
    if (i % 1000 == 0) luaL_addstring(&b, "<mark>");
    if (i % 1500 == 0) {
      lua_pushinteger(L, i);
      luaL_addvalue(&b);
    }
  }
  luaL_addlstring(&b, "a\0b", 3);
  luaL_buffsub(&b, 1);
  luaL_pushresult(&b);
  assert_int_equal(lua_rawlen(L, -1), 5000 + 5 * 6 + 1 + 4 * 3 + 2);
  check_top(L, 1);
  char *p = luaL_buffinitsize(L, &b, 10000);
  memset(p, 'z', 10000);
  luaL_pushresultsize(&b, 10000);
  assert_int_equal(lua_rawlen(L, -1), 10000);
  assert_string_equal(luaL_gsub(L, "a.b.c", ".", "::"), "a::b::c");
  lua_settop(L, 0);
  assert_int_equal(luaL_getsubtable(L, LUA_REGISTRYINDEX, "sub"), 0);
  assert_int_equal(luaL_getsubtable(L, LUA_REGISTRYINDEX, "sub"), 1);
  luaL_requiref(L, "mymod", luaopen_math, 1);
  assert_true(lua_getglobal(L, "mymod") == LUA_TTABLE && lua_rawequal(L, -1, -2));
  luaL_traceback(L, L, "hello", 0);
  assert_true(strncmp(lua_tostring(L, -1), "hello\nstack traceback:", 22) == 0);
  assert_true(lua_version(L) == 504.0);
  luaL_checkversion(L);
}

static int check_args(lua_State *L) {
  luaL_checkinteger(L, 1);
  luaL_checknumber(L, 2);
  luaL_checkstring(L, 3);
  luaL_checktype(L, 4, LUA_TTABLE);
  luaL_checkany(L, 5);
  static const char *const opts[] = {"red", "green", NULL};
  lua_pushinteger(L, luaL_checkoption(L, 6, "green", opts));
  lua_pushinteger(L, luaL_optinteger(L, 7, 99));
  luaL_argcheck(L, lua_tointeger(L, 1) > 0, 1, "must be positive");
  return 2;
}
static void test_aux__argument_errors(void **state) {
  lua_State *L = *state;
  lua_register(L, "check", check_args);
  static const char *const cases[][2] = {
      {"return check(1, 2.5, 's', {}, nil)", NULL},
      {"return check(1, 2.5, 's', {}, nil, 'red', 7)", NULL},
      {"check('x')", "bad argument #1 to 'check' (number expected, got string)"},
      {"check(1.5)", "bad argument #1 to 'check' (number has no integer representation)"},
      {"check(1)", "bad argument #2 to 'check' (number expected, got no value)"},
      {"check(1, 2, {})", "bad argument #3 to 'check' (string expected, got table)"},
      {"check(1, 2, 's', 5)", "bad argument #4 to 'check' (table expected, got number)"},
      {"check(1, 2, 's', {})", "bad argument #5 to 'check' (value expected)"},
      {"check(1, 2, 's', {}, 1, 'blue')", "bad argument #6 to 'check' (invalid option 'blue')"},
      {"check(0, 2, 's', {}, 1)", "bad argument #1 to 'check' (must be positive)"},
      {"local t = {m = check} t:m()", "calling 'm' on bad self (number expected, got table)"},
      {"local t = {m = check} t.m(1, {})", "bad argument #2 to 'm' (number expected, got table)"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lua_settop(L, 0);
    assert_int_equal(luaL_loadbuffer(L, cases[i][0], strlen(cases[i][0]), "=c"), LUA_OK);
    int rc = lua_pcall(L, 0, LUA_MULTRET, 0);
    if (cases[i][1] == NULL) {
      assert_int_equal(rc, LUA_OK);
      check_int(L, 1, i == 0 ? 1 : 0);
      check_int(L, 2, i == 0 ? 99 : 7);
    } else {
      assert_int_equal(rc, LUA_ERRRUN);
      assert_string_equal(lua_tostring(L, -1) + strlen("c:1: "), cases[i][1]);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      api_test(test_stack__manipulation),  api_test(test_stack__xmove_between_threads),
      api_test(test_types__every_type),    api_test(test_convert__numbers_and_strings),
      api_test(test_tables__access),       api_test(test_tables__metamethods_and_lengths),
      api_test(test_arith__all_operators), api_test(test_compare__raw_and_meta),
      api_test(test_concat__counts),       api_test(test_userdata__user_values),
      api_test(test_upvalues__c_and_lua),  api_test(test_aux__refs_buffers_and_checks),
      api_test(test_aux__argument_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
