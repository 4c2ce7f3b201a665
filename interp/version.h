/* version.h: the facts of a build. */
#ifndef GILT_VERSION_TEXT_H
#define GILT_VERSION_TEXT_H

#include <lua.h>

void version_push(lua_State *L); /* pushes the text of `gilt --version` */

#endif
