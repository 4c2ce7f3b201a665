/* main.c: the gilt command: finds the subcommand. */
#include <gilt/gilt.h>
#include <stdio.h>

int main(int argc, char **argv) {
  gilt_runtime *rt;
  if (gilt_open(NULL, &rt) != GILT_OK) return 1;
  int rc = argc > 1 ? gilt_run_file(rt, argv[1]) : 2;
  if (rc != GILT_OK) fprintf(stderr, "gilt: %s\n", gilt_error(rt));
  gilt_close(rt);
  return rc == GILT_OK ? 0 : 1;
}
