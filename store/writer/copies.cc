#include "store/writer/copies.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "store/pg/quote.h"
#include "store/writer/day_sums.h"
#include "store/writer/insert_chunked.h"
#include "store/writer/rollup.h"
#include "store/writer/stored_report.h"

namespace tlsrpt::store {
namespace {

// A report by its own words, whoever vouches.
using ReportName = std::tuple<std::string, std::chrono::sys_days, Uuid>;

ReportName NameOf(const FiledReport& report) {
  return {report.policy_domain, report.day, report.report_key};
}

// Those of `names` that have more than one vouched row. Nearly always none, so this is
// one statement for the whole batch.
std::vector<ReportName> CopiedAmong(Transaction& tx, const std::set<ReportName>& names) {
  std::vector<ReportName> copied;
  ValuesBuilder select("SELECT r.policy_domain, r.day, r.report_key FROM (VALUES ");
  const auto flush = [&] {
    if (select.rows() == 0) return;
    const ResultSet rows = tx.Exec(select.Finish(
        ") AS added (policy_domain, day, report_key) JOIN report r"
        " ON r.policy_domain = added.policy_domain AND r.day = added.day::date"
        " AND r.report_key = added.report_key::uuid WHERE r.vouched"
        " GROUP BY r.policy_domain, r.day, r.report_key HAVING count(*) > 1"));
    for (const Row row : rows) {
      copied.emplace_back(std::string(row.Text(0)), row.Date(1), row.Uuid(2));
    }
  };
  for (const auto& [domain, day, key] : names) {
    select.Row().Text(domain).Date(day).Uuid(key);
    if (select.rows() >= kRowsPerStatement) flush();
  }
  flush();
  return copied;
}

std::vector<VouchedCopy> ReadCopies(Transaction& tx, const ReportName& name) {
  const auto& [domain, day, key] = name;
  std::vector<VouchedCopy> copies;
  for (const Row row : tx.Query("vouched_copies", {domain, day, key})) {
    copies.push_back({static_cast<Provenance>(row.Int32("provenance")),
                      row.Bool("from_known"), row.Timestamp("received_at"),
                      std::string(row.Text("reporter"))});
  }
  std::sort(copies.begin(), copies.end(), CountsBefore);
  return copies;
}

FiledReport ReadCounts(Transaction& tx, const ReportName& name, const VouchedCopy& copy) {
  const auto& [domain, day, key] = name;
  return ReadStoredReport(tx, domain, day, key, copy.reporter, copy.provenance);
}

// The reporters of vouched `reports`, by report.
std::map<ReportName, std::set<std::string>> ReportersOf(
    std::span<const FiledReport* const> reports) {
  std::map<ReportName, std::set<std::string>> reporters;
  for (const FiledReport* report : reports) {
    if (IsVouched(report->provenance)) {
      reporters[NameOf(*report)].insert(report->reporter);
    }
  }
  return reporters;
}

std::set<ReportName> NamesOf(
    const std::map<ReportName, std::set<std::string>>& reporters) {
  std::set<ReportName> names;
  for (const auto& [name, of] : reporters) names.insert(name);
  return names;
}

}  // namespace

void SettleCopies(Transaction& tx, std::span<const FiledReport* const> added) {
  const auto added_as = ReportersOf(added);
  Rollup change;
  for (const ReportName& name : CopiedAmong(tx, NamesOf(added_as))) {
    const std::set<std::string>& now_added = added_as.at(name);
    const std::vector<VouchedCopy> copies = ReadCopies(tx, name);
    // Before, the sums held the first of those that were there, and since each new one.
    bool before_found = false;
    for (std::size_t i = 0; i < copies.size(); ++i) {
      const bool is_new = now_added.contains(copies[i].reporter);
      const bool held = is_new || !before_found;
      before_found = before_found || !is_new;
      const bool counts = i == 0;
      if (held == counts) continue;
      change.Add(ReadCounts(tx, name, copies[i]), counts ? 1 : -1);
    }
  }
  CorrectSums(tx, change);
}

void ReleaseCopies(Transaction& tx, std::span<const FiledReport* const> going) {
  const auto going_as = ReportersOf(going);
  // Whoever adds a copy at the same time has committed by now, or sees that these went.
  for (const auto& [name, reporters] : going_as) {
    tx.Query("domain_day_lock", {std::get<0>(name), std::get<1>(name)});
  }
  Rollup change;
  for (const ReportName& name : CopiedAmong(tx, NamesOf(going_as))) {
    const std::set<std::string>& leaving = going_as.at(name);
    const std::vector<VouchedCopy> copies = ReadCopies(tx, name);
    // Only the first is held.
    bool heir_wanted = leaving.contains(copies.front().reporter);
    for (std::size_t i = 0; i < copies.size(); ++i) {
      const bool leaves = leaving.contains(copies[i].reporter);
      const bool inherits = !leaves && heir_wanted;
      if (inherits) heir_wanted = false;
      if (!inherits && !(leaves && i > 0)) continue;
      change.Add(ReadCounts(tx, name, copies[i]));
    }
  }
  CorrectSums(tx, change);
}

}  // namespace tlsrpt::store
