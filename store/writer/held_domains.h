// Whom a receipt holds back: a vouched report in quarantine stands in the way of the
// domains that it names (`intake_settled`).
//
// Threads  pure.
#pragma once

#include "store/model/receipt.h"
#include "store/model/vocabulary.h"
#include "store/work/work.h"

namespace tlsrpt::store {

inline void AddHeldDomains(const Receipt& receipt, EvidenceChange& change) {
  if (!IsVouched(receipt.provenance)) return;
  for (const std::string& domain : receipt.quarantined_domains) {
    change.names.push_back(domain == "*" ? "" : domain);  // "*": it may be about any
  }
}

}  // namespace tlsrpt::store
