#include "ingest/report/report_parser.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/text.h"
#include "ingest/report/fields.h"
#include "ingest/report/json_tree.h"
#include "ingest/report/members.h"
#include "ingest/report/notes.h"
#include "ingest/report/policy_fields.h"
#include "ingest/report/report_time.h"
#include "ingest/report/session_counts.h"

namespace tlsrpt::ingest {
namespace {

using store::AnomalyCode;
using store::PolicyResult;
using store::Report;

enum ReportSlot : std::size_t { kOrganisation, kDateRange, kContact, kId, kPolicies };

constexpr MemberName kReportNames[] = {
    {"organization-name", kOrganisation},
    {"date-range", kDateRange},
    {"contact-info", kContact},
    {"report-id", kId},
    {"policies", kPolicies},
};

enum PeriodSlot : std::size_t { kStart, kEnd };

constexpr MemberName kPeriodNames[] = {
    {"start-datetime", kStart},
    {"end-datetime", kEnd},
};

enum ResultSlot : std::size_t { kPolicy, kSummary, kDetails };

constexpr MemberName kResultNames[] = {
    {"policy", kPolicy},
    {"summary", kSummary},
    {"failure-details", kDetails},
};

Error Malformed(std::string message) {
  return {ErrorKind::kMalformed, std::move(message)};
}

class ReportReader {
 public:
  explicit ReportReader(const ReportHints& hints) : hints_(hints) {}

  Result<Report> Read(const JsonTree& tree) {
    const JsonValue root = tree.root();
    if (root.Is(JsonKind::kArray)) {
      return Malformed("JSON: a list, not a report; reports are read one at a time");
    }
    if (!root.Is(JsonKind::kObject)) {
      return Malformed("JSON: the text is no object, so no report");
    }
    if (tree.mended) {
      notes_.mended = true;
      notes_.Add(AnomalyCode::kTextChanged, Path{nullptr, "json", -1});
    }
    if (tree.text_after_json) {
      notes_.Add(AnomalyCode::kTextAfterJson, Path{nullptr, "json", -1});
    }
    Members members(kReportNames);
    members.Read(root, top_, notes_);

    const auto text = [&](ReportSlot slot, const char* name) {
      return ReadText(members.First(slot), Presence::kRequired, top_.Member(name),
                      notes_);
    };
    report_.organisation = text(kOrganisation, "organization-name");
    report_.report_id = text(kId, "report-id");
    report_.contact = text(kContact, "contact-info");
    if (const auto read = ReadPeriod(members); !read) return read.error();
    if (const auto read = ReadPolicies(members); !read) return read.error();
    ReadSessionsAtRoot(members, top_, notes_, &report_.results);
    report_.anomalies = notes_.Take();
    return std::move(report_);
  }

  std::optional<std::vector<PolicyResult>> ReadResults(const JsonTree& tree) {
    if (!tree.root().Is(JsonKind::kObject)) return std::nullopt;
    Members members(kReportNames);
    members.Read(tree.root(), top_, notes_);
    if (!ReadPolicies(members)) return std::nullopt;
    return std::move(report_.results);
  }

 private:
  Result<void> ReadPeriod(const Members& report_members) {
    const Path path = top_.Member("date-range");
    if (!report_members.First(kDateRange).Is(JsonKind::kObject)) {
      return Malformed("date-range: absent or no object, so the day is unknown");
    }
    Members members(kPeriodNames);
    report_members.ForEach(kDateRange, [&](const JsonValue& value) {
      if (value.Is(JsonKind::kObject)) members.Read(value, path, notes_);
    });
    const auto start = ReadTime(members, kStart, path.Member("start-datetime"));
    if (!start) return start.error();
    const auto end = ReadTime(members, kEnd, path.Member("end-datetime"));
    if (!end) return end.error();
    report_.period_start = *start;
    report_.period_end = *end;

    // RFC 8460, 4.1: a UTC day. Its end is sent as 23:59:59 or as the next midnight.
    using namespace std::chrono;
    const seconds length = *end - *start;
    if (floor<days>(*start) != *start || (length != 24h && length != 24h - 1s)) {
      notes_.Add(AnomalyCode::kPeriodUnusual, path);
    }
    return {};
  }

  Result<std::chrono::sys_seconds> ReadTime(const Members& members, PeriodSlot slot,
                                            const Path& path) {
    std::optional<std::chrono::sys_seconds> time;
    std::optional<Error> error;
    members.ForEach(slot, [&](const JsonValue& value) {
      if (error) return;
      if (!value.Is(JsonKind::kString)) {
        error = Malformed(path.ToString() + ": not a text");
        return;
      }
      bool offset_missing = false;
      const auto read = ParseReportTime(Trim(value.text()), &offset_missing);
      if (!read) {
        error = Wrap(read.error(), path.ToString());
      } else if (time && *time != *read) {
        error = Malformed(path.ToString() + ": given twice, and not the same");
      } else {
        time = *read;
        if (offset_missing) notes_.Add(AnomalyCode::kTimeWithoutOffset, path);
      }
    });
    if (error) return *error;
    if (!time) return Malformed(path.ToString() + ": absent, so the day is unknown");
    return *time;
  }

  Result<void> ReadPolicies(const Members& members) {
    std::optional<Error> error;
    // Over all values: a million members "policies" of one object each are as many.
    const auto read = [&](const JsonValue& element) {
      if (report_.results.size() < kMaxPolicies) {
        ReadResult(element);
        return true;
      }
      error = Error{ErrorKind::kTooLarge,
                    "policies: more than " + std::to_string(kMaxPolicies)};
      return false;
    };
    bool again = false;
    members.ForEach(kPolicies, [&](const JsonValue& value) {
      const std::size_t before = report_.results.size();
      if (error || (again && IsSame(value, members.First(kPolicies)))) return;
      if (value.Is(JsonKind::kArray)) {
        if (report_.results.empty()) {
          report_.results.reserve(std::min(value.size(), kMaxPolicies));
        }
        for (const JsonValue element : value) {
          if (!read(element)) return;
        }
      } else if (value.Is(JsonKind::kObject)) {
        notes_.Add(AnomalyCode::kWrongType, top_.Member("policies"));
        (void)read(value);
      } else {
        error = Malformed("policies: not a list");
      }
      // What a second list says may be in the first one: its failures count all the same.
      for (std::size_t i = before; again && i < report_.results.size(); ++i) {
        report_.results[i].success_sessions = 0;
      }
      again = true;
    });
    if (error) return *error;
    if (members.IsAbsent(kPolicies))
      return Malformed("policies: absent, nothing to store");
    if (report_.results.empty()) return Malformed("policies: empty, nothing to store");
    return {};
  }

  void ReadResult(const JsonValue& value) {
    const Path path = top_.Element("policies", report_.results.size());
    PolicyResult& result = report_.results.emplace_back();
    if (!value.Is(JsonKind::kObject)) {
      // Whatever it was to say, it must not pass for "nothing failed".
      notes_.Add(AnomalyCode::kWrongType, path);
      if (!hints_.policy_domain.empty()) notes_.Add(AnomalyCode::kDomainGuessed, path);
      result.policy_domain = hints_.policy_domain;
      result.failure_sessions = result.unexplained_sessions = 1;
      return;
    }
    Members members(kResultNames);
    members.Read(value, path, notes_);
    ReadPolicy(members, kPolicy, path.Member("policy"), hints_, notes_, &result);
    ReadSessions(members, kPolicy, kSummary, kDetails, path, notes_, &details_left_,
                 &result);
  }

  const ReportHints& hints_;
  const Path top_;
  Notes notes_;
  std::size_t details_left_ = kMaxFailureDetails;
  Report report_;
};

}  // namespace

Result<Report> ParseReport(std::string_view json, const ReportHints& hints) {
  const Result<JsonTree> tree = ReadJson(json);
  if (!tree) return tree.error();
  return ReportReader(hints).Read(*tree);
}

std::optional<std::vector<store::PolicyResult>> ReadResults(std::string_view json,
                                                            const ReportHints& hints) {
  const Result<JsonTree> tree = ReadJson(json);
  if (!tree) return std::nullopt;
  return ReportReader(hints).ReadResults(*tree);
}

}  // namespace tlsrpt::ingest
