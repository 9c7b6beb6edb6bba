// JSON made to cost more than it weighs. Each is answered, and what it makes us hold
// stays under a ceiling. Time is not asserted.

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "ingest/report/json_tree.h"
#include "ingest/report/report_parser.h"
#include "tests/unit/ingest/report/report_builder.h"
#include "tests/unit/ingest/unpack/allocation_meter.h"

namespace tlsrpt::ingest {
namespace {

using testing::Build;
using testing::ReportPieces;

constexpr std::size_t kMegabyte = 1u << 20;
// Four times the longest text: mended, as texts of the tree, its nodes.
constexpr std::size_t kCeiling = 80 * kMegabyte;

std::string Repeat(std::string_view text, std::size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

struct Row {
  const char* why;
  std::string json;
  const char* error;  // part of it; empty: it is read
};

std::string WithDetails(const std::string& list) {
  ReportPieces pieces;
  pieces.details = "\"failure-details\":[" + list + "]";
  return Build(pieces);
}

std::string WithMember(const std::string& member) {
  const std::string whole = Build({});
  return whole.substr(0, whole.size() - 1) + "," + member + "}";
}

std::string WithPolicy(const std::string& policy) {
  ReportPieces pieces;
  pieces.policy = policy;
  return Build(pieces);
}

TEST(HostileReport, Table) {
  const std::string whole = Build({});
  const Row rows[] = {
      {"a depth of 1 M arrays", std::string(kMegabyte, '['), "nested deeper than 32"},
      {"a depth of 1 M objects", Repeat("{\"a\":", kMegabyte), "nested deeper than 32"},
      {"20 MB of empty arrays", "[" + Repeat("[],", 7 * kMegabyte) + "[]]",
       "more than 1048576 values"},
      {"20 MB of small objects", "[" + Repeat("{\"a\":1},", 2 * kMegabyte) + "0]",
       "more than 1048576 values"},
      {"20 MB of white space", std::string(20 * kMegabyte, ' ') + whole,
       "a text, number or run of blanks longer than"},
      {"2 MB of white space", std::string(2 * kMegabyte, ' ') + whole, ""},
      {"20 MB of text after", whole + std::string(20 * kMegabyte, 'x'), ""},
      {"one string of 20 MB",
       whole.substr(0, whole.size() - 1) + ",\"x\":\"" +
           std::string(20 * kMegabyte, 'x') + "\"}",
       "a text, number or run of blanks longer than 2097152 bytes"},
      {"one string of 20 MB of line breaks",
       whole.substr(0, whole.size() - 1) + ",\"x\":\"" +
           std::string(20 * kMegabyte, '\n') + "\"}",
       "a text, number or run of blanks longer than"},
      {"ten strings of 2 MB of line breaks",
       whole.substr(0, whole.size() - 1) +
           Repeat(",\"x\":\"" + std::string(2 * kMegabyte - 1, '\n') + "\"", 10) + "}",
       ""},
      {"20 MB of invalid UTF-8",
       whole.substr(0, whole.size() - 1) + ",\"x\":\"" +
           std::string(20 * kMegabyte, '\xff') + "\"}",
       "a text, number or run of blanks longer than"},
      {"ten strings of 2 MB of invalid UTF-8",
       whole.substr(0, whole.size() - 1) +
           Repeat(",\"x\":\"" + std::string(2 * kMegabyte - 1, '\xff') + "\"", 10) + "}",
       "a text, number or run of blanks longer than"},
      {"400 KB of invalid UTF-8",
       whole.substr(0, whole.size() - 1) + ",\"x\":\"" + std::string(400'000, '\xff') +
           "\"}",
       ""},
      {"one number of 10 MB",
       whole.substr(0, whole.size() - 1) + ",\"x\":" + std::string(10 * kMegabyte, '9') +
           "}",
       "a text, number or run of blanks longer than"},
      {"one number of 1 MB",
       whole.substr(0, whole.size() - 1) + ",\"x\":" + std::string(kMegabyte, '9') + "}",
       ""},
      {"one name of 10 MB",
       whole.substr(0, whole.size() - 1) + ",\"" + std::string(10 * kMegabyte, 'x') +
           "\":1}",
       "a text, number or run of blanks longer than"},
      {"the same member 200,000 times",
       "{" + Repeat("\"report-id\":\"1\",", 200'000) + whole.substr(1), ""},
      {"400,000 details, each no object", WithDetails(Repeat("0,", 400'000) + "0"), ""},
      {"100,000 details with all that can be wrong",
       WithDetails(Repeat("{\"result-type\":0,\"sending-mta-ip\":\"?\",\"receiving-ip\":"
                          "{},\"failed-session-count\":\"x\"},",
                          100'000) +
                   "0"),
       ""},
      {"the same MX host and policy text 100,000 times",
       WithPolicy(R"("policy":{"policy-type":"sts","policy-domain":"firm.example")" +
                  Repeat(R"(,"mx-host":"a.b","policy-string":"x")", 100'000) + "}"),
       ""},
      {"the member policies 500,000 times, an object each",
       WithMember(Repeat("\"policies\":{},", 500'000) + "\"x\":0"),
       "policies: more than 1000"},
      {"a nested policy-string of 1 MB",
       WithPolicy(R"("policy":{"policy-type":"tlsa","policy-domain":"firm.example",)"
                  R"("policy-string":")" +
                  Repeat("[", kMegabyte) + "\"}"),
       ""},
      {"a policy-string of 100,000 lines",
       WithPolicy(R"("policy":{"policy-type":"sts","policy-domain":"firm.example",)"
                  R"("policy-string":")" +
                  Repeat("mx: a.example\\n", 100'000) + "\"}"),
       ""},
      {"a policy-string of 1 M lines",
       WithPolicy(R"("policy":{"policy-type":"sts","policy-domain":"firm.example",)"
                  R"("policy-string":")" +
                  Repeat("mx: a.example\\n", kMegabyte) + "\"}"),
       "a text, number or run of blanks longer than"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const testing::AllocationMeter meter;
    const auto got = ParseReport(row.json);
    EXPECT_LT(meter.PeakBytes(), kCeiling);
    ASSERT_EQ(got.has_value(), std::string(row.error).empty())
        << (got ? "" : got.error().message);
    if (got) {
      EXPECT_LE(got->anomalies.size(), kMaxAnomalies);
      EXPECT_LE(got->results.at(0).details.size(), kMaxFailureDetails);
      EXPECT_LE(got->results.at(0).mx_hosts.size(), kMaxPolicyLines);
    } else {
      EXPECT_NE(got.error().message.find(row.error), std::string::npos)
          << got.error().message;
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
