#include "base/shell_word.h"

#include <gtest/gtest.h>

namespace tlsrpt {
namespace {

struct Row {
  const char* why;
  const char* text;
  const char* want;
};

const Row kRows[] = {
    {"a domain", "mx1.firm.example", "mx1.firm.example"},
    {"a path", "/var/lib/tlsrptd", "/var/lib/tlsrptd"},
    {"nothing is a word too", "", "''"},
    {"a blank", "a b", "'a b'"},
    {"what a shell would run", "$(id)`id`;id", "'$(id)`id`;id'"},
    {"a quote", "it's", "'it'\\''s'"},
    {"a control character is never meant", "a\nb\x1b\x7f",
     "'a?b?"
     "?'"},
    {"everybody's language", "bücher", "'bücher'"},
};

TEST(ShellWord, Table) {
  for (const Row& row : kRows) EXPECT_EQ(ShellWord(row.text), row.want) << row.why;
}

}  // namespace
}  // namespace tlsrpt
