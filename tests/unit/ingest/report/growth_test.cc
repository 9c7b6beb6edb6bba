// JSON of every shape that has cost somebody's parser more than it weighs, at n and at
// 2n: the work must not grow faster than the text, and what is held stays within four
// times the larger of the text and the limit of a report.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>

#include "ingest/report/json_tree.h"
#include "ingest/report/report_parser.h"
#include "ingest/unpack/gunzip.h"
#include "tests/support/growth.h"
#include "tests/unit/ingest/report/report_builder.h"
#include "tests/unit/ingest/unpack/allocation_meter.h"

namespace tlsrpt::ingest {
namespace {

using testing::Build;
using testing::ReportPieces;

std::string Repeat(std::string_view text, std::size_t bytes) {
  std::string out;
  out.reserve(bytes + text.size());
  while (out.size() < bytes) out += text;
  return out;
}

std::string WithMember(const std::string& member) {
  const std::string whole = Build({});
  return whole.substr(0, whole.size() - 1) + "," + member + "}";
}

std::string WithPolicies(const std::string& policies) {
  ReportPieces pieces;
  pieces.policies = "\"policies\":[" + policies + "{}]";
  return Build(pieces);
}

struct Shape {
  const char* why;
  std::function<std::string(std::size_t)> make;  // about so many bytes of JSON
};

const Shape kShapes[] = {
    {"arrays in arrays", [](std::size_t bytes) { return std::string(bytes, '['); }},
    {"objects in objects", [](std::size_t bytes) { return Repeat("{\"a\":", bytes); }},
    {"empty arrays",
     [](std::size_t bytes) {
       return WithMember("\"x\":[" + Repeat("[],", bytes) + "0]");
     }},
    {"one string",
     [](std::size_t bytes) {
       return WithMember("\"x\":\"" + std::string(bytes, 'x') + "\"");
     }},
    {"one string of escapes",
     [](std::size_t bytes) {
       return WithMember("\"x\":\"" + Repeat("\\u0041", bytes) + "\"");
     }},
    {"one string of line breaks, which are mended",
     [](std::size_t bytes) {
       return WithMember("\"x\":\"" + std::string(bytes, '\n') + "\"");
     }},
    {"one string of invalid UTF-8, which is mended",
     [](std::size_t bytes) {
       return WithMember("\"x\":\"" + std::string(bytes / 3, '\xff') + "\"");
     }},
    {"one name",
     [](std::size_t bytes) {
       return WithMember("\"" + std::string(bytes, 'x') + "\":1");
     }},
    {"one number",
     [](std::size_t bytes) { return WithMember("\"x\":" + std::string(bytes, '9')); }},
    {"one report-id",
     [](std::size_t bytes) {
       return WithMember("\"report-id\":\"" + std::string(bytes, 'x') + "\"");
     }},
    {"names that are all the same",
     [](std::size_t bytes) {
       return "{" + Repeat("\"report-id\":\"1\",", bytes) + Build({}).substr(1);
     }},
    {"names that nobody knows",
     [](std::size_t bytes) {
       return "{" + Repeat("\"x\":1,", bytes) + Build({}).substr(1);
     }},
    {"blanks", [](std::size_t bytes) { return std::string(bytes, ' ') + Build({}); }},
    {"text behind it",
     [](std::size_t bytes) { return Build({}) + std::string(bytes, 'x'); }},
    {"details without a type",
     [](std::size_t bytes) {
       ReportPieces pieces;
       pieces.details = "\"failure-details\":[" + Repeat("0,", bytes) + "0]";
       return Build(pieces);
     }},
    {"details with all that can be wrong",
     [](std::size_t bytes) {
       ReportPieces pieces;
       pieces.details =
           "\"failure-details\":[" +
           Repeat(
               "{\"result-type\":0,\"sending-mta-ip\":\"?\",\"receiving-ip\":{},"
               "\"failed-session-count\":\"x\"},",
               bytes) +
           "0]";
       return Build(pieces);
     }},
    {"policies", [](std::size_t bytes) { return WithPolicies(Repeat("{},", bytes)); }},
    {"policy lines",
     [](std::size_t bytes) {
       return WithPolicies(
           "{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":"
           "\"firm.example\",\"policy-string\":\"" +
           Repeat("mx: a.example\\n", bytes) + "\"}},");
     }},
    {"a policy-string that looks nested",
     [](std::size_t bytes) {
       return WithPolicies(
           "{\"policy\":{\"policy-type\":\"tlsa\",\"policy-domain\":"
           "\"firm.example\",\"policy-string\":\"" +
           std::string(bytes, '[') + "\"}},");
     }},
    {"MX hosts",
     [](std::size_t bytes) {
       return WithPolicies(
           "{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":"
           "\"firm.example\",\"mx-host\":[" +
           Repeat("\"*.a.example\",", bytes) + "\"b.example\"]}},");
     }},
};

// On both sides of the size from which a text is looked over before it is parsed.
TEST(Growth, OfParsingAReport) {
  for (const std::size_t bytes : {kMaxJsonTokenBytes / 4, 2 * kMaxJsonTokenBytes}) {
    for (const Shape& shape : kShapes) {
      SCOPED_TRACE(std::string(shape.why) + ", " + std::to_string(bytes));
      EXPECT_LT(tlsrpt::testing::Growth(
                    shape.make, bytes,
                    [](const std::string& json) { (void)ParseReport(json); }),
                tlsrpt::testing::kMostGrowth);
    }
  }
}

// At the size of the largest report that is taken at all.
TEST(Memory, OfParsingAReport) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.why);
    const std::string json = shape.make(kMaxReportBytes);
    const testing::AllocationMeter meter;
    const auto got = ParseReport(json);
    EXPECT_LE(meter.PeakBytes(), 4 * std::max(json.size(), kMaxReportBytes));
    EXPECT_TRUE(got || !got.error().message.empty());
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
