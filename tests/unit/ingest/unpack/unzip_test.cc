#include "ingest/unpack/unzip.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/ingest/unpack/mail_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::Zip;
using testing::ZipFile;

// "name=bytes", or "name!" and the start of its error.
std::vector<std::string> Listing(const Result<std::vector<ZipEntry>>& entries) {
  if (!entries) return {"!" + entries.error().message};
  std::vector<std::string> listing;
  for (const ZipEntry& entry : *entries) {
    listing.push_back(entry.bytes ? entry.name + "=" + *entry.bytes
                                  : entry.name + "!" + entry.bytes.error().message);
  }
  return listing;
}

struct Row {
  const char* why;
  std::string zip;
  std::vector<std::string> want;
};

TEST(Unzip, Table) {
  const ZipFile a{.name = "a.json", .bytes = "{\"a\":1}"};
  const ZipFile stored{.name = "s.json", .bytes = "{}", .stored = true};
  const ZipFile streamed{.name = "d.json", .bytes = "{\"d\":4}", .sizes_follow = true};
  const ZipFile folder{.name = "sub/", .bytes = "", .stored = true};
  const ZipFile secret{.name = "x.json", .bytes = "{}", .flags = 1};
  const ZipFile lzma{.name = "l.json", .bytes = "{}", .method = 14};
  const ZipFile bad_crc{.name = "c.json", .bytes = "{}", .crc_xor = 1};
  const ZipFile zip64{.name = "z.json", .bytes = "{}", .packed_as = 0xFFFFFFFF};
  const ZipFile overlong{.name = "o.json", .bytes = "{}", .packed_as = 5000};
  const std::string whole = Zip({a, stored});
  const Row rows[] = {
      {"deflated and stored", whole, {"a.json={\"a\":1}", "s.json={}"}},
      {"sizes in a data descriptor",
       Zip({streamed, a}),
       {"d.json={\"d\":4}", "a.json={\"a\":1}"}},
      {"folders are no entries", Zip({folder, a}), {"a.json={\"a\":1}"}},
      {"a bad entry does not cost the good one",
       Zip({secret, a}),
       {"x.json!zip: encrypted", "a.json={\"a\":1}"}},
      {"another method",
       Zip({lzma}),
       {"l.json!zip: compression method 14 is not supported"}},
      {"CRC", Zip({bad_crc, a}), {"c.json!zip: CRC does not match", "a.json={\"a\":1}"}},
      {"zip64", Zip({zip64}), {"z.json!zip: zip64 is not supported"}},
      {"a size past the end", Zip({overlong}), {"o.json!zip: cut short"}},
      {"a comment at the end",
       whole.substr(0, whole.size() - 2) + "\x02" + '\0' + "hi",
       {"a.json={\"a\":1}", "s.json={}"}},
      {"no directory (cut): local headers",
       Zip({a, stored}, false),
       {"a.json={\"a\":1}", "s.json={}"}},
      {"no directory, sizes in a descriptor",
       Zip({streamed, a}, false),
       {"d.json={\"d\":4}", "a.json={\"a\":1}"}},
      {"an empty archive", Zip({}), {}},
      {"no zip", "{}", {"!zip: no zip header"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(Listing(Unzip(row.zip)), row.want);
  }
}

TEST(Unzip, AZip64ArchiveIsRefusedByName) {
  std::string zip = Zip({{.name = "a", .bytes = "{}"}});
  zip.replace(zip.size() - 6, 4, "\xff\xff\xff\xff");  // offset of the directory
  const auto got = Unzip(zip);
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().message, "zip: zip64 is not supported");
}

TEST(Unzip, TheLimitIsOverAllEntries) {
  const ZipFile file{.name = "a", .bytes = std::string(1000, 'x')};
  const auto fits = Unzip(Zip({file, file}), 2000);
  ASSERT_TRUE(fits.has_value());
  EXPECT_TRUE((*fits)[0].bytes.has_value());
  EXPECT_TRUE((*fits)[1].bytes.has_value());
  const auto over = Unzip(Zip({file, file}), 1999);
  ASSERT_TRUE(over.has_value());
  EXPECT_TRUE((*over)[0].bytes.has_value());
  ASSERT_FALSE((*over)[1].bytes.has_value());
  EXPECT_EQ((*over)[1].bytes.error().kind, ErrorKind::kTooLarge);
}

// Or a thousand damaged entries would each have the whole allowance.
TEST(Unzip, WhatWasUnpackedInVainIsPaidForToo) {
  const std::string text(900, 'x');
  const std::size_t packed = testing::Deflate(text, -15).size();
  const auto got =
      Unzip(testing::Zip({{.name = "cut", .bytes = text, .packed_as = packed - 1},
                          {.name = "whole", .bytes = text}}),
            1000);
  ASSERT_TRUE(got.has_value());
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ((*got)[0].bytes.error().kind, ErrorKind::kMalformed);
  ASSERT_FALSE((*got)[1].bytes.has_value());
  EXPECT_EQ((*got)[1].bytes.error().kind, ErrorKind::kTooLarge);
}

TEST(Unzip, TheCallerLearnsWhatCameOut) {
  const ZipFile whole{.name = "a", .bytes = std::string(300, 'x')};
  const ZipFile bad_crc{.name = "b", .bytes = std::string(200, 'x'), .crc_xor = 1};
  const ZipFile stored{.name = "c", .bytes = std::string(100, 'x'), .stored = true};
  const ZipFile too_long{.name = "d", .bytes = std::string(701, 'x')};
  std::string no_second = Zip({whole, bad_crc});
  no_second.replace(no_second.rfind("PK\x01\x02"), 4, "????");
  struct {
    const char* why;
    std::string zip;
    bool read;
    std::size_t left;  // of 1000
  } const rows[] = {
      {"every entry", Zip({whole, stored}), true, 600},
      {"one with a wrong check sum too", Zip({bad_crc, whole}), true, 500},
      {"one past the limit takes all there is", Zip({whole, too_long}), true, 0},
      {"no zip at all", "{}", false, 1000},
      {"a directory that breaks off", no_second, false, 700},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    std::size_t room = 1000;
    EXPECT_EQ(Unzip(row.zip, &room).has_value(), row.read);
    EXPECT_EQ(room, row.left);
  }
}

// A hundred names for the same bytes are a hundred times the work, and a hundred of them
// inside each other a million.
TEST(Unzip, EntriesThatOverlapAreRefused) {
  for (const bool stored : {true, false}) {
    SCOPED_TRACE(stored);
    std::string noise;  // which deflate makes no smaller
    for (std::uint32_t i = 0, x = 1; i < 1000; ++i) {
      x = x * 69069 + 1;
      noise += static_cast<char>(x >> 24);
    }
    const auto got = Unzip(
        testing::OverlappingZip({.name = "a", .bytes = noise, .stored = stored}, 50));
    ASSERT_TRUE(got.has_value()) << got.error().message;
    ASSERT_EQ(got->size(), 50u);
    std::size_t unpacked = 0;
    for (const ZipEntry& entry : *got) unpacked += entry.bytes ? entry.bytes->size() : 0;
    // As much as the archive with its directory could hold, at most.
    EXPECT_LE(unpacked, 4 * noise.size());
    EXPECT_TRUE(got->front().bytes.has_value());
    ASSERT_FALSE(got->back().bytes.has_value());
    EXPECT_EQ(got->back().bytes.error().kind, ErrorKind::kMalformed);
    EXPECT_EQ(got->back().bytes.error().message, "zip: entries overlap");
  }
}

TEST(Unzip, StoredEntriesHaveTheLimitToo) {
  const ZipFile file{.name = "a", .bytes = std::string(1000, 'x'), .stored = true};
  const auto over = Unzip(Zip({file}), 999);
  ASSERT_TRUE(over.has_value());
  ASSERT_FALSE((*over)[0].bytes.has_value());
  EXPECT_EQ((*over)[0].bytes.error().kind, ErrorKind::kTooLarge);
}

TEST(Unzip, PastTheEntryLimitTheRestIsLeftOut) {
  std::vector<ZipFile> files(kMaxZipEntries + 5, {.name = "a", .bytes = "{}"});
  for (const bool directory : {true, false}) {
    SCOPED_TRACE(directory);
    const auto got = Unzip(Zip(files, directory));
    ASSERT_TRUE(got.has_value());
    ASSERT_EQ(got->size(), kMaxZipEntries + 1);
    EXPECT_TRUE((*got)[kMaxZipEntries - 1].bytes.has_value());
    ASSERT_FALSE(got->back().bytes.has_value());
    EXPECT_EQ(got->back().bytes.error().kind, ErrorKind::kTooLarge);
  }
}

TEST(Unzip, EveryPrefixAndEveryFlippedByteIsAnswered) {
  const std::string zip = Zip({{.name = "a.json", .bytes = testing::Json()},
                               {.name = "b", .bytes = "{}", .sizes_follow = true}});
  for (std::size_t n = 0; n < zip.size(); ++n) (void)Unzip(std::string(zip.substr(0, n)));
  for (std::size_t n = 0; n < zip.size(); ++n) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = zip;
      damaged[n] = static_cast<char>(damaged[n] ^ flip);
      (void)Unzip(damaged);
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
