// The domains that a text speaks about, where no report can be made of it, nor its
// policies be read (report_parser.h).
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

struct SaidDomains {
  std::vector<std::string> domains;  // normalised, sorted, each once
  // As far as a text can show it: it is not cut off, and each policy in it has a
  // policy-domain that is a name.
  bool all = false;
};

SaidDomains PolicyDomainsIn(std::string_view text);

// The names in "mx-host" (or "mx-host-pattern"), a text or a list of them: mox tells the
// operator of an MX about it under somebody else's policy domain.
std::vector<std::string> MxHostsIn(std::string_view text);

}  // namespace tlsrpt::ingest
