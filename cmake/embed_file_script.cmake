# Run by cmake -P: writes OUT, a C++ constant NAME with the bytes of FILE. As numbers: a
# string literal ends at 64 KB in some compilers, and any delimiter may be in the file.
file(READ ${FILE} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)"
       "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "// Made at build time from ${FILE}; see cmake/embed_file.cmake.
#include <string_view>
namespace {
const unsigned char kBytes[] = {
${bytes}
};
}  // namespace
namespace tlsrpt::embedded {
extern const std::string_view ${NAME};
const std::string_view ${NAME}(reinterpret_cast<const char*>(kBytes), sizeof kBytes);
}  // namespace tlsrpt::embedded
")
