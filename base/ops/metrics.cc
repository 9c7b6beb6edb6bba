#include "base/ops/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <iterator>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "base/text.h"

namespace tlsrpt {
namespace {

enum class Kind { kCounter, kGauge, kHistogram };

struct MetricRow {
  Metric metric;
  Kind kind;
  std::string_view name;
  std::string_view labels;  // "transport outcome"
  std::string_view help;    // one line: prometheus-cpp does not escape a line end
};

// In the order of the enumerators.
constexpr MetricRow kRows[] = {
    {Metric::kBuildInfo, Kind::kGauge, "tlsrptd_build_info", "version",
     "Always 1; the version is the label."},
    {Metric::kDatabaseUp, Kind::kGauge, "tlsrptd_database_up", "",
     "Whether PostgreSQL answered this scrape."},
    {Metric::kReceipts, Kind::kCounter, "tlsrptd_receipts_total", "transport outcome",
     "Submissions stored by this node: mails, posts, files. Survives restarts."},
    {Metric::kReportsStored, Kind::kCounter, "tlsrptd_reports_stored_total", "",
     "Reports stored by this node, each once. Survives restarts."},
    {Metric::kReportsDuplicate, Kind::kCounter, "tlsrptd_reports_duplicate_total", "",
     "Reports that this node was sent again. Survives restarts."},
    {Metric::kSessions, Kind::kCounter, "tlsrptd_sessions_total",
     "policy_type result vouched",
     "Sessions reported to this node. Never sum over policy_type: a sender may report "
     "the same sessions under sts and tlsa. As reports come: a copy under another "
     "signer adds here, while the sums of the API count a report once."},
    {Metric::kFailedSessions, Kind::kCounter, "tlsrptd_failed_sessions_total",
     "policy_type result_type vouched",
     "Failed sessions reported to this node, by result type, copies as above. May exceed "
     "the failures of tlsrptd_sessions_total: types overlap."},
    {Metric::kIntakeConnections, Kind::kCounter, "tlsrptd_intake_connections_total",
     "transport",
     "Connections to the ports of this process that take reports in, since its start; "
     "those refused as too many included."},
    {Metric::kIntakeOpenConnections, Kind::kGauge, "tlsrptd_intake_open_connections",
     "transport", "Of these, those that are open."},
    {Metric::kIntakeTlsSessions, Kind::kCounter, "tlsrptd_intake_tls_sessions_total",
     "transport",
     "STARTTLS that ended in TLS. None for https, where every connection does."},
    {Metric::kIntakeTlsFailures, Kind::kCounter, "tlsrptd_intake_tls_failures_total",
     "transport",
     "TLS handshakes that did not end well: a client that does not take the certificate, "
     "or none of the ciphers."},
    {Metric::kIntakeAccepted, Kind::kCounter, "tlsrptd_intake_accepted_total",
     "transport",
     "Mails and posts that were acknowledged, since the start. What became of them is in "
     "tlsrptd_receipts_total."},
    {Metric::kIntakeAcceptedBytes, Kind::kCounter, "tlsrptd_intake_accepted_bytes_total",
     "transport", "Their bytes."},
    {Metric::kIntakeTrusted, Kind::kCounter, "tlsrptd_intake_trusted_posts_total", "",
     "Of the posts that were acknowledged, those out of https.trust_networks."},
    {Metric::kIntakeRefused, Kind::kCounter, "tlsrptd_intake_refused_total",
     "transport reason",
     "Connections, commands, recipients, mails and posts that were refused, since the "
     "start. no_room and not_durable are faults here; unknown_recipient may be a domain "
     "that was not added."},
    {Metric::kSpoolEntries, Kind::kGauge, "tlsrptd_spool_entries", "",
     "Submissions that are acknowledged and not yet in the database."},
    {Metric::kSpoolWaiting, Kind::kGauge, "tlsrptd_spool_waiting_entries", "",
     "Of these, those that wait for DNS."},
    {Metric::kSpoolAge, Kind::kGauge, "tlsrptd_spool_oldest_age_seconds", "",
     "Age of the oldest of them; 0 without any."},
    {Metric::kBatchReceipts, Kind::kHistogram, "tlsrptd_batch_receipts", "",
     "Receipts written in one transaction."},
    {Metric::kBatchDuration, Kind::kHistogram, "tlsrptd_batch_duration_seconds", "",
     "Time to write a batch, commit included."},
    {Metric::kQueryDuration, Kind::kHistogram, "tlsrptd_query_duration_seconds", "query",
     "Time of a named query; sql/queries holds them."},
    {Metric::kQueryErrors, Kind::kCounter, "tlsrptd_query_errors_total", "query",
     "Named queries that failed."},
    {Metric::kHttpRequests, Kind::kCounter, "tlsrptd_http_requests_total", "route code",
     "Requests answered by the API."},
    {Metric::kHttpDuration, Kind::kHistogram, "tlsrptd_http_request_duration_seconds",
     "route", "Time from request to answer."},
    {Metric::kDomainVerdict, Kind::kGauge, "tlsrptd_domain_verdict", "domain verdict",
     "1 for the verdict of a domain that the setting metrics.domains names, 0 for the "
     "others. Absent where the database could not be asked."},
    {Metric::kEvaluations, Kind::kCounter, "tlsrptd_evaluations_total", "",
     "Domains evaluated by this process."},
    {Metric::kStateChanges, Kind::kCounter, "tlsrptd_state_changes_total", "from to",
     "Changes of verdict, health or confidence that this process has logged."},
    {Metric::kFleetDomains, Kind::kGauge, "tlsrptd_fleet_domains", "state",
     "Domains in each state, by the database: every process says the same, so never sum "
     "over processes. Absent where it could not be asked."},
    {Metric::kEvaluationsDue, Kind::kGauge, "tlsrptd_evaluations_due", "",
     "Domains whose evaluation is due, by the database. Absent where it could not be "
     "asked."},
    {Metric::kEvaluationAge, Kind::kGauge, "tlsrptd_evaluation_due_age_seconds", "",
     "Since when the oldest of them is due; 0 without any. Grows while no worker runs. "
     "Absent where the database could not be asked."},
};

const MetricRow& RowOf(Metric metric) { return kRows[static_cast<std::size_t>(metric)]; }

constexpr bool InOrder() {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (static_cast<std::size_t>(kRows[i].metric) != i) return false;
  }
  return true;
}
static_assert(InOrder(), "RowOf() takes the enumerator as the place");

std::vector<std::string_view> LabelNamesOf(const MetricRow& row) {
  return row.labels.empty() ? std::vector<std::string_view>() : Split(row.labels, ' ');
}

prometheus::Histogram::BucketBoundaries BucketsOf(const MetricRow& row) {
  // Queries by key are tenths of a millisecond; a statement is cancelled after 20 s.
  if (row.name.ends_with("_seconds")) {
    return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20};
  }
  return {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};  // a batch holds 1000 by default
}

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return "counter";
    case Kind::kGauge:
      return "gauge";
    case Kind::kHistogram:
      return "histogram";
  }
  return "";
}

}  // namespace

struct Metrics::Impl {
  std::mutex raising;  // two scrapes at once must not both add the difference
  std::mutex setting;  // a gauge must not be removed while somebody sets it
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Throw};
  std::map<Metric, prometheus::Family<prometheus::Counter>*> counters;
  std::map<Metric, prometheus::Family<prometheus::Gauge>*> gauges;
  std::map<Metric, prometheus::Family<prometheus::Histogram>*> histograms;

  static prometheus::Labels LabelsOf(Metric metric, const Labels& values) {
    const auto names = LabelNamesOf(RowOf(metric));
    if (names.size() != values.size()) {
      throw std::logic_error(std::string(RowOf(metric).name) +
                             ": a wrong number of labels");
    }
    prometheus::Labels labels;
    for (std::size_t i = 0; i < names.size(); ++i) {
      labels.emplace(std::string(names[i]), std::string(values[i]));
    }
    return labels;
  }

  template <class Type>
  prometheus::Family<Type>* Make(const MetricRow& row) {
    prometheus::detail::Builder<Type> builder;
    return &builder.Name(std::string(row.name))
                .Help(std::string(row.help))
                .Register(registry);
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  for (const MetricRow& row : kRows) {
    if (row.kind == Kind::kCounter) {
      impl_->counters[row.metric] = impl_->Make<prometheus::Counter>(row);
    } else if (row.kind == Kind::kGauge) {
      impl_->gauges[row.metric] = impl_->Make<prometheus::Gauge>(row);
    } else {
      impl_->histograms[row.metric] = impl_->Make<prometheus::Histogram>(row);
    }
  }
}

Metrics::~Metrics() = default;

void Metrics::Add(Metric metric, const Labels& labels, double by) {
  impl_->counters.at(metric)->Add(Impl::LabelsOf(metric, labels)).Increment(by);
}

void Metrics::RaiseTo(Metric metric, const Labels& labels, double total) {
  prometheus::Counter& counter =
      impl_->counters.at(metric)->Add(Impl::LabelsOf(metric, labels));
  const std::lock_guard lock(impl_->raising);
  const double more = total - counter.Value();
  if (more > 0) counter.Increment(more);
}

void Metrics::Set(Metric metric, const Labels& labels, double value) {
  prometheus::Family<prometheus::Gauge>& family = *impl_->gauges.at(metric);
  const std::lock_guard lock(impl_->setting);
  family.Add(Impl::LabelsOf(metric, labels)).Set(value);
}

void Metrics::Remove(Metric metric, const Labels& labels) {
  prometheus::Family<prometheus::Gauge>& family = *impl_->gauges.at(metric);
  const prometheus::Labels of = Impl::LabelsOf(metric, labels);
  const std::lock_guard lock(impl_->setting);
  if (family.Has(of)) family.Remove(&family.Add(of));  // Add() gives the one there is
}

void Metrics::Observe(Metric metric, const Labels& labels, double value) {
  impl_->histograms.at(metric)
      ->Add(Impl::LabelsOf(metric, labels), BucketsOf(RowOf(metric)))
      .Observe(value);
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

std::string HelpMetrics() {
  std::string text = "Metrics of /metrics, in Prometheus' text format.\n";
  for (const MetricRow& row : kRows) {
    text += "\n" + std::string(row.name) + "  " + std::string(NameOf(row.kind));
    if (!row.labels.empty()) {
      std::vector<std::string> names;
      for (const std::string_view name : LabelNamesOf(row)) names.emplace_back(name);
      text += " {" + Join(names, ", ") + "}";
    }
    text += "\n    " + std::string(row.help) + "\n";
  }
  return text;
}

}  // namespace tlsrpt
