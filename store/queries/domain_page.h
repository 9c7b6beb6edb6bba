// One of those whose reports we take; pages of them are fleet.h's.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "store/pg/connection.h"
#include "store/queries/domains.h"

namespace tlsrpt::store {

struct OneDomain {
  DomainRow row;
  std::set<std::string> mx_hosts;  // those of every domain included
  // Of these, the ones that are a domain of ours as well, by name or below a wildcard.
  // A domain names its MX hosts itself, so it may name somebody else's domain.
  std::set<std::string> hosts_that_are_domains = {};
};

// Nothing: not ours.
PgResult<std::optional<OneDomain>> ReadDomain(Connection& connection,
                                              const std::string& domain);

}  // namespace tlsrpt::store
