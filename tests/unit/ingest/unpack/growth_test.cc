// Mails of every shape that has cost somebody's parser more than they weigh, at n and at
// 2n: the work must not grow faster than the mail, and what is held stays within four
// times the larger of the mail and the limit of a report.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>

#include "ingest/unpack/gunzip.h"
#include "ingest/unpack/unpack.h"
#include "tests/support/growth.h"
#include "tests/unit/ingest/unpack/allocation_meter.h"
#include "tests/unit/ingest/unpack/mail_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::Base64;
using testing::Gzip;
using testing::GzipPart;
using testing::Header;
using testing::Json;
using testing::kReportType;
using testing::Part;
using testing::Zip;

std::string Repeat(std::string_view text, std::size_t bytes) {
  std::string out;
  out.reserve(bytes + text.size());
  while (out.size() < bytes) out += text;
  return out;
}

std::string Report(const std::string& parts) {
  return Header() + std::string(kReportType) + parts + "--b--\r\n";
}

std::string Typed(const char* encoding, const std::string& body) {
  return Report(
      Part("Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: " +
               std::string(encoding),
           body));
}

struct Shape {
  const char* why;
  std::function<std::string(std::size_t)> make;  // a mail of about so many bytes
};

const Shape kShapes[] = {
    {"nested multiparts",
     [](std::size_t bytes) {
       std::string mail;
       for (int i = 0; mail.size() < bytes; ++i) {
         const std::string boundary = std::to_string(i);
         mail += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" +
                 boundary + "\n";
       }
       return mail;
     }},
    {"nested multiparts that all end",
     [](std::size_t bytes) {
       std::string mail, ends;
       for (int i = 0; mail.size() < bytes / 2; ++i) {
         const std::string boundary = std::to_string(i);
         mail += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" +
                 boundary + "\n";
         ends.insert(0, "--" + boundary + "--\n");
       }
       return mail + ends;
     }},
    {"one header line",
     [](std::size_t bytes) {
       return "Subject: " + std::string(bytes, 'x') + "\r\n" + Report(GzipPart(Json()));
     }},
    {"one folded field",
     [](std::size_t bytes) {
       return "Subject: x" + Repeat("\r\n y", bytes) + "\r\n" + Report(GzipPart(Json()));
     }},
    {"header fields",
     [](std::size_t bytes) { return Repeat("A: b\r\n", bytes) + "\r\nhi"; }},
    {"parameters",
     [](std::size_t bytes) {
       return "Content-Type: text/plain" + Repeat(";a=b", bytes) + "\r\n\r\nhi";
     }},
    {"parts", [](std::size_t bytes) { return Report(Repeat("--b\r\n\r\n", bytes)); }},
    {"lines that begin like a delimiter",
     [](std::size_t bytes) {
       return Report("--b\r\n\r\n" + Repeat("--\n", bytes) + GzipPart(Json()));
     }},
    {"lines that are nearly the delimiter of one of eight levels",
     [](std::size_t bytes) {
       std::string mail;
       for (int i = 0; i < 8; ++i) {
         const std::string boundary = std::string(60, 'b') + std::to_string(i);
         mail += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" +
                 boundary + "\n";
       }
       return mail + "\n" + Repeat("--" + std::string(60, 'b') + "x\n", bytes);
     }},
    {"blanks behind a delimiter",
     [](std::size_t bytes) {
       return Report("--b" + std::string(bytes, ' ') + "x\r\n" + GzipPart(Json()));
     }},
    {"base64 of nothing but padding and blanks",
     [](std::size_t bytes) { return Typed("base64", Repeat("QQ==\r\n \t", bytes)); }},
    {"quoted-printable",
     [](std::size_t bytes) {
       return Typed("quoted-printable", Repeat("=3D=\r\n", bytes));
     }},
    {"a gzip that unpacks to a thousand times its size",
     [](std::size_t bytes) {
       // At least a tenth of the limit, and below it at 2n.
       return Typed("base64", Base64(Gzip(std::string(bytes * 2, 'x'))));
     }},
    {"gzip members",
     [](std::size_t bytes) { return Typed("binary", Repeat(Gzip(""), bytes)); }},
    {"empty gzip members behind a large one",
     [](std::size_t bytes) {
       return Typed("binary",
                    Gzip(std::string(bytes, ' ')) + Repeat(Gzip(""), bytes / 128));
     }},
    {"an archive with local headers alone",
     [](std::size_t bytes) {
       return Typed("binary", Repeat(Zip({{.name = "a", .bytes = "x", .stored = true}},
                                         /*directory=*/false),
                                     bytes));
     }},
    {"an archive that ends in ends of archives",
     [](std::size_t bytes) {
       return Typed("binary",
                    Zip({{.name = "a", .bytes = "x"}}) + Repeat("PK\x05\x06", bytes));
     }},
    {"a message/rfc822 in base64",
     [](std::size_t bytes) {
       return "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: "
              "base64\r\n\r\n" +
              Base64(
                  "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64"
                  "\r\n\r\n" +
                  Base64(Repeat("A: b\r\n", bytes / 2)));
     }},
    {"a file name in RFC 2231 pieces",
     [](std::size_t bytes) {
       std::string mail;
       for (int i = 0; mail.size() < bytes; ++i) {
         mail += "--b\r\nContent-Type: a/b";
         for (int n = 0; n < 500; ++n) mail += ";\r\n\tname*" + std::to_string(n) + "=x";
         mail += "\r\n\r\n";
       }
       return Report(mail);
     }},
};

TEST(Growth, OfUnpackingAMail) {
  constexpr std::size_t kBytes = 4u << 20;
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.why);
    EXPECT_LT(
        tlsrpt::testing::Growth(shape.make, kBytes,
                                [](const std::string& mail) { (void)Unpack(mail); }),
        tlsrpt::testing::kMostGrowth);
    const std::string mail = shape.make(kBytes);
    const testing::AllocationMeter meter;
    const auto got = Unpack(mail);
    EXPECT_LE(meter.PeakBytes(), 4 * std::max(mail.size(), kMaxReportBytes));
    // And it is said what was not read.
    EXPECT_TRUE(!got || got->ordinary || !got->reports.empty() || !got->failures.empty());
  }
}

// A bit that flipped on the way gives the report that was sent, or none and a reason:
// the check sum of gzip has the last word, whatever the mail around it became.
TEST(FlippedBits, NeverMakeAnotherReport) {
  const std::string mail = testing::ReportMail();
  for (std::size_t bit = 0; bit < mail.size() * 8; ++bit) {
    std::string flipped = mail;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto got = Unpack(flipped);
    if (!got) {  // its first line is no field any more, so it is no mail
      ASSERT_EQ(got.error().kind, ErrorKind::kNotFound) << bit;
      continue;
    }
    for (const ReportPart& report : got->reports) {
      // A flipped "=" of the base64 is a byte more, behind the end of the gzip.
      ASSERT_EQ(report.json.substr(0, Json().size()), Json()) << bit;
      ASSERT_LE(report.json.size(), Json().size() + 1) << bit;
    }
    ASSERT_LE(got->reports.size(), 1u);
    ASSERT_TRUE(!got->reports.empty() || !got->failures.empty()) << bit;
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
