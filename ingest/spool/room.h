// How much the spool may still take: the quota and the disk.
//
// The writer measures, anybody asks; asking is a few atomic reads. What is asked may
// have changed when the entry comes, so the writer looks again.
//
// Units    bytes.
// Errors   kUnavailable  no room now
//          kTooLarge     more than the quota itself: never
// Threads  every function from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace tlsrpt::ingest {

class Room {
 public:
  Room(std::string path, std::uint64_t quota_bytes, std::uint64_t min_free_disk_bytes);

  // What is in use, WAL included, and how much of it done entries would give back.
  void SetUsed(std::uint64_t used_bytes, std::uint64_t reclaimable_bytes);
  // Asks the file system for its free space, and whether the spool still has its name:
  // SQLite writes on into a file that was removed, and nobody would find it again.
  void MeasureDisk();
  // Entries that wait for the writer.
  void AddQueued(std::uint64_t bytes) { queued_ += bytes; }
  void RemoveQueued(std::uint64_t bytes) { queued_ -= bytes; }

  // Whether `bytes` more would fit after all that is queued.
  Result<void> HasRoom(std::uint64_t bytes) const;
  // The two limits apart, for the writer, which can make room in one of them.
  Result<void> FitsDisk(std::uint64_t bytes) const;
  Error QuotaError() const;

  std::uint64_t quota_bytes() const { return quota_bytes_; }
  std::uint64_t used_bytes() const { return used_; }

 private:
  const std::string path_;
  const std::uint64_t quota_bytes_;
  const std::uint64_t min_free_disk_bytes_;
  std::atomic<std::uint64_t> used_{0};
  std::atomic<std::uint64_t> reclaimable_{0};
  std::atomic<std::uint64_t> queued_{0};
  std::atomic<std::uint64_t> free_disk_{UINT64_MAX};
  std::pair<std::uint64_t, std::uint64_t> file_;  // device, inode; of the writer alone
  std::atomic<bool> gone_{false};
};

}  // namespace tlsrpt::ingest
