# tlsrptd_room(FOLDER USES room... LIBS library... [EXECUTABLE name])
#
# Makes the target of a room: store/model becomes `store_model`. USES names rooms, and
# is what the linker sees of the arrows in the design.

add_library(tlsrptd_flags INTERFACE)
target_include_directories(tlsrptd_flags INTERFACE ${CMAKE_SOURCE_DIR})
# In C++, gcc leaves signs out of -Wconversion and clang does not.
target_compile_options(tlsrptd_flags INTERFACE -Wall -Wextra -Wconversion
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
if(TLSRPTD_SANITIZE)
  target_compile_options(tlsrptd_flags INTERFACE
    -fsanitize=${TLSRPTD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tlsrptd_flags INTERFACE -fsanitize=${TLSRPTD_SANITIZE})
endif()

function(tlsrptd_room folder)
  cmake_parse_arguments(ROOM "" "EXECUTABLE" "USES;LIBS" ${ARGN})
  string(REPLACE "/" "_" target ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)

  if(ROOM_EXECUTABLE)
    if(NOT sources)
      return()
    endif()
    # The rooms of an executable are linked as a library too, so that tests reach them.
    list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
    add_executable(${ROOM_EXECUTABLE} ${CMAKE_SOURCE_DIR}/${folder}/main.cc)
  endif()

  set(kind PUBLIC)
  if(sources)
    add_library(${target} STATIC ${sources})
  else()
    add_library(${target} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_link_libraries(${target} ${kind} tlsrptd_flags)
  foreach(room IN LISTS ROOM_USES)
    string(REPLACE "/" "_" other ${room})
    target_link_libraries(${target} ${kind} ${other})
  endforeach()
  target_link_libraries(${target} ${kind} ${ROOM_LIBS})

  if(ROOM_EXECUTABLE)
    target_link_libraries(${ROOM_EXECUTABLE} PRIVATE ${target})
  endif()
endfunction()
