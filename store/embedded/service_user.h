// The user that PostgreSQL runs as: it refuses to run as root.
//
// Errors   kUnavailable, with the remedy.
// Threads  CheckReachable forks; call it from any thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace tlsrpt::store {

struct ServiceUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  // False when we are that user already.
  bool must_switch = false;
};

// `name` when we are root; ourselves, whatever the name, when we are not.
Result<ServiceUser> FindServiceUser(const std::string& name);

// Whether `user` can get to `folder`, asked of the kernel by a child that became that
// user. The error names the first folder on the way that keeps it out.
Result<void> CheckReachable(const std::filesystem::path& folder, const ServiceUser& user);

// Becomes `user`; for a child between fork and exec. False where that is refused.
bool BecomeUser(const ServiceUser& user) noexcept;

}  // namespace tlsrpt::store
