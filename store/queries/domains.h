// Whose reports we take: the lists `domain` and `mx_host`.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/model/own_domains.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct DomainRow {
  std::string domain;  // ".example.net": every domain below it
  std::string source;  // "settings", "command" or "wildcard"
  TimePoint added_at;
  bool demo = false;  // of `tlsrptd demo`: nothing is taken in for it
};

struct DomainList {
  std::vector<DomainRow> domains;  // by name
  // MX hosts by policy domain; those under "" belong to every domain.
  std::map<std::string, std::set<std::string>> mx_hosts;

  // For filing: all but the domains of the demo, which nobody reports on.
  OwnDomains Own() const;
  // Names that exist because a report below a wildcard named them.
  std::size_t WildcardNames() const;
  // Configured by name, or named below a wildcard.
  bool Contains(const std::string& domain) const;
};

PgResult<DomainList> ReadDomains(Connection& connection);

}  // namespace tlsrpt::store
