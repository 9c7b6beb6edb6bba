// One process at a time owns a data directory: flock on the file `lock` inside it. The
// kernel lets go when the owner dies, however it dies.
//
// Errors   kUnavailable: the file cannot be made or locked.
// Threads  a value with one owner.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "base/result.h"

namespace tlsrpt::store {

class DataDirLock {
 public:
  // Nothing while another process (or another lock of this one) holds it.
  static Result<std::optional<DataDirLock>> TryLock(
      const std::filesystem::path& data_dir);

  // Who wrote itself into the lock file last; for messages only.
  static std::optional<pid_t> HolderOf(const std::filesystem::path& data_dir);

  DataDirLock(DataDirLock&& other) noexcept;
  DataDirLock& operator=(DataDirLock&& other) noexcept;
  ~DataDirLock();

 private:
  explicit DataDirLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace tlsrpt::store
