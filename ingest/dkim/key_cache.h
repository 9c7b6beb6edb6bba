// Parsed public keys by the text of their record, so that the reporter of ten thousand
// mails has its key decoded once. Text, not name: a rotated key is another text, so
// nothing here can be out of date.
//
// Threads  all calls may be made from any thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace tlsrpt::ingest {

struct DkimKey;

// A handful of reporters with a few keys each; strangers' keys wash through. About 2 KB
// each.
inline constexpr std::size_t kMaxCachedKeys = 256;

class DkimKeyCache {
 public:
  // The key of that record, parsed now if it is not known. Never null: what cannot be
  // parsed is a DkimKey with a fault.
  std::shared_ptr<const DkimKey> Get(const std::string& record);

  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const DkimKey>, std::less<>> keys_;
};

}  // namespace tlsrpt::ingest
