#include "cmd/privileges.h"

#include <grp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tlsrpt::cmd {
namespace {

Error Refused(const std::string& what) {
  return Error{ErrorKind::kUnavailable, what + ": " + std::strerror(errno)};
}

}  // namespace

Result<Privileges> Privileges::LowerTo(const std::string& user) {
  auto found = store::FindServiceUser(user);
  if (!found) return std::move(found).error();
  if (found->must_switch && setgroups(found->groups.size(), found->groups.data()) != 0) {
    return Refused("becoming user " + found->name);
  }
  Privileges privileges(std::move(*found));
  if (auto lowered = privileges.Lower(); !lowered) return std::move(lowered).error();
  return privileges;
}

Result<void> Privileges::Raise() {
  // Not glibc's seteuid(), which would make every thread root: a session may be taking
  // a stranger's mail by now.
  const auto keep = static_cast<uid_t>(-1);
  if (user_.must_switch && (syscall(SYS_setresuid, keep, 0, keep) != 0 ||
                            syscall(SYS_setresgid, keep, 0, keep) != 0)) {
    return Refused("becoming root again");
  }
  return {};
}

Result<void> Privileges::Lower() {
  if (user_.must_switch && (setresgid(user_.gid, user_.gid, 0) != 0 ||
                            setresuid(user_.uid, user_.uid, 0) != 0)) {
    return Refused("becoming user " + user_.name);
  }
  return {};
}

Result<void> Privileges::DropForGood() {
  if (user_.must_switch && (setresgid(user_.gid, user_.gid, user_.gid) != 0 ||
                            setresuid(user_.uid, user_.uid, user_.uid) != 0)) {
    return Refused("becoming user " + user_.name);
  }
  return {};
}

}  // namespace tlsrpt::cmd
