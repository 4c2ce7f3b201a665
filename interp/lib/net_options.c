/* net_options.c: socket options by name. */
#include "net_impl.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

enum value_kind { VALUE_BOOL, VALUE_INT, VALUE_LINGER, VALUE_ERROR };

static const struct option {
  const char *name;
  int level, number;
  enum value_kind kind;
} options[] = {
    {"nodelay", IPPROTO_TCP, TCP_NODELAY, VALUE_BOOL},
    {"keepalive", SOL_SOCKET, SO_KEEPALIVE, VALUE_BOOL},
    {"reuseaddr", SOL_SOCKET, SO_REUSEADDR, VALUE_BOOL},
    {"reuseport", SOL_SOCKET, SO_REUSEPORT, VALUE_BOOL},
    {"broadcast", SOL_SOCKET, SO_BROADCAST, VALUE_BOOL},
    {"v6only", IPPROTO_IPV6, IPV6_V6ONLY, VALUE_BOOL},
    {"sndbuf", SOL_SOCKET, SO_SNDBUF, VALUE_INT},
    {"rcvbuf", SOL_SOCKET, SO_RCVBUF, VALUE_INT},
    {"linger", SOL_SOCKET, SO_LINGER, VALUE_LINGER},
    {"error", SOL_SOCKET, SO_ERROR, VALUE_ERROR}, /* read only: the pending error */
};
#define OPTION_COUNT (sizeof options / sizeof *options)

static const struct option *check_option(lua_State *L, int arg) {
  const char *name = luaL_checkstring(L, arg);
  for (size_t i = 0; i < OPTION_COUNT; i++)
    if (strcmp(options[i].name, name) == 0) return &options[i];
  luaL_argerror(L, arg, lua_pushfstring(L, "unknown socket option '%s'", name));
  return options; /* not reached */
}

/* Raises where the value has a wrong type. 0 or an errno. */
static int set_option(lua_State *L, net_socket *s, const struct option *o, int arg) {
  struct linger linger = {0};
  int number = 0;
  const void *value = &number;
  socklen_t len = sizeof number;
  switch (o->kind) {
  case VALUE_BOOL:
    luaL_checktype(L, arg, LUA_TBOOLEAN);
    number = lua_toboolean(L, arg);
    break;
  case VALUE_INT: number = (int)luaL_checkinteger(L, arg); break;
  case VALUE_LINGER: /* seconds, or false */
    linger.l_onoff = lua_toboolean(L, arg);
    if (linger.l_onoff) linger.l_linger = (int)luaL_checkinteger(L, arg);
    value = &linger;
    len = sizeof linger;
    break;
  case VALUE_ERROR: return luaL_argerror(L, arg - 1, "option 'error' can only be read");
  }
  return setsockopt(s->fd, o->level, o->number, value, len) == 0 ? 0 : errno;
}

/* setoption(name, value) -> true */
int net_setoption(lua_State *L) {
  net_socket *s = net_check(L, 1);
  const struct option *o = check_option(L, 2);
  luaL_checkany(L, 3);
  /* What is raised below would leave the socket in use: check first. */
  if (o->kind == VALUE_BOOL) luaL_checktype(L, 3, LUA_TBOOLEAN);
  if (o->kind == VALUE_INT || (o->kind == VALUE_LINGER && lua_toboolean(L, 3)))
    luaL_checkinteger(L, 3);
  if (o->kind == VALUE_ERROR) return luaL_argerror(L, 2, "option 'error' can only be read");
  net_use use;
  if (net_enter(s, &use) != NET_OK) return net_fail(L, NET_GONE, 0);
  int err = set_option(L, s, o, 3);
  net_leave(&use);
  if (err != 0) return net_fail_errno(L, err);
  lua_pushboolean(L, 1);
  return 1;
}

static int get_option(net_socket *s, const struct option *o, int *number, struct linger *linger) {
  socklen_t len = o->kind == VALUE_LINGER ? sizeof *linger : sizeof *number;
  void *value = o->kind == VALUE_LINGER ? (void *)linger : (void *)number;
  return getsockopt(s->fd, o->level, o->number, value, &len) == 0 ? 0 : errno;
}

static void push_option(lua_State *L, const struct option *o, int number, struct linger linger) {
  char buf[16];
  switch (o->kind) {
  case VALUE_BOOL: lua_pushboolean(L, number); return;
  case VALUE_INT: lua_pushinteger(L, number); return;
  case VALUE_LINGER:
    if (linger.l_onoff)
      lua_pushinteger(L, linger.l_linger);
    else
      lua_pushboolean(L, 0);
    return;
  case VALUE_ERROR:
    if (number == 0)
      lua_pushboolean(L, 0);
    else
      lua_pushstring(L, net_errno_name(number, buf));
    return;
  }
}

/* getoption(name) -> value; "error": false or the name of the pending error */
int net_getoption(lua_State *L) {
  net_socket *s = net_check(L, 1);
  const struct option *o = check_option(L, 2);
  int number = 0;
  struct linger linger = {0};
  net_use use;
  if (net_enter(s, &use) != NET_OK) return net_fail(L, NET_GONE, 0);
  int err = get_option(s, o, &number, &linger);
  net_leave(&use);
  if (err != 0) return net_fail_errno(L, err);
  push_option(L, o, number, linger);
  return 1;
}

int net_apply_options(lua_State *L, int table, net_socket *s) {
  if (!lua_istable(L, table)) return 0;
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if (options[i].kind == VALUE_ERROR) continue;
    lua_getfield(L, table, options[i].name);
    int err = lua_isnil(L, -1) ? 0 : set_option(L, s, &options[i], lua_gettop(L));
    lua_pop(L, 1);
    if (err != 0) return err;
  }
  return 0;
}
