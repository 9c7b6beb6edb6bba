// Entries that became durable a moment ago, kept for whoever takes them: while the takers
// keep up, nothing is read back from the file.
//
// Units    bytes are those of ContentBytes().
// Threads  one.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "ingest/spool/spool.h"
#include "ingest/spool/spool_file.h"

namespace tlsrpt::ingest {

// Some 3,000 mails, more than come while two takers are busy. Whoever has more before him
// does not keep up anyway, and every byte of it would be memory for nothing.
inline constexpr std::uint64_t kRecentBytes = 8 << 20;

class RecentEntries {
 public:
  // In the order of their ids. One that finds no room is read from the file in its time:
  // those before it are wanted first.
  void Add(std::int64_t entry_id, std::uint64_t bytes, SpoolEntry entry);

  // Those of `taken` that are here, in their order.
  std::vector<SpoolItem> Take(const std::vector<SpoolFile::Taken>& taken);

 private:
  struct Recent {
    std::int64_t entry_id;
    std::uint64_t bytes;
    SpoolEntry entry;
  };

  std::uint64_t bytes_ = 0;
  std::deque<Recent> entries_;
};

}  // namespace tlsrpt::ingest
