/* run_script.h: a plain script in each of N workers of a mode. For the gilt command. */
#ifndef GILT_RUN_SCRIPT_H
#define GILT_RUN_SCRIPT_H

#include <gilt/gilt.h>

#define RUN_SCRIPT_USAGE 2

/* Starts the workers, in fresh interpreters made with `options` (threads share one), and calls body
 * in each, on an empty stack, inside. body reports its own errors and returns its exit status; it
 * raises nothing. It is called at the same time by several threads, or in several processes, with
 * the same `arg`. The caller need not be attached to anything; with mode "processes" it must be
 * single-threaded. Returns the first failing worker's status, 0 if none failed; 5 if one was killed
 * by a signal, which is said on stderr. rt_worker() and `require "gilt"` know the mode, number and
 * count. */
int run_script_workers(const char *mode, int workers, const gilt_options *options,
                       int (*body)(lua_State *L, void *arg), void *arg);
/* The names of the modes: 0, 1, ...; NULL after the last. */
const char *run_script_mode(int i);

#endif
