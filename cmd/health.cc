// tlsrptd health: asks the health listener of a role that runs on this machine, for those
// who start and watch it: a HEALTHCHECK of Docker, an ExecStartPost= of systemd. An image
// needs no curl for it. Exit 0: ready; 1: it answers that it is not; 69: nobody answers.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "base/net/endpoint.h"
#include "cmd/command.h"
#include "cmd/listen_address.h"

namespace tlsrpt::cmd {
namespace {

constexpr int kExitNotReady = 1;
// One read or write. Whoever asks has a limit of its own, of some seconds.
constexpr timeval kPatience{5, 0};
// The answer is a line; more than this is somebody else's.
constexpr std::size_t kMaxAnswerBytes = 64 << 10;

Error Silent(const net::Endpoint& at) {
  return Error{ErrorKind::kUnavailable,
               "no answer from " + at.ToString() + ": " + std::strerror(errno)};
}

// A socket that is closed at the end.
class Caller {
 public:
  explicit Caller(const net::Endpoint& at)
      : at_(at),
        fd_(socket(at.address.IsV4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC,
                   0)) {}
  ~Caller() {
    if (fd_ >= 0) close(fd_);
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // A listener on every address (0.0.0.0, [::]) is called by that name: Linux takes it
  // for this machine.
  Result<void> Connect() {
    const auto& bytes = at_.address.bytes();
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(at_.port);
    std::memcpy(&v4.sin_addr, bytes.data(), sizeof v4.sin_addr);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(at_.port);
    std::memcpy(&v6.sin6_addr, bytes.data(), sizeof v6.sin6_addr);
    const bool is_v4 = at_.address.IsV4();
    const auto* to = is_v4 ? reinterpret_cast<const sockaddr*>(&v4)
                           : reinterpret_cast<const sockaddr*>(&v6);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    if (connect(fd_, to, is_v4 ? sizeof v4 : sizeof v6) != 0) return Silent(at_);
    return {};
  }

  Result<std::string> Ask(const std::string& request) {
    // Shorter than any socket's buffer: one send takes it.
    if (send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      return Silent(at_);
    }
    std::string answer;
    while (answer.size() < kMaxAnswerBytes) {
      char some[4096];
      const ssize_t got = recv(fd_, some, sizeof some, 0);
      if (got < 0) return Silent(at_);
      if (got == 0) break;
      answer.append(some, static_cast<std::size_t>(got));
    }
    return answer;
  }

 private:
  const net::Endpoint at_;
  const int fd_;
};

Result<int> Ask(const Settings& settings, const std::string& path) {
  if (settings.health.listen.empty()) {
    return Error{
        ErrorKind::kMalformed,
        "health asks the listener of --health (TLSRPTD_HEALTH_LISTEN): say where "
        "it is, as 127.0.0.1:9120"};
  }
  const auto at = ReadListenAddress("health.listen", settings.health.listen);
  if (!at) return at.error();
  Caller caller(*at);
  if (auto connected = caller.Connect(); !connected) return std::move(connected).error();
  const auto answer = caller.Ask("GET " + path + " HTTP/1.1\r\nHost: " + at->ToString() +
                                 "\r\nConnection: close\r\n\r\n");
  if (!answer) return answer.error();
  if (!answer->starts_with("HTTP/1.1 ")) {
    return Error{ErrorKind::kUnavailable,
                 at->ToString() + " is no health listener of tlsrptd"};
  }
  const std::size_t head = std::min(answer->find("\r\n\r\n"), answer->size() - 4);
  std::printf("%s\n", answer->substr(head + 4).c_str());
  return answer->starts_with("HTTP/1.1 200 ") ? kExitOk : kExitNotReady;
}

}  // namespace

void AddHealth(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "health", "Ask the health listener of a role on this machine whether it is ready");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command, {"health.listen"});
  auto live = std::make_shared<bool>(false);
  command->add_flag("--live", *live, "Only whether it lives: /livez in place of /readyz");
  command->callback([&chosen, flags, live] {
    chosen = [flags, live] {
      return RunWith(
          *flags,
          [&](const Settings& settings) {
            return Ask(settings, *live ? "/livez" : "/readyz");
          },
          NoStore::kMake);
    };
  });
}

}  // namespace tlsrpt::cmd
