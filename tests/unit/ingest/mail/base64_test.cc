#include "ingest/mail/base64.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/unit/ingest/unpack/mail_builder.h"

namespace tlsrpt::ingest {
namespace {

struct Row {
  const char* why;
  const char* text;
  std::optional<std::string> want;  // empty: kMalformed, and `at` is the byte named
  const char* at = "";
  bool padding_missing = false;
};

const Row kRows[] = {
    {"RFC 4648, 10", "Zm9vYmFy", "foobar"},
    {"one pad", "Zm9vYmE=", "fooba"},
    {"two pads", "Zm9vYg==", "foob"},
    {"empty", "", ""},
    {"the whole alphabet's end", "+/+/", "\xfb\xff\xbf"},
    {"Google: lines of 76, CRLF (parsedmarc 549)", "Zm9v\r\nYmFy\r\n", "foobar"},
    {"LF, in the middle of a group", "Zm\n9vY\nmFy", "foobar"},
    {"blanks and tabs of a gateway", " Zm9v \t YmFy ", "foobar"},
    {"padding broken over lines", "Zm9vYg=\r\n=\r\n", "foob"},
    {"padding missing, two characters", "Zm9vYg", "foob", "", true},
    {"padding missing, three characters", "Zm9vYmE", "fooba", "", true},
    {"half the padding", "Zm9vYg=", "foob", "", true},
    {"a byte outside the alphabet", "Zm9v!mFy", {}, "byte 4"},
    {"mimetic's out-of-bounds byte", "{m9v", {}, "byte 0"},
    {"URL alphabet", "Zm9vYm-y", {}, "byte 6"},
    {"a byte above 127", "Zm\xffv", {}, "byte 2"},
    {"text after the padding", "Zg==Zg==", {}, "byte 4"},
    {"padding first", "=Zm9", {}, "byte 0"},
    {"padding after one", "Z===", {}, "byte 1"},
    {"too much padding", "Zm9vYg===", {}, "byte 8"},
    {"padding after a whole group", "Zm9v=", {}, "byte 4"},
    {"a character alone", "Zm9vY", {}, "byte 5"},
};

TEST(Base64, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto got = DecodeBase64(row.text);
    ASSERT_EQ(got.has_value(), row.want.has_value());
    if (row.want) {
      EXPECT_EQ(got->bytes, *row.want);
      EXPECT_EQ(got->padding_missing, row.padding_missing);
    } else {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
      EXPECT_TRUE(got.error().message.ends_with(row.at)) << got.error().message;
    }
  }
}

TEST(Base64, EveryLengthAndLineWidthComesBack) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    for (const std::size_t width : {0u, 4u, 76u}) {
      const auto got = DecodeBase64(testing::Base64(bytes, width));
      ASSERT_TRUE(got.has_value()) << i;
      ASSERT_EQ(got->bytes, bytes) << i;
    }
    bytes += static_cast<char>(i * 7);
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
