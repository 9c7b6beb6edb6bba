// A disk that forgets what was not synced: for LD_PRELOAD, beside
// tests/system/forgetful.py.
//
// Nothing is intercepted but the calls that make things durable. At each, what they cover
// is written down in another folder: for a file its bytes, under its inode's number; for
// the folder its names and the inodes that they stand for. What that folder holds is then
// all that a power cut may leave; the test puts it in the place of what there was.
//
// Harsher than most disks: a file's name is durable only once its folder was synced, and
// nothing becomes durable by itself.
//
//   FORGETFUL_FOLDER   whose files are meant, those directly in it
//   FORGETFUL_KEEP     where to write down, on the same file system; missing: nowhere, as
//                      on a disk that lies about syncing
//   FORGETFUL_DIE      NAME:COUNT: dies before the COUNT-th write into that file
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>

namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

const std::string& Folder() {
  static const std::string folder = Variable("FORGETFUL_FOLDER");
  return folder;
}

const std::string& Keep() {
  static const std::string keep = Variable("FORGETFUL_KEEP");
  return keep;
}

std::string PathOf(int fd) {
  char path[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), path, sizeof path);
  return length < 0 ? std::string() : std::string(path, static_cast<size_t>(length));
}

// Whether `path` is a file directly in the folder.
bool IsMeant(const std::string& path) {
  const std::string& folder = Folder();
  return !folder.empty() && path.size() > folder.size() + 1 && path.starts_with(folder) &&
         path[folder.size()] == '/' &&
         path.find('/', folder.size() + 1) == std::string::npos;
}

bool WriteAll(int fd, const char* bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = write(fd, bytes, count);
    if (written <= 0) return false;
    bytes += written;
    count -= static_cast<size_t>(written);
  }
  return true;
}

// In one step: a death in the middle leaves what was durable before.
template <class F>
bool Replace(const std::string& name, const F& fill) {
  const std::string beside = Keep() + "/beside";
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool filled = fill(fd);
  close(fd);
  return filled && rename(beside.c_str(), (Keep() + "/" + name).c_str()) == 0;
}

bool KeepFile(int fd, const struct stat& status) {
  // Opened again: it may be open for writing only.
  const int from =
      open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC);
  if (from < 0) return false;
  const bool kept = Replace(std::to_string(status.st_ino), [from](int to) {
    static char room[1 << 20];  // under the lock of Sync()
    ssize_t count = 0;
    while ((count = read(from, room, sizeof room)) > 0) {
      if (!WriteAll(to, room, static_cast<size_t>(count))) return false;
    }
    return count == 0;
  });
  close(from);
  return kept;
}

bool KeepNames() {
  return Replace("names", [](int to) {
    DIR* folder = opendir(Folder().c_str());
    if (folder == nullptr) return false;
    bool kept = true;
    while (const dirent* entry = readdir(folder)) {
      if (entry->d_type != DT_REG) continue;
      const std::string line = std::to_string(entry->d_ino) + " " + entry->d_name + "\n";
      kept = kept && WriteAll(to, line.data(), line.size());
    }
    closedir(folder);
    return kept;
  });
}

// -1 where it is none of ours.
int Sync(int fd) {
  static std::mutex mutex;
  struct stat status;
  if (Folder().empty() || fstat(fd, &status) != 0) return -1;
  const std::string path = PathOf(fd);
  const bool names = path == Folder();
  if (!names && !IsMeant(path)) return -1;
  if (Keep().empty()) return 0;
  const std::lock_guard lock(mutex);
  if (names ? KeepNames() : KeepFile(fd, status)) return 0;
  abort();  // a test that kept nothing would find everything lost
}

void DieIfDue(int fd) {
  static const std::string die = Variable("FORGETFUL_DIE");
  if (die.empty()) return;
  static const size_t colon = die.rfind(':');
  static const std::string path = Folder() + "/" + die.substr(0, colon);
  static const long count = std::atol(die.c_str() + colon + 1);
  static std::atomic<long> writes = 0;
  if (PathOf(fd) == path && ++writes == count) kill(getpid(), SIGKILL);
}

template <class F>
F Next(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fsync(int fd) {
  static const auto next = Next<int (*)(int)>("fsync");
  return Sync(fd) == 0 ? 0 : next(fd);
}

int fdatasync(int fd) {
  static const auto next = Next<int (*)(int)>("fdatasync");
  return Sync(fd) == 0 ? 0 : next(fd);
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t at) {
  static const auto next =
      Next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  DieIfDue(fd);
  return next(fd, bytes, count, at);
}

}  // extern "C"
