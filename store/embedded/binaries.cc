#include "store/embedded/binaries.h"

#include <unistd.h>

#include <fstream>
#include <map>
#include <string>
#include <system_error>

#include "base/text.h"

namespace tlsrpt::store {
namespace {

constexpr int kOldestMajor = 15;

std::optional<int> MajorOf(std::string_view text) {
  const auto number = ParseUnsigned(text);
  if (!number || *number > 1000) return std::nullopt;
  return static_cast<int>(*number);
}

bool IsProgram(const std::filesystem::path& file) {
  return access(file.c_str(), X_OK) == 0;
}

std::map<int, std::filesystem::path> Installed(const std::filesystem::path& root) {
  std::map<int, std::filesystem::path> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(root, ignored)) {
    const auto major = MajorOf(entry.path().filename().string());
    const auto folder = entry.path() / "bin";
    if (major && *major >= kOldestMajor && IsProgram(folder / "postgres") &&
        IsProgram(folder / "initdb")) {
      found[*major] = folder;
    }
  }
  return found;
}

}  // namespace

Result<std::optional<int>> ClusterVersion(const std::filesystem::path& cluster) {
  const auto file = cluster / "PG_VERSION";
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return std::optional<int>();
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  const auto major = MajorOf(Trim(line));
  if (!major) {
    return Error{ErrorKind::kUnavailable,
                 file.string() + " does not hold the version of a PostgreSQL cluster"};
  }
  return major;
}

Result<PostgresBinaries> FindBinaries(const std::filesystem::path& root,
                                      const std::filesystem::path& cluster) {
  auto wanted = ClusterVersion(cluster);
  if (!wanted) return wanted.error();
  const auto installed = Installed(root);
  if (installed.empty()) {
    return Error{ErrorKind::kUnavailable,
                 "no PostgreSQL server, 15 or newer, under " + root.string() +
                     ": install the package `postgresql`, or name a database of yours "
                     "in the settings"};
  }
  if (!*wanted) {
    return PostgresBinaries{installed.rbegin()->first, installed.rbegin()->second};
  }
  const auto found = installed.find(**wanted);
  if (found != installed.end()) return PostgresBinaries{found->first, found->second};

  std::string others;
  for (const auto& [major, folder] : installed) {
    if (!others.empty()) others += ", ";
    others += std::to_string(major);
  }
  const std::string version = std::to_string(**wanted);
  return Error{ErrorKind::kUnavailable,
               "the cluster in " + cluster.string() + " was made by PostgreSQL " +
                   version + ", and only version " + others + " is installed under " +
                   root.string() + ": install postgresql-" + version +
                   ", or convert the cluster with pg_upgrade"};
}

}  // namespace tlsrpt::store
