// Mails made to cost more than they weigh. Each is 1 to 25 MB; each is answered, and
// what it makes us hold stays under a ceiling. Time is not asserted, but each of these
// took a library parser minutes or its stack.

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "ingest/unpack/unpack.h"
#include "tests/unit/ingest/unpack/allocation_meter.h"
#include "tests/unit/ingest/unpack/mail_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::AllocationMeter;
using testing::Base64;
using testing::Gzip;
using testing::GzipPart;
using testing::Header;
using testing::Json;
using testing::kReportType;
using testing::Part;
using testing::Zip;

constexpr std::size_t kMegabyte = 1u << 20;

std::string Repeat(std::string_view text, std::size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string Report(const std::string& parts) {
  return Header() + std::string(kReportType) + parts + "--b--\r\n";
}

struct Row {
  const char* why;
  std::string mail;
  std::size_t reports;
  const char* failure;  // part of one of the failures; empty: there is none
  std::size_t ceiling = 4 * kMegabyte;
};

TEST(Hostile, Table) {
  std::string nested;
  for (int i = 0; i < 100'000; ++i) {
    const std::string boundary = std::to_string(i);
    nested += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" +
              boundary + "\n";
  }
  const std::string bomb = Gzip(std::string(200 * kMegabyte, 'x'));
  const std::string bomb_part =
      Part("Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64",
           Base64(bomb));
  const std::string large_part =
      Part("Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64",
           Base64(Gzip("{\"policies\":1" + std::string(15 * kMegabyte, ' ') + "}")));
  const std::string bomb_zip =
      Zip({{.name = "a", .bytes = std::string(200 * kMegabyte, 'x')},
           {.name = "b", .bytes = std::string(200 * kMegabyte, '{')}});
  const std::string large_json =
      "{\"policies\":1" + std::string(19 * kMegabyte, ' ') + "}";
  const std::string bad_gzip_part =
      Part("Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64",
           Base64(testing::WithBadCrc(Gzip(large_json))));
  const auto zip_part = [](const std::string& zip) {
    return Part(
        "Content-Type: application/tlsrpt+zip\r\nContent-Transfer-Encoding: base64",
        Base64(zip));
  };
  const std::string bad_zip_part =
      zip_part(Zip({{.name = "a", .bytes = large_json, .crc_xor = 1}}));
  const auto hundred = [](const std::string& bytes) {
    return Zip(std::vector<testing::ZipFile>(100, {.name = "a", .bytes = bytes}));
  };
  const auto hundred_over = [](const std::string& bytes) {
    return testing::OverlappingZip({.name = "a", .bytes = bytes, .stored = true}, 100);
  };
  const std::string empty_parts =
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64";
  const Row rows[] = {
      {"100,000 nested multiparts, which overflow mimetic's stack", nested, 0,
       "nested deeper than 8 levels"},
      {"100,000 nested message/rfc822",
       Repeat("Content-Type: message/rfc822\r\n\r\n", 100'000), 0,
       "nested deeper than 8 levels"},
      {"100,000 levels of one boundary",
       Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 100'000), 0,
       "nested deeper than 8 levels"},
      {"a header line of 1 MB, on which mimetic takes time in its square",
       "Subject: " + std::string(kMegabyte, 'x') + "\r\n" + Report(GzipPart(Json())), 1,
       "a header too long"},
      {"a Content-Type of 1 MB",
       "Content-Type: text/plain; name=" + std::string(kMegabyte, 'x') + "\r\n\r\nhi", 0,
       "a header too long"},
      {"one field folded over 1 MB",
       "Subject: x" + Repeat("\r\n y", 250'000) + "\r\n" + Report(GzipPart(Json())), 1,
       "a header too long"},
      {"1 M header fields", Repeat("A: b\r\n", 1'000'000) + "\r\nhi", 0,
       "a header too long"},
      {"1 M parameters, on which mimetic takes 40 s",
       "Content-Type: text/plain" + Repeat(";a=b", 1'000'000) + "\r\n\r\nhi", 0,
       "a header too long"},
      {"1 M parts", Report(Repeat("--b\r\n\r\n", 1'000'000)), 0, "more than 50 parts"},
      {"1 M parts in front of a report",
       Report(Repeat("--b\r\n\r\n\r\n", 1'000'000) + GzipPart(Json())), 0,
       "more than 50 parts"},
      {"a report in front of 1 M parts",
       Report(GzipPart(Json()) + Repeat("--b\r\n\r\n", 1'000'000)), 1,
       "more than 50 parts"},
      {"8 M lines that begin like a delimiter",
       Report("--b\r\n\r\n" + Repeat("--\n", 8'000'000) + GzipPart(Json())), 1, ""},
      {"25 MB of empty lines",
       Report("--b\r\n\r\n" + Repeat("\n", 25 * kMegabyte) + GzipPart(Json())), 1, ""},
      {"25 MB of blanks in a delimiter line",
       Report("--b" + std::string(25 * kMegabyte, ' ') + "\r\n\r\nhi\r\n" +
              GzipPart(Json())),
       1, ""},
      {"an empty group, which crashes mimetic",
       "To: g:\r\nCc: :\r\nFrom: g:\r\n" + Report(GzipPart(Json())), 1, ""},
      {"mixed line ends at which mimetic throws",
       "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nA: b\r\n\n\r\n--b", 0,
       ""},
      {"25 MB of text in quoted-printable that is no report",
       Report(Part("Content-Type: text/plain\r\nContent-Transfer-Encoding: "
                   "quoted-printable",
                   Repeat("=3D=\r\n", 4'000'000)) +
              GzipPart(Json())),
       1, ""},
      {"25 MB of base64 that is no report",
       Report(Part("Content-Type: image/png\r\nContent-Transfer-Encoding: base64",
                   Repeat("AAAA", 6 * kMegabyte)) +
              GzipPart(Json())),
       1, ""},
      {"a gzip of 200 MB stops at the limit", Report(bomb_part + GzipPart(Json())), 1,
       "unpacks to more than 20971520 bytes", 64 * kMegabyte},
      {"ten of them cost no more than two", Report(Repeat(bomb_part, 10)), 0,
       "unpacks to more than", 64 * kMegabyte},
      {"past two of them nothing more is unpacked",
       Report(bomb_part + bomb_part + GzipPart(Json())), 0,
       "unpacks to more than 0 bytes", 64 * kMegabyte},
      {"all reports of a mail together have a limit too",
       Report(large_part + large_part + large_part), 2, "unpacks to more than",
       128 * kMegabyte},
      {"what a wrong check sum spoils is paid for",
       Report(Repeat(bad_gzip_part, 10) + GzipPart(Json())), 0,
       "unpacks to more than 0 bytes", 64 * kMegabyte},
      {"one of them leaves enough for a report", Report(bad_gzip_part + GzipPart(Json())),
       1, "part 1: gzip: incorrect data check", 64 * kMegabyte},
      {"in archives too", Report(Repeat(bad_zip_part, 10) + GzipPart(Json())), 0,
       "unpacks to more than 0 bytes", 64 * kMegabyte},
      {"a hundred archives of a hundred archives of a hundred reports, in 115 KB",
       Report(zip_part(hundred(hundred(hundred("{}"))))), 493, "more than 500 files",
       64 * kMegabyte},
      {"and of as many files that are none, which give neither report nor failure",
       Report(zip_part(hundred(hundred(hundred("x")))) + GzipPart(Json())), 0,
       "more than 500 files", 64 * kMegabyte},
      {"archives whose entries are all the same bytes",
       Report(zip_part(hundred_over(hundred_over(hundred_over("{}"))))), 100,
       "entries overlap"},
      {"fifty mails of fifty empty parts in a mail",
       Report(Repeat(
           Part(empty_parts,
                Base64(Report(Repeat(
                    "--b\r\nContent-Type: application/tlsrpt+json\r\n\r\n\r\n", 50)))),
           49)),
       0, "more than 500 files"},
      {"fifty mails of fifty parts whose encoding is damaged",
       Report(Repeat(
           Part(empty_parts,
                Base64(Report(Repeat(Part("Content-Type: application/tlsrpt+json\r\n"
                                          "Content-Transfer-Encoding: base64",
                                          "!"),
                                     50)))),
           49)),
       0, "more than 500 files"},
      {"a zip of two of 200 MB",
       Report(Part("Content-Type: application/tlsrpt+zip\r\nContent-Transfer-Encoding: "
                   "base64",
                   Base64(bomb_zip))),
       0, "unpacks to more than", 64 * kMegabyte},
      {"a zip of 10,000 entries",
       Report(Part("Content-Type: application/tlsrpt+zip\r\nContent-Transfer-Encoding: "
                   "base64",
                   Base64(Zip(std::vector<testing::ZipFile>(
                       10'000, {.name = "a", .bytes = "x"}))))),
       0, "more than 100 entries"},
      {"a million gzip members",
       Report(Part("Content-Type: application/tlsrpt+gzip", Repeat(Gzip(""), 1'000'000))),
       0, "neither gzip, zip nor JSON: empty", 64 * kMegabyte},
      {"a comment nested a million deep",
       "From: " + std::string(4000, '(') + "\r\nContent-Type: text/plain " +
           std::string(7000, '(') + "\r\n" + Report(GzipPart(Json())),
       0, ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const AllocationMeter meter;
    const auto got = Unpack(row.mail);
    EXPECT_LT(meter.PeakBytes(), row.ceiling);
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->reports.size(), row.reports);
    EXPECT_LE(got->reports.size() + got->failures.size(), kMaxUnpackedFiles + 1);
    if (std::string(row.failure).empty()) continue;
    bool found = false;
    for (const Error& failure : got->failures) {
      found |= failure.message.find(row.failure) != std::string::npos;
    }
    EXPECT_TRUE(found);
    EXPECT_FALSE(got->ordinary);
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
