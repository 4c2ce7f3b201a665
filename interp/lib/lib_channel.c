/* lib_channel.c: `require "gilt.channel"`: a bounded queue of values between threads of one
 * interpreter. Values are not copied: a table that was sent is the same table at the other end.
 *
 *   new([capacity])          capacity 1 to 65534 values, 1 if none is given
 *   channel:send(value [, timeout])   -> true; or nil and "timeout" or "closed". Waits while it is
 *                            full. Anything but nil, which is how the other end sees that there is
 *                            nothing more
 *   channel:receive([timeout])  -> the oldest value; or nil and "timeout" or "closed". Waits while
 *                            it is empty; what was sent before the close still comes
 *   channel:values()         for value in channel:values() do: until it is closed and empty
 *   channel:close()          no more values; wakes all who wait. Again: no effect
 *   #channel, channel:capacity(), channel:closed()
 *
 * A time limit of 0 does not wait. The values are the user values of the block: a slot can be read
 * and written without memory or errors, so with the guard held. */
#include "lib.h"
#include "waitline.h"

#define CHANNEL_TYPE "gilt.channel"
#define CAPACITY_MAX 65534 /* user values of a block of stock Lua */

/* (c) constant after creation; all else, and the user values, with the guard held */
struct channel {
  struct guard g;
  int capacity; /* (c) */
  int head;     /* the oldest value is user value head + 1 */
  int count;
  bool closed;
  struct line senders, receivers;
};

static void lock_guard(struct channel *c) {
  if (!guard_lock(&c->g)) c->senders = c->receivers = (struct line){NULL, NULL};
}

static struct channel *check_channel(lua_State *L) { return wl_check(L, 1, CHANNEL_TYPE); }

static bool can_send(const struct channel *c) { return c->closed || c->count < c->capacity; }
static bool can_receive(const struct channel *c) { return c->closed || c->count > 0; }

/* With the guard held: waits until `ready`. LINE_LOOK: it is. */
static enum line_result await(struct channel *c, struct line *line,
                              bool (*ready)(const struct channel *), uint64_t deadline_ns) {
  struct line_entry me = {.wants = 0};
  enum line_result why = LINE_LOOK;
  line_join(line, &me, rt_self());
  while (!ready(c) && why == LINE_LOOK) {
    line_prepare(&me);
    why = line_park(&c->g, &me, deadline_ns);
  }
  line_leave(line, &me);
  return ready(c) ? LINE_LOOK : why;
}

/* The value is on L's top. Takes it off. */
static void put(lua_State *L, struct channel *c) {
  lua_setiuservalue(L, 1, (c->head + c->count) % c->capacity + 1);
  c->count++;
  line_tell_one(&c->receivers);
}

static void get(lua_State *L, struct channel *c) {
  lua_getiuservalue(L, 1, c->head + 1);
  lua_pushnil(L);
  lua_setiuservalue(L, 1, c->head + 1);
  c->head = (c->head + 1) % c->capacity;
  c->count--;
  line_tell_one(&c->senders);
}

static int channel_send(lua_State *L) {
  struct channel *c = check_channel(L);
  luaL_argcheck(L, !lua_isnoneornil(L, 2), 2, "nil cannot be sent");
  uint64_t deadline = rt_deadline_arg(L, 3);
  lua_settop(L, 2);
  rt_core_share(L, 1); /* now, for with the guard held it would take time */
  lock_guard(c);
  enum line_result why = LINE_LOOK;
  if (!can_send(c)) why = await(c, &c->senders, can_send, deadline);
  bool closed = c->closed;
  if (why == LINE_LOOK && !closed) put(L, c);
  guard_unlock(&c->g);
  if (why == LINE_INTERRUPTED) return rt_raise_interrupt(L, rt_self());
  if (why == LINE_TIMEOUT) return wl_fail(L, "timeout");
  if (closed) return wl_fail(L, "closed");
  lua_pushboolean(L, 1);
  return 1;
}

static int receive(lua_State *L, uint64_t deadline) {
  struct channel *c = check_channel(L);
  lua_settop(L, 1);
  lock_guard(c);
  enum line_result why = LINE_LOOK;
  if (!can_receive(c)) why = await(c, &c->receivers, can_receive, deadline);
  bool got = why == LINE_LOOK && c->count > 0;
  if (got) get(L, c);
  guard_unlock(&c->g);
  if (got) return 1;
  if (why == LINE_INTERRUPTED) return rt_raise_interrupt(L, rt_self());
  return wl_fail(L, why == LINE_TIMEOUT ? "timeout" : "closed");
}

static int channel_receive(lua_State *L) { return receive(L, rt_deadline_arg(L, 2)); }

/* For the generic for, whose second argument is the value before. */
static int channel_next(lua_State *L) { return receive(L, UINT64_MAX); }

static int channel_values(lua_State *L) {
  check_channel(L);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushcclosure(L, channel_next, 1);
  lua_pushvalue(L, 1);
  return 2;
}

static int channel_close(lua_State *L) {
  struct channel *c = check_channel(L);
  lock_guard(c);
  c->closed = true;
  line_tell_all(&c->senders);
  line_tell_all(&c->receivers);
  guard_unlock(&c->g);
  return 0;
}

static int channel_closed(lua_State *L) {
  struct channel *c = check_channel(L);
  lock_guard(c);
  bool closed = c->closed;
  guard_unlock(&c->g);
  lua_pushboolean(L, closed);
  return 1;
}

static int channel_len(lua_State *L) {
  struct channel *c = check_channel(L);
  lock_guard(c);
  int count = c->count;
  guard_unlock(&c->g);
  lua_pushinteger(L, count);
  return 1;
}

static int channel_capacity(lua_State *L) {
  lua_pushinteger(L, check_channel(L)->capacity);
  return 1;
}

static int new_channel(lua_State *L) {
  lua_Integer capacity = luaL_optinteger(L, 1, 1);
  luaL_argcheck(L, capacity >= 1 && capacity <= CAPACITY_MAX, 1,
                lua_pushfstring(L, "capacity from 1 to %d expected", CAPACITY_MAX));
  struct channel *c = wl_new(L, sizeof *c, (int)capacity);
  *c = (struct channel){.capacity = (int)capacity};
  guard_init(&c->g);
  return 1;
}

int luaopen_gilt_channel(lua_State *L) {
  static const luaL_Reg meta[] = {{"__close", channel_close}, {"__len", channel_len}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"send", channel_send},
                                     {"receive", channel_receive},
                                     {"values", channel_values},
                                     {"close", channel_close},
                                     {"capacity", channel_capacity},
                                     {"closed", channel_closed},
                                     {NULL, NULL}};
  lua_createtable(L, 0, 1);
  wl_type(L, CHANNEL_TYPE, meta, methods);
  lua_pushcclosure(L, new_channel, 1);
  lua_setfield(L, -2, "new");
  return 1;
}
