/* lib_io_write.c: write, and print.
 *
 * One call is one claim: what it writes is not mixed with what other threads write. */
#include "io_impl.h"
#include "lib_sys.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>

#define NUMBER_BYTES 64

static size_t format_integer(char buf[NUMBER_BYTES], lua_Integer value) {
  char *end = buf + NUMBER_BYTES, *p = end;
  lua_Unsigned rest = value < 0 ? 0u - (lua_Unsigned)value : (lua_Unsigned)value;
  do *--p = (char)('0' + rest % 10);
  while ((rest /= 10) != 0);
  if (value < 0) *--p = '-';
  size_t n = (size_t)(end - p);
  memmove(buf, p, n);
  return n;
}

static enum io_result write_number(lua_State *L, int arg, io_use *use) {
  char buf[NUMBER_BYTES];
  size_t n;
  if (lua_isinteger(L, arg))
    n = format_integer(buf, lua_tointeger(L, arg));
  else
    n = (size_t)snprintf(buf, sizeof buf, LUA_NUMBER_FMT, (LUAI_UACNUMBER)lua_tonumber(L, arg));
  return chan_write(use, buf, n);
}

static enum io_result write_value(lua_State *L, int arg, io_use *use) {
  if (lua_type(L, arg) == LUA_TNUMBER) return write_number(L, arg, use);
  size_t n;
  const char *s = lua_tolstring(L, arg, &n); /* a string: nothing is converted, nothing raised */
  return chan_write(use, s, n);
}

/* The first argument that can't be written, or one past the last. */
static int find_unwritable(lua_State *L, int first, int last) {
  int arg = first;
  while (arg <= last && (lua_type(L, arg) == LUA_TSTRING || lua_type(L, arg) == LUA_TNUMBER)) arg++;
  return arg;
}

int io_write_values(lua_State *L, int idx, int first, const char *closed_message) {
  int last = idx >= first ? idx - 1 : lua_gettop(L);
  int end = find_unwritable(L, first, last);
  enum io_result r = IO_OK;
  io_use use;
  enum stream_error e = stream_use(L, idx, &use, CLAIM_WAIT);
  if (e != STREAM_OK) return stream_raise(L, e, closed_message);
  for (int arg = first; arg < end && r == IO_OK; arg++) r = write_value(L, arg, &use);
  stream_done(&use);

  if (r == IO_INTR) return rt_raise_interrupt(L, rt_self());
  if (end <= last) luaL_checkstring(L, end); /* raises */
  if (r == IO_OK) {
    lua_pushvalue(L, idx);
    return 1;
  }
  errno = use.err;
  return luaL_fileresult(L, 0, NULL);
}

/* ---- print ---- */

/* Makes the value at `arg` one that write_printed can write: calls __tostring and __name. */
static void prepare_printed(lua_State *L, int arg) {
  switch (lua_type(L, arg)) {
  case LUA_TSTRING:
  case LUA_TNUMBER:
    if (luaL_getmetafield(L, arg, "__tostring") == LUA_TNIL) return;
    lua_pop(L, 1);
    break;
  default: break;
  }
  luaL_tolstring(L, arg, NULL);
  lua_replace(L, arg);
}

/* A number as tostring writes it: a float looks like one. */
static size_t format_float(char buf[NUMBER_BYTES], lua_Number value) {
  size_t n = (size_t)snprintf(buf, NUMBER_BYTES, LUA_NUMBER_FMT, (LUAI_UACNUMBER)value);
  if (buf[strspn(buf, "-0123456789")] != '\0') return n;
  buf[n++] = *localeconv()->decimal_point;
  buf[n++] = '0';
  return n;
}

static enum io_result write_printed(lua_State *L, int arg, io_use *use) {
  if (lua_type(L, arg) != LUA_TNUMBER || lua_isinteger(L, arg)) return write_value(L, arg, use);
  char buf[NUMBER_BYTES];
  size_t n = format_float(buf, lua_tonumber(L, arg));
  return chan_write(use, buf, n);
}

static enum io_result write_line(lua_State *L, int nargs, io_use *use) {
  enum io_result r = IO_OK;
  for (int i = 1; i <= nargs && r == IO_OK; i++) {
    if (i > 1) r = chan_write(use, "\t", 1);
    if (r == IO_OK) r = write_printed(L, i, use);
  }
  if (r == IO_OK) r = chan_write(use, "\n", 1);
  return r == IO_OK ? chan_flush(use) : r;
}

int gilt_print(lua_State *L) {
  int nargs = lua_gettop(L);
  for (int i = 1; i <= nargs; i++) prepare_printed(L, i);
  lua_getfield(L, LUA_REGISTRYINDEX, IO_STDOUT_KEY);
  stream_check(L, nargs + 1);

  io_use use;
  enum stream_error e = stream_use(L, nargs + 1, &use, CLAIM_WAIT);
  if (e != STREAM_OK) return stream_raise(L, e, "standard output file is closed");
  enum io_result r = write_line(L, nargs, &use);
  stream_done(&use);
  if (r == IO_INTR) return rt_raise_interrupt(L, rt_self());
  return 0; /* as ever, print does not say that it failed */
}
