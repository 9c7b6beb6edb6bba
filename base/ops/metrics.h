// The metrics of /metrics, each declared once in a table (metrics.cc) with name, kind,
// labels and meaning; the reference is printed by HelpMetrics(). Kept and written by
// prometheus-cpp; nothing here knows of HTTP.
//
// Labels are of closed lists, or names of ours (a query, a route): a stranger cannot make
// a series. No label holds a domain but those that the setting metrics.domains names.
//
// Units    as the name says: _seconds, _total.
// Errors   a wrong number of label values is our bug: std::logic_error.
// Threads  any.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt {

enum class Metric {
  kBuildInfo,
  kDatabaseUp,
  kReceipts,
  kReportsStored,
  kReportsDuplicate,
  kSessions,
  kFailedSessions,
  kIntakeConnections,
  kIntakeOpenConnections,
  kIntakeTlsSessions,
  kIntakeTlsFailures,
  kIntakeAccepted,
  kIntakeAcceptedBytes,
  kIntakeTrusted,
  kIntakeRefused,
  kSpoolEntries,
  kSpoolWaiting,
  kSpoolAge,
  kBatchReceipts,
  kBatchDuration,
  kQueryDuration,
  kQueryErrors,
  kHttpRequests,
  kHttpDuration,
  kDomainVerdict,
  kEvaluations,
  kStateChanges,
  kFleetDomains,
  kEvaluationsDue,
  kEvaluationAge,
};

class Metrics {
 public:
  using Labels = std::vector<std::string_view>;  // values, in the order of the table

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Counters.
  void Add(Metric metric, const Labels& labels, double by = 1);
  // A counter that somebody else keeps: what it has come to. One that went down (another
  // database) stands until it is passed.
  void RaiseTo(Metric metric, const Labels& labels, double total);
  // Gauges.
  void Set(Metric metric, const Labels& labels, double value);
  // Of a gauge whose value nobody knows now: the series is no more, until it is set
  // again. Nothing where there is none.
  void Remove(Metric metric, const Labels& labels);
  // Histograms.
  void Observe(Metric metric, const Labels& labels, double value);

  // Prometheus' text format.
  std::string Text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Every metric: name, kind, labels, meaning.
std::string HelpMetrics();

}  // namespace tlsrpt
