# Run by cmake -P: writes OUT, the table of FILES ("name=path|name=path") that ROOM
# declares in its embedded_files.h. As numbers: a string literal ends at 64 KB in some
# compilers, and any delimiter may be in a file.
string(REPLACE "|" ";" FILES "${FILES}")
string(REPLACE "_" "/" folder ${ROOM})
set(arrays)
set(rows)
set(number 0)
foreach(file IN LISTS FILES)
  string(REGEX REPLACE "=.*" "" name "${file}")
  string(REGEX REPLACE "^[^=]*=" "" path "${file}")
  file(READ ${path} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  set(array kBytes${number})
  string(APPEND arrays "const unsigned char ${array}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${name}\",\n"
                     "     {reinterpret_cast<const char*>(${array}), sizeof ${array}}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "// Made at build time; see cmake/embed_folder.cmake.
#include \"${folder}/embedded_files.h\"

namespace tlsrpt::embedded {
namespace {
${arrays}
const File kFiles[] = {
${rows}};
}  // namespace

std::span<const File> Files() { return kFiles; }

}  // namespace tlsrpt::embedded
")
