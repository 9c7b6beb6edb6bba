// What senders do, one row each, and what becomes of it. The facts behind the rows are
// public samples and generator sources; the reports here are written for the test.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "ingest/report/report_parser.h"
#include "tests/unit/ingest/report/report_builder.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;
using store::FailureDetail;
using store::PolicyMode;
using store::PolicyResult;
using store::PolicyType;
using store::Report;
using store::ResultType;
using testing::Build;
using testing::ReportPieces;
using testing::Texts;
using Strings = std::vector<std::string>;

constexpr auto kApril1 = sys_days{2026y / April / 1} + 0s;

// A row changes pieces of a report without departures; `check` looks at what it is about.
struct Row {
  const char* why;
  std::function<void(ReportPieces&)> change;
  std::function<void(const Report&)> check;
  Strings anomalies;
};

void RunRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    ReportPieces pieces;
    row.change(pieces);
    const auto report = ParseReport(Build(pieces));
    ASSERT_TRUE(report.has_value()) << report.error().message;
    row.check(*report);
    EXPECT_EQ(Texts(report->anomalies), row.anomalies);
  }
}

std::string Dates(const std::string& start, const std::string& end) {
  return R"("date-range":{"start-datetime":")" + start + R"(","end-datetime":")" + end +
         "\"}";
}

// A row about one text of the report.
Row Text(const char* why, std::string ReportPieces::*piece, const std::string& json,
         std::string Report::*field, const std::string& want, Strings anomalies = {}) {
  return {why, [=](ReportPieces& pieces) { pieces.*piece = json; },
          [=](const Report& report) { EXPECT_EQ(report.*field, want); },
          std::move(anomalies)};
}

// A row about the period.
Row Period(const char* why, const std::string& dates, sys_seconds start, sys_seconds end,
           Strings anomalies = {}) {
  return {why, [=](ReportPieces& pieces) { pieces.date_range = dates; },
          [=](const Report& report) {
            EXPECT_EQ(report.period_start, start);
            EXPECT_EQ(report.period_end, end);
          },
          std::move(anomalies)};
}

TEST(ReportQuirks, TopLevel) {
  const auto organisation = [](const char* why, const std::string& json,
                               const std::string& want, Strings anomalies = {}) {
    return Text(why, &ReportPieces::organisation, json, &Report::organisation, want,
                std::move(anomalies));
  };
  const auto contact = [](const char* why, const std::string& json,
                          const std::string& want, Strings anomalies = {}) {
    return Text(why, &ReportPieces::contact, json, &Report::contact, want,
                std::move(anomalies));
  };
  const auto id = [](const char* why, const std::string& id) {
    return Text(why, &ReportPieces::report_id, R"("report-id":")" + id + "\"",
                &Report::report_id, id);
  };
  RunRows({
      contact("Stalwart: contact-info null", R"("contact-info":null)", "",
              {"field_null contact-info"}),
      contact("contact-info absent", "", "", {"field_missing contact-info"}),
      contact("contact-info empty", R"("contact-info":"")", "",
              {"field_missing contact-info"}),
      contact("Stalwart: contact-info a URL", R"("contact-info":"https://a.example/x")",
              "https://a.example/x"),
      contact("contact-info an object", R"("contact-info":{"mail":"a@b.example"})", "",
              {"wrong_type contact-info"}),
      organisation("Stalwart: organization-name null", R"("organization-name":null)", "",
                   {"field_null organization-name"}),
      organisation("organization-name absent", "", "",
                   {"field_missing organization-name"}),
      organisation("a host name for an organisation",
                   R"("organization-name":"mx.example.net")", "mx.example.net"),
      organisation("a number for an organisation", R"("organization-name":42)", "42",
                   {"wrong_type organization-name"}),
      organisation("a name in another script", R"("organization-name":"Fïrma \u00e4")",
                   "Fïrma ä"),
      id("Google: a time and a domain", "2022-09-15T00:00:00Z_firm.example"),
      id("Microsoft: FILETIME and domain", "133198585438131172+firm.example"),
      id("Microsoft: a bare + at the end", "133198585438131172+"),
      id("Mail.ru: an @ in it", "b28254de-7b2e-be36-bb5c-4c3b92da8b25@mail.example"),
      id("mox: an @ in it", "20231112.firm.example@mail.example"),
      id("Stalwart: epoch and hash", "1730332800_11732957880687192466"),
      id("tlsrpt-reporter: colons", "2025-09-20T00:00:00Z_idx1_firm.example"),
      id("SocketLabs: 32 hex digits", "0123456789ABCDEF0123456789ABCDEF"),
      id("a test's: one digit", "1"),
      Text("report-id absent (a cut quote)", &ReportPieces::report_id, "",
           &Report::report_id, "", {"field_missing report-id"}),
      Text("report-id a number", &ReportPieces::report_id, R"("report-id":17)",
           &Report::report_id, "17", {"wrong_type report-id"}),
      {"UK Mail Check: unknown members are passed over",
       [](ReportPieces& pieces) {
         pieces.contact += R"(,"additional-data":{"a":[1,{"policies":[]}]})";
       },
       [](const Report& report) { EXPECT_EQ(report.results.size(), 1u); },
       {}},
      {"Mail.ru: members in any order",
       [](ReportPieces& pieces) {
         std::swap(pieces.report_id, pieces.organisation);
         std::swap(pieces.policy, pieces.summary);
         pieces.date_range = R"("date-range":{"end-datetime":"2026-04-01T23:59:59Z",)"
                             R"("start-datetime":"2026-04-01T00:00:00Z"})";
       },
       [](const Report& report) {
         EXPECT_EQ(report.organisation, "Mail Example");
         EXPECT_EQ(report.results[0].success_sessions, 7);
         EXPECT_EQ(report.period_start, kApril1);
       },
       {}},
      {"one policy result in place of the list",
       [](ReportPieces& pieces) {
         pieces.policies = R"("policies":{)" + pieces.policy + "," + pieces.summary + "}";
       },
       [](const Report& report) { EXPECT_EQ(report.results[0].success_sessions, 7); },
       {"wrong_type policies"}},
      {"policies twice, the same: once",
       [](ReportPieces& pieces) {
         const std::string list = R"([{)" + pieces.policy + "," + pieces.summary + "}]";
         pieces.policies = R"("policies":)" + list + R"(,"Policies":)" + list;
       },
       [](const Report& report) {
         ASSERT_EQ(report.results.size(), 1u);
         EXPECT_EQ(report.results[0].success_sessions, 7);
       },
       {"alternative_name Policies", "duplicate_name Policies"}},
      {"policies twice, not the same: the failures of both",
       [](ReportPieces& pieces) {
         const std::string first =
             R"("policies":[{)" + pieces.policy + "," + pieces.summary + "}]";
         pieces.policies = first + R"(,"policies":[{)" + pieces.policy +
                           R"(,"summary":{"total-successful-session-count":9,)"
                           R"("total-failure-session-count":3}}])";
       },
       [](const Report& report) {
         ASSERT_EQ(report.results.size(), 2u);
         EXPECT_EQ(report.results[0].success_sessions, 7);
         EXPECT_EQ(report.results[1].success_sessions, 0);
         EXPECT_EQ(report.results[1].failure_sessions, 3);
       },
       {"duplicate_name policies", "unexplained_failures policies[1].summary"}},
      {"a name in capitals",
       [](ReportPieces& pieces) { pieces.report_id = R"("Report-ID":"1")"; },
       [](const Report& report) { EXPECT_EQ(report.report_id, "1"); },
       {"alternative_name Report-ID"}},
  });
}

TEST(ReportQuirks, Dates) {
  const auto last = kApril1 + 24h - 1s;
  RunRows({
      Period("Google: the last second",
             Dates("2026-04-01T00:00:00Z", "2026-04-01T23:59:59Z"), kApril1, last),
      Period("Microsoft 2023: no offset",
             Dates("2026-04-01T00:00:00", "2026-04-01T23:59:59"), kApril1, last,
             {"time_without_offset date-range.start-datetime",
              "time_without_offset date-range.end-datetime"}),
      Period("Mail.ru, Stalwart, SocketLabs: the next midnight",
             Dates("2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"), kApril1,
             kApril1 + 24h),
      Period("Stalwart now: from the first event on",
             Dates("2026-04-01T03:04:05Z", "2026-04-02T03:04:05Z"),
             kApril1 + 3h + 4min + 5s, kApril1 + 27h + 4min + 5s,
             {"period_unusual date-range"}),
      Period("an anonymised Google report of a week",
             Dates("2026-04-01T00:00:00Z", "2026-04-07T23:59:59Z"), kApril1,
             kApril1 + 24h * 7 - 1s, {"period_unusual date-range"}),
      Period("edited: the end before the start (filing refuses it)",
             Dates("2026-04-01T23:59:59Z", "2026-04-01T00:00:00Z"), last, kApril1,
             {"period_unusual date-range"}),
      Period("a fraction", Dates("2026-04-01T00:00:00.000Z", "2026-04-01T23:59:59.999Z"),
             kApril1, last),
      Period("a numeric offset",
             Dates("2026-04-01T02:00:00+02:00", "2026-04-02T01:59:59+02:00"), kApril1,
             last),
      Period("lower case and a blank",
             Dates("2026-04-01 00:00:00z", "2026-04-01t23:59:59Z"), kApril1, last),
      Period("blanks around", Dates(" 2026-04-01T00:00:00Z", "2026-04-01T23:59:59Z "),
             kApril1, last),
      Period("twice the same",
             R"("date-range":{"start-datetime":"2026-04-01T00:00:00Z",)"
             R"("start-datetime":"2026-04-01T00:00:00Z",)"
             R"("end-datetime":"2026-04-01T23:59:59Z"})",
             kApril1, last, {"duplicate_name date-range.start-datetime"}),
  });
}

// A row about the policy object of the only result.
Row Policy(const char* why, const std::string& json,
           std::function<void(const PolicyResult&)> check, Strings anomalies = {}) {
  return {why, [=](ReportPieces& pieces) { pieces.policy = json; },
          [=](const Report& report) { check(report.results.at(0)); },
          std::move(anomalies)};
}

std::string PolicyJson(const std::string& type, const std::string& rest) {
  return R"("policy":{"policy-type":")" + type + R"(","policy-domain":"firm.example")" +
         (rest.empty() ? "" : "," + rest) + "}";
}

TEST(ReportQuirks, PolicyTypeAndDomain) {
  const auto domain = [](const char* why, const std::string& json,
                         const std::string& want, Strings anomalies = {}) {
    return Policy(
        why,
        R"("policy":{"policy-type":"no-policy-found")" +
            (json.empty() ? "" : ",\"policy-domain\":" + json) + "}",
        [want](const PolicyResult& result) { EXPECT_EQ(result.policy_domain, want); },
        std::move(anomalies));
  };
  const auto type = [](const char* why, const std::string& json, PolicyType want,
                       const std::string& text, Strings anomalies = {}) {
    return Policy(
        why,
        R"("policy":{"policy-domain":"firm.example")" +
            (json.empty() ? "" : ",\"policy-type\":" + json) + "}",
        [=](const PolicyResult& result) {
          EXPECT_EQ(result.policy_type, want);
          EXPECT_EQ(result.policy_type_text, text);
        },
        std::move(anomalies));
  };
  const std::string d = "policies[0].policy.policy-domain";
  const std::string t = "policies[0].policy.policy-type";
  RunRows({
      domain("Postfix with tlsrpt-reporter: absent", "", "", {"field_missing " + d}),
      domain("libtlsrpt: an empty string", "\"\"", "", {"field_missing " + d}),
      domain("null", "null", "", {"field_null " + d}),
      domain("Postfix, mox: the MX host", "\"mx1.firm.example\"", "mx1.firm.example"),
      domain("an A-label", "\"xn--gpher-jua.test\"", "xn--gpher-jua.test"),
      domain("mox before 62be829: a U-label", "\"g\u00f6pher.test\"",
             "xn--gpher-jua.test", {"domain_rewritten " + d + ": göpher.test"}),
      domain("upper case and a trailing dot", "\"Firm.Example.\"", "firm.example",
             {"domain_rewritten " + d + ": Firm.Example."}),
      domain("blanks around", "\" firm.example \"", "firm.example",
             {"domain_rewritten " + d + ":  firm.example "}),
      domain("an anonymised one", "\"<MY_DOMAIN>\"", "",
             {"unreadable " + d + ": <MY_DOMAIN>"}),
      domain("NUL in it", "\"firm.example\\u0000.evil.example\"", "",
             {"unreadable " + d + ": firm.example\xEF\xBF\xBD.evil.example"}),
      domain("a number", "5", "", {"wrong_type " + d}),
      domain("an array", "[\"firm.example\"]", "", {"wrong_type " + d}),
      domain("twice the same", "\"firm.example\",\"policy-domain\":\"FIRM.example\"",
             "firm.example",
             {"duplicate_name " + d, "domain_rewritten " + d + ": FIRM.example"}),
      domain("twice, not the same", "\"firm.example\",\"policy-domain\":\"b.example\"",
             "", {"duplicate_name " + d}),
      domain("twice, one null", "null,\"policy-domain\":\"b.example\"", "",
             {"duplicate_name " + d, "wrong_type " + d}),
      type("sts", "\"sts\"", PolicyType::kSts, ""),
      type("tlsa", "\"tlsa\"", PolicyType::kTlsa, ""),
      type("no-policy-found", "\"no-policy-found\"", PolicyType::kNoPolicyFound, ""),
      type("capitals", "\"STS\"", PolicyType::kSts, ""),
      type("blanks around", "\" sts \"", PolicyType::kSts, ""),
      type("a test's, Stalwart's Other: unknown", "\"invalid-policy-type\"",
           PolicyType::kOther, "invalid-policy-type",
           {"unknown_name " + t + ": invalid-policy-type"}),
      type("a third-party list: dane", "\"dane\"", PolicyType::kOther, "dane",
           {"unknown_name " + t + ": dane"}),
      type("absent", "", PolicyType::kOther, "", {"field_missing " + t}),
      type("null", "null", PolicyType::kOther, "", {"field_null " + t}),
      type("a number", "3", PolicyType::kOther, "3",
           {"wrong_type " + t, "unknown_name " + t + ": 3"}),
      type("an array", "[\"sts\"]", PolicyType::kOther, "", {"wrong_type " + t}),
      type("twice the same", "\"sts\",\"policy-type\":\"STS\"", PolicyType::kSts, "",
           {"duplicate_name " + t}),
      type("twice, not the same: neither", "\"no-policy-found\",\"policy-type\":\"sts\"",
           PolicyType::kOther, "no-policy-found", {"duplicate_name " + t}),
      Policy("policy absent", "",
             [](const PolicyResult& result) {
               EXPECT_EQ(result.policy_type, PolicyType::kOther);
               EXPECT_EQ(result.policy_domain, "");
               EXPECT_EQ(result.success_sessions, 7);
             },
             {"field_missing policies[0].policy"}),
      Policy("policy null", R"("policy":null)",
             [](const PolicyResult& result) {
               EXPECT_EQ(result.policy_type, PolicyType::kOther);
             },
             {"field_null policies[0].policy"}),
      Policy("policy a string", R"("policy":"sts")",
             [](const PolicyResult& result) {
               EXPECT_EQ(result.policy_type, PolicyType::kOther);
             },
             {"wrong_type policies[0].policy"}),
  });
}

TEST(ReportQuirks, PolicyText) {
  const std::string s = "policies[0].policy.policy-string";
  const auto text = [](const char* why, const std::string& json,
                       std::function<void(const store::PolicyText&)> check,
                       Strings anomalies = {}) {
    return Policy(
        why, PolicyJson("sts", "\"policy-string\":" + json),
        [check](const PolicyResult& result) {
          ASSERT_TRUE(result.policy.has_value());
          EXPECT_EQ(result.policy->type, PolicyType::kSts);
          check(*result.policy);
        },
        std::move(anomalies));
  };
  const auto none = [](const char* why, const std::string& rest, Strings anomalies = {}) {
    return Policy(
        why, PolicyJson("sts", rest),
        [](const PolicyResult& result) { EXPECT_FALSE(result.policy); },
        std::move(anomalies));
  };
  const auto mode = [&](const char* why, const std::string& json, PolicyMode want,
                        Strings anomalies = {}) {
    return text(
        why, json,
        [want](const store::PolicyText& policy) { EXPECT_EQ(policy.mode, want); },
        std::move(anomalies));
  };
  const auto whole = [](const store::PolicyText& policy) {
    EXPECT_EQ(policy.mode, PolicyMode::kTesting);
    EXPECT_EQ(policy.max_age, seconds(86400));
    EXPECT_EQ(policy.mx_patterns, Strings{"*.firm.example"});
    EXPECT_EQ(policy.lines, (Strings{"version: STSv1", "mode: testing",
                                     "mx: *.firm.example", "max_age: 86400"}));
  };
  std::string many = "[\"mode: testing\"";
  for (std::size_t i = 1; i < kMaxPolicyLines; ++i) many += ",\"mx: mx.firm.example\"";
  RunRows({
      none("Mail.ru, Microsoft on fetch errors: absent", ""),
      none("Stalwart, mox: []", R"("policy-string":[])"),
      none("Halon: \"\"", R"("policy-string":"")"),
      none("mox: null", R"("policy-string":null)"),
      none("a number", R"("policy-string":1)", {"wrong_type " + s}),
      none("twice, not the same: neither",
           R"("policy-string":["mode: testing"],"policy-string":["mode: enforce"])",
           {"duplicate_name " + s}),
      none("twice, the second empty",
           R"("policy-string":["mode: testing"],"policy-string":[])",
           {"duplicate_name " + s}),
      text("as the RFC says",
           R"(["version: STSv1","mode: testing","mx: *.firm.example","max_age: 86400"])",
           whole),
      text(
          "drafts: one string with CRLF",
          R"("version: STSv1\r\nmode: testing\r\nmx: *.firm.example\r\nmax_age: 86400\r\n")",
          whole),
      text("one string with LF inside an array",
           R"(["version: STSv1\nmode: testing\nmx: *.firm.example\nmax_age: 86400"])",
           whole),
      text(
          "Google: CR at the end of each",
          R"(["version: STSv1\r","mode: testing\r","mx: *.firm.example\r","max_age: 86400\r"])",
          whole),
      text(
          "a blank at the end (dmarcreport.com)",
          R"(["version: STSv1 ","mode: testing ","mx: *.firm.example ","max_age: 86400 "])",
          whole),
      text("edited: no blank after the colon",
           R"(["version:STSv1","mode:testing","mx:*.firm.example","max_age:86400"])",
           [](const store::PolicyText& policy) {
             EXPECT_EQ(policy.mode, PolicyMode::kTesting);
             EXPECT_EQ(policy.mx_patterns, Strings{"*.firm.example"});
             EXPECT_EQ(policy.max_age, seconds(86400));
             EXPECT_EQ(policy.lines[0], "version:STSv1");
           }),
      text(
          "Stalwart: max_age before mx",
          R"(["version: STSv1","mode: testing","max_age: 86400","mx: a.firm.example","mx: b.firm.example"])",
          [](const store::PolicyText& policy) {
            EXPECT_EQ(policy.mx_patterns, (Strings{"a.firm.example", "b.firm.example"}));
          }),
      text("drafts: a leading dot", R"(["mode: testing","mx: .firm.example"])",
           [](const store::PolicyText& policy) {
             EXPECT_EQ(policy.mx_patterns, Strings{"*.firm.example"});
           }),
      text("an anonymised pattern is left out", R"(["mode: testing","mx: <MY_DOMAIN>"])",
           [](const store::PolicyText& policy) {
             EXPECT_TRUE(policy.mx_patterns.empty());
             EXPECT_EQ(policy.lines.size(), 2u);
           },
           {"unreadable " + s + ": <MY_DOMAIN>"}),
      text("numbers and null among the lines", R"(["mode: testing",5,null])",
           [](const store::PolicyText& policy) {
             EXPECT_EQ(policy.lines, Strings{"mode: testing"});
           },
           {"wrong_type " + s, "wrong_type " + s}),
      mode("enforce", R"(["mode: enforce"])", PolicyMode::kEnforce),
      mode("none", R"(["mode: none"])", PolicyMode::kNone),
      mode("no mode", R"(["version: STSv1"])", PolicyMode::kUnknown),
      mode("drafts: report is not testing", R"(["mode: report"])", PolicyMode::kUnknown,
           {"unknown_name " + s + ": report"}),
      mode("the same mode twice", R"(["mode: testing","mode: testing"])",
           PolicyMode::kTesting),
      mode("two modes are none", R"(["mode: testing","mode: enforce"])",
           PolicyMode::kUnknown, {"duplicate_name " + s + ": mode"}),
      mode("two modes are none, however often",
           R"(["mode: enforce","mode: testing","mode: testing"])", PolicyMode::kUnknown,
           {"duplicate_name " + s + ": mode", "duplicate_name " + s + ": mode"}),
      mode("an unknown mode before a known one", R"(["mode: x","mode: testing"])",
           PolicyMode::kUnknown,
           {"unknown_name " + s + ": x", "duplicate_name " + s + ": mode"}),
      mode("a mode in another value is none", R"(["comment: mode: testing"])",
           PolicyMode::kUnknown),
      mode("as many lines as there may be", many + "]", PolicyMode::kTesting),
      mode("one more: what is cut may be a mode", many + ",\"mode: enforce\"]",
           PolicyMode::kUnknown, {"list_cut " + s}),
      text("max_age past RFC 8461's limit", R"(["max_age: 99999999999"])",
           [](const store::PolicyText& policy) {
             EXPECT_EQ(policy.max_age, seconds(31557600));
           },
           {"count_clamped " + s + ": 99999999999"}),
      text("max_age unreadable", R"(["max_age: a day"])",
           [](const store::PolicyText& policy) { EXPECT_FALSE(policy.max_age); },
           {"unreadable " + s + ": a day"}),
      Policy("Microsoft: a JSON array in a string",
             PolicyJson("tlsa", R"("policy-string":["[\"3 1 1 AB\",\"3 1 1 CD\"]"])"),
             [](const PolicyResult& result) {
               EXPECT_EQ(result.policy->lines, (Strings{"3 1 1 AB", "3 1 1 CD"}));
               EXPECT_EQ(result.policy->mode, PolicyMode::kUnknown);
             },
             {"policy_text_nested " + s}),
      Policy("Postfix, Stalwart, mox: one record each",
             PolicyJson("tlsa", R"("policy-string":["3 1 1 AB","3 1 1 CD"])"),
             [](const PolicyResult& result) {
               EXPECT_EQ(result.policy->lines, (Strings{"3 1 1 AB", "3 1 1 CD"}));
             }),
      Policy("a bracket that starts no JSON array",
             PolicyJson("tlsa", R"("policy-string":["[3 1 1 AB"])"),
             [](const PolicyResult& result) {
               EXPECT_EQ(result.policy->lines, Strings{"[3 1 1 AB"});
             }),
      Policy("lines of tlsa are no policy",
             PolicyJson("tlsa", R"("policy-string":["mode: testing"])"),
             [](const PolicyResult& result) {
               EXPECT_EQ(result.policy->mode, PolicyMode::kUnknown);
             }),
  });
}

TEST(ReportQuirks, MxHost) {
  const auto hosts = [](const char* why, const std::string& rest, Strings want,
                        Strings anomalies = {}) {
    return Policy(
        why, PolicyJson("sts", rest),
        [want](const PolicyResult& result) { EXPECT_EQ(result.mx_hosts, want); },
        std::move(anomalies));
  };
  const std::string h = "policies[0].policy.mx-host";
  RunRows({
      hosts("Microsoft, Mail.ru: absent", "", {}),
      hosts("an array (erratum 6241)", R"("mx-host":["*.firm.example","b.firm.example"])",
            {"*.firm.example", "b.firm.example"}),
      hosts("a string (RFC 8460, app. B)", R"("mx-host":"*.firm.example")",
            {"*.firm.example"}),
      hosts("Mail::TLSRPT: \"\"", R"("mx-host":"")", {}),
      hosts("SocketLabs: []", R"("mx-host":[])", {}),
      hosts("mox: null", R"("mx-host":null)", {}),
      hosts("UK Mail Check: bracketed text", R"("mx-host":"[testMxHost1]")", {},
            {"unreadable " + h + ": [testMxHost1]"}),
      hosts("anonymised: a prefix", R"("mx-host":["mx: mx.firm.example"])",
            {"mx.firm.example"}),
      hosts("drafts: a leading dot", R"("mx-host":".firm.example")", {"*.firm.example"}),
      hosts("upper case and a trailing dot", R"("mx-host":["MX.Firm.Example."])",
            {"mx.firm.example"}),
      hosts("RFC 8460's field list: mx-host-pattern",
            R"("mx-host-pattern":["*.firm.example"])", {"*.firm.example"},
            {"alternative_name policies[0].policy.mx-host-pattern"}),
      hosts("one bad host does not cost the good", R"("mx-host":["?","b.firm.example"])",
            {"b.firm.example"}, {"unreadable " + h + ": ?"}),
      hosts("an object", R"("mx-host":{"a":1})", {}, {"wrong_type " + h}),
      Policy(
          "patterns come from mx-host where the text has none",
          PolicyJson("sts",
                     R"("policy-string":["mode: testing"],"mx-host":["a.firm.example"])"),
          [](const PolicyResult& result) {
            EXPECT_EQ(result.policy->mx_patterns, Strings{"a.firm.example"});
          }),
      Policy(
          "and only there",
          PolicyJson(
              "sts",
              R"("policy-string":["mx: b.firm.example"],"mx-host":["a.firm.example"])"),
          [](const PolicyResult& result) {
            EXPECT_EQ(result.policy->mx_patterns, Strings{"b.firm.example"});
          }),
      Policy("nor for TLSA records",
             PolicyJson("tlsa",
                        R"("policy-string":["3 1 1 AB"],"mx-host":["a.firm.example"])"),
             [](const PolicyResult& result) {
               EXPECT_EQ(result.policy->mx_patterns, Strings{});
             }),
      Policy(
          "a text that comes twice is one, and has the hosts of both",
          PolicyJson("sts", R"("policy-string":["mode: testing"],"mx-host":"a.example",)"
                            R"("policy-string":["mode: testing"],"mx-host":"b.example")"),
          [](const PolicyResult& result) {
            ASSERT_TRUE(result.policy);
            EXPECT_EQ(result.policy->mx_patterns, (Strings{"a.example", "b.example"}));
          },
          {"duplicate_name policies[0].policy.policy-string", "duplicate_name " + h}),
  });
}

// Each value within the limit, and together past it: every one counts, whatever its name.
TEST(ReportQuirks, TheLimitOfMxHostsIsOverAllValues) {
  const auto array = [](std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += ",\"a.firm.example\"";
    return "[" + list.substr(1) + "]";
  };
  const std::string most =
      R"("mx-host":)" + array(kMaxPolicyLines - 1) + R"(,"mx-host-pattern":)" + array(1);
  const Strings noted = {"alternative_name policies[0].policy.mx-host-pattern",
                         "duplicate_name policies[0].policy.mx-host-pattern"};
  const auto all_kept = [](const PolicyResult& result) {
    EXPECT_EQ(result.mx_hosts.size(), kMaxPolicyLines);
  };
  Strings cut = noted;
  cut.push_back("duplicate_name policies[0].policy.mx-host");
  cut.push_back("list_cut policies[0].policy.mx-host");
  RunRows({
      Policy("as many as there may be", PolicyJson("sts", most), all_kept, noted),
      Policy("one more", PolicyJson("sts", most + R"(,"mx-host":"b.firm.example")"),
             all_kept, cut),
      Policy("it is said once",
             PolicyJson("sts", most + R"(,"mx-host":)" + array(kMaxPolicyLines + 1)),
             all_kept, cut),
  });
}

// A row about the only detail, which has one failed session.
Row Detail(const char* why, const std::string& members,
           std::function<void(const FailureDetail&)> check, Strings anomalies = {}) {
  return {why,
          [=](ReportPieces& pieces) {
            pieces.summary = R"("summary":{"total-successful-session-count":0,)"
                             R"("total-failure-session-count":1})";
            pieces.details = R"("failure-details":[{"failed-session-count":1)" +
                             (members.empty() ? "" : "," + members) + "}]";
          },
          [=](const Report& report) { check(report.results.at(0).details.at(0)); },
          std::move(anomalies)};
}

TEST(ReportQuirks, FailureDetails) {
  const std::string p = "policies[0].failure-details[0].";
  const auto type = [](const char* why, const std::string& json, ResultType want,
                       const std::string& text, Strings anomalies = {}) {
    return Detail(
        why, json.empty() ? "" : "\"result-type\":" + json,
        [=](const FailureDetail& detail) {
          EXPECT_EQ(detail.result_type, want);
          EXPECT_EQ(detail.result_type_text, text);
          EXPECT_EQ(detail.failed_sessions, 1);
        },
        std::move(anomalies));
  };
  const auto field = [](const char* why, const std::string& members,
                        std::string FailureDetail::*member, const std::string& want,
                        Strings anomalies = {}) {
    return Detail(
        why, "\"result-type\":\"validation-failure\"," + members,
        [=](const FailureDetail& detail) { EXPECT_EQ(detail.*member, want); },
        std::move(anomalies));
  };
  const auto ip = [&](const char* why, const std::string& json, const std::string& want,
                      Strings anomalies = {}) {
    return field(why, "\"sending-mta-ip\":" + json, &FailureDetail::sending_mta_ip, want,
                 std::move(anomalies));
  };
  const std::string t = p + "result-type";
  std::vector<Row> rows = {
      type("capitals", "\"CERTIFICATE-EXPIRED\"", ResultType::kCertificateExpired, ""),
      type("blanks around", "\" dane-required \"", ResultType::kDaneRequired, ""),
      type("tlsrpt-reporter: absent", "", ResultType::kOther, "", {"field_missing " + t}),
      type("null", "null", ResultType::kOther, "", {"field_null " + t}),
      type("edited: Testing", "\"Testing\"", ResultType::kOther, "Testing",
           {"unknown_name " + t + ": Testing"}),
      type("Stalwart: Other", "\"Other\"", ResultType::kOther, "Other",
           {"unknown_name " + t + ": Other"}),
      type("drafts of 2016: ExpiredCertificate", "\"ExpiredCertificate\"",
           ResultType::kOther, "ExpiredCertificate",
           {"unknown_name " + t + ": ExpiredCertificate"}),
      type("pages: mx-mismatch", "\"mx-mismatch\"", ResultType::kOther, "mx-mismatch",
           {"unknown_name " + t + ": mx-mismatch"}),
      type("our own word is nobody's", "\"unexplained\"", ResultType::kOther,
           "unexplained", {"unknown_name " + t + ": unexplained"}),
      type("a number", "7", ResultType::kOther, "7",
           {"wrong_type " + t, "unknown_name " + t + ": 7"}),
      type("an array", "[]", ResultType::kOther, "", {"wrong_type " + t}),
      type("twice the same", "\"tlsa-invalid\",\"result-type\":\"tlsa-invalid\"",
           ResultType::kTlsaInvalid, "", {"duplicate_name " + t}),
      type("twice, not the same: neither",
           "\"sts-policy-fetch-error\",\"result-type\":\"certificate-expired\"",
           ResultType::kOther, "sts-policy-fetch-error", {"duplicate_name " + t}),
      type("twice, one unreadable", "\"sts-policy-fetch-error\",\"result-type\":null",
           ResultType::kOther, "sts-policy-fetch-error", {"duplicate_name " + t}),
      ip("Google, mox: \"\"", "\"\"", ""),
      ip("Stalwart: null", "null", ""),
      ip("IPv4", "\"192.0.2.1\"", "192.0.2.1"),
      ip("RFC 8460, app. B: not canonical", "\"2001:db8:abcd:0012::1\"",
         "2001:db8:abcd:12::1"),
      ip("capitals", "\"2001:DB8::A\"", "2001:db8::a"),
      ip("in brackets", "\"[2001:db8::1]\"", "2001:db8::1"),
      ip("in brackets as RFC 5321 writes it", "\"[IPv6:2001:db8::1]\"", "2001:db8::1"),
      ip("blanks around", "\" 192.0.2.1 \"", "192.0.2.1"),
      ip("anonymised", "\"x.x.x.x\"", "",
         {"not_an_address " + p + "sending-mta-ip: x.x.x.x"}),
      ip("anonymised otherwise", "\"<MY_MAILSERVER_IP>\"", "",
         {"not_an_address " + p + "sending-mta-ip: <MY_MAILSERVER_IP>"}),
      ip("with a port", "\"192.0.2.1:25\"", "",
         {"not_an_address " + p + "sending-mta-ip: 192.0.2.1:25"}),
      ip("octal-looking", "\"192.0.2.001\"", "",
         {"not_an_address " + p + "sending-mta-ip: 192.0.2.001"}),
      ip("NUL behind an address", "\"192.0.2.1\\u0000x\"", "",
         {"text_changed " + p + "sending-mta-ip",
          "not_an_address " + p + "sending-mta-ip: 192.0.2.1\xEF\xBF\xBDx"}),
      ip("a number", "3221225985", "",
         {"wrong_type " + p + "sending-mta-ip",
          "not_an_address " + p + "sending-mta-ip: 3221225985"}),
      field("receiving-ip", R"("receiving-ip":"[192.0.2.2]")",
            &FailureDetail::receiving_ip, "192.0.2.2"),
      field("the MX normalised", R"("receiving-mx-hostname":"MX.Firm.Example.")",
            &FailureDetail::receiving_mx, "mx.firm.example"),
      field("the MX a U-label", R"("receiving-mx-hostname":"mx.göpher.test")",
            &FailureDetail::receiving_mx, "mx.xn--gpher-jua.test"),
      field("the MX no host name: as sent", R"("receiving-mx-hostname":"<HOSTNAME>")",
            &FailureDetail::receiving_mx, "<HOSTNAME>"),
      field("the MX empty (mox)", R"("receiving-mx-hostname":"")",
            &FailureDetail::receiving_mx, ""),
      field("SocketLabs: receiving-mx-host-name",
            R"("receiving-mx-host-name":"mx.firm.example")", &FailureDetail::receiving_mx,
            "mx.firm.example", {"alternative_name " + p + "receiving-mx-host-name"}),
      field("Postfix: the whole EHLO answer",
            R"("receiving-mx-helo":"mx.firm.example\r\nPIPELINING\r\nSIZE 0")",
            &FailureDetail::helo, "mx.firm.example PIPELINING SIZE 0"),
      field("drafts, Comcast: failure-error-code", R"("failure-error-code":"E1")",
            &FailureDetail::reason, "E1",
            {"alternative_name " + p + "failure-error-code"}),
      field("Microsoft: a code in capitals",
            R"("failure-reason-code":"MX_HOSTS_MISMATCH")", &FailureDetail::reason,
            "MX_HOSTS_MISMATCH"),
      field(
          "Mail.ru: free text",
          R"~("failure-reason-code":"unable to do http request: Get \"https://x\": x (y)")~",
          &FailureDetail::reason, "unable to do http request: Get \"https://x\": x (y)"),
      field("Stalwart: null", R"("failure-reason-code":null)", &FailureDetail::reason,
            ""),
      field("a reason that is a number", R"("failure-reason-code":10)",
            &FailureDetail::reason, "10", {"wrong_type " + p + "failure-reason-code"}),
      field("RFC 8460's field list: additional-info-uri",
            R"("additional-info-uri":"https://a.example/")", &FailureDetail::information,
            "https://a.example/", {"alternative_name " + p + "additional-info-uri"}),
      field("RFC copies: blanks inside a URI",
            R"("additional-information":"https://a.example/x ? id = 5 c - 2 ")",
            &FailureDetail::information, "https://a.example/x ? id = 5 c - 2 "),
      field("the RFC's own name wins over another",
            R"("failure-reason-code":"a","failure-error-code":"b")",
            &FailureDetail::reason, "a",
            {"alternative_name " + p + "failure-error-code",
             "duplicate_name " + p + "failure-error-code"}),
      field("text too long is cut",
            R"("additional-information":")" + std::string(kMaxTextBytes + 1, 'x') + "\"",
            &FailureDetail::information, std::string(kMaxTextBytes, 'x'),
            {"text_changed " + p + "additional-information"}),
      field("text of the greatest length",
            R"("additional-information":")" + std::string(kMaxTextBytes, 'x') + "\"",
            &FailureDetail::information, std::string(kMaxTextBytes, 'x')),
      field("NUL in a text", R"("additional-information":"a\u0000b")",
            &FailureDetail::information,
            "a\xEF\xBF\xBD"
            "b",
            {"text_changed " + p + "additional-information"}),
      field("invalid UTF-8 costs the character",
            "\"additional-information\":\"a\xff"
            "b\"",
            &FailureDetail::information,
            "a\xEF\xBF\xBD"
            "b",
            {"text_changed json", "text_changed " + p + "additional-information"}),
      field("RFC 8460, app. B: a line break in a text",
            "\"additional-information\":\"https://a.example/\n   x\"",
            &FailureDetail::information, "https://a.example/    x",
            {"text_changed json"}),
  };
  for (int code = 1; code <= 11; ++code) {
    const auto known = static_cast<ResultType>(code);
    rows.push_back(type("RFC 8460, 4.3: a name of the list",
                        "\"" + std::string(NameOf(known)) + "\"", known, ""));
  }
  RunRows(rows);
}

TEST(ReportQuirks, SeveralResults) {
  const std::string sts =
      R"({"policy":{"policy-type":"sts","policy-domain":"firm.example"},"summary":{)"
      R"("total-successful-session-count":7,"total-failure-session-count":0}})";
  const std::string tlsa =
      R"({"policy":{"policy-type":"tlsa","policy-domain":"firm.example"},"summary":{)"
      R"("total-successful-session-count":7,"total-failure-session-count":0}})";
  const std::string foreign =
      R"({"policy":{"policy-type":"tlsa","policy-domain":"other.example",)"
      R"("mx-host":["mx.firm.example"]},"summary":{)"
      R"("total-successful-session-count":1,"total-failure-session-count":0}})";
  const auto policies = [](const std::string& list) {
    return
        [list](ReportPieces& pieces) { pieces.policies = "\"policies\":[" + list + "]"; };
  };
  RunRows({
      {"Microsoft: the same sessions under tlsa and sts, kept apart",
       policies(tlsa + "," + sts),
       [](const Report& report) {
         ASSERT_EQ(report.results.size(), 2u);
         EXPECT_EQ(report.results[0].policy_type, PolicyType::kTlsa);
         EXPECT_EQ(report.results[1].policy_type, PolicyType::kSts);
       },
       {}},
      {"Google, SocketLabs: one domain and type twice (the policy changed)",
       policies(sts + "," + sts),
       [](const Report& report) { EXPECT_EQ(report.results.size(), 2u); },
       {}},
      {"mox: other people's domains at our MX",
       policies(foreign),
       [](const Report& report) {
         EXPECT_EQ(report.results[0].policy_domain, "other.example");
         EXPECT_EQ(report.results[0].mx_hosts, Strings{"mx.firm.example"});
       },
       {}},
      {"an element that is no object counts as one failure",
       policies(sts + ",\"failed\""),
       [](const Report& report) {
         ASSERT_EQ(report.results.size(), 2u);
         EXPECT_EQ(report.results[1].policy_type, PolicyType::kOther);
         EXPECT_EQ(report.results[1].policy_domain, "");
         EXPECT_EQ(report.results[1].failure_sessions, 1);
         EXPECT_EQ(report.results[1].unexplained_sessions, 1);
       },
       {"wrong_type policies[1]"}},
      {"null among the policies too",
       policies("null," + sts),
       [](const Report& report) { EXPECT_EQ(report.results[0].unexplained_sessions, 1); },
       {"wrong_type policies[0]"}},
      {"an empty object says nothing, so nothing good",
       policies("{}"),
       [](const Report& report) {
         EXPECT_EQ(report.results[0].policy_type, PolicyType::kOther);
         EXPECT_EQ(report.results[0].success_sessions, 0);
       },
       {"field_missing policies[0].policy", "field_missing policies[0].summary"}},
  });
}

TEST(ReportQuirks, TheHintIsForThoseWhoNameNoDomain) {
  const ReportHints hints{"hint.example"};
  struct {
    const char* why;
    const char* policy;
    const char* domain;
    Strings anomalies;
  } const rows[] = {
      {"absent",
       R"("policy":{"policy-type":"sts"})",
       "hint.example",
       {"domain_guessed policies[0].policy.policy-domain"}},
      {"null",
       R"("policy":{"policy-type":"sts","policy-domain":null})",
       "hint.example",
       {"domain_guessed policies[0].policy.policy-domain"}},
      {"empty",
       R"("policy":{"policy-type":"sts","policy-domain":""})",
       "hint.example",
       {"domain_guessed policies[0].policy.policy-domain"}},
      {"policy absent",
       "",
       "hint.example",
       {"field_missing policies[0].policy", "domain_guessed policies[0].policy"}},
      {"named",
       R"("policy":{"policy-type":"sts","policy-domain":"firm.example"})",
       "firm.example",
       {}},
      {"unreadable is not absent",
       R"("policy":{"policy-type":"sts","policy-domain":"?"})",
       "",
       {"unreadable policies[0].policy.policy-domain: ?"}},
      {"a wrong type is not absent",
       R"("policy":{"policy-type":"sts","policy-domain":{}})",
       "",
       {"wrong_type policies[0].policy.policy-domain"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    ReportPieces pieces;
    pieces.policy = row.policy;
    const auto report = ParseReport(Build(pieces), hints);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->results[0].policy_domain, row.domain);
    EXPECT_EQ(Texts(report->anomalies), row.anomalies);
  }
  ReportPieces pieces;
  pieces.policies = R"("policies":[7])";
  const auto report = ParseReport(Build(pieces), hints);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->results[0].policy_domain, "hint.example");
}

}  // namespace
}  // namespace tlsrpt::ingest
