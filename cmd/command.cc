#include "cmd/command.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "cmd/database_password.h"
#include "store/embedded/open.h"

namespace tlsrpt::cmd {
namespace {

int ExitCodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kMalformed:
      return kExitUsage;
    case ErrorKind::kTooLarge:
      return kExitTooMuch;
    case ErrorKind::kNotFound:
      return kExitNoDomain;
    case ErrorKind::kUnavailable:
      return kExitUnavailable;
    case ErrorKind::kUnauthentic:
    case ErrorKind::kInternal:
      return kExitInternal;
  }
  return kExitInternal;
}

}  // namespace

std::vector<std::string> StoreKeys(std::vector<std::string> more) {
  more.insert(more.begin(), {"data_dir", "database", "database_password_file", "run_as"});
  return more;
}

int RunWith(const FlagValues& flags, const std::function<Result<int>(Settings)>& body,
            NoStore no_store) {
  auto settings = flags.Load(environ);
  if (settings) {
    if (auto taken = TakeDatabasePassword(*settings); !taken) {
      settings = std::move(taken).error();
    }
  }
  if (!settings) {
    std::fprintf(stderr, "tlsrptd: %s\n", settings.error().message.c_str());
    return kExitConfig;
  }
  if (no_store == NoStore::kRefuse && settings->database.empty() &&
      !store::HasStore(settings->data_dir)) {
    std::fprintf(
        stderr,
        "tlsrptd: data directory %s holds no database of tlsrptd: say where it "
        "is (--data-dir), or start `tlsrptd serve` there first\n",
        std::filesystem::absolute(settings->data_dir).lexically_normal().c_str());
    return kExitConfig;
  }
  const auto status = body(std::move(*settings));
  if (status) return *status;
  std::fprintf(stderr, "tlsrptd: %s\n", status.error().message.c_str());
  return ExitCodeOf(status.error().kind);
}

}  // namespace tlsrpt::cmd
