/* run_script.c: a plain script in each of N workers, for `gilt run`. The modes do the work:
 * run_*.c. */
#include "run_script.h"
#include "runner.h"

int run_script_workers(const char *mode, int workers, const gilt_options *options,
                       int (*body)(lua_State *L, void *arg), void *arg) {
  const struct runner *runner = runner_find(mode);
  struct run_each each = {.workers = workers, .options = options, .body = body, .arg = arg};
  if (runner == NULL) {
    (void)fprintf(stderr, "gilt: no mode is called \"%s\"\n", mode);
    return RUN_SCRIPT_USAGE;
  }
  int max = runner->workers_max != 0 ? runner->workers_max : EXP_WORKERS_MAX;
  if (workers < 1 || workers > max) {
    (void)fprintf(stderr, "gilt: mode %s takes 1 to %d workers, not %d\n", mode, max, workers);
    return RUN_SCRIPT_USAGE;
  }
  if (runner->needs_gil && !GILT_GIL) {
    (void)fprintf(stderr, "gilt: this build has no GIL, which mode %s needs\n", mode);
    return RUN_SCRIPT_USAGE;
  }
  return runner->run_each(runner, &each);
}

const char *run_script_mode(int i) { return runners[i] != NULL ? runners[i]->name : NULL; }
