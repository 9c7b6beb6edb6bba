// A disk for SQLite that fails or stalls on command: the system's own, with its write
// and sync functions replaced.
#pragma once

#include <atomic>

namespace tlsrpt::test {

struct FaultyDisk {
  static FaultyDisk& Get();  // installed for the whole program at the first call

  std::atomic<bool> fail_syncs{false};   // as EIO from fsync
  std::atomic<bool> fail_writes{false};  // as a full disk
  std::atomic<int> syncs{0};

  // Syncs wait between the two, or those of the database's own file and not of its WAL.
  void Hold();
  void HoldFile();
  void LetGo();
  // Until a sync waits.
  void AwaitHeld();

 private:
  FaultyDisk();
};

}  // namespace tlsrpt::test
