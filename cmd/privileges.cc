#include "cmd/privileges.h"

#include <grp.h>
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
  if (found->must_switch) {
    if (setgroups(found->groups.size(), found->groups.data()) != 0 ||
        setresgid(found->gid, found->gid, 0) != 0 ||
        setresuid(found->uid, found->uid, 0) != 0) {
      return Refused("becoming user " + found->name);
    }
  }
  return Privileges(std::move(*found));
}

Result<void> Privileges::Raise() {
  if (user_.must_switch && (seteuid(0) != 0 || setegid(0) != 0)) {
    return Refused("becoming root again");
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
