/* chunk.h: binary chunks of stock Lua 5.4: what undump, dump and the checks share. */
#ifndef GILT_FRONT_CHUNK_H
#define GILT_FRONT_CHUNK_H

#include "job.h"
#include "opcodes.h"

#define FE_SIGNATURE     "\x1bLua"
#define FE_CHUNK_VERSION 0x54
#define FE_CHUNK_FORMAT  0
#define FE_CHUNK_DATA    "\x19\x93\r\n\x1a\n" /* mangled by text-mode transfers */
#define FE_CHUNK_INT     INT64_C(0x5678)
#define FE_CHUNK_FLT     370.5

/* Type bytes of constants. */
enum {
  CHUNK_NIL = 0x00,
  CHUNK_FALSE = 0x01,
  CHUNK_TRUE = 0x11,
  CHUNK_INT = 0x03,
  CHUNK_FLT = 0x13,
  CHUNK_SHORT_STR = 0x04,
  CHUNK_LONG_STR = 0x14
};

/* undump.c: the chunk under the cursor; all of it is validated. */
const struct fe_proto *fe_undump(struct job *j);
_Noreturn void fe_fail_chunk(struct job *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* verify.c, verify_flow.c: refuse code that could make the executor leave its frame, its tables or
 * its types. `parent` is NULL for the main function. */
void fe_verify(struct job *j, const struct fe_proto *p, const struct fe_proto *parent);
void fe_verify_flow(struct job *j, const struct fe_proto *p);
_Noreturn void fe_fail_code(struct job *j, const struct fe_proto *p, int pc, const char *what);

#endif
