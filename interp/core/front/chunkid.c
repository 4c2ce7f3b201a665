/* chunkid.c: the name of a chunk as messages show it. */
#include "proto.h"

#include <string.h>

static char *put(char *out, const char *s, size_t n) {
  memcpy(out, s, n);
  return out + n;
}

/* "@file": the file, cut at the front; "=name": the name, cut at the end. */
static void plain_name(char *out, const char *name, size_t len, bool keep_end) {
  const size_t room = FE_IDSIZE - 1;
  if (len > room && keep_end) {
    out = put(out, "...", 3);
    name += len - (room - 3);
    len = room - 3;
  } else if (len > room) {
    len = room;
  }
  *put(out, name, len) = '\0';
}

void fe_chunkid(char *out, const char *source, size_t len) {
  static const char open[] = "[string \"", dots[] = "...", close[] = "\"]";
  if (len > 0 && (*source == '=' || *source == '@')) {
    plain_name(out, source + 1, len - 1, *source == '@');
    return;
  }
  /* anything else is the text itself: its first line */
  const size_t room = FE_IDSIZE - (sizeof open + sizeof dots + sizeof close - 3) - 1;
  const char *newline = memchr(source, '\n', len);
  bool whole = newline == NULL && len < room;
  if (newline != NULL) len = (size_t)(newline - source);
  if (len > room) len = room;
  out = put(out, open, sizeof open - 1);
  out = put(out, source, len);
  if (!whole) out = put(out, dots, sizeof dots - 1);
  put(out, close, sizeof close);
}
