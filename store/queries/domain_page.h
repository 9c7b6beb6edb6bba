// Whose reports we take, a page or a name at a time: the list may hold 100,000.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/pg/connection.h"
#include "store/queries/domains.h"

namespace tlsrpt::store {

struct DomainPageQuestion {
  std::string after;  // a name, exclusive; "": from the first
  std::int64_t limit = 0;
  std::optional<std::set<std::string>> only;  // nothing: all
};

// By name.
PgResult<std::vector<DomainRow>> ReadDomainPage(Connection& connection,
                                                const DomainPageQuestion& question);

struct OneDomain {
  DomainRow row;
  std::set<std::string> mx_hosts;  // those of every domain included
};

// Nothing: not ours.
PgResult<std::optional<OneDomain>> ReadDomain(Connection& connection,
                                              const std::string& domain);

}  // namespace tlsrpt::store
