/* script.h: `gilt run`: a plain Lua script, as the lua command runs it. */
#ifndef GILT_SCRIPT_H
#define GILT_SCRIPT_H

#include <gilt/gilt.h>

struct script_plan {
  char *script; /* NULL: only `execute`; "-": standard input */
  char **args;  /* `nargs` of them */
  int nargs;
  char **execute; /* code to run first */
  int nexecute;
  char *mode; /* "serial", "threads", "processes", "isolates" */
  int workers;
  char *policy;         /* NULL: default */
  uint64_t interval_ns; /* 0: default */
  size_t memory_limit;  /* 0: none */
  bool gil_stats;
  char *trace; /* file for the events; NULL: none */
  bool trace_all;
  bool trace_timeline;
  uint32_t trace_capacity;
  char *schedule;        /* the text after --schedule, or NULL */
  char *schedule_report; /* as in struct schedule_plan */
  bool schedule_trace;
  unsigned schedule_limit_s;
};

/* Reads the table that scripts/lab/run.lua makes. Raises on lack of memory. */
struct script_plan *script_plan_read(lua_State *L, int index);
void script_plan_free(struct script_plan *plan);

/* Runs it; `self` is argv[0]. Returns the exit status (README: 0, 1, 5, 130). */
int script_run(const struct script_plan *plan, const char *self);

#endif
