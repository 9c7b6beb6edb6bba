// PostgreSQL's own log, <cluster>/log: why a start failed stands there, once the server
// has begun it, and in what it said before (postgres-start.log) only that it did.
//
// Errors   none: what cannot be read is as good as empty.
// Threads  pure functions of the file system.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace tlsrpt::store {

// How far the log has been written.
struct LogMark {
  std::filesystem::path file;  // the newest; empty where there is none
  std::uintmax_t bytes = 0;
};

LogMark MarkLog(const std::filesystem::path& folder);

// The last lines after `mark` that are ERROR, FATAL or PANIC, a few and not too long, for
// a message. What clients were told while the server was starting is none of them.
std::string ComplaintsSince(const std::filesystem::path& folder, const LogMark& mark);

}  // namespace tlsrpt::store
