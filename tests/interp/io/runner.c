/* runner.c: runs a Lua file in a gilt runtime, for the tests of this folder: no command line of its own
 * but the script and its arguments. GILT_TEST_INTERVAL_US sets the switch interval. */
#include <gilt/gilt.h>

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

static void set_arg(lua_State *L, int argc, char **argv) {
  lua_createtable(L, argc, 1);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - 1); /* [0] is the script */
  }
  lua_setglobal(L, "arg");
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fputs("usage: io_runner SCRIPT [ARGUMENTS]\n", stderr);
    return 2;
  }
  const char *us = getenv("GILT_TEST_INTERVAL_US");
  gilt_options opt = {.open_libs = true,
                      .interval_ns = us != NULL ? strtoull(us, NULL, 10) * 1000 : 0};
  gilt_runtime *rt;
  if (gilt_open(&opt, &rt) != GILT_OK) return 2;
  set_arg(gilt_state(rt), argc, argv);
  int rc = gilt_run_file(rt, argv[1]);
  if (rc != GILT_OK) fprintf(stderr, "%s\n", gilt_error(rt));
  gilt_close(rt);
  return rc == GILT_OK ? 0 : 1;
}
