// The server with real sockets on loopback. What an SMTP session says is tested in
// session_test.cc; here it is what a socket, a clock and another thread add.
#include "ingest/smtp/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "smtp_client.h"
#include "tests/support/spooled.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono_literals;
using test::Spooled;

class FixedClock final : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(1'700'000'000s); }
};

class SmtpServerTest : public testing::Test {
 protected:
  SmtpServerTest()
      : recipients_(Recipients::Make({"firm.example"}, {}, "mx.firm.example").value()) {
    options_.host_name = "mx.firm.example";
    parts_.clock = &clock_;
    parts_.recipients = &recipients_;
    parts_.sink = spooled_.Sink();
  }

  void Start() {
    auto started = SmtpServer::Start(options_, parts_);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  void OfferTls() {
    std::string pattern = testing::TempDir() + "tlsrptd-smtp-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    auto tls = net::LoadOrMakeSelfSigned(pattern, "mx.firm.example", SystemClock());
    std::filesystem::remove_all(pattern);
    ASSERT_TRUE(tls) << tls.error().message;
    parts_.tls = *tls;
  }

  std::uint64_t Refused(SmtpRefusal reason) const {
    return server_->counters().refused_count(reason);
  }

  // False when so many have not come and gone in 30 s.
  bool AllLeave(std::size_t connections) const {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (server_->counters().connections < connections ||
           server_->counters().open_connections != 0) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // Sends a byte of a command line now and then until the server has had enough of it.
  // False when it takes 10 s and more.
  bool TrickleEnds(SmtpClient& client) const {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (Refused(SmtpRefusal::kTimeout) == 0) {
      if (std::chrono::steady_clock::now() > end) return false;
      client.Send("N");
      std::this_thread::sleep_for(10ms);
    }
    return true;
  }

  FixedClock clock_;
  RecipientList recipients_;
  Spooled spooled_;
  SmtpServerOptions options_;
  SmtpServerParts parts_;
  std::unique_ptr<SmtpServer> server_;
};

// Up to the answer to RCPT.
void SayEnvelope(SmtpClient& client) {
  EXPECT_EQ(client.Say("EHLO mail.sender.example").substr(0, 4), "250-");
  EXPECT_EQ(client.Say("MAIL FROM:<rep@sender.example>"), "250 2.1.0 OK\r\n");
  EXPECT_EQ(client.Say("RCPT TO:<tlsrpt@firm.example>"), "250 2.1.5 OK\r\n");
}

TEST_F(SmtpServerTest, AMessageBecomesASpoolEntry) {
  Start();
  SmtpClient client(server_->Port());
  EXPECT_EQ(client.Reply(), "220 mx.firm.example ESMTP tlsrptd\r\n");
  SayEnvelope(client);
  EXPECT_EQ(client.Say("DATA").substr(0, 3), "354");
  const std::string reply = client.Say("Subject: x\r\n\r\n..y\r\n.");

  const SpoolEntry entry = spooled_.Entry(0);
  EXPECT_EQ(reply, "250 2.6.0 " + entry.receipt_id.ToString() + " received\r\n");
  EXPECT_EQ(TimeOf(entry.receipt_id), clock_.Now());
  EXPECT_EQ(entry.received_at, clock_.Now());
  EXPECT_EQ(entry.transport, "smtp");
  EXPECT_EQ(entry.peer, "127.0.0.1:" + std::to_string(client.local_port()));
  EXPECT_EQ(entry.helo, "mail.sender.example");
  EXPECT_EQ(entry.tls, "");
  EXPECT_EQ(entry.envelope_from, "rep@sender.example");
  EXPECT_EQ(entry.envelope_to, std::vector<std::string>{"tlsrpt@firm.example"});
  EXPECT_EQ(entry.body, "Subject: x\r\n\r\n.y\r\n");

  EXPECT_EQ(client.Say("QUIT"), "221 2.0.0 bye\r\n");
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(server_->counters().messages_accepted, 1u);
  EXPECT_EQ(server_->counters().message_bytes_accepted, entry.body.size());
  EXPECT_EQ(server_->counters().connections, 1u);
}

// The promise: no 250 before the entry is durable, not even to a client that pipelines.
TEST_F(SmtpServerTest, AnswersWhenTheEntryIsDurable) {
  spooled_.AnswerAtOnce(false);
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  SayEnvelope(client);
  client.Say("DATA");
  client.Send("a\r\n.\r\nNOOP\r\n");
  spooled_.Entry(0);

  // Another session goes through all its steps while this one waits.
  SmtpClient other(server_->Port());
  other.Reply();
  EXPECT_EQ(other.Say("NOOP"), "250 2.0.0 OK\r\n");
  EXPECT_EQ(server_->counters().messages_accepted, 0u);

  std::thread([this] { spooled_.Answer({}); }).join();
  EXPECT_TRUE(client.Reply().starts_with("250 2.6.0 "));
  EXPECT_EQ(client.Reply(), "250 2.0.0 OK\r\n");
}

TEST_F(SmtpServerTest, TheSpoolSaysNo) {
  spooled_.AnswerAtOnce(false);
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  SayEnvelope(client);
  client.Say("DATA");
  client.Send(".\r\n");
  spooled_.Entry(0);
  spooled_.Answer(Error{ErrorKind::kUnavailable, "disk full"});
  EXPECT_EQ(client.Reply(), "451 4.3.0 message not taken\r\n");
  EXPECT_EQ(Refused(SmtpRefusal::kNotDurable), 1u);
  EXPECT_EQ(server_->counters().messages_accepted, 0u);
}

TEST_F(SmtpServerTest, NoRoom) {
  parts_.has_room = [](std::uint64_t) -> Result<void> {
    return Error{ErrorKind::kUnavailable, "quota"};
  };
  std::mutex mutex;
  std::vector<std::string> told;
  parts_.log = [&](LogLevel level, std::string line) {
    const std::lock_guard lock(mutex);
    if (level == LogLevel::kWarning) told.push_back(std::move(line));
  };
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  client.Say("EHLO x");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.Say("MAIL FROM:<>"), "452 4.3.1 no room now, try again later\r\n");
  }
  const std::lock_guard lock(mutex);
  ASSERT_EQ(told.size(), 1u) << "once a minute";
  EXPECT_NE(told[0].find("mail is refused with 452: quota"), std::string::npos);
}

// All sessions together may hold so much; who passes the limit comes again.
TEST_F(SmtpServerTest, MemoryOfAllSessionsIsLimited) {
  options_.max_held_bytes = 1000;
  Start();
  SmtpClient first(server_->Port()), second(server_->Port());
  for (SmtpClient* client : {&first, &second}) {
    client->Reply();
    SayEnvelope(*client);
    // A chunk that is acknowledged is in memory.
    client->Send("BDAT 600\r\n" + std::string(600, 'a'));
    if (client == &first) {
      EXPECT_EQ(client->Reply(), "250 2.0.0 chunk received\r\n");
    }
  }
  // By then it was read and dropped: BDAT is answered, or the chunk behind it is.
  std::string reply = second.Reply();
  if (reply.starts_with("250")) reply = second.Say("BDAT 0 LAST");
  EXPECT_EQ(reply, "452 4.3.1 no room now, try again later\r\n");

  EXPECT_TRUE(first.Say("BDAT 0 LAST").starts_with("250 2.6.0"));
  EXPECT_EQ(spooled_.Entry(0).body, std::string(600, 'a'));
  SayEnvelope(second);  // there is room again
}

TEST_F(SmtpServerTest, AMessageInHandIsInMemory) {
  options_.max_held_bytes = 1000;
  spooled_.AnswerAtOnce(false);
  Start();
  SmtpClient first(server_->Port()), second(server_->Port());
  first.Reply();
  SayEnvelope(first);
  first.Send("BDAT 600 LAST\r\n" + std::string(600, 'a'));
  spooled_.Entry(0);
  second.Reply();
  second.Say("EHLO x");
  EXPECT_EQ(second.Say("MAIL FROM:<> SIZE=401"),
            "452 4.3.1 no room now, try again later\r\n");
  spooled_.Answer({});
  EXPECT_TRUE(first.Reply().starts_with("250 2.6.0"));
  EXPECT_EQ(second.Say("MAIL FROM:<> SIZE=401"), "250 2.1.0 OK\r\n");
}

// One peer with many connections takes no more than its share, and is told so; the mail
// of others is not kept waiting.
TEST_F(SmtpServerTest, MemoryOfOnePeerIsLimited) {
  options_.max_held_bytes = 4000;
  options_.limits.max_message_bytes = 1000;
  Start();
  std::vector<std::unique_ptr<SmtpClient>> many;
  for (int i = 0; i < 7; ++i) {
    many.push_back(std::make_unique<SmtpClient>(server_->Port()));
    SmtpClient& client = *many.back();
    client.Reply();
    SayEnvelope(client);
    client.Send("BDAT 600\r\n" + std::string(600, 'a'));
    std::string reply = client.Reply();
    if (i == 0) {
      EXPECT_EQ(reply, "250 2.0.0 chunk received\r\n");
      continue;
    }
    // As above.
    if (reply.starts_with("250")) reply = client.Say("BDAT 0 LAST");
    EXPECT_EQ(reply, "452 4.3.1 no room now, try again later\r\n") << i;
  }
  EXPECT_EQ(many[1]->Say("MAIL FROM:<> SIZE=401"),
            "452 4.3.1 no room now, try again later\r\n");
  EXPECT_EQ(many[1]->Say("MAIL FROM:<> SIZE=400"), "250 2.1.0 OK\r\n");

  SmtpClient other(server_->Port(), "127.0.0.1", "127.0.0.2");
  other.Reply();
  EXPECT_EQ(other.Say("EHLO x").substr(0, 4), "250-");
  EXPECT_EQ(other.Say("MAIL FROM:<> SIZE=900"), "250 2.1.0 OK\r\n");
  EXPECT_EQ(other.Say("RCPT TO:<tlsrpt@firm.example>"), "250 2.1.5 OK\r\n");
  other.Send("BDAT 900 LAST\r\n" + std::string(900, 'b'));
  EXPECT_TRUE(other.Reply().starts_with("250 2.6.0"));
  EXPECT_TRUE(many[0]->Say("BDAT 0 LAST").starts_with("250 2.6.0"));
}

TEST_F(SmtpServerTest, AClientThatVanishesGivesItsMemoryBack) {
  options_.max_held_bytes = 1000;
  Start();
  {
    SmtpClient client(server_->Port());
    client.Reply();
    SayEnvelope(client);
    client.Send("BDAT 600\r\n" + std::string(600, 'a'));
    EXPECT_EQ(client.Reply(), "250 2.0.0 chunk received\r\n");
  }
  while (server_->counters().open_connections != 0) std::this_thread::yield();
  SmtpClient other(server_->Port());
  other.Reply();
  other.Say("EHLO x");
  EXPECT_EQ(other.Say("MAIL FROM:<> SIZE=1000"), "250 2.1.0 OK\r\n");
}

TEST_F(SmtpServerTest, ALargeMessageInManyReads) {
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  SayEnvelope(client);
  client.Say("DATA");
  std::string body;
  while (body.size() < 2'000'000) body += std::string(76, 'x') + "\r\n";
  EXPECT_TRUE(client.Say(body + ".").starts_with("250 2.6.0"));
  EXPECT_EQ(spooled_.Entry(0).body, body);
}

// --- TLS
// --------------------------------------------------------------------------------

TEST_F(SmtpServerTest, StartTls) {
  OfferTls();
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  EXPECT_NE(client.Say("EHLO x").find("250-STARTTLS\r\n"), std::string::npos);
  EXPECT_EQ(client.Say("STARTTLS"), "220 2.0.0 go ahead\r\n");
  ASSERT_TRUE(client.StartTls());
  SayEnvelope(client);
  client.Say("DATA");
  const std::string body = std::string(100'000, 'x') + "\r\n";
  EXPECT_TRUE(client.Say(body + ".").starts_with("250 2.6.0"));
  EXPECT_EQ(spooled_.Entry(0).tls, client.TlsVersion());
  EXPECT_EQ(spooled_.Entry(0).body, body);
  EXPECT_EQ(client.Say("QUIT"), "221 2.0.0 bye\r\n");
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(server_->counters().tls_sessions, 1u);
}

// What a client sends behind QUIT, or behind an error that was the last, must not cost it
// the replies before.
TEST_F(SmtpServerTest, WhatComesAfterTheEndDoesNotResetTls) {
  spooled_.AnswerAtOnce(false);
  OfferTls();
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  client.Say("EHLO x");
  client.Say("STARTTLS");
  ASSERT_TRUE(client.StartTls());
  SayEnvelope(client);
  client.Send("BDAT 3 LAST\r\nabcQUIT\r\n");
  spooled_.Entry(0);
  client.Send(
      std::string(100'000, 'x'));  // more than one read, and all before the answer
  spooled_.Answer({});
  EXPECT_TRUE(client.Reply().starts_with("250 2.6.0"));
  EXPECT_EQ(client.Reply(), "221 2.0.0 bye\r\n");
  EXPECT_TRUE(client.AtEnd());
  EXPECT_FALSE(client.WasReset());
}

TEST_F(SmtpServerTest, PlainTextBehindStartTlsIsNotExecuted) {
  OfferTls();
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  client.Send(
      "STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@x.example>\r\n"
      "RCPT TO:<tlsrpt@firm.example>\r\n");
  EXPECT_EQ(client.Reply(), "220 2.0.0 go ahead\r\n");
  ASSERT_TRUE(client.StartTls());
  // The first reply under TLS is the one to the first command under TLS.
  EXPECT_EQ(client.Say("DATA"), "503 5.5.1 say MAIL first\r\n");
}

TEST_F(SmtpServerTest, AHandshakeThatIsNone) {
  OfferTls();
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  client.Say("STARTTLS");
  client.Send("EHLO x\r\nthis is no ClientHello at all\r\n");
  client.AtEnd();  // perhaps an alert before
  SmtpClient other(server_->Port());
  EXPECT_EQ(other.Reply().substr(0, 4), "220 ");
  EXPECT_EQ(server_->counters().tls_failures, 1u);
  EXPECT_EQ(server_->counters().tls_sessions, 0u);
}

TEST_F(SmtpServerTest, ACertificateMayComeLater) {
  Start();
  OfferTls();
  server_->SetTls(parts_.tls);
  SmtpClient client(server_->Port());
  client.Reply();
  client.Say("STARTTLS");
  EXPECT_TRUE(client.StartTls());
}

// --- limits
// -----------------------------------------------------------------------------

TEST_F(SmtpServerTest, ConnectionsOfOnePeer) {
  options_.max_connections_per_peer = 1;
  Start();
  auto first = std::make_optional<SmtpClient>(server_->Port());
  EXPECT_EQ(first->Reply().substr(0, 4), "220 ");
  {
    SmtpClient second(server_->Port());
    EXPECT_EQ(second.Reply(), "421 4.7.0 too many connections, try again later\r\n");
    EXPECT_TRUE(second.AtEnd());
  }
  EXPECT_EQ(Refused(SmtpRefusal::kConnectionLimit), 1u);
  first->Say("QUIT");
  EXPECT_TRUE(first->AtEnd());
  first.reset();
  // The server has closed its end, so it counts no more; or will in a moment.
  for (std::string reply; !reply.starts_with("220 ");) {
    SmtpClient third(server_->Port());
    reply = third.Reply();
    ASSERT_FALSE(reply.empty());
  }
}

TEST_F(SmtpServerTest, ConnectionsInAll) {
  options_.max_connections = 1;
  Start();
  SmtpClient first(server_->Port());
  first.Reply();
  SmtpClient second(server_->Port());
  EXPECT_EQ(second.Reply(), "421 4.7.0 too many connections, try again later\r\n");
}

TEST_F(SmtpServerTest, ASilentClientIsToldAndClosed) {
  options_.command_timeout = 20ms;
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  EXPECT_EQ(client.Reply(), "421 4.4.2 timeout\r\n");
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(Refused(SmtpRefusal::kTimeout), 1u);
}

// Who holds the places of all gives them up when they run short, and others come in.
TEST_F(SmtpServerTest, SilentClientsAreNotWaitedForInACrowd) {
  options_.max_connections = 8;
  options_.crowded_timeout = 20ms;
  Start();
  std::vector<std::unique_ptr<SmtpClient>> silent;
  for (int i = 0; i < 6; ++i) {
    silent.push_back(std::make_unique<SmtpClient>(server_->Port()));
    EXPECT_TRUE(silent.back()->Reply().starts_with("220 "));
  }
  EXPECT_EQ(silent[0]->Say("NOOP"), "250 2.0.0 OK\r\n");
  EXPECT_EQ(Refused(SmtpRefusal::kTimeout), 0u) << "three quarters are no crowd";

  silent.push_back(std::make_unique<SmtpClient>(server_->Port()));
  EXPECT_TRUE(silent.back()->Reply().starts_with("220 "));
  for (const auto& client : silent) {
    EXPECT_EQ(client->Reply(), "421 4.4.2 timeout\r\n");
    EXPECT_TRUE(client->AtEnd());
  }
  EXPECT_EQ(Refused(SmtpRefusal::kTimeout), silent.size());
}

TEST_F(SmtpServerTest, AHandshakeIsNotWaitedForInACrowd) {
  OfferTls();
  options_.max_connections = 8;
  options_.crowded_timeout = 200ms;
  Start();
  std::vector<std::unique_ptr<SmtpClient>> silent;
  for (int i = 0; i < 6; ++i) {
    silent.push_back(std::make_unique<SmtpClient>(server_->Port()));
    EXPECT_TRUE(silent.back()->Reply().starts_with("220 "));
    EXPECT_EQ(silent.back()->Say("STARTTLS"), "220 2.0.0 go ahead\r\n");
  }
  EXPECT_EQ(server_->counters().tls_failures, 0u);

  // One that began before the crowd, and one in it.
  SmtpClient last(server_->Port());
  last.Send("STARTTLS\r\n");
  for (const auto& client : silent) EXPECT_TRUE(client->AtEnd());
  while (!last.AtEnd()) continue;
  EXPECT_TRUE(AllLeave(silent.size() + 1));
  EXPECT_GE(server_->counters().tls_failures, silent.size());
}

// Who does not read its replies holds a place as well.
TEST_F(SmtpServerTest, WhoDoesNotReadIsNotWaitedForInACrowd) {
  options_.max_connections = 8;
  options_.crowded_timeout = 20ms;
  options_.host_name = std::string(8u << 20, 'x');  // no socket takes such a greeting
  Start();
  std::vector<std::unique_ptr<SmtpClient>> silent;
  for (int i = 0; i < 7; ++i) {
    silent.push_back(std::make_unique<SmtpClient>(server_->Port()));
  }
  EXPECT_TRUE(AllLeave(silent.size()));
}

// RFC 5321, 4.5.3.2: the time is that of a command, and a byte of it is none.
TEST_F(SmtpServerTest, ATrickledCommandEnds) {
  options_.command_timeout = 200ms;
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  EXPECT_TRUE(TrickleEnds(client));
  EXPECT_EQ(client.Reply(), "421 4.4.2 timeout\r\n");
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(SmtpServerTest, ATrickledCommandEndsSoonerInACrowd) {
  options_.max_connections = 1;  // is a crowd
  options_.command_timeout = 1h;
  options_.crowded_timeout = 200ms;
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  EXPECT_TRUE(TrickleEnds(client));
  EXPECT_EQ(client.Reply(), "421 4.4.2 timeout\r\n");
}

// Lines that are cut across each other, as TCP does, are commands all the same.
TEST_F(SmtpServerTest, EachCommandHasItsOwnTime) {
  options_.command_timeout = 500ms;
  Start();
  // A machine that stands still for so long is told so, rightly; then once more.
  for (int attempt = 0;; ++attempt) {
    SmtpClient client(server_->Port());
    client.Reply();
    client.Send("NO");
    const auto late = std::chrono::steady_clock::now() + 1s;
    std::string reply;
    do {
      std::this_thread::sleep_for(10ms);
      client.Send("OP\r\nNO");
      reply = client.Reply().substr(0, 3);
    } while (reply == "250" && std::chrono::steady_clock::now() < late);
    if (reply == "421" && attempt < 10) continue;
    EXPECT_EQ(reply, "250");
    break;
  }
}

// Each byte keeps the command timeout happy; the message has one of its own.
TEST_F(SmtpServerTest, ATrickleEnds) {
  options_.command_timeout = 1h;
  options_.message_timeout = 50ms;
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  SayEnvelope(client);
  client.Say("DATA");
  std::thread trickle([&] {
    while (Refused(SmtpRefusal::kTimeout) == 0) {
      client.Send("x");
      std::this_thread::yield();
    }
  });
  EXPECT_EQ(client.Reply(), "421 4.4.2 timeout\r\n");
  trickle.join();
  EXPECT_EQ(spooled_.count(), 0u);
}

TEST_F(SmtpServerTest, TheMessageTimeoutEndsWithTheMessage) {
  options_.message_timeout = 200ms;
  Start();
  // A machine that stands still for so long is told so, rightly; then once more.
  for (int attempt = 0;; ++attempt) {
    SmtpClient client(server_->Port());
    client.Reply();
    SayEnvelope(client);
    client.Say("DATA");
    const auto late = std::chrono::steady_clock::now() + 250ms;
    const std::string reply = client.Say("x\r\n.");
    if (reply.starts_with("421") && attempt < 10) continue;
    EXPECT_TRUE(reply.starts_with("250 2.6.0")) << reply;
    while (std::chrono::steady_clock::now() < late) std::this_thread::yield();
    EXPECT_EQ(client.Say("NOOP"), "250 2.0.0 OK\r\n");
    break;
  }
}

// A slow spool is not the client's fault: the next message, pipelined behind the one that
// waits, starts its own time.
TEST_F(SmtpServerTest, TheNextMessageHasItsOwnTime) {
  options_.message_timeout = 200ms;
  spooled_.AnswerAtOnce(false);
  Start();
  for (std::size_t attempt = 0;; ++attempt) {
    SmtpClient client(server_->Port());
    client.Reply();
    SayEnvelope(client);
    client.Say("DATA");
    const auto late = std::chrono::steady_clock::now() + 250ms;
    client.Send("x\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<tlsrpt@firm.example>\r\nDATA\r\n");
    while (spooled_.count() == 0 && Refused(SmtpRefusal::kTimeout) == attempt) {
      std::this_thread::yield();
    }
    if (spooled_.count() == 0 && attempt < 10) continue;  // as above
    spooled_.Entry(0);
    while (std::chrono::steady_clock::now() < late) std::this_thread::yield();
    spooled_.Answer({});
    EXPECT_TRUE(client.Reply().starts_with("250 2.6.0"));
    for (const char* code : {"250", "250", "354"}) {
      EXPECT_EQ(client.Reply().substr(0, 3), code);
    }
    spooled_.AnswerAtOnce(true);
    EXPECT_TRUE(client.Say("y\r\n.").starts_with("250 2.6.0"));
    break;
  }
}

TEST_F(SmtpServerTest, AClientThatVanishesLeavesNothing) {
  Start();
  {
    SmtpClient client(server_->Port());
    client.Reply();
    SayEnvelope(client);
    client.Say("DATA");
    client.Send("half a mess");
  }
  while (server_->counters().open_connections != 0) std::this_thread::yield();
  EXPECT_EQ(spooled_.count(), 0u);
}

// One catch at the top of each connection: the others go on.
TEST_F(SmtpServerTest, AnExceptionEndsOneConnection) {
  parts_.sink = [](SpoolEntry, const std::function<void(Result<void>)>&) {
    throw std::runtime_error("a bug");
  };
  std::mutex mutex;
  std::vector<std::pair<LogLevel, std::string>> lines;
  parts_.log = [&](LogLevel level, std::string line) {
    const std::lock_guard lock(mutex);
    lines.emplace_back(level, std::move(line));
  };
  Start();
  SmtpClient other(server_->Port());
  other.Reply();
  SmtpClient client(server_->Port());
  client.Reply();
  SayEnvelope(client);
  client.Say("DATA");
  EXPECT_EQ(client.Say("."), "451 4.3.0 internal error, closing\r\n");
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(other.Say("NOOP"), "250 2.0.0 OK\r\n");
  const std::lock_guard lock(mutex);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back().first, LogLevel::kError);
  EXPECT_NE(lines.back().second.find("a bug"), std::string::npos);
}

// One host has one name, whichever family of socket it came through.
TEST_F(SmtpServerTest, AnIpv6ListenerTakesIpv4) {
  const int probe = socket(AF_INET6, SOCK_STREAM, 0);
  if (probe < 0) GTEST_SKIP() << "no IPv6 on this machine";
  close(probe);
  options_.listen = "[::]:0";
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  SayEnvelope(client);
  client.Say("DATA");
  client.Say(".");
  EXPECT_EQ(spooled_.Entry(0).peer, "127.0.0.1:" + std::to_string(client.local_port()));
}

TEST_F(SmtpServerTest, StartSaysWhatIsWrong) {
  options_.listen = "mx.firm.example:25";
  auto started = SmtpServer::Start(options_, parts_);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::kMalformed);

  options_.listen = "127.0.0.1:0";
  Start();
  options_.listen = "127.0.0.1:" + std::to_string(server_->Port());
  started = SmtpServer::Start(options_, parts_);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(options_.listen), std::string::npos);
  EXPECT_NE(started.error().message.find("another program"), std::string::npos);
}

// --- Stop
// -------------------------------------------------------------------------------

TEST_F(SmtpServerTest, StopTellsIdleSessions) {
  OfferTls();
  Start();
  std::optional<SmtpClient> clients[3];
  for (auto& client : clients) client.emplace(server_->Port()).Reply();
  SmtpClient& halfway = *clients[1];
  SayEnvelope(halfway);
  halfway.Say("DATA");
  halfway.Send("half a mess");
  SmtpClient& secured = *clients[2];
  secured.Say("STARTTLS");
  ASSERT_TRUE(secured.StartTls());
  secured.Say("NOOP");

  std::thread stop([this] { server_->Stop(); });
  for (auto& client : clients) {
    EXPECT_EQ(client->Reply(), "421 4.3.2 closing for a restart, try again\r\n");
    EXPECT_TRUE(client->AtEnd());
    client.reset();
  }
  stop.join();
  EXPECT_EQ(spooled_.count(), 0u);
  EXPECT_EQ(server_->counters().open_connections, 0u);
  server_->Stop();  // again is nothing
}

TEST_F(SmtpServerTest, StopWaitsForAMessageInHand) {
  spooled_.AnswerAtOnce(false);
  Start();
  std::optional<SmtpClient> client(std::in_place, server_->Port());
  std::optional<SmtpClient> idle(std::in_place, server_->Port());
  client->Reply();
  idle->Reply();
  SayEnvelope(*client);
  client->Say("DATA");
  client->Send(".\r\nMAIL FROM:<>\r\n");
  spooled_.Entry(0);

  std::thread stop([this] { server_->Stop(); });
  // The server is stopping for certain once the idle one has heard of it.
  EXPECT_TRUE(idle->Reply().starts_with("421 4.3.2"));
  idle.reset();
  spooled_.Answer({});
  EXPECT_TRUE(client->Reply().starts_with("250 2.6.0"));
  EXPECT_TRUE(client->Reply().starts_with("421 4.3.2"));
  EXPECT_TRUE(client->AtEnd());
  client.reset();
  stop.join();
}

TEST_F(SmtpServerTest, StopDoesNotWaitForEver) {
  spooled_.AnswerAtOnce(false);
  options_.stop_timeout = 20ms;
  Start();
  SmtpClient client(server_->Port());
  client.Reply();
  SayEnvelope(client);
  client.Say("DATA");
  client.Send(".\r\n");
  spooled_.Entry(0);
  server_->Stop();
  EXPECT_TRUE(client.AtEnd());  // no 250: the client will send it again
  server_.reset();
  spooled_.Answer({});  // the spool is late; nobody is there, and nothing breaks
}

TEST_F(SmtpServerTest, NobodyConnectsAfterStop) {
  Start();
  const std::uint16_t port = server_->Port();
  server_->Stop();
  // The port is free again.
  options_.listen = "127.0.0.1:" + std::to_string(port);
  Start();
  SmtpClient client(port);
  EXPECT_EQ(client.Reply().substr(0, 4), "220 ");
}

}  // namespace
}  // namespace tlsrpt::ingest
