#include "cmd/caller_name.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace tlsrpt::cmd {

std::string CallerName() {
  if (const char* name = std::getenv("SUDO_USER"); name != nullptr && *name != '\0') {
    return name;
  }
  const passwd* const user = getpwuid(getuid());
  return user != nullptr ? user->pw_name : "uid " + std::to_string(getuid());
}

}  // namespace tlsrpt::cmd
