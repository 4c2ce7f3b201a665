/* fuzz_undump.c: libFuzzer on the front end's binary side: a chunk is refused with a message, or
 * what was loaded passes the same checks after being dumped. Built with -DGILT_FUZZ=ON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int load(const char *data, size_t size, size_t piece, struct fe_unit *unit) {
  struct source s = {data, size, piece, 0};
  struct fe_params params = {.read = source_read, .read_ud = &s, .chunkname = "=fuzz", .mode = "b"};
  return fe_compile(&params, unit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fe_unit unit, second;
  if (load((const char *)data, size, size % 3, &unit) == FE_OK) {
    struct buffer again = {NULL, 0, 0};
    fe_dump(unit.main, false, buffer_write, &again);
    if (load(again.data, again.len, 0, &second) != FE_OK) abort();
    fe_free(&second);
    buffer_free(&again);
  } else if (unit.message == NULL || strlen(unit.message) != unit.message_len) {
    abort();
  }
  fe_free(&unit);
  return 0;
}
