/* fuzz_front.c: libFuzzer on the front end's text side: whatever the bytes are, there is a function
 * or a message; and a function's dump passes the checks of the binary side. Built with
 * -DGILT_FUZZ=ON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load_again(const struct fe_proto *main, bool strip) {
  struct buffer chunk = {NULL, 0, 0};
  struct fe_unit unit;
  fe_dump(main, strip, buffer_write, &chunk);
  struct source s = {chunk.data, chunk.len, 0, 0};
  struct fe_params params = {
      .read = source_read, .read_ud = &s, .chunkname = "=again", .mode = "b"};
  if (fe_compile(&params, &unit) != FE_OK) abort();
  fe_free(&unit);
  buffer_free(&chunk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  /* the first byte chooses how the text is cut into pieces */
  struct source s = {(const char *)data + 1, size - 1, data[0] % 16, 0};
  struct fe_params params = {.read = source_read, .read_ud = &s, .chunkname = "=fuzz", .mode = "t"};
  struct fe_unit unit;
  if (fe_compile(&params, &unit) == FE_OK)
    load_again(unit.main, data[0] >= 128);
  else if (unit.message == NULL || strlen(unit.message) != unit.message_len)
    abort();
  fe_free(&unit);
  return 0;
}
