/* schedule_clock.c: time() and clock() as the Lua in this command calls them (the linker's --wrap):
 * virtual while a script runs under a schedule, fixed while its interpreter opens. */
#include "schedule.h"

#include <time.h>

time_t __real_time(time_t *out);
time_t __wrap_time(time_t *out);
clock_t __real_clock(void);
clock_t __wrap_clock(void);

time_t __wrap_time(time_t *out) {
  if (!schedule_on && !schedule_fixed) return __real_time(out);
  time_t now = (time_t)(schedule_wall_ns() / 1000000000);
  if (out != NULL) *out = now;
  return now;
}

clock_t __wrap_clock(void) {
  if (!schedule_on) return __real_clock();
  return (clock_t)(schedule_spent_ns() / (1000000000 / CLOCKS_PER_SEC));
}
