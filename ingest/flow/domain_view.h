// What the database last said is ours, for those who must not ask it for every mail.
//
// Threads  a DomainView is const; DomainViews swaps one for another from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "store/model/own_domains.h"
#include "store/model/reporter.h"

namespace tlsrpt::ingest {

struct DomainView {
  store::OwnDomains own;
  std::set<std::string> counted_reporters;
  store::ReporterProfiles profiles = {};
  std::size_t wildcard_names = 0;  // names that exist because a report named them
};

class DomainViews {
 public:
  // Null until the first Set(): nothing can be filed before.
  std::shared_ptr<const DomainView> Get() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  void Set(DomainView view) {
    auto next = std::make_shared<const DomainView>(std::move(view));
    const std::lock_guard lock(mutex_);
    current_ = std::move(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const DomainView> current_;
};

}  // namespace tlsrpt::ingest
