/* experiment_env.h: what a measurement was taken on, and where the built-in workloads are. */
#ifndef GILT_EXPERIMENT_ENV_H
#define GILT_EXPERIMENT_ENV_H

#include <gilt/base.h>
#include <limits.h>

struct env_item {
  const char *name;
  char text[256];
};
#define ENV_ITEMS_MAX 16
/* Fills in what is known; returns how many. */
int env_describe(struct env_item *out, int room);
int env_cores(void); /* that this process may run on */
int env_columns(void);

#define ENV_PATHS_MAX 4
struct env_paths {
  int count;
  char path[ENV_PATHS_MAX][PATH_MAX];
};
void env_workload_dirs(struct env_paths *out);

#endif
