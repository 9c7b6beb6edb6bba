// Every setting of the process, declared once: TOML key, environment name, flag, type,
// default, unit and help stand in one table (settings.cc), and the reference that
// `--help-config` prints is made of it.
//
// Order    default < file (--config) < environment (TLSRPTD_...) < flag.
// Errors   kMalformed: an unknown key (with file, line and column), an unknown
//          TLSRPTD_ variable, a value of the wrong type or out of bounds. The message
//          names the key, the value and what is expected.
// Threads  a value after loading.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
}

namespace tlsrpt {

struct Settings {
  std::string data_dir;          // /var/lib/tlsrptd as root, ./var otherwise
  std::string default_data_dir;  // no setting: where a call that names none looks
  std::string database;          // a DSN of libpq; empty: a PostgreSQL of our own
  std::string database_password_file;
  bool migrate = false;  // --migrate: bring the DSN's database to this version first
  std::string run_as;    // the user to become when started as root
  std::string node;      // this process's name among others on one database
  std::vector<std::string> domains;     // added if missing, never removed
  std::vector<std::string> mx_hosts;    // the same
  std::vector<std::string> recipients;  // beside tlsrpt@ each domain
  std::string write_ports;              // a file for the ports that were bound

  struct Smtp {
    std::string listen = "127.0.0.1:2525";
    std::string hostname;  // in greeting and EHLO answer
    std::int64_t max_message_bytes = 25 << 20;
    std::int64_t max_recipients = 100;
    std::int64_t max_connections = 500;
    std::int64_t max_connections_per_address = 50;
    std::chrono::seconds command_timeout{300};
    std::chrono::seconds message_timeout{600};
    std::string tls_certificate;  // PEM files; empty: one made at first start
    std::string tls_key;
  } smtp;

  struct Lmtp {
    std::string listen;  // ADDRESS:PORT or the path of a unix socket; empty: no LMTP
  } lmtp;

  struct Https {
    std::string listen = "127.0.0.1:8443";  // empty: no HTTPS
    std::string path = "/v1/tlsrpt";        // stands in other people's DNS
    std::int64_t max_body_bytes = 25 << 20;
    std::int64_t max_connections = 500;
    std::int64_t max_connections_per_address = 50;
    std::chrono::seconds body_timeout{300};
    std::vector<std::string> trust_networks;  // whose posts the operator vouches for
  } https;

  struct Api {
    std::string listen = "127.0.0.1:8080";
    std::vector<std::string> host_names;  // beside localhost, on the loopback
    std::int64_t threads = 4;             // that answer, each with a connection
  } api;

  struct Health {
    std::string listen;  // /livez, /readyz, /metrics alone; empty: nowhere else
  } health;

  struct Metrics {
    std::vector<std::string> domains;  // that have a label of their own; empty: none
  } metrics;

  struct Spool {
    std::int64_t quota_bytes = std::int64_t{4} << 30;
    std::int64_t min_free_disk_bytes = std::int64_t{256} << 20;
    std::chrono::seconds keep = std::chrono::hours(24);
  } spool;

  struct Flow {
    std::int64_t workers = 2;  // threads, each with a connection
    std::int64_t batch_receipts = 1000;
  } flow;

  struct Dns {
    std::string resolver;  // ADDRESS or ADDRESS:PORT; empty: as /etc/resolv.conf says
    std::string trust_anchor = "/usr/share/dns/root.key";  // empty: no DNSSEC
    std::chrono::seconds timeout{5};
  } dns;

  struct Vouch {
    std::vector<std::string> relays;        // networks that mail of our relay comes from
    std::vector<std::string> authserv_ids;  // what it calls itself
    std::vector<std::string> inner_hosts;   // between it and here
    bool exchange_online = false;           // of mailbox imports only
  } vouch;

  struct Fleet {
    std::chrono::seconds spread{3600};  // after midnight UTC, for all to be evaluated
    bool reports_only = false;          // what is not asked then, see api/readiness
  } fleet;

  struct Retention {
    std::int64_t reports_months = 25;
    std::int64_t raw_months = 13;
  } retention;

  struct Log {
    std::string level = "info";   // debug, info, warning, error
    std::string format = "text";  // text, json
  } log;
};

// What the flags of one command line said, before file and environment are looked at.
class FlagValues {
 public:
  // Adds --config and the flags of the settings named by `keys` ("smtp.listen"; empty:
  // all of them) to `app`. The object must live until the parse is over.
  void AddTo(CLI::App& app, const std::vector<std::string>& keys = {});

  // Puts the sources together. `environment` is as in main(): "NAME=value", ends with
  // a null pointer.
  Result<Settings> Load(const char* const* environment) const;

 private:
  struct Flag {
    std::string key;
    std::vector<std::string> values;
  };
  std::string config_file_;
  std::vector<std::unique_ptr<Flag>> flags_;
};

// The reference: a commented TOML file with every key at its default.
std::string HelpConfig();

}  // namespace tlsrpt
