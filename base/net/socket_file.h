// The name of a unix socket in a folder: made way for, opened to others, and taken away.
//
// Errors   kUnavailable: it cannot be there; the message names the path and the remedy.
// Threads  one.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::net {

// Whether an address to listen on is meant as a path.
bool IsSocketPath(std::string_view listen);

// Takes away a socket at `path` that nobody listens on: a process that died left it. What
// is not a socket, or in use, stays, and is the error.
Result<void> MakeWayForSocket(const std::string& path);

// A socket that was bound to its path.
class SocketFile {
 public:
  // Everybody may connect: as on a loopback port, and who can reach the socket is decided
  // by the folder it is in. Postfix, say, connects as a user of its own.
  static Result<SocketFile> Publish(std::string path);

  // Takes the name away if it still is this socket's. A process that has given its rights
  // away since may not be able to: then the next start makes way.
  void Remove();

 private:
  SocketFile(std::string path, dev_t device, ino_t inode)
      : path_(std::move(path)), device_(device), inode_(inode) {}

  std::string path_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace tlsrpt::net
