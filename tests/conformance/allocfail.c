/* allocfail.c: a Lua module that lets allocations fail, each in a process of its own.
 *
 *   allocfail.start(first, step [, once])   from now on the allocations first, first + step, ...
 * fail allocfail.checkpoint()                  true in a process whose allocation has failed
 *   allocfail.leave(ok)                     ends such a process
 *   allocfail.stop()                        allocations, processes, how many of these went wrong
 *
 * At an allocation that is due the process forks. In the child it fails, and again after the
 * collection that follows (with `once`: it is served then); what comes later succeeds. The parent
 * waits for the child, serves the allocation and goes on. A child that dies of a signal, hangs, or
 * leaves with anything but 0 or 1 went wrong. */
#include <fcntl.h>
#include <gilt_core.h>
#include <lua.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_SECONDS = 20, EXIT_WRONG = 70 };

static struct {
  long n, first, step, children, wrong;
  int once, child, off;
} state;

static void become_child(void) {
  state.child = 1;
  alarm(CHILD_SECONDS);
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  dup2(fd, STDOUT_FILENO);
  if (getenv("FAILING_VERBOSE") == NULL) dup2(fd, STDERR_FILENO);
  close(fd);
}

static void wait_for(pid_t pid) {
  int st;
  state.children++;
  while (waitpid(pid, &st, 0) < 0) continue;
  if (WIFEXITED(st) && WEXITSTATUS(st) <= 1) return;
  state.wrong++;
  fprintf(stderr, "allocation %ld: %s %d\n", state.n, WIFEXITED(st) ? "status" : "signal",
          WIFEXITED(st) ? WEXITSTATUS(st) : WTERMSIG(st));
}

static int on_alloc(void *ud) {
  (void)ud;
  if (state.child || state.off) return GILT_CORE_SUCCEED;
  state.n++;
  if (state.n < state.first || (state.n - state.first) % state.step != 0) return GILT_CORE_SUCCEED;
  pid_t pid = fork();
  if (pid < 0) {
    perror("fork");
    _exit(EXIT_WRONG);
  }
  if (pid > 0) {
    wait_for(pid);
    return GILT_CORE_SUCCEED;
  }
  become_child();
  return state.once ? GILT_CORE_FAIL_ONCE : GILT_CORE_FAIL;
}

static int l_start(lua_State *L) {
  state.first = (long)luaL_checkinteger(L, 1);
  state.step = (long)luaL_checkinteger(L, 2);
  state.once = lua_toboolean(L, 3);
  gilt_core_fail_hook(L, on_alloc, NULL);
  return 0;
}

static int l_checkpoint(lua_State *L) {
  lua_pushboolean(L, state.child);
  return 1;
}

static int l_leave(lua_State *L) { _exit(lua_toboolean(L, 1) ? 0 : EXIT_WRONG); }

static int l_stop(lua_State *L) {
  state.off = 1;
  gilt_core_fail_hook(L, NULL, NULL);
  lua_pushinteger(L, state.n);
  lua_pushinteger(L, state.children);
  lua_pushinteger(L, state.wrong);
  return 3;
}

__attribute__((visibility("default"))) int luaopen_allocfail(lua_State *L);
int luaopen_allocfail(lua_State *L) {
  static const luaL_Reg funcs[] = {{"start", l_start},
                                   {"checkpoint", l_checkpoint},
                                   {"leave", l_leave},
                                   {"stop", l_stop},
                                   {NULL, NULL}};
  luaL_newlib(L, funcs);
  return 1;
}
