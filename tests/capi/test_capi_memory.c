/* test_capi_memory.c: allocators that fail, collection, dump and load, warnings, extra space. */
#include "capi.h"

struct budget {
  long calls_left; /* growing calls until the allocator fails; below zero: never */
  size_t used;
  size_t most; /* bytes in use at which it fails; 0: never */
  long calls;
};
static void *counting_alloc(void *ud, void *p, size_t osize, size_t nsize) {
  struct budget *b = ud;
  size_t old = p ? osize : 0;
  if (nsize == 0) {
    b->used -= old;
    free(p);
    return NULL;
  }
  if (nsize > old) {
    b->calls++;
    if (b->calls_left == 0 || (b->most != 0 && b->used + (nsize - old) > b->most)) return NULL;
    if (b->calls_left > 0) b->calls_left--;
  }
  void *q = realloc(p, nsize);
  if (q != NULL) b->used += nsize - old;
  return q;
}

static int open_libs(lua_State *L) {
  luaL_openlibs(L);
  return 0;
}
static const char program[] =
    "local t = {} for i = 1, 50 do t[i] = {i, 's' .. i} t['k' .. i] = i end "
    "local co = coroutine.wrap(function(...) local a <close> = setmetatable({}, {__close = "
    "function() end}) "
    "for i = 1, 5 do coroutine.yield(('x'):rep(i * 30)) end end) "
    "local n = 0 for i = 1, 5 do n = n + #co() end "
    "local f, m = load('local a, b = ... return function() return a, b end') "
    "if not f then error(m, 0) end f(1, 2)() "
    "local ok, e = pcall(function() local x = nil; return x.y end) "
    "setmetatable({}, {__gc = function() end}) table.sort(t, function(a, b) return a[1] > b[1] "
    "end) "
    "return n, #table.concat({1, 2, ('y'):rep(300)}), (('abc'):gsub('%w', '%0%0')), ok, "
    "string.format('%5.2f', 1/3)";

/* Fail at the nth growing allocation, for every n until the program gets through: the state must
 * stay usable and lua_close must give everything back. */
static void test_memory__every_allocation_fails_once(void **state) {
  (void)state;
  int reached = 0;
  for (long n = 0; n < 20000 && !reached; n++) {
    struct budget b = {.calls_left = n};
    lua_State *L = lua_newstate(counting_alloc, &b);
    if (L != NULL) {
      void *ud = NULL;
      assert_true(lua_getallocf(L, &ud) == counting_alloc);
      assert_ptr_equal(ud, &b);
      lua_pushcfunction(L, open_libs);
      int rc = lua_pcall(L, 0, 0, 0);
      if (rc == LUA_OK) rc = luaL_loadstring(L, program);
      if (rc == LUA_OK) {
        rc = lua_pcall(L, 0, 5, 0);
        if (rc == LUA_OK) {
          check_int(L, -5, 450);
          check_int(L, -4, 302);
          check_str(L, -3, "aabbcc");
          reached = 1;
        }
      }
      if (rc != LUA_OK) {
        /* load hands the error to the program, which raises it again. */
        assert_true(rc == LUA_ERRMEM || rc == LUA_ERRRUN);
        check_str(L, -1, "not enough memory");
        b.calls_left = -1;
        lua_settop(L, 0);
        assert_int_equal(
            luaL_dostring(L, "local t = {} for i = 1, 100 do t[i] = {i} end return #t"), LUA_OK);
        check_int(L, -1, 100);
      }
      lua_close(L);
    }
    assert_int_equal(b.used, 0);
  }
  assert_true(reached);
}

static void test_memory__limit_then_recover(void **state) {
  (void)state;
  struct budget b = {.calls_left = -1};
  lua_State *L = lua_newstate(counting_alloc, &b);
  assert_non_null(L);
  luaL_openlibs(L);
  luaL_loadstring(L, "local t = {} while true do t[#t + 1] = {} end");
  b.most = b.used + (16u << 20); /* bytes: how much a core asks for at once is its own affair */
  assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_ERRMEM);
  b.most = 0;
  lua_gc(L, LUA_GCCOLLECT);
  assert_int_equal(luaL_dostring(L, "return ('x'):rep(1000)"), LUA_OK);
  lua_setallocf(L, counting_alloc, &b);
  lua_close(L);
  assert_int_equal(b.used, 0);
}

static void test_gc__options(void **state) {
  lua_State *L = *state;
  lua_gc(L, LUA_GCCOLLECT);
  int kb = lua_gc(L, LUA_GCCOUNT), rest = lua_gc(L, LUA_GCCOUNTB);
  assert_true(kb > 0 && rest >= 0 && rest < 1024);
  assert_int_equal(lua_gc(L, LUA_GCISRUNNING), 1);
  lua_gc(L, LUA_GCSTOP);
  assert_int_equal(lua_gc(L, LUA_GCISRUNNING), 0);
  lua_gc(L, LUA_GCRESTART);
  assert_int_equal(lua_gc(L, LUA_GCISRUNNING), 1);
  assert_int_equal(lua_gc(L, LUA_GCGEN, 0, 0), LUA_GCINC);
  assert_int_equal(lua_gc(L, LUA_GCINC, 0, 0, 0), LUA_GCGEN);
  assert_int_equal(lua_gc(L, LUA_GCINC, 0, 0, 0), LUA_GCINC);
  int pause = lua_gc(L, LUA_GCSETPAUSE, 150);
  assert_true(pause > 0);
  assert_in_range(lua_gc(L, LUA_GCSETPAUSE, pause), 147, 150); /* stored in coarser units */
  assert_true(lua_gc(L, LUA_GCSETSTEPMUL, 200) >= 0);
  for (int i = 0; i < 1000 && !lua_gc(L, LUA_GCSTEP, 100); i++) {
  }
  assert_int_equal(lua_gc(L, 99), -1);
}

static int gc_count;
static int count_gc(lua_State *L) {
  (void)L;
  gc_count++;
  return 0;
}
static void test_gc__userdata_finalizers_at_close(void **state) {
  (void)state;
  lua_State *L = luaL_newstate();
  gc_count = 0;
  luaL_newmetatable(L, "counted");
  lua_pushcfunction(L, count_gc);
  lua_setfield(L, -2, "__gc");
  for (int i = 0; i < 10; i++) {
    lua_newuserdatauv(L, 16, 1);
    luaL_setmetatable(L, "counted");
    if (i % 2 == 0) lua_pop(L, 1);
  }
  lua_gc(L, LUA_GCCOLLECT);
  assert_int_equal(gc_count, 5);
  lua_close(L);
  assert_int_equal(gc_count, 10);
}

/* ---- dump and load ---- */
struct blob {
  char data[20000];
  size_t size, pos, piece;
  int fail_after;
};
static int write_blob(lua_State *L, const void *p, size_t n, void *ud) {
  struct blob *b = ud;
  (void)L;
  if (b->fail_after > 0 && --b->fail_after == 0) return 7;
  memcpy(b->data + b->size, p, n);
  b->size += n;
  return 0;
}
static const char *read_blob(lua_State *L, void *ud, size_t *size) {
  struct blob *b = ud;
  (void)L;
  if (b->pos >= b->size) return NULL;
  *size = b->size - b->pos < b->piece ? b->size - b->pos : b->piece;
  const char *p = b->data + b->pos;
  b->pos += *size;
  return p;
}
static void test_dump__round_trip(void **state) {
  lua_State *L = *state;
  for (int strip = 0; strip <= 1; strip++) {
    for (size_t piece = 1; piece <= 4096; piece *= 16) {
      struct blob *b = calloc(1, sizeof *b);
      b->piece = piece;
      lua_settop(L, 0);
      assert_int_equal(
          luaL_loadstring(
              L, "local a = ... local function f(x) return x .. 'k', 1.5, a end return f(...)"),
          LUA_OK);
      assert_int_equal(lua_dump(L, write_blob, b, strip), 0);
      check_top(L, 1);
      assert_int_equal(lua_load(L, read_blob, b, "=blob", "b"), LUA_OK);
      lua_pushliteral(L, "arg");
      lua_call(L, 1, 3);
      check_str(L, -3, "argk");
      assert_true(lua_tonumber(L, -2) == 1.5);
      check_str(L, -1, "arg");
      b->pos = 0;
      assert_int_equal(lua_load(L, read_blob, b, "=blob", "t"), LUA_ERRSYNTAX);
      check_str(L, -1, "attempt to load a binary chunk (mode is 't')");
      free(b);
    }
  }
  struct blob *b = calloc(1, sizeof *b);
  b->fail_after = 3;
  luaL_loadstring(L, "return 1");
  assert_int_equal(lua_dump(L, write_blob, b, 0), 7);
  lua_pushcfunction(L, open_libs);
  assert_int_equal(lua_dump(L, write_blob, b, 0), 1);
  /* text in pieces, and a truncated binary chunk */
  memset(b, 0, sizeof *b);
  strcpy(b->data, "return 1 + 2");
  b->size = strlen(b->data);
  b->piece = 1;
  assert_int_equal(lua_load(L, read_blob, b, "=text", NULL), LUA_OK);
  lua_call(L, 0, 1);
  check_int(L, -1, 3);
  memset(b, 0, sizeof *b);
  luaL_loadstring(L, "return function() return 'abc' end");
  assert_int_equal(lua_dump(L, write_blob, b, 0), 0);
  size_t full = b->size;
  b->piece = 64;
  for (size_t cut = 0; cut < full; cut += 3) {
    b->pos = 0;
    b->size = cut;
    lua_settop(L, 0);
    int rc = lua_load(L, read_blob, b, "=cut", "b");
    if (cut > 0) assert_int_equal(rc, LUA_ERRSYNTAX);
  }
  free(b);
}

static void test_load__upvalue_and_mode(void **state) {
  lua_State *L = *state;
  luaL_loadstring(L, "return glob");
  assert_string_equal(lua_getupvalue(L, -1, 1), "_ENV");
  assert_int_equal(lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS), LUA_TTABLE);
  assert_true(lua_rawequal(L, -1, -2));
  lua_settop(L, 1);
  lua_newtable(L);
  lua_pushinteger(L, 5);
  lua_setfield(L, -2, "glob");
  assert_string_equal(lua_setupvalue(L, 1, 1), "_ENV");
  lua_call(L, 0, 1);
  check_int(L, -1, 5);
  assert_int_equal(luaL_loadfilex(L, "/nonexistent/file.lua", NULL), LUA_ERRFILE);
  assert_non_null(strstr(lua_tostring(L, -1), "cannot open /nonexistent/file.lua"));
}

static char warnings[256];
static void on_warn(void *ud, const char *msg, int tocont) {
  assert_ptr_equal(ud, warnings);
  strcat(warnings, msg);
  strcat(warnings, tocont ? "+" : ";");
}
static void test_warnings__function_and_pieces(void **state) {
  lua_State *L = *state;
  warnings[0] = '\0';
  lua_setwarnf(L, on_warn, warnings);
  lua_warning(L, "direct", 0);
  run_lua(L, "warn('a', 'b', 'c') warn('@on')");
  assert_string_equal(warnings, "direct;a+b+c;@on;");
  warnings[0] = '\0';
  run_lua(L, "setmetatable({}, {__gc = function() error('in gc', 0) end}) collectgarbage()");
  assert_string_equal(warnings, "error in +__gc+ (+in gc+);");
  lua_setwarnf(L, NULL, NULL);
  lua_warning(L, "ignored", 0);
}

static void test_extraspace__copied_to_new_threads(void **state) {
  lua_State *L = *state;
  void *value = warnings;
  memcpy(lua_getextraspace(L), &value, sizeof value);
  lua_State *t = lua_newthread(L);
  void *got = NULL;
  memcpy(&got, lua_getextraspace(t), sizeof got);
  assert_ptr_equal(got, value);
  memset(lua_getextraspace(t), 0, LUA_EXTRASPACE);
  memcpy(&got, lua_getextraspace(L), sizeof got);
  assert_ptr_equal(got, value);
  for (int i = 0; i < 1000; i++) {
    lua_newthread(L);
    lua_pop(L, 1);
  }
  memcpy(&got, lua_getextraspace(L), sizeof got);
  assert_ptr_equal(got, value);
}

static void test_states__many_at_once(void **state) {
  (void)state;
  lua_State *all[20];
  for (int i = 0; i < 20; i++) {
    all[i] = luaL_newstate();
    luaL_openlibs(all[i]);
    lua_pushinteger(all[i], i);
    lua_setglobal(all[i], "id");
  }
  for (int i = 0; i < 20; i++) {
    run_lua(all[i], "return id * 2");
    check_int(all[i], -1, 2 * i);
  }
  for (int i = 19; i >= 0; i -= 2) lua_close(all[i]);
  for (int i = 0; i < 20; i += 2) lua_close(all[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_memory__every_allocation_fails_once),
      cmocka_unit_test(test_memory__limit_then_recover),
      api_test(test_gc__options),
      cmocka_unit_test(test_gc__userdata_finalizers_at_close),
      api_test(test_dump__round_trip),
      api_test(test_load__upvalue_and_mode),
      api_test(test_warnings__function_and_pieces),
      api_test(test_extraspace__copied_to_new_threads),
      cmocka_unit_test(test_states__many_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
