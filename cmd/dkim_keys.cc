#include "cmd/dkim_keys.h"

#include <future>

#include "base/net/endpoint.h"
#include "base/net/network.h"

namespace tlsrpt::cmd {
namespace {

using std::chrono::steady_clock;

// An import asks for few names; strangers' mails in a mailbox may hold more.
constexpr std::size_t kMaxKnownNames = 10'000;
constexpr int kFailuresUntilAway = 3;
constexpr std::chrono::seconds kAwayTime{30};
// A resolver on this machine listens here if nothing else is said.
constexpr std::uint16_t kDnsPort = 53;

ingest::DkimKeyAnswer ToKeyAnswer(const net::DnsAnswer& answer) {
  using Dns = net::DnsAnswer::Status;
  using Key = ingest::DkimKeyAnswer::Status;
  ingest::DkimKeyAnswer key;
  key.dnssec = answer.dnssec;
  key.why = answer.why;
  switch (answer.status) {
    case Dns::kFound:
      key.status = Key::kFound;
      for (const std::string& record : answer.records) {
        if (auto text = net::TxtOf(record)) key.records.push_back(*std::move(text));
      }
      break;
    case Dns::kNone:
      key.status = Key::kNone;
      break;
    case Dns::kTemporaryFailure:
      key.status = Key::kTemporaryFailure;
      break;
    case Dns::kBogus:
      key.status = Key::kBogus;
      break;
  }
  return key;
}

}  // namespace

std::optional<ingest::DkimKeyAnswer> CachedKeys::Find(const std::string& name) {
  const auto answer = cache_.Find(name, net::DnsType::kTxt);
  if (answer == nullptr) return std::nullopt;
  return ToKeyAnswer(*answer);
}

std::optional<ingest::DkimKeyAnswer> AwaitedKeys::Find(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(name); found != known_.end()) return found->second;
  if (steady_clock::now() < away_until_) {
    ingest::DkimKeyAnswer away;
    away.why = "DNS does not answer";
    return away;
  }
  ingest::DkimKeyAnswer key = Ask(name);
  if (key.status == ingest::DkimKeyAnswer::Status::kTemporaryFailure) {
    if (++failures_in_a_row_ >= kFailuresUntilAway) {
      away_until_ = steady_clock::now() + kAwayTime;
    }
    return key;
  }
  failures_in_a_row_ = 0;
  if (known_.size() >= kMaxKnownNames) known_.clear();
  known_.emplace(name, key);
  return key;
}

ingest::DkimKeyAnswer AwaitedKeys::Ask(const std::string& name) {
  if (resolver_ == nullptr) {
    auto opened = net::OpenUnboundResolver(options_);
    if (!opened) {
      ingest::DkimKeyAnswer none;
      none.why = opened.error().message;
      return none;
    }
    resolver_ = std::move(*opened);
  }
  auto answered = std::make_shared<std::promise<net::DnsAnswer>>();
  auto answer = answered->get_future();
  resolver_->Resolve(name, net::DnsType::kTxt, [answered](net::DnsAnswer given) {
    answered->set_value(std::move(given));
  });
  return ToKeyAnswer(answer.get());
}

Result<net::ResolverOptions> ResolverOptionsOf(const Settings& settings) {
  net::ResolverOptions options;
  if (!settings.dns.resolver.empty()) {
    if (const auto address = net::IpAddress::Parse(settings.dns.resolver)) {
      options.server = net::Endpoint{*address, kDnsPort};
    } else {
      const auto server = net::ParseEndpoint(settings.dns.resolver);
      if (!server) return Wrap(server.error(), "dns.resolver");
      options.server = *server;
    }
  }
  options.trust_anchor = settings.dns.trust_anchor;
  options.timeout = settings.dns.timeout;
  if (auto there = net::CheckTrustAnchor(options); !there) return there.error();
  return options;
}

Result<ingest::MailTrust> MailTrustOf(const Settings& settings) {
  ingest::MailTrust trust;
  for (const std::string& text : settings.vouch.relays) {
    if (text.starts_with("unix:")) {
      trust.relay_sockets.push_back(text);
      continue;
    }
    auto network = net::ParseNetwork(text);
    if (!network) return Wrap(std::move(network).error(), "vouch.relays");
    // Whoever can reach us could then write what he likes.
    if (network->prefix_bits == 0) {
      return Error{ErrorKind::kMalformed,
                   "vouch.relays: " + text + " is everybody; name the relay's address"};
    }
    trust.relays.push_back(*network);
  }
  trust.authserv.authserv_ids = settings.vouch.authserv_ids;
  trust.authserv.inner_hosts = settings.vouch.inner_hosts;
  trust.authserv.exchange_online = settings.vouch.exchange_online;
  if (!settings.vouch.relays.empty() && trust.authserv.authserv_ids.empty()) {
    return Error{ErrorKind::kMalformed,
                 "vouch.relays without vouch.authserv_ids: name the authserv-id that the "
                 "relay writes into Authentication-Results"};
  }
  return trust;
}

}  // namespace tlsrpt::cmd
