# gilt_flags: warnings and sanitizers for our own folders. Linked PRIVATE, so embedders never inherit them.
add_library(gilt_flags INTERFACE)
target_compile_features(gilt_flags INTERFACE c_std_17)
target_compile_definitions(gilt_flags INTERFACE _GNU_SOURCE
  GILT_GIL=$<BOOL:${GILT_GIL}> GILT_STRESS_GIL=$<BOOL:${GILT_STRESS_GIL}>)
target_compile_options(gilt_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wundef -Wconversion -Wdouble-promotion -Wwrite-strings
  -Wcast-qual -Wcast-align -Wpointer-arith -Wformat=2 -Wvla -Wstrict-prototypes -Wmissing-prototypes
  -Wold-style-definition -Wredundant-decls -Wnull-dereference -Wimplicit-fallthrough -fno-common
  -Werror=implicit-function-declaration -Werror=incompatible-pointer-types
  -Werror=int-conversion -Werror=return-type
  -fvisibility=hidden
  $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wduplicated-branches>
  $<$<C_COMPILER_ID:Clang>:-Wthread-safety -Wcomma -Wmissing-variable-declarations
     -Wconditional-uninitialized -Wno-gnu-zero-variadic-macro-arguments>
  $<$<BOOL:${GILT_WERROR}>:-Werror>)
if(GILT_SANITIZE)
  target_compile_options(gilt_flags INTERFACE -fsanitize=${GILT_SANITIZE} -g
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(gilt_flags INTERFACE -fsanitize=${GILT_SANITIZE})
endif()
