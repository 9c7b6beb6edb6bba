// Started as root, the daemon reads its key and opens its ports, and is an ordinary user
// for all the rest: strangers' bytes are never looked at by root.
//
// Errors   kUnavailable: no such user, or the system refuses; the message names it.
// Threads  Lower() and DropForGood() change every thread of the process, Raise() the
//          calling one and those it makes from then on.
#pragma once

#include <string>

#include "base/result.h"
#include "store/embedded/service_user.h"

namespace tlsrpt::cmd {

class Privileges {
 public:
  // As root: makes `user` the effective user and keeps the way back. As anybody else:
  // does nothing, now and later.
  static Result<Privileges> LowerTo(const std::string& user);

  // Root again, in this thread, to bind a low port or to write where only root may.
  Result<void> Raise();
  // The user again, with the way back kept.
  Result<void> Lower();
  // The user for good; there is no way back.
  Result<void> DropForGood();

 private:
  explicit Privileges(store::ServiceUser user) : user_(std::move(user)) {}
  store::ServiceUser user_;
};

}  // namespace tlsrpt::cmd
