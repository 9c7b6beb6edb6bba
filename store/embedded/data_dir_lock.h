// One process at a time owns a data directory: flock on the file `lock` inside it. Those
// that use the owner's server meanwhile hold `guests`, shared, so that an owner who stays
// for one call only can wait for them. The kernel lets go of both when a process dies,
// however it dies.
//
//   lock = pid [" open"] LF     open: the database is there, and guests may come
//
// Errors   kUnavailable: a file cannot be made, written or locked.
// Threads  values with one owner.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/result.h"

namespace tlsrpt::store {

class DataDirLock {
 public:
  // Nothing while another process (or another lock of this one) holds it.
  static Result<std::optional<DataDirLock>> TryLock(
      const std::filesystem::path& data_dir);

  // Whether somebody holds it. Makes no file.
  static bool IsHeld(const std::filesystem::path& data_dir);

  // Who wrote itself into the lock file last; for messages only.
  static std::optional<pid_t> HolderOf(const std::filesystem::path& data_dir);

  // Whether that one lets guests in. Means something only while the lock is held.
  static bool IsOpen(const std::filesystem::path& data_dir);

  // Lets guests in, or no more of them.
  Result<void> SetOpen(bool open);

  DataDirLock(DataDirLock&& other) noexcept;
  DataDirLock& operator=(DataDirLock&& other) noexcept;
  ~DataDirLock();

 private:
  explicit DataDirLock(int fd) : fd_(fd) {}
  int fd_;
};

// Somebody who uses the owner's server; gone when it goes.
class Guest {
 public:
  // Nothing while the owner lets nobody in.
  static Result<std::optional<Guest>> TryEnter(const std::filesystem::path& data_dir);

  // For an owner who lets nobody in any more: waits for those who are in. False after
  // `timeout`.
  static bool WaitUntilNone(const std::filesystem::path& data_dir,
                            std::chrono::milliseconds timeout);

  Guest(Guest&& other) noexcept;
  Guest& operator=(Guest&& other) noexcept;
  ~Guest();

 private:
  explicit Guest(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace tlsrpt::store
