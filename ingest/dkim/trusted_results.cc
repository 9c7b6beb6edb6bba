#include "ingest/dkim/trusted_results.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/text.h"
#include "ingest/dkim/received_by.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

// Where mail enters Exchange Online, and the hosts it passes behind that.
constexpr std::string_view kExchangeBorder = ".mail.protection.outlook.com";
constexpr std::string_view kExchangeInner[] = {".prod.outlook.com",
                                               ".outlook.office365.com"};

bool IsRelay(std::string_view name, const AuthservTrust& trust) {
  return std::any_of(
      trust.authserv_ids.begin(), trust.authserv_ids.end(),
      [name](const std::string& id) { return EqualsIgnoreCase(id, name); });
}

bool IsInner(const std::string& host, const AuthservTrust& trust) {
  // The relay itself is where belief ends, whatever pattern takes it in.
  if (host.empty() || IsRelay(host, trust)) return false;
  if (trust.exchange_online) {
    for (const std::string_view suffix : kExchangeInner) {
      if (host.ends_with(suffix)) return true;
    }
  }
  return std::any_of(trust.inner_hosts.begin(), trust.inner_hosts.end(),
                     [&host](const std::string& inner) {
                       const std::string name = ToLowerAscii(inner);
                       return name.starts_with('.') ? host.ends_with(name) : host == name;
                     });
}

// The fields above the line of the relay; nothing if there is no such line.
std::vector<const HeaderField*> Believable(const HeaderBlock& header,
                                           const AuthservTrust& trust) {
  std::vector<const HeaderField*> fields;
  for (const HeaderField& field : header.fields) {
    if (EqualsIgnoreCase(field.name, "Authentication-Results")) {
      fields.push_back(&field);
    } else if (EqualsIgnoreCase(field.name, "Received")) {
      const std::string host = ReceivedBy(field.value);
      if (IsInner(host, trust)) continue;
      if (!trust.exchange_online) return fields;
      if (!host.ends_with(kExchangeBorder)) return {};
      // It writes one, on top. Mail of another of its customers may come by without a
      // line of the border, and then everything in it looks as if it stood above one.
      fields.resize(std::min<std::size_t>(fields.size(), 1));
      return fields;
    }
  }
  return {};
}

std::optional<AuthenticationResults> Read(const HeaderField& field,
                                          const AuthservTrust& trust) {
  auto parsed = ParseAuthenticationResults(field.value, trust.exchange_online
                                                            ? AuthservForm::kWithoutId
                                                            : AuthservForm::kStandard);
  if (!parsed) return std::nullopt;
  if (!trust.exchange_online && !IsRelay(parsed->authserv_id, trust)) return std::nullopt;
  return std::move(*parsed);
}

}  // namespace

std::vector<MethodResult> TrustedResults(std::string_view message,
                                         const AuthservTrust& trust) {
  const HeaderBlock header = ReadHeaderBlock(SplitMessage(message).header);
  // What was left out might have been the relay's line.
  if (header.cut) return {};
  std::vector<MethodResult> results;
  for (const HeaderField* field : Believable(header, trust)) {
    if (auto parsed = Read(*field, trust)) {
      std::move(parsed->results.begin(), parsed->results.end(),
                std::back_inserter(results));
    }
  }
  return results;
}

AuthservVouch VouchOf(const std::vector<MethodResult>& results,
                      std::string_view from_address) {
  AuthservVouch vouch;
  const auto from = store::DomainOfAddress(from_address);
  const std::string reporter = from ? store::OrganisationalDomain(*from) : "";
  if (reporter.empty()) {
    vouch.why = !from ? "no single From address" : "From is of a public suffix";
    return vouch;
  }
  vouch.why = "no dkim result that the relay is believed for";
  for (const MethodResult& result : results) {
    if (result.method != "dkim") continue;
    if (result.result != "pass") {
      vouch.why = "the relay says dkim=" + result.result;
      continue;
    }
    const std::string* domain = result.OneProperty("header", "d");
    if (domain == nullptr) {
      vouch.why = "the relay's dkim=pass has no header.d";
    } else if (store::OrganisationalDomain(*domain) != reporter) {
      vouch.why = "the relay's header.d is not of " + reporter + ", the domain of From";
    } else {
      return {.reporter = reporter, .domain = *domain, .why = {}};
    }
  }
  return vouch;
}

}  // namespace tlsrpt::ingest
