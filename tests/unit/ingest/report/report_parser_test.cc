#include "ingest/report/report_parser.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "tests/unit/ingest/report/report_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::Build;
using testing::ReportPieces;
using testing::Texts;

struct Row {
  const char* why;
  std::string json;
  const char* message;  // part of it
  ErrorKind kind = ErrorKind::kMalformed;
};

std::string With(std::string ReportPieces::*piece, const std::string& json) {
  ReportPieces pieces;
  pieces.*piece = json;
  return Build(pieces);
}

std::string Period(const std::string& members) {
  return With(&ReportPieces::date_range, "\"date-range\":{" + members + "}");
}

TEST(ReportParser, WhatIsQuarantinedAndWhy) {
  const std::string whole = Build({});
  const std::string end = R"(,"end-datetime":"2026-04-01T23:59:59Z")";
  std::string too_many = "{}";
  for (std::size_t i = 0; i < kMaxPolicies; ++i) too_many += ",{}";
  const Row rows[] = {
      {"empty", "", "JSON: "},
      {"no JSON", "<html>", "JSON: byte 1"},
      {"an array on top", "[" + whole + "]", "JSON: a list, not a report"},
      {"a scalar on top", "5", "JSON: the text is no object"},
      {"cut in half", whole.substr(0, whole.size() / 2), "JSON: byte "},
      {"two reports in one text", whole + "\n" + whole,
       "JSON: a second value may follow at byte"},
      {"no date-range", With(&ReportPieces::date_range, ""), "date-range: absent"},
      {"date-range null", With(&ReportPieces::date_range, R"("date-range":null)"),
       "date-range: absent or no object"},
      {"no start", Period(end.substr(1)), "date-range.start-datetime: absent"},
      {"no end", Period(R"("start-datetime":"2026-04-01T00:00:00Z")"),
       "date-range.end-datetime: absent"},
      {"a start that is no time", Period(R"("start-datetime":"yesterday")" + end),
       "date-range.start-datetime: expected yyyy-mm-ddThh:mm:ss at byte 0"},
      {"a start as Unix time", Period(R"("start-datetime":1775001600)" + end),
       "date-range.start-datetime: not a text"},
      {"24:00:00", Period(R"("start-datetime":"2026-04-01T24:00:00Z")" + end),
       "date-range.start-datetime: no such date or time"},
      {"two starts that differ",
       Period(R"("start-datetime":"2026-04-01T00:00:00Z",)"
              R"("start-datetime":"2026-04-02T00:00:00Z")" +
              end),
       "date-range.start-datetime: given twice, and not the same"},
      {"two date-ranges that differ",
       With(&ReportPieces::date_range,
            R"("date-range":{"start-datetime":"2026-04-01T00:00:00Z"},)"
            R"("date-range":{"start-datetime":"2026-04-02T00:00:00Z"})"),
       "date-range.start-datetime: given twice, and not the same"},
      {"no policies", With(&ReportPieces::policies, R"("x":1)"),
       "policies: absent, nothing to store"},
      {"policies []", With(&ReportPieces::policies, R"("policies":[])"),
       "policies: empty, nothing to store"},
      {"policies null", With(&ReportPieces::policies, R"("policies":null)"),
       "policies: not a list"},
      {"policies a string", With(&ReportPieces::policies, R"("policies":"none")"),
       "policies: not a list"},
      {"drafts before 2017-11: policy and summary on top",
       With(&ReportPieces::policies,
            R"("policy":{"policy-type":"sts"},"summary":{"success-aggregate":1})"),
       "policies: absent, nothing to store"},
      {"single quotes (a .NET test literal)", "{'organization-name':'x'}",
       "JSON: byte 2"},
      {"a trailing comma (the same)", whole.substr(0, whole.size() - 1) + ",}",
       "JSON: byte"},
      {"more policies than kMaxPolicies",
       With(&ReportPieces::policies, "\"policies\":[" + too_many + "]"),
       "policies: more than 1000", ErrorKind::kTooLarge},
      {"a depth of 1 M", "{\"a\":" + std::string(1'000'000, '['),
       "JSON: nested deeper than 32 levels", ErrorKind::kTooLarge},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = ParseReport(row.json);
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().kind, row.kind);
    EXPECT_NE(got.error().message.find(row.message), std::string::npos)
        << got.error().message;
  }
}

TEST(ReportParser, TextAroundTheJsonIsTolerated) {
  const std::string whole = Build({});
  struct {
    const char* why;
    std::string json;
    std::vector<std::string> anomalies;
  } const rows[] = {
      {"byte order mark", "\xEF\xBB\xBF" + whole, {}},
      {"blank lines around", "\r\n" + whole + "\r\n\r\n", {}},
      {"a list's footer", whole + "\n-- \nunsubscribe", {"text_after_json json"}},
      {"NUL padding", whole + std::string(512, '\0'), {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = ParseReport(row.json);
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(Texts(got->anomalies), row.anomalies);
    EXPECT_EQ(got->results[0].success_sessions, 7);
  }
}

TEST(ReportParser, AsManyPoliciesAsThereMayBe) {
  std::string list = "{}";
  for (std::size_t i = 1; i < kMaxPolicies; ++i) list += ",{}";
  const auto got =
      ParseReport(With(&ReportPieces::policies, "\"policies\":[" + list + "]"));
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->results.size(), kMaxPolicies);
  ASSERT_EQ(got->anomalies.size(), kMaxAnomalies);
  EXPECT_EQ(Texts(got->anomalies).back(), "list_cut anomalies");
}

// A report that a flipped byte turns into another report is fine; one that loses its
// only failure on the way without a trace is not. The byte that is flipped can of course
// be the digit itself.
TEST(ReportParser, EveryPrefixAndEveryFlippedByteIsAnswered) {
  ReportPieces pieces;
  pieces.details = R"("failure-details":[{"result-type":"certificate-expired",)"
                   R"("sending-mta-ip":"192.0.2.1","failed-session-count":3}])";
  pieces.summary = R"("summary":{"total-successful-session-count":7,)"
                   R"("total-failure-session-count":3})";
  const std::string whole = Build(pieces);
  ASSERT_TRUE(ParseReport(whole).has_value());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string cut(whole.substr(0, n));  // its own allocation, for ASan
    EXPECT_FALSE(ParseReport(cut).has_value()) << n;
  }
  const std::size_t detail = whole.find("\"failed-session-count\":3") + 23;
  const std::size_t summary = whole.find("\"total-failure-session-count\":3") + 30;
  ASSERT_EQ(whole[detail], '3');
  ASSERT_EQ(whole[summary], '3');
  for (std::size_t n = 0; n < whole.size(); ++n) {
    if (n == detail || n == summary) continue;
    for (int flip = 1; flip < 256; ++flip) {
      std::string damaged = whole;
      damaged[n] = static_cast<char>(damaged[n] ^ flip);
      const auto got = ParseReport(damaged);
      if (!got) continue;
      std::int64_t failures = 0;
      for (const auto& result : got->results) {
        failures += result.failure_sessions;
        for (const auto& failure : result.details) failures += failure.failed_sessions;
      }
      ASSERT_GE(failures, 3) << damaged;
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
