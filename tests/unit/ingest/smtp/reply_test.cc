#include "ingest/smtp/reply.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::ingest {
namespace {

TEST(SmtpReply, IsOneLineWhateverTheText) {
  std::string out = "220 x\r\n";
  AppendReply({250, "2.0.0", "a\r\n250 b\xC3\xBC\x7F"}, out);
  EXPECT_EQ(out, "220 x\r\n250 2.0.0 a??250 b???\r\n");
}

TEST(SmtpReply, WithoutEnhancedCode) {
  std::string out;
  AppendReply({354, "", "go"}, out);
  EXPECT_EQ(out, "354 go\r\n");
}

}  // namespace
}  // namespace tlsrpt::ingest
