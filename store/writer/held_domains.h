// Whom a receipt holds back: a report in quarantine that somebody vouches for, or that
// nobody has looked into, stands in the way of the domains that it may be about
// (`intake_settled`). So does what one holds as foreign that is ours since: the node that
// took it had an older list.
//
// Threads  pure.
#pragma once

#include "store/model/receipt.h"
#include "store/work/work.h"

namespace tlsrpt::store {

inline void AddHeldDomains(const Receipt& receipt, EvidenceChange& change) {
  if (!MayHoldBack(receipt)) return;
  // It may be an MX host, and a failure at it.
  const auto concerns = [&](const std::string& name) {
    change.names.push_back(name);
    change.failing_hosts.push_back(name);
  };
  for (const std::string& name : receipt.quarantined_domains) {
    if (name == kEveryDomain) {
      change.names.emplace_back();
    } else {
      concerns(name);
    }
  }
  if (!IsVouched(receipt.provenance)) return;
  for (const std::string& name : receipt.foreign_domains) concerns(name);
}

}  // namespace tlsrpt::store
