#include "ingest/report/json_extent.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "ingest/report/json_tree.h"

namespace tlsrpt::ingest {
namespace {

struct Row {
  const char* why;
  std::string json;
  std::size_t values;
  std::size_t longest_bytes;
};

TEST(JsonExtent, Table) {
  const Row rows[] = {
      {"empty", "", 1, 0},
      {"a string", "\"abc\"", 1, 3},
      {"an escaped quote ends nothing", R"(["a\"bc"])", 2, 5},
      {"an escaped backslash does not escape the quote", R"(["a\\","b"])", 3, 3},
      {"a number", "[-12.5e+3]", 2, 8},
      {"a number at the end", "12345", 1, 5},
      {"blanks in a row, and the number behind them", "[ \t\r\n  12]", 2, 6},
      {"a number, and the blanks behind it", "[1234  ]", 2, 4},
      {"blanks in front", "   {}", 2, 3},
      {"a name is a token, and no value", R"({"name":1})", 2, 4},
      {"commas in a string count nothing", R"(["a,b,c"])", 2, 5},
      {"brackets in a string end nothing", R"(["]",123456])", 3, 6},
      {"an empty container counts as one element: at most", "[[],[]]", 5, 0},
      {"what lies behind the first value is not looked at", "{} 123456 \"abcdef\"", 2, 0},
      {"a string that does not end", "[\"abc", 2, 3},
      {"a closing bracket alone", "] 123456", 1, 0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const JsonExtent extent = MeasureJson(row.json);
    EXPECT_EQ(extent.values, row.values);
    EXPECT_EQ(extent.longest_bytes, row.longest_bytes);
  }
}

// The limit is exact, for strings and numbers, and the same when the text is mended.
TEST(JsonExtent, TheLimitOfATokenIsExact) {
  const auto with = [](const std::string& token) { return "[1,\n" + token + "]"; };
  const auto text = [](std::size_t bytes) {
    return "\"" + std::string(bytes, 'x') + "\"";
  };
  EXPECT_TRUE(ReadJson(with(text(kMaxJsonTokenBytes))));
  EXPECT_FALSE(ReadJson(with(text(kMaxJsonTokenBytes + 1))));
  EXPECT_TRUE(ReadJson(with(std::string(kMaxJsonTokenBytes, '9'))));
  const auto longer = ReadJson(with(std::string(kMaxJsonTokenBytes + 1, '9')));
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().kind, ErrorKind::kTooLarge);
  EXPECT_TRUE(ReadJson(with("\"\n\"," + text(kMaxJsonTokenBytes))));
}

}  // namespace
}  // namespace tlsrpt::ingest
