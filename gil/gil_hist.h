/* gil_hist.h: what gil.h does not show of the histograms. */
#ifndef GILT_GIL_HIST_H
#define GILT_GIL_HIST_H

#include <gilt/gil.h>

#define GIL_HIST_SUB_BITS 4
_Static_assert(GIL_HIST_BUCKETS == (40 - GIL_HIST_SUB_BITS + 1) << GIL_HIST_SUB_BITS,
               "16 buckets per power of two, up to 2^40");

void gil_hist_clear(gil_hist *h);

#endif
