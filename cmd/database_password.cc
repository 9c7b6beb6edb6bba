#include "cmd/database_password.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include "store/pg/dsn.h"

namespace tlsrpt::cmd {
namespace {

// Far above any password: a path that names another kind of file is noticed.
constexpr std::size_t kMaxPasswordBytes = 4096;

Result<std::string> ReadPassword(const std::string& path) {
  const auto refused = [&](const std::string& what) {
    return Error{ErrorKind::kMalformed, "database_password_file = " + path + ": " + what};
  };
  std::ifstream file(path, std::ios::binary);
  if (!file) return refused(std::strerror(errno));
  std::string text(kMaxPasswordBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return refused("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxPasswordBytes) return refused("too long for a password");
  // The line end that an editor leaves is not part of it.
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return refused("is empty; write the password into it");
  if (text.find_first_of(std::string_view("\0\r\n", 3)) != text.npos) {
    return refused("must hold the password and nothing else, in one line");
  }
  return text;
}

}  // namespace

Result<void> TakeDatabasePassword(Settings& settings) {
  const std::string& path = settings.database_password_file;
  if (path.empty()) return {};
  if (settings.database.empty()) {
    return Error{ErrorKind::kMalformed,
                 "database_password_file = " + path +
                     ": there is no DSN for it; give --database, or leave it away"};
  }
  auto password = ReadPassword(path);
  if (!password) return std::move(password).error();
  auto dsn = store::WithPassword(settings.database, *password);
  if (!dsn) return Wrap(std::move(dsn).error(), "database_password_file = " + path);
  settings.database = *std::move(dsn);
  return {};
}

}  // namespace tlsrpt::cmd
