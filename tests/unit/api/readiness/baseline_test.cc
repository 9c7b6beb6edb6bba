// A setting under its plain name, and a longer window, only ever add conditions.

#include "api/readiness/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/readiness/settings_table.h"
#include "tests/unit/api/readiness/row.h"

namespace tlsrpt::api {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr auto kReady = VerdictKind::kReady;
constexpr auto kNotReady = VerdictKind::kNotReady;
constexpr auto kInsufficient = VerdictKind::kInsufficientEvidence;
constexpr auto kEnforcing = VerdictKind::kEnforcing;

ReadinessSettings With(ReadinessSettings settings, std::string_view name,
                       std::int64_t value) {
  if (name == "?window_days") {
    settings.min_window_days = static_cast<int>(value);
    return settings;
  }
  const auto applied = ApplySetting(settings, name, std::to_string(value));
  EXPECT_TRUE(applied.has_value()) << applied.error().message;
  return settings;
}

// 3 of 103 sessions of the last 7 days without the policy, 3 of 503 of the window.
History FewLately() {
  History history = History::Clean();
  history.Ok(kMailRu, -12, -12, 400).Ok(kMailRu, 0, 0, 100);
  return history.Fail(kMailRu, -1, store::ResultType::kStsPolicyFetchError, 3);
}

// Every second day: 7 of 14, 14 of 28.
History EverySecondDay(std::int64_t sessions = 10) {
  History history;
  for (int day = -30; day <= 0; day += 2) {
    history.Ok(kGoogle, day, day, sessions).Ok(kMicrosoft, day, day, sessions);
  }
  return history;
}

// 84 sessions in 14 days, 168 in 28.
History FewSessions() {
  return History().Ok(kGoogle, -30, 0, 3).Ok(kMicrosoft, -30, 0, 3);
}

// Microsoft reported on two days of the fortnight, and on two of the one before.
History SecondReporterNowAndThen() {
  History history = History().Ok(kGoogle, -30, 0, 10);
  for (const int day : {-20, -16, -9, -2}) history.Ok(kMicrosoft, day, day);
  return history;
}

// Nobody wrote for two weeks.
History SilentForAFortnight() { return History::Clean(-40, -12); }

History EnforcingAndSilent() {
  return History().Enforce({"mx1.firm.example"}).Ok(kGoogle, -40, -12);
}

// A report every fourth day for two months: 7 in 28 days, 15 in 62.
History LittleMail() {
  History history;
  for (int day = -62; day <= 0; day += 4) history.Ok(kGoogle, day, day, 3);
  return history.Looks(-13, 2);
}

struct Lenient {
  const char* why;
  History history;
  const char* name;  // "?window_days" is what a caller asks for
  std::int64_t value;
  VerdictKind want;
  std::vector<std::string> in_the_way;
  ReadinessSettings settings = ReportsOnly();
};

const Lenient kLenient[] = {
    {"the share of fetch errors is smaller over a longer time",
     FewLately(),
     "retrieval_days",
     14,
     kNotReady,
     {"policy_retrievable!"}},
    {"10 covered days are easier to find in four weeks",
     EverySecondDay(),
     "window_days",
     28,
     kInsufficient,
     {"days_covered?"}},
    {"and sessions", FewSessions(), "window_days", 28, kInsufficient, {"sessions_seen?"}},
    {"and reporters",
     SecondReporterNowAndThen(),
     "window_days",
     28,
     kInsufficient,
     {"reporters_seen?"}},
    {"a window that ends before the silence",
     SilentForAFortnight(),
     "settle_days",
     14,
     kInsufficient,
     {"days_covered?", "reporters_seen?", "sessions_seen?", "usual_reporters_in?"}},
    {"healthy, two weeks ago",
     EnforcingAndSilent(),
     "settle_days",
     14,
     kEnforcing,
     {"days_covered?", "reporters_seen?", "sessions_seen?", "usual_reporters_in?"}},
    {"little mail for two months",
     LittleMail(),
     "low_traffic_days",
     62,
     kInsufficient,
     {"days_covered?", "reporters_seen?", "sessions_seen?"},
     Live()},
    {"a caller's window: sessions",
     FewSessions(),
     "?window_days",
     28,
     kInsufficient,
     {"sessions_seen?"}},
    {"a caller's window: reporters",
     SecondReporterNowAndThen(),
     "?window_days",
     28,
     kInsufficient,
     {"reporters_seen?"}},
};

TEST(Baseline, WhatAloneWouldBeMoreLenient) {
  for (const Lenient& row : kLenient) {
    SCOPED_TRACE(row.why);
    const Verdict usual = Decide(row.history, row.settings, kNow);
    const Verdict set =
        Decide(row.history, With(row.settings, row.name, row.value), kNow);
    EXPECT_EQ(NameOf(usual.kind), NameOf(row.want)) << usual.sentence;
    EXPECT_EQ(NameOf(set.kind), NameOf(row.want)) << set.sentence;
    if (row.want == kEnforcing) {
      EXPECT_EQ(set.health, Health::kAtRisk) << set.sentence;
    } else {
      EXPECT_EQ(InTheWay(set), row.in_the_way);
    }
    ExpectWellFormed(set);
    EXPECT_THAT(set.sentence, EndsWith(" would be more lenient in this case."));
    // It is that verdict, all of it.
    Verdict same = set;
    same.sentence = usual.sentence;
    EXPECT_EQ(same, usual);
  }
}

TEST(Baseline, TheSentenceSaysByWhat) {
  const Verdict set =
      Decide(FewLately(), With(ReportsOnly(), "retrieval_days", 14), kNow);
  EXPECT_THAT(set.sentence,
              EndsWith(". Judged by the default settings, since those set here "
                       "(retrieval_days = 14) would be more lenient in this case."));
  const Verdict longer =
      Decide(FewSessions(), With(ReportsOnly(), "?window_days", 28), kNow);
  EXPECT_THAT(longer.sentence,
              EndsWith(". Judged by the usual window of 14 days, since the longer one "
                       "that was asked for would be more lenient in this case."));
}

TEST(Baseline, WhatIsStricterIsJudgedByItself) {
  const struct {
    const char* why;
    History history;
    const char* name;
    std::int64_t value;
    VerdictKind want;
  } rows[] = {
      {"more sessions", History::Clean(), "min_sessions", 1000, kInsufficient},
      {"enough of them", History::Clean(), "min_sessions", 200, kReady},
      {"a longer window is not there yet", History::Clean(), "window_days", 28,
       kInsufficient},
      {"a longer window is", History::Clean(-27), "window_days", 28, kReady},
      {"a caller's is not there yet", History::Clean(), "?window_days", 28,
       kInsufficient},
      {"a caller's is", History::Clean(-27), "?window_days", 28, kReady},
      {"a refusal that only the longer window has",
       History::Clean(-27).Fail(kGoogle, -20, store::ResultType::kCertificateExpired),
       "?window_days", 28, kNotReady},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict =
        Decide(row.history, With(ReportsOnly(), row.name, row.value), kNow);
    EXPECT_EQ(NameOf(verdict.kind), NameOf(row.want)) << verdict.sentence;
    EXPECT_THAT(verdict.sentence, Not(HasSubstr("Judged by")));
    if (verdict.kind == kReady && std::string_view(row.name) != "min_sessions") {
      EXPECT_EQ((verdict.window.last_day - verdict.window.first_day).count(), 27);
    }
  }
}

TEST(Baseline, WhatIsUnsafeStays) {
  ReadinessSettings settings = With(ReportsOnly(), "unsafe_min_sessions", 50);
  settings = With(settings, "retrieval_days", 14);
  settings.required_reporters = {kGoogle};
  settings.our_rua = {"mailto:tlsrpt@firm.example"};
  const ReadinessSettings baseline = BaselineOf(settings);
  ReadinessSettings want = settings;
  want.retrieval_days = 7;
  EXPECT_EQ(baseline, want);
  EXPECT_EQ(BaselineOf(baseline), baseline);

  const Verdict verdict = Decide(FewSessions(), settings, kNow);
  EXPECT_EQ(NameOf(verdict.kind), NameOf(kReady)) << verdict.sentence;
  const Verdict lenient = Decide(FewLately(), settings, kNow);
  EXPECT_EQ(NameOf(lenient.kind), NameOf(kNotReady)) << lenient.sentence;
  EXPECT_THAT(lenient.unsafe_settings,
              ElementsAre("unsafe_min_sessions = 50 (default 100)"));
}

// A longer window that a caller asks for has its own number of days; what the domain is
// judged by besides is named all the same.
TEST(Baseline, WhatIsUnsafeIsNamedWhateverTheWindow) {
  ReadinessSettings settings = With(ReportsOnly(), "unsafe_min_days_covered", 5);
  settings = With(settings, "?window_days", 28);
  const Verdict verdict = Decide(EverySecondDay(), settings, kNow);
  EXPECT_EQ(NameOf(verdict.kind), NameOf(kReady)) << verdict.sentence;
  EXPECT_THAT(verdict.unsafe_settings,
              ElementsAre("unsafe_min_days_covered = 5 (default 10)"));
  EXPECT_THAT(verdict.sentence, HasSubstr("unsafe_min_days_covered = 5"));
}

// The common case decides once.
TEST(Baseline, NoMoreRulesThanItTakes) {
  EXPECT_THAT(AllRulesOf(Live()), SizeIs(1));
  EXPECT_THAT(AllRulesOf(With(Live(), "unsafe_min_sessions", 50)), SizeIs(1));
  EXPECT_THAT(AllRulesOf(With(Live(), "?window_days", 14)), SizeIs(1));
  EXPECT_THAT(AllRulesOf(With(Live(), "min_sessions", 100)), SizeIs(1));
  EXPECT_THAT(AllRulesOf(With(Live(), "min_sessions", 101)), SizeIs(2));
  EXPECT_THAT(AllRulesOf(With(Live(), "?window_days", 28)), SizeIs(2));
  const auto all = AllRulesOf(With(With(Live(), "window_days", 21), "?window_days", 28));
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].rules.window_days, 28);
  EXPECT_EQ(all[1].rules.window_days, 21);
  EXPECT_EQ(all[2].rules.window_days, 14);
}

TEST(WithWindow, ALongerOneIsCoveredAsWell) {
  const ReadinessSettings usual;
  EXPECT_EQ(WithWindow(usual, 0), usual);
  EXPECT_EQ(WithWindow(usual, 28).window_days, 28);
  EXPECT_EQ(WithWindow(usual, 28).min_days_covered, 20);
  EXPECT_EQ(WithWindow(usual, 15).min_days_covered, 11) << "rounded up";
  ReadinessSettings longer;
  longer.window_days = 42;
  EXPECT_EQ(WithWindow(longer, 28).window_days, 42) << "never shorter than what is set";
  longer.window_days = 0;
  EXPECT_EQ(WithWindow(longer, 28).window_days, 28);
}

TEST(IsWorse, FromGoodToBad) {
  const auto make = [](VerdictKind kind, Confidence confidence, Health health) {
    Verdict verdict;
    verdict.kind = kind;
    verdict.confidence = confidence;
    verdict.health = health;
    return verdict;
  };
  const Verdict in_order[] = {
      make(kReady, Confidence::kNormal, Health::kNone),
      make(kReady, Confidence::kLow, Health::kNone),
      make(kEnforcing, Confidence::kNone, Health::kOk),
      make(VerdictKind::kNotApplicable, Confidence::kNone, Health::kNone),
      make(kInsufficient, Confidence::kNone, Health::kNone),
      make(kNotReady, Confidence::kNone, Health::kNone),
      make(kEnforcing, Confidence::kNone, Health::kAtRisk),
  };
  for (std::size_t a = 0; a < std::size(in_order); ++a) {
    for (std::size_t b = 0; b < std::size(in_order); ++b) {
      EXPECT_EQ(IsWorse(in_order[a], in_order[b]), a > b) << a << " and " << b;
    }
  }
}

// At least as strict as the default: the default, a little more, much more, the most.
std::vector<std::int64_t> PlainValues(const SettingRow& row) {
  const std::int64_t standard = row.get(ReadinessSettings{});
  const std::int64_t most = row.less_is_weaker ? row.max : row.min;
  const std::int64_t step = row.less_is_weaker ? 1 : -1;
  std::set<std::int64_t> values = {standard, most, standard + (most - standard) / 2};
  for (const std::int64_t by : {std::int64_t{1}, standard / 2, standard}) {
    values.insert(std::clamp(standard + step * by, row.min, row.max));
  }
  return {values.begin(), values.end()};
}

TEST(Baseline, NoPlainSettingMakesAnAnswerBetter) {
  const struct {
    const char* why;
    History history;
    ReadinessSettings settings;
  } rows[] = {
      {"clean", History::Clean(), ReportsOnly()},
      {"clean for long, and looks", History::Clean(-60).Looks(-13, 2), Live()},
      {"clean, and nobody looked", History::Clean(), Live()},
      {"nothing at all", History(), ReportsOnly()},
      {"fetch errors", FewLately(), ReportsOnly()},
      {"every second day", EverySecondDay(), ReportsOnly()},
      {"every second day, and looks", EverySecondDay(1).Looks(-13, 2), Live()},
      {"few sessions", FewSessions(), ReportsOnly()},
      {"few reporters", SecondReporterNowAndThen(), ReportsOnly()},
      {"silent", SilentForAFortnight(), ReportsOnly()},
      {"silent, and looks", SilentForAFortnight().Looks(-13, 2), Live()},
      {"little mail", LittleMail(), Live()},
      {"enforcing, and silent", EnforcingAndSilent(), ReportsOnly()},
      {"enforcing, and an old refusal",
       History()
           .Enforce({"mx1.firm.example"})
           .Ok(kGoogle, -13, 0)
           .Fail(kGoogle, -6, store::ResultType::kCertificateExpired),
       ReportsOnly()},
      {"a refusal in the last days",
       History::Clean(-60).Fail(kGoogle, 1, store::ResultType::kCertificateExpired),
       ReportsOnly()},
      {"a usual reporter is late", History::Clean(-60, -1).Ok(kMailRu, -9, 0),
       ReportsOnly()},
      {"a node is silent", History::Clean().Node(kNow - std::chrono::hours{1}),
       ReportsOnly()},
      {"the policy changed",
       History::Clean(-60, -8).Testing({"mx1.firm.example"}).Ok(kGoogle, -7, 0),
       ReportsOnly()},
      {"a new MX host",
       [] {
         History history = History::Clean(-60);
         history.MxHosts({"mx1.firm.example"}).Looks(-50, -6);
         return history.MxHosts({"mx1.firm.example", "mx2.firm.example"}).Looks(-5, 2);
       }(),
       Live()},
  };
  int worse = 0;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict usual = Decide(row.history, row.settings, kNow);
    const auto try_it = [&](std::string_view name, std::int64_t value) {
      SCOPED_TRACE(std::string(name) + " = " + std::to_string(value));
      const Verdict set = Decide(row.history, With(row.settings, name, value), kNow);
      EXPECT_FALSE(IsWorse(usual, set)) << usual.sentence << "\n" << set.sentence;
      EXPECT_THAT(set.unsafe_settings, IsEmpty());
      if (IsWorse(set, usual)) ++worse;
    };
    for (const SettingRow& setting : SettingsTable()) {
      for (const std::int64_t value : PlainValues(setting)) try_it(setting.name, value);
    }
    for (const int days : {14, 15, 21, 28, 62}) try_it("?window_days", days);
  }
  EXPECT_GT(worse, 50) << "they do ask for more";
}

}  // namespace
}  // namespace tlsrpt::api
