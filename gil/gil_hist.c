/* gil_hist.c: see gil_hist.h. */
#include "gil_hist.h"

#include <string.h>

enum { SUB = 1 << GIL_HIST_SUB_BITS };

static unsigned bucket_of(uint64_t ns) {
  if (ns < SUB) return (unsigned)ns;
  unsigned top = 63u - (unsigned)__builtin_clzll(ns);
  unsigned shift = top - GIL_HIST_SUB_BITS;
  unsigned i = ((shift + 1) << GIL_HIST_SUB_BITS) + (unsigned)((ns >> shift) & (SUB - 1));
  return i < GIL_HIST_BUCKETS ? i : GIL_HIST_BUCKETS - 1;
}

uint64_t gil_hist_bound(unsigned i) {
  if (i < SUB) return i;
  unsigned shift = (i >> GIL_HIST_SUB_BITS) - 1;
  return (uint64_t)(SUB + (i & (SUB - 1))) << shift;
}

void gil_hist_record(gil_hist *h, uint64_t ns) {
  h->count++;
  h->sum += ns;
  if (ns > h->max) h->max = ns;
  h->bucket[bucket_of(ns)]++;
}

void gil_hist_clear(gil_hist *h) { memset(h, 0, sizeof *h); }

uint64_t gil_hist_quantile(const gil_hist *h, double q) {
  if (h->count == 0) return 0;
  uint64_t want = (uint64_t)(q * (double)h->count);
  uint64_t seen = 0;
  if (want >= h->count) return h->max;
  for (unsigned i = 0; i + 1 < GIL_HIST_BUCKETS; i++) {
    seen += h->bucket[i];
    if (seen > want) {
      uint64_t upper = gil_hist_bound(i + 1) - 1;
      return upper < h->max ? upper : h->max;
    }
  }
  return h->max;
}
