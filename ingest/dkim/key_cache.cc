#include "ingest/dkim/key_cache.h"

#include "ingest/dkim/key_record.h"

namespace tlsrpt::ingest {

std::shared_ptr<const DkimKey> DkimKeyCache::Get(const std::string& record) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = keys_.find(record); found != keys_.end()) return found->second;
  }
  // Not under the lock: it takes as long as a dozen look-ups.
  auto key = std::make_shared<const DkimKey>(ParseDkimKey(record));
  if (record.size() > kMaxKeyRecordBytes) return key;
  const std::lock_guard lock(mutex_);
  // Rare, and cheaper than keeping the order of use for every mail.
  if (keys_.size() >= kMaxCachedKeys) keys_.clear();
  keys_.emplace(record, key);
  return key;
}

std::size_t DkimKeyCache::size() const {
  const std::lock_guard lock(mutex_);
  return keys_.size();
}

}  // namespace tlsrpt::ingest
