/* observe.h: what `gilt run --gil-stats` and `gilt trace` write down about every runtime of a run,
 * in this process and in those forked from it: files in a directory of their own, which
 * scripts/lab/gil_stats.lua and scripts/lab/trace.lua read when the run is over. */
#ifndef GILT_OBSERVE_H
#define GILT_OBSERVE_H

#include <gilt/gilt.h>

struct observe_plan {
  bool gil_stats;             /* one file "stats.PID.N" per runtime */
  enum gil_trace_level trace; /* "events.PID.N" (gil_event, as in memory), "threads.PID.N" */
  uint32_t capacity;          /* events per ring; 0: default */
};

/* From now on every runtime that opens is observed. Makes the directory; the caller, alone in its
 * process, frees *dir_out. GILT_OK, GILT_ESYS, GILT_ENOMEM. */
GILT_NODISCARD int observe_start(const struct observe_plan *plan, char **dir_out);
/* Pushes the list of the names in it. */
void observe_push_files(lua_State *L, const char *dir);
/* No more. Removes the directory with all that is in it. */
void observe_end(char *dir);

#endif
