#include "store/writer/written_before.h"

#include <deque>

#include "store/writer/failures_told.h"
#include "store/writer/retold.h"

namespace tlsrpt::store {

WrittenBefore StillWritten(const std::vector<KeptReport>& owned,
                           const std::vector<FiledReport>& now) {
  // The first of those that look alike is the one that is stored.
  std::map<RowKey, const FiledReport*> found;
  for (const FiledReport& report : now) found.try_emplace(KeyOf(report), &report);
  std::deque<FiledReport> retold;
  for (const FiledReport& report : now) {
    if (!MayTellOthers(report)) continue;
    retold.push_back(Retold(report));
    found.try_emplace(KeyOf(retold.back()), &retold.back());
  }
  WrittenBefore still;
  for (const KeptReport& kept : owned) {
    const auto at = found.find(KeyOf(kept.filed));
    if (at == found.end()) continue;
    if (FailuresToldBy(kept.filed) == FailuresToldBy(*at->second)) {
      still.emplace(at->first, kept.written_at);
    }
  }
  return still;
}

}  // namespace tlsrpt::store
