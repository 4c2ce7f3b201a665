/* bench.h: what lib_bench.c and bench_peer.c share. */
#ifndef GILT_LIB_BENCH_H
#define GILT_LIB_BENCH_H

#include "lib.h"

#include <sys/types.h>

uint64_t bench_rounds(uint64_t n); /* n rounds of arithmetic */
/* Waits for a child to end, outside the lock. False: interrupted. */
bool bench_reap(rt_thread *t, pid_t pid);

int bench_peer(lua_State *L);
void bench_peer_type(lua_State *L); /* the metatable of its handles */

#endif
