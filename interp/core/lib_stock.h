/* lib_stock.h: Lua's auxiliary and library headers for the files that replace their functions: what
 * these declare is part of the API, and exported. First include of a file, or the declarations are
 * hidden. */
#ifndef GILT_CORE_LIB_STOCK_H
#define GILT_CORE_LIB_STOCK_H

#pragma GCC visibility push(default)
#include <lauxlib.h>
#include <lualib.h>
#pragma GCC visibility pop

#endif
