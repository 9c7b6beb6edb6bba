// Which policy domains are ours, and whose rows a policy result becomes.
//
// A report is about "our" domain when it names a configured domain, a name below a
// configured wildcard, or - but under `sts` - one of our MX hosts: Postfix and mox put
// the MX host of a `tlsa` result into policy-domain. Everything else is foreign: held
// with the receipt, stored nowhere, tried again when the list changes (DESIGN 4).
//
// Threads  const after construction; replace the whole to change it.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "store/model/report.h"

namespace tlsrpt::store {

// Whether a result may be about an MX host whoever's domain the mail was for. An `sts`
// policy is its domain's, and anybody may write our MX into his; a type that cannot be
// read may be `tlsa`.
inline bool IsAboutMxHosts(PolicyType type) { return type != PolicyType::kSts; }

class OwnDomains {
 public:
  OwnDomains() = default;
  // `domains`: normalised names, ".example.net" for every domain below it.
  // `mx_hosts`: normalised host names.
  OwnDomains(std::set<std::string> domains, std::set<std::string> mx_hosts);

  // The same with these besides.
  OwnDomains With(const std::set<std::string>& domains,
                  const std::set<std::string>& mx_hosts) const;

  // Nothing is configured, so every report is foreign.
  bool empty() const { return domains_.empty() && wildcards_.empty(); }

  // Configured by name.
  bool IsConfigured(std::string_view domain) const;
  // Below a configured wildcard, at any depth, and not configured by name.
  bool IsBelowWildcard(std::string_view domain) const;
  bool IsMxHost(std::string_view host) const;

  // Where `result` is filed: its own policy domain, the MX host of ours, or empty when it
  // is foreign.
  //
  // mox reports to an MX operator with the recipient's (foreign) domain in policy-domain
  // and the MX in mx-host: such a result is filed under the MX, and so is one for a name
  // that only a wildcard makes ours: whoever else has that MX must see it, and the name
  // may never come into being.
  std::string FilingDomain(const PolicyResult& result) const;

 private:
  std::set<std::string, std::less<>> domains_;
  std::set<std::string, std::less<>> wildcards_;  // without the leading dot
  std::set<std::string, std::less<>> mx_hosts_;
};

}  // namespace tlsrpt::store
