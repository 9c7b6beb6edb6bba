#include "cmd/scrape.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include "api/fleet/ask.h"
#include "api/fleet/moment.h"
#include "api/fleet/states.h"
#include "base/text.h"
#include "cmd/version.h"
#include "store/model/domain_name.h"
#include "store/queries/domain_page.h"
#include "store/queries/fleet.h"
#include "store/queries/node_counters.h"

namespace tlsrpt::cmd {
namespace {

constexpr api::VerdictKind kVerdicts[] = {
    api::VerdictKind::kReady, api::VerdictKind::kNotReady,
    api::VerdictKind::kInsufficientEvidence, api::VerdictKind::kEnforcing,
    api::VerdictKind::kNotApplicable};

// "sessions/sts/success/vouched" (store/writer/counters.h). What another version counts
// is left alone.
void Raise(Metrics& metrics, const std::string& name, std::int64_t total) {
  auto parts = Split(name, '/');
  const std::string_view metric = parts.front();
  parts.erase(parts.begin());
  const auto value = static_cast<double>(total);
  if (metric == "receipts" && parts.size() == 2) {
    metrics.RaiseTo(Metric::kReceipts, parts, value);
  } else if (metric == "reports_stored" && parts.empty()) {
    metrics.RaiseTo(Metric::kReportsStored, parts, value);
  } else if (metric == "reports_duplicate" && parts.empty()) {
    metrics.RaiseTo(Metric::kReportsDuplicate, parts, value);
  } else if ((metric == "sessions" || metric == "failed_sessions") && parts.size() == 3) {
    parts[2] = parts[2] == "vouched" ? "true" : "false";
    metrics.RaiseTo(metric == "sessions" ? Metric::kSessions : Metric::kFailedSessions,
                    parts, value);
  }
}

void SetSpool(DaemonBasis& basis) {
  const ingest::SpoolStats stats = basis.spool_stats();
  std::chrono::duration<double> age{0};
  if (stats.oldest_at) age = basis.clock.Now() - *stats.oldest_at;
  basis.metrics.Set(Metric::kSpoolEntries, {}, static_cast<double>(stats.depth));
  basis.metrics.Set(Metric::kSpoolWaiting, {}, static_cast<double>(stats.waiting));
  basis.metrics.Set(Metric::kSpoolAge, {}, std::max(age.count(), 0.0));
}

// Empty: a domain that is not ours. Nothing: it could not be asked about.
std::optional<std::string_view> ReadVerdict(DaemonBasis& basis,
                                            const api::ReadinessSettings& rules,
                                            store::Connection* connection,
                                            const std::string& domain) {
  if (connection == nullptr) return std::nullopt;
  const auto found = store::ReadDomain(*connection, domain);
  if (!found) return std::nullopt;
  if (!*found) return std::string_view();
  const auto answer =
      api::AskReadiness(*connection, api::AboutNow(**found, basis.clock.Now()), rules);
  if (!answer) return std::nullopt;
  return NameOf(answer->kind);
}

void SetVerdict(DaemonBasis& basis, const api::ReadinessSettings& rules,
                store::Connection* connection, const std::string& domain) {
  const auto verdict = ReadVerdict(basis, rules, connection, domain);
  for (const api::VerdictKind kind : kVerdicts) {
    const Metrics::Labels labels{domain, NameOf(kind)};
    if (verdict) {
      basis.metrics.Set(Metric::kDomainVerdict, labels, NameOf(kind) == *verdict ? 1 : 0);
    } else {
      basis.metrics.Remove(Metric::kDomainVerdict, labels);
    }
  }
}

std::optional<store::FleetCounts> ReadFleet(DaemonBasis& basis,
                                            const api::ReadinessSettings& rules,
                                            store::Connection* connection) {
  if (connection == nullptr) return std::nullopt;
  const auto moment = api::ReadMoment(*connection, rules, basis.clock.Now());
  if (!moment) return std::nullopt;
  auto counts = store::CountFleet(*connection, std::nullopt, *moment);
  if (!counts) return std::nullopt;
  return *std::move(counts);
}

void SetFleet(DaemonBasis& basis, const api::ReadinessSettings& rules,
              store::Connection* connection) {
  const auto counts = ReadFleet(basis, rules, connection);
  if (!counts) {
    for (const std::string& state : api::StateNames()) {
      basis.metrics.Remove(Metric::kFleetDomains, {state});
    }
    basis.metrics.Remove(Metric::kEvaluationsDue, {});
    basis.metrics.Remove(Metric::kEvaluationAge, {});
    return;
  }
  // What nobody is in is 0, or a graph would show what was there last.
  for (const std::string& state : api::StateNames()) {
    const auto found = counts->by_state.find(state);
    basis.metrics.Set(
        Metric::kFleetDomains, {state},
        found == counts->by_state.end() ? 0 : static_cast<double>(found->second));
  }
  basis.metrics.Set(Metric::kEvaluationsDue, {},
                    static_cast<double>(counts->evaluations_due));
  basis.metrics.Set(Metric::kEvaluationAge, {},
                    static_cast<double>(counts->oldest_due.count()));
}

}  // namespace

std::string Scrape(DaemonBasis& basis, const api::ReadinessSettings& rules,
                   store::Connection* connection) {
  basis.metrics.Set(Metric::kBuildInfo, {std::string_view(kVersion)}, 1);
  if (basis.spool_stats) SetSpool(basis);
  if (basis.count_intake) basis.count_intake();
  bool up = false;
  if (connection != nullptr) {
    const auto counters = store::ReadNodeCounters(*connection, basis.settings.node);
    up = counters.has_value();
    if (counters && basis.spool_stats) {
      for (const auto& [name, total] : *counters) Raise(basis.metrics, name, total);
    }
  }
  SetFleet(basis, rules, connection);
  for (const std::string& name : basis.settings.metrics.domains) {
    const auto domain = store::NormaliseDomain(name);
    if (domain) SetVerdict(basis, rules, connection, *domain);
  }
  basis.metrics.Set(Metric::kDatabaseUp, {}, up ? 1 : 0);
  return basis.metrics.Text();
}

}  // namespace tlsrpt::cmd
