/* debuginfo.c: questions about a compiled function: lines and local variables. */
#include "proto.h"

int fe_line_of(const struct fe_proto *p, int pc) {
  if (p->lineinfo == NULL) return -1;
  /* the last absolute line at or before pc; without one, the start of the function */
  int low = 0, high = p->nabslineinfo;
  while (low < high) {
    int mid = low + (high - low) / 2;
    if (p->abslineinfo[mid].pc <= pc)
      low = mid + 1;
    else
      high = mid;
  }
  int at = low > 0 ? p->abslineinfo[low - 1].pc : -1;
  int line = low > 0 ? p->abslineinfo[low - 1].line : p->linedefined;
  while (at < pc) line += p->lineinfo[++at];
  return line;
}

const struct fe_str *fe_local_name(const struct fe_proto *p, int n, int pc) {
  for (int i = 0; i < p->nlocvars && p->locvars[i].startpc <= pc; i++) {
    if (pc < p->locvars[i].endpc && --n == 0) return p->locvars[i].name;
  }
  return NULL;
}
