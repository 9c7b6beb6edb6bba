// The organisational domains of the domains that reports are from, so that the Public
// Suffix List is searched once for the reporter of ten thousand mails. It is the same as
// long as the process runs, so nothing here can be out of date.
//
// Threads  all calls may be made from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace tlsrpt::ingest {

// A handful of reporters; strangers' domains wash through.
inline constexpr std::size_t kMaxCachedOrganisations = 256;

class OrganisationCache {
 public:
  // store::OrganisationalDomain() of `domain`, a normalised name.
  std::string Get(const std::string& domain);

  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> organisations_;
};

}  // namespace tlsrpt::ingest
