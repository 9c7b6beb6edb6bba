#include "smtp_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace tlsrpt::ingest {
namespace {

sockaddr_in Address(const char* ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, ip, &address.sin_addr);
  return address;
}

}  // namespace

SmtpClient::SmtpClient(std::uint16_t port, const char* address, const char* own_address) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  LimitWaits();
  const sockaddr_in own = Address(own_address, 0);
  EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0)
      << strerror(errno);
  const sockaddr_in to = Address(address, port);
  EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0)
      << strerror(errno);
  sockaddr_in from{};
  socklen_t length = sizeof from;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&from), &length);
  local_port_ = ntohs(from.sin_port);
}

SmtpClient::SmtpClient(const std::string& socket_path) {
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  LimitWaits();
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  socket_path.copy(to.sun_path, sizeof to.sun_path - 1);
  EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0)
      << strerror(errno);
}

void SmtpClient::LimitWaits() {
  const timeval limit{60, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

SmtpClient::~SmtpClient() {
  SSL_free(ssl_);
  SSL_CTX_free(ctx_);
  close(fd_);
}

void SmtpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                        : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the reply, or its absence, will say
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string SmtpClient::Reply() {
  // A reply ends with the line that has a blank behind its code (RFC 5321, 4.2.1).
  for (std::size_t start = 0;;) {
    const std::size_t end = unread_.find("\r\n", start);
    if (end == std::string::npos) {
      if (!ReadMore()) return "";
      continue;
    }
    const bool is_last = unread_[start + 3] == ' ';
    start = end + 2;
    if (is_last) {
      const std::string reply = unread_.substr(0, start);
      unread_.erase(0, start);
      return reply;
    }
  }
}

std::string SmtpClient::Say(std::string_view line) {
  Send(std::string(line) + "\r\n");
  return Reply();
}

bool SmtpClient::ReadMore() {
  char room[4096];
  const ssize_t count = ssl_ != nullptr ? SSL_read(ssl_, room, sizeof room)
                                        : recv(fd_, room, sizeof room, 0);
  EXPECT_FALSE(ssl_ == nullptr && count < 0 && errno == EAGAIN) << "no reply in time";
  if (count <= 0) return false;
  unread_.append(room, static_cast<std::size_t>(count));
  return true;
}

bool SmtpClient::WasReset() {
  char room[4096];
  ssize_t count;
  while ((count = recv(fd_, room, sizeof room, 0)) > 0) continue;
  return count < 0;
}

bool SmtpClient::StartTls() {
  ctx_ = SSL_CTX_new(TLS_client_method());
  ssl_ = SSL_new(ctx_);
  SSL_set_fd(ssl_, fd_);
  return SSL_connect(ssl_) == 1;
}

}  // namespace tlsrpt::ingest
