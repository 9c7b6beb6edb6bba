// The server as LMTP, on TCP and on a unix socket. What an LMTP session says is tested in
// session_test.cc; here it is the way to it.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "ingest/smtp/server.h"
#include "smtp_client.h"
#include "tests/support/spooled.h"
#include "tests/support/temp_dir.h"

namespace tlsrpt::ingest {
namespace {

namespace fs = std::filesystem;

class LmtpServerTest : public testing::Test {
 protected:
  LmtpServerTest()
      : recipients_(Recipients::Make({"firm.example"}, {}, "mx.firm.example").value()),
        path_((folder_.path() / "lmtp").string()) {
    options_.protocol = SmtpProtocol::kLmtp;
    options_.host_name = "mx.firm.example";
    options_.listen = path_;
    parts_.clock = &clock_;
    parts_.recipients = &recipients_;
    parts_.sink = spooled_.Sink();
  }

  void Start() {
    auto started = SmtpServer::Start(options_, parts_);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  std::string StartError() {
    const auto started = SmtpServer::Start(options_, parts_);
    return started ? "" : started.error().message;
  }

  void OfferTls() {
    auto tls = net::LoadOrMakeSelfSigned(folder_.path(), "mx.firm.example", clock_);
    ASSERT_TRUE(tls) << tls.error().message;
    parts_.tls = *tls;
  }

  // A socket that was bound and whose process is gone.
  void LeaveStaleSocket() const {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    close(fd);
    ASSERT_TRUE(fs::is_socket(path_));
  }

  const test::TempDir folder_;
  const SystemClock clock_;
  RecipientList recipients_;
  test::Spooled spooled_;
  const std::string path_;
  SmtpServerOptions options_;
  SmtpServerParts parts_;
  std::unique_ptr<SmtpServer> server_;
};

// Up to the answer to DATA.
void SayEnvelope(SmtpClient& client) {
  EXPECT_EQ(client.Reply(), "220 mx.firm.example LMTP tlsrptd\r\n");
  EXPECT_EQ(client.Say("LHLO mail.sender.example").substr(0, 4), "250-");
  EXPECT_EQ(client.Say("MAIL FROM:<rep@sender.example>"), "250 2.1.0 OK\r\n");
  EXPECT_EQ(client.Say("RCPT TO:<tlsrpt@firm.example>"), "250 2.1.5 OK\r\n");
  EXPECT_EQ(client.Say("RCPT TO:<tlsrpt+b@firm.example>"), "250 2.1.5 OK\r\n");
  EXPECT_EQ(client.Say("DATA").substr(0, 3), "354");
}

TEST_F(LmtpServerTest, OverAUnixSocket) {
  Start();
  SmtpClient client(path_);
  SayEnvelope(client);
  client.Send("Subject: x\r\n\r\ny\r\n.\r\n");
  const SpoolEntry entry = spooled_.Entry(0);
  const std::string received =
      "250 2.6.0 " + entry.receipt_id.ToString() + " received\r\n";
  EXPECT_EQ(client.Reply(), received);
  EXPECT_EQ(client.Reply(), received);
  EXPECT_EQ(client.Say("QUIT"), "221 2.0.0 bye\r\n");
  EXPECT_TRUE(client.AtEnd());

  EXPECT_EQ(entry.transport, "lmtp");
  EXPECT_EQ(entry.peer, "unix:" + path_);
  EXPECT_EQ(entry.helo, "mail.sender.example");
  EXPECT_EQ(entry.envelope_to,
            (std::vector<std::string>{"tlsrpt@firm.example", "tlsrpt+b@firm.example"}));
  EXPECT_EQ(spooled_.count(), 1u) << "one message, however many recipients";
  EXPECT_EQ(server_->Port(), 0);
}

TEST_F(LmtpServerTest, OverTcpWithStartTls) {
  OfferTls();
  options_.listen = "127.0.0.1:0";
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  EXPECT_NE(client.Say("LHLO x").find("STARTTLS"), std::string::npos);
  EXPECT_EQ(client.Say("STARTTLS").substr(0, 3), "220");
  ASSERT_TRUE(client.StartTls());
  client.Say("LHLO x");
  client.Say("MAIL FROM:<>");
  client.Say("RCPT TO:<tlsrpt@firm.example>");
  client.Say("DATA");
  EXPECT_EQ(client.Say(".").substr(0, 9), "250 2.6.0");
  const SpoolEntry entry = spooled_.Entry(0);
  EXPECT_EQ(entry.transport, "lmtp");
  EXPECT_EQ(entry.peer, "127.0.0.1:" + std::to_string(client.local_port()));
  EXPECT_EQ(entry.tls, "TLSv1.3");
}

TEST_F(LmtpServerTest, NoStartTlsOnAUnixSocket) {
  OfferTls();
  Start();
  SmtpClient client(path_);
  client.Reply();
  EXPECT_EQ(client.Say("LHLO x").find("STARTTLS"), std::string::npos);
  EXPECT_EQ(client.Say("STARTTLS"), "503 5.5.1 no TLS, or TLS already\r\n");
}

// All peers of a unix socket are one, and it is a mail server with many connections.
TEST_F(LmtpServerTest, NoLimitPerPeerOnAUnixSocket) {
  options_.max_connections = 5;
  options_.max_connections_per_peer = 1;
  Start();
  std::vector<std::unique_ptr<SmtpClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<SmtpClient>(path_));
    EXPECT_EQ(clients.back()->Reply().substr(0, 3), "220");
  }
  SmtpClient one_more(path_);
  EXPECT_EQ(one_more.Reply().substr(0, 3), "421");
}

// Postfix connects as a user of its own; the folder says who may.
TEST_F(LmtpServerTest, EverybodyMayConnect) {
  const mode_t before = umask(077);
  Start();
  umask(before);
  struct stat status;
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0666u);
}

TEST_F(LmtpServerTest, TheSocketGoesWithTheServer) {
  Start();
  EXPECT_TRUE(fs::is_socket(path_));
  server_->Stop();
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(LmtpServerTest, ASocketThatIsNoLongerItsOwnIsLeft) {
  Start();
  fs::remove(path_);
  LeaveStaleSocket();
  server_->Stop();
  EXPECT_TRUE(fs::is_socket(path_));
}

TEST_F(LmtpServerTest, ASocketOfADeadProcessIsReplaced) {
  LeaveStaleSocket();
  Start();
  SmtpClient client(path_);
  EXPECT_EQ(client.Reply().substr(0, 3), "220");
}

TEST_F(LmtpServerTest, ASocketInUseIsLeftAlone) {
  Start();
  const std::string error = StartError();
  EXPECT_NE(error.find(path_), std::string::npos) << error;
  EXPECT_NE(error.find("another program listens"), std::string::npos) << error;
  SmtpClient client(path_);
  EXPECT_EQ(client.Reply().substr(0, 3), "220");
}

TEST_F(LmtpServerTest, WhatIsNoSocketIsLeftAlone) {
  std::ofstream(path_) << "precious";
  const std::string error = StartError();
  EXPECT_NE(error.find("something else is there"), std::string::npos) << error;
  EXPECT_EQ(fs::file_size(path_), 8u);
}

TEST_F(LmtpServerTest, StartSaysWhatIsWrongWithThePath) {
  options_.listen = (folder_.path() / "no/such/folder").string();
  EXPECT_NE(StartError().find("folder must exist"), std::string::npos);
  options_.listen = (folder_.path() / std::string(200, 'x')).string();
  EXPECT_NE(StartError().find("choose a shorter one"), std::string::npos);
  options_.listen = "lmtp.sock";  // no path, no endpoint
  EXPECT_NE(StartError().find("lmtp.sock"), std::string::npos);
}

}  // namespace
}  // namespace tlsrpt::ingest
