/* fuzz_wire.c: any bytes as a Lua value, as a frame of a worker, as a report of a subject. What
 * decodes as a value must encode again, and decode to the same bytes' worth.
 *
 * With clang: -DGILT_FUZZ=ON builds it as a libFuzzer program. Otherwise it has a main of its own
 * that feeds it mutations of valid inputs for a fixed number of rounds, and is a test like any
 * other. */
#include "../../interp/experiment.h"
#include "../../mp/mp_impl.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void die(const char *what) {
  (void)fprintf(stderr, "fuzz_wire: %s\n", what);
  abort();
}

static void try_value(const uint8_t *data, size_t size) {
  lua_State *L = luaL_newstate();
  char why[WIRE_WHY];
  if (L == NULL) return;
  if (wire_decode(L, data, size) == GILT_OK) {
    struct wire_buf once = {0}, twice = {0};
    if (wire_encode(L, -1, &once, why) != GILT_OK) die("what was decoded can't be encoded");
    if (wire_decode(L, once.bytes, once.len) != GILT_OK) die("what was encoded can't be decoded");
    if (wire_encode(L, -1, &twice, why) != GILT_OK) die("the copy can't be encoded");
    if (once.len != twice.len) die("the copy is of another size");
    wire_free(&once);
    wire_free(&twice);
  }
  if (lua_gettop(L) > 2) die("the stack is not balanced");
  lua_close(L);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  struct exp_report report;
  struct exp_error error;
  struct mp_frame frame;
  size_t used = 0;
  switch (data[0] % 4) {
  case 0: try_value(data + 1, size - 1); break;
  case 1:
    if (exp_report_unpack(data + 1, size - 1, &report) == GILT_OK) exp_report_fini(&report);
    break;
  case 2:
    if (exp_error_unpack(data + 1, size - 1, &error) == GILT_OK) exp_error_clear(&error);
    break;
  default:
    if (mp_wire_parse(data + 1, size - 1, 1000, &frame, &used) == GILT_OK && used > size - 1)
      die("a frame is longer than its bytes");
  }
  return 0;
}

#ifndef GILT_LIBFUZZER
static uint64_t seed = 88172645463325252u;
static uint64_t next_random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

static const char *const values[] = {
    "return { 1, 2.5, 'three', { true, false }, x = { y = 'z' } }",
    "local t = {} t.t = t t[1] = t return t",
    "local t = {} for i = 1, 50 do t[i] = i * 1000003 end return t",
};

/* Valid inputs of each kind. */
static void make_seed(unsigned kind, struct wire_buf *out) {
  unsigned char first = (unsigned char)(kind % 4);
  char why[WIRE_WHY];
  struct exp_report report;
  struct mp_header head = {.magic = MP_MAGIC, .kind = MP_FRAME_NOTE, .task = 3, .len = 4};
  bool ok = wire_append(out, &first, 1);
  switch (first) {
  case 0: {
    lua_State *L = luaL_newstate();
    ok = ok && L != NULL && luaL_dostring(L, values[kind / 4 % 3]) == LUA_OK &&
         wire_encode(L, -1, out, why) == GILT_OK;
    lua_close(L);
    break;
  }
  case 1:
  case 2:
    ok = ok && exp_report_init(&report, 2, 3);
    if (!ok) break;
    exp_error_set(&report.error, EXP_ERROR, 1, 1, "message", "traceback");
    ok = (first == 1 ? exp_report_pack(&report, out) : exp_error_pack(&report.error, out)) ==
         GILT_OK;
    exp_report_fini(&report);
    break;
  default: ok = ok && wire_append(out, &head, sizeof head) && wire_append(out, "four", 4);
  }
  if (!ok) die("cannot make a seed");
}

static void mutate(struct wire_buf *input) {
  for (uint64_t n = next_random() % 6; n > 0; n--) {
    size_t at = 1 + next_random() % (input->len - 1);
    switch (next_random() % 4) {
    case 0: input->bytes[at] = (unsigned char)next_random(); break;
    case 1: input->bytes[at] ^= (unsigned char)(1u << next_random() % 8); break;
    case 2: input->bytes[at] = next_random() % 2 == 0 ? 0 : 0xff; break;
    default: input->len = at + 1;
    }
    if (input->len < 2) return;
  }
}

int main(int argc, char **argv) {
  long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 40000;
  for (long i = 0; i < rounds; i++) {
    struct wire_buf input = {0};
    make_seed((unsigned)(i % 12), &input);
    mutate(&input);
    uint8_t *exact = malloc(input.len); /* so that ASan sees the byte behind it */
    if (exact == NULL) return 1;
    memcpy(exact, input.bytes, input.len);
    (void)LLVMFuzzerTestOneInput(exact, input.len);
    free(exact);
    wire_free(&input);
  }
  (void)printf("%ld inputs\n", rounds);
  return 0;
}
#endif
