/* plain.c: a C module with static state that nothing protects, and eyes for who is inside. Built
 * twice: as it is, and declared fit for parallel threads (module.h), which its counters then show
 * to be untrue: only `meet` is called there. */
#include <gilt/module.h>
#include <lauxlib.h>
#include <lua.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#ifdef DECLARED
GILT_MODULE_PARALLEL
#endif

static atomic_int inside;   /* threads in our code at this moment */
static atomic_int overlaps; /* how often there were two */
static long count;          /* not atomic, on purpose */
static __attribute__((tls_model("initial-exec"))) _Thread_local int depth;

static void enter(void) {
  if (depth++ == 0 && atomic_fetch_add(&inside, 1) != 0) atomic_fetch_add(&overlaps, 1);
}
static void leave(void) {
  if (--depth == 0) atomic_fetch_sub(&inside, 1);
}

/* Our code runs: a slow increment, and API calls that allocate, in which finalizers of ours run. */
static void work(lua_State *L) {
  enter();
  long seen = count;
  if (seen % 64 == 0) sched_yield();
  count = seen + 1;
  for (int i = 0; i < 5; i++) {
    lua_pushfstring(L, "%d-%d", i, (int)seen);
    lua_newtable(L);
    lua_pop(L, 2);
  }
  leave();
}

static int bump(lua_State *L) {
  work(L);
  return 0;
}

/* callback(f, ...): work, f(...), work. */
static int callback(lua_State *L) {
  work(L);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  work(L);
  return lua_gettop(L);
}

/* fails(f): f's error is caught, then ours is raised. */
static int fails(lua_State *L) {
  work(L);
  lua_settop(L, 1);
  int status = lua_pcall(L, 0, 0, 0);
  work(L);
  return luaL_error(L, "ours after %s", status == LUA_OK ? "none" : lua_tostring(L, -1));
}

static int after(lua_State *L, int status, lua_KContext ctx) {
  work(L);
  lua_pushinteger(L, status);
  lua_pushinteger(L, (lua_Integer)ctx);
  return 2;
}

/* continued(f): pcall of f, which may yield; goes on in `after`. */
static int continued(lua_State *L) {
  work(L);
  lua_settop(L, 1);
  return after(L, lua_pcallk(L, 0, 0, 0, 7, after), 7);
}

static int pause_k(lua_State *L, int status, lua_KContext ctx) {
  (void)status;
  (void)ctx;
  work(L);
  return lua_gettop(L);
}

static int pause_(lua_State *L) {
  work(L);
  return lua_yieldk(L, lua_gettop(L), 0, pause_k);
}

/* resumes(co): lua_resume from our own code. */
static int resumes(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  int n, status;
  work(L);
  status = lua_resume(co, L, 0, &n);
  work(L);
  lua_pushboolean(L, status == LUA_OK || status == LUA_YIELD);
  return 1;
}

static const char *read_part(lua_State *L, void *ud, size_t *size) {
  (void)ud;
  work(L);
  lua_pushvalue(L, 1);
  lua_call(L, 0, 1);
  const char *s = lua_tolstring(L, -1, size);
  lua_replace(L, 2);
  work(L);
  return s;
}

/* loads(reader): lua_load with a reader of ours, which calls Lua, which may fail. */
static int loads(lua_State *L) {
  lua_settop(L, 2);
  work(L);
  int status = lua_load(L, read_part, NULL, "=loaded", "t");
  work(L);
  lua_pushboolean(L, status == LUA_OK);
  return 1;
}

static void hooked(lua_State *L, lua_Debug *ar) {
  (void)ar;
  work(L);
}
static int sethook(lua_State *L) {
  lua_sethook(L, lua_toboolean(L, 1) ? hooked : NULL, LUA_MASKCALL, 0);
  return 0;
}

static int closes(lua_State *L) { /* closes(x): a to-be-closed slot, and work at both ends */
  work(L);
  lua_settop(L, 1);
  lua_toclose(L, 1);
  work(L);
  return 0;
}

static int object(lua_State *L) {
  lua_newuserdatauv(L, 8, 0);
  luaL_setmetatable(L, "plain.object");
  return 1;
}

/* meet(n): until n threads are in here at once. */
static int meet(lua_State *L) {
  static atomic_int here;
  int n = (int)luaL_checkinteger(L, 1);
  atomic_fetch_add(&here, 1);
  while (atomic_load(&here) < n) sched_yield();
  return 0;
}

static int counted(lua_State *L) {
  lua_pushinteger(L, count);
  lua_pushinteger(L, atomic_load(&overlaps));
  return 2;
}

#ifdef DECLARED
GILT_MODULE_EXPORT int luaopen_declared(lua_State *L);
int luaopen_declared(lua_State *L) {
#else
GILT_MODULE_EXPORT int luaopen_plain(lua_State *L);
int luaopen_plain(lua_State *L) {
#endif
  static const luaL_Reg functions[] = {
      {"bump", bump},     {"callback", callback}, {"fails", fails}, {"continued", continued},
      {"pause", pause_},  {"resumes", resumes},   {"loads", loads}, {"sethook", sethook},
      {"closes", closes}, {"object", object},     {"meet", meet},   {"counted", counted},
      {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"__gc", bump}, {"__len", bump}, {"__index", bump}, {"__close", bump}, {NULL, NULL}};
  luaL_newmetatable(L, "plain.object");
  luaL_setfuncs(L, methods, 0);
  luaL_newlib(L, functions);
  return 1;
}
