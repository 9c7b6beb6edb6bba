#include "store/pg/dsn.h"

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <optional>
#include <string_view>

namespace tlsrpt::store {
namespace {

// What the DSN leaves open. A server that is gone without a word is noticed after half a
// minute instead of the kernel's quarter of an hour. Nothing can end a connect from
// outside, so it is short enough for a process that has 10 s to stop.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"connect_timeout", "4"},      {"keepalives_idle", "30"},
    {"keepalives_interval", "10"}, {"keepalives_count", "3"},
    {"tcp_user_timeout", "30000"},
};

// In every session: names resolve to our tables only, times are UTC, literals are as
// store/pg/quote.h writes them, notices stay away.
constexpr const char* kSessionSettings =
    " -c search_path=tlsrptd -c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex"
    " -c standard_conforming_strings=on -c client_min_messages=warning";

// ConnectOptions::rows_by_key. A query of 0.2 ms that looks into each partition is dear
// enough on paper to be given parallel workers, whose start takes 40 ms.
constexpr const char* kRowsByKey =
    " -c plan_cache_mode=force_generic_plan -c enable_hashjoin=off"
    " -c enable_mergejoin=off -c enable_seqscan=off"
    " -c max_parallel_workers_per_gather=0";

using Keywords = std::map<std::string, std::string>;

std::optional<Keywords> Parse(const std::string& dsn) {
  if (dsn.find('\0') != std::string::npos) return std::nullopt;
  char* why = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(dsn.c_str(), &why), PQconninfoFree);
  PQfreemem(why);
  if (parsed == nullptr) return std::nullopt;
  Keywords values;
  for (const PQconninfoOption* each = parsed.get(); each->keyword != nullptr; ++each) {
    if (each->val != nullptr) values[each->keyword] = each->val;
  }
  return values;
}

// `value` inside quotes of a connection string.
std::string Quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "'";
}

// `value` inside `options`, where a blank ends a word.
std::string OptionWord(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string Print(const Keywords& values) {
  std::string out;
  for (const auto& [key, value] : values) {
    if (!out.empty()) out.push_back(' ');
    out.append(key).append("=").append(Quoted(value));
  }
  return out;
}

Error Unreadable() {
  return Error{ErrorKind::kMalformed,
               "the database DSN cannot be read: write \"host=... dbname=... user=...\" "
               "or \"postgresql://user@host/dbname\""};
}

}  // namespace

Result<std::string> CompleteDsn(const ConnectOptions& options) {
  auto values = Parse(options.dsn);
  if (!values) return Unreadable();
  for (const auto& [key, value] : kDefaults) values->emplace(key, value);
  (*values)["client_encoding"] = "UTF8";
  if (!options.application_name.empty()) {
    values->emplace("fallback_application_name", options.application_name);
  }
  std::string& session = (*values)["options"];
  session += kSessionSettings;
  if (!options.role.empty()) session += " -c role=" + OptionWord(options.role);
  if (options.rows_by_key) session += kRowsByKey;
  if (options.statement_timeout.count() > 0) {
    session +=
        " -c statement_timeout=" + std::to_string(options.statement_timeout.count());
  }
  if (options.lock_timeout.count() > 0) {
    session += " -c lock_timeout=" + std::to_string(options.lock_timeout.count());
  }
  return Print(*values);
}

Result<std::string> WithPassword(const std::string& dsn, const std::string& password) {
  auto values = Parse(dsn);
  if (!values) return Unreadable();
  if (!values->emplace("password", password).second) {
    return Error{ErrorKind::kMalformed,
                 "the database DSN holds a password too; take one of the two away"};
  }
  return Print(*values);
}

std::string DescribeDsn(const std::string& dsn) {
  const auto values = Parse(dsn);
  std::string out;
  if (values) {
    for (const char* key : {"service", "host", "hostaddr", "port", "dbname", "user"}) {
      const auto found = values->find(key);
      if (found == values->end()) continue;
      if (!out.empty()) out.push_back(' ');
      out.append(key).append("=").append(found->second);
    }
  }
  return out.empty() ? "libpq's defaults" : out;
}

}  // namespace tlsrpt::store
