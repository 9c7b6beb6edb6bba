// The domains that a text speaks about, where no report can be made of it.
//
// A report in quarantine may hold failures, so the domains it names must not be called
// ready. This reads nothing but "policy-domain" members, and needs no valid JSON.
//
// Threads  pure function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::ingest {

// Normalised, sorted, each once. What does not normalise is left out.
std::vector<std::string> PolicyDomainsIn(std::string_view text);

}  // namespace tlsrpt::ingest
