#include "ingest/spool/netstring.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tlsrpt::ingest {
namespace {

using namespace std::string_literals;

TEST(Netstring, Table) {
  struct Row {
    const char* why;
    std::string bytes;
    std::string text;
  };
  const Row rows[] = {
      {"some", "a@b.example", "11:a@b.example,"},
      {"none", "", "0:,"},
      {"its own separators", "a,b:c", "5:a,b:c,"},
      {"any byte", "\0\xff"s, "2:\0\xff,"s},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    std::string text = "before";
    AppendNetstring(text, row.bytes);
    EXPECT_EQ(text, "before" + row.text);
    text += "behind";
    std::string_view left = std::string_view(text).substr(6);
    EXPECT_EQ(TakeNetstring(left), row.bytes);
    EXPECT_EQ(left, "behind");
  }
}

TEST(Netstring, RefusesWhatItDoesNotWrite) {
  for (const std::string_view text :
       {"", "x", "1", "1:", "1:a", "1:a;", "2:a,", "-1:a,", ":a,",
        "99999999999999999999:a,", "18446744073709551615:a,"}) {
    SCOPED_TRACE(text);
    std::string_view left = text;
    EXPECT_FALSE(TakeNetstring(left));
    EXPECT_EQ(left, text);
  }
  std::string_view left = std::string_view("1:a,").substr(0, 3);
  EXPECT_FALSE(TakeNetstring(left)) << "what lies past the end is not looked at";
}

}  // namespace
}  // namespace tlsrpt::ingest
