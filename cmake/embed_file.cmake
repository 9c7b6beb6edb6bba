# tlsrptd_embed_file(TARGET FILE): a text file of a room becomes a C++ constant at build
# time, so that the one executable needs no files beside it. FILE api/rest/openapi.yaml is
# declared by the room as `extern const std::string_view kEmbedded_openapi_yaml;` in
# namespace tlsrpt::embedded.
function(tlsrptd_embed_file target file)
  get_filename_component(name ${file} NAME)
  string(MAKE_C_IDENTIFIER ${name} identifier)
  set(generated ${CMAKE_BINARY_DIR}/generated/${target}_${identifier}.cc)
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DOUT=${generated} -DFILE=${CMAKE_SOURCE_DIR}/${file}
            -DNAME=kEmbedded_${identifier}
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_file_script.cmake
    DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${CMAKE_SOURCE_DIR}/cmake/embed_file_script.cmake
    VERBATIM)
  add_library(${target}_${identifier} STATIC ${generated})
  target_link_libraries(${target}_${identifier} PUBLIC tlsrptd_flags)
  target_link_libraries(${target} PUBLIC ${target}_${identifier})
endfunction()
