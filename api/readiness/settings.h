// The numbers the readiness rules are made of, with their reasons (DESIGN 6).
//
// The defaults are the promise. A process setting that weakens one of them has `unsafe`
// in its name; that is the business of whoever fills this struct. Decide() itself
// never lets a minimum fall below one: no setting makes "ready" out of nothing.
//
// Units    days are whole UTC days; sessions as RFC 8460 counts them.
// Threads  a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace tlsrpt::api {

// Names the rules and their meaning. Kept with every stored verdict, so that an old
// answer can be told from one that newer rules would give. Change it with the rules.
inline constexpr std::string_view kRuleset = "reports-1";

struct ReadinessSettings {
  // Two weeks of testing is what Google's guide and most others ask for, and it holds
  // two of everything that happens weekly.
  int window_days = 14;
  // The window ends this many days before today, at 24:00: reports for a day arrive up
  // to a day and a half after it.
  int settle_days = 2;

  // Of the window: a weekend without mail may be missing from each week.
  int min_days_covered = 10;
  // One covered day must lie in the last so many days of the window: two good weeks
  // that stopped say nothing about today.
  int recent_days = 3;

  // One sender's view of DNS and of our addresses is one view.
  int min_reporters = 2;
  // What makes a reporter more than a stray report.
  int min_reporter_days = 3;
  std::int64_t min_reporter_sessions = 5;
  // 0 refused of 100 still allows 3 % (bound.h); fewer says almost nothing.
  std::int64_t min_sessions = 100;

  // A counted reporter that reported on at least 1 / usual_divisor of the window's days
  // is usual: its report for the last day must be in before we answer.
  int usual_divisor = 2;
  // A report that has not come by now is not coming: RFC 8460, 5.5 lets a sender retry
  // for 24 hours, and senders spread theirs over the day after.
  std::chrono::hours late_report{72};

  // A node writes its heartbeat more often than this.
  std::chrono::minutes max_heartbeat_age{10};

  // Failures to get the policy may be this share of a reporter's sessions, in so many
  // days up to the window's end and since. They refuse nothing, so this one is a share.
  std::int64_t max_retrieval_failures_percent = 1;
  int retrieval_days = 7;

  // Enforcing: a refusal within so many days, or no evidence for so many, is a risk.
  int risk_days = 7;
  int risk_silent_days = 3;

  // Organisational domains whose successes may clear a domain
  // (store::CountedReporters()). Empty: nothing is ever ready.
  std::set<std::string> counted_reporters;

  // Also ask what only a look at the live domain can answer. False is `--reports-only`.
  bool live = true;
};

}  // namespace tlsrpt::api
