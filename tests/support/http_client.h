// A blocking HTTP client for tests that says exactly the bytes it is told, plain or TLS.
// Every wait ends after a minute with a failure, so that a test that hangs says where.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace tlsrpt::test {

struct HttpAnswer {
  int status = 0;  // 0: the server closed, and sent nothing before
  std::string head;
  std::string body;

  std::string Header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == head.npos) return "";
    const std::size_t start = at + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
  }
};

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{60, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0)
        << std::strerror(errno);
    sockaddr_in from{};
    socklen_t length = sizeof from;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&from), &length);
    local_port_ = ntohs(from.sin_port);
  }

  ~HttpClient() {
    SSL_free(ssl_);
    SSL_CTX_free(ctx_);
    close(fd_);
  }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // False when the handshake fails. Any certificate will do.
  bool StartTls() {
    ctx_ = SSL_CTX_new(TLS_client_method());
    ssl_ = SSL_new(ctx_);
    SSL_set_fd(ssl_, fd_);
    return SSL_connect(ssl_) == 1;
  }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent =
          ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                          : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {  // the answer, or its absence, will say
        send_failed_ = true;
        return;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // The next answer, "100 Continue" too. `to_head`: to a HEAD request.
  HttpAnswer Read(bool to_head = false) {
    HttpAnswer answer;
    std::size_t end;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadMore()) return answer;
    }
    answer.head = unread_.substr(0, end + 2);
    unread_.erase(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + std::strlen("HTTP/1.1 "));
    const std::string length = answer.Header("Content-Length");
    if (length.empty() || to_head) return answer;
    const std::size_t body_bytes = std::stoul(length);
    while (unread_.size() < body_bytes) {
      if (!ReadMore()) return answer;
    }
    answer.body = unread_.substr(0, body_bytes);
    unread_.erase(0, body_bytes);
    return answer;
  }

  HttpAnswer Say(std::string_view request) {
    Send(request);
    return Read();
  }

  // The server has closed and sent nothing before.
  bool AtEnd() { return unread_.empty() && !ReadMore(); }

  // Waits until the server has closed. True when it did so over bytes that it had not
  // read, or before they came.
  bool WasReset() {
    char room[4096];
    ssize_t count;
    while ((count = recv(fd_, room, sizeof room, 0)) > 0) continue;
    return send_failed_ || count < 0;
  }

  void CloseSending() { shutdown(fd_, SHUT_WR); }
  std::uint16_t local_port() const { return local_port_; }

 private:
  bool ReadMore() {
    char room[4096];
    const ssize_t count = ssl_ != nullptr ? SSL_read(ssl_, room, sizeof room)
                                          : recv(fd_, room, sizeof room, 0);
    EXPECT_FALSE(ssl_ == nullptr && count < 0 && errno == EAGAIN) << "no answer in time";
    if (count <= 0) return false;
    unread_.append(room, static_cast<std::size_t>(count));
    return true;
  }

  int fd_ = -1;
  std::uint16_t local_port_ = 0;
  SSL_CTX* ctx_ = nullptr;
  SSL* ssl_ = nullptr;
  bool send_failed_ = false;
  std::string unread_;
};

}  // namespace tlsrpt::test
