/* Frames: whole, in pieces, and what is none. */
#include "mp_test.h"
#include "../../mp/mp_impl.h"

#include <sys/socket.h>

#define FRAME_MAX 1000

static void test_wire__a_frame_parses_only_when_it_is_whole(void **state) {
  (void)state;
  unsigned char bytes[64];
  struct mp_header head = {.magic = MP_MAGIC, .kind = MP_FRAME_NOTE, .task = 0, .len = 10};
  memcpy(bytes, &head, sizeof head);
  memcpy(bytes + sizeof head, "0123456789", 10);
  struct mp_frame frame;
  size_t used = 0;
  for (size_t len = 0; len < sizeof head + 10; len++)
    assert_int_equal(mp_wire_parse(bytes, len, FRAME_MAX, &frame, &used), GILT_EBUSY);
  assert_int_equal(mp_wire_parse(bytes, sizeof bytes, FRAME_MAX, &frame, &used), GILT_OK);
  assert_int_equal(used, sizeof head + 10);
  assert_memory_equal(frame.data, "0123456789", 10);
}

static void test_wire__refuses_what_is_no_frame(void **state) {
  (void)state;
  struct mp_frame frame;
  size_t used = 0;
  const struct mp_header bad[] = {
      {.magic = MP_MAGIC + 1, .kind = MP_FRAME_NOTE},
      {.magic = MP_MAGIC, .kind = 0},
      {.magic = MP_MAGIC, .kind = MP_FRAME_NOTE + 1},
      {.magic = MP_MAGIC, .kind = MP_FRAME_NOTE, .len = FRAME_MAX + 1},
      {.magic = MP_MAGIC, .kind = MP_FRAME_NOTE, .len = UINT64_MAX},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    unsigned char bytes[sizeof bad[i]];
    memcpy(bytes, &bad[i], sizeof bytes);
    assert_int_equal(mp_wire_parse(bytes, sizeof bytes, FRAME_MAX, &frame, &used), GILT_EPROTO);
  }
  struct mp_header longest = {.magic = MP_MAGIC, .kind = MP_FRAME_NOTE, .len = UINT64_MAX};
  unsigned char bytes[sizeof longest];
  memcpy(bytes, &longest, sizeof bytes);
  assert_int_equal(mp_wire_parse(bytes, sizeof bytes, UINT64_MAX, &frame, &used), GILT_EPROTO);
}

/* Any bytes: never read beyond them, never a frame that is longer than what is there. */
static void test_wire__random_bytes_do_no_harm(void **state) {
  (void)state;
  uint64_t seed = 12345;
  for (int round = 0; round < 20000; round++) {
    size_t len = (size_t)(seed >> 40) % 80;
    unsigned char *bytes = malloc(len + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      bytes[i] = (unsigned char)(seed >> 33);
    }
    uint32_t magic = MP_MAGIC, kind = (uint32_t)(seed >> 60);
    uint64_t payload = seed >> 58;
    if (len >= 4) memcpy(bytes, &magic, 4);
    if (len >= 8) memcpy(bytes + 4, &kind, 4);
    if (len >= 24) memcpy(bytes + 16, &payload, 8);
    struct mp_frame frame;
    size_t used = 0;
    if (mp_wire_parse(bytes, len, FRAME_MAX, &frame, &used) == GILT_OK) {
      assert_true(used <= len);
      assert_int_equal(used, sizeof(struct mp_header) + frame.len);
    }
    free(bytes);
  }
}

static void test_wire__an_inbox_puts_pieces_together(void **state) {
  (void)state;
  int pair[2];
  struct mp_inbox in = {0};
  struct mp_frame frame;
  assert_int_equal(mp_os_socketpair(pair), GILT_OK);
  size_t len = 100000;
  unsigned char *payload = malloc(len);
  assert_non_null(payload);
  for (size_t i = 0; i < len; i++) payload[i] = (unsigned char)(i % 251);
  for (uint64_t task = 1; task <= 3; task++)
    assert_int_equal(mp_wire_send(pair[0], MP_FRAME_RESULT, task, payload, 10 * (size_t)task),
                     GILT_OK);
  assert_int_equal(mp_wire_send(pair[0], MP_FRAME_RESULT, 4, payload, len), GILT_OK);
  assert_int_equal(mp_inbox_next(&in, len, &frame), GILT_EBUSY);
  for (uint64_t task = 1; task <= 4; task++) {
    int rc;
    while ((rc = mp_inbox_next(&in, len, &frame)) == GILT_EBUSY)
      assert_int_equal(mp_inbox_fill(&in, pair[1], MSG_DONTWAIT), GILT_OK);
    assert_int_equal(rc, GILT_OK);
    assert_int_equal(frame.task, task);
    assert_int_equal(frame.len, task == 4 ? len : 10 * (size_t)task);
    assert_memory_equal(frame.data, payload, frame.len);
  }
  assert_int_equal(mp_inbox_fill(&in, pair[1], MSG_DONTWAIT), GILT_EBUSY);
  (void)close(pair[0]);
  assert_int_equal(mp_inbox_fill(&in, pair[1], MSG_DONTWAIT), GILT_ECLOSED);
  assert_int_equal(mp_wire_send(pair[1], MP_FRAME_NOTE, 0, "x", 1), GILT_ECLOSED);
  (void)close(pair[1]);
  free(payload);
  mp_inbox_fini(&in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_wire__a_frame_parses_only_when_it_is_whole),
      cmocka_unit_test(test_wire__refuses_what_is_no_frame),
      cmocka_unit_test(test_wire__random_bytes_do_no_harm),
      cmocka_unit_test(test_wire__an_inbox_puts_pieces_together),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
