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

// Whether the caller, who sees `domain`, also sees what is filed under `host`, one of its
// MX hosts. Not where the host is a domain of ours that the caller may not see: whoever
// writes a domain's policy chooses its MX names, and could name a neighbour.
bool SeesHost(const Caller& caller, const store::OneDomain& domain,
              const std::string& host);

// The domain, then those of its MX hosts that the caller sees: `tlsa` results are filed
// under them.
std::vector<std::string> NamesOf(const Caller& caller, const store::OneDomain& domain);

}  // namespace tlsrpt::api
