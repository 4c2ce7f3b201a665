/* opinfo.c: the table of opcode properties, from the list in opcodes.h. */
#include "opcodes.h"

const struct fe_opinfo fe_opinfo[FE_OP_COUNT] = {
#define X(name, format, a, t, in, out, mm) {#name, FE_FMT_##format, a, t, in, out, mm},
    FE_OPCODES(X)
#undef X
};
