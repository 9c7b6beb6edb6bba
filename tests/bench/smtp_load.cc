// Sends distinct report mails over SMTP and prints how many were acknowledged per second.
//
//   smtp_load PORT CONNECTIONS MESSAGES [RECIPIENT] [SEED] [KEY.pem|-] [MANNER]
//
// The mails are made before the clock starts: every one holds a gzipped report with a
// report-id, day and counts of its own, about 3 KB in all; with a key each is signed with
// it, as google.com, selector "bench". Speaks SMTP without PIPELINING, so that any server
// can be measured with the same client.
//
//   MANNER  reused     as many connections as said, one mail after another (the default)
//           each       a new connection for each mail
//           starttls   the same, with STARTTLS
//           handshake  no mail and no SMTP: a connection, a TLS handshake, a close

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/report_mail.h"
#include "tests/support/dkim/signer.h"

namespace {

enum class Manner { kReused, kEach, kStartTls, kHandshake };

// Checks no certificate, and takes up no earlier session: each handshake is a whole one.
SSL_CTX* ClientContext() {
  static SSL_CTX* const context = [] {
    SSL_CTX* made = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    return made;
  }();
  return context;
}

class Client {
 public:
  Client(int port, Manner manner) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect to port " + std::to_string(port));
    }
    if (manner == Manner::kHandshake) {
      ShakeHands();
      return;
    }
    Expect('2');
    Say("EHLO load.example\r\n", '2');
    if (manner != Manner::kStartTls) return;
    Say("STARTTLS\r\n", '2');
    ShakeHands();
    Say("EHLO load.example\r\n", '2');
  }
  Client(const Client&) = delete;
  ~Client() {
    if (tls_ != nullptr) SSL_shutdown(tls_);
    SSL_free(tls_);
    close(socket_);
  }

  void Send(const std::string& mail, const std::string& recipient) {
    Say("MAIL FROM:<sender@google.com>\r\n", '2');
    Say("RCPT TO:<" + recipient + ">\r\n", '2');
    Say("DATA\r\n", '3');
    Say(mail, '2');
  }
  void Quit() { Say("QUIT\r\n", '2'); }

 private:
  void ShakeHands() {
    tls_ = SSL_new(ClientContext());
    SSL_set_fd(tls_, socket_);
    if (SSL_connect(tls_) != 1) throw std::runtime_error("the TLS handshake failed");
  }

  ssize_t Write(const char* bytes, std::size_t size) {
    if (tls_ != nullptr) return SSL_write(tls_, bytes, static_cast<int>(size));
    return send(socket_, bytes, size, 0);
  }
  ssize_t Read(char* room, std::size_t size) {
    if (tls_ != nullptr) return SSL_read(tls_, room, static_cast<int>(size));
    return recv(socket_, room, size, 0);
  }

  void Say(const std::string& bytes, char want) {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t n = Write(bytes.data() + sent, bytes.size() - sent);
      if (n <= 0) throw std::runtime_error("the server closed the connection");
      sent += static_cast<std::size_t>(n);
    }
    Expect(want);
  }

  // Reads a reply to its last line ("250 ", not "250-").
  void Expect(char want) {
    std::string reply;
    for (;;) {
      char buffer[4096];
      const ssize_t n = Read(buffer, sizeof buffer);
      if (n <= 0) throw std::runtime_error("the server closed the connection");
      reply.append(buffer, static_cast<std::size_t>(n));
      if (!reply.ends_with("\r\n")) continue;
      const std::size_t before = reply.rfind("\r\n", reply.size() - 3);
      const std::size_t line = before == std::string::npos ? 0 : before + 2;
      if (reply.size() > line + 3 && reply[line + 3] == ' ') break;
    }
    if (reply.front() != want) throw std::runtime_error("unexpected reply: " + reply);
  }

  int socket_;
  SSL* tls_ = nullptr;
};

Manner MannerOf(const std::string& name) {
  if (name == "reused") return Manner::kReused;
  if (name == "each") return Manner::kEach;
  if (name == "starttls") return Manner::kStartTls;
  if (name == "handshake") return Manner::kHandshake;
  throw std::runtime_error("no such manner: " + name);
}

tlsrpt::test::KeyPtr ReadKey(const char* path) {
  std::FILE* file = std::fopen(path, "r");
  if (file == nullptr) throw std::runtime_error(std::string("cannot read ") + path);
  EVP_PKEY* key = PEM_read_PrivateKey(file, nullptr, nullptr, nullptr);
  std::fclose(file);
  if (key == nullptr) throw std::runtime_error(std::string("no key in ") + path);
  return {key, EVP_PKEY_free};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr,
                 "usage: smtp_load PORT CONNECTIONS MESSAGES [RECIPIENT] [SEED] "
                 "[KEY.pem|-] [reused|each|starttls|handshake]\n");
    return 64;
  }
  const int port = std::atoi(argv[1]);
  const int connections = std::atoi(argv[2]);
  const int messages = std::atoi(argv[3]);
  const std::string recipient = argc > 4 ? argv[4] : "tlsrpt@firm.example";
  std::mt19937 random(argc > 5 ? static_cast<unsigned>(std::atoi(argv[5])) : 8460u);

  tlsrpt::test::SignOptions signature;
  signature.domain = "google.com";
  signature.selector = "bench";
  if (argc > 6 && std::string(argv[6]) != "-") signature.key = ReadKey(argv[6]);
  const Manner manner = argc > 7 ? MannerOf(argv[7]) : Manner::kReused;

  std::vector<std::string> mails;
  for (int i = 0; i < messages && manner != Manner::kHandshake; ++i) {
    std::string mail = tlsrpt::bench::MakeMail(i, recipient, random);
    if (signature.key != nullptr) mail = tlsrpt::test::Sign(mail, signature);
    mails.push_back(tlsrpt::bench::AsData(std::move(mail)));
  }

  std::atomic<int> next = 0;
  std::atomic<int> acknowledged = 0;
  std::atomic<bool> failed = false;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int c = 0; c < connections; ++c) {
    threads.emplace_back([&] {
      try {
        std::optional<Client> client;
        for (int i; (i = next++) < messages;) {
          if (!client) client.emplace(port, manner);
          if (manner != Manner::kHandshake) {
            client->Send(mails[static_cast<std::size_t>(i)], recipient);
          }
          ++acknowledged;
          if (manner == Manner::kReused) continue;
          if (manner != Manner::kHandshake) client->Quit();
          client.reset();
        }
        if (client) client->Quit();
      } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        failed = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%d %.3f %.0f\n", acknowledged.load(), took.count(),
              acknowledged / took.count());
  return failed ? 1 : 0;
}
