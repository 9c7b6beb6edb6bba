// No tolerance hides a failure: what becomes of counts that are absent, unreadable or at
// odds with one another.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ingest/report/report_parser.h"
#include "tests/unit/ingest/report/report_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::Build;
using testing::ReportPieces;
using testing::Texts;

std::string Counts(const std::string& success, const std::string& failure) {
  return R"("summary":{"total-successful-session-count":)" + success +
         R"(,"total-failure-session-count":)" + failure + "}";
}

std::string Details(const std::vector<std::string>& counts) {
  std::string list;
  for (const std::string& count : counts) {
    if (!list.empty()) list += ",";
    list +=
        R"({"result-type":"validation-failure","failed-session-count":)" + count + "}";
  }
  return R"("failure-details":[)" + list + "]";
}

struct Row {
  const char* why;
  std::string summary;
  std::string details;
  std::int64_t success;
  std::int64_t failure;
  std::int64_t unexplained;
  std::vector<std::string> anomalies;  // abbreviated; see Expanded()
};

std::string Expanded(std::string text) {
  const auto replace = [&](const char* from, const char* to) {
    if (const auto at = text.find(from); at != std::string::npos) {
      text.replace(at, std::string(from).size(), to);
    }
  };
  replace("$S", "policies[0].summary.total-successful-session-count");
  replace("$F", "policies[0].summary.total-failure-session-count");
  replace("$D", "policies[0].failure-details");
  replace("$M", "policies[0].summary");
  return text;
}

TEST(SessionCounts, Table) {
  const std::string n = "failed-session-count";
  const Row rows[] = {
      {"as the RFC says", Counts("7", "5"), Details({"2", "3"}), 7, 5, 0, {}},
      {"nothing failed, no details", Counts("7", "0"), "", 7, 0, 0, {}},
      {"Stalwart, mox: failure-details []",
       Counts("7", "0"),
       R"("failure-details":[])",
       7,
       0,
       0,
       {}},
      {"mox: failure-details null",
       Counts("7", "0"),
       R"("failure-details":null)",
       7,
       0,
       0,
       {}},
      {"tlsrpt-be: failures without details",
       Counts("99", "102"),
       "",
       99,
       102,
       102,
       {"unexplained_failures $M"}},
      {"details fall short",
       Counts("0", "10"),
       Details({"4"}),
       0,
       10,
       6,
       {"unexplained_failures $M"}},
      {"Mail.ru: details exceed the summary",
       Counts("0", "1"),
       Details({"1", "1"}),
       0,
       1,
       0,
       {"details_exceed_summary $M"}},
      {"Postfix: the session was well in the end, details are kept",
       Counts("3", "0"),
       Details({"2"}),
       3,
       0,
       0,
       {"details_exceed_summary $M"}},
      // The failures of the summary.
      {"mail-auth: failures absent",
       R"("summary":{"total-successful-session-count":1})",
       "",
       1,
       0,
       0,
       {"field_missing $F"}},
      {"failures under a name that nobody knows",
       R"("summary":{"total-successful-session-count":1,"Total-Failed-Count":7})",
       "",
       1,
       1,
       1,
       {"field_missing $F", "unexplained_failures $M"}},
      {"failures beside the summary",
       R"("summary":{"total-successful-session-count":1},"total-failure-session-count":7)",
       "",
       1,
       1,
       1,
       {"field_missing $F", "unexplained_failures $M"}},
      {"failures in a summary that is misspelt",
       R"("summery":{"total-successful-session-count":1,"failures":[{"failed":"7"}]})",
       "",
       0,
       1,
       1,
       {"field_missing $M", "unexplained_failures $M"}},
      {"no failures under names that nobody knows",
       R"("summary":{"total-successful-session-count":1,"failed":0,"x-fail":null},)"
       R"("fail-list":[],"failures":"0","other":[7])",
       "",
       1,
       0,
       0,
       {"field_missing $F"}},
      {"a count, and more about failures besides",
       R"("summary":{"total-successful-session-count":1,)"
       R"("total-failure-session-count":0,"failure-rate":0.5})",
       "",
       1,
       1,
       1,
       {"unexplained_failures $M"}},
      // Out of place, beside a count that is in its place.
      {"details with an underscore",
       Counts("7", "0"),
       R"("failure_details":[{"result-type":"validation-failure"}])",
       7,
       1,
       1,
       {"unexplained_failures $M"}},
      {"details with a blank behind the name",
       Counts("7", "0"),
       R"("Failure-Details ":[{"result-type":"validation-failure"}])",
       7,
       1,
       1,
       {"unexplained_failures $M"}},
      {"details in the summary",
       R"("summary":{"total-successful-session-count":7,)"
       R"("total-failure-session-count":0,"failure-details":[{}]})",
       "",
       7,
       1,
       1,
       {"unexplained_failures $M"}},
      {"failures beside the summary, which has none",
       Counts("7", "0") + R"(,"total-failed-session-count":3)",
       "",
       7,
       1,
       1,
       {"unexplained_failures $M"}},
      {"failures in the policy",
       Counts("7", "0") + R"(,"policy":{"policy-type":"sts","failures":3})",
       "",
       7,
       1,
       1,
       {"duplicate_name policies[0].policy",
        "duplicate_name policies[0].policy.policy-type", "unexplained_failures $M"}},
      {"more failures beside the summary than are explained",
       Counts("7", "2") + R"(,"total-failed-session-count":"3")",
       Details({"2"}),
       7,
       3,
       1,
       {"unexplained_failures $M"}},
      {"failures below zero beside the summary",
       Counts("7", "2") + R"(,"failed":-1.5)",
       Details({"2"}),
       7,
       3,
       1,
       {"unexplained_failures $M"}},
      {"what is unexplained already may be these",
       Counts("7", "2") + R"(,"total-failed-session-count":3)",
       "",
       7,
       2,
       2,
       {"unexplained_failures $M"}},
      {"the same failures once more",
       R"("summary":{"total-successful-session-count":7,)"
       R"("total-failure-session-count":2,"total_failure_session_count":"2","failed":2.0})",
       Details({"2"}),
       7,
       2,
       0,
       {}},
      {"the same details once more",
       Counts("7", "2") + R"(,"failure_details":[{"result-type":"validation-failure",)"
                          R"("failed-session-count":2}])",
       Details({"2"}),
       7,
       2,
       0,
       {}},
      {"as many sessions, but other details",
       Counts("7", "2") + R"(,"failure_details":[{"result-type":"certificate-expired",)"
                          R"("failed-session-count":2}])",
       Details({"2"}),
       7,
       3,
       1,
       {"unexplained_failures $M"}},
      {"failures absent, but details",
       R"("summary":{"total-successful-session-count":1})",
       Details({"2", "3"}),
       1,
       5,
       0,
       {"field_missing $F"}},
      {"summary absent", "", Details({"2"}), 0, 2, 0, {"field_missing $M"}},
      {"summary null",
       R"("summary":null)",
       Details({"2"}),
       0,
       3,
       1,
       {"field_null $M", "unexplained_failures $M"}},
      {"summary a number",
       R"("summary":5)",
       "",
       0,
       1,
       1,
       {"wrong_type $M", "unexplained_failures $M"}},
      {"failures null",
       Counts("7", "null"),
       "",
       7,
       1,
       1,
       {"field_null $F", "unexplained_failures $M"}},
      {"failures null, with details",
       Counts("7", "null"),
       Details({"4"}),
       7,
       5,
       1,
       {"field_null $F", "unexplained_failures $M"}},
      {"failures below zero",
       Counts("7", "-1"),
       "",
       7,
       1,
       1,
       {"count_clamped $F", "unexplained_failures $M"}},
      {"failures below 64 bits",
       Counts("7", "-9223372036854775809"),
       "",
       7,
       1,
       1,
       {"count_clamped $F", "unexplained_failures $M"}},
      {"failures as other text",
       Counts("7", "\"many\""),
       "",
       7,
       1,
       1,
       {"unreadable $F: many", "unexplained_failures $M"}},
      {"failures as empty text",
       Counts("7", "\"\""),
       "",
       7,
       1,
       1,
       {"unreadable $F", "unexplained_failures $M"}},
      {"failures as infinity",
       Counts("7", "\"inf\""),
       "",
       7,
       1,
       1,
       {"unreadable $F: inf", "unexplained_failures $M"}},
      {"failures as text below zero",
       Counts("7", "\"-5\""),
       "",
       7,
       1,
       1,
       {"unreadable $F: -5", "unexplained_failures $M"}},
      {"failures with a thousands separator",
       Counts("7", "\"1,234\""),
       "",
       7,
       1,
       1,
       {"unreadable $F: 1,234", "unexplained_failures $M"}},
      {"failures an object",
       Counts("7", "{}"),
       "",
       7,
       1,
       1,
       {"wrong_type $F", "unexplained_failures $M"}},
      {"failures true",
       Counts("7", "true"),
       "",
       7,
       1,
       1,
       {"wrong_type $F", "unexplained_failures $M"}},
      {"failures as text",
       Counts("7", "\"5\""),
       Details({"5"}),
       7,
       5,
       0,
       {"wrong_type $F"}},
      {"failures as text with blanks",
       Counts("7", "\" 5 \""),
       Details({"5"}),
       7,
       5,
       0,
       {"wrong_type $F"}},
      {"failures with a fraction: up",
       Counts("7", "2.5"),
       Details({"3"}),
       7,
       3,
       0,
       {"count_clamped $F"}},
      {"failures as a whole float", Counts("7", "3.0"), Details({"3"}), 7, 3, 0, {}},
      {"failures with an exponent", Counts("7", "2e1"), Details({"20"}), 7, 20, 0, {}},
      {"failures past kMaxSessions",
       Counts("7", "1000000000001"),
       "",
       7,
       1'000'000'000'000,
       1'000'000'000'000,
       {"count_clamped $F", "unexplained_failures $M"}},
      {"failures of kMaxSessions",
       Counts("7", "1000000000000"),
       "",
       7,
       1'000'000'000'000,
       1'000'000'000'000,
       {"unexplained_failures $M"}},
      {"failures of 2^64 - 1, which nlohmann's get() makes -1",
       Counts("7", "18446744073709551615"),
       "",
       7,
       1'000'000'000'000,
       1'000'000'000'000,
       {"count_clamped $F", "unexplained_failures $M"}},
      {"failures past 64 bits",
       Counts("7", "18446744073709551616"),
       "",
       7,
       1'000'000'000'000,
       1'000'000'000'000,
       {"count_clamped $F", "unexplained_failures $M"}},
      {"failures of 1e400",
       Counts("7", "1e400"),
       "",
       7,
       1'000'000'000'000,
       1'000'000'000'000,
       {"text_changed json", "count_clamped $F", "unexplained_failures $M"}},
      {"failures of \"1e400\"",
       Counts("7", "\"1e400\""),
       "",
       7,
       1'000'000'000'000,
       1'000'000'000'000,
       {"wrong_type $F", "count_clamped $F", "unexplained_failures $M"}},
      {"failures of -1e400",
       Counts("7", "-1e400"),
       "",
       7,
       1,
       1,
       {"text_changed json", "count_clamped $F", "unexplained_failures $M"}},
      {"failures twice: the larger",
       R"("summary":{"total-failure-session-count":5,"total-successful-session-count":7,)"
       R"("total-failure-session-count":0})",
       Details({"5"}),
       7,
       5,
       0,
       {"duplicate_name $F"}},
      {"failures twice, one unreadable",
       R"("summary":{"total-failure-session-count":"?","total-successful-session-count":7,)"
       R"("total-failure-session-count":0})",
       "",
       7,
       1,
       1,
       {"duplicate_name $F", "unreadable $F: ?", "unexplained_failures $M"}},
      {"summary twice: the worse of each",
       Counts("7", "0") + "," + Counts("9", "4"),
       Details({"4"}),
       7,
       4,
       0,
       {"duplicate_name $M", "duplicate_name $S", "duplicate_name $F"}},
      {"summary twice, one no object",
       Counts("7", "0") + R"(,"summary":[])",
       "",
       7,
       1,
       1,
       {"duplicate_name $M", "wrong_type $M", "unexplained_failures $M"}},
      {"drafts before 2017-11: success-aggregate",
       R"("summary":{"success-aggregate":7,"failure-aggregate":3})",
       "",
       7,
       3,
       3,
       {"alternative_name policies[0].summary.success-aggregate",
        "alternative_name policies[0].summary.failure-aggregate",
        "unexplained_failures $M"}},
      {"names in capitals",
       R"("summary":{"TOTAL-SUCCESSFUL-SESSION-COUNT":7,"Total-Failure-Session-Count":3})",
       Details({"3"}),
       7,
       3,
       0,
       {"alternative_name policies[0].summary.TOTAL-SUCCESSFUL-SESSION-COUNT",
        "alternative_name policies[0].summary.Total-Failure-Session-Count"}},
      // The successes.
      {"successes absent",
       R"("summary":{"total-failure-session-count":0})",
       "",
       0,
       0,
       0,
       {"field_missing $S"}},
      {"successes null", Counts("null", "0"), "", 0, 0, 0, {"field_null $S"}},
      {"successes below zero", Counts("-5", "0"), "", 0, 0, 0, {"count_clamped $S"}},
      {"successes with a fraction: down",
       Counts("2.5", "0"),
       "",
       2,
       0,
       0,
       {"count_clamped $S"}},
      {"successes as text", Counts("\"7\"", "0"), "", 7, 0, 0, {"wrong_type $S"}},
      {"successes of \"1e-400\": down",
       Counts("\"1e-400\"", "0"),
       "",
       0,
       0,
       0,
       {"wrong_type $S"}},
      {"successes an array", Counts("[7]", "0"), "", 0, 0, 0, {"wrong_type $S"}},
      {"successes past kMaxSessions: none",
       Counts("1e18", "0"),
       "",
       0,
       0,
       0,
       {"count_clamped $S"}},
      {"-5 successes in an unsigned variable",
       Counts("18446744073709551611", "0"),
       "",
       0,
       0,
       0,
       {"count_clamped $S"}},
      {"the same as text",
       Counts("\"18446744073709551611\"", "0"),
       "",
       0,
       0,
       0,
       {"wrong_type $S", "count_clamped $S"}},
      {"as many successes as may be",
       Counts("1000000000000", "0"),
       "",
       1'000'000'000'000,
       0,
       0,
       {}},
      {"successes twice: the smaller",
       R"("summary":{"total-successful-session-count":9,"total-failure-session-count":0,)"
       R"("total-successful-session-count":7})",
       "",
       7,
       0,
       0,
       {"duplicate_name $S"}},
      {"successes twice, one unreadable",
       R"("summary":{"total-successful-session-count":9,"total-failure-session-count":0,)"
       R"("total-successful-session-count":null})",
       "",
       0,
       0,
       0,
       {"duplicate_name $S", "field_null $S"}},
      // The details.
      {"a detail without a count is one",
       Counts("0", "1"),
       R"("failure-details":[{"result-type":"validation-failure"}])",
       0,
       1,
       0,
       {"field_missing $D[0]." + n}},
      {"a detail with a null count is one",
       Counts("0", "1"),
       Details({"null"}),
       0,
       1,
       0,
       {"field_null $D[0]." + n}},
      {"a detail below zero is one",
       Counts("0", "1"),
       Details({"-3"}),
       0,
       1,
       0,
       {"count_clamped $D[0]." + n}},
      {"a detail of no session is none", Counts("1", "0"), Details({"0"}), 1, 0, 0, {}},
      {"a detail with a count as text",
       Counts("0", "5"),
       Details({"\"5\""}),
       0,
       5,
       0,
       {"wrong_type $D[0]." + n}},
      {"a detail with a fraction: up",
       Counts("0", "3"),
       Details({"2.1"}),
       0,
       3,
       0,
       {"count_clamped $D[0]." + n}},
      {"a detail with two counts: the larger",
       Counts("0", "5"),
       R"("failure-details":[{"result-type":"validation-failure",)"
       R"("failed-session-count":5,"failed-session-count":1}])",
       0,
       5,
       0,
       {"duplicate_name $D[0]." + n}},
      {"drafts before 2017-11: session-count",
       Counts("0", "5"),
       R"("failure-details":[{"result-type":"validation-failure","session-count":5}])",
       0,
       5,
       0,
       {"alternative_name $D[0].session-count"}},
      {"Open-Report-Parser: one object in place of the array",
       Counts("0", "2"),
       R"("failure-details":{"result-type":"validation-failure","failed-session-count":2})",
       0,
       2,
       0,
       {"wrong_type $D"}},
      {"a bare string among the details",
       Counts("0", "3"),
       R"("failure-details":["dane-required",{"result-type":"validation-failure",)"
       R"("failed-session-count":2}])",
       0,
       3,
       0,
       {"wrong_type $D[0]"}},
      {"null among the details",
       Counts("0", "1"),
       R"("failure-details":[null])",
       0,
       1,
       0,
       {"wrong_type $D[0]"}},
      {"details a string, no failure in the summary",
       Counts("7", "0"),
       R"("failure-details":"see log")",
       7,
       1,
       1,
       {"wrong_type $D", "unexplained_failures $M"}},
      {"details a number, failures in the summary",
       Counts("7", "4"),
       R"("failure-details":4)",
       7,
       4,
       4,
       {"wrong_type $D", "unexplained_failures $M"}},
      {"details true, summary absent",
       "",
       R"("failure-details":true)",
       0,
       1,
       1,
       {"field_missing $M", "wrong_type $D", "unexplained_failures $M"}},
      {"details twice: all of both",
       Counts("0", "5"),
       Details({"2"}) + "," + Details({"3"}),
       0,
       5,
       0,
       {"duplicate_name $D"}},
      {"details twice, the second empty",
       Counts("0", "2"),
       Details({"2"}) + R"(,"failure-details":[])",
       0,
       2,
       0,
       {"duplicate_name $D"}},
      {"details sum past kMaxSessions",
       Counts("0", "0"),
       Details({"1000000000000", "1000000000000"}),
       0,
       0,
       0,
       {"details_exceed_summary $M"}},
      {"details sum past kMaxSessions, no summary",
       "",
       Details({"1000000000000", "1000000000000"}),
       0,
       1'000'000'000'000,
       0,
       {"field_missing $M"}},
      {"unreadable on top of kMaxSessions",
       Counts("0", "null"),
       Details({"1000000000000"}),
       0,
       1'000'000'000'000,
       1,
       {"field_null $F", "unexplained_failures $M"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    ReportPieces pieces;
    pieces.summary = row.summary;
    pieces.details = row.details;
    const auto report = ParseReport(Build(pieces));
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_EQ(report->results.size(), 1u);
    const store::PolicyResult& result = report->results[0];
    EXPECT_EQ(result.success_sessions, row.success);
    EXPECT_EQ(result.failure_sessions, row.failure);
    EXPECT_EQ(result.unexplained_sessions, row.unexplained);
    EXPECT_LE(result.unexplained_sessions, result.failure_sessions);
    std::vector<std::string> want;
    for (const std::string& anomaly : row.anomalies) want.push_back(Expanded(anomaly));
    EXPECT_EQ(Texts(report->anomalies), want);
  }
}

// Nobody knows which policy it is about.
TEST(SessionCounts, FailuresAtTheRootAreThoseOfEveryPolicy) {
  struct {
    const char* why;
    std::string member;
    std::vector<std::int64_t> unexplained;  // of the two policies
  } const rows[] = {
      {"nothing", R"("total-failure-session-count":0)", {0, 0}},
      {"more than the policies have", R"("total-failure-session-count":7)", {1, 1}},
      {"a summary", R"("summary":{"Total_Failed":7})", {1, 1}},
      {"details", R"("failure-details":[{"failed-session-count":2}])", {1, 1}},
      {"as many as the policies have together", R"("failed-sessions":5)", {0, 0}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    ReportPieces pieces;
    pieces.policies = "\"policies\":[{" + pieces.policy + "," + Counts("7", "2") + "," +
                      Details({"2"}) + "},{" + pieces.policy + "," + Counts("7", "3") +
                      "," + Details({"3"}) + "}]," + row.member;
    const auto report = ParseReport(Build(pieces));
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_EQ(report->results.size(), 2u);
    std::vector<std::string> anomalies;
    for (std::size_t i = 0; i < 2; ++i) {
      const store::PolicyResult& result = report->results[i];
      EXPECT_EQ(result.unexplained_sessions, row.unexplained[i]);
      EXPECT_EQ(result.failure_sessions,
                static_cast<std::int64_t>(2 + i) + row.unexplained[i]);
      if (row.unexplained[i] > 0) {
        anomalies.push_back("unexplained_failures policies[" + std::to_string(i) +
                            "].summary");
      }
    }
    EXPECT_EQ(Texts(report->anomalies), anomalies);
  }
}

TEST(SessionCounts, DetailsPastTheLimitAreUnexplained) {
  std::string list;
  for (std::size_t i = 0; i < kMaxFailureDetails + 3; ++i) {
    if (i > 0) list += ",";
    list += i == kMaxFailureDetails + 1
                ? "7"  // no object: one session
                : R"({"result-type":"validation-failure","failed-session-count":2})";
  }
  struct {
    const char* why;
    std::string summary;
    std::int64_t failure;
    std::int64_t unexplained;
  } const rows[] = {
      {"the summary has them all", Counts("0", "20005"), 20005, 5},
      {"the summary is absent", "", 20005, 5},
      {"the summary has none (Postfix)", Counts("0", "0"), 5, 5},
      {"the summary has more", Counts("0", "20010"), 20010, 10},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    ReportPieces pieces;
    pieces.summary = row.summary;
    pieces.details = "\"failure-details\":[" + list + "]";
    const auto report = ParseReport(Build(pieces));
    ASSERT_TRUE(report.has_value()) << report.error().message;
    const store::PolicyResult& result = report->results[0];
    EXPECT_EQ(result.details.size(), kMaxFailureDetails);
    EXPECT_EQ(result.failure_sessions, row.failure);
    EXPECT_EQ(result.unexplained_sessions, row.unexplained);
    const std::vector<std::string> texts = Texts(report->anomalies);
    EXPECT_EQ(
        std::count(texts.begin(), texts.end(), "list_cut policies[0].failure-details"),
        1);
  }
}

TEST(SessionCounts, TheLimitIsOverAllPolicies) {
  std::string list;
  for (std::size_t i = 0; i < kMaxFailureDetails; ++i) {
    list += (i > 0 ? "," : "") + std::string("{}");
  }
  const std::string result = R"({"policy":{},"failure-details":[)";
  ReportPieces pieces;
  pieces.policies = "\"policies\":[" + result + list + "]}," + result + "{},{}]}]";
  const auto report = ParseReport(Build(pieces));
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->results[0].details.size(), kMaxFailureDetails);
  EXPECT_TRUE(report->results[1].details.empty());
  EXPECT_EQ(report->results[1].unexplained_sessions, 2);
}

}  // namespace
}  // namespace tlsrpt::ingest
