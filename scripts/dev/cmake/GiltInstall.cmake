# The installed package: command, library, headers, workloads, gilt.pc, and a CMake package.
include(CMakePackageConfigHelpers)
set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/gilt)

install(TARGETS gilt_cmd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS gilt EXPORT giltTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(folder gil mp interp)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/scripts/workloads DESTINATION ${CMAKE_INSTALL_DATADIR}/gilt
  FILES_MATCHING PATTERN "*.lua")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(EXPORT giltTargets NAMESPACE gilt:: DESTINATION ${cmake_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/giltConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/giltConfig.cmake INSTALL_DESTINATION ${cmake_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/giltConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/giltConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/giltConfigVersion.cmake DESTINATION ${cmake_dir})
# pcfiledir is LIBDIR/pkgconfig; with a multiarch LIBDIR the prefix is one level further up.
string(REGEX REPLACE "[^/]+" ".." up "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
set(CMAKE_INSTALL_LIBDIR_REL ${CMAKE_INSTALL_LIBDIR})
if(GILT_CORE STREQUAL "gilt") # libgilt holds the core: only Lua's headers are wanted
  set(GILT_PC_REQUIRES "")
  list(TRANSFORM LUA_INCLUDE_DIRS PREPEND " -I" OUTPUT_VARIABLE GILT_PC_CFLAGS)
  string(JOIN "" GILT_PC_CFLAGS ${GILT_PC_CFLAGS})
else()
  set(GILT_PC_REQUIRES ${GILT_LUA_PC})
  set(GILT_PC_CFLAGS "")
endif()
file(READ ${CMAKE_CURRENT_LIST_DIR}/gilt.pc.in pc)
string(REPLACE "\${pcfiledir}/../.." "\${pcfiledir}/${up}" pc "${pc}")
string(CONFIGURE "${pc}" pc @ONLY)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/gilt.pc "${pc}")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/gilt.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
