#include "store/embedded/socket_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

namespace tlsrpt::store {
namespace {

std::string Octal(mode_t mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", mode);
  return text;
}

// FNV-1a: a name only, the same in every build.
std::string ShortName(const std::string& path) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : path) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  char name[32];
  std::snprintf(name, sizeof name, "tlsrptd-%016llx",
                static_cast<unsigned long long>(hash));
  return name;
}

}  // namespace

std::filesystem::path SocketDirFor(const std::filesystem::path& data_dir, bool root) {
  const auto here = data_dir / "pg-socket";
  const std::string socket =
      (here / (".s.PGSQL." + std::to_string(kEmbeddedPort))).string();
  // libpq takes a comma in `host` for the next host.
  if (socket.size() <= kMaxSocketPathBytes && socket.find(',') == std::string::npos) {
    return here;
  }
  return std::filesystem::path(root ? "/run" : "/tmp") / ShortName(data_dir.string());
}

Result<void> MakePrivateDir(const std::filesystem::path& folder,
                            const ServiceUser& user) {
  const auto fail = [&](const std::string& why) {
    return Error{ErrorKind::kUnavailable, folder.string() + ": " + why};
  };
  if (mkdir(folder.c_str(), 0700) == 0) {
    if (user.must_switch && lchown(folder.c_str(), user.uid, user.gid) != 0) {
      return fail(std::string("chown to ") + user.name + ": " + std::strerror(errno));
    }
    return {};
  }
  if (errno != EEXIST) return fail(std::strerror(errno));
  struct stat found;
  if (lstat(folder.c_str(), &found) != 0) return fail(std::strerror(errno));
  if (!S_ISDIR(found.st_mode)) return fail("is no folder: remove it");
  if (found.st_uid != user.uid) {
    return fail("belongs to user number " + std::to_string(found.st_uid) + ", not to " +
                user.name + ": remove it or chown it");
  }
  if ((found.st_mode & 077) != 0) {
    return fail("is open to other users (mode " + Octal(found.st_mode & 07777) +
                "): chmod 0700 it");
  }
  return {};
}

}  // namespace tlsrpt::store
