#include "store/embedded/data_dir_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

namespace tlsrpt::store {

Result<std::optional<DataDirLock>> DataDirLock::TryLock(
    const std::filesystem::path& data_dir) {
  const std::filesystem::path file = data_dir / "lock";
  // Not inherited: a server that outlives us for a moment must not hold our lock.
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return Error{ErrorKind::kUnavailable,
                 "opening " + file.string() + ": " + std::strerror(errno)};
  }
  DataDirLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::optional<DataDirLock>();
    return Error{ErrorKind::kUnavailable,
                 "locking " + file.string() + ": " + std::strerror(errno)};
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    return Error{ErrorKind::kUnavailable,
                 "writing " + file.string() + ": " + std::strerror(errno)};
  }
  return std::optional<DataDirLock>(std::move(lock));
}

std::optional<pid_t> DataDirLock::HolderOf(const std::filesystem::path& data_dir) {
  std::ifstream file(data_dir / "lock");
  pid_t pid = 0;
  if (file >> pid && pid > 0) return pid;
  return std::nullopt;
}

DataDirLock::DataDirLock(DataDirLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

DataDirLock& DataDirLock::operator=(DataDirLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

DataDirLock::~DataDirLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace tlsrpt::store
