#include "base/net/socket_file.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace tlsrpt::net {
namespace {

constexpr mode_t kSocketMode = 0666;

Error Unusable(const std::string& path, const std::string& why) {
  return {ErrorKind::kUnavailable, "socket " + path + ": " + why};
}

std::string Reason(int number) { return std::generic_category().message(number); }

// 0, or the errno of a try to connect that does not wait.
int TryConnect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const int number = connect(fd, generic, sizeof address) == 0 ? 0 : errno;
  close(fd);
  return number;
}

}  // namespace

bool IsSocketPath(std::string_view listen) { return listen.starts_with('/'); }

Result<void> MakeWayForSocket(const std::string& path) {
  if (path.size() >= sizeof sockaddr_un{}.sun_path) {
    return Unusable(path, "the path is longer than " +
                              std::to_string(sizeof sockaddr_un{}.sun_path - 1) +
                              " bytes; choose a shorter one");
  }
  struct stat status;
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};  // or no such folder: bind() will say
    return Unusable(path, Reason(errno));
  }
  if (!S_ISSOCK(status.st_mode)) {
    return Unusable(path, "something else is there; move it away or choose another path");
  }
  const int tried = TryConnect(path);
  if (tried == 0 || tried == EAGAIN) {
    return Unusable(path, "another program listens on it");
  }
  if (tried != ECONNREFUSED) return Unusable(path, Reason(tried));
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return Unusable(
        path, "left by a process that died, and cannot be removed: " + Reason(errno));
  }
  return {};
}

Result<SocketFile> SocketFile::Publish(std::string path) {
  struct stat status;
  if (chmod(path.c_str(), kSocketMode) != 0 || lstat(path.c_str(), &status) != 0) {
    return Unusable(path, Reason(errno));
  }
  return SocketFile(std::move(path), status.st_dev, status.st_ino);
}

void SocketFile::Remove() {
  struct stat status;
  if (lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) unlink(path_.c_str());
}

}  // namespace tlsrpt::net
