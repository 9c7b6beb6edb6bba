#include "base/ops/settings_table.h"

#include <array>
#include <optional>

#include "base/ops/greeting_name.h"
#include "base/plain_text.h"
#include "base/text.h"

namespace tlsrpt::ops {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

// Of a mail or a post. PostgreSQL gives bytes out as hex, and allocates less than 1 GiB
// for a row: of 512 MiB and more it stores what nobody can read again. The spool, too,
// takes less than 1 GiB in one entry (kMaxEntryBytes).
constexpr std::int64_t kMaxSubmissionBytes = 500 * kMiB;

#define PLACE(type, member) SettingPlace(+[](Settings& s) -> type& { return s.member; })
using Text = std::string;
using List = std::vector<std::string>;
using Number = std::int64_t;
using Duration = std::chrono::seconds;

const SettingRow kRows[] = {
    {"data_dir", "--data-dir", PLACE(Text, data_dir),
     "Folder of the spool, the certificate made at first start, and PostgreSQL's data"},
    {"database", "--database", PLACE(Text, database),
     "DSN of a PostgreSQL of yours, as libpq reads it; empty: one of our own"},
    {"database_password_file", "--database-password-file",
     PLACE(Text, database_password_file),
     "File that holds the password of that DSN, and nothing else; read once, at start"},
    {"migrate", "--migrate", PLACE(bool, migrate),
     "Bring the database of the DSN to this version's schema at start"},
    {"run_as", "--run-as", PLACE(Text, run_as),
     "The user to become when started as root"},
    {"node", "--node", PLACE(Text, node),
     "Name of this process among others that use the same database"},
    {"domains", "--domain", PLACE(List, domains),
     "A domain whose reports are taken; .example.net: every domain below it. Added to "
     "those in the database, never removed"},
    {"mx_hosts", "--mx-host", PLACE(List, mx_hosts),
     "An MX host of ours: `tlsa` results about it are kept"},
    {"recipients", "--recipient", PLACE(List, recipients),
     "One more address that takes reports, beside tlsrpt@ each domain"},
    {"write_ports", "--write-ports", PLACE(Text, write_ports),
     "File to write the ports to, as JSON, once all are open"},

    {"smtp.listen", "--smtp", PLACE(Text, smtp.listen),
     "ADDRESS:PORT to take mail on; port 0: a free one"},
    {"smtp.hostname", "--smtp-hostname", PLACE(Text, smtp.hostname),
     "Name in greeting and EHLO answer: mx.firm.example, or [192.0.2.1]"},
    {"smtp.max_message_bytes", "", PLACE(Number, smtp.max_message_bytes),
     "Larger messages are refused with 552", SettingUnit::kBytes, 64 << 10,
     kMaxSubmissionBytes},
    {"smtp.max_recipients", "", PLACE(Number, smtp.max_recipients),
     "Recipients of one message; RFC 5321, 4.5.3.1.8 asks for at least 100",
     SettingUnit::kNone, 1, 10'000},
    {"smtp.max_connections", "", PLACE(Number, smtp.max_connections),
     "Connections in all; more are answered 421", SettingUnit::kNone, 1, 100'000},
    {"smtp.max_connections_per_address", "",
     PLACE(Number, smtp.max_connections_per_address),
     "Connections of one IPv4 address or IPv6 /64", SettingUnit::kNone, 1, 100'000},
    {"smtp.command_timeout", "", PLACE(Duration, smtp.command_timeout),
     "Time for one command; RFC 5321, 4.5.3.2.7 asks for 5 minutes. 10 s while more than "
     "three quarters of smtp.max_connections are open",
     SettingUnit::kDuration, 1, 86'400},
    {"smtp.message_timeout", "", PLACE(Duration, smtp.message_timeout),
     "Time for one whole message", SettingUnit::kDuration, 1, 86'400},
    {"smtp.tls_certificate", "--tls-certificate", PLACE(Text, smtp.tls_certificate),
     "PEM file of the certificate and its chain, for STARTTLS and HTTPS, read again when "
     "it changes; empty: one made at first start"},
    {"smtp.tls_key", "--tls-key", PLACE(Text, smtp.tls_key),
     "PEM file of its key; empty: in the same file"},

    {"lmtp.listen", "--lmtp", PLACE(Text, lmtp.listen),
     "ADDRESS:PORT or path of a unix socket to take mail on from a mail server in front; "
     "empty: none. What limits SMTP limits LMTP"},

    {"https.listen", "--https", PLACE(Text, https.listen),
     "ADDRESS:PORT to take reports on by POST; port 0: a free one; empty: none"},
    {"https.path", "--https-path", PLACE(Text, https.path),
     "The path of the URL that reports are POSTed to. Once it stands in DNS, keep it"},
    {"https.max_body_bytes", "", PLACE(Number, https.max_body_bytes),
     "Larger bodies are refused with 413", SettingUnit::kBytes, 64 << 10,
     kMaxSubmissionBytes},
    {"https.max_connections", "", PLACE(Number, https.max_connections),
     "Connections in all; more are closed", SettingUnit::kNone, 1, 100'000},
    {"https.max_connections_per_address", "",
     PLACE(Number, https.max_connections_per_address),
     "Connections of one IPv4 address or IPv6 /64", SettingUnit::kNone, 1, 100'000},
    {"https.body_timeout", "", PLACE(Duration, https.body_timeout),
     "Time for one whole body", SettingUnit::kDuration, 1, 86'400},
    {"https.trust_networks", "--trust-network", PLACE(List, https.trust_networks),
     "A network, as 192.0.2.0/24, whose posts you vouch for: they count like signed "
     "mail. "
     "By the address that connects, and never through a proxy"},

    {"api.listen", "--api", PLACE(Text, api.listen),
     "ADDRESS:PORT of the API and the page; port 0: a free one. Anywhere but on the "
     "loopback a token is needed (`tlsrptd token create`)"},
    {"api.host_names", "--api-host", PLACE(List, api.host_names),
     "A name that browsers and proxies may give in Host, beside localhost"},
    {"api.threads", "", PLACE(Number, api.threads),
     "Threads that answer, each with a connection", SettingUnit::kNone, 1, 64},

    {"health.listen", "--health", PLACE(Text, health.listen),
     "ADDRESS:PORT for /livez, /readyz and /metrics alone, without a token; empty: only "
     "on api.listen"},

    {"metrics.domains", "", PLACE(List, metrics.domains),
     "Domains whose verdict is in /metrics. None by default: a label value per domain is "
     "a series per domain"},

    {"spool.quota", "--spool-quota", PLACE(Number, spool.quota_bytes),
     "Disk that acknowledged reports may take while they wait; then 452",
     SettingUnit::kBytes, 16 * kMiB},
    {"spool.min_free_disk", "", PLACE(Number, spool.min_free_disk_bytes),
     "Free disk that is left to others; below it 452", SettingUnit::kBytes},
    {"spool.keep", "", PLACE(Duration, spool.keep),
     "How long a stored entry stays, to mend a database that was set back",
     SettingUnit::kDuration, 0, 365 * 86'400},

    {"flow.workers", "", PLACE(Number, flow.workers),
     "Threads that parse and store, each with a connection; while PostgreSQL writes for "
     "one the other parses",
     SettingUnit::kNone, 1, 64},
    {"flow.batch_receipts", "", PLACE(Number, flow.batch_receipts),
     "Receipts stored in one transaction", SettingUnit::kNone, 1, 10'000},

    {"dns.resolver", "--resolver", PLACE(Text, dns.resolver),
     "ADDRESS or ADDRESS:PORT that is asked for the keys of DKIM signatures; it must "
     "pass "
     "DNSSEC on. Empty: those of /etc/resolv.conf"},
    {"dns.trust_anchor", "", PLACE(Text, dns.trust_anchor),
     "File of the root's DNSSEC keys; empty: nothing is validated"},
    {"dns.timeout", "", PLACE(Duration, dns.timeout),
     "Time for one question; after it the report waits and others go on",
     SettingUnit::kDuration, 1, 60},

    {"vouch.relays", "--relay", PLACE(List, vouch.relays),
     "Address or network of a relay of ours, or unix:PATH for LMTP on a unix socket: its "
     "Authentication-Results are believed"},
    {"vouch.authserv_ids", "--authserv-id", PLACE(List, vouch.authserv_ids),
     "The authserv-id that such a relay writes into Authentication-Results"},
    {"vouch.inner_hosts", "", PLACE(List, vouch.inner_hosts),
     "Hosts between that relay and here, whose Received lines are passed over; "
     ".firm.example: every host below it. Never the relay itself"},
    {"vouch.exchange_online", "", PLACE(bool, vouch.exchange_online),
     "Files given to `import --authserv` are out of an Exchange Online mailbox, which "
     "writes no authserv-id"},

    {"fleet.spread", "", PLACE(Duration, fleet.spread),
     "After midnight UTC every domain is evaluated again, spread over this time",
     SettingUnit::kDuration, 1, 12 * 3600},
    {"fleet.reports_only", "", PLACE(bool, fleet.reports_only),
     "Evaluate domains by their reports alone, as `readiness --reports-only` does; lists "
     "then say `basis` reports"},

    {"retention.reports_months", "", PLACE(Number, retention.reports_months),
     "Months that reports are kept; older ones are quarantined on arrival",
     SettingUnit::kNone, 2, 120},
    {"retention.raw_months", "", PLACE(Number, retention.raw_months),
     "Months that raw mails are kept", SettingUnit::kNone, 1, 120},

    {"log.level", "--log-level", PLACE(Text, log.level), "Least level that is logged",
     SettingUnit::kNone, 0, 0, "debug|info|warning|error"},
    {"log.format", "--log-format", PLACE(Text, log.format),
     "Lines for people, or one JSON object a line", SettingUnit::kNone, 0, 0,
     "text|json"},
};

#undef PLACE

struct Suffix {
  std::string_view text;
  std::int64_t factor;
};
constexpr std::array kByteSuffixes = {Suffix{"KiB", 1 << 10}, Suffix{"MiB", kMiB},
                                      Suffix{"GiB", 1024 * kMiB},
                                      Suffix{"TiB", 1024 * 1024 * kMiB}, Suffix{"B", 1}};
constexpr std::array kDurationSuffixes = {Suffix{"s", 1}, Suffix{"m", 60},
                                          Suffix{"h", 3600}, Suffix{"d", 86'400}};

std::span<const Suffix> SuffixesOf(SettingUnit unit) {
  if (unit == SettingUnit::kBytes) return kByteSuffixes;
  if (unit == SettingUnit::kDuration) return kDurationSuffixes;
  return {};
}

std::string ShowNumber(std::int64_t value, SettingUnit unit) {
  // The largest unit that divides it.
  const Suffix* best = nullptr;
  for (const Suffix& suffix : SuffixesOf(unit)) {
    if (value % suffix.factor == 0 && (best == nullptr || suffix.factor > best->factor)) {
      best = &suffix;
    }
  }
  if (best == nullptr || value == 0) return std::to_string(value);
  return std::to_string(value / best->factor) + std::string(best->text);
}

Result<std::int64_t> ReadNumber(const SettingRow& row, std::string_view text) {
  std::int64_t factor = 1;
  std::string_view digits = text;
  for (const Suffix& suffix : SuffixesOf(row.unit)) {
    if (text.ends_with(suffix.text)) {
      digits = Trim(text.substr(0, text.size() - suffix.text.size()));
      factor = suffix.factor;
      break;
    }
  }
  const auto value = ParseUnsigned(digits);
  const auto max = static_cast<std::uint64_t>(row.max);
  if (value && *value <= max / static_cast<std::uint64_t>(factor)) {
    const auto number = static_cast<std::int64_t>(*value) * factor;
    if (number >= row.min) return number;
  }
  std::string expected = row.unit == SettingUnit::kBytes ? "a size such as 256MiB"
                         : row.unit == SettingUnit::kDuration
                             ? "a time such as 24h or 300s"
                             : "a whole number";
  expected += ", at least " + ShowNumber(row.min, row.unit);
  if (row.max != std::numeric_limits<std::int64_t>::max()) {
    expected += " and at most " + ShowNumber(row.max, row.unit);
  }
  return Error{ErrorKind::kMalformed, "expected " + expected};
}

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::span<const SettingRow> SettingTable() { return kRows; }

std::string EnvironmentName(const SettingRow& row) {
  std::string name = "TLSRPTD_";
  for (const char c : row.key) {
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

Result<void> SetFromText(const SettingRow& row, const std::vector<std::string>& values,
                         Settings& settings) {
  if (const auto* list = std::get_if<List& (*)(Settings&)>(&row.place)) {
    (*list)(settings) = values;
    return {};
  }
  const std::string& value = values.back();
  if (const auto* text = std::get_if<Text& (*)(Settings&)>(&row.place)) {
    if (!row.choices.empty()) {
      bool known = false;
      for (const std::string_view choice : Split(row.choices, '|')) {
        known |= choice == value;
      }
      if (!known) {
        return Error{ErrorKind::kMalformed,
                     "expected one of " + std::string(row.choices)};
      }
    }
    // It stands in a line of `node list` and of every log.
    if (row.key == "node") {
      if (auto sound = CheckName(value); !sound) return sound;
    }
    if (row.key == "smtp.hostname") {
      if (auto sound = CheckGreetingName(value); !sound) return sound;
    }
    (*text)(settings) = value;
    return {};
  }
  if (const auto* boolean = std::get_if<bool& (*)(Settings&)>(&row.place)) {
    if (value != "true" && value != "false") {
      return Error{ErrorKind::kMalformed, "expected true or false"};
    }
    (*boolean)(settings) = value == "true";
    return {};
  }
  const auto number = ReadNumber(row, value);
  if (!number) return number.error();
  if (const auto* place = std::get_if<Number& (*)(Settings&)>(&row.place)) {
    (*place)(settings) = *number;
  } else {
    std::get<Duration& (*)(Settings&)>(row.place)(settings) =
        std::chrono::seconds(*number);
  }
  return {};
}

std::string ShowValue(const SettingRow& row, Settings& settings) {
  const auto with_unit = [&](std::int64_t value) {
    const std::string shown = ShowNumber(value, row.unit);
    return row.unit == SettingUnit::kNone || value == 0 ? shown : Quote(shown);
  };
  struct Show {
    const decltype(with_unit)& number;
    Settings& settings;
    std::string operator()(Text& (*place)(Settings&)) const {
      return Quote(place(settings));
    }
    std::string operator()(List& (*place)(Settings&)) const {
      std::vector<std::string> quoted;
      for (const std::string& item : place(settings)) quoted.push_back(Quote(item));
      return "[" + Join(quoted, ", ") + "]";
    }
    std::string operator()(bool& (*place)(Settings&)) const {
      return place(settings) ? "true" : "false";
    }
    std::string operator()(Number& (*place)(Settings&)) const {
      return number(place(settings));
    }
    std::string operator()(Duration& (*place)(Settings&)) const {
      return number(place(settings).count());
    }
  };
  return std::visit(Show{with_unit, settings}, row.place);
}

}  // namespace tlsrpt::ops
