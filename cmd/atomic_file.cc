#include "cmd/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace tlsrpt::cmd {

Result<void> CheckWritableTarget(const std::string& path) {
  struct stat status {};
  // What is not there, or cannot be looked at, writing will tell.
  if (stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return {};
  return Error{ErrorKind::kMalformed,
               "cannot write " + path + ": it is there, and no regular file"};
}

Result<void> WriteFileAtomically(const std::string& path, std::string_view content) {
  if (auto sound = CheckWritableTarget(path); !sound) return sound;
  const std::string beside = path + ".new";
  const auto failed = [&](const char* what) {
    return Error{ErrorKind::kUnavailable,
                 std::string(what) + " " + path + ": " + std::strerror(errno)};
  };
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return failed("cannot write");
  for (std::size_t written = 0; written < content.size();) {
    const ssize_t n = write(fd, content.data() + written, content.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const Error error = failed("cannot write");
      close(fd);
      return error;
    }
    written += static_cast<std::size_t>(n);
  }
  // For others to read, whatever the umask: a monitor wants the ports.
  const bool synced = fchmod(fd, 0644) == 0 && fsync(fd) == 0;
  close(fd);
  if (!synced || std::rename(beside.c_str(), path.c_str()) != 0) {
    return failed("cannot write");
  }
  return {};
}

}  // namespace tlsrpt::cmd
