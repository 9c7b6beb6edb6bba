#include "store/embedded/data_dir_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

namespace tlsrpt::store {

namespace {

constexpr const char* kLockName = "lock";
constexpr const char* kGuestsName = "guests";
constexpr const char* kOpen = "open";
constexpr std::chrono::milliseconds kLookAgain{50};

Error Failed(const char* what, const std::filesystem::path& file) {
  return Error{ErrorKind::kUnavailable,
               std::string(what) + " " + file.string() + ": " + std::strerror(errno)};
}

// Not inherited: a server that outlives us for a moment must not hold our lock.
Result<int> OpenToLock(const std::filesystem::path& file) {
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Failed("opening", file);
  return fd;
}

}  // namespace

Result<std::optional<DataDirLock>> DataDirLock::TryLock(
    const std::filesystem::path& data_dir) {
  const std::filesystem::path file = data_dir / kLockName;
  const auto fd = OpenToLock(file);
  if (!fd) return fd.error();
  DataDirLock lock(*fd);
  if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::optional<DataDirLock>();
    return Failed("locking", file);
  }
  if (auto written = lock.SetOpen(false); !written) return written.error();
  // By the owner, so that whoever may open the one may open the other.
  const auto guests = OpenToLock(data_dir / kGuestsName);
  if (!guests) return guests.error();
  close(*guests);
  return std::optional<DataDirLock>(std::move(lock));
}

bool DataDirLock::IsHeld(const std::filesystem::path& data_dir) {
  const int fd = open((data_dir / kLockName).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  const bool held = flock(fd, LOCK_SH | LOCK_NB) != 0;
  close(fd);
  return held;
}

Result<void> DataDirLock::SetOpen(bool open) {
  const std::string text =
      std::to_string(getpid()) + (open ? std::string(" ") + kOpen : "") + "\n";
  if (ftruncate(fd_, 0) != 0 || pwrite(fd_, text.data(), text.size(), 0) < 0) {
    return Failed("writing", kLockName);
  }
  return {};
}

bool DataDirLock::IsOpen(const std::filesystem::path& data_dir) {
  std::ifstream file(data_dir / kLockName);
  pid_t pid = 0;
  std::string state;
  return file >> pid >> state && state == kOpen;
}

std::optional<pid_t> DataDirLock::HolderOf(const std::filesystem::path& data_dir) {
  std::ifstream file(data_dir / kLockName);
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

Result<std::optional<Guest>> Guest::TryEnter(const std::filesystem::path& data_dir) {
  const std::filesystem::path file = data_dir / kGuestsName;
  const auto fd = OpenToLock(file);
  if (!fd) return fd.error();
  Guest guest(*fd);
  if (flock(*fd, LOCK_SH | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::optional<Guest>();  // the owner waits
    return Failed("locking", file);
  }
  // Only now: an owner that lets nobody in any more has said so before it looked for us.
  if (!DataDirLock::IsOpen(data_dir)) return std::optional<Guest>();
  return std::optional<Guest>(std::move(guest));
}

bool Guest::WaitUntilNone(const std::filesystem::path& data_dir,
                          std::chrono::milliseconds timeout) {
  const auto fd = OpenToLock(data_dir / kGuestsName);
  if (!fd) return false;
  const Guest looking(*fd);
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(kLookAgain);
  }
  return true;
}

Guest::Guest(Guest&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Guest& Guest::operator=(Guest&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Guest::~Guest() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace tlsrpt::store
