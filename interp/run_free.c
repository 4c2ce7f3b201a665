/* run_free.c: mode free: N OS threads in one interpreter whose lock is off, in parallel on one
 * heap. Otherwise as mode threads. Only gilt's own core can do it. */
#include "runner.h"

const struct runner run_free = {.name = "free",
                                .about = "OS threads in one interpreter, in parallel, the lock off",
                                .shared_setup = true,
                                .gil_off = true,
                                .run = threads_run,
                                .run_each = threads_run_each};
