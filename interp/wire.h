/* wire.h: Lua values as bytes, to cross from one heap to another: nil, booleans, integers, floats
 * (exactly), strings, and tables of these, shared and cyclic references kept. Nothing else can be
 * sent; a table with a metatable neither, because what makes it special would be lost without a
 * word.
 *
 * Format: "gw1" 0, the number of tables (4 bytes, little endian), the value, then the body of each
 * table in the order in which it was first met. A table is only ever referred to by its number, so
 * nothing nests: neither end recurses, and no input is too deep. value   tag byte, then: 3 zigzag
 * varint, 4 eight bytes of IEEE 754 (little endian), 5 varint length and bytes, 6 varint number of
 * a table body    values of 1, 2, ..., nil, key value key value ..., nil */
#ifndef GILT_WIRE_H
#define GILT_WIRE_H

#include <gilt/base.h>
#include <lua.h>

/* Bytes that grow. {0} is empty; wire_free makes it so again. */
struct wire_buf {
  unsigned char *bytes;
  size_t len, cap;
};
void wire_free(struct wire_buf *buf);
bool wire_append(struct wire_buf *buf, const void *bytes, size_t len); /* false: no memory */

#define WIRE_WHY 256

/* Appends the value at idx to `out`. Never raises. On failure `out` is as before:
 * GILT_ENOMEM, or GILT_EINVAL: it can't be sent, and `why` says what and where, as in
 * "a table with a function at .x[2]". Needs the lock of L's runtime. */
GILT_NODISCARD int wire_encode(lua_State *L, int idx, struct wire_buf *out, char why[WIRE_WHY]);

/* Pushes the value that the bytes are. Never raises; on failure pushes nothing: GILT_EPROTO (they
 * are no value, or not only one), GILT_ENOMEM. Takes memory in proportion to len at most. */
GILT_NODISCARD int wire_decode(lua_State *L, const void *bytes, size_t len);

#endif
