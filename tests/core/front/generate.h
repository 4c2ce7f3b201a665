/* generate.h: random Lua programs, most of them valid. The same seed gives the same program. */
#ifndef GILT_TEST_GENERATE_H
#define GILT_TEST_GENERATE_H

#include <stdint.h>
#include "oracle.h"

/* Appends a program to `out`. */
void generate_program(uint64_t seed, struct buffer *out);
/* The same with a few tokens removed, doubled or exchanged: often invalid. */
void generate_broken(uint64_t seed, struct buffer *out);

/* Small fast random numbers for the tests. */
struct rng {
  uint64_t state;
};
uint32_t rng_next(struct rng *r);
static inline int rng_below(struct rng *r, int n) { return (int)(rng_next(r) % (uint32_t)n); }

#endif
