#include "store/embedded/service_user.h"

#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tlsrpt::store {
namespace {

// "/a/b" as "/", "/a", "/a/b".
std::vector<std::string> WayTo(const std::filesystem::path& folder) {
  std::vector<std::string> way;
  std::filesystem::path so_far;
  for (const auto& part : folder) {
    so_far /= part;
    if (!part.empty()) way.push_back(so_far.string());
  }
  return way;
}

// Exit status of the child: this, or the place on the way that it could not enter.
constexpr std::size_t kAllOpen = 255;

}  // namespace

Result<ServiceUser> FindServiceUser(const std::string& name) {
  const bool root = geteuid() == 0;
  const passwd* entry = root ? getpwnam(name.c_str()) : getpwuid(geteuid());
  ServiceUser user;
  if (entry == nullptr) {
    if (root) {
      return Error{ErrorKind::kUnavailable,
                   "there is no user \"" + name +
                       "\" for PostgreSQL to run as: make one (adduser --system " + name +
                       ") or name another in the settings"};
    }
    // A container may run us under a number without a name.
    user.name = std::to_string(geteuid());
    user.uid = geteuid();
    user.gid = getegid();
    return user;
  }
  user.name = entry->pw_name;
  user.uid = entry->pw_uid;
  user.gid = entry->pw_gid;
  user.must_switch = root;
  if (root && user.uid == 0) {
    return Error{ErrorKind::kUnavailable,
                 "PostgreSQL does not run as root: name another user in the settings"};
  }
  int count = 64;
  user.groups.resize(static_cast<std::size_t>(count));
  if (getgrouplist(entry->pw_name, entry->pw_gid, user.groups.data(), &count) < 0) {
    user.groups.resize(static_cast<std::size_t>(count));
    getgrouplist(entry->pw_name, entry->pw_gid, user.groups.data(), &count);
  }
  user.groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  return user;
}

bool BecomeUser(const ServiceUser& user) noexcept {
  if (!user.must_switch) return true;
  return setgroups(user.groups.size(), user.groups.data()) == 0 &&
         setgid(user.gid) == 0 && setuid(user.uid) == 0;
}

Result<void> CheckReachable(const std::filesystem::path& folder,
                            const ServiceUser& user) {
  const std::vector<std::string> way = WayTo(folder);
  const pid_t child = fork();
  if (child < 0) {
    return Error{ErrorKind::kUnavailable, std::string("fork: ") + std::strerror(errno)};
  }
  if (child == 0) {  // no allocation from here on: other threads may hold locks
    if (!BecomeUser(user)) _exit(0);
    for (std::size_t at = 0; at < way.size(); ++at) {
      if (access(way[at].c_str(), X_OK) != 0) {
        _exit(static_cast<int>(std::min(at, kAllOpen - 1)));
      }
    }
    _exit(static_cast<int>(kAllOpen));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  const auto reached =
      static_cast<std::size_t>(WIFEXITED(status) ? WEXITSTATUS(status) : 0);
  if (reached == kAllOpen) return {};
  const std::string& blocked = way[std::min(reached, way.size() - 1)];
  return Error{ErrorKind::kUnavailable,
               "user " + user.name + " (run_as) cannot enter " + blocked +
                   " on the way to " + folder.string() + ": allow it (chmod o+x " +
                   blocked + ") or choose another data directory"};
}

}  // namespace tlsrpt::store
