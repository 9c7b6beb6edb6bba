#include "ingest/import/file_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace tlsrpt::ingest {
namespace {

// How long a silent pipe keeps somebody waiting who wants to stop.
constexpr int kLookUpMilliseconds = 200;

Error CannotRead(ErrorKind kind) {
  return Error{kind, std::string("cannot be read: ") + std::strerror(errno)};
}

const char* NameOfKind(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

// `read` is read(2) or pread(2): again after a signal.
template <class Call>
Result<std::size_t> Retried(const Call& read) {
  for (;;) {
    const ssize_t got = read();
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return CannotRead(ErrorKind::kUnavailable);
  }
}

}  // namespace

FileSource::FileSource(int fd, bool owned, GoOn go_on)
    : fd_(fd), owned_(owned), go_on_(std::move(go_on)) {
  struct stat found {};
  if (fstat(fd_, &found) == 0 && S_ISREG(found.st_mode)) {
    regular_ = true;
    size_ = static_cast<std::uint64_t>(found.st_size);
  }
}

FileSource::~FileSource() {
  if (owned_) close(fd_);
}

Result<std::unique_ptr<FileSource>> FileSource::Open(const std::string& path,
                                                     bool pipe_too, GoOn go_on) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return CannotRead(ErrorKind::kNotFound);
  const bool pipe = pipe_too && S_ISFIFO(found.st_mode);
  if (!S_ISREG(found.st_mode) && !pipe) {
    return Error{ErrorKind::kMalformed,
                 std::string("is ") + NameOfKind(found.st_mode) + ", not a file"};
  }
  // Not to wait for whoever opens the other end, should it have become a pipe meanwhile.
  int fd = -1;
  do {
    fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | (pipe ? 0 : O_NONBLOCK));
  } while (fd < 0 && errno == EINTR && (!go_on || go_on()));
  if (fd < 0) return CannotRead(ErrorKind::kNotFound);
  return std::unique_ptr<FileSource>(new FileSource(fd, true, std::move(go_on)));
}

std::unique_ptr<FileSource> FileSource::StandardInput(GoOn go_on) {
  return std::unique_ptr<FileSource>(
      new FileSource(STDIN_FILENO, false, std::move(go_on)));
}

Result<std::unique_ptr<FileSource>> FileSource::CopyOf(PeekableSource& source) {
  const char* folder = std::getenv("TMPDIR");
  std::string name =
      std::string(folder != nullptr ? folder : "/tmp") + "/tlsrptd-import-XXXXXX";
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) {
    return Error{ErrorKind::kUnavailable, "no temporary file " + name + ": " +
                                              std::strerror(errno) +
                                              "; TMPDIR says where else"};
  }
  unlink(name.c_str());
  const std::unique_ptr<FileSource> closes_it(new FileSource(fd, true, nullptr));
  for (;;) {
    const auto chunk = source.Next();
    if (!chunk) return chunk.error();
    if (chunk->empty()) break;
    std::string_view left = *chunk;
    while (!left.empty()) {
      const auto put = Retried([&] { return write(fd, left.data(), left.size()); });
      if (!put) {
        return Error{ErrorKind::kUnavailable,
                     std::string("no room for a temporary copy: ") +
                         std::strerror(errno) + "; TMPDIR says where else"};
      }
      left.remove_prefix(*put);
    }
  }
  // Anew, since the size is known now.
  const int again = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (again < 0) {
    return Error{ErrorKind::kUnavailable,
                 std::string("no temporary copy: ") + std::strerror(errno)};
  }
  return std::unique_ptr<FileSource>(new FileSource(again, true, nullptr));
}

bool FileSource::WaitForInput() const {
  for (;;) {
    pollfd wanted{fd_, POLLIN, 0};
    const int ready = poll(&wanted, 1, kLookUpMilliseconds);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // read(2) will say what is wrong
    if (go_on_ && !go_on_()) return false;
  }
}

Result<std::size_t> FileSource::Read(char* out, std::size_t room) {
  if (!regular_ && !WaitForInput()) return std::size_t{0};
  return Retried([&] { return read(fd_, out, room); });
}

Result<std::size_t> FileSource::ReadAt(std::uint64_t offset, char* out,
                                       std::size_t room) {
  return Retried([&] { return pread(fd_, out, room, static_cast<off_t>(offset)); });
}

}  // namespace tlsrpt::ingest
