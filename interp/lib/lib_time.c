/* lib_time.c: `gilt.time`: clocks and sleep.
 *
 *   sleep(seconds)      pauses this thread; others run. A fraction is fine; math.huge sleeps until
 *                       interrupted. Interruptible. Wakes at the deadline to within the timer slack
 *                       of the system (50 us on Linux) plus the wait for the lock.
 *   monotonic()         seconds since some fixed point, as a float: for measuring; never goes back
 *   monotonic_ns()      the same in nanoseconds, as an integer
 *   wall(), wall_ns()   seconds (nanoseconds) since the epoch: the clock on the wall, can be set
 *   cpu(), cpu_ns()     processor time of this process, all threads
 *   thread_cpu(), thread_cpu_ns()   processor time of this thread
 *   resolution()        seconds between two values of monotonic(), as the system states it */
#include "blocking.h"
#include "../schedule.h"
#include "lib_sys.h"

#include <lauxlib.h>
#include <time.h>

static struct timespec read_clock(lua_State *L, clockid_t id) {
  struct timespec ts;
  if (schedule_on) {
    uint64_t ns = id == CLOCK_REALTIME    ? schedule_wall_ns()
                  : id == CLOCK_MONOTONIC ? schedule_now()
                                          : schedule_spent_ns();
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000),
                             .tv_nsec = (long)(ns % 1000000000)};
  }
  if (clock_gettime(id, &ts) != 0) luaL_error(L, "clock not available on this system");
  return ts;
}

static int push_seconds(lua_State *L, clockid_t id) {
  struct timespec ts = read_clock(L, id);
  lua_pushnumber(L, (lua_Number)ts.tv_sec + (lua_Number)ts.tv_nsec * 1e-9);
  return 1;
}

static int push_ns(lua_State *L, clockid_t id) {
  struct timespec ts = read_clock(L, id);
  lua_pushinteger(L, (lua_Integer)ts.tv_sec * 1000000000 + (lua_Integer)ts.tv_nsec);
  return 1;
}

static int time_monotonic(lua_State *L) { return push_seconds(L, CLOCK_MONOTONIC); }
static int time_monotonic_ns(lua_State *L) { return push_ns(L, CLOCK_MONOTONIC); }
static int time_wall(lua_State *L) { return push_seconds(L, CLOCK_REALTIME); }
static int time_wall_ns(lua_State *L) { return push_ns(L, CLOCK_REALTIME); }
static int time_cpu(lua_State *L) { return push_seconds(L, CLOCK_PROCESS_CPUTIME_ID); }
static int time_cpu_ns(lua_State *L) { return push_ns(L, CLOCK_PROCESS_CPUTIME_ID); }
static int time_thread_cpu(lua_State *L) { return push_seconds(L, CLOCK_THREAD_CPUTIME_ID); }
static int time_thread_cpu_ns(lua_State *L) { return push_ns(L, CLOCK_THREAD_CPUTIME_ID); }

static int time_resolution(lua_State *L) {
  struct timespec ts;
  if (clock_getres(CLOCK_MONOTONIC, &ts) != 0)
    return luaL_error(L, "clock not available on this system");
  lua_pushnumber(L, (lua_Number)ts.tv_sec + (lua_Number)ts.tv_nsec * 1e-9);
  return 1;
}

static int time_sleep(lua_State *L) {
  lua_Number seconds = luaL_checknumber(L, 1);
  luaL_argcheck(L, seconds >= 0, 1, "seconds must not be negative"); /* false for NaN too */
  rt_thread *t = rt_self();
  if (blk_sleep_until(t, blk_deadline(seconds)) == BLK_INTERRUPTED) return rt_raise_interrupt(L, t);
  return 0;
}

static const luaL_Reg functions[] = {
    {"sleep", time_sleep},
    {"monotonic", time_monotonic},
    {"monotonic_ns", time_monotonic_ns},
    {"wall", time_wall},
    {"wall_ns", time_wall_ns},
    {"cpu", time_cpu},
    {"cpu_ns", time_cpu_ns},
    {"thread_cpu", time_thread_cpu},
    {"thread_cpu_ns", time_thread_cpu_ns},
    {"resolution", time_resolution},
    {NULL, NULL},
};

int luaopen_gilt_time(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
