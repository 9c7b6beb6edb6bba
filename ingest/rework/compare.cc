#include "ingest/rework/compare.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "store/writer/retold.h"
#include "store/writer/row_key.h"

namespace tlsrpt::ingest {
namespace {

using store::KeptReport;
using store::RowKey;

// "policies[3].summary" as "policies[].summary".
std::string WithoutIndexes(const std::string& text) {
  std::string out;
  bool inside = false;
  for (const char c : text) {
    if (c == ']') inside = false;
    if (!inside) out += c;
    if (c == '[') inside = true;
  }
  return out;
}

std::set<std::string> HabitsOf(const KeptReport& report) {
  std::set<std::string> habits;
  for (const std::string& anomaly : report.anomalies) {
    habits.insert(WithoutIndexes(anomaly));
  }
  return habits;
}

class FieldDiff {
 public:
  template <class T>
  void Note(const char* name, const T& before, const T& after) {
    if (!(before == after)) fields_.insert(name);
  }

  void CompareReports(const KeptReport& before, const KeptReport& after) {
    const store::FiledReport& a = before.filed;
    const store::FiledReport& b = after.filed;
    Note("organisation", a.organisation, b.organisation);
    Note("report_id", a.report_id, b.report_id);
    Note("contact", a.contact, b.contact);
    Note("period", std::pair(a.period_start, a.period_end),
         std::pair(b.period_start, b.period_end));
    Note("day", std::tuple(a.day, a.first_day, a.last_day),
         std::tuple(b.day, b.first_day, b.last_day));
    Note("provenance", a.provenance, b.provenance);
    Note("vouching", a.vouching, b.vouching);
    Note("report_ix", a.report_ix, b.report_ix);
    Note("anomalies", before.anomalies, after.anomalies);
    Note("results", a.results.size(), b.results.size());
    if (a.results.size() != b.results.size()) return;
    Note("results.policy", before.policy_hashes, after.policy_hashes);
    for (std::size_t i = 0; i < a.results.size(); ++i) {
      CompareResults(a.results[i], b.results[i]);
    }
  }

  std::set<std::string> Take() { return std::move(fields_); }

 private:
  void CompareResults(const store::PolicyResult& a, const store::PolicyResult& b) {
    Note("results.policy_type", std::pair(a.policy_type, a.policy_type_text),
         std::pair(b.policy_type, b.policy_type_text));
    Note("results.success_sessions", a.success_sessions, b.success_sessions);
    Note("results.failure_sessions", a.failure_sessions, b.failure_sessions);
    Note("results.unexplained_sessions", a.unexplained_sessions, b.unexplained_sessions);
    Note("results.details", a.details.size(), b.details.size());
    if (a.details.size() != b.details.size()) return;
    for (std::size_t i = 0; i < a.details.size(); ++i) {
      CompareDetails(a.details[i], b.details[i]);
    }
  }

  void CompareDetails(const store::FailureDetail& a, const store::FailureDetail& b) {
    Note("results.details.result_type", std::pair(a.result_type, a.result_type_text),
         std::pair(b.result_type, b.result_type_text));
    Note("results.details.failed_sessions", a.failed_sessions, b.failed_sessions);
    Note("results.details.sending_mta_ip", a.sending_mta_ip, b.sending_mta_ip);
    Note("results.details.receiving_ip", a.receiving_ip, b.receiving_ip);
    Note("results.details.receiving_mx", a.receiving_mx, b.receiving_mx);
    Note("results.details.helo", a.helo, b.helo);
    Note("results.details.reason", a.reason, b.reason);
    Note("results.details.information", a.information, b.information);
  }

  std::set<std::string> fields_;
};

void CompareStored(const KeptReport& before, const KeptReport& after, Changes& changes) {
  const auto had = HabitsOf(before);
  const auto has = HabitsOf(after);
  std::set_difference(has.begin(), has.end(), had.begin(), had.end(),
                      std::back_inserter(changes.gained));
  std::set_difference(had.begin(), had.end(), has.begin(), has.end(),
                      std::back_inserter(changes.lost));
  FieldDiff diff;
  diff.CompareReports(before, after);
  for (const std::string& field : diff.Take()) changes.fields.push_back(field);
}

}  // namespace

Changes Compare(const store::KeptReceipt& kept, const store::ReceiptRecord& now) {
  Changes changes;
  // The first of those that look alike is the one that is stored.
  std::map<RowKey, const store::FiledReport*> found;
  for (const store::FiledReport& report : now.reports) {
    found.try_emplace(KeyOf(report), &report);
  }
  // And so are failures that another report of its name does not tell.
  std::map<RowKey, store::FiledReport> retold;
  for (const store::FiledReport& report : now.reports) {
    if (!store::MayTellOthers(report)) continue;
    store::FiledReport form = store::Retold(report);
    const RowKey key = KeyOf(form);
    retold.try_emplace(key, std::move(form));
  }
  for (const KeptReport& owned : kept.owned) {
    const RowKey key = KeyOf(owned.filed);
    if (const auto at = found.find(key); at != found.end()) {
      CompareStored(owned, store::KeptFormOf(*at->second), changes);
      found.erase(at);
    } else if (const auto again = retold.find(key); again != retold.end()) {
      CompareStored(owned, store::KeptFormOf(again->second), changes);
      retold.erase(again);
    } else {
      ++changes.gone;
    }
  }
  std::set<Uuid> duplicates;
  for (const auto& [key, report] : found) {
    if (IsVouched(report->provenance) && !IsVouched(kept.receipt.provenance)) {
      ++changes.vouched[report->reporter];
    }
    if (kept.duplicate_keys.contains(report->report_key)) {
      duplicates.insert(report->report_key);
      // Whether it tells failures of its own nobody asked before that version.
      changes.may_be_retold |= kept.parser_version < store::kFirstRetold &&
                               retold.contains(KeyOf(store::Retold(*report)));
    } else {
      ++changes.added;
    }
  }
  // A duplicate that is read no longer is gone as well, though no row of ours is.
  for (const Uuid& key : kept.duplicate_keys) {
    if (!duplicates.contains(key)) ++changes.gone;
  }
  changes.quarantined = now.receipt.quarantined_count - kept.receipt.quarantined_count;
  const auto words = [](const store::Receipt& receipt) {
    return std::tie(receipt.reason, receipt.reason_detail, receipt.foreign_domains,
                    receipt.quarantined_domains, receipt.reporter, receipt.report_count);
  };
  changes.reason = words(kept.receipt) != words(now.receipt);
  return changes;
}

}  // namespace tlsrpt::ingest
