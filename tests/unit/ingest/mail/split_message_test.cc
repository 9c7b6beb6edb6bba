#include "ingest/mail/split_message.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::ingest {
namespace {

struct Row {
  const char* why;
  std::string message;
  std::string header;
  std::string body;
};

const Row kRows[] = {
    {"CRLF", "A: b\r\n\r\nbody\r\n", "A: b\r\n", "body\r\n"},
    {"LF", "A: b\n\nbody\n", "A: b\n", "body\n"},
    {"the first empty line, not the last", "A: b\r\n\r\nC: d\r\n\r\n", "A: b\r\n",
     "C: d\r\n\r\n"},
    {"LF after CRLF", "A: b\r\n\nbody", "A: b\r\n", "body"},
    {"a line of blanks is not empty: it continues a field", "A: b\r\n \r\nC: d\r\n\r\nx",
     "A: b\r\n \r\nC: d\r\n", "x"},
    {"a bare CR is no line break", "A: b\r\rC: d\r\n\r\nx", "A: b\r\rC: d\r\n", "x"},
    {"CR CR LF is no empty line", "A: b\r\n\r\r\n\r\nx", "A: b\r\n\r\r\n", "x"},
    {"line breaks before the header", "\r\n\nA: b\r\n\r\nx", "A: b\r\n", "x"},
    {"no body", "A: b\r\n\r\n", "A: b\r\n", ""},
    {"no empty line", "A: b\r\n", "A: b\r\n", ""},
    {"no line break at all", "A: b", "A: b", ""},
    {"cut in the empty line", "A: b\r\n\r", "A: b\r\n\r", ""},
    {"nothing", "", "", ""},
    {"only line breaks", "\r\n\r\n", "", ""},
};

TEST(SplitMessage, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const SplitMail split = SplitMessage(row.message);
    EXPECT_EQ(split.header, row.header);
    EXPECT_EQ(split.body, row.body);
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
