#include "base/plain_text.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt {
namespace {

struct Row {
  const char* why;
  std::string text;
  bool line;
  bool name;
};

const Row kRows[] = {
    {"a name", "mx1", true, true},
    {"blanks", "the dashboard, for now", true, true},
    {"not ASCII", "\u00dcberwachung", true, true},
    {"as long as may be", std::string(255, 'a'), true, true},
    {"too long for a name", std::string(256, 'a'), true, false},
    {"empty", "", true, false},
    {"line feed", "a\nb", false, false},
    {"carriage return at the end", "a\r", false, false},
    {"tab", "a\tb", false, false},
    {"escape", "\x1b[2J", false, false},
    {"the last of C0", "\x1f", false, false},
    {"DEL", "\x7f", false, false},
    {"NUL", std::string("a\0b", 3), false, false},
};

TEST(PlainText, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(CheckOneLine(row.text).has_value(), row.line);
    EXPECT_EQ(CheckName(row.text).has_value(), row.name);
  }
}

}  // namespace
}  // namespace tlsrpt
