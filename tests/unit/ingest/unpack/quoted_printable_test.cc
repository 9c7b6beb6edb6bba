#include "ingest/unpack/quoted_printable.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::ingest {
namespace {

struct Row {
  const char* why;
  const char* text;
  const char* want;
};

const Row kRows[] = {
    {"plain", "{\"a\": 1}", "{\"a\": 1}"},
    {"RFC 2045, 6.7 (1)", "=7B=22a=22=3D1}", "{\"a\"=1}"},
    {"lower-case digits are accepted", "=7b=0d", "{\r"},
    {"RFC 2045, 6.7 (5): soft line break", "{\"a\":=\r\n 1}", "{\"a\": 1}"},
    {"soft line break with LF", "{\"a\":=\n 1}", "{\"a\": 1}"},
    {"soft line break with blanks behind it", "a=  \r\nb", "ab"},
    {"RFC 2045, 6.7 (3): blanks at the end of a line go", "a \t\r\nb", "a\r\nb"},
    {"line ends stay", "a\r\nb\n", "a\r\nb\n"},
    {"an escape that is none stays", "=ZZ =4 100%=", "=ZZ =4 100%"},
    {"cut in an escape", "a=4", "a=4"},
    {"empty", "", ""},
};

TEST(QuotedPrintable, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(DecodeQuotedPrintable(row.text), row.want);
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
