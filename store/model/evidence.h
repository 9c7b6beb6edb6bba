// Everything the verdict on one domain is made of: what store/queries reads, what
// api/readiness decides on. A value without behaviour.
//
// Vouched and unvouched rows are both here, apart by `vouched`. Of the rows with one
// report_key only those of the copy that counts are here (store/model/vouching.h).
//
// Units    sessions; days are UTC dates, both ends included.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "store/model/mute.h"
#include "store/model/observation.h"
#include "store/model/report.h"
#include "store/model/vocabulary.h"
#include "store/model/waiver.h"

namespace tlsrpt::store {

// Failures of one policy result that look alike.
struct FailureGroup {
  ResultType result_type = ResultType::kOther;
  std::string result_type_text;
  std::string receiving_mx;  // empty where the reporter does not say
  std::string reason;
  std::int64_t failed_sessions = 0;

  auto operator<=>(const FailureGroup&) const = default;
};

struct EvidenceRow {
  Uuid report_key;
  std::string filed_under;  // the domain, or one of its MX hosts (tlsa)
  std::chrono::sys_days day;
  // The days its failures stand against; both equal `day` for a one-day period.
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;
  std::string reporter;
  bool vouched = false;
  // False: a mail that is not from an address its reporter reports from. It says what its
  // signer says, and does not count for a counted reporter.
  bool from_known = true;
  TimePoint received_at;  // by the clock of the node
  // By that of the database, which gives waivers their time. Empty: no waiver is older,
  // or it was before that was kept.
  std::optional<TimePoint> written_at;
  PolicyType policy_type = PolicyType::kOther;
  std::optional<Uuid> policy_hash;  // empty: the reporter gave no policy text
  std::int64_t success_sessions = 0;
  std::int64_t failure_sessions = 0;
  std::int64_t unexplained_sessions = 0;
  std::vector<FailureGroup> failures;  // of the details; unexplained ones are not here
};

// The state of intake that could make the evidence incomplete.
struct IntakeState {
  struct Node {
    std::string name;
    TimePoint heartbeat_at;
    std::int64_t spool_depth = 0;
    // By the node's own clock, as heartbeat_at.
    std::optional<TimePoint> oldest_entry_at;
    std::int64_t spool_waiting = 0;  // of spool_depth, for DNS
    Uuid spool_id = {};
    // When these were read in the spool itself; nothing: its heartbeat told them.
    std::optional<TimePoint> spool_read_at = {};
  };
  std::vector<Node> nodes;
  // Receipts in quarantine that may hold a report about the domain that counts
  // (MayHoldBack, store/model/receipt.h).
  std::int64_t vouched_quarantined = 0;
  // Receipts that were taken in while the domain was not ours, or one of its MX hosts was
  // not, and that wait to be looked at again.
  std::int64_t vouched_foreign = 0;
};

struct Evidence {
  std::string domain;
  std::vector<EvidenceRow> rows;  // sorted by day, reporter, report_key
  // As much that nobody vouches for is here as is read (store/queries): there may be
  // more, of older days.
  bool unvouched_left_out = false;
  std::map<Uuid, PolicyText> policy_texts;  // each policy_hash of vouched rows
  IntakeState intake;
  // Of the last two months; a store may thin older ones out to one a day and each that
  // differs. In any order.
  std::vector<Observation> observations;
  std::vector<Waiver> waivers;
  std::vector<Mute> mutes;
};

}  // namespace tlsrpt::store
