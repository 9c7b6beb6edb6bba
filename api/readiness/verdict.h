// The answer to "may this domain move to enforce?", with everything behind it.
//
// A value: Decide() makes it (decide.h), ToJson() and ToText() show it. Every sentence
// is meant for a mail administrator.
//
// Units    sessions; days are UTC dates, both ends included.
// Threads  a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/model/mute.h"
#include "store/model/vocabulary.h"
#include "store/model/waiver.h"

namespace tlsrpt::api {

enum class VerdictKind {
  kReady,
  kNotReady,              // a blocking criterion fails
  kInsufficientEvidence,  // none fails, but one cannot be answered
  kEnforcing,             // the policy is in enforce already; see Health
  kNotApplicable,         // no policy, or mode none
};

// Of an enforcing domain only.
enum class Health { kNone, kOk, kAtRisk };

// Of `ready` only.
enum class Confidence {
  kNone,
  kNormal,
  kLow,  // little mail: fewer reports, made up for by looks of our own
};

enum class Status {
  kPass,
  kFail,
  kUnknown,  // cannot be answered from what is there
  kWaived,   // fails, and somebody accepted exactly that
  kOff,      // not asked
};

enum class Severity { kBlocking, kAdvisory };

// Names and counts in the order they are shown.
using Numbers = std::vector<std::pair<std::string, std::int64_t>>;

struct Criterion {
  std::string id;  // DESIGN 6, first column
  Status status = Status::kUnknown;
  Severity severity = Severity::kBlocking;
  std::string sentence;
  Numbers numbers;
  // What it rests on: opaque references (ReferenceTo in case.h), newest first, at most
  // kMaxReferences.
  std::vector<std::string> evidence;
  std::string remedy;  // what to do; empty where nothing is to be done

  bool operator==(const Criterion&) const = default;
};

struct Window {
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;

  bool operator==(const Window&) const = default;
};

// At most `refused` of `sessions`, and what that says about the share.
struct UpperBound {
  std::int64_t refused = 0;
  std::int64_t sessions = 0;
  double share = 1;  // 95 % one-sided upper bound, if sessions were independent
  std::string sentence;

  bool operator==(const UpperBound&) const = default;
};

// What enforce would have refused since the window began, as every vouched reporter
// tells it: under `sts` or an unknown policy type.
struct Replay {
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;  // the day of the question
  std::int64_t sessions = 0;
  // A session may be refused at one MX and succeed at the next, so refusals at MX hosts
  // may exceed the sessions that failed.
  std::int64_t refused_sessions = 0;
  std::int64_t refusals = 0;
  // Refusals by each; the largest first, then by name. An empty MX or reporter name is
  // one that nobody gave. Days in order; a period of several days stands whole against
  // each of them, so the days may add up to more than `refusals`.
  Numbers by_reporter;
  Numbers by_mx;
  Numbers by_result_type;
  std::vector<std::pair<std::chrono::sys_days, std::int64_t>> by_day;
  std::optional<std::chrono::sys_days> first_refusal;
  std::optional<std::chrono::sys_days> last_refusal;
  UpperBound bound;
  std::string sentence;

  bool operator==(const Replay&) const = default;
};

// One vouched reporter's part of the window.
struct ReporterCoverage {
  std::string reporter;  // empty: vouched for by the operator, and nameless
  bool counted = false;
  std::vector<std::chrono::sys_days> days;  // of the window, with at least one session
  std::chrono::sys_days last_day;           // last day it reported on at all
  std::int64_t sessions = 0;                // under `sts`, in the window
  std::int64_t evidence_sessions = 0;       // those that count
  std::string cadence;                      // "daily", "most days", "some days", "silent"
  // Wrote daily up to this day, and has been silent since.
  std::optional<std::chrono::sys_days> fell_silent_after;

  bool operator==(const ReporterCoverage&) const = default;
};

struct Coverage {
  std::vector<ReporterCoverage> reporters;  // counted first, then by name
  std::vector<std::chrono::sys_days> evidence_days;
  std::string sentence;

  bool operator==(const Coverage&) const = default;
};

// When the verdict could turn ready at the earliest, if everything stays clean.
struct EarliestReady {
  std::optional<std::chrono::sys_days> day;
  std::string sentence;  // what it hangs on and what would move it

  bool operator==(const EarliestReady&) const = default;
};

// One policy as reported: mode, patterns and max_age; order, id and blanks do not matter.
struct PolicyVersion {
  store::PolicyMode mode = store::PolicyMode::kUnknown;
  std::vector<std::string> mx;
  std::optional<std::chrono::seconds> max_age;
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;
  std::int64_t sessions = 0;  // judged under it
  bool current = false;
  struct Sighting {
    std::string reporter;
    bool counted = false;
    std::chrono::sys_days first_day;
    std::chrono::sys_days last_day;
    std::int64_t sessions = 0;

    bool operator==(const Sighting&) const = default;
  };
  std::vector<Sighting> reporters;  // by name

  bool operator==(const PolicyVersion&) const = default;
};

struct PolicyChange {
  std::chrono::sys_days day;  // on which the newer one was first seen
  bool restarts_clock = false;
  std::string sentence;

  bool operator==(const PolicyChange&) const = default;
};

// Every policy that vouched reports name.
struct Timeline {
  std::vector<PolicyVersion> versions;  // by first day
  std::vector<PolicyChange> changes;    // from each version to the next
  std::vector<std::string> behind;      // counted reporters on an older cached policy
  std::string sentence;

  bool operator==(const Timeline&) const = default;
};

// A thing to do and how to see that it worked.
struct PlanStep {
  std::string title;
  std::string instruction;
  std::string text;  // exactly what to publish; may be empty
  std::string check;

  bool operator==(const PlanStep&) const = default;
};

enum class PlanKind { kEnforce, kRollback };

struct Rollback {
  std::string policy_file;
  std::string txt_record;
  std::vector<PlanStep> steps;
  std::chrono::seconds worst_case{0};  // from publishing it until no sender enforces
  std::string sentence;

  bool operator==(const Rollback&) const = default;
};

// The way to enforce with the way back, or the way back alone.
struct Plan {
  PlanKind kind = PlanKind::kEnforce;
  std::string policy_url;
  std::string txt_name;
  std::string id;
  bool from_reports = false;  // nobody saw the file that is served now
  // Empty for a rollback.
  std::string policy_file;
  std::string txt_record;
  std::vector<PlanStep> steps;
  Rollback rollback;

  bool operator==(const Plan&) const = default;
};

enum class WaiverState { kInForce, kExpired, kOverrun, kWithdrawn, kInvalid };

// A waiver and what it does to this verdict.
struct WaiverUse {
  store::Waiver waiver;
  WaiverState state = WaiverState::kInForce;
  std::int64_t accepted_sessions = 0;
  std::int64_t later_sessions = 0;  // received since it was made, within its days
  std::string sentence;

  bool operator==(const WaiverUse&) const = default;
};

struct MuteUse {
  store::Mute mute;
  bool in_force = false;
  std::string sentence;

  bool operator==(const MuteUse&) const = default;
};

struct Verdict {
  std::string domain;
  bool demo = false;  // made up by `tlsrptd demo`
  VerdictKind kind = VerdictKind::kInsufficientEvidence;
  Health health = Health::kNone;
  Confidence confidence = Confidence::kNone;
  bool live = true;  // false: by reports alone
  TimePoint as_of;
  Window window;
  std::string ruleset;
  std::string sentence;             // the verdict in one sentence
  std::vector<Criterion> criteria;  // in the order of DESIGN 6, each id once
  Replay replay;
  Coverage coverage;
  std::vector<WaiverUse> waivers;  // all that are held, oldest first
  std::vector<MuteUse> mutes;
  EarliestReady earliest_ready;
  Timeline timeline;
  std::optional<Plan> plan;
  std::vector<std::string> unsafe_settings;  // each weaker than its default

  bool operator==(const Verdict&) const = default;
};

// The spelling in JSON, SQL and text: "not_ready", "at_risk", "blocking", ...
std::string_view NameOf(VerdictKind kind);
std::string_view NameOf(Health health);          // "" for kNone
std::string_view NameOf(Confidence confidence);  // "" for kNone
std::string_view NameOf(Status status);
std::string_view NameOf(Severity severity);
std::string_view NameOf(WaiverState state);

// The criterion of that id, or nullptr.
const Criterion* Find(const Verdict& verdict, std::string_view id);

}  // namespace tlsrpt::api
