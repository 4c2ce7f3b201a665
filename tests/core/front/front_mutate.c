/* front_mutate.c: binary chunks with a few bytes changed: each is refused with a message or loads;
 * what loads is still a chunk that loads after being dumped again. Usage: front_mutate [count
 * [first seed]] */
#include "generate.h"
#include "oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto.h"

static int load(const struct buffer *b, size_t piece, struct fe_unit *unit) {
  struct source s = {b->data, b->len, piece, 0};
  struct fe_params params = {
      .read = source_read, .read_ud = &s, .chunkname = "=mutant", .mode = "b"};
  return fe_compile(&params, unit);
}

static bool make_chunk(uint64_t seed, struct buffer *chunk) {
  struct buffer text = {NULL, 0, 0};
  struct fe_unit unit;
  generate_program(seed, &text);
  struct source s = {text.data, text.len, 0, 0};
  struct fe_params params = {.read = source_read, .read_ud = &s, .chunkname = "=mutate"};
  bool ok = fe_compile(&params, &unit) == FE_OK;
  if (ok) fe_dump(unit.main, seed % 2 == 0, buffer_write, chunk);
  fe_free(&unit);
  buffer_free(&text);
  return ok;
}

static void mutate(struct rng *r, struct buffer *b) {
  for (int n = 1 + rng_below(r, 3); n > 0; n--) {
    char *at = &b->data[rng_below(r, (int)b->len)];
    switch (rng_below(r, 5)) {
    case 0: *at = (char)(*at ^ 1 << rng_below(r, 8)); break;
    case 1: *at = (char)rng_next(r); break;
    case 2: *at = (char)(*at + 1); break;
    case 3: *at = b->data[rng_below(r, (int)b->len)]; break;
    default:
      if (rng_below(r, 8) == 0) b->len = (size_t)(1 + rng_below(r, (int)b->len));
      return;
    }
  }
}

/* A chunk that was accepted: dump it, and load that. */
static bool stable(const struct fe_unit *unit) {
  struct buffer again = {NULL, 0, 0};
  struct fe_unit second;
  fe_dump(unit->main, false, buffer_write, &again);
  bool ok = load(&again, 0, &second) == FE_OK;
  if (!ok) fprintf(stderr, "accepted, but not after a dump: %s\n", second.message);
  fe_free(&second);
  buffer_free(&again);
  return ok;
}

int main(int argc, char **argv) {
  uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 300;
  uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  uint64_t failed = 0, accepted = 0, tried = 0;
  for (uint64_t seed = first; seed < first + count; seed++) {
    struct buffer chunk = {NULL, 0, 0};
    struct rng r = {seed};
    if (!make_chunk(seed, &chunk)) continue;
    for (int i = 0; i < 40; i++, tried++) {
      struct buffer copy = {NULL, 0, 0};
      struct fe_unit unit;
      buffer_write(&copy, chunk.data, chunk.len);
      mutate(&r, &copy);
      if (load(&copy, i % 2 == 0 ? 0 : 5, &unit) == FE_OK) {
        accepted++;
        failed += !stable(&unit);
      } else {
        failed += unit.message == NULL || unit.message_len != strlen(unit.message);
      }
      fe_free(&unit);
      buffer_free(&copy);
    }
    buffer_free(&chunk);
  }
  printf("%" PRIu64 " mutants, %" PRIu64 " accepted, %" PRIu64 " wrong\n", tried, accepted, failed);
  return failed != 0;
}
