#include "api/readiness/replay.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/readiness/bound.h"
#include "api/readiness/failures.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

using store::EvidenceRow;
using store::PolicyType;

Numbers LargestFirst(const std::map<std::string, std::int64_t>& counts) {
  Numbers sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::string SharesText(const Numbers& numbers, std::string (*name)(const std::string&)) {
  std::vector<std::string> parts;
  for (const auto& [key, count] : numbers) {
    parts.push_back(name(key) + " " + CountText(count));
  }
  return ListText(parts);
}

// "all at mx2.firm.example", or the share of each MX.
std::string MxSharesText(const Numbers& by_mx) {
  if (by_mx.size() > 1) return SharesText(by_mx, MxText);
  return by_mx.front().first.empty() ? MxText("") : "all at " + by_mx.front().first;
}

std::string Same(const std::string& name) { return name; }

std::string SentenceOf(const Replay& replay, const FailureSum& sum) {
  if (replay.refusals == 0) {
    return "Enforce would have refused none of " + Counted(replay.sessions, "session") +
           " since " + DayText(replay.first_day) + ".";
  }
  std::string text = Counted(replay.refusals, "refusal");
  if (replay.refused_sessions != replay.refusals) {
    text += " (" + Counted(replay.refused_sessions, "session") + " refused)";
  }
  text += " in " + Counted(replay.sessions, "session") + ": " +
          SharesText(replay.by_reporter, ReporterText) + "; " +
          MxSharesText(replay.by_mx) + ", " +
          (replay.by_result_type.size() == 1 ? replay.by_result_type.front().first
                                             : SharesText(replay.by_result_type, Same)) +
          ", " + DaysText(sum.Days());
  return text + (*replay.last_refusal < replay.last_day ? "; none since." : ".");
}

}  // namespace

Replay ReplayOf(const Case& c) {
  Replay replay;
  replay.first_day = c.window_and_since.first_day;
  replay.last_day = c.window_and_since.last_day;

  // What was waived was refused all the same.
  const FailureSum sum = c.Sum(c.vouched, c.window_and_since,
                               [](const EvidenceRow&, const Failure& failure) {
                                 return failure.meaning == Meaning::kRefused;
                               });
  std::int64_t counted_refusals = 0;
  for (const EvidenceRow* row : c.vouched) {
    const bool judged = c.IsOwn(*row) && (row->policy_type == PolicyType::kSts ||
                                          row->policy_type == PolicyType::kOther);
    if (!judged) continue;
    if (Contains(c.window_and_since, row->day)) replay.sessions += row->success_sessions;
    if (DaysAgainst(*row, c.window_and_since).empty()) continue;
    const std::int64_t refusals = SessionsOf(c.Failures(*row), Meaning::kRefused);
    const std::int64_t failed =
        std::max(row->failure_sessions, row->unexplained_sessions);
    replay.sessions += failed;
    replay.refused_sessions += std::min(refusals, failed);
    if (c.IsCounted(*row)) counted_refusals += refusals;
  }
  replay.refusals = sum.sessions;
  replay.by_reporter = LargestFirst(sum.by_reporter);
  replay.by_mx = LargestFirst(sum.by_mx);
  replay.by_result_type = LargestFirst(sum.by_type);
  replay.by_day = {sum.by_day.begin(), sum.by_day.end()};
  if (!sum.by_day.empty()) {
    replay.first_refusal = sum.by_day.begin()->first;
    replay.last_refusal = sum.by_day.rbegin()->first;
  }
  // Only what counts may narrow the bound.
  replay.bound = BoundOf(counted_refusals,
                         SumOf(c.evidence_days, c.window).sessions + counted_refusals);
  replay.sentence = SentenceOf(replay, sum);
  return replay;
}

}  // namespace tlsrpt::api
