#include "api/fleet/waiver_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace tlsrpt::api {
namespace {

using namespace std::chrono;  // NOLINT: literals and days
using ::testing::HasSubstr;

constexpr TimePoint kNow = sys_days{2026y / November / 26} + 9h;

WaiverWords Words() {
  WaiverWords words;
  words.reporter = "google.com";
  words.result_type = "certificate-expired";
  words.mx = "MX1.firm.example";
  words.reason = " as reported ";
  words.why = " renewed ";
  return words;
}

TEST(WaiverOf, TakesTheGroupAsReported) {
  const auto waiver = WaiverOf(Words(), "root", kNow);
  ASSERT_TRUE(waiver.has_value()) << waiver.error().message;
  EXPECT_EQ(waiver->reporter, "google.com");
  EXPECT_EQ(waiver->mx, "MX1.firm.example");
  EXPECT_EQ(waiver->reason, " as reported ");
  EXPECT_EQ(waiver->why, "renewed");
  EXPECT_EQ(waiver->who, "root");
  EXPECT_EQ(waiver->made_at, kNow);
  EXPECT_FALSE(waiver->until);
}

struct Row {
  const char* why;
  std::function<void(WaiverWords&)> change;
  const char* message;  // empty: taken
};

const Row kRows[] = {
    {"nothing more", [](auto&) {}, ""},
    {"nobody by name", [](auto& w) { w.reporter = ""; }, ""},
    {"in another spelling", [](auto& w) { w.reporter = "Google.COM."; }, ""},
    {"no MX", [](auto& w) { w.mx = ""; }, ""},
    {"a type nobody knows", [](auto& w) { w.result_type = "Some_Type"; }, ""},
    {"the last day there is",
     [](auto& w) {
       w.until = "2027-02-24";
       w.max_sessions = 1000;
     },
     ""},
    {"a day later",
     [](auto& w) {
       w.until = "2027-02-25";
       w.max_sessions = 1;
     },
     "90 days"},
    {"yesterday",
     [](auto& w) {
       w.until = "2026-11-25";
       w.max_sessions = 1;
     },
     "past"},
    {"no such day",
     [](auto& w) {
       w.until = "2026-02-30";
       w.max_sessions = 1;
     },
     "2026-02-30"},
    {"the future without a number", [](auto& w) { w.until = "2026-12-01"; }, "both"},
    {"a number without the future", [](auto& w) { w.max_sessions = 1; }, "both"},
    {"a host of the reporter", [](auto& w) { w.reporter = "mail.google.com"; },
     "google.com's"},
    {"a public suffix", [](auto& w) { w.reporter = "co.uk"; }, "no reporter"},
    {"no domain", [](auto& w) { w.reporter = "a b"; }, "reporter"},
    {"no type", [](auto& w) { w.result_type = ""; }, "result type"},
    {"no why", [](auto& w) { w.why = " "; }, "why"},
    {"what refuses nothing", [](auto& w) { w.result_type = "sts-policy-invalid"; },
     "refuses no mail"},
    {"what is looked at", [](auto& w) { w.result_type = "mx_hosts_ready"; },
     "cannot be waived"},
    {"and that", [](auto& w) { w.result_type = "id_in_step"; }, "cannot be waived"},
};

TEST(WaiverOf, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    WaiverWords words = Words();
    row.change(words);
    const auto waiver = WaiverOf(words, "root", kNow);
    ASSERT_EQ(waiver.has_value(), *row.message == '\0');
    if (!waiver) {
      EXPECT_THAT(waiver.error().message, HasSubstr(row.message));
    }
  }
}

TEST(AllIsSeen, OnlyWhatIsUnknownOfTheIntakeIsInTheWay) {
  Verdict verdict;
  verdict.criteria.resize(2);
  verdict.criteria[0].id = "sessions_seen";
  verdict.criteria[0].status = Status::kUnknown;
  Criterion& settled = verdict.criteria[1];
  settled.id = "intake_settled";
  settled.status = Status::kPass;
  EXPECT_TRUE(AllIsSeen(verdict).has_value());
  settled.status = Status::kUnknown;
  settled.sentence = "One is in quarantine.";
  settled.remedy = "Retry it.";
  const auto seen = AllIsSeen(verdict);
  ASSERT_FALSE(seen.has_value());
  EXPECT_EQ(seen.error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(seen.error().message.ends_with("One is in quarantine. Retry it."));
}

WaiverUse Use(const std::string& id, std::int64_t accepted_sessions) {
  WaiverUse use;
  use.waiver = *WaiverOf(Words(), "root", kNow);
  use.waiver.id = id;
  use.accepted_sessions = accepted_sessions;
  use.sentence = "Accepted by " + id + ".";
  return use;
}

TEST(SomethingIsLeft, OneThatAcceptsNothingMoreIsRefused) {
  Verdict verdict;
  EXPECT_TRUE(SomethingIsLeft(verdict));
  verdict.waivers = {Use("first", 3), Use("", 0)};
  const auto refused = SomethingIsLeft(verdict);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kMalformed);
  EXPECT_THAT(refused.error().message, HasSubstr("by waiver first. Accepted by first."));

  const struct {
    const char* why;
    std::function<void(Verdict&)> change;
  } kTaken[] = {
      {"it accepts some", [](Verdict& v) { v.waivers[1].accepted_sessions = 1; }},
      {"what is still to come",
       [](Verdict& v) { v.waivers[1].waiver.until = sys_days{2026y / December / 1}; }},
      {"the other accepts nothing",
       [](Verdict& v) { v.waivers[0].accepted_sessions = 0; }},
      {"another reporter", [](Verdict& v) { v.waivers[0].waiver.reporter = "mail.ru"; }},
      {"another type", [](Verdict& v) { v.waivers[0].waiver.result_type = "x"; }},
      {"another MX", [](Verdict& v) { v.waivers[0].waiver.mx = ""; }},
      {"another reason", [](Verdict& v) { v.waivers[0].waiver.reason = ""; }},
  };
  for (const auto& row : kTaken) {
    Verdict changed = verdict;
    row.change(changed);
    EXPECT_TRUE(SomethingIsLeft(changed)) << row.why;
  }
}

}  // namespace
}  // namespace tlsrpt::api
