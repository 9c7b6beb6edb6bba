#include "ingest/demo/demo.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/day.h"
#include "ingest/demo/dice.h"
#include "ingest/demo/looks.h"
#include "ingest/demo/senders.h"
#include "store/model/demo.h"

namespace tlsrpt::ingest {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;

// One sender's habits towards one domain.
struct Habit {
  Sender sender;
  std::int64_t sessions;  // on a working day
  // Not by chance: who reports on half of the days is awaited for each, and rare mail
  // could by luck be enough for a verdict.
  int every_days = 1;
};

// Failures under `sts` from some day on, at the last MX host. Days are those before the
// demo began.
struct Trouble {
  LiveFault fault = LiveFault::kNone;
  store::ResultType result_type = store::ResultType::kOther;
  int since_days_ago = 0;
  int failing_in_hundred = 0;  // sessions
};

struct Story {
  std::string_view name;
  std::string_view words;
  store::PolicyMode mode;
  bool dane;
  std::vector<Habit> habits;
  Trouble trouble = {};
};

std::vector<Story> Stories() {
  using store::PolicyMode;
  using store::ResultType;
  const std::vector<Habit> everybody = {{Sender::kGoogle, 420},
                                        {Sender::kMicrosoft, 260},
                                        {Sender::kMailRu, 45},
                                        {Sender::kComcast, 30, 3},
                                        {Sender::kPostfix, 12}};
  const std::vector<Habit> the_big_ones = {
      {Sender::kGoogle, 310}, {Sender::kMicrosoft, 150}, {Sender::kMailRu, 25}};
  return {
      {"ready", "weeks of clean testing", PolicyMode::kTesting, true, everybody},
      {"expired-certificate",
       "the certificate of one MX has expired",
       PolicyMode::kTesting,
       true,
       everybody,
       {LiveFault::kCertificateExpired, ResultType::kCertificateExpired, 7, 30}},
      // A session or two every ninth day: of 28 days four at most, and 10 are wanted.
      {"too-few-reports",
       "hardly any mail",
       PolicyMode::kTesting,
       false,
       {{Sender::kGoogle, 2, 9}}},
      {"enforcing", "enforces, and all is well", PolicyMode::kEnforce, false,
       the_big_ones},
      {"at-risk",
       "enforces, and one MX has lost STARTTLS",
       PolicyMode::kEnforce,
       false,
       the_big_ones,
       {LiveFault::kStarttlsMissing, ResultType::kStarttlsNotSupported, 4, 20}},
  };
}

// The hour at which a look is taken.
constexpr hours kLookHour{6};
// Senders spread their reports over the day after (RFC 8460, 5.5): between these.
constexpr hours kFirstReport{1};
constexpr int kReportSpreadMinutes = 10 * 60;
// Mail.ru once failed to fetch the policy of the domain that is ready: so long before the
// demo began, that nothing follows from it.
constexpr int kFetchErrorDaysAgo = 33;
// Somebody once wrote in Google's name that much of its mail was refused: nobody vouches
// for that, so nothing follows from it either.
constexpr int kForgedDaysAgo = 5;
constexpr int kForgedSessions = 60;
constexpr int kForgedFailures = 40;

class Teller {
 public:
  Teller(const Story& story, TimePoint begun_at, TimePoint now)
      : story_(story),
        now_(now),
        begun_on_(std::chrono::floor<days>(begun_at)),
        today_(std::chrono::floor<days>(now)),
        site_{.domain = std::string(story.name) + "." + std::string(store::kDemoParent),
              .mx = {},
              .mode = story.mode,
              .dane = story.dane,
              .fault = story.trouble.fault,
              .fault_since = begun_on_ - days{story.trouble.since_days_ago} + hours{12}} {
    site_.mx = {"mx1." + site_.domain, "mx2." + site_.domain};
  }

  DemoDomain Tell() const {
    DemoDomain told{.domain = site_.domain,
                    .story = std::string(story_.words),
                    .mx_hosts = {site_.mx.begin(), site_.mx.end()},
                    .reports = {},
                    .looks = {}};
    for (int ago = kDemoDays; ago >= 1; --ago) {
      for (const Habit& habit : story_.habits) {
        if (auto report = Report(habit, ago)) told.reports.push_back(*std::move(report));
      }
      if (auto report = Forged(ago)) told.reports.push_back(*std::move(report));
      told.looks.push_back(LookAt(site_, today_ - days{ago} + kLookHour));
    }
    told.looks.push_back(LookAt(site_, now_));
    return told;
  }

 private:
  std::optional<DemoReport> Report(const Habit& habit, int ago) const {
    const sys_days day = today_ - days{ago};
    const std::string words =
        std::string(NameOf(habit.sender)) + "|" + site_.domain + "|" + DateText(day);
    if (day.time_since_epoch().count() % habit.every_days != 0) return std::nullopt;
    const TimePoint received_at = ReceivedAt(day, words);
    if (received_at > now_) return std::nullopt;  // still on its way

    ToldDay told = Day(day, Sessions(habit, day, words));
    told.failure = FailureOf(habit, day, told.sessions);
    return DemoReport{received_at, ReportOf(habit.sender, told)};
  }

  std::optional<DemoReport> Forged(int ago) const {
    const sys_days day = today_ - days{ago};
    if (!Happened(day, kForgedDaysAgo)) return std::nullopt;
    const TimePoint received_at =
        ReceivedAt(day, "forged|" + site_.domain + "|" + DateText(day));
    if (received_at > now_) return std::nullopt;
    ToldDay told = Day(day, kForgedSessions);
    told.failure = ToldFailure{store::ResultType::kCertificateNotTrusted,
                               site_.mx.front(), kForgedFailures, ""};
    return DemoReport{received_at, ReportOf(Sender::kForger, told), /*vouched=*/false};
  }

  // What happened once, and only to the domain that is ready.
  bool Happened(sys_days day, int days_before_it_began) const {
    return story_.trouble.fault == LiveFault::kNone && story_.dane &&
           day == begun_on_ - days{days_before_it_began};
  }

  static TimePoint ReceivedAt(sys_days day, const std::string& words) {
    return day + days{1} + kFirstReport +
           minutes{static_cast<int>(Dice(words + "|time") % kReportSpreadMinutes)};
  }

  ToldDay Day(sys_days day, std::int64_t sessions) const {
    return {.domain = site_.domain,
            .day = day,
            .mode = story_.mode,
            .mx = site_.mx,
            .dane = story_.dane,
            .sessions = sessions,
            .failure = {}};
  }

  // A fifth up or down, and less at weekends.
  static std::int64_t Sessions(const Habit& habit, sys_days day,
                               const std::string& words) {
    const std::chrono::weekday weekday(day);
    const bool weekend =
        weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
    const auto percent = static_cast<std::int64_t>(80 + Dice(words + "|sessions") % 41);
    return std::max<std::int64_t>(habit.sessions * percent * (weekend ? 4 : 10) / 1000,
                                  1);
  }

  std::optional<ToldFailure> FailureOf(const Habit& habit, sys_days day,
                                       std::int64_t sessions) const {
    const Trouble& trouble = story_.trouble;
    if (trouble.fault == LiveFault::kNone) {
      if (habit.sender == Sender::kMailRu && Happened(day, kFetchErrorDaysAgo)) {
        return ToldFailure{store::ResultType::kStsPolicyFetchError, "", 1,
                           "bad https response code: 503"};
      }
      return std::nullopt;
    }
    // Comcast happened to use the other MX, and Postfix goes by DANE.
    if (day <= begun_on_ - days{trouble.since_days_ago} ||
        habit.sender == Sender::kComcast || habit.sender == Sender::kPostfix) {
      return std::nullopt;
    }
    return ToldFailure{
        trouble.result_type, site_.mx.back(),
        std::max<std::int64_t>(sessions * trouble.failing_in_hundred / 100, 1), ""};
  }

  const Story& story_;
  const TimePoint now_;
  const sys_days begun_on_;
  const sys_days today_;
  DemoSite site_;
};

}  // namespace

std::vector<DemoDomain> MakeDemo(TimePoint begun_at, TimePoint now) {
  std::vector<DemoDomain> demo;
  for (const Story& story : Stories()) {
    demo.push_back(Teller(story, begun_at, now).Tell());
  }
  return demo;
}

}  // namespace tlsrpt::ingest
