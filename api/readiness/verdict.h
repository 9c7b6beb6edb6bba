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
};

struct Coverage {
  std::vector<ReporterCoverage> reporters;  // counted first, then by name
  std::vector<std::chrono::sys_days> evidence_days;
  std::string sentence;
};

// When the verdict could turn ready at the earliest, if everything stays clean.
struct EarliestReady {
  std::optional<std::chrono::sys_days> day;
  std::string sentence;  // what it hangs on and what would move it
};

enum class WaiverState { kInForce, kExpired, kOverrun, kWithdrawn, kInvalid };

// A waiver and what it does to this verdict.
struct WaiverUse {
  store::Waiver waiver;
  WaiverState state = WaiverState::kInForce;
  std::int64_t accepted_sessions = 0;
  std::int64_t later_sessions = 0;  // received since it was made, within its days
  std::string sentence;
};

struct MuteUse {
  store::Mute mute;
  bool in_force = false;
  std::string sentence;
};

struct Verdict {
  std::string domain;
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
