// The log: one line an event, to standard error, as text or as one JSON object.
//
// Events are declared in one table (log.cc) with level, meaning and what to do; the
// reference is printed by HelpLog(). What comes from strangers is always a field, never
// part of a format; control characters are escaped.
//
// Threads  Write() from any thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/error_table.h"

namespace tlsrpt {

enum class Event {
  kStarted,
  kStopping,
  kStopped,
  kListening,
  kCertificateRenewed,
  kCertificateKept,
  kCertificateUnwatched,
  kIntake,
  kIntakeRefused,
  kSpoolError,
  kDatabaseAway,
  kDatabaseBack,
  kDomainCacheStale,
  kDomainCacheWritten,
  kMigrated,
  kBatchWritten,
  kReportQuarantined,
  kPartitionMissing,
  kKeyAwaited,
  kKeyGivenUp,
  kPartitionsMade,
  kPartitionDropped,
  kForeignRetried,
  kSpoolReplayed,
  kWorkFailed,
  kStateChanged,
  kPostgresStarted,
  kPostgresDied,
  kPostgresStopped,
  kRequestRefused,
  kInternalError,
};

struct LogField {
  std::string_view name;
  std::string value;
};

enum class LogFormat { kText, kJson };

class Logger {
 public:
  Logger(LogLevel least, LogFormat format);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void Write(Event event, std::initializer_list<LogField> fields);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Every event: name, level, meaning, what to do.
std::string HelpLog();

}  // namespace tlsrpt
