#include "ingest/spool/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tlsrpt::ingest {

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

Result<FileLock> FileLock::Take(const std::string& path) {
  FileLock lock;
  lock.fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.fd_ < 0 || flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    const bool held = lock.fd_ >= 0 && errno == EWOULDBLOCK;
    return Error{ErrorKind::kUnavailable,
                 path + ": " +
                     (held ? "held by another process or spool; stop that one first"
                           : std::generic_category().message(errno))};
  }
  return lock;
}

}  // namespace tlsrpt::ingest
