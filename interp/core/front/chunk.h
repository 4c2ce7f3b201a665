/* chunk.h: binary chunks of stock Lua 5.4: what undump, dump and the checks share. */
#ifndef GILT_FRONT_CHUNK_H
#define GILT_FRONT_CHUNK_H

#include <limits.h>
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

/* verify.c: refuse a function that could make the executor leave its frame, its tables or its
 * types. Its nested functions have been checked already. */
void fe_verify(struct job *j, struct fe_proto *p);

/* What verify.c and verify_flow.c share about one function. */
struct verify {
  struct job *job;
  const struct fe_proto *p;
  uint8_t *marks;  /* per instruction: */
  uint64_t *byref; /* p->byref: the flow adds the registers written while a closure holds them */
};
enum { MARK_TARGET = 1 /* a jump arrives here */, MARK_LEADER = 2 /* or some skip */ };

void fe_verify_flow(struct verify *v);
_Noreturn void fe_fail_code(const struct verify *v, int pc, const char *what);

/* Operands of each opcode, see verify.c. */
struct fe_operands {
  char a, b, c;
};
extern const struct fe_operands fe_operands[FE_OP_COUNT];

/* Where an instruction jumps to, even if that is no place at all; NO_TARGET when it never jumps. */
enum { NO_TARGET = INT_MIN };
static inline int fe_jump_target(uint32_t ins, int pc) {
  switch ((int)fe_op_of(ins)) {
  case OP_JMP: return pc + 1 + fe_sj(ins);
  case OP_FORLOOP:
  case OP_TFORLOOP: return pc + 1 - fe_bx(ins);
  case OP_FORPREP: return pc + 2 + fe_bx(ins);
  case OP_TFORPREP: return pc + 1 + fe_bx(ins);
  default: return NO_TARGET;
  }
}

#endif
