#include "ingest/unpack/gunzip.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>

#include "tests/unit/ingest/unpack/mail_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::Gzip;

struct Row {
  const char* why;
  std::string gz;
  std::optional<std::string> want;  // empty: kMalformed
};

std::string Damaged(std::string gz, std::size_t from_end) {
  gz[gz.size() - from_end] = static_cast<char>(gz[gz.size() - from_end] ^ 1);
  return gz;
}

std::string NamedGzip(const std::string& text) {
  std::string gz = Gzip(text);
  gz[3] = 8;  // FNAME
  return gz.substr(0, 10) + "report.json" + '\0' + gz.substr(10);
}

TEST(Gunzip, Table) {
  const std::string text = R"({"a":"one two three"})";
  const std::string gz = Gzip(text);
  const Row rows[] = {
      {"plain", gz, text},
      {"RFC 1952, 2.3: a file name in the header (mail-auth's sample)", NamedGzip(text),
       text},
      {"RFC 1952, 2.2: members are joined", gz + Gzip("more"), text + "more"},
      {"an empty member", Gzip(""), ""},
      {"padding after the last member", gz + std::string(512, '\0'), text},
      {"padding between the members", gz + std::string("\r\n \t\0", 5) + Gzip("more"),
       text + "more"},
      {"text after the last member is the reader's", gz + "-- \r\nlist footer",
       text + "-- \r\nlist footer"},
      {"empty", "", {}},
      {"not gzip", "PK\x03\x04", {}},
      {"magic alone", gz.substr(0, 3), {}},
      {"CRC does not match", Damaged(gz, 6), {}},
      {"length does not match", Damaged(gz, 2), {}},
      {"data damaged", Damaged(gz, gz.size() - 11), {}},
      {"trailer cut", gz.substr(0, gz.size() - 1), {}},
      {"second member cut", gz + gz.substr(0, 12), {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = Gunzip(row.gz);
    ASSERT_EQ(got.has_value(), row.want.has_value());
    if (row.want) {
      EXPECT_EQ(*got, *row.want);
    } else {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
      EXPECT_EQ(got.error().message.substr(0, 5), "gzip:");
    }
  }
}

TEST(Gunzip, TheLimitIsExact) {
  for (const std::size_t size : {1u, 4095u, 4096u, 4097u, 100'000u}) {
    SCOPED_TRACE(size);
    const std::string gz = Gzip(std::string(size, 'x'));
    ASSERT_TRUE(Gunzip(gz, size).has_value());
    const auto over = Gunzip(gz, size - 1);
    ASSERT_FALSE(over.has_value());
    EXPECT_EQ(over.error().kind, ErrorKind::kTooLarge);
  }
}

TEST(Gunzip, TheLimitIsOverAllMembers) {
  const std::string gz = Gzip(std::string(600, 'x'));
  EXPECT_TRUE(Gunzip(gz + gz, 1200).has_value());
  const auto over = Gunzip(gz + gz, 1199);
  ASSERT_FALSE(over.has_value());
  EXPECT_EQ(over.error().kind, ErrorKind::kTooLarge);
}

// Or as many damaged bodies as fit into a mail would each have the whole allowance.
TEST(Gunzip, WhatComesOutIsPaidFor) {
  const std::string gz = Gzip(std::string(600, 'x'));
  const std::string member = Gzip(std::string(100, 'x'));
  struct {
    const char* why;
    std::string gz;
    bool read;
    std::size_t left;  // of 1000
  } const rows[] = {
      {"read", gz, true, 400},
      {"all members", gz + member + member, true, 200},
      {"padding costs nothing", gz + std::string(512, '\0'), true, 400},
      {"text behind it", gz + std::string(400, 'x'), true, 0},
      {"text behind it past the limit", gz + std::string(401, 'x'), false, 400},
      {"no gzip at all", "{}", false, 1000},
      {"a wrong check sum", testing::WithBadCrc(gz), false, 400},
      {"the second member damaged", gz + testing::WithBadCrc(member), false, 300},
      {"the trailer cut", gz.substr(0, gz.size() - 1), false, 400},
      {"past the limit", gz + gz, false, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    std::size_t room = 1000;
    EXPECT_EQ(Gunzip(row.gz, &room).has_value(), row.read);
    EXPECT_EQ(room, row.left);
  }
}

TEST(Gunzip, EveryPrefixIsAnswered) {
  const std::string gz = Gzip(testing::Json());
  for (std::size_t n = 0; n < gz.size(); ++n) {
    const auto got = Gunzip(std::string(gz.substr(0, n)));  // its own allocation
    ASSERT_FALSE(got.has_value()) << n;
    EXPECT_EQ(got.error().kind, ErrorKind::kMalformed) << n;
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
