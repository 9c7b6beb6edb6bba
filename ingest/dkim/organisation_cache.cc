#include "ingest/dkim/organisation_cache.h"

#include "store/model/domain_name.h"

namespace tlsrpt::ingest {

std::string OrganisationCache::Get(const std::string& domain) {
  const std::lock_guard lock(mutex_);
  if (const auto found = organisations_.find(domain); found != organisations_.end()) {
    return found->second;
  }
  // Rare, and cheaper than keeping the order of use for every mail.
  if (organisations_.size() >= kMaxCachedOrganisations) organisations_.clear();
  return organisations_.emplace(domain, store::OrganisationalDomain(domain))
      .first->second;
}

std::size_t OrganisationCache::size() const {
  const std::lock_guard lock(mutex_);
  return organisations_.size();
}

}  // namespace tlsrpt::ingest
