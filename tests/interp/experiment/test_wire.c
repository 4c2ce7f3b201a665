/* Lua values as bytes: there and back, what can't be sent, no memory, hostile bytes. */
#include "../../../interp/wire.h"

#include <lauxlib.h>
#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Makes a value by a chunk, sends it, and hands original and copy to a second chunk, which checks.
 */
static void round_trip(const char *make, const char *check) {
  lua_State *L = luaL_newstate();
  struct wire_buf buf = {0};
  char why[WIRE_WHY];
  luaL_openlibs(L);
  assert_int_equal(luaL_dostring(L, make), LUA_OK);
  int top = lua_gettop(L);
  assert_int_equal(wire_encode(L, -1, &buf, why), GILT_OK);
  assert_int_equal(lua_gettop(L), top);
  assert_int_equal(luaL_loadstring(L, check), LUA_OK);
  lua_pushvalue(L, -2);
  assert_int_equal(wire_decode(L, buf.bytes, buf.len), GILT_OK);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK) fail_msg("%s: %s", make, lua_tostring(L, -1));
  wire_free(&buf);
  lua_close(L);
}

static void test_wire__scalars_come_back_exactly(void **state) {
  (void)state;
  static const char same[] =
      "local a, b = ... assert(rawequal(a, b) and math.type(a) == math.type(b))";
  const char *const values[] = {"nil",
                                "true",
                                "false",
                                "0",
                                "-1",
                                "1",
                                "63",
                                "64",
                                "-64",
                                "-65",
                                "math.maxinteger",
                                "math.mininteger",
                                "0.0",
                                "0.1",
                                "1e308 * 10",
                                "-1e308 * 10",
                                "2^53 + 1.0",
                                "5e-324",
                                "''",
                                "'a\\0b'",
                                "('x'):rep(100000)"};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    char make[64];
    (void)snprintf(make, sizeof make, "return %s", values[i]);
    round_trip(make, same);
  }
  round_trip("return -0.0", "local a, b = ... assert(1 / b == -math.huge)");
  round_trip("return 0/0", "local a, b = ... assert(b ~= b)");
}

static void test_wire__tables_keep_their_shape(void **state) {
  (void)state;
  round_trip("return {}", "local _, b = ... assert(next(b) == nil)");
  round_trip("return { 1, 2, 3, x = 4, [5] = 6, [-1] = 7, [1.5] = 8, [true] = 9 }",
             "local a, b = ... for k, v in pairs(a) do assert(b[k] == v) end "
             "for k, v in pairs(b) do assert(a[k] == v) end assert(#b == 3 or #b == 5)");
  round_trip("return { 1, nil, 3, nil, 5 }",
             "local _, b = ... assert(b[1] == 1 and b[2] == nil and b[5] == 5)");
  round_trip("local t = {} t.self = t t[t] = t return t",
             "local a, b = ... assert(b ~= a and b.self == b and b[b] == b)");
  round_trip("local s = {} return { a = s, b = s, c = {} }",
             "local _, b = ... assert(b.a == b.b and b.a ~= b.c)");
  round_trip("return { [{ 1 }] = { 2 } }",
             "local _, b = ... local k, v = next(b) assert(k[1] == 1 and v[1] == 2)");
}

static void test_wire__depth_and_size_have_no_limit(void **state) {
  (void)state;
  round_trip(
      "local t = {} local top = t for i = 1, 300000 do t.next = {} t = t.next end return top",
      "local a, b = ... local n = 0 while b do b = b.next n = n + 1 end assert(n == 300001)");
  round_trip("local t = {} for i = 1, 200000 do t[i] = { i } end return t",
             "local _, b = ... assert(#b == 200000) for i = 1, #b do assert(b[i][1] == i) end");
}

static void refuse(const char *make, const char *expected) {
  lua_State *L = luaL_newstate();
  struct wire_buf buf = {0};
  char why[WIRE_WHY];
  luaL_openlibs(L);
  assert_true(wire_append(&buf, "before", 6));
  assert_int_equal(luaL_dostring(L, make), LUA_OK);
  int top = lua_gettop(L);
  assert_int_equal(wire_encode(L, -1, &buf, why), GILT_EINVAL);
  assert_string_equal(why, expected);
  assert_int_equal(buf.len, 6); /* as it was */
  assert_int_equal(lua_gettop(L), top);
  wire_free(&buf);
  lua_close(L);
}

static void test_wire__names_what_cant_be_sent(void **state) {
  (void)state;
  refuse("return print", "a function");
  refuse("return coroutine.create(print)", "a coroutine");
  refuse("return io.stdout", "a userdata");
  refuse("return setmetatable({}, {})", "a table with a metatable");
  refuse("return { x = { 1, print } }", "a table with a function at .x[2]");
  refuse("return { a = { b = { c = print } } }", "a table with a function at .a.b.c");
  refuse("return { [1.5] = { [true] = print } }", "a table with a function at [1.5][true]");
  refuse("return { ['a b'] = print }", "a table with a function at [\"a b\"]");
  refuse("return { ['\\n\"'] = print }", "a table with a function at [\"\\x0A\\x22\"]");
  refuse("return { [print] = 1 }", "a table with a function as a key");
  refuse("return { t = { [print] = 1 } }", "a table with a function as a key of .t");
  refuse("return { [{ x = print }] = 1 }", "a table with a function at [a key].x");
  refuse("return { [{}] = print }", "a table with a function at [table]");
  refuse("return { o = setmetatable({}, {}) }", "a table with a table with a metatable at .o");
}

static void test_wire__a_long_path_is_cut(void **state) {
  (void)state;
  refuse("local t = { f = print } for i = 1, 20 do t = { t } end return t",
         "a table with a function at ...[1][1][1][1][1][1][1][1][1][1][1][1].f");
  lua_State *L = luaL_newstate();
  struct wire_buf buf = {0};
  char why[WIRE_WHY];
  luaL_openlibs(L);
  assert_int_equal(
      luaL_dostring(
          L, "local t = { f = print } for i = 1, 12 do t = { [('k'):rep(39)] = t } end return t"),
      LUA_OK);
  assert_int_equal(wire_encode(L, -1, &buf, why), GILT_EINVAL);
  assert_true(strlen(why) < WIRE_WHY);
  wire_free(&buf);
  lua_close(L);
}

/* ---- no memory ---- */

struct quota {
  size_t left;
};

static void *quota_alloc(void *ud, void *ptr, size_t old, size_t size) {
  struct quota *q = ud;
  if (ptr == NULL) old = 0;
  if (size > old && size - old > q->left) return NULL;
  q->left = q->left + old - size;
  if (size == 0) {
    free(ptr);
    return NULL;
  }
  return realloc(ptr, size);
}

static void test_wire__runs_out_of_memory_in_peace(void **state) {
  (void)state;
  struct quota q = {.left = (size_t)100 << 20};
  lua_State *L = lua_newstate(quota_alloc, &q);
  char why[WIRE_WHY];
  assert_int_equal(
      luaL_dostring(L,
                    "local t = {} for i = 1, 500 do t[i] = { i, s = 'value ' .. i } end return t"),
      LUA_OK);
  struct wire_buf whole = {0};
  assert_int_equal(wire_encode(L, -1, &whole, why), GILT_OK);
  int top = lua_gettop(L), ok = 0, refused = 0;
  for (size_t room = 0; room < 200000; room += 1777) {
    lua_gc(L, LUA_GCCOLLECT);
    struct wire_buf buf = {0};
    size_t kept = q.left;
    q.left = room;
    int rc = wire_encode(L, -1, &buf, why);
    assert_true(rc == GILT_OK || rc == GILT_ENOMEM);
    int back = wire_decode(L, whole.bytes, whole.len);
    assert_true(back == GILT_OK || back == GILT_ENOMEM);
    if (back == GILT_OK)
      ok++;
    else
      refused++;
    lua_settop(L, top);
    q.left += kept - room;
    wire_free(&buf);
  }
  assert_true(ok > 0 && refused > 0);
  wire_free(&whole);
  lua_close(L);
}

/* ---- hostile bytes ---- */

static uint64_t seed = 88172645463325252u;
static uint64_t next_random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

static void test_wire__hostile_bytes_are_refused(void **state) {
  (void)state;
  lua_State *L = luaL_newstate();
  struct wire_buf buf = {0};
  char why[WIRE_WHY];
  luaL_openlibs(L);
  assert_int_equal(
      luaL_dostring(
          L,
          "local s = { 1, 2.5, 'three' } return { s, s, x = { y = { true, false } }, [7] = 'z' }"),
      LUA_OK);
  assert_int_equal(wire_encode(L, -1, &buf, why), GILT_OK);
  int top = lua_gettop(L);
  for (size_t len = 0; len < buf.len;
       len++) { /* in a block of its own, so that ASan sees a read beyond */
    unsigned char *cut = malloc(len + 1);
    assert_non_null(cut);
    memcpy(cut, buf.bytes, len);
    assert_int_equal(wire_decode(L, cut, len), GILT_EPROTO);
    assert_int_equal(lua_gettop(L), top);
    free(cut);
  }
  unsigned char *copy = malloc(buf.len + 1);
  assert_non_null(copy);
  memcpy(copy, buf.bytes, buf.len);
  copy[buf.len] = 0;
  assert_int_equal(wire_decode(L, copy, buf.len + 1), GILT_EPROTO); /* something behind it */
  for (int round = 0; round < 50000; round++) {
    memcpy(copy, buf.bytes, buf.len);
    for (uint64_t n = next_random() % 4 + 1; n > 0; n--)
      copy[next_random() % buf.len] = (unsigned char)next_random();
    int rc = wire_decode(L, copy, buf.len);
    assert_true(rc == GILT_OK || rc == GILT_EPROTO);
    lua_settop(L, top);
  }
  free(copy);
  wire_free(&buf);
  lua_close(L);
}

static void test_wire__promises_cost_nothing(void **state) {
  (void)state;
  struct quota q = {.left = (size_t)1 << 20};
  lua_State *L = lua_newstate(quota_alloc, &q);
  static const unsigned char tables[] = {'g', 'w', '1', 0, 0xff, 0xff, 0xff, 0x7f, 6, 1};
  static const unsigned char string[] = {'g', 'w',  '1',  0,    0,    0,    0,  0,
                                         5,   0xff, 0xff, 0xff, 0xff, 0x7f, 'x'};
  static const unsigned char varint[] = {'g',  'w',  '1',  0,    0,    0,    0,    0,    3,   0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
  static const unsigned char nan_key[] = {'g', 'w', '1', 0, 1, 0, 0, 0,    6,    1, 0,
                                          4,   0,   0,   0, 0, 0, 0, 0xf8, 0x7f, 1, 0};
  assert_int_equal(wire_decode(L, tables, sizeof tables), GILT_EPROTO);
  assert_int_equal(wire_decode(L, string, sizeof string), GILT_EPROTO);
  assert_int_equal(wire_decode(L, varint, sizeof varint), GILT_EPROTO);
  assert_int_equal(wire_decode(L, nan_key, sizeof nan_key), GILT_EPROTO);
  assert_int_equal(wire_decode(L, NULL, 0), GILT_EPROTO);
  lua_close(L);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_wire__scalars_come_back_exactly),
      cmocka_unit_test(test_wire__tables_keep_their_shape),
      cmocka_unit_test(test_wire__depth_and_size_have_no_limit),
      cmocka_unit_test(test_wire__names_what_cant_be_sent),
      cmocka_unit_test(test_wire__a_long_path_is_cut),
      cmocka_unit_test(test_wire__runs_out_of_memory_in_peace),
      cmocka_unit_test(test_wire__hostile_bytes_are_refused),
      cmocka_unit_test(test_wire__promises_cost_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
