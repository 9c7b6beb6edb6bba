// The administrator's certificate and key, for STARTTLS and HTTPS, and what takes their
// place when the files change: certbot renews them every two months, and nobody restarts
// a mail server for that.
//
// The files are looked at whenever the house is kept. What changed is read once it has
// stayed as it is from one look to the next, so that a pair of which one half is new is
// waited for. What cannot be used is said once, and the one before stays in force.
//
// Started as root, the program reads the key as root and is an ordinary user afterwards:
// where that user may not read it, the files are not looked at, and a warning says so.
//
// Errors   of the first Load(): for the administrator, and the process ends. Later ones
//          go to the log.
// Threads  Load() and CheckWatchable() before Renewed() is called; AskForReload() any.
#pragma once

#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/net/tls_context.h"
#include "base/ops/log.h"
#include "base/result.h"

namespace tlsrpt::cmd {

class Certificate {
 public:
  // An empty key_path: the key is in the certificate's file.
  Certificate(std::string certificate_path, std::string key_path, Logger& log);

  Result<std::shared_ptr<const net::TlsContext>> Load();

  // As the user that the process stays: warns where a renewed one could not be read.
  void CheckWatchable();

  // The one that is to be used from now on; nothing where all stays as it is.
  std::shared_ptr<const net::TlsContext> Renewed();

  // At the next call of Renewed() the files are read whether they look changed or not.
  void AskForReload() { asked_ = true; }

 private:
  // What tells a file from the one that had its name before. Nothing: it is not there, or
  // not for this user.
  struct FileMark {
    dev_t device;
    ino_t inode;
    off_t size;
    std::int64_t modified_ns, changed_ns;  // changed: rights too
    bool operator==(const FileMark&) const = default;
  };
  using Marks = std::array<std::optional<FileMark>, 2>;

  static std::optional<FileMark> MarkOf(const std::string& path);
  Marks Look() const { return {MarkOf(certificate_path_), MarkOf(key_path_)}; }

  const std::string certificate_path_;
  const std::string key_path_;
  Logger& log_;
  bool watched_ = true;
  std::atomic<bool> asked_ = false;
  Marks seen_;  // at the last look
  Marks read_;  // when they were read, whatever came of it
};

}  // namespace tlsrpt::cmd
