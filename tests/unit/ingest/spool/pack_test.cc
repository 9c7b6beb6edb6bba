#include "ingest/spool/pack.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/ingest/spool/same_entry.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::string_literals;
using test::ExpectSame;

SpoolEntry FullEntry() {
  SpoolEntry entry;
  entry.receipt_id = ParseUuid("01a0c450-6c00-7848-b095-0a122fd2b152").value();
  entry.received_at = TimePoint(std::chrono::microseconds(1'790'000'000'123'456));
  entry.transport = "smtp";
  entry.peer = "[2001:db8::1]:25431";
  entry.helo = "he\0lo\xfe"s;
  entry.tls = "TLSv1.3";
  entry.envelope_from = "a,b:c@sender.example";
  entry.envelope_to = {"tlsrpt@firm.example", "", "a,b:c@firm.example"};
  entry.body = "\0\xff\r\n."s;
  entry.peer_trusted = true;
  return entry;
}

TEST(Pack, GivesBackWhatWentIn) {
  SpoolEntry empty;
  SpoolEntry early;
  early.received_at = TimePoint(std::chrono::microseconds(-5));
  early.body = std::string(100'000, 'x');
  const std::vector<SpoolEntry> entries = {FullEntry(), empty, early, FullEntry()};
  std::string pack;
  for (const SpoolEntry& entry : entries) AppendEntry(pack, entry);
  std::string_view left = pack;
  for (const SpoolEntry& entry : entries) {
    const auto got = TakeEntry(left);
    ASSERT_TRUE(got);
    ExpectSame(*got, entry);
  }
  EXPECT_TRUE(left.empty());
  EXPECT_FALSE(TakeEntry(left)) << "there is no more";
}

TEST(Pack, SkipsToTheNext) {
  std::string pack;
  AppendEntry(pack, SpoolEntry{});
  AppendEntry(pack, FullEntry());
  std::string_view left = pack;
  ASSERT_TRUE(SkipEntry(left));
  const auto got = TakeEntry(left);
  ASSERT_TRUE(got);
  ExpectSame(*got, FullEntry());
  EXPECT_FALSE(SkipEntry(left));
}

// Cut anywhere, it is no entry and nothing past the end is read.
TEST(Pack, APartIsNoEntry) {
  std::string pack;
  AppendEntry(pack, FullEntry());
  for (std::size_t length = 0; length < pack.size(); ++length) {
    SCOPED_TRACE(length);
    const std::string part = pack.substr(0, length);
    std::string_view taken = part, skipped = part;
    EXPECT_FALSE(TakeEntry(taken));
    EXPECT_FALSE(SkipEntry(skipped));
  }
}

TEST(Pack, FieldsThatAreNotWhatTheyShouldBe) {
  struct Row {
    const char* why;
    std::string from, to;
  };
  std::string pack;
  SpoolEntry entry = FullEntry();
  entry.envelope_to = {"x@firm.example"};
  AppendEntry(pack, entry);
  const Row rows[] = {
      {"an id of 15 bytes", "16:" + std::string(entry.receipt_id.AsBytes()),
       "15:" + std::string(entry.receipt_id.AsBytes().substr(1))},
      {"a time that is none", "1790000000123456", "179000000012345x"},
      {"a list that is none", "14:x@firm.example,", "14;x@firm.example,"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    std::string bad = pack;
    const auto at = bad.find(row.from);
    ASSERT_NE(at, std::string::npos);
    bad.replace(at, row.from.size(), row.to);
    std::string_view left = bad;
    EXPECT_FALSE(TakeEntry(left));
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
