# gilt_embed_lua(TARGET): the Lua files of scripts/lab, as bytes in the binary, under gilt.lab.NAME.
function(gilt_embed_lua target)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scripts/lab/*.lua)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded.c)
  set(text "/* Made by GiltEmbed.cmake. */\n#include \"embedded.h\"\n")
  set(rows "")
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    string(APPEND text
      "__asm__(\".section .rodata\\nlab_${name}: .incbin \\\"${file}\\\"\\nlab_${name}_end: .byte 0\\n.previous\\n\");\n"
      "extern const char lab_${name}[], lab_${name}_end[];\n")
    string(APPEND rows "    {\"gilt.lab.${name}\", lab_${name}, lab_${name}_end},\n")
  endforeach()
  string(APPEND text "const struct embedded embedded_modules[] = {\n${rows}    {NULL, NULL, NULL}};\n")
  file(GENERATE OUTPUT ${out} CONTENT "${text}")
  set_source_files_properties(${out} PROPERTIES GENERATED TRUE OBJECT_DEPENDS "${files}"
    COMPILE_OPTIONS "-w;-fno-lto")
  target_sources(${target} PRIVATE ${out})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/interp)
endfunction()
