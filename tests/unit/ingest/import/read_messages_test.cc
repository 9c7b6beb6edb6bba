#include "ingest/import/read_messages.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temp_dir.h"
#include "tests/unit/ingest/import/collecting_sink.h"
#include "tests/unit/ingest/unpack/mail_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::CollectingSink;
using testing::Deflate;
using testing::Gzip;
using testing::Json;
using testing::Little;
using testing::Zip;
using testing::ZipFile;

const std::string kFrom = "From a@b.example Mon Apr  1 12:00:00 2024\n";
const std::string kMail = "From: a@b.example\nSubject: x\n\ny\n";
const std::string kMbox = kFrom + kMail + "\n" + kFrom + "Subject: z\n\n>From w\n";

class ReadMessagesTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& bytes, const std::string& name = "file") {
    const std::string path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  // Of a file with these bytes; origins without its folder.
  CollectingSink Read(const std::string& bytes) {
    CollectingSink sink;
    ReadMessages(Write(bytes), sink, [this](std::uint64_t more) { bytes_ += more; });
    for (auto* list : {&sink.messages, &sink.unreadable}) {
      for (auto& [origin, text] : *list) {
        origin = std::filesystem::path(origin).lexically_relative(folder_.path());
      }
    }
    return sink;
  }

  test::TempDir folder_;
  std::uint64_t bytes_ = 0;
};

using Messages = std::vector<std::pair<std::string, std::string>>;

struct Row {
  const char* why;
  std::string bytes;
  Messages want;
};

TEST_F(ReadMessagesTest, Forms) {
  const std::string json = Json();
  const std::string mac = "__MACOSX/._a.json";
  const Row rows[] = {
      {"mail", kMail, {{"file", kMail}}},
      {"report", json, {{"file", json}}},
      {"reports, one a line",
       json + "\n" + json + "\n",
       {{"file:0", json + "\n"},
        {"file:" + std::to_string(json.size() + 1), json + "\n"}}},
      {"gzip of a report is kept as it is", Gzip(json), {{"file", Gzip(json)}}},
      {"gzip of several",
       Gzip(json + json),
       {{"file:0", json}, {"file:" + std::to_string(json.size()), json}}},
      {"cat a.json.gz b.json.gz",
       Gzip(json) + Gzip(json),
       {{"file:0", json}, {"file:" + std::to_string(json.size()), json}}},
      {"the same with a line end between them",
       Gzip(json) + "\n" + Gzip(json),
       {{"file:0", json}, {"file:" + std::to_string(json.size()), json}}},
      {"a list of reports is no mail", "[" + json + "]", {{"file", "[" + json + "]"}}},
      {"nor is one in gzip", Gzip("[" + json + "]"), {{"file", Gzip("[" + json + "]")}}},
      {"gzip of a mail", Gzip(kMail), {{"file", kMail}}},
      {"mbox", kMbox, {{"file:0", kMail}, {"file:75", "Subject: z\n\nFrom w\n"}}},
      {"gzip of an mbox",
       Gzip(kMbox),
       {{"file:0", kMail}, {"file:75", "Subject: z\n\nFrom w\n"}}},
      {"an mbox gzipped in two members, cut anywhere",
       Gzip(kMbox.substr(0, 20)) + Gzip(kMbox.substr(20)),
       {{"file:0", kMail}, {"file:75", "Subject: z\n\nFrom w\n"}}},
      {"an mbox gzipped in two members with padding between",
       Gzip(kMbox.substr(0, 20)) + std::string(9, '\0') + "\n" + Gzip(kMbox.substr(20)),
       {{"file:0", kMail}, {"file:75", "Subject: z\n\nFrom w\n"}}},
      {"padding after gzip, even like another member",
       Gzip(kMail) + "\x1f" + std::string(9, '\0'),
       {{"file", kMail}}},
      {"zip of each form",
       Zip({{.name = "a/1.eml", .bytes = kMail},
            {.name = "a/", .bytes = "", .stored = true},
            {.name = "2.json", .bytes = json, .stored = true},
            {.name = "3.mbox", .bytes = kMbox},
            {.name = "4.json.gz", .bytes = Gzip(json)},
            {.name = "5.mbox.gz", .bytes = Gzip(kMbox)},
            {.name = "6.zip", .bytes = Zip({{.name = "7.json", .bytes = json}})}}),
       {{"file!/a/1.eml", kMail},
        {"file!/2.json", json},
        {"file!/3.mbox:0", kMail},
        {"file!/3.mbox:75", "Subject: z\n\nFrom w\n"},
        {"file!/4.json.gz", Gzip(json)},
        {"file!/5.mbox.gz:0", kMail},
        {"file!/5.mbox.gz:75", "Subject: z\n\nFrom w\n"},
        {"file!/6.zip!/7.json", json}}},
      {"the name in a zip that holds the domain stays last",
       Zip({{.name = "google.com!firm.example!1!2!001.json", .bytes = json}}),
       {{"file!/google.com!firm.example!1!2!001.json", json}}},
      {"what a Mac adds",
       Zip({{.name = mac, .bytes = "x"},
            {.name = "a/.hidden", .bytes = "x"},
            {.name = "1.json", .bytes = json}}),
       {{"file!/1.json", json}}},
      {"as some archivers write their names",
       Zip({{.name = "./1.json", .bytes = json}, {.name = "a/../2.json", .bytes = json}}),
       {{"file!/./1.json", json}, {"file!/a/../2.json", json}}},
      {"a Maildir with a folder",
       Zip({{.name = "m/cur/1", .bytes = kMail},
            {.name = "m/.Reports/cur/2", .bytes = kMail},
            {.name = "m/.Reports.Old/new/3", .bytes = kMail},
            {.name = "m/.Reports/dovecot.index", .bytes = "x"}}),
       {{"file!/m/cur/1", kMail},
        {"file!/m/.Reports/cur/2", kMail},
        {"file!/m/.Reports.Old/new/3", kMail}}},
      {"a zip with nothing in it: left to the flow, which says so",
       Zip({}),
       {{"file", Zip({})}}},
      {"a zip without its directory: what it holds, the flow may still find",
       Zip({{.name = "1.json", .bytes = json}}, false),
       {{"file", Zip({{.name = "1.json", .bytes = json}}, false)}}},
      {"neither", "words", {{"file", "words"}}},
      {"nothing", "", {{"file", ""}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    bytes_ = 0;
    const CollectingSink sink = Read(row.bytes);
    EXPECT_EQ(sink.messages, row.want);
    EXPECT_EQ(sink.unreadable, Messages{});
    EXPECT_GE(bytes_ + 64, row.bytes.size() / 2) << "progress stands still";
  }
}

TEST_F(ReadMessagesTest, ZipsWithinZipsEnd) {
  std::string zip = Zip({{.name = "1.json", .bytes = Json()}});
  for (int i = 0; i < 6; ++i) zip = Zip({{.name = "z", .bytes = zip}});
  // The innermost that was opened goes on as a file; the flow has a limit of its own.
  EXPECT_EQ(Read(zip).Origins(), std::vector<std::string>{"file!/z!/z!/z"});
}

TEST_F(ReadMessagesTest, BadMemberCostsItself) {
  const ZipFile good{.name = "good.json", .bytes = Json()};
  const CollectingSink sink =
      Read(Zip({{.name = "secret", .bytes = "{}", .flags = 1},
                {.name = "lzma", .bytes = "{}", .method = 14},
                {.name = "crc", .bytes = "{}", .crc_xor = 1},
                {.name = "long", .bytes = "{}", .stored = true, .packed_as = 1 << 20},
                good}));
  EXPECT_EQ(sink.messages, (Messages{{"file!/good.json", good.bytes}}));
  EXPECT_EQ(sink.unreadable.size(), 4u);
  EXPECT_EQ(sink.unreadable[0],
            std::pair(std::string("file!/secret"), std::string("zip: encrypted")));
  EXPECT_EQ(sink.unreadable[2].second, "zip: CRC does not match");
}

// One whose sizes and places stand in the zip64 fields only.
std::string Zip64(const std::string& name, const std::string& bytes) {
  const std::string packed = Deflate(bytes, -15);
  const auto crc = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  const std::string full = Little(0xFFFFFFFF, 4);
  const std::string head =
      Little(45, 2) + Little(0, 2) + Little(8, 2) + Little(0, 4) + Little(crc, 4);
  const std::string sizes = Little(bytes.size(), 8) + Little(packed.size(), 8);
  const std::string local_extra = Little(1, 2) + Little(16, 2) + sizes;
  std::string zip = "PK\x03\x04" + head + full + full + Little(name.size(), 2) +
                    Little(local_extra.size(), 2) + name + local_extra + packed;
  const std::size_t directory = zip.size();
  const std::string extra = Little(1, 2) + Little(24, 2) + sizes + Little(0, 8);
  zip += "PK\x01\x02" + Little(45, 2) + head + full + full + Little(name.size(), 2) +
         Little(extra.size(), 2) + Little(0, 8) + Little(0, 2) + full + name + extra;
  const std::size_t end = zip.size();
  zip += "PK\x06\x06" + Little(44, 8) + Little(45, 2) + Little(45, 2) + Little(0, 8) +
         Little(1, 8) + Little(1, 8) + Little(end - directory, 8) + Little(directory, 8);
  zip += "PK\x06\x07" + Little(0, 4) + Little(end, 8) + Little(1, 4);
  return zip + "PK\x05\x06" + Little(0, 4) + Little(0xFFFF, 2) + Little(0xFFFF, 2) +
         full + full + Little(0, 2);
}

TEST_F(ReadMessagesTest, Zip64) {
  EXPECT_EQ(Read(Zip64("big.mbox", kMbox)).Origins(),
            (std::vector<std::string>{"file!/big.mbox:0", "file!/big.mbox:75"}));
}

TEST_F(ReadMessagesTest, EveryPrefixAndEveryFlippedByteOfAZipIsAnswered) {
  for (const std::string& zip :
       {Zip({{.name = "1.eml", .bytes = kMail}, {.name = "2.mbox", .bytes = kMbox}}),
        Zip64("1", kMbox)}) {
    for (std::size_t n = 0; n < zip.size(); ++n) {
      (void)Read(zip.substr(0, n));
      std::string flipped = zip;
      flipped[n] = static_cast<char>(flipped[n] ^ 0xFF);
      (void)Read(flipped);
    }
  }
}

TEST_F(ReadMessagesTest, CutGzipOfAnMboxGivesWhatCameBefore) {
  std::string mbox;
  for (int i = 0; i < 3000; ++i) {
    mbox += kFrom + "Subject: " + std::to_string(i * 7919) + "\n\nbody\n\n";
  }
  const std::string packed = Gzip(mbox);
  const CollectingSink sink = Read(packed.substr(0, packed.size() / 2));
  EXPECT_GT(sink.messages.size(), 1000u);
  ASSERT_EQ(sink.unreadable.size(), 1u);
  EXPECT_EQ(sink.unreadable[0],
            std::pair(std::string("file"), std::string("gzip: cut short")));
}

TEST_F(ReadMessagesTest, BombsStopAtTheLimit) {
  const std::string zeros(200u << 20, '\0');
  const std::string zip =
      Zip({{.name = "bomb", .bytes = zeros}, {.name = "1.json", .bytes = Json()}});
  CollectingSink sink = Read(zip);
  ASSERT_EQ(sink.unreadable.size(), 1u);
  EXPECT_EQ(sink.unreadable[0].first, "file!/bomb");
  EXPECT_EQ(sink.Origins(), std::vector<std::string>{"file!/1.json"});

  // An mbox whose one mail never ends is read to its end, but not beyond 1:100.
  sink = Read(Gzip(kFrom + zeros));
  EXPECT_TRUE(sink.messages.empty());
  ASSERT_EQ(sink.unreadable.size(), 1u);
  EXPECT_NE(sink.unreadable[0].second.find("more than 100 times"), std::string::npos);
}

// Each is read whole to see whether it is one report: that is spent as well.
TEST_F(ReadMessagesTest, BombsOfJsonSpendTheSameAllowance) {
  const std::string bomb = Gzip("{" + std::string(20u << 20, ' '));
  std::vector<ZipFile> files;
  for (const char* name : {"1.gz", "2.gz", "3.gz", "4.gz", "5.gz", "6.gz"}) {
    files.push_back({.name = name, .bytes = bomb, .stored = true});
  }
  const CollectingSink sink = Read(Zip(files));
  EXPECT_EQ(sink.messages.size() + sink.unreadable.size(), 6u);
  ASSERT_GE(sink.unreadable.size(), 2u);
  EXPECT_EQ(sink.unreadable.back(),
            std::pair(std::string("file!/6.gz"),
                      std::string("gzip: unpacks to more than 100 times its size")));
}

TEST_F(ReadMessagesTest, TooLarge) {
  const std::string big(kMaxImportBytes + 1, 'x');
  EXPECT_EQ(Read(big).unreadable,
            (Messages{{"file", "is larger than 25 MB, which no report is"}}));
  EXPECT_EQ(Read(big.substr(1)).messages.size(), 1u);
  const CollectingSink sink = Read(kFrom + "A: b\n\n" + big + "\n\n" + kMbox);
  EXPECT_EQ(sink.messages.size(), 2u);
  EXPECT_EQ(sink.unreadable,
            (Messages{{"file:0", "is larger than 25 MB, which no report is"}}));
}

// An mbox of any size costs its largest mail, not its size.
TEST_F(ReadMessagesTest, MemoryOfALargeMbox) {
  class Counting final : public MessageSink {
   public:
    void Message(std::string, std::string) override { ++messages; }
    void Unreadable(std::string, std::string) override {}
    bool GoOn() override { return true; }
    std::size_t messages = 0;
  };
  constexpr std::size_t kMails = 300;
  const std::string path = folder_.path() / "large";
  {
    std::ofstream mbox(path, std::ios::binary);
    const std::string mail = kFrom + "A: b\n\n" + std::string(1u << 20, 'x') + "\n\n";
    for (std::size_t i = 0; i < kMails; ++i) mbox << mail;
  }
  const auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // KiB
  };
  // Earlier tests may have needed more; this one must not add to it.
  const long before = peak();
  Counting sink;
  ReadMessages(path, sink, [](std::uint64_t) {});
  EXPECT_EQ(sink.messages, kMails);
  EXPECT_LT(peak() - before, 50'000);
}

TEST_F(ReadMessagesTest, StopsWhenTold) {
  const std::string path = Write(kMbox);
  CollectingSink sink;
  sink.stop_after = 1;
  ReadMessages(path, sink, [](std::uint64_t) {});
  EXPECT_EQ(sink.messages.size(), 1u);
  EXPECT_TRUE(sink.unreadable.empty());
}

TEST_F(ReadMessagesTest, ZipFromAPipe) {
  const std::string path = folder_.path() / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] {
    std::ofstream(path, std::ios::binary) << Zip({{.name = "1.eml", .bytes = kMail}});
  });
  CollectingSink sink;
  ReadMessages(path, sink, [](std::uint64_t) {});
  writer.join();
  EXPECT_EQ(sink.messages, (Messages{{path + "!/1.eml", kMail}}));
}

TEST_F(ReadMessagesTest, WhatIsGone) {
  CollectingSink sink;
  ReadMessages(folder_.path() / "absent", sink, [](std::uint64_t) {});
  ReadMessages(folder_.path(), sink, [](std::uint64_t) {});
  ASSERT_EQ(sink.unreadable.size(), 2u);
  EXPECT_EQ(sink.unreadable[0].second, "cannot be read: No such file or directory");
  EXPECT_EQ(sink.unreadable[1].second, "is a folder, not a file");
}

}  // namespace
}  // namespace tlsrpt::ingest
