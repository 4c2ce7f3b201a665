/* front_threads.c: several threads compile, dump and load at once; each gets what one thread alone
 * got. */
#include "generate.h"
#include "oracle.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "proto.h"

enum { THREADS = 4, PROGRAMS = 60 };

static struct buffer texts[PROGRAMS], dumps[PROGRAMS]; /* constant once the threads run */

static int compile(const struct buffer *in, struct buffer *out) {
  struct source s = {in->data, in->len, 64, 0};
  struct fe_params params = {.read = source_read, .read_ud = &s, .chunkname = "=threads"};
  struct fe_unit unit;
  int status = fe_compile(&params, &unit);
  if (status == FE_OK)
    fe_dump(unit.main, false, buffer_write, out);
  else
    buffer_write(out, unit.message, unit.message_len);
  fe_free(&unit);
  return status;
}

static bool same(const struct buffer *a, const struct buffer *b) {
  return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void *work(void *arg) {
  long *failed = arg;
  for (int i = 0; i < PROGRAMS; i++) {
    struct buffer out = {NULL, 0, 0}, again = {NULL, 0, 0};
    int status = compile(&texts[i], &out);
    bool ok = same(&out, &dumps[i]);
    if (status == FE_OK) ok = compile(&out, &again) == FE_OK && same(&again, &out) && ok;
    *failed += !ok;
    buffer_free(&out);
    buffer_free(&again);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  long failed[THREADS] = {0}, total = 0;
  for (int i = 0; i < PROGRAMS; i++) {
    if (i % 4 == 0)
      generate_broken((uint64_t)i, &texts[i]);
    else
      generate_program((uint64_t)i, &texts[i]);
    compile(&texts[i], &dumps[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    if (pthread_create(&threads[i], NULL, work, &failed[i]) != 0) return 2;
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    total += failed[i];
  }
  for (int i = 0; i < PROGRAMS; i++) {
    buffer_free(&texts[i]);
    buffer_free(&dumps[i]);
  }
  printf("%ld of %d differ\n", total, THREADS * PROGRAMS);
  return total != 0;
}
