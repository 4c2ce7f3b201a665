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
message(STATUS "Lua ${LUA_${GILT_LUA_PC}_VERSION} (${GILT_LUA_PC}), libffi ${FFI_VERSION}, core: ${GILT_CORE}")

# The command links Lua statically where the distribution has the archive, as its own `lua` command does: calls
# inside a shared liblua go through the PLT and cost a few per cent. gilt_lua_whole exports the whole
# API, so that C modules find it in the command.
pkg_get_variable(GILT_LUA_LIBDIR ${GILT_LUA_PC} libdir)
if(NOT GILT_LUA_LIBDIR)
  set(GILT_LUA_LIBDIR ${LUA_LIBDIR})
endif()
find_library(GILT_LUA_ARCHIVE NAMES liblua5.4.a liblua-5.4.a liblua54.a liblua.a
  HINTS ${GILT_LUA_LIBDIR} ${LUA_LIBRARY_DIRS})
# The same code of the interpreter loop (lvm.o) runs up to 12 % slower or faster as its start falls within a
# cache line, calls and coroutines (ldo.o) up to 3 %, and the distribution's own command happens to have both
# where they are fast: at multiples of 64. So must ours, or a comparison with `lua` measures the linker. The
# archive is copied, and these members' alignment raised.
function(gilt_align_lua archive out)
  set(dir ${CMAKE_BINARY_DIR}/lua)
  set(copy ${dir}/liblua-rest.a)
  set(members lvm.o ldo.o)
  file(MAKE_DIRECTORY ${dir})
  execute_process(COMMAND ${CMAKE_AR} x ${archive} ${members} WORKING_DIRECTORY ${dir}
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  foreach(member ${members})
    if(NOT failed)
      execute_process(COMMAND ${CMAKE_OBJCOPY} --set-section-alignment .text=64 ${dir}/${member}
        RESULT_VARIABLE failed ERROR_QUIET)
    endif()
  endforeach()
  if(failed)
    set(${out} ${archive} PARENT_SCOPE)
    return()
  endif()
  file(COPY_FILE ${archive} ${copy})
  execute_process(COMMAND ${CMAKE_AR} d ${copy} ${members})
  list(TRANSFORM members PREPEND ${dir}/)
  set(${out} ${members} ${copy} PARENT_SCOPE)
endfunction()

add_library(gilt_lua_whole INTERFACE)
if(GILT_LUA_ARCHIVE AND GILT_CORE STREQUAL "stock")
  gilt_align_lua(${GILT_LUA_ARCHIVE} lua_parts)
  target_link_libraries(gilt_lua_whole INTERFACE
    -Wl,--whole-archive ${lua_parts} -Wl,--no-whole-archive m dl)
elseif(NOT GILT_CORE STREQUAL "gilt") # interp/core/CMakeLists.txt says what our own core is made of
  target_link_libraries(gilt_lua_whole INTERFACE PkgConfig::LUA m dl)
endif()
