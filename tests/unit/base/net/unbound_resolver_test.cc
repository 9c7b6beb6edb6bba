// The real resolver against a DNS server of a few lines on the loopback. What a real
// server does (truncation, DNSSEC) is in tests/system/test_dns.py.

#include "base/net/unbound_resolver.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "tests/support/fake_resolver.h"

namespace tlsrpt::net {
namespace {

using namespace std::chrono;  // NOLINT: literals

using Status = DnsAnswer::Status;

constexpr seconds kBound{60};  // for an event; nothing is measured with it

// Answers TXT questions: "found...." with a record, "none...." with no such name,
// "servfail...." so, and "silent...." not at all.
class SmallDnsServer {
 public:
  SmallDnsServer() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot bind a UDP port");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~SmallDnsServer() {
    stop_ = true;
    thread_.join();
    close(socket_);
  }
  Endpoint endpoint() const { return {IpAddress::FromV4({127, 0, 0, 1}), port_}; }

 private:
  void Run() {
    while (!stop_) {
      pollfd source{socket_, POLLIN, 0};
      if (poll(&source, 1, 20) <= 0) continue;
      char packet[4096];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = recvfrom(socket_, packet, sizeof packet, 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 17) continue;
      const std::string answer = AnswerTo(std::string(packet, std::size_t(got)));
      if (answer.empty()) continue;
      sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from),
             size);
    }
  }

  // RFC 1035, 4.1: a header of 12 octets, then the question, then the answers.
  static std::string AnswerTo(const std::string& query) {
    const std::size_t name_end = query.find('\0', 12);
    const std::string question = query.substr(12, name_end + 1 + 4 - 12);
    // libunbound may send a name in any mix of cases.
    const char kind = static_cast<char>(query[13] | 0x20);
    if (kind == 's' && (query[14] | 0x20) == 'i') return "";
    const char rcode = kind == 'n' ? 3 : kind == 's' ? 2 : 0;
    std::string answer = query.substr(0, 2) + std::string("\x85") +
                         static_cast<char>(0x80 | rcode) + std::string("\0\1\0", 3) +
                         (kind == 'f' ? '\1' : '\0') + std::string("\0\0\0\0", 4) +
                         question;
    if (kind == 'f') {
      const std::string rdata = test::TxtRdata({"v=DKIM1; ", "p=x"});
      answer += std::string("\xC0\x0C\0\x10\0\1\0\0\1\x2C\0", 11) +
                static_cast<char>(rdata.size()) + rdata;
    }
    return answer;
  }

  int socket_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

std::unique_ptr<Resolver> Open(const Endpoint& server, milliseconds timeout = kBound,
                               std::size_t max_queries = 256) {
  auto resolver = OpenUnboundResolver({.server = server,
                                       .trust_anchor = "",
                                       .timeout = timeout,
                                       .max_queries = max_queries});
  if (!resolver) throw std::runtime_error(resolver.error().message);
  return std::move(*resolver);
}

std::future<DnsAnswer> Ask(Resolver& resolver, const std::string& name) {
  auto answer = std::make_shared<std::promise<DnsAnswer>>();
  auto future = answer->get_future();
  resolver.Resolve(name, DnsType::kTxt,
                   [answer](DnsAnswer given) { answer->set_value(std::move(given)); });
  return future;
}

DnsAnswer Wait(std::future<DnsAnswer> future) {
  if (future.wait_for(kBound) != std::future_status::ready) {
    ADD_FAILURE() << "no answer";
    return {};
  }
  return future.get();
}

TEST(UnboundResolver, WhatTheServerSays) {
  SmallDnsServer server;
  const auto resolver = Open(server.endpoint());
  const DnsAnswer found = Wait(Ask(*resolver, "found.key.example"));
  EXPECT_EQ(found.status, Status::kFound) << found.why;
  ASSERT_EQ(found.records.size(), 1u);
  EXPECT_EQ(TxtOf(found.records[0]), "v=DKIM1; p=x");
  EXPECT_EQ(found.ttl, 300s);
  EXPECT_FALSE(found.dnssec);

  EXPECT_EQ(Wait(Ask(*resolver, "none.key.example")).status, Status::kNone);
  EXPECT_EQ(Wait(Ask(*resolver, "found.key.test")).status, Status::kFound)
      << "a resolver that was named is believed about reserved names too";
}

TEST(UnboundResolver, AFailureIsTemporary) {
  SmallDnsServer server;
  const auto resolver = Open(server.endpoint(), 1s);
  EXPECT_EQ(Wait(Ask(*resolver, "servfail.key.example")).status,
            Status::kTemporaryFailure);
}

TEST(UnboundResolver, NobodyWaitsForSilence) {
  SmallDnsServer server;
  // More than a machine that stands still for a moment needs for the other answer.
  const auto resolver = Open(server.endpoint(), 3s);
  auto silent = Ask(*resolver, "silent.key.example");
  const DnsAnswer found = Wait(Ask(*resolver, "found.key.example"));
  EXPECT_EQ(found.status, Status::kFound) << "one waits, the other does not";
  const DnsAnswer none = Wait(std::move(silent));
  EXPECT_EQ(none.status, Status::kTemporaryFailure);
  EXPECT_NE(none.why.find("3000 ms"), std::string::npos) << none.why;
}

TEST(UnboundResolver, ANameThatIsNoneIsAFailure) {
  SmallDnsServer server;
  const auto resolver = Open(server.endpoint());
  const std::string long_label(64, 'a');
  EXPECT_EQ(Wait(Ask(*resolver, long_label + ".example")).status,
            Status::kTemporaryFailure);
}

TEST(UnboundResolver, OnlySoManyAtOnce) {
  SmallDnsServer server;
  const auto resolver = Open(server.endpoint(), kBound, 2);
  auto first = Ask(*resolver, "silent.1.example");
  auto second = Ask(*resolver, "silent.2.example");
  const DnsAnswer third = Wait(Ask(*resolver, "found.3.example"));
  EXPECT_EQ(third.status, Status::kTemporaryFailure);
  EXPECT_NE(third.why.find("too many"), std::string::npos);
}

TEST(UnboundResolver, TheEndAnswersWhatIsOpen) {
  SmallDnsServer server;
  auto resolver = Open(server.endpoint());
  auto silent = Ask(*resolver, "silent.key.example");
  resolver.reset();
  EXPECT_EQ(Wait(std::move(silent)).status, Status::kTemporaryFailure);
}

TEST(UnboundResolver, AMissingTrustAnchorIsSaid) {
  const auto resolver = OpenUnboundResolver({.trust_anchor = "/nowhere/root.key"});
  ASSERT_FALSE(resolver.has_value());
  EXPECT_EQ(resolver.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(resolver.error().message.find("/nowhere/root.key"), std::string::npos);
  EXPECT_NE(resolver.error().message.find("dns-root-data"), std::string::npos);
}

}  // namespace
}  // namespace tlsrpt::net
