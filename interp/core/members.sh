#!/bin/sh
# members.sh ARCHIVE DIR AR OBJCOPY NM: the library members of Lua's archive as DIR/libluamembers.a.
# Symbols that the core defines itself are weakened; whole libraries that it wraps are renamed
# core_stock_*. Fails if the result defines a lua_* function: no part of stock Lua's core is used.
set -e
archive=$1 dir=$2 ar=$3 objcopy=$4 nm=$5
members="lauxlib.o lbaselib.o ldblib.o linit.o liolib.o lmathlib.o loadlib.o loslib.o lstrlib.o
ltablib.o lutf8lib.o"
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
"$ar" x "$archive" $members
for f in luaL_ref luaL_unref luaL_newmetatable luaL_getsubtable; do
  "$objcopy" --weaken-symbol=$f lauxlib.o
done
"$objcopy" --redefine-sym luaopen_base=core_stock_luaopen_base lbaselib.o
"$objcopy" --redefine-sym luaopen_string=core_stock_luaopen_string lstrlib.o
"$objcopy" --redefine-sym luaopen_math=core_stock_luaopen_math lmathlib.o
"$objcopy" --redefine-sym luaopen_table=core_stock_luaopen_table ltablib.o
"$objcopy" --redefine-sym luaopen_debug=core_stock_luaopen_debug ldblib.o
"$ar" rcs libluamembers.a $members
if "$nm" libluamembers.a 2>/dev/null | grep ' [TtDd] lua_'; then
  echo "a member defines core functions" >&2
  exit 1
fi
