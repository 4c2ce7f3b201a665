/* schedule_impl.h: what the files of the scheduler share. Everything here is touched only by the
 * thread that has the turn, but for turn.word. */
#ifndef GILT_SCHEDULE_IMPL_H
#define GILT_SCHEDULE_IMPL_H

#include "runtime_impl.h"
#include "schedule.h"

#include <stdio.h>

#define SOURCES_MAX  64
#define RECORDS_MAX  (1u << 20)
#define TRACE_EVENTS (1u << 14) /* the last ones are kept */

enum turn_state { TURN_READY, TURN_WAITING, TURN_ENDED };

struct point { /* list mode: a switch that was asked for */
  int thread;
  uint64_t part, at;
  int to;
};

struct turn {
  struct rt_schedule *s;
  struct turn *next; /* in order of id */
  int id;            /* 1: main; then in order of creation */
  char name[64];
  rt_thread *t;          /* NULL once its record is gone */
  _Atomic uint32_t word; /* (a) a futex: 1 while it is this thread's turn */
  enum turn_state state;
  uint64_t deadline;  /* waiting: virtual; UINT64_MAX none */
  struct pollfd *fds; /* waiting: any of them ready will do */
  int nfds;
  uint64_t part, at; /* where it is */
  uint64_t turn_at;  /* in this part: where it got the turn, or last had the patience of others */
  uint32_t gap;      /* what its hook is set to count */
  int64_t priority;  /* PCT: the highest runs */
  const struct point *p; /* list: its next one */
  bool interrupted;      /* an interrupt was raised in it: "interrupted!" is no finding */
  /* Trace. */
  int source; /* index; see struct event */
  int line;
  uint32_t line_steps; /* instructions since that line began */
};

struct record { /* a switch that was a choice */
  int from, to;
  uint64_t part, at;
};

struct event { /* of the trace */
  int thread;
  int to;   /* 0: a line begins; else the turn passes to that thread */
  int line; /* the line; or where the thread stopped: the line that it was in */
  int next; /* stopped: the line that goes on */
  bool mid; /* stopped inside the line */
  bool waits, ends;
  int source; /* index of rt_schedule.sources; -1 unknown */
};

struct rt_schedule {
  gilt_runtime *rt;
  struct schedule_plan plan;
  struct turn *first, *last;
  struct turn *holder; /* whose turn it is */
  int count;
  uint64_t random;    /* state of the generator */
  uint32_t gap_mean;  /* random mode */
  uint64_t gaps;      /* random mode: drawn so far */
  uint64_t steps;     /* instructions counted, all threads */
  uint64_t decisions; /* places where a switch was possible */
  uint64_t now;       /* virtual ns */
  uint64_t hash;      /* of all that happened */
  int64_t floor;      /* PCT: the next lowered priority; below 0 in a long run */
  uint64_t *changes;  /* PCT: steps at which to lower one, ascending; UINT64_MAX ends */
  int fd_waiters;
  struct point *points;
  size_t point_count;
  struct record *records;
  size_t record_count, record_room;
  bool records_lost;
  struct event *events;
  uint64_t event_count;
  char *sources[SOURCES_MAX]; /* as Lua names them, "@path" for a file */
  int source_count;
  bool told;   /* the outcome is known */
  bool failed; /* an error left the script or a thread, even if that was joined */
};

extern struct rt_schedule schedule_state;

/* schedule_report.c */
bool schedule_read_points(struct rt_schedule *s);
void schedule_record(struct rt_schedule *s, const struct turn *from, const struct turn *to);
void schedule_trace_line(struct rt_schedule *s, struct turn *me, lua_State *L, lua_Debug *ar);
void schedule_trace_switch(struct rt_schedule *s, struct turn *me, const struct turn *to,
                           bool waits);
void schedule_write_report(struct rt_schedule *s, const char *outcome, int thread,
                           const char *message);
void schedule_mix(struct rt_schedule *s, uint64_t value); /* into the hash */
/* Every thread waits for another: says so with each one's stack, and ends the process. */
_Noreturn void schedule_deadlock(struct rt_schedule *s);

#endif
