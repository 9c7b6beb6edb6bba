#include "ingest/spool/recipients.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tlsrpt::ingest {
namespace {

struct Row {
  const char* why;
  std::vector<std::string> recipients;
  const char* text;
};

const Row kRows[] = {
    {"nobody", {}, ""},
    {"one", {"a@b.example"}, "11:a@b.example,"},
    {"an empty one is one", {""}, "0:,"},
    {"separators inside", {"a,b:c", "d"}, "5:a,b:c,1:d,"},
};

TEST(Recipients, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(EncodeRecipients(row.recipients), row.text);
    EXPECT_EQ(DecodeRecipients(row.text), row.recipients);
  }
}

TEST(Recipients, RefusesWhatItDoesNotWrite) {
  for (const char* text : {"x", "1", "1:", "1:a", "1:a;", "2:a,", "-1:a,", "1:a,1",
                           "99999999999999999999:a,", "18446744073709551615:a,"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(DecodeRecipients(text));
  }
  EXPECT_FALSE(DecodeRecipients(std::string_view("1:a,").substr(0, 3)))
      << "what lies past the end is not looked at";
}

}  // namespace
}  // namespace tlsrpt::ingest
