// Scenarios: is there enough evidence, and may more be on its way?

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/api/readiness/row.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using store::PolicyType;
using store::ResultType;
using namespace std::chrono_literals;  // NOLINT

constexpr auto kReady = VerdictKind::kReady;
constexpr auto kInsufficient = VerdictKind::kInsufficientEvidence;

const std::vector<std::string> kNoEvidence = {"policy_in_testing?",
                                              "testing_long_enough?", "days_covered?",
                                              "reporters_seen?", "sessions_seen?"};

// The clean fortnight whose last day is two days before that of `now`.
History CleanBefore(TimePoint now) {
  const auto offset =
      static_cast<int>((std::chrono::floor<days>(now) - days{2} - kDay0).count());
  return History::Clean(offset - 13, offset);
}

TimePoint At(int y, unsigned m, unsigned d, std::chrono::seconds time = 10h) {
  return sys_days{std::chrono::year{y} / std::chrono::month{m} / std::chrono::day{d}} +
         time;
}

ReadinessSettings Careless() {
  ReadinessSettings settings = ReportsOnly();
  settings.min_days_covered = settings.min_reporters = settings.min_reporter_days = 0;
  settings.min_sessions = settings.min_reporter_sessions = 0;
  settings.window_days = settings.recent_days = 0;
  return settings;
}

ReadinessSettings CountingNobody() {
  ReadinessSettings settings = ReportsOnly();
  settings.counted_reporters = {};
  return settings;
}

ReadinessSettings CountingTheNameless() {
  ReadinessSettings settings = ReportsOnly();
  settings.counted_reporters = {"", kGoogle};
  return settings;
}

TEST(Evidence, HowMuchIsEnough) {
  const Row rows[] = {
      {"14 clean days of two counted reporters", History::Clean(), kReady},
      {"the same, but nobody has looked at the live domain",
       History::Clean(),
       kInsufficient,
       {"policy_in_testing?", "policy_retrievable?", "dns_records_valid?",
        "policy_served?", "mx_hosts_ready?", "id_in_step?"},
       Live()},
      {"no reports at all", History(), kInsufficient, kNoEvidence},
      {"no reports at all, live",
       History(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?", "policy_retrievable?", "dns_records_valid?", "policy_served?",
        "mx_hosts_ready?", "id_in_step?"},
       Live()},
      {"settings of zero do not make ready out of nothing",
       History(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"},
       Careless()},
      {"nobody counted: clean reports of anybody are nothing", History::Clean(),
       kInsufficient, kNoEvidence, CountingNobody()},
      {"13 days: the first window day is not covered",
       History::Clean(-12, 0),
       kInsufficient,
       {"testing_long_enough?"}},
      {"testing seen before the window, first day without mail",
       History::Clean(-12, 0).Ok(kGoogle, -15, -15), kReady},
      {"evidence of the first window day by one reporter is enough for the clock",
       History::Clean(-12, 0).Ok(kGoogle, -13, -13), kReady},
      {"the first window day has only an empty report: no evidence",
       History::Clean(-12, 0).Ok(kGoogle, -13, -13, 0),
       kInsufficient,
       {"testing_long_enough?"}},
      {"10 days covered",
       History()
           .Ok(kGoogle, -13, -13)
           .Ok(kMicrosoft, -13, -13)
           .Ok(kGoogle, -8, 0)
           .Ok(kMicrosoft, -8, 0),
       kReady},
      {"9 days covered",
       History()
           .Ok(kGoogle, -13, -13)
           .Ok(kMicrosoft, -13, -13)
           .Ok(kGoogle, -7, 0)
           .Ok(kMicrosoft, -7, 0),
       kInsufficient,
       {"days_covered?"}},
      {"days after the window do not cover it: 9 and 2 more",
       History()
           .Ok(kGoogle, -13, -13)
           .Ok(kMicrosoft, -13, -13)
           .Ok(kGoogle, -7, 2)
           .Ok(kMicrosoft, -7, 2),
       kInsufficient,
       {"days_covered?"}},
      {"days before the window do not cover it",
       History()
           .Ok(kGoogle, -40, -13)
           .Ok(kMicrosoft, -40, -13)
           .Ok(kGoogle, -7, 0)
           .Ok(kMicrosoft, -7, 0),
       kInsufficient,
       {"days_covered?"}},
      {"11 days, nothing in the last 3",
       History::Clean(-13, -3),
       kInsufficient,
       {"days_covered?", "usual_reporters_in?"}},
      {"nothing in the last 3, a success on the day after the window",
       History::Clean(-13, -3).Ok(kGoogle, 1, 1),
       kInsufficient,
       {"days_covered?", "usual_reporters_in?"}},
      {"reports in the last 3 days, but without sessions",
       History::Clean(-13, -3).Ok(kGoogle, -2, 0, 0).Ok(kMicrosoft, -2, 0, 0),
       kInsufficient,
       {"days_covered?"}},
      {"one reporter", History().Ok(kGoogle, -13, 0), kInsufficient, {"reporters_seen?"}},
      {"the second reporter on 2 days",
       History().Ok(kGoogle, -13, 0).Ok(kMicrosoft, -1, 0),
       kInsufficient,
       {"reporters_seen?"}},
      {"the second reporter with 3 days and 3 sessions",
       History().Ok(kGoogle, -13, 0).Ok(kMicrosoft, -2, 0, 1),
       kInsufficient,
       {"reporters_seen?"}},
      {"the second reporter with 3 days and 5 sessions",
       History().Ok(kGoogle, -13, 0).Ok(kMicrosoft, -2, -1, 2).Ok(kMicrosoft, 0, 0, 1),
       kReady},
      {"99 sessions",
       History()
           .Ok(kGoogle, -13, 0, 6)
           .Ok(kMicrosoft, -13, -1, 1)
           .Ok(kMicrosoft, 0, 0, 2),
       kInsufficient,
       {"sessions_seen?"}},
      {"100 sessions",
       History()
           .Ok(kGoogle, -13, 0, 6)
           .Ok(kMicrosoft, -13, -1, 1)
           .Ok(kMicrosoft, 0, 0, 3),
       kReady},
      {"a counter-example of the design: none for 28 days is not ready",
       History::Clean(-60, -26),
       kInsufficient,
       {"policy_in_testing?", "days_covered?", "reporters_seen?", "sessions_seen?",
        "usual_reporters_in?"}},
  };
  Check(rows);
}

TEST(Evidence, WhoseAndWhatCounts) {
  const Row rows[] = {
      {"strangers: unvouched successes are nothing",
       History().Unvouched().Ok(kGoogle, -13, 0, 1000).Ok(kMicrosoft, -13, 0, 1000),
       kInsufficient, kNoEvidence},
      {"uncounted vouched successes do not help",
       History().Ok(kOther, -13, 0, 1000).Ok("other-site.example", -13, 0, 1000),
       kInsufficient, kNoEvidence},
      {"one counted reporter and an uncounted one",
       History().Ok(kGoogle, -13, 0, 1000).Ok(kOther, -13, 0, 1000),
       kInsufficient,
       {"reporters_seen?"}},
      {"vouched by the operator, but nameless, is not counted even if listed so",
       History().Ok(kGoogle, -13, 0, 1000).Ok("", -13, 0, 1000),
       kInsufficient,
       {"reporters_seen?"},
       CountingTheNameless()},
      {"Microsoft's sts and tlsa: the tlsa sessions are the same ones",
       History()
           .Ok(kGoogle, -13, 0, 3)
           .Ok(kMicrosoft, -13, 0, 4)
           .Type(PolicyType::kTlsa)
           .Ok(kMicrosoft, -13, 0, 4),
       kInsufficient,
       {"sessions_seen?"}},
      {"successes without a policy are not evidence",
       History::Clean(-13, -5)
           .Type(PolicyType::kNoPolicyFound)
           .Ok(kMailRu, -13, 0, 1000)
           .Ok(kGoogle, -4, 0, 0)
           .Ok(kMicrosoft, -4, 0, 0),
       kInsufficient,
       {"policy_in_testing?", "days_covered?"}},
      {"an unknown policy type is not evidence",
       History().Ok(kGoogle, -13, 0).Type(PolicyType::kOther).Ok(kMicrosoft, -13, 0),
       kInsufficient,
       {"reporters_seen?"}},
      {"rows without policy text are not evidence",
       History().Ok(kGoogle, -13, 0).NoPolicyText().Ok(kMicrosoft, -13, 0),
       kInsufficient,
       {"reporters_seen?"}},
      {"a policy of one of the MX hosts is another policy",
       History()
           .Ok(kGoogle, -13, 0)
           .FiledUnder("mx1.firm.example")
           .Ok(kMicrosoft, -13, 0),
       kInsufficient,
       {"reporters_seen?"}},
      {"a counter-example of the design: reports of any kind are not evidence",
       History()
           .Type(PolicyType::kTlsa)
           .Ok(kGoogle, -13, 0, 1000)
           .Ok(kMicrosoft, -13, 0, 1000),
       kInsufficient, kNoEvidence},
      {"a week-long report covers one day with its successes",
       History::Clean(-13, -8)
           .Ok(kGoogle, -2, -2, 100)
           .Period(-5, 1)
           .Ok(kMicrosoft, -2, -2, 100)
           .Period(-5, 1),
       kInsufficient,
       {"days_covered?"}},
  };
  Check(rows);

  const auto from_elsewhere = [](History history) {
    for (auto& row : history.evidence().rows) {
      if (row.reporter == kMicrosoft) row.from_known = false;
    }
    return history;
  };
  const Row elsewhere[] = {
      {"mail of a counted reporter from an address it does not report from",
       from_elsewhere(History::Clean()),
       kInsufficient,
       {"reporters_seen?"}},
      {"a failure in such a mail is one of a reporter that is not counted",
       from_elsewhere(History()
                          .Ok(kGoogle, -13, 0)
                          .Ok(kMailRu, -13, 0)
                          .Fail(kMicrosoft, -3, ResultType::kCertificateExpired)),
       kInsufficient,
       {"uncorroborated_failures?"}},
      {"a policy text in such a mail decides nothing",
       from_elsewhere(History()
                          .Ok(kGoogle, -13, 0)
                          .Ok(kMailRu, -13, 0)
                          .Enforce({"mx1.firm.example"})
                          .Ok(kMicrosoft, -3, 0)),
       kReady},
  };
  Check(elsewhere);

  // One report that two counted reporters claim is one report.
  History twice = History().Ok(kGoogle, -13, 0);
  for (int i = 0; i < 14; ++i) {
    store::EvidenceRow copy = twice.evidence().rows[static_cast<std::size_t>(i)];
    copy.reporter = kMicrosoft;
    twice.evidence().rows.push_back(copy);
  }
  const Verdict verdict = Decide(twice, ReportsOnly(), kNow);
  EXPECT_EQ(InTheWay(verdict), std::vector<std::string>{"reporters_seen?"});
}

TEST(Evidence, DaysAreUtcDates) {
  const Row rows[] = {
      {"asked in the first microsecond of the day: the window has not moved yet",
       History::Clean(),
       kReady,
       {},
       ReportsOnly(),
       kDay0 + days{2} + 0us},
      {"the last microsecond of the day",
       History::Clean(),
       kReady,
       {},
       ReportsOnly(),
       kDay0 + days{3} - 1us},
      {"the next midnight: yesterday's last day is awaited",
       History::Clean(),
       kInsufficient,
       {"usual_reporters_in?"},
       ReportsOnly(),
       kDay0 + days{3} + 0us},
      {"the last microsecond of the day before: day 0 is not in the window yet",
       History::Clean(),
       kInsufficient,
       {"testing_long_enough?"},
       ReportsOnly(),
       kDay0 + days{2} - 1us},
      {"a window over 29 February",
       CleanBefore(At(2028, 3, 9)),
       kReady,
       {},
       ReportsOnly(),
       At(2028, 3, 9)},
      {"a window over the end of February of a common year",
       CleanBefore(At(2027, 3, 9)),
       kReady,
       {},
       ReportsOnly(),
       At(2027, 3, 9)},
      {"a window over the end of the year",
       CleanBefore(At(2027, 1, 6)),
       kReady,
       {},
       ReportsOnly(),
       At(2027, 1, 6)},
      {"a leap day without reports is a day: 13 of 14",
       History::Clean(static_cast<int>((sys_days{2028y / 2 / 24} - kDay0).count()),
                      static_cast<int>((sys_days{2028y / 2 / 28} - kDay0).count()))
           .Ok(kGoogle, static_cast<int>((sys_days{2028y / 3 / 1} - kDay0).count()),
               static_cast<int>((sys_days{2028y / 3 / 8} - kDay0).count()))
           .Ok(kMicrosoft, static_cast<int>((sys_days{2028y / 3 / 1} - kDay0).count()),
               static_cast<int>((sys_days{2028y / 3 / 8} - kDay0).count())),
       kReady,
       {},
       ReportsOnly(),
       At(2028, 3, 10)},
      {"a refusal dated tomorrow has happened: its sender's clock runs ahead",
       History::Clean().Fail(kGoogle, 3, ResultType::kCertificateExpired),
       VerdictKind::kNotReady,
       {"no_refused_sessions!"}},
      {"a later day than any report is accepted with",
       History::Clean().Fail(kGoogle, 5, ResultType::kCertificateExpired), kReady},
      {"no later day: successes after it",
       History::Clean(-13, -3).Ok(kGoogle, 3, 9),
       kInsufficient,
       {"days_covered?", "usual_reporters_in?"}},
      {"no later day: the policy of a long report whose day is later",
       History::Clean().Enforce({"mx1.firm.example"}).Ok(kGoogle, 5, 5).Period(2, 8),
       kReady},
      {"no later day: the successes of a long report whose day is later",
       History::Clean(-13, -3)
           .Ok(kGoogle, -2, 0, 0)
           .Ok(kMicrosoft, -2, 0, 0)
           .Ok(kGoogle, 3, 3)
           .Period(0, 6),
       kInsufficient,
       {"days_covered?"}},
      {"no later day: the policy of a later day",
       History::Clean().Enforce({"mx1.firm.example"}).Ok(kGoogle, 3, 3), kReady},
  };
  Check(rows);
}

TEST(Evidence, NoLaterDayThanThatOfAQuestionAboutThePast) {
  const auto history = History::Clean().Fail(kGoogle, 3, ResultType::kCertificateExpired);
  EXPECT_EQ(NameOf(Decide(history, ReportsOnly(), kNow, kNow + days{1}).kind), "ready");
  EXPECT_EQ(NameOf(Decide(history, ReportsOnly(), kNow, kNow).kind), "not_ready");
}

TEST(Evidence, MoreMayBeOnItsWay) {
  const TimePoint fresh = kNow - minutes{1};
  const TimePoint just_now = kNow - seconds{2};
  const TimePoint window_begin = Day(-13);
  const Row rows[] = {
      {"a usual reporter has not reported the last day",
       History().Ok(kGoogle, -13, 0).Ok(kMicrosoft, -13, -1),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"a third one that is late, while two suffice",
       History::Clean().Ok(kMailRu, -13, -1),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"7 of 14 days is usual",
       History::Clean().Ok(kMailRu, -7, -1),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"6 of 14 days is not", History::Clean().Ok(kMailRu, -6, -1), kReady},
      {"the day after is in, the last day is not",
       History::Clean().Ok(kMailRu, -13, -1).Ok(kMailRu, 1, 1),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"a daily reporter that fell silent before the window's middle",
       History::Clean().Ok(kMailRu, -27, -8),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"one that fell silent, but for what it says of an MX host",
       History::Clean()
           .Ok(kMailRu, -27, -8)
           .Type(PolicyType::kTlsa)
           .FiledUnder("mx1.firm.example")
           .Ok(kMailRu, -27, 0),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"one that fell silent as the window began",
       History::Clean().Ok(kMailRu, -27, -14),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"one that fell silent, and is muted",
       History::Clean().Ok(kMailRu, -27, -8).Mute(kMailRu), kReady},
      {"one that never was a daily one",
       History::Clean().Ok(kMailRu, -27, -20).Ok(kMailRu, -13, -8), kReady},
      {"an uncounted reporter is not waited for", History::Clean().Ok(kOther, -13, -1),
       kReady},
      {"an empty report for the last day is a report",
       History::Clean().Ok(kMailRu, -13, -1).Ok(kMailRu, 0, 0, 0), kReady},
      {"a report about DANE alone is a report",
       History::Clean().Ok(kMailRu, -13, -1).Type(PolicyType::kTlsa).Ok(kMailRu, 0, 0),
       kReady},
      {"what it says of an MX host is not its report about the domain",
       History::Clean()
           .Ok(kMailRu, -13, -1)
           .Type(PolicyType::kTlsa)
           .FiledUnder("mx1.firm.example")
           .Ok(kMailRu, 0, 0),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"nor is a mail from an address that it does not report from",
       [] {
         History history = History::Clean().Ok(kMailRu, -13, 0);
         history.Last().from_known = false;
         return history;
       }(),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"one that only ever speaks of an MX host is in with that",
       History::Clean()
           .Type(PolicyType::kTlsa)
           .FiledUnder("mx1.firm.example")
           .Ok(kMailRu, -13, 0),
       kReady},
      {"one that only ever speaks of an MX host, and is late",
       History::Clean()
           .Type(PolicyType::kTlsa)
           .FiledUnder("mx1.firm.example")
           .Ok(kMailRu, -13, -1),
       kInsufficient,
       {"usual_reporters_in?"}},
      {"a week-long report makes its sender usual",
       History::Clean().Ok(kMailRu, -4, -4).Period(-7, -1),
       kInsufficient,
       {"usual_reporters_in?"}},

      {"no node: what was imported is all there is", History::Clean(), kReady},
      {"a fresh heartbeat and an empty spool", History::Clean().Node(fresh), kReady},
      {"a heartbeat 10 minutes old", History::Clean().Node(kNow - minutes{10}), kReady},
      {"a heartbeat older than that",
       History::Clean().Node(kNow - minutes{10} - 1us),
       kInsufficient,
       {"intake_settled?"}},
      {"a heartbeat of the future: its clock is wrong, or ours is",
       History::Clean().Node(kNow + minutes{10} + 1us),
       kInsufficient,
       {"intake_settled?"}},
      {"our clock fell back three days, past a refusal",
       History::Clean()
           .Fail(kGoogle, 3, ResultType::kCertificateExpired)
           .Node(kNow + days{3}),
       VerdictKind::kNotReady,
       {"intake_settled?", "no_refused_sessions!"}},
      {"two clocks that differ by no more than that",
       History::Clean().Node(kNow + minutes{10}), kReady},
      {"one of two nodes is silent",
       History::Clean().Node(fresh).Node(kNow - hours{5}),
       kInsufficient,
       {"intake_settled?"}},
      {"an entry received since the window began",
       History::Clean().Node(fresh, 1, kNow - hours{1}),
       kInsufficient,
       {"intake_settled?"}},
      {"entries that are under way, as always where many come",
       History::Clean().Node(just_now, 40, kNow - seconds{10}), kReady},
      {"one that takes longer",
       History::Clean().Node(just_now, 1, kNow - seconds{10} - 1us),
       kInsufficient,
       {"intake_settled?"}},
      {"under way when the node was last heard of, a minute ago",
       History::Clean().Node(fresh, 1, fresh),
       kInsufficient,
       {"intake_settled?"}},
      {"under way by our clock, and not by the node's",
       History::Clean().Node(kNow + minutes{5}, 1, kNow - seconds{1}),
       kInsufficient,
       {"intake_settled?"}},
      {"from after the heartbeat: its clock fell back",
       History::Clean().Node(just_now, 1, just_now + 1us),
       kInsufficient,
       {"intake_settled?"}},
      {"one that waits for DNS, however shortly",
       [&] {
         History history = History::Clean().Node(just_now, 1, just_now);
         history.Intake().nodes.back().spool_waiting = 1;
         return history;
       }(),
       kInsufficient,
       {"intake_settled?"}},
      {"an entry received at the very begin of the window",
       History::Clean().Node(fresh, 1, window_begin),
       kInsufficient,
       {"intake_settled?"}},
      {"the only entry is older than the window: the clock may have been wrong",
       History::Clean().Node(fresh, 1, window_begin - 1us),
       kInsufficient,
       {"intake_settled?"}},
      {"a depth without an age",
       History::Clean().Node(fresh, 1),
       kInsufficient,
       {"intake_settled?"}},
      {"an age without a depth",
       History::Clean().Node(fresh, 0, kNow - hours{1}),
       kInsufficient,
       {"intake_settled?"}},
      {"what came while the domain was not ours has not been looked at again",
       [] {
         History history = History::Clean();
         history.Intake().vouched_foreign = 1;
         return history;
       }(),
       kInsufficient,
       {"intake_settled?"}},
      {"a vouched report in quarantine",
       [] {
         History history = History::Clean();
         history.Intake().vouched_quarantined = 1;
         return history;
       }(),
       kInsufficient,
       {"intake_settled?"}},
  };
  Check(rows);
}

// Asked today about a past day, a report that has not come within 72 hours is not coming;
// three days' silence stays unknown.
TEST(Evidence, AskedAboutThePast) {
  const History late = History::Clean().Ok(kMailRu, -13, -1);
  const History silent = History::Clean().Ok(kMailRu, -13, -3);
  const History two_days = History::Clean().Ok(kMailRu, -13, -2);
  const TimePoint end_of_window = Day(1);
  struct {
    const char* why;
    const History* history;
    TimePoint asked_at;
    VerdictKind want;
  } const rows[] = {
      {"72 h after the last day", &late, end_of_window + 72h, kInsufficient},
      {"past 72 h", &late, end_of_window + 72h + 1us, kReady},
      {"silent for two days, past 72 h", &two_days, end_of_window + 1000h, kReady},
      {"silent for three days, past 72 h", &silent, end_of_window + 1000h, kInsufficient},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict = Decide(*row.history, ReportsOnly(), kNow, row.asked_at);
    EXPECT_EQ(NameOf(verdict.kind), NameOf(row.want)) << verdict.sentence;
  }
  // Heartbeats are of the time of asking.
  History history = History::Clean().Node(kNow);
  EXPECT_EQ(Decide(history, ReportsOnly(), kNow, kNow + 24h).kind, kInsufficient);
}

// What came after `known_at` is left out; so it is not too late to wait for either.
TEST(Evidence, AskedWhatWasKnown) {
  const History late = History::Clean().Ok(kMailRu, -13, -1);
  const TimePoint end_of_window = Day(1);
  const TimePoint now = end_of_window + 120h;
  const struct {
    const char* why;
    TimePoint asked_at;
    std::optional<TimePoint> known_at;
    VerdictKind want;
  } rows[] = {
      {"at the time itself", kNow, {}, kInsufficient},
      {"days later, all that came since", now, {}, kReady},
      {"days later, what was known at the time", now, kNow, kInsufficient},
      {"what was known 72 h after the last day", now, end_of_window + 72h, kInsufficient},
      {"what was known past 72 h", now, end_of_window + 72h + 1us, kReady},
      {"what will be known: nobody knows more than now", kNow, now, kInsufficient},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict = Decide(late, ReportsOnly(), kNow, row.asked_at, row.known_at);
    EXPECT_EQ(NameOf(verdict.kind), NameOf(row.want)) << verdict.sentence;
  }
  // Heartbeats are of the time of asking, whatever was known when.
  const History history = History::Clean().Node(now);
  EXPECT_EQ(Decide(history, ReportsOnly(), kNow, now, kNow).kind, kReady);
}

}  // namespace
}  // namespace tlsrpt::api
