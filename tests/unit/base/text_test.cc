#include "base/text.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt {
namespace {

using std::string_view_literals::operator""sv;

TEST(Text, LowersAsciiOnly) {
  EXPECT_EQ(ToLowerAscii("AZaz09@[`{"), "azaz09@[`{");
  EXPECT_EQ(ToLowerAscii("M\xC3\x9CNCHEN"), "m\xC3\x9Cnchen") << "a locale would differ";
}

TEST(Text, ComparesIgnoringCase) {
  struct Row {
    const char* why;
    std::string_view a, b;
    bool equal, starts;
  };
  const Row rows[] = {
      {"same", "TLSRPT", "tlsrpt", true, true},
      {"longer", "tlsrpt+gzip", "TLSRPT", false, true},
      {"shorter", "tls", "tlsrpt", false, false},
      {"other letter", "tlsrpu", "tlsrpt", false, false},
      {"empty prefix", "a", "", false, true},
      {"both empty", "", "", true, true},
      {"bit 5 is not case for these", "@", "`", false, false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(EqualsIgnoreCase(row.a, row.b), row.equal);
    EXPECT_EQ(StartsWithIgnoreCase(row.a, row.b), row.starts);
  }
}

TEST(Text, Trims) {
  struct Row {
    const char* why;
    std::string_view text, want;
  };
  const Row rows[] = {
      {"Google keeps the CR of a CRLF policy file", "version: STSv1\r", "version: STSv1"},
      {"a trailing blank", "mx: mx1.firm.example ", "mx: mx1.firm.example"},
      {"all four, both ends", " \t\r\na b\n\r\t ", "a b"},
      {"nothing but blanks", " \t\r\n", ""},
      {"empty", "", ""},
      {"no other white space", "\va\f", "\va\f"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(Trim(row.text), row.want);
  }
}

TEST(Text, SplitsAndJoins) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(Split("a.b.c", '.'), (Parts{"a", "b", "c"}));
  EXPECT_EQ(Split("", '.'), (Parts{""})) << "one empty part, not none";
  EXPECT_EQ(Split(".a..", '.'), (Parts{"", "a", "", ""})) << "empty parts are kept";
  EXPECT_EQ(Join({"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(Join({"a"}, ", "), "a");
  EXPECT_EQ(Join({}, ", "), "");
}

// A separator that depends on what was joined so far would lose the first comma.
TEST(Text, JoinKeepsEmptyParts) {
  EXPECT_EQ(Join({"a", "", "b"}, ","), "a,,b");
  EXPECT_EQ(Join({"", "b"}, ","), ",b");
}

TEST(Text, ParsesUnsigned) {
  struct Row {
    const char* why;
    std::string_view text;
    std::optional<std::uint64_t> want;
  };
  const Row rows[] = {
      {"zero", "0", 0},
      {"leading zeros", "007", 7},
      {"the largest", "18446744073709551615", UINT64_MAX},
      {"one more", "18446744073709551616", {}},
      {"ten times more", "184467440737095516150", {}},
      {"empty", "", {}},
      {"sign", "+1", {}},
      {"minus", "-1", {}},
      {"blank before", " 1", {}},
      {"blank after", "1 ", {}},
      {"hexadecimal", "0x1", {}},
      {"fraction", "1.0", {}},
      {"after 9 in ASCII", "1:", {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ParseUnsigned(row.text), row.want);
  }
}

#define FFFD "\xEF\xBF\xBD"

TEST(Text, CleansUtf8) {
  struct Row {
    const char* why;
    std::string_view text;
    std::size_t max_bytes;
    std::string_view want;
    bool changed;
  };
  const Row rows[] = {
      {"ASCII", "Google Inc.", 100, "Google Inc.", false},
      {"empty", "", 100, "", false},
      {"two, three and four bytes", "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x92\xA9", 100,
       "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x92\xA9", false},
      {"the last character of Unicode", "\xF4\x8F\xBF\xBF", 100, "\xF4\x8F\xBF\xBF",
       false},
      {"control characters other than NUL stay", "a\nb\x7F", 100, "a\nb\x7F", false},
      // PostgreSQL refuses all of these.
      {"NUL", "a\0b"sv, 100, "a" FFFD "b", true},
      {"Latin-1", "M\xFCller", 100, "M" FFFD "ller", true},
      {"lone continuation", "\x80", 100, FFFD, true},
      {"cut short", "\xE2\x82", 100, FFFD FFFD, true},
      {"cut short, then a letter", "\xC3z", 100, FFFD "z", true},
      {"overlong, two bytes", "\xC0\xAF", 100, FFFD FFFD, true},
      {"overlong, three bytes", "\xE0\x9F\xBF", 100, FFFD FFFD FFFD, true},
      {"overlong, four bytes", "\xF0\x8F\xBF\xBF", 100, FFFD FFFD FFFD FFFD, true},
      {"surrogate", "\xED\xA0\x80", 100, FFFD FFFD FFFD, true},
      {"before the surrogates", "\xED\x9F\xBF", 100, "\xED\x9F\xBF", false},
      {"past U+10FFFF", "\xF4\x90\x80\x80", 100, FFFD FFFD FFFD FFFD, true},
      {"F5", "\xF5\x80\x80\x80", 100, FFFD FFFD FFFD FFFD, true},
      {"third byte wrong", "\xE2\x82z", 100, FFFD FFFD "z", true},
      {"fourth byte wrong", "\xF0\x9F\x92z", 100, FFFD FFFD FFFD "z", true},
      // The limit.
      {"exactly", "abc", 3, "abc", false},
      {"one too many", "abcd", 3, "abc", true},
      {"never inside a character", "ab\xC3\xBC", 3, "ab", true},
      {"nothing at all", "a", 0, "", true},
      {"a replacement that does not fit", "a\x80", 3, "a", true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    bool changed = !row.changed;
    const std::string exact(row.text);  // its own allocation, for ASan
    EXPECT_EQ(CleanUtf8(exact, row.max_bytes, &changed), row.want);
    EXPECT_EQ(changed, row.changed);
    EXPECT_EQ(CleanUtf8(exact, row.max_bytes), row.want) << "without the flag";
  }
}

TEST(Text, WritesHex) {
  EXPECT_EQ(ToHex("\x00\x0F\xA5\xFF"sv), "000fa5ff");
  EXPECT_EQ(ToHex(""), "");
}

}  // namespace
}  // namespace tlsrpt
