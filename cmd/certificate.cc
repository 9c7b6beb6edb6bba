#include "cmd/certificate.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tlsrpt::cmd {
namespace {

std::int64_t Nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Certificate::Certificate(std::string certificate_path, std::string key_path, Logger& log)
    : certificate_path_(std::move(certificate_path)),
      key_path_(key_path.empty() ? certificate_path_ : std::move(key_path)),
      log_(log) {}

std::optional<Certificate::FileMark> Certificate::MarkOf(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileMark{status.st_dev, status.st_ino, status.st_size,
                  Nanoseconds(status.st_mtim), Nanoseconds(status.st_ctim)};
}

Result<std::shared_ptr<const net::TlsContext>> Certificate::Load() {
  seen_ = read_ = Look();
  return net::TlsContext::Load(certificate_path_, key_path_);
}

void Certificate::CheckWatchable() {
  for (const std::string& path : {certificate_path_, key_path_}) {
    // Not access(), which asks for the user that the process was started by.
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
      close(fd);
      continue;
    }
    log_.Write(Event::kCertificateUnwatched,
               {{"file", path}, {"what", std::strerror(errno)}});
    watched_ = false;
    return;
  }
}

std::shared_ptr<const net::TlsContext> Certificate::Renewed() {
  const bool asked = asked_.exchange(false);
  if (!asked && !watched_) return nullptr;
  const Marks now = Look();
  const bool settled = now == std::exchange(seen_, now);
  if (!asked && (!settled || now == read_)) return nullptr;
  read_ = now;
  auto loaded = net::TlsContext::Load(certificate_path_, key_path_);
  if (!loaded) {
    log_.Write(Event::kCertificateKept, {{"what", loaded.error().message}});
    return nullptr;
  }
  watched_ = true;
  log_.Write(Event::kCertificateRenewed, {{"file", certificate_path_}});
  return std::move(*loaded);
}

}  // namespace tlsrpt::cmd
