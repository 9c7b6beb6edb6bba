#include "base/ops/log.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <ctime>
#include <iterator>

#include "base/text.h"

namespace tlsrpt {
namespace {

// A field longer than this is cut: a stranger must not write the log full.
constexpr std::size_t kMaxFieldBytes = 2000;

struct EventRow {
  Event event;
  std::string_view name;
  LogLevel level;
  std::string_view meaning;
  std::string_view todo;
};

constexpr EventRow kEvents[] = {
    {Event::kStarted, "started", LogLevel::kInfo, "Everything runs.", ""},
    {Event::kStopping, "stopping", LogLevel::kInfo, "Told to stop; no new work.", ""},
    {Event::kStopped, "stopped", LogLevel::kInfo,
     "What was in hand is stored or in the spool.", ""},
    {Event::kListening, "listening", LogLevel::kInfo, "A port is open.", ""},
    {Event::kCertificateRenewed, "certificate_renewed", LogLevel::kInfo,
     "The files of the certificate were read again; new connections get it.", ""},
    {Event::kCertificateKept, "certificate_kept", LogLevel::kError,
     "The files of the certificate cannot be used; the one before stays in use.",
     "Put a certificate and its own key where the message says, for the user that runs "
     "tlsrptd to read. They are read when they change, and at once on SIGHUP."},
    {Event::kCertificateUnwatched, "certificate_unwatched", LogLevel::kWarning,
     "Certificate or key was read as root, and the user that runs tlsrptd may not read "
     "it: a renewed one is not noticed.",
     "Let a group of that user read it, then send SIGHUP; or restart tlsrptd at each "
     "renewal."},
    {Event::kIntake, "intake", LogLevel::kInfo,
     "A submission was taken, or refused for a reason on the client's side.", ""},
    {Event::kIntakeRefused, "intake_refused", LogLevel::kWarning,
     "A submission could not be taken for a reason on our side.",
     "Look at disk space and spool quota; senders try again for a day."},
    {Event::kSpoolError, "spool_error", LogLevel::kError,
     "The spool's file cannot be read or written.",
     "Look at the disk. Nothing acknowledged is lost while the file is there."},
    {Event::kDatabaseAway, "database_away", LogLevel::kWarning,
     "PostgreSQL does not answer. Intake goes on into the spool.",
     "Bring it back; what waits is stored then, by itself."},
    {Event::kDatabaseBack, "database_back", LogLevel::kInfo, "PostgreSQL answers again.",
     ""},
    {Event::kMigrated, "migrated", LogLevel::kInfo, "A migration was applied.", ""},
    {Event::kBatchWritten, "batch_written", LogLevel::kDebug,
     "So many receipts were stored in one transaction.", ""},
    {Event::kReportQuarantined, "report_quarantined", LogLevel::kInfo,
     "A report could not be stored; it is held with its reason.",
     "Usually nothing: a foreign domain, or bytes that are no report."},
    {Event::kPartitionMissing, "partition_missing", LogLevel::kError,
     "The month of a report has no partition; the report waits in the spool.",
     "`tlsrptd migrate` makes partitions; look why housekeeping does not."},
    {Event::kKeyAwaited, "key_awaited", LogLevel::kWarning,
     "DNS does not give the key that signed a report; the report waits, others do not.",
     "Look whether the resolver answers at all (dns.resolver); if it does, the sender's "
     "DNS is to blame."},
    {Event::kKeyGivenUp, "key_given_up", LogLevel::kWarning,
     "The key that signed a report could not be had from DNS: it is held if a counted "
     "reporter may have signed it, else stored without anybody vouching for it.",
     "When DNS is well again, `tlsrptd quarantine retry --all --reason key` and "
     "`tlsrptd reprocess --verify-again --since DAY`."},
    {Event::kPartitionsMade, "partitions_made", LogLevel::kInfo,
     "Months to come were given their partitions.", ""},
    {Event::kPartitionDropped, "partition_dropped", LogLevel::kInfo,
     "The retention of a month ended; what was in it is gone.", ""},
    {Event::kForeignRetried, "foreign_retried", LogLevel::kInfo,
     "A domain or MX host was added, and what was held for it was looked at again.", ""},
    {Event::kSpoolReplayed, "spool_replayed", LogLevel::kInfo,
     "Done entries of the spool stand in line again, as `tlsrptd spool replay` asked.",
     ""},
    {Event::kWorkFailed, "work_failed", LogLevel::kWarning,
     "Partitions, retention, a retry or a domain could not be worked on; it is tried "
     "again.",
     "If it goes on: the message names what PostgreSQL or the disk says."},
    {Event::kStateChanged, "state_changed", LogLevel::kInfo,
     "A domain's verdict, health or confidence is another than before.",
     "`tlsrptd readiness DOMAIN` says why; /v1/domains/{domain}/changes has the log."},
    {Event::kPostgresStarted, "postgres_started", LogLevel::kInfo,
     "Our own PostgreSQL runs.", ""},
    {Event::kPostgresDied, "postgres_died", LogLevel::kError,
     "Our own PostgreSQL ended without being told to; it is started again.",
     "Look at its log in the data directory."},
    {Event::kPostgresStopped, "postgres_stopped", LogLevel::kInfo,
     "Our own PostgreSQL was stopped.", ""},
    {Event::kRequestRefused, "request_refused", LogLevel::kInfo,
     "The API refused a request for a reason that its client is not told.",
     "Look at what PostgreSQL said."},
    {Event::kInternalError, "internal_error", LogLevel::kError,
     "A bug of ours, or a database set up wrong. What was in hand is kept.",
     "Report it, with this line."},
};

const EventRow& RowOf(Event event) {
  for (const EventRow& row : kEvents) {
    if (row.event == event) return row;
  }
  return kEvents[std::size(kEvents) - 1];
}

std::string_view NameOf(LogLevel level) {
  constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warning",
                                                      "error"};
  return kNames[static_cast<std::size_t>(level)];
}

// A JSON string, which is also a readable and safe form for a line of text: no control
// character (C0, DEL or C1, which some terminals obey), no quote, nothing that is not
// UTF-8.
std::string Quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::string clean = CleanUtf8(text, kMaxFieldBytes);
  std::string quoted = "\"";
  for (std::size_t at = 0; at < clean.size(); ++at) {
    char c = clean[at];
    // U+0080 to U+009F is C2 80 to C2 9F.
    const bool is_c1 = c == '\xC2' && static_cast<unsigned char>(clean[at + 1]) < 0xA0;
    if (is_c1) c = clean[++at];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7F || is_c1) {
      quoted += "\\u00";
      quoted += {kHex[byte >> 4], kHex[byte & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

bool IsPlain(std::string_view text) {
  if (text.empty() || text.size() > kMaxFieldBytes) return false;
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c >= 0x7F) return false;
  }
  return true;
}

std::string Timestamp() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()) %
      1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     millis.count());
}

}  // namespace

struct Logger::Impl {
  LogLevel least;
  LogFormat format;
  spdlog::logger sink{"tlsrptd", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
};

Logger::Logger(LogLevel least, LogFormat format)
    : impl_(std::make_unique<Impl>(Impl{least, format})) {
  impl_->sink.set_pattern("%v");
  impl_->sink.flush_on(spdlog::level::info);
}

Logger::~Logger() = default;

void Logger::Write(Event event, std::initializer_list<LogField> fields) {
  const EventRow& row = RowOf(event);
  if (row.level < impl_->least) return;
  std::string line;
  if (impl_->format == LogFormat::kJson) {
    line = "{\"time\":\"" + Timestamp() + "\",\"level\":\"" +
           std::string(NameOf(row.level)) + "\",\"event\":\"" + std::string(row.name) +
           "\"";
    for (const LogField& field : fields) {
      line += "," + Quoted(field.name) + ":" + Quoted(field.value);
    }
    line += "}";
  } else {
    line =
        Timestamp() + " " + std::string(NameOf(row.level)) + " " + std::string(row.name);
    for (const LogField& field : fields) {
      line += " " + std::string(field.name) + "=";
      line += IsPlain(field.value) ? field.value : Quoted(field.value);
    }
  }
  // As an argument: what is in the line is never a format.
  impl_->sink.log(spdlog::level::info, "{}", line);
}

std::string HelpLog() {
  std::string text;
  for (const EventRow& row : kEvents) {
    text += std::string(row.name) + " (" + std::string(NameOf(row.level)) + ")\n    " +
            std::string(row.meaning) + "\n";
    if (!row.todo.empty()) text += "    " + std::string(row.todo) + "\n";
  }
  return text;
}

}  // namespace tlsrpt
