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
    // What was never taken is taken in the order of its ids, so that one before the run
    // is wanted by nobody; one that is in line again is not here.
    while (!entries_.empty() && entries_.front().entry_id <= run.last_id) {
      Recent& first = entries_.front();
      if (first.entry_id >= run.first_id) {
        items.push_back({first.entry_id, run.crashes, std::move(first.entry)});
      }
      RemoveFirst();
    }
  }
  return items;
}

void RecentEntries::RemoveFirst() {
  bytes_ -= entries_.front().bytes;
  entries_.pop_front();
}

}  // namespace tlsrpt::ingest
