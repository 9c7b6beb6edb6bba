// The domain a route is about: read from the path in any spelling, checked against the
// caller, and found among ours.
//
// Errors   400 no domain name; 403 not one of the token's; 404 not ours. The 403 comes
//          first: a token learns nothing about domains that are not its own.
// Threads  as the Call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/rest/call.h"
#include "api/rest/refusal.h"
#include "store/queries/domain_page.h"

namespace tlsrpt::api {

// Normalised; ".example.net", every domain below it, keeps its dot.
Rest<std::string> NormaliseEntry(std::string_view text);

// Nothing where the caller may see `domain`.
Rest<void> CheckSees(const Caller& caller, const std::string& domain);

// The {domain} of the path.
Rest<store::OneDomain> FindDomain(const Call& call);
// The same, and 404 for one that stands for others: nothing is asked about all of them.
Rest<store::OneDomain> FindSingleDomain(const Call& call);

// The domain, then its MX hosts: `tlsa` results are filed under them.
std::vector<std::string> NamesOf(const store::OneDomain& domain);

}  // namespace tlsrpt::api
