/* example.c: a C program with Lua on real threads: runs a script on two threads of its own making, attaches a
 * thread of the host, and shows what an error looks like. Built against the installed package. */
#include <gilt/gilt.h>

#include <lauxlib.h>
#include <lua.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(int ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "example: %s failed\n", what);
  exit(1);
}

/* A thread that Lua has never seen goes in, calls Lua, and comes out. */
static void *host_thread(void *arg) {
  gilt_runtime *rt = arg;
  expect(gilt_enter(rt) == GILT_OK, "gilt_enter");
  lua_State *L = gilt_state(rt);
  lua_getglobal(L, "add");
  lua_pushinteger(L, 1000);
  expect(lua_pcall(L, 1, 0, 0) == LUA_OK, "add(1000)");
  gilt_leave(rt);
  expect(gilt_state(rt) == NULL, "being outside");
  return NULL;
}

int main(void) {
  gilt_runtime *rt;
  gilt_options  opt = {.open_libs = true, .interval_ns = 100000};
  expect(gilt_open(&opt, &rt) == GILT_OK, "gilt_open");
  expect(gilt_run_string(rt, "local n = 0\n"
                             "function add(k) n = n + k return n end\n"
                             "function total() return n end",
                         "=setup") == GILT_OK,
         "the setup chunk");

  static const char work[] = "for i = 1, 100000 do local x = i * i end add(1)";
  gilt_thread      *threads[2];
  for (int i = 0; i < 2; i++)
    expect(gilt_spawn_string(rt, work, "=work", &threads[i]) == GILT_OK, "gilt_spawn_string");
  pthread_t host;
  expect(pthread_create(&host, NULL, host_thread, rt) == 0, "pthread_create");
  for (int i = 0; i < 2; i++) expect(gilt_join(threads[i], NULL) == GILT_OK, "gilt_join");
  gilt_allow_threads_begin(rt); /* the host thread needs the lock to finish */
  pthread_join(host, NULL);
  gilt_allow_threads_end(rt);

  lua_State *L = gilt_state(rt);
  lua_getglobal(L, "total");
  expect(lua_pcall(L, 0, 1, 0) == LUA_OK && lua_tointeger(L, -1) == 1002, "total() == 1002");
  lua_pop(L, 1);

  char        *error = NULL;
  gilt_thread *bad;
  expect(gilt_spawn_string(rt, "error('boom')", "=bad", &bad) == GILT_OK, "gilt_spawn_string");
  expect(gilt_join(bad, &error) == GILT_ESCRIPT && strstr(error, "boom") != NULL, "the error");
  free(error);
  expect(gilt_run_string(rt, "return +", "=syntax") == GILT_ESCRIPT &&
             strstr(gilt_error(rt), "syntax:1:") != NULL,
         "the syntax error");
  gil_stats s;
  gil_total_stats(gilt_lock(rt), &s);
  expect(s.threads == 5, "five threads known to the lock"); /* main, host, two workers, the bad one */
  printf("1 passed, 0 failed\n");
  gilt_close(rt);
  return 0;
}
