/* schedule.h: a run in which every switch between threads is a decision that can be repeated.
 *
 * Under a schedule one thread of the runtime has the turn; the others wait, each on a word of its
 * own, and the GIL is never contended. The turn moves at VM instructions (a count hook whose counts
 * come from the schedule) and where a thread waits, and nowhere else: no signal, no clock and no
 * address takes part. Sleeping and clocks are virtual; time passes when every thread waits.
 *
 * A place in a run is (thread, part, at): the thread's number in order of creation, which part of
 * its life (one begins wherever it waits or another coroutine starts to run), and how many
 * instructions of that part are done. Recorded switches are such places, so that they can be taken
 * out one by one and the rest keeps its meaning.
 *
 * All state here belongs to the thread that has the turn; handing it over is a release, getting it
 * an acquire. One scheduled runtime per process. */
#ifndef GILT_SCHEDULE_H
#define GILT_SCHEDULE_H

#include <gilt/gil.h>

#include <stdbool.h>
#include <stdint.h>

struct gilt_runtime;
struct rt_thread;
struct pollfd;
struct lua_Debug;
struct lua_State;

enum schedule_mode {
  SCHEDULE_RANDOM, /* switch points and threads drawn uniformly */
  SCHEDULE_PCT,    /* Burckhardt et al. 2010: random priorities, depth - 1 places to lower one */
  SCHEDULE_LIST    /* the switches given, and else none that is not forced */
};

struct schedule_plan {
  enum schedule_mode mode;
  uint64_t seed;
  uint32_t depth;     /* PCT */
  uint64_t steps;     /* PCT: instructions of a run, roughly */
  const char *points; /* LIST: "THREAD.PART.AT:TO,..."; outlives the run */
  const char *report; /* NULL, or the file that gets the account of the run */
  bool trace;         /* the account has executed lines, too */
  unsigned limit_s;   /* give up (SIGALRM) after so many seconds of real time; 0: never */
};

/* The text after --schedule: seed:N, pct:SEED:DEPTH:STEPS, list:POINTS. False: none of them. */
bool schedule_parse(const char *text, struct schedule_plan *plan);

/* A thread's place in the schedule; lives as long as the schedule. */
struct turn;

extern bool schedule_on;    /* set once, before the first script thread */
extern bool schedule_fixed; /* schedule_fix_heap was called */

/* By the thread that opened rt, inside, before it runs anything. GILT_OK, GILT_ENOMEM, GILT_EINVAL
 * (a bad list). */
GILT_NODISCARD int schedule_start(struct gilt_runtime *rt, const struct schedule_plan *plan);

/* How the run ended, told once; later calls are ignored. With a report the process ends here. */
void schedule_failed(struct rt_thread *t, const char *kind, const char *message);
void schedule_thread_failed(struct rt_thread *t, struct lua_State *L); /* the error is on L's top */
/* All threads have ended: writes the report. False: one of them failed. */
bool schedule_finish(void);

/* runtime.c, thread.c */
bool schedule_of(const struct gilt_runtime *rt); /* with schedule_on: is it this one? */
struct turn *schedule_add(struct rt_thread *t, const char *name); /* NULL: no memory */
void schedule_take(struct rt_thread *t);   /* waits for the turn; returns at once where it has it */
void schedule_begin(struct rt_thread *t);  /* inside, its state is there: from now on it counts */
void schedule_forget(struct rt_thread *t); /* its record goes; the turn, if it has it, stays */
void schedule_leave(struct turn *me);      /* the thread's last act: gives the turn away for good */
/* Only the calling thread is left: the runtime closes, or is a forked copy. */
void schedule_stop(struct gilt_runtime *rt, bool forked);
/* the seam */
void schedule_hook(struct rt_thread *t, struct lua_State *L, struct lua_Debug *ar);
void schedule_part(struct rt_thread *t); /* another coroutine runs, or the hook was taken out */
/* park.c, blocking.c, interrupt.c */
void schedule_wait(struct rt_thread *t, uint64_t deadline_ns, struct pollfd *fds, int nfds,
                   enum gil_state why); /* until schedule_wake, deadline, or a ready descriptor */
void schedule_wake(struct rt_thread *t);
void schedule_interrupted(struct rt_thread *t); /* "interrupted!" is no finding from now on */
uint64_t schedule_now(void);      /* virtual CLOCK_MONOTONIC; each look takes a microsecond */
uint64_t schedule_wall_ns(void);  /* virtual time since the epoch */
uint64_t schedule_spent_ns(void); /* virtual processor time */

/* schedule_world.c: what else a run could depend on. */
/* Restarts the command with addresses not randomised, where the system allows it. */
void schedule_fix_addresses(char **argv);
/* From now on: one malloc arena, a Lua heap at a fixed address (alloc.c asks schedule_heap). */
void schedule_fix_heap(void);
void *schedule_heap_alloc(size_t size); /* NULL: full. Size classes; blocks keep their place. */
void schedule_heap_free(void *p, size_t size);
size_t schedule_heap_room(size_t size); /* what a block of that size can hold */
extern bool schedule_heap;              /* the fixed heap is in use */
/* fn(arg) on a C stack at a fixed address: Lua mixes the address of a local variable into its
 * hashes. */
void schedule_call_on_fixed_stack(void (*fn)(void *), void *arg);

#endif
