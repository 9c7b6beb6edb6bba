// Which policy domains are ours, and whose rows a policy result becomes.
//
// A report is about "our" domain when it names a configured domain, a name below a
// configured wildcard, or - but under `sts` - one of our MX hosts: Postfix and mox put
// the MX host of a `tlsa` result into policy-domain. Everything else is foreign: held
// with the receipt, stored nowhere, tried again when the list changes (DESIGN 4).
//
// A policy may name its MX hosts by a pattern alone, "mx: *.firm.example". The pattern is
// then itself one of our MX hosts, under which is filed what is said of any host that it
// stands for. Not the host: whoever writes reports could make as many of those as he
// likes, and every node keeps them in memory. A pattern is had as a name is, out of the
// policy of a domain of ours as a known reporter quotes it (store/writer/batch.cc), and
// is evidence about the domains with that policy alone. Out of a stranger's mail "*.com"
// would make everybody's hosts ours, and what failed there hold our domains back.
//
// Threads  const after construction; replace the whole to change it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/model/report.h"

namespace tlsrpt::store {

// Whether a result may be about an MX host whoever's domain the mail was for. An `sts`
// policy is its domain's, and anybody may write our MX into his; a type that cannot be
// read may be `tlsa`.
inline bool IsAboutMxHosts(PolicyType type) { return type != PolicyType::kSts; }

// The pattern of a policy that stands for `host`, one label for the star (RFC 8461, 4.1).
// Empty where that would be "*.com", which says nothing of whose hosts they are.
// `host`: normalised.
std::string MxPatternFor(std::string_view host);

class OwnDomains {
 public:
  OwnDomains() = default;
  // `domains`: normalised names, ".example.net" for every domain below it.
  // `mx_hosts`: normalised host names, "*.example.net" for one label below it.
  // `named_throughout`: those of them that every domain with the pattern for it has by
  // name as well, so that nobody looks for it under the pattern.
  OwnDomains(std::set<std::string> domains, std::set<std::string> mx_hosts,
             std::set<std::string> named_throughout = {});

  // The same with these besides.
  OwnDomains With(const std::set<std::string>& domains,
                  const std::set<std::string>& mx_hosts) const;

  // Nothing is configured, so every report is foreign.
  bool empty() const { return domains_.empty() && wildcards_.empty(); }

  // Configured by name.
  bool IsConfigured(std::string_view domain) const;
  // Below a configured wildcard, at any depth, and not configured by name.
  bool IsBelowWildcard(std::string_view domain) const;
  // By that very name, or pattern.
  bool IsMxHost(std::string_view host) const;
  // What is said of `host` as an MX host is filed under: its name, the pattern that
  // stands for it, both where some domain has the pattern alone, or nothing.
  std::set<std::string> MxNamesOf(std::string_view host) const;

  // Where `result` is filed: under its own policy domain, under each MX host of ours that
  // it names, or nowhere when it is foreign. Sorted.
  //
  // Under the MX host even where the policy domain is ours, too: other domains have that
  // MX. And what a name holds of a report must not depend on which other domains are ours
  // today, or the same report, come again, would tell something else of it.
  //
  // mox reports to an MX operator with the recipient's (foreign) domain in policy-domain
  // and the MX in mx-host: such a result is filed under the MX, and so is one for a name
  // that only a wildcard makes ours: whoever else has that MX must see it, and the name
  // may never come into being. Where but a pattern stands for it, it may be no MX host at
  // all, and is filed under the name as well.
  std::vector<std::string> FilingNames(const PolicyResult& result) const;

 private:
  std::set<std::string, std::less<>> domains_;
  std::set<std::string, std::less<>> wildcards_;  // without the leading dot
  std::set<std::string, std::less<>> mx_hosts_;
  std::set<std::string, std::less<>> named_throughout_;
};

}  // namespace tlsrpt::store
