// From a report to the rows it becomes: identity, day, own domains, counting.
//
// Errors   kMalformed with a sentence that names what is wrong: a period that is
//          reversed, longer than kMaxPeriod, in the future or past the retention; no
//          policy, a policy without a domain, or one with too many MX hosts of ours.
//          The whole report is then
//          quarantined: what cannot be told apart may be failures of ours.
// Threads  pure functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/model/filed_report.h"
#include "store/model/own_domains.h"
#include "store/model/report.h"
#include "store/model/vocabulary.h"
#include "store/model/vouching.h"

namespace tlsrpt::store {

// RFC 8460, 4.1 asks for a UTC day; an anonymised Google report of a week is known.
inline constexpr std::chrono::hours kMaxPeriod{8 * 24};
// Up to here a period is one day, however its ends are rounded; beyond it failures
// stand against every day it overlaps.
inline constexpr std::chrono::hours kMaxOneDayPeriod{36};
// A sender's clock may run ahead, and its day ends up to 14 hours before ours.
inline constexpr std::chrono::hours kMaxFuture{48};
// Reports are kept this long by default; older ones would be dropped at once.
inline constexpr std::chrono::months kDefaultReportRetention{25};

// An entry is filed under each MX host of ours in it, with all its details: so many times
// at most, or one mail could fill a disk. No sender is known that names two.
inline constexpr std::size_t kMaxFilingNames = 10;

struct FilingContext {
  Provenance provenance = Provenance::kNone;
  std::string reporter;
  std::int32_t report_ix = 0;
  TimePoint now;  // a period that ends long after it is in the future
  std::chrono::months retention = kDefaultReportRetention;
  Vouching vouching = {};
  // A mail that a counted reporter signed and that is not from an address it reports from
  // (an invitation, a notification: such have a stranger's words in them). It is no copy
  // of what the reporter says itself, and must not be there in its place.
  bool from_elsewhere = false;
  // When it came, where that is not now: a report that was young enough then is not too
  // old because it is looked at again.
  std::optional<TimePoint> received_at = std::nullopt;
  // When it is written, where that may be days after it came: what it is about may be in
  // a month that has been dropped meanwhile.
  std::optional<TimePoint> written_at = std::nullopt;
};

struct Filing {
  std::vector<FiledReport> filed;            // ours, one per policy domain, sorted by it
  std::vector<std::string> foreign_domains;  // sorted, each once
  // MX hosts that `tlsa` results name and that are not ours, and the patterns for them:
  // the results are filed under such a one once it is, those that are filed already as
  // well.
  std::vector<std::string> foreign_mx_hosts;
};

// The first day still kept: the same date so many months ago, or the last of that month
// where it has no such date.
std::chrono::sys_days OldestDay(TimePoint now, std::chrono::months retention);

// Sorts the results of `report` by the names they are filed under, which become their
// policy_domain; within a domain they keep the order of the report. What is filed under
// an MX host of ours is not foreign, whatever domain the sender wrote. They are moved out
// of `report`, but where there is an error it is left as it was.
//
// A result at several MX hosts of ours is filed under each, as it is: it does not say
// which of them failed, and not every domain has all of them. What is filed under a name
// depends on that name alone, so that the same report is known again whatever else is
// ours by then.
Result<Filing> FileReport(Report&& report, const OwnDomains& own,
                          const FilingContext& context);

// The first 16 bytes of SHA-256 over organisation, report-id, period start and end, and
// policy domain, each with its length (DESIGN 4, Identity).
Uuid ReportKey(const Report& report, std::string_view policy_domain);

// UTC date of the middle of a period: robust to ends at 23:59:59 and at midnight.
std::chrono::sys_days DayOf(std::chrono::sys_seconds start, std::chrono::sys_seconds end);

// Sessions of one report and policy domain, counted once.
struct SessionCounts {
  std::int64_t success = 0;
  std::int64_t failure = 0;
  std::int64_t unexplained = 0;

  bool operator==(const SessionCounts&) const = default;
};

// The sum over the entries of one policy type. Each sum stops at kMaxSessions.
SessionCounts CountOf(const std::vector<PolicyResult>& results, PolicyType type);

// Distinct sessions: no-policy-found + other + max(sts, tlsa). Microsoft reports the
// same sessions under `sts` and `tlsa`, so those two never add up. Where the two differ
// the larger number of sessions and the larger number of failures are taken.
SessionCounts DistinctSessions(const std::vector<PolicyResult>& results);

}  // namespace tlsrpt::store
