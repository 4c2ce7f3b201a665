/* lib_io.c: the `io` library: every function of the standard one, with its meaning, and none
 * that blocks with the GIL held.
 *
 * What differs from the standard library, and only where threads or an interrupt are involved:
 *   - a call on a file that another thread is using waits for that call to end; each write and each
 * read is one piece
 *   - closing a file on which another thread waits for a pipe or a terminal fails: "file is in use
 * by another thread"
 *   - thread:interrupt() and Ctrl-C raise their error out of a call that blocks
 *   - descriptors are not inherited by the programs of os.execute and popen */
#include "io_impl.h"
#include "lib_sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LINES_FORMATS_MAX 250

/* ---- closing functions: called with the handle at index 1 and its closef NULL already ---- */

static int close_file(lua_State *L) {
  io_use use;
  stream_use_closing(L, 1, &use);
  enum io_result r = chan_close(&use);
  stream_done(&use);
  if (r == IO_INTR) return rt_raise_interrupt(L, rt_self());
  errno = use.err;
  return luaL_fileresult(L, r == IO_OK, NULL);
}

static int close_process(lua_State *L) {
  io_use use;
  stream_use_closing(L, 1, &use);
  enum io_result r = chan_close(&use);
  pid_t pid = use.state->child;
  enum blk_result w = BLK_INTERRUPTED;
  int status = -1;
  /* An interrupted flush still means a child to tell and to reap: process_wait finds the interrupt.
   */
  w = process_wait(rt_self(), pid, &status);
  int err = errno;
  stream_done(&use);
  if (r == IO_INTR || w == BLK_INTERRUPTED) return rt_raise_interrupt(L, rt_self());
  errno = status == -1 ? err : 0;
  return luaL_execresult(L, status);
}

/* By __gc too: then the handle goes, and the FILE stays. */
static int close_standard(lua_State *L) {
  luaL_Stream *s = stream_check(L, 1);
  s->closef = close_standard; /* stays open */
  luaL_pushfail(L);
  lua_pushliteral(L, "cannot close standard file");
  return 2;
}

/* Closes the open handle at index 1. */
static int close_handle(lua_State *L) {
  io_use use;
  enum stream_error e = stream_use(L, 1, &use, CLAIM_UNLESS_SLOW);
  if (e != STREAM_OK) return stream_raise(L, e, "attempt to use a closed file");
  lua_CFunction closef = use.stream->closef;
  __atomic_store_n(&use.stream->closef, NULL, __ATOMIC_RELAXED);
  stream_done(&use);
  return closef(L);
}

/* ---- opening ---- */

/* Takes FILEs from outside: call with the lock released. */
static FILE *open_file(const char *name, const char *mode) {
  char m[4], *p = m;
  *p++ = mode[0];
  if (mode[1] == '+') *p++ = '+';
  *p++ = 'e'; /* close-on-exec; 'b' means nothing here */
  *p = '\0';
  return fopen(name, m);
}

/* Opens into a new handle on the stack. NULL: failed, errno says why. A FIFO may block; raises
 * if interrupted. */
static io_file *open_handle(lua_State *L, const char *name, const char *mode) {
  io_file *file = stream_new(L);
  rt_thread *t = rt_self();
  for (;;) {
    rt_release(t);
    FILE *f = open_file(name, mode);
    if (f != NULL) stream_open(file, f, close_file);
    blk_acquire(t);
    if (f != NULL) return file;
    if (errno != EINTR) return NULL;
    if (rt_interrupted(t)) rt_raise_interrupt(L, t);
  }
}

static void open_or_raise(lua_State *L, const char *name, const char *mode) {
  if (open_handle(L, name, mode) == NULL)
    luaL_error(L, "cannot open file '%s' (%s)", name, strerror(errno));
}

static bool is_open_mode(const char *mode) {
  if (*mode == '\0' || strchr("rwa", *mode) == NULL) return false;
  mode++;
  if (*mode == '+') mode++;
  return mode[strspn(mode, "b")] == '\0';
}

static int io_open(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const char *mode = luaL_optstring(L, 2, "r");
  luaL_argcheck(L, is_open_mode(mode), 2, "invalid mode");
  return open_handle(L, name, mode) != NULL ? 1 : luaL_fileresult(L, 0, name);
}

static int io_tmpfile(lua_State *L) {
  io_file *file = stream_new(L);
  rt_thread *t = rt_self();
  rt_release(t);
  FILE *f = tmpfile();
  if (f != NULL) {
    fcntl(fileno(f), F_SETFD, FD_CLOEXEC);
    stream_open(file, f, close_file);
  }
  blk_acquire(t);
  return f != NULL ? 1 : luaL_fileresult(L, 0, NULL);
}

/* Outside the GIL. 0 or an errno. */
static int start_process(const char *command, bool reading, io_file *file) {
  int fds[2];
  stream_flush_all(); /* what we have written comes before what the child writes */
  if (pipe2(fds, O_CLOEXEC) != 0) return errno;
  int ours = fds[reading ? 0 : 1], theirs = fds[reading ? 1 : 0], err;
  FILE *f = fdopen(ours, reading ? "r" : "w");
  if (f == NULL) {
    err = errno;
    close(ours);
    close(theirs);
    return err;
  }
  err = process_spawn_shell(command, theirs, reading ? 1 : 0, &file->state.child);
  close(theirs);
  if (err != 0) {
    fclose(f);
    return err;
  }
  stream_open(file, f, close_process);
  return 0;
}

static int io_popen(lua_State *L) {
  const char *command = luaL_checkstring(L, 1);
  const char *mode = luaL_optstring(L, 2, "r");
  luaL_argcheck(L, (mode[0] == 'r' || mode[0] == 'w') && mode[1] == '\0', 2, "invalid mode");
  io_file *file = stream_new(L);
  rt_thread *t = rt_self();
  rt_release(t);
  int err = start_process(command, mode[0] == 'r', file);
  blk_acquire(t);
  if (err == 0) return 1;
  errno = err;
  return luaL_fileresult(L, 0, command);
}

/* ---- default files ---- */

static int push_default(lua_State *L, const char *key) {
  lua_getfield(L, LUA_REGISTRYINDEX, key);
  return lua_gettop(L);
}

static int default_file(lua_State *L, const char *key, const char *mode) {
  if (!lua_isnoneornil(L, 1)) {
    const char *name = lua_tostring(L, 1);
    if (name != NULL) {
      open_or_raise(L, name, mode);
    } else {
      if (stream_is_closed(stream_check(L, 1)))
        return luaL_error(L, "attempt to use a closed file");
      lua_pushvalue(L, 1);
    }
    lua_setfield(L, LUA_REGISTRYINDEX, key);
  }
  lua_getfield(L, LUA_REGISTRYINDEX, key);
  return 1;
}

static int io_input(lua_State *L) { return default_file(L, IO_INPUT_KEY, "r"); }
static int io_output(lua_State *L) { return default_file(L, IO_OUTPUT_KEY, "w"); }

static int io_read(lua_State *L) {
  return io_read_formats(L, push_default(L, IO_INPUT_KEY), 1, "default input file is closed");
}

static int io_write(lua_State *L) {
  return io_write_values(L, push_default(L, IO_OUTPUT_KEY), 1, "default output file is closed");
}

/* ---- lines ---- */

/* Upvalues: the handle, whether to close it at the end, the formats. */
static int next_line(lua_State *L) {
  int formats = (int)lua_tointeger(L, lua_upvalueindex(3));
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  luaL_checkstack(L, formats, "too many arguments");
  for (int i = 1; i <= formats; i++) lua_pushvalue(L, lua_upvalueindex(3 + i));
  int n = io_read_formats(L, 1, 2, "file is already closed");
  if (lua_toboolean(L, -n)) return n;
  if (n > 1) return luaL_error(L, "%s", lua_tostring(L, -n + 1));
  if (lua_toboolean(L, lua_upvalueindex(2))) {
    lua_settop(L, 1);
    close_handle(L);
  }
  return 0;
}

/* The iterator for the handle at index 1 and the formats after it. */
static void push_lines(lua_State *L, bool close_at_end) {
  int formats = lua_gettop(L) - 1;
  luaL_argcheck(L, formats <= LINES_FORMATS_MAX, LINES_FORMATS_MAX + 2, "too many arguments");
  lua_pushvalue(L, 1);
  lua_pushboolean(L, close_at_end);
  lua_pushinteger(L, formats);
  lua_rotate(L, 2, 3);
  lua_pushcclosure(L, next_line, 3 + formats);
}

static void check_open(lua_State *L) {
  if (stream_is_closed(stream_check(L, 1))) luaL_error(L, "attempt to use a closed file");
}

static int io_lines(lua_State *L) {
  if (lua_isnone(L, 1)) lua_pushnil(L);
  if (lua_isnil(L, 1)) {
    lua_getfield(L, LUA_REGISTRYINDEX, IO_INPUT_KEY);
    lua_replace(L, 1);
    check_open(L);
    push_lines(L, false);
    return 1;
  }
  open_or_raise(L, luaL_checkstring(L, 1), "r");
  lua_replace(L, 1);
  push_lines(L, true);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushvalue(L, 1); /* to be closed when the loop ends early */
  return 4;
}

/* ---- methods ---- */

static int file_read(lua_State *L) {
  stream_check(L, 1);
  return io_read_formats(L, 1, 2, "attempt to use a closed file");
}

static int file_write(lua_State *L) {
  stream_check(L, 1);
  return io_write_values(L, 1, 2, "attempt to use a closed file");
}

static int file_lines(lua_State *L) {
  check_open(L);
  push_lines(L, false);
  return 1;
}

static int file_close(lua_State *L) {
  stream_check(L, 1);
  return close_handle(L);
}

static int io_close(lua_State *L) {
  if (lua_isnone(L, 1)) lua_getfield(L, LUA_REGISTRYINDEX, IO_OUTPUT_KEY);
  return file_close(L);
}

/* Ends the use of a handle with what luaL_fileresult wants. */
static int finish(lua_State *L, io_use *use, enum io_result r) {
  stream_done(use);
  if (r == IO_INTR) return rt_raise_interrupt(L, rt_self());
  errno = use->err;
  return luaL_fileresult(L, r == IO_OK, NULL);
}

static int flush_handle(lua_State *L, int idx, const char *closed_message) {
  io_use use;
  enum stream_error e = stream_use(L, idx, &use, CLAIM_WAIT);
  if (e != STREAM_OK) return stream_raise(L, e, closed_message);
  return finish(L, &use, chan_flush(&use));
}

static int file_flush(lua_State *L) {
  stream_check(L, 1);
  return flush_handle(L, 1, "attempt to use a closed file");
}

static int io_flush(lua_State *L) {
  return flush_handle(L, push_default(L, IO_OUTPUT_KEY), "default output file is closed");
}

/* Writes what is pending where stdio would have to wait for it. */
static enum io_result flush_before(io_use *use) {
  return __fpending(use->f) > 0 ? chan_flush(use) : IO_OK;
}

static int file_seek(lua_State *L) {
  static const int whences[] = {SEEK_SET, SEEK_CUR, SEEK_END};
  static const char *const names[] = {"set", "cur", "end", NULL};
  stream_check(L, 1);
  check_open(L);
  int whence = whences[luaL_checkoption(L, 2, "cur", names)];
  lua_Integer wanted = luaL_optinteger(L, 3, 0);
  off_t offset = (off_t)wanted;
  luaL_argcheck(L, (lua_Integer)offset == wanted, 3, "not an integer in proper range");

  io_use use;
  stream_use_or_raise(L, 1, &use);
  enum io_result r = flush_before(&use);
  off_t at = -1;
  if (r == IO_OK) {
    rt_thread *t = rt_self();
    rt_release(t);
    at = fseeko(use.f, offset, whence) == 0 ? ftello(use.f) : -1;
    use.err = errno;
    blk_acquire(t);
    if (at < 0) r = IO_FAIL;
  }
  if (r != IO_OK) return finish(L, &use, r);
  stream_done(&use);
  lua_pushinteger(L, (lua_Integer)at);
  return 1;
}

static int file_setvbuf(lua_State *L) {
  static const int modes[] = {_IONBF, _IOFBF, _IOLBF};
  static const char *const names[] = {"no", "full", "line", NULL};
  check_open(L);
  int mode = modes[luaL_checkoption(L, 2, NULL, names)];
  lua_Integer size = luaL_optinteger(L, 3, LUAL_BUFFERSIZE);

  io_use use;
  stream_use_or_raise(L, 1, &use);
  enum io_result r = flush_before(&use);
  if (r == IO_OK && setvbuf(use.f, NULL, mode, (size_t)size) != 0) {
    use.err = errno;
    r = IO_FAIL;
  }
  return finish(L, &use, r);
}

static int file_gc(lua_State *L) {
  luaL_Stream *s = stream_check(L, 1);
  if (!stream_is_closed(s) && s->f != NULL) close_handle(L); /* else closed, or never opened */
  return 0;
}

/* A standard handle survives close, but not its collection: the list of open files must not keep
 * it. */
static int file_collect(lua_State *L) {
  file_gc(L);
  if (stream_own(L, 1) == NULL) return 0;
  io_use use;
  stream_use_closing(L, 1, &use);
  stream_forget(&use);
  stream_done(&use);
  return 0;
}

static int file_tostring(lua_State *L) {
  luaL_Stream *s = stream_check(L, 1);
  if (stream_is_closed(s))
    lua_pushliteral(L, "file (closed)");
  else
    lua_pushfstring(L, "file (%p)", (void *)s->f);
  return 1;
}

static int io_type(lua_State *L) {
  luaL_checkany(L, 1);
  luaL_Stream *s = luaL_testudata(L, 1, LUA_FILEHANDLE);
  if (s == NULL)
    luaL_pushfail(L);
  else if (stream_is_closed(s))
    lua_pushliteral(L, "closed file");
  else
    lua_pushliteral(L, "file");
  return 1;
}

/* ---- opening the library ---- */

static const luaL_Reg functions[] = {
    {"close", io_close},     {"flush", io_flush},   {"input", io_input}, {"lines", io_lines},
    {"open", io_open},       {"output", io_output}, {"popen", io_popen}, {"read", io_read},
    {"tmpfile", io_tmpfile}, {"type", io_type},     {"write", io_write}, {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"close", file_close}, {"flush", file_flush},     {"lines", file_lines}, {"read", file_read},
    {"seek", file_seek},   {"setvbuf", file_setvbuf}, {"write", file_write}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", file_collect},
    {"__close", file_gc},
    {"__tostring", file_tostring},
    {NULL, NULL},
};

/* Where the stock library was opened before, its metatable is taken over: handles made by it work
 * on. */
static void make_metatable(lua_State *L) {
  luaL_newmetatable(L, LUA_FILEHANDLE);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

static void add_standard(lua_State *L, FILE *f, const char *key, const char *name) {
  io_file *file = stream_new(L);
  stream_open(file, f, close_standard);
  if (key != NULL) {
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, key);
  }
  lua_setfield(L, -2, name);
}

int luaopen_gilt_io(lua_State *L) {
  stream_setup();
  make_metatable(L);
  luaL_newlib(L, functions);
  add_standard(L, stdin, IO_INPUT_KEY, "stdin");
  add_standard(L, stdout, IO_OUTPUT_KEY, "stdout");
  add_standard(L, stderr, NULL, "stderr");
  lua_getfield(L, -1, "stdout");
  lua_setfield(L, LUA_REGISTRYINDEX, IO_STDOUT_KEY);
  return 1;
}
