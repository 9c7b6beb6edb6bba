#include "ingest/report/session_counts.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/text.h"
#include "ingest/report/failure_details.h"
#include "ingest/report/fields.h"

namespace tlsrpt::ingest {
namespace {

using store::AnomalyCode;
using store::kMaxSessions;

enum Slot : std::size_t { kSuccess, kFailure };

constexpr MemberName kNames[] = {
    {"total-successful-session-count", kSuccess},
    {"total-failure-session-count", kFailure},
    {"success-aggregate", kSuccess, true},  // drafts before 2017-11
    {"failure-aggregate", kFailure, true},
};

struct Summary {
  std::int64_t success = 0;
  std::int64_t failure = 0;
  bool failure_absent = true;
  bool failure_unreadable = false;
  std::vector<JsonValue> unknown;  // members of it
};

bool IsNothing(const JsonValue& value) {
  switch (value.kind()) {
    case JsonKind::kAbsent:
    case JsonKind::kNull:
      return true;
    case JsonKind::kUnsigned:
      return value.unsigned_value() == 0;
    case JsonKind::kFloat:
      return value.float_value() == 0;
    case JsonKind::kString:
      return Trim(value.text()).empty() || ParseUnsigned(Trim(value.text())) == 0;
    case JsonKind::kArray:
    case JsonKind::kObject:
      return !(value.begin() != value.end());
    default:
      return false;
  }
}

// Whether `value` counts no more than `failures`.
bool IsCountUpTo(const JsonValue& value, std::int64_t failures) {
  const auto most = static_cast<std::uint64_t>(failures);
  switch (value.kind()) {
    case JsonKind::kUnsigned:
      return value.unsigned_value() <= most;
    case JsonKind::kFloat:
      return value.float_value() >= 0 &&
             value.float_value() <= static_cast<double>(failures);
    case JsonKind::kString: {
      const auto count = ParseUnsigned(Trim(value.text()));
      return count && *count <= most;
    }
    default:
      return false;
  }
}

// Of a member that nobody knows, and what is in it: a failure count whose name is
// misspelt, or that stands where none belongs, is not read, and still it says "failure".
// It says nothing new where it counts no more than the `failures` that were read.
bool SaysFailure(const JsonValue& value, std::int64_t failures) {
  if (IsNothing(value)) return false;
  if (ToLowerAscii(value.name()).find("fail") != std::string::npos) {
    return !IsCountUpTo(value, failures);
  }
  if (!value.Is(JsonKind::kObject) && !value.Is(JsonKind::kArray)) return false;
  for (const JsonValue inner : value) {  // at most kMaxJsonDepth deep
    if (SaysFailure(inner, failures)) return true;
  }
  return false;
}

Summary ReadSummary(const Members& result_members, std::size_t slot, const Path& path,
                    Notes& notes) {
  Summary summary;
  Members members(kNames);
  bool object = false;
  result_members.ForEach(slot, [&](const JsonValue& value) {
    if (value.Is(JsonKind::kObject)) {
      object = true;
      members.Read(value, path, notes);
      return;
    }
    notes.Add(
        value.Is(JsonKind::kNull) ? AnomalyCode::kFieldNull : AnomalyCode::kWrongType,
        path);
    summary.failure_unreadable = true;
  });
  if (result_members.IsAbsent(slot)) notes.Add(AnomalyCode::kFieldMissing, path);
  if (!object) return summary;
  summary.unknown = members.Unknown();

  // Of two counts, the one that looks worse.
  const Path success_path = path.Member("total-successful-session-count");
  if (members.IsAbsent(kSuccess)) notes.Add(AnomalyCode::kFieldMissing, success_path);
  bool first = true;
  members.ForEach(kSuccess, [&](const JsonValue& value) {
    const Count count = ReadCount(value, Rounding::kDown, success_path, notes);
    summary.success = first ? count.sessions : std::min(summary.success, count.sessions);
    first = false;
  });

  const Path failure_path = path.Member("total-failure-session-count");
  if (members.IsAbsent(kFailure)) notes.Add(AnomalyCode::kFieldMissing, failure_path);
  members.ForEach(kFailure, [&](const JsonValue& value) {
    const Count count = ReadCount(value, Rounding::kUp, failure_path, notes);
    if (count.state == Count::State::kRead) {
      summary.failure_absent = false;
      summary.failure = std::max(summary.failure, count.sessions);
    } else {
      summary.failure_unreadable = true;
    }
  });
  return summary;
}

// One session for what says "failure" where it is not counted, and may be counted yet
// among those that nothing explains.
void AddUnexplained(const Path& result_path, Notes& notes, store::PolicyResult* result) {
  if (result->unexplained_sessions > 0) return;
  notes.Add(AnomalyCode::kUnexplainedFailures, result_path.Member("summary"));
  result->unexplained_sessions = 1;
  result->failure_sessions = std::min(result->failure_sessions + 1, kMaxSessions);
}

}  // namespace

void ReadSessions(const Members& result_members, std::size_t policy_slot,
                  std::size_t summary_slot, std::size_t details_slot, const Path& path,
                  Notes& notes, std::size_t* details_left, store::PolicyResult* result) {
  const Path summary_path = path.Member("summary");
  const Summary summary = ReadSummary(result_members, summary_slot, summary_path, notes);
  FailureDetails details =
      ReadFailureDetails(result_members, details_slot, path, notes, details_left);

  const std::int64_t in_details = details.kept_sessions + details.cut_sessions;
  const std::int64_t failures = summary.failure_absent ? in_details : summary.failure;
  std::int64_t unexplained =
      std::max({failures - details.kept_sessions, details.cut_sessions, std::int64_t{0}});
  std::int64_t failure_sessions = std::max(failures, unexplained);
  // Each thing that said "failure" and could not be read counts as one more.
  if (summary.failure_unreadable) {
    ++unexplained;
    ++failure_sessions;
  }
  if (details.unreadable && unexplained == 0) {
    ++unexplained;
    ++failure_sessions;
  }

  if (!summary.failure_absent && in_details > failures) {
    notes.Add(AnomalyCode::kDetailsExceedSummary, summary_path);
  }
  if (unexplained > 0) notes.Add(AnomalyCode::kUnexplainedFailures, summary_path);
  result->success_sessions = summary.success;
  result->failure_sessions = std::min(failure_sessions, kMaxSessions);
  result->unexplained_sessions = std::min(unexplained, kMaxSessions);
  result->details = std::move(details.kept);

  const auto look = [&](const JsonValue& value) {
    // The details once more, under another name, are nothing new.
    if (SaysFailure(value, result->failure_sessions) &&
        !IsSame(value, result_members.First(details_slot))) {
      AddUnexplained(path, notes, result);
    }
  };
  std::for_each(summary.unknown.begin(), summary.unknown.end(), look);
  std::for_each(result_members.Unknown().begin(), result_members.Unknown().end(), look);
  result_members.ForEach(policy_slot, look);
}

void ReadSessionsAtRoot(const Members& report_members, const Path& root, Notes& notes,
                        std::vector<store::PolicyResult>* results) {
  std::int64_t failures = 0;
  for (const store::PolicyResult& result : *results) failures += result.failure_sessions;
  const std::vector<JsonValue>& unknown = report_members.Unknown();
  if (std::none_of(unknown.begin(), unknown.end(), [&](const JsonValue& value) {
        return SaysFailure(value, failures);
      })) {
    return;
  }
  for (std::size_t i = 0; i < results->size(); ++i) {
    AddUnexplained(root.Element("policies", i), notes, &(*results)[i]);
  }
}

}  // namespace tlsrpt::ingest
