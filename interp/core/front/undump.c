#include "chunk.h"
const struct fe_proto *fe_undump(struct job *j) { fe_fail(j, FE_ERRSYNTAX, "bad binary format"); }
