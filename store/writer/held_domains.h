// Whom a receipt holds back: a report in quarantine that somebody vouches for, or that
// nobody has looked into, stands in the way of the domains that it may be about
// (`intake_settled`).
//
// Threads  pure.
#pragma once

#include "store/model/receipt.h"
#include "store/work/work.h"

namespace tlsrpt::store {

inline void AddHeldDomains(const Receipt& receipt, EvidenceChange& change) {
  if (!MayHoldBack(receipt)) return;
  for (const std::string& domain : receipt.quarantined_domains) {
    if (domain == kEveryDomain) {
      change.names.emplace_back();
      continue;
    }
    change.names.push_back(domain);
    change.failing_hosts.push_back(domain);  // held about an MX host: a failure, maybe
  }
}

}  // namespace tlsrpt::store
