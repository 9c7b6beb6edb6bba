// A lock on a file of its own, held until the object ends or the process dies.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace tlsrpt::ingest {

class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileLock();

  // Creates the file where it does not exist. kUnavailable if somebody holds the lock,
  // in another process or in this one.
  static Result<FileLock> Take(const std::string& path);

 private:
  int fd_ = -1;
};

}  // namespace tlsrpt::ingest
