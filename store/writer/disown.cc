#include "store/writer/disown.h"

#include "store/writer/copies.h"
#include "store/writer/day_sums.h"

namespace tlsrpt::store {
Rollup Disown(Transaction& tx, const std::vector<KeptReport>& owned) {
  Rollup sums;
  std::vector<const FiledReport*> vouched;
  for (const KeptReport& kept : owned) {
    sums.Add(kept.filed, -1);
    if (IsVouched(kept.filed.provenance)) vouched.push_back(&kept.filed);
  }
  // Of several vouched copies one is in the sums: what is not gets in before it goes, and
  // another takes the place of the one that does.
  ReleaseCopies(tx, vouched);
  CorrectSums(tx, sums);
  for (const KeptReport& kept : owned) {
    const FiledReport& report = kept.filed;
    const Params key{report.policy_domain, report.day, report.report_key, report.reporter,
                     IsVouched(report.provenance)};
    for (const char* query :
         {"disown_report_failure", "disown_policy_result", "disown_report"}) {
      tx.Query(query, key);
    }
  }
  return sums;
}

void PruneSums(Transaction& tx, const Rollup& touched) {
  for (const auto& [key, day] : touched.days()) {
    const auto& [domain, date, kind] = key;
    tx.Query("domain_day_prune", {domain, date, kind});
  }
  for (const auto& [key, failure] : touched.failures()) {
    const auto& [domain, date, kind, result_type] = key;
    tx.Query("domain_day_failure_prune", {domain, date, kind, result_type});
  }
}

}  // namespace tlsrpt::store
