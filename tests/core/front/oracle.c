/* oracle.c: see oracle.h. */
#include "oracle.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lauxlib.h>
#include <lua.h>

#include "opcodes.h"
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

/* The parser tells which variables are assigned after a closure captured them from the source, the
 * binary side from the flow of registers: what the second sees, the first must have seen. */
static bool captures_agree(const struct fe_proto *parsed, const struct fe_proto *loaded) {
  bool agree = true;
  for (int i = 0; i < 4; i++) agree = agree && (loaded->byref[i] & ~parsed->byref[i]) == 0;
  for (int i = 0; i < parsed->np; i++) agree = agree && captures_agree(parsed->p[i], loaded->p[i]);
  return agree;
}

/* The chunk passes all checks and comes out again as it went in. */
static bool survives_loading(const struct fe_proto *parsed, const struct buffer *chunk, bool strip,
                             const char *chunkname, size_t piece) {
  struct source s = {chunk->data, chunk->len, piece, 0};
  struct fe_params params = {.read = source_read, .read_ud = &s, .chunkname = chunkname};
  struct fe_unit unit;
  struct buffer again = {NULL, 0, 0};
  bool same = false;
  if (fe_compile(&params, &unit) != FE_OK) {
    fprintf(stderr, "%s: own chunk refused: %s\n", chunkname, unit.message);
  } else {
    fe_dump(unit.main, strip, buffer_write, &again);
    same = again.len == chunk->len && memcmp(again.data, chunk->data, again.len) == 0;
    if (!same) fprintf(stderr, "%s: chunk changed by loading it\n", chunkname);
    if (same && !captures_agree(parsed, unit.main)) {
      fprintf(stderr, "%s: a captured variable is assigned unnoticed\n", chunkname);
      same = false;
    }
  }
  buffer_free(&again);
  fe_free(&unit);
  return same;
}

/* Stock Lua 5.4.4 compiles a `break` that leaves the scope of a captured variable in a generic
 * `for` to a CLOSE behind the loop that spares the loop's own closing value. Ours closes it, so the
 * register in that one instruction may be smaller. */
static bool is_fixed_close(const struct buffer *ours, const struct buffer *stock, size_t at) {
  for (size_t i = at < 3 ? 0 : at - 3; i <= at && i + 4 <= ours->len; i++) {
    uint32_t a, b, before;
    if (i < 4) continue;
    memcpy(&a, ours->data + i, 4);
    memcpy(&b, stock->data + i, 4);
    memcpy(&before, ours->data + i - 4, 4);
    if (fe_op_of(a) == OP_CLOSE && fe_op_of(b) == OP_CLOSE && fe_a(a) < fe_a(b) &&
        fe_op_of(before) == OP_TFORLOOP && a >> 15 == b >> 15)
      return true;
  }
  return false;
}

/* In `t[a == b]` with an upvalue t stock Lua 5.4.4 loads t between the comparison's jump and the
 * instructions for its result, so that the jump skips the load. No other source gives such code. */
static bool is_torn_index(const struct buffer *stock, size_t i) {
  uint32_t ins[4];
  if (i + sizeof ins > stock->len) return false;
  memcpy(ins, stock->data + i, sizeof ins);
  return fe_op_of(ins[0]) == OP_JMP && fe_sj(ins[0]) == 2 && fe_op_of(ins[1]) == OP_GETUPVAL &&
         fe_op_of(ins[2]) == OP_LFALSESKIP && fe_op_of(ins[3]) == OP_LOADTRUE;
}

static bool has_torn_index(const struct buffer *stock) {
  for (size_t i = 0; i < stock->len; i++) {
    if (is_torn_index(stock, i)) return true;
  }
  return false;
}

/* Where two dumps differ; their length when they do not. */
static size_t difference(const struct buffer *ours, const struct buffer *stock) {
  size_t at = 0;
  if (ours->len != stock->len) return 0;
  for (; at < ours->len; at++) {
    if (ours->data[at] == stock->data[at]) continue;
    if (!is_fixed_close(ours, stock, at)) break;
  }
  return at;
}

static bool same_dump(lua_State *L, const struct fe_proto *main, bool strip, const char *chunkname,
                      size_t piece) {
  struct buffer ours = {NULL, 0, 0}, stock = {NULL, 0, 0};
  fe_dump(main, strip, buffer_write, &ours);
  lua_dump(L, stock_write, &stock, strip);
  size_t at = difference(&ours, &stock);
  bool same = (ours.len == stock.len && at == ours.len) || has_torn_index(&stock);
  if (!same) {
    fprintf(stderr, "%s: dumps differ at byte %zu (%zu bytes, stock %zu; strip %d)\n", chunkname,
            at, ours.len, stock.len, strip);
  }
  same = same && survives_loading(main, &ours, strip, chunkname, piece);
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
    agrees = same_dump(L, unit.main, false, chunkname, piece) &&
             same_dump(L, unit.main, true, chunkname, piece);
  }
  lua_pop(L, 1);
  fe_free(&unit);
  return agrees;
}
