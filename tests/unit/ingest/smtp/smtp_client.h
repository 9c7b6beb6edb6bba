// A blocking SMTP and LMTP client for tests: plain, then perhaps TLS. Every wait ends
// after a minute with a failure, so that a test that hangs says where.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tlsrpt::ingest {

class SmtpClient {
 public:
  explicit SmtpClient(std::uint16_t port, const char* address = "127.0.0.1",
                      const char* own_address = "127.0.0.1");
  // To a unix socket.
  explicit SmtpClient(const std::string& socket_path);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  void Send(std::string_view bytes);
  // The next whole reply, all its lines; "" when the server has closed.
  std::string Reply();
  // Send and Reply.
  std::string Say(std::string_view line);
  // The server has closed and sent nothing before.
  bool AtEnd() { return Reply().empty(); }
  // Waits until the server has closed its connection; true when it reset it. Under TLS
  // to be asked behind AtEnd().
  bool WasReset();

  // After "220" to STARTTLS. False when the handshake fails.
  bool StartTls();
  std::string TlsVersion() const { return SSL_get_version(ssl_); }
  std::uint16_t local_port() const { return local_port_; }

 private:
  void LimitWaits();
  bool ReadMore();

  int fd_ = -1;
  std::uint16_t local_port_ = 0;
  SSL_CTX* ctx_ = nullptr;
  SSL* ssl_ = nullptr;
  std::string unread_;
};

}  // namespace tlsrpt::ingest
