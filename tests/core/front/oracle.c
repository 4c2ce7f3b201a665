/* oracle.c: see oracle.h. */
#include "oracle.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lauxlib.h>
#include <lua.h>

#include "proto.h"

const char *source_read(void *ud, size_t *size_out) {
  struct source *s = ud;
  size_t left = s->len - s->at, n = s->piece != 0 && s->piece < left ? s->piece : left;
  const char *piece = s->text + s->at;
  s->at += n;
  *size_out = n;
  return n != 0 ? piece : NULL;
}

int buffer_write(void *ud, const void *p, size_t size) {
  struct buffer *b = ud;
  if (b->len + size > b->cap) {
    b->cap = (b->len + size) * 2;
    b->data = realloc(b->data, b->cap);
    if (b->data == NULL) abort();
  }
  if (size > 0) memcpy(b->data + b->len, p, size);
  b->len += size;
  return 0;
}

void buffer_free(struct buffer *b) {
  free(b->data);
  *b = (struct buffer){NULL, 0, 0};
}

static const char *stock_read(lua_State *L, void *ud, size_t *size) {
  (void)L;
  return source_read(ud, size);
}

static int stock_write(lua_State *L, const void *p, size_t size, void *ud) {
  (void)L;
  return buffer_write(ud, p, size);
}

static bool same_dump(lua_State *L, const struct fe_proto *main, bool strip,
                      const char *chunkname) {
  struct buffer ours = {NULL, 0, 0}, stock = {NULL, 0, 0};
  fe_dump(main, strip, buffer_write, &ours);
  lua_dump(L, stock_write, &stock, strip);
  bool same = ours.len == stock.len && memcmp(ours.data, stock.data, ours.len) == 0;
  if (!same) {
    size_t at = 0;
    while (at < ours.len && at < stock.len && ours.data[at] == stock.data[at]) at++;
    fprintf(stderr, "%s: dumps differ at byte %zu (%zu bytes, stock %zu; strip %d)\n", chunkname,
            at, ours.len, stock.len, strip);
  }
  buffer_free(&ours);
  buffer_free(&stock);
  return same;
}

bool oracle_agrees(lua_State *L, const char *text, size_t len, const char *chunkname,
                   size_t piece) {
  struct source a = {text, len, piece, 0}, b = {text, len, piece, 0};
  struct fe_params params = {.read = source_read, .read_ud = &a, .chunkname = chunkname};
  struct fe_unit unit;
  int ours = fe_compile(&params, &unit);
  int stock = lua_load(L, stock_read, &b, chunkname, NULL);
  bool agrees = ours == stock;
  if (!agrees) {
    fprintf(stderr, "%s: status %d, stock %d\n", chunkname, ours, stock);
    if (ours != 0) fprintf(stderr, "  message: %s\n", unit.message);
    if (stock != 0) fprintf(stderr, "  stock's:  %s\n", lua_tostring(L, -1));
  } else if (ours != 0) {
    agrees = strcmp(unit.message, lua_tostring(L, -1)) == 0;
    if (!agrees)
      fprintf(stderr, "%s: message: %s\n  stock's: %s\n", chunkname, unit.message,
              lua_tostring(L, -1));
  } else {
    agrees = same_dump(L, unit.main, false, chunkname) && same_dump(L, unit.main, true, chunkname);
  }
  lua_pop(L, 1);
  fe_free(&unit);
  return agrees;
}
