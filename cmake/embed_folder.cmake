# tlsrptd_embed_folder(TARGET FOLDER [name=FILE ...]): the files of a folder become a C++
# table at build time, so that the one executable needs no files beside it; and FILE, from
# elsewhere on this machine, under `name`. Declared in embedded_files.h of the room.
function(tlsrptd_embed_folder target folder)
  file(GLOB names RELATIVE ${CMAKE_SOURCE_DIR}/${folder} CONFIGURE_DEPENDS
       ${CMAKE_SOURCE_DIR}/${folder}/*)
  set(files)
  foreach(name IN LISTS names)
    list(APPEND files ${name}=${CMAKE_SOURCE_DIR}/${folder}/${name})
  endforeach()
  list(APPEND files ${ARGN})
  list(SORT files)
  list(TRANSFORM files REPLACE "^[^=]*=" "" OUTPUT_VARIABLE paths)
  set(generated ${CMAKE_BINARY_DIR}/generated/${target}_embedded.cc)
  string(REPLACE ";" "|" files "${files}")  # a list would fall apart on its way
  add_custom_command(
    OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DOUT=${generated} -DROOM=${target} -DFILES=${files}
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_folder_script.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/embed_folder_script.cmake
    VERBATIM)
  add_library(${target}_embedded STATIC ${generated})
  target_link_libraries(${target}_embedded PUBLIC tlsrptd_flags)
  target_link_libraries(${target} PUBLIC ${target}_embedded)
endfunction()
