/* lib_os.c: the `os` library: the stock one, with the entries that can block replaced.
 *
 * clock, date, difftime, getenv, setlocale and time never wait for anything and stay as they are.
 */
#include "io_impl.h"
#include "lib_sys.h"
#include "../runtime_impl.h"

#include <gilt/gilt.h>

#include <errno.h>
#include <lualib.h>
#include <stdlib.h>
#include <unistd.h>

/* True where there is a shell; else as luaL_execresult says. Interrupted: the shell is told to end.
 */
static int os_execute(lua_State *L) {
  const char *command = luaL_optstring(L, 1, NULL);
  rt_thread *t = rt_self();
  if (command == NULL) {
    lua_pushboolean(L, access("/bin/sh", X_OK) == 0);
    return 1;
  }
  pid_t pid;
  rt_release(t);
  int err = process_spawn_shell(command, -1, -1, &pid);
  blk_acquire(t);
  if (err != 0) {
    errno = err;
    return luaL_execresult(L, -1);
  }
  int status = -1;
  if (process_wait(t, pid, &status) == BLK_INTERRUPTED) return rt_raise_interrupt(L, t);
  if (status != -1) errno = 0;
  return luaL_execresult(L, status);
}

static int os_remove(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  rt_thread *t = rt_self();
  rt_release(t);
  int rc = remove(name);
  blk_acquire(t);
  return luaL_fileresult(L, rc == 0, name);
}

static int os_rename(lua_State *L) {
  const char *from = luaL_checkstring(L, 1);
  const char *to = luaL_checkstring(L, 2);
  rt_thread *t = rt_self();
  rt_release(t);
  int rc = rename(from, to);
  blk_acquire(t);
  return luaL_fileresult(L, rc == 0, NULL);
}

static int os_tmpname(lua_State *L) {
  char name[] = "/tmp/lua_XXXXXX";
  rt_thread *t = rt_self();
  rt_release(t);
  int fd = mkostemp(name, 0);
  if (fd >= 0) close(fd);
  blk_acquire(t);
  if (fd < 0) return luaL_error(L, "unable to generate a unique filename");
  lua_pushstring(L, name);
  return 1;
}

/* os.exit([code [, close]]): ends the process from any thread. With `close` the interpreter is
 * closed first: other threads are interrupted and waited for, pending finalizers and __close run.
 * Only the main thread can do that: from another, whose end the closing would wait for and under
 * which the main thread is still in its calls, the process ends as without `close`. */
static int os_exit(lua_State *L) {
  int status;
  if (lua_isboolean(L, 1))
    status = lua_toboolean(L, 1) ? EXIT_SUCCESS : EXIT_FAILURE;
  else
    status = (int)luaL_optinteger(L, 1, EXIT_SUCCESS);
  rt_thread *t = rt_self();
  if (lua_toboolean(L, 2) && t->base == t->rt->L) gilt_close(t->rt);
  exit(status);
}

static const luaL_Reg replaced[] = {
    {"execute", os_execute}, {"exit", os_exit},       {"remove", os_remove},
    {"rename", os_rename},   {"tmpname", os_tmpname}, {NULL, NULL},
};

int luaopen_gilt_os(lua_State *L) {
  luaopen_os(L);
  luaL_setfuncs(L, replaced, 0);
  return 1;
}
