/* gil_hist.h: log-linear histogram of nanoseconds, after HdrHistogram (Tene): 16 sub-buckets per
 * power of two, so a value is known to 6 %. 0 to 2^40 ns; larger ones count in the last bucket. No
 * allocation. */
#ifndef GILT_GIL_HIST_H
#define GILT_GIL_HIST_H

#include <stdint.h>

#define GIL_HIST_SUB_BITS 4
#define GIL_HIST_BUCKETS  ((40 - GIL_HIST_SUB_BITS + 1) << GIL_HIST_SUB_BITS)

typedef struct gil_hist {
  uint64_t count;
  uint64_t sum;
  uint64_t max;
  uint32_t bucket[GIL_HIST_BUCKETS];
} gil_hist;

void gil_hist_record(gil_hist *h, uint64_t ns);
void gil_hist_clear(gil_hist *h);
/* Upper bound of the bucket that holds the quantile q in [0, 1]; 0 for an empty histogram. */
uint64_t gil_hist_quantile(const gil_hist *h, double q);
/* Lower bound of bucket i. */
uint64_t gil_hist_bound(unsigned i);

#endif
