// The evidence, put in order once for all criteria: whose rows count, the policy, the
// looks at the live domain, what was waived, and the successes that are evidence.
//
// Threads  a value after construction. Lifetime: points into the evidence and settings.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/readiness/failures.h"
#include "api/readiness/live.h"
#include "api/readiness/policy_history.h"
#include "api/readiness/settings.h"
#include "api/readiness/verdict.h"
#include "api/readiness/waivers.h"
#include "base/clock.h"
#include "store/model/evidence.h"

namespace tlsrpt::api {

// Successes that count: of one counted reporter on one day.
using EvidenceDays = std::map<std::chrono::sys_days, std::map<std::string, std::int64_t>>;

class Case {
 public:
  // `settings` are used as they are, except that no minimum is below one.
  Case(const store::Evidence& evidence, const ReadinessSettings& settings, TimePoint now,
       TimePoint asked_at, TimePoint known_at);

  const store::Evidence& evidence;
  const ReadinessSettings settings;
  const TimePoint now;
  const TimePoint asked_at;
  const TimePoint known_at;  // the evidence holds nothing that was received later
  const std::chrono::sys_days today;
  const Window window;
  // The window and the days since, up to the day of the question.
  const Window window_and_since;
  const LiveView view;
  const std::vector<MuteUse> mutes;
  // Rows that begin no later than window_and_since ends, in one order whatever order they
  // came in, none of a muted reporter. Successes and policy texts of a row whose day is
  // later do not count.
  const std::vector<const store::EvidenceRow*> vouched;
  const std::vector<const store::EvidenceRow*> unvouched;
  const PolicyHistory policy;
  const EvidenceDays evidence_days;  // all days held, up to today

  // The mode that senders go by: of the policy served, else of the newest reports; empty
  // where that is unclear.
  std::optional<store::PolicyMode> mode() const;
  const std::vector<WaiverUse>& waivers() const { return waivers_; }

  bool IsCounted(const store::EvidenceRow& row) const;
  // Filed under the domain itself, not under one of its MX hosts.
  bool IsOwn(const store::EvidenceRow& row) const {
    return row.filed_under == evidence.domain;
  }
  // FailuresOf() of a row of `vouched` or `unvouched`, each with its standing.
  const std::vector<Failure>& Failures(const store::EvidenceRow& row) const;
  // The failures of `rows` that stand against `within`, chosen by `keep(row, failure)`.
  template <class Keep>
  FailureSum Sum(const std::vector<const store::EvidenceRow*>& rows, const Window& within,
                 Keep keep) const {
    FailureSum sum;
    for (const store::EvidenceRow* row : rows) {
      const auto& failures = Failures(*row);
      if (failures.empty()) continue;
      const auto days = DaysAgainst(*row, within);
      for (const Failure& failure : failures) {
        if (keep(*row, failure)) sum.Add(*row, failure, days);
      }
    }
    return sum;
  }
  // Of all vouched rows: those of one meaning that still stand in the way.
  FailureSum OpenSum(Meaning meaning, const Window& within) const {
    return Sum(vouched, within, [&](const store::EvidenceRow&, const Failure& failure) {
      return failure.meaning == meaning && failure.standing == Standing::kOpen;
    });
  }
  // The days up to today that rows of a counted reporter cover, whatever they say.
  enum class Filed { kOwn, kAnywhere };
  std::set<std::chrono::sys_days> ReportedDays(const std::string& reporter,
                                               Filed filed) const;
  // Rows of `evidence_days`, for references.
  std::vector<const store::EvidenceRow*> EvidenceRowsIn(const Window& within) const;
  // References to those of the window.
  const std::vector<std::string>& window_references() const { return references_; }

 private:
  std::vector<MuteUse> MutesOf() const;
  std::vector<const store::EvidenceRow*> RowsThat(bool vouched) const;
  void JudgeFailures();
  PolicyHistory MakePolicy() const;
  bool IsEvidence(const store::EvidenceRow& row) const;
  EvidenceDays MakeEvidenceDays() const;

  std::unordered_map<const store::EvidenceRow*, std::vector<Failure>> failures_;
  std::vector<WaiverUse> waivers_;
  std::vector<std::string> references_;
};

// What is in a window of the evidence.
struct EvidenceSum {
  std::int64_t sessions = 0;
  std::set<std::chrono::sys_days> days;
  struct Reporter {
    std::set<std::chrono::sys_days> days;
    std::int64_t sessions = 0;
  };
  std::map<std::string, Reporter> reporters;
};

EvidenceSum SumOf(const EvidenceDays& evidence, const Window& window);

// The reporters of `sum` with enough days and sessions to be one.
std::vector<std::string> SoundReporters(const EvidenceSum& sum,
                                        const ReadinessSettings& settings);

// The required reporters that are not among them.
std::vector<std::string> MissingRequired(const EvidenceSum& sum,
                                         const ReadinessSettings& settings);

// A reference to a row: the id of its report, as the API takes it
// (store/model/report_ref.h).
std::string ReferenceTo(const store::EvidenceRow& row, const std::string& domain);

// References longer than this help nobody; the numbers say how many there are.
inline constexpr std::size_t kMaxReferences = 100;

// Newest first, each once, at most kMaxReferences.
std::vector<std::string> ReferencesTo(std::vector<const store::EvidenceRow*> rows,
                                      const std::string& domain);
std::vector<std::string> ReferencesTo(const std::set<const store::EvidenceRow*>& rows,
                                      const std::string& domain);

}  // namespace tlsrpt::api
