#include "ingest/spool/recent_entries.h"

#include <utility>

namespace tlsrpt::ingest {

void RecentEntries::Add(std::int64_t entry_id, std::uint64_t bytes, SpoolEntry entry) {
  if (bytes_ + bytes > kRecentBytes) return;
  bytes_ += bytes;
  entries_.push_back({entry_id, bytes, std::move(entry)});
}

std::vector<SpoolItem> RecentEntries::Take(const std::vector<SpoolFile::Taken>& taken) {
  std::vector<SpoolItem> items;
  for (const SpoolFile::Taken& run : taken) {
    // Here is only what was never taken, which is taken in the order of its ids: so the
    // first is in the run or after it.
    while (!entries_.empty() && entries_.front().entry_id <= run.last_id) {
      Recent& first = entries_.front();
      bytes_ -= first.bytes;
      items.push_back({first.entry_id, run.crashes, std::move(first.entry)});
      entries_.pop_front();
    }
  }
  return items;
}

}  // namespace tlsrpt::ingest
