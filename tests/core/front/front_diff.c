/* front_diff.c: compares the front end with stock Lua on the files named on the command line, each
 * read whole and in pieces. */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lauxlib.h>
#include <lua.h>

static bool read_file(const char *path, struct buffer *b) {
  char chunk[65536];
  FILE *f = fopen(path, "rb");
  if (f == NULL) return false;
  for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) buffer_write(b, chunk, n);
  fclose(f);
  return true;
}

/* The first line is the caller's business when it starts with '#'. */
static size_t skip_hash_line(const struct buffer *b) {
  size_t at = 0;
  if (b->len > 0 && b->data[0] == '#') {
    while (at < b->len && b->data[at] != '\n') at++;
  }
  return at;
}

int main(int argc, char **argv) {
  static const size_t pieces[] = {0, 1, 7, 512};
  lua_State *L = luaL_newstate();
  int failed = 0;
  for (int i = 1; i < argc; i++) {
    struct buffer b = {NULL, 0, 0};
    char name[4096];
    if (!read_file(argv[i], &b)) {
      perror(argv[i]);
      return 2;
    }
    snprintf(name, sizeof name, "@%s", argv[i]);
    size_t start = skip_hash_line(&b);
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
      if (b.len > start && !oracle_agrees(L, b.data + start, b.len - start, name, pieces[p])) {
        failed++;
        break;
      }
    }
    buffer_free(&b);
  }
  lua_close(L);
  printf("%d files, %d differ\n", argc - 1, failed);
  return failed != 0;
}
