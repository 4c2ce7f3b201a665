/* oracle.h: compile one source with the front end and with stock Lua 5.4, and compare everything
 * that can be seen: status, message, every byte of the dump, with and without debug information. */
#ifndef GILT_TEST_ORACLE_H
#define GILT_TEST_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

struct lua_State;

struct source {
  const char *text;
  size_t len;
  size_t piece; /* the reader gives so many bytes at a time; 0: all at once */
  size_t at;
};

const char *source_read(void *ud, size_t *size_out);

/* A growing byte string; freed with buffer_free(). */
struct buffer {
  char *data;
  size_t len, cap;
};
int buffer_write(void *buffer, const void *p, size_t size);
void buffer_free(struct buffer *b);

/* True when both agree; otherwise says on stderr how they differ. */
bool oracle_agrees(struct lua_State *L, const char *text, size_t len, const char *chunkname,
                   size_t piece);

#endif
