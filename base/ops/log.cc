#include "base/ops/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "base/character_set.h"
#include "base/text.h"

namespace tlsrpt {
namespace {

// A field longer than this is cut: a stranger must not write the log full.
constexpr std::size_t kMaxFieldBytes = 2000;
// A line of each message that came in is as long.
constexpr std::size_t kUsualLineBytes = 256;

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
    {Event::kDomainCacheStale, "domain_cache_stale", LogLevel::kWarning,
     "The domains are in force, but cannot be written to domains.json in the data "
     "directory, which a start while PostgreSQL is away goes by.",
     "Make room on the disk, or let the user that runs tlsrptd write there; it is tried "
     "again by itself. Before that, restart only while PostgreSQL answers."},
    {Event::kDomainCacheWritten, "domain_cache_written", LogLevel::kInfo,
     "The domains could be written to domains.json again.", ""},
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
     "Our own PostgreSQL ended without being told to by us; it is started again.",
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

// What stands between quotes as it is.
constexpr CharacterSet kPlain([](unsigned char c) {
  return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
});

// Of text that is UTF-8.
void AppendEscaped(std::string& line, const std::string& clean) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (auto at = clean.begin(); at != clean.end(); ++at) {
    // U+0080 to U+009F is C2 80 to C2 9F.
    const bool is_c1 = *at == '\xC2' && static_cast<unsigned char>(at[1]) < 0xA0;
    if (is_c1) ++at;
    const auto byte = static_cast<unsigned char>(*at);
    if (*at == '"' || *at == '\\') {
      line += {'\\', *at};
    } else if (byte < 0x20 || byte == 0x7F || is_c1) {
      line += "\\u00";
      line += {kHex[byte >> 4], kHex[byte & 15]};
    } else {
      line += *at;
    }
  }
}

// Appends a JSON string, which is also a readable and safe form for a line of text: no
// control character (C0, DEL or C1, which some terminals obey), no quote, nothing that is
// not UTF-8.
void AppendQuoted(std::string& line, std::string_view text) {
  line += '"';
  const auto is_plain = [](char c) { return kPlain.Has(c); };
  if (text.size() <= kMaxFieldBytes && std::all_of(text.begin(), text.end(), is_plain)) {
    line += text;
  } else {
    AppendEscaped(line, CleanUtf8(text, kMaxFieldBytes));
  }
  line += '"';
}

bool IsPlain(std::string_view text) {
  if (text.empty() || text.size() > kMaxFieldBytes) return false;
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c >= 0x7F) return false;
  }
  return true;
}

// Writes `value` up to `end`, over zeros.
template <class Number>
void PutDigits(std::string& text, std::size_t end, Number value) {
  for (; value > 0; value /= 10) text[--end] = static_cast<char>('0' + value % 10);
}

// By hand: every message that comes in has a line, and fmt with gmtime takes five times
// as long.
std::string Timestamp() {
  using namespace std::chrono;
  const auto now = floor<milliseconds>(system_clock::now());
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss time(now - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  PutDigits(text, 4, static_cast<int>(date.year()));
  PutDigits(text, 7, static_cast<unsigned>(date.month()));
  PutDigits(text, 10, static_cast<unsigned>(date.day()));
  PutDigits(text, 13, time.hours().count());
  PutDigits(text, 16, time.minutes().count());
  PutDigits(text, 19, time.seconds().count());
  PutDigits(text, 23, time.subseconds().count());
  return text;
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
  line.reserve(kUsualLineBytes);
  if (impl_->format == LogFormat::kJson) {
    line.append("{\"time\":\"").append(Timestamp());
    line.append("\",\"level\":\"").append(NameOf(row.level));
    line.append("\",\"event\":\"").append(row.name).append("\"");
    for (const LogField& field : fields) {
      line += ',';
      AppendQuoted(line, field.name);
      line += ':';
      AppendQuoted(line, field.value);
    }
    line += '}';
  } else {
    line.append(Timestamp()).append(" ").append(NameOf(row.level));
    line.append(" ").append(row.name);
    for (const LogField& field : fields) {
      line.append(" ").append(field.name).append("=");
      if (IsPlain(field.value)) {
        line += field.value;
      } else {
        AppendQuoted(line, field.value);
      }
    }
  }
  // As a view: what is in the line is never a format.
  impl_->sink.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
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
