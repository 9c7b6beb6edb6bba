# tlsrptd_embed_sql(TARGET): the files under sql/ become a C++ table at build time, so
# that the one executable needs no files beside it (declared in sql/embedded_sql.h).
function(tlsrptd_embed_sql target)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/*.sql)
  list(SORT files)
  set(generated ${CMAKE_BINARY_DIR}/generated/embedded_sql.cc)
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DOUT=${generated} -DROOT=${CMAKE_SOURCE_DIR}/sql
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_sql_script.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_sql_script.cmake
    VERBATIM)
  add_library(${target}_embedded STATIC ${generated})
  target_link_libraries(${target}_embedded PUBLIC tlsrptd_flags)
  target_link_libraries(${target} INTERFACE ${target}_embedded)
endfunction()
