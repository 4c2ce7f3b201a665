# Finds what we build on by pkg-config: Lua 5.4 (its package has several names), libffi, cmocka.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
foreach(name lua5.4 lua-5.4 lua54 lua)
  if(NOT TARGET PkgConfig::LUA)
    pkg_check_modules(LUA QUIET IMPORTED_TARGET "${name}>=5.4" "${name}<5.5")
    set(GILT_LUA_PC ${name})
  endif()
endforeach()
if(NOT TARGET PkgConfig::LUA)
  message(FATAL_ERROR "Lua 5.4 not found by pkg-config (Debian: apt install liblua5.4-dev)")
endif()
pkg_check_modules(FFI REQUIRED IMPORTED_TARGET libffi)
if(GILT_BUILD_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
endif()
message(STATUS "Lua ${LUA_VERSION} (${GILT_LUA_PC}), libffi ${FFI_VERSION}, core: ${GILT_CORE}")

# The command links Lua statically where the distribution has the archive, as its own `lua` command does: calls
# inside a shared liblua go through the PLT and cost a few per cent. gilt_lua_whole exports the whole
# API, so that C modules find it in the command.
pkg_get_variable(GILT_LUA_LIBDIR ${GILT_LUA_PC} libdir)
if(NOT GILT_LUA_LIBDIR)
  set(GILT_LUA_LIBDIR ${LUA_LIBDIR})
endif()
find_library(GILT_LUA_ARCHIVE NAMES liblua5.4.a liblua-5.4.a liblua54.a liblua.a
  HINTS ${GILT_LUA_LIBDIR} ${LUA_LIBRARY_DIRS})
add_library(gilt_lua_whole INTERFACE)
if(GILT_LUA_ARCHIVE AND GILT_CORE STREQUAL "stock")
  target_link_libraries(gilt_lua_whole INTERFACE
    -Wl,--whole-archive ${GILT_LUA_ARCHIVE} -Wl,--no-whole-archive m dl)
else()
  target_link_libraries(gilt_lua_whole INTERFACE PkgConfig::LUA m dl)
endif()
