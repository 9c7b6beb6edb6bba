#include "base/base64url.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt {
namespace {

struct Row {
  const char* why;
  std::string bytes;
  const char* text;
};

const Row kRows[] = {
    {"RFC 4648, 10", "", ""},
    {"RFC 4648, 10", "f", "Zg"},
    {"RFC 4648, 10", "fo", "Zm8"},
    {"RFC 4648, 10", "foo", "Zm9v"},
    {"RFC 4648, 10", "foobar", "Zm9vYmFy"},
    {"RFC 4648, 5: - and _ for + and /", "\xfb\xff\xbf", "-_-_"},
    {"NUL is a byte", std::string("\0\0", 2), "AAA"},
};

TEST(Base64Url, ThereAndBack) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ToBase64Url(row.bytes), row.text);
    EXPECT_EQ(FromBase64Url(row.text), row.bytes);
  }
}

TEST(Base64Url, TwoTextsNeverMeanOneValue) {
  for (const char* text :
       {"Zg==", "Zh", "Zm9", "Z", "Zm9vZ", "Zm+v", "Zm/v", "Zm9v\n", "Zm 9v"}) {
    EXPECT_FALSE(FromBase64Url(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tlsrpt
