// The numbers the readiness rules are made of, with their reasons (DESIGN 6).
//
// The defaults are the promise. A setting that weakens one of them has `unsafe` in its
// name (settings_table.h) and is named in every verdict made with it. What is set without
// it is asked on top of the defaults, never instead of them (baseline.h). Decide() itself
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
#include <vector>

namespace tlsrpt::api {

// Names the rules and their meaning. Kept with every stored verdict, so that an old
// answer can be told from one that newer rules would give. Change it with the rules.
inline constexpr std::string_view kRuleset = "2026-11-29.2";

// What an answer rests on, as answers and lists name it: `live`, looks at the domain too.
constexpr std::string_view BasisOf(bool live) { return live ? "live" : "reports"; }

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
  // (store::ReporterProfiles::Counted()). Empty: nothing is ever ready.
  std::set<std::string> counted_reporters;

  // Reporters that must be among those seen, whatever else is: the senders that matter
  // to this domain. Must be counted ones.
  std::set<std::string> required_reporters;

  // Also ask what only a look at the live domain can answer. False is `--reports-only`.
  bool live = true;
  // One look a day and some slack; an older one says nothing about now.
  std::chrono::hours max_observation_age{26};
  // A policy body that changed needs a fresh id by the TXT record's TTL and so much
  // later.
  std::chrono::hours id_slack{1};
  // A certificate with less left than this, or than a third of its life, is about to
  // fail: whatever renews it should have done so. A third is what ACME clients use.
  std::chrono::days min_certificate_left{7};
  // An MX host that was not seen for so long is a new one: nothing in testing spoke to
  // it.
  int mx_forget_days = 30;
  // Where our own reports should go: "mailto:..." and "https://..." of this program.
  // Empty: nobody asks whether the _smtp._tls record names it first.
  std::set<std::string> our_rua;
  // Of a vouched report; later the advice says so.
  int arrival_days = 3;

  // A domain with little mail: twice the window, fewer reports, and looks of our own.
  bool low_traffic = true;
  int low_traffic_days = 28;
  int low_traffic_min_days = 10;
  int low_traffic_min_reporters = 1;
  std::int64_t low_traffic_min_sessions = 20;
  // So many of the last days of looking passed.
  int low_traffic_probe_days = 14;
  int low_traffic_min_probe_days = 10;

  // A lone validation-failure without reason: at most so many a day, and of a thousand
  // sessions of its reporter. Such a one gets a waive command printed; it still blocks.
  std::int64_t lone_failures_a_day = 3;
  std::int64_t lone_failures_per_thousand = 1;

  // A longer window that somebody asks about: the answer has to hold for both.
  int min_window_days = 0;

  bool operator==(const ReadinessSettings&) const = default;
};

}  // namespace tlsrpt::api
