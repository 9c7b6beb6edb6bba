// The domains that a text speaks about, where no report can be made of it.
//
// A report in quarantine may hold failures, so the domains it names must not be called
// ready. This reads nothing but the members named below, and needs no valid JSON.
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::ingest {

// "policy-domain": normalised, sorted, each once. What does not normalise is left out.
std::vector<std::string> PolicyDomainsIn(std::string_view text);

// The same of "mx-host", a text or a list of them: mox tells the operator of an MX about
// it under somebody else's policy domain.
std::vector<std::string> MxHostsIn(std::string_view text);

}  // namespace tlsrpt::ingest
