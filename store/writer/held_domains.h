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
    change.names.push_back(domain == "*" ? "" : domain);  // "*": it may be about any
    // What is held about an MX host may be a failure there.
    if (domain != "*") change.failing_hosts.push_back(domain);
  }
}

}  // namespace tlsrpt::store
