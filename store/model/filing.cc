#include "store/model/filing.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/day.h"
#include "store/model/digest.h"

namespace tlsrpt::store {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

Error Malformed(std::string message) {
  return {ErrorKind::kMalformed, std::move(message)};
}

// "2026-08-03 to 2026-08-04"
std::string PeriodText(const Report& report) {
  return DateText(floor<days>(report.period_start)) + " to " +
         DateText(floor<days>(report.period_end));
}

// Nothing is stored of an earlier day.
sys_days OldestKept(const FilingContext& context) {
  const sys_days oldest =
      OldestDay(context.received_at.value_or(context.now), context.retention);
  if (!context.written_at) return oldest;
  // Whole months are dropped.
  const year_month_day written{floor<days>(*context.written_at)};
  return std::max(oldest,
                  sys_days{(written.year() / written.month() - context.retention) /
                           std::chrono::day(1)});
}

Result<void> CheckPeriod(const Report& report, const FilingContext& context) {
  if (report.period_end < report.period_start) {
    return Malformed("date-range: ends before it starts (" + PeriodText(report) + ")");
  }
  if (report.period_end - report.period_start > kMaxPeriod) {
    return Malformed("date-range: longer than 8 days (" + PeriodText(report) + ")");
  }
  if (report.period_end > context.now + kMaxFuture) {
    return Malformed("date-range: in the future (" + PeriodText(report) +
                     "); if it is not, set this machine's clock and retry");
  }
  const sys_days oldest = OldestKept(context);
  if (DayOf(report.period_start, report.period_end) < oldest) {
    return Malformed("date-range: before " + DateText(oldest) +
                     ", the oldest day kept (" + PeriodText(report) +
                     "); keep reports longer to store it");
  }
  return {};
}

Result<void> CheckPolicyDomains(const Report& report) {
  constexpr const char* kRemedy =
      ", so nobody can say whose sessions it counts; ask the reporter, or add the "
      "policy-domain to the JSON and import that";
  if (report.results.empty()) {
    return Malformed(std::string("policies: none in the report") + kRemedy);
  }
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    // The whole report waits, since what it hides may be failures of a domain of ours.
    if (report.results[i].policy_domain.empty()) {
      return Malformed("policies[" + std::to_string(i) + "] has no policy-domain" +
                       kRemedy);
    }
  }
  return {};
}

// The names of each result.
Result<std::vector<std::vector<std::string>>> FilingNamesOf(const Report& report,
                                                            const OwnDomains& own) {
  std::vector<std::vector<std::string>> names;
  names.reserve(report.results.size());
  for (const PolicyResult& result : report.results) {
    names.push_back(own.FilingNames(result));
    if (names.back().size() > kMaxFilingNames) {
      return Malformed("policies[" + std::to_string(names.size() - 1) + "] is about " +
                       std::to_string(names.back().size()) + " of our MX hosts, " +
                       std::to_string(kMaxFilingNames) +
                       " at most can be; ask the reporter, or name fewer in the JSON "
                       "and import that");
    }
  }
  return names;
}

// The MX hosts in `result` that are not ours, by name or by pattern, and may become so.
// Where it is filed, its policy domain is that of a recipient, or ours.
void AddForeignHosts(const PolicyResult& result, const OwnDomains& own, bool is_filed,
                     std::set<std::string>& hosts) {
  if (!IsAboutMxHosts(result.policy_type) || own.IsConfigured(result.policy_domain)) {
    return;
  }
  const auto add = [&](const std::string& host) {
    if (host.starts_with('*') || !own.MxNamesOf(host).empty()) return;
    hosts.insert(host);
    if (std::string pattern = MxPatternFor(host); !pattern.empty()) {
      hosts.insert(std::move(pattern));
    }
  };
  if (!is_filed) add(result.policy_domain);
  for (const std::string& host : result.mx_hosts) add(host);
}

// Everything but the results.
FiledReport StartFiling(const Report& report, const std::string& domain,
                        const FilingContext& context) {
  FiledReport filed;
  filed.report_key = ReportKey(report, domain);
  if (context.from_elsewhere) {
    filed.report_key = Digest()
                           .Add(filed.report_key.AsBytes())
                           .Add(std::string_view("from elsewhere"))
                           .First16();
  }
  filed.policy_domain = domain;
  filed.day = DayOf(report.period_start, report.period_end);
  filed.first_day = filed.last_day = filed.day;
  if (report.period_end - report.period_start > kMaxOneDayPeriod) {
    filed.first_day = floor<days>(report.period_start);
    // An end at midnight does not touch the day that begins there.
    filed.last_day = floor<days>(report.period_end - std::chrono::seconds{1});
  }
  filed.provenance = context.provenance;
  filed.reporter = context.reporter;
  filed.vouching = context.vouching;
  filed.organisation = report.organisation;
  filed.report_id = report.report_id;
  filed.contact = report.contact;
  filed.period_start = report.period_start;
  filed.period_end = report.period_end;
  filed.report_ix = context.report_ix;
  filed.anomalies = report.anomalies;
  return filed;
}

// The parser clamps each count already; sums clamp too, so that no report can add more
// than kMaxSessions to a total, however many entries it has.
std::int64_t Clamp(std::int64_t sessions) {
  return std::clamp<std::int64_t>(sessions, 0, kMaxSessions);
}

}  // namespace

sys_days OldestDay(TimePoint now, std::chrono::months retention) {
  year_month_day date = year_month_day{floor<days>(now)} - retention;
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return sys_days{date};
}

Result<Filing> FileReport(Report&& report, const OwnDomains& own,
                          const FilingContext& context) {
  if (const auto ok = CheckPeriod(report, context); !ok) return ok.error();
  if (const auto ok = CheckPolicyDomains(report); !ok) return ok.error();
  auto names = FilingNamesOf(report, own);
  if (!names) return std::move(names).error();

  std::map<std::string, FiledReport> filed;
  std::set<std::string> foreign;
  std::set<std::string> foreign_hosts;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    PolicyResult& result = report.results[i];
    const std::vector<std::string>& under = (*names)[i];
    AddForeignHosts(result, own, !under.empty(), foreign_hosts);
    if (under.empty()) foreign.insert(result.policy_domain);
    for (const std::string& name : under) {
      auto at = filed.find(name);
      if (at == filed.end()) {
        at = filed.emplace(name, StartFiling(report, name, context)).first;
      }
      std::vector<PolicyResult>& results = at->second.results;
      if (&name == &under.back()) {
        results.push_back(std::move(result));
      } else {
        results.push_back(result);
      }
      results.back().policy_domain = name;
    }
  }
  for (const std::string& name : foreign) foreign_hosts.erase(name);

  Filing filing;
  filing.foreign_domains.assign(foreign.begin(), foreign.end());
  filing.foreign_mx_hosts.assign(foreign_hosts.begin(), foreign_hosts.end());
  filing.filed.reserve(filed.size());
  for (auto& [domain, part] : filed) filing.filed.push_back(std::move(part));
  return filing;
}

Uuid ReportKey(const Report& report, std::string_view policy_domain) {
  Digest digest;
  digest.Add(report.organisation)
      .Add(report.report_id)
      .Add(std::int64_t{report.period_start.time_since_epoch().count()})
      .Add(std::int64_t{report.period_end.time_since_epoch().count()})
      .Add(policy_domain);
  return digest.First16();
}

sys_days DayOf(sys_seconds start, sys_seconds end) {
  return floor<days>(start + (end - start) / 2);
}

SessionCounts CountOf(const std::vector<PolicyResult>& results, PolicyType type) {
  SessionCounts sum;
  for (const PolicyResult& result : results) {
    if (result.policy_type != type) continue;
    sum.success = Clamp(sum.success + Clamp(result.success_sessions));
    sum.failure = Clamp(sum.failure + Clamp(result.failure_sessions));
    sum.unexplained = Clamp(sum.unexplained + Clamp(result.unexplained_sessions));
  }
  return sum;
}

SessionCounts DistinctSessions(const std::vector<PolicyResult>& results) {
  const SessionCounts none = CountOf(results, PolicyType::kNoPolicyFound);
  const SessionCounts other = CountOf(results, PolicyType::kOther);
  const SessionCounts sts = CountOf(results, PolicyType::kSts);
  const SessionCounts tlsa = CountOf(results, PolicyType::kTlsa);
  const auto all = [](const SessionCounts& count) {
    return count.success + count.failure;
  };

  const std::int64_t sessions = all(none) + all(other) + std::max(all(sts), all(tlsa));
  const std::int64_t failure =
      none.failure + other.failure + std::max(sts.failure, tlsa.failure);
  const std::int64_t unexplained =
      none.unexplained + other.unexplained + std::max(sts.unexplained, tlsa.unexplained);
  return {Clamp(sessions - failure), Clamp(failure), Clamp(unexplained)};
}

}  // namespace tlsrpt::store
