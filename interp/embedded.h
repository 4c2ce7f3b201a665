/* embedded.h: Lua modules that are part of the command (scripts/lab). Made by GiltEmbed.cmake. */
#ifndef GILT_EMBEDDED_H
#define GILT_EMBEDDED_H

#include <stddef.h>

struct embedded {
  const char *name, *code, *end;
};

extern const struct embedded embedded_modules[]; /* ends with a NULL name */

#endif
