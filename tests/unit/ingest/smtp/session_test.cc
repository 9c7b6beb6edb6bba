#include "ingest/smtp/session.h"

#include <gtest/gtest.h>

#include <string>

#include "dialogues.h"

namespace tlsrpt::ingest {
namespace {

constexpr char kEnvelope[] =
    "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<tlsrpt@firm.example>\r\n";

// The replies of `owner` to `bytes` only.
std::string Say(Owner& owner, std::string_view bytes) {
  owner.replies.clear();
  owner.Bring(bytes);
  return owner.replies;
}

void PlayTurnByTurn(const std::vector<Dialogue>& dialogues, SmtpProtocol protocol) {
  for (const Dialogue& dialogue : dialogues) {
    SCOPED_TRACE(dialogue.why);
    Owner owner(false, protocol);
    for (const Turn& turn : dialogue.turns) {
      EXPECT_EQ(Say(owner, turn.client), turn.replies);
    }
    ASSERT_EQ(owner.messages.size(), dialogue.bodies.size());
    for (std::size_t i = 0; i < dialogue.bodies.size(); ++i) {
      EXPECT_EQ(owner.messages[i].body, dialogue.bodies[i]);
    }
    EXPECT_EQ(owner.want == SmtpWant::kClose, dialogue.closed);
  }
}

TEST(SmtpSession, DialoguesTurnByTurn) {
  PlayTurnByTurn(Dialogues(), SmtpProtocol::kSmtp);
}

TEST(LmtpSession, DialoguesTurnByTurn) {
  PlayTurnByTurn(LmtpDialogues(), SmtpProtocol::kLmtp);
}

TEST(SmtpSession, GreetsWithItsName) {
  Owner owner;
  std::string out;
  owner.session().Greet(out);
  EXPECT_EQ(out, "220 mx.firm.example ESMTP tlsrptd\r\n");
}

TEST(LmtpSession, GreetsWithItsName) {
  Owner owner(false, SmtpProtocol::kLmtp);
  std::string out;
  owner.session().Greet(out);
  EXPECT_EQ(out, "220 mx.firm.example LMTP tlsrptd\r\n");
}

constexpr char kLmtpEnvelope[] =
    "LHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<tlsrpt@firm.example>\r\n"
    "RCPT TO:<postmaster>\r\n";

// What the owner refuses is refused for every recipient, and counts once.
TEST(LmtpSession, RefusalsOfTheOwner) {
  Owner owner(false, SmtpProtocol::kLmtp);
  owner.Bring(std::string(kLmtpEnvelope) + "DATA\r\n");
  owner.refuse_with = ErrorKind::kUnavailable;
  EXPECT_EQ(Say(owner, ".\r\nNOOP\r\n"),
            "451 4.3.0 not taken\r\n451 4.3.0 not taken\r\n250 2.0.0 OK\r\n");
  EXPECT_EQ(owner.counters.refused_count(SmtpRefusal::kNotDurable), 1u);
}

TEST(LmtpSession, LackOfRoomIsToldToEachRecipient) {
  Owner owner(false, SmtpProtocol::kLmtp);
  owner.Bring(std::string(kLmtpEnvelope) + "DATA\r\nabc\r\n");
  owner.session().DropForLackOfRoom();
  EXPECT_EQ(Say(owner, ".\r\nNOOP\r\n"),
            "452 4.3.1 no room now, try again later\r\n"
            "452 4.3.1 no room now, try again later\r\n250 2.0.0 OK\r\n");
}

TEST(LmtpSession, StartTlsIsOfferedWhereItIs) {
  Owner owner(true, SmtpProtocol::kLmtp);
  EXPECT_NE(Say(owner, "LHLO x\r\n").find("250-STARTTLS\r\n"), std::string::npos);
  EXPECT_EQ(Say(owner, "STARTTLS\r\n"), "220 2.0.0 go ahead\r\n");
  owner.session().TlsStarted();
  EXPECT_EQ(Say(owner, "MAIL FROM:<>\r\n"), "503 5.5.1 say LHLO first\r\n");
}

TEST(SmtpSession, EnvelopeIsHandedOverAsWritten) {
  Owner owner;
  owner.Bring(
      "EHLO mail.sender.example\r\nMAIL FROM:<@r.example:Rep@Sender.example>\r\n"
      "RCPT TO:<TLSRPT+x@Firm.example>\r\nRCPT TO:<postmaster>\r\nDATA\r\n.\r\n"
      "MAIL FROM:<>\r\nRCPT TO:<tlsrpt@firm.example>\r\nDATA\r\n.\r\n");
  ASSERT_EQ(owner.messages.size(), 2u);
  EXPECT_EQ(owner.messages[0].from, "Rep@Sender.example");
  const std::vector<std::string> to = {"TLSRPT+x@Firm.example", "postmaster"};
  EXPECT_EQ(owner.messages[0].to, to);
  EXPECT_EQ(owner.messages[1].from, "");
  EXPECT_EQ(owner.messages[1].to.size(), 1u);
  EXPECT_EQ(owner.session().helo(), "mail.sender.example");
}

// Backpressure: nothing behind a message is looked at before its answer.
TEST(SmtpSession, StopsAtAMessage) {
  Owner owner;
  std::string out;
  SmtpSession& session = owner.session();
  const std::string input = std::string(kEnvelope) + "DATA\r\n.\r\nQUIT\r\n";
  const SmtpSession::Fed fed = session.Feed(input, out);
  EXPECT_EQ(fed.want, SmtpWant::kMessage);
  EXPECT_EQ(input.substr(fed.taken), "QUIT\r\n");
  EXPECT_FALSE(out.ends_with("received\r\n"));

  const SmtpSession::Fed again = session.Feed("QUIT\r\n", out);
  EXPECT_EQ(again.taken, 0u);
  EXPECT_EQ(again.want, SmtpWant::kMessage);
}

TEST(SmtpSession, RefusalsOfTheOwnerFollowTheErrorTable) {
  struct Row {
    const char* why;
    ErrorKind kind;
    const char* reply;
  };
  const Row rows[] = {
      {"disk full: come again", ErrorKind::kUnavailable, "451 4.3.0 not taken\r\n"},
      {"our bug: come again", ErrorKind::kInternal, "451 4.3.0 not taken\r\n"},
      {"larger than the spool", ErrorKind::kTooLarge, "552 5.3.4 not taken\r\n"},
      {"a kind without a reply is our bug", ErrorKind::kUnauthentic,
       "451 4.3.0 not taken\r\n"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    Owner owner;
    owner.refuse_with = row.kind;
    owner.Bring(std::string(kEnvelope) + "DATA\r\n");
    EXPECT_EQ(Say(owner, ".\r\n"), row.reply);
    EXPECT_EQ(Say(owner, "DATA\r\n"), "503 5.5.1 say MAIL first\r\n");
  }
}

TEST(SmtpSession, MailAsksForRoom) {
  Owner owner;
  std::vector<std::uint64_t> asked;
  owner.settings().has_room = [&](std::uint64_t bytes) -> Result<void> {
    asked.push_back(bytes);
    if (bytes > 100) return Error{ErrorKind::kUnavailable, "full"};
    return {};
  };
  owner.Bring("EHLO x\r\n");
  EXPECT_EQ(Say(owner, "MAIL FROM:<a@b.example> SIZE=101\r\n"),
            "452 4.3.1 no room now, try again later\r\n");
  EXPECT_EQ(Say(owner, "MAIL FROM:<a@b.example>\r\n"), "250 2.1.0 OK\r\n");
  EXPECT_EQ(asked, (std::vector<std::uint64_t>{101, 0}));
  EXPECT_EQ(owner.counters.refused_count(SmtpRefusal::kNoRoom), 1u);
}

// What can never be taken is not to be sent again and again.
TEST(SmtpSession, MailThatCanNeverFitIsToldSo) {
  Owner owner;
  owner.settings().has_room = [](std::uint64_t bytes) -> Result<void> {
    if (bytes > 100) return Error{ErrorKind::kTooLarge, "more than the quota"};
    return {};
  };
  owner.Bring("EHLO x\r\n");
  EXPECT_EQ(Say(owner, "MAIL FROM:<a@b.example> SIZE=101\r\n"),
            "552 5.3.4 message too large\r\n");
  EXPECT_EQ(Say(owner, "MAIL FROM:<a@b.example> SIZE=100\r\n"), "250 2.1.0 OK\r\n");
  EXPECT_EQ(owner.counters.refused_count(SmtpRefusal::kMessageTooLarge), 1u);
  EXPECT_EQ(owner.counters.refused_count(SmtpRefusal::kNoRoom), 0u);
}

TEST(SmtpSession, MemoryRunsShortInTheMiddle) {
  Owner owner;
  owner.Bring(std::string(kEnvelope) + "DATA\r\nabc");
  EXPECT_TRUE(owner.session().InMessage());
  EXPECT_EQ(owner.session().held_bytes(), 3u);
  owner.session().DropForLackOfRoom();
  EXPECT_EQ(owner.session().held_bytes(), 0u);
  EXPECT_EQ(Say(owner, "def\r\n"), "");
  EXPECT_EQ(Say(owner, ".\r\n"), "452 4.3.1 no room now, try again later\r\n");
  EXPECT_FALSE(owner.session().InMessage());
  EXPECT_TRUE(owner.messages.empty());
}

// The worst that could be done to a whole message is to answer 250 and keep nothing.
TEST(SmtpSession, AWholeMessageIsNotDropped) {
  Owner owner;
  std::string out;
  SmtpSession& session = owner.session();
  session.Feed(std::string(kEnvelope) + "DATA\r\nabc\r\n.\r\n", out);
  session.DropForLackOfRoom();
  EXPECT_EQ(session.TakeMessage().body, "abc\r\n");
}

// The size of a chunk is known before its bytes are.
TEST(SmtpSession, AChunkThatCannotFitIsNotWaitedForInMemory) {
  Owner owner;
  owner.Bring(std::string(kEnvelope) + "BDAT 999\r\n" + std::string(999, 'x'));
  EXPECT_EQ(owner.session().held_bytes(), 999u);
  owner.Bring("BDAT 2 LAST\r\n");
  EXPECT_EQ(owner.session().held_bytes(), 0u);
}

// RFC 1035, 2.3.4: no host name is longer, whatever a line may hold.
TEST(SmtpSession, TheNameInEhloIsLimited) {
  Owner owner;
  owner.settings().limits.max_line_bytes = 1000;
  EXPECT_EQ(Say(owner, "EHLO " + std::string(255, 'a') + "\r\n").substr(0, 4), "250-");
  EXPECT_EQ(Say(owner, "EHLO " + std::string(256, 'a') + "\r\n"),
            "501 5.5.4 say who you are: EHLO host.example\r\n");
}

TEST(SmtpSession, CommandsWithoutAMessageAreLimited) {
  Owner owner;
  const std::string noops = "NOOP\r\n";
  for (int i = 0; i < 30; ++i) owner.Bring(noops);
  owner.Bring(std::string(kEnvelope) + "DATA\r\n.\r\n");  // starts the count again
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(Say(owner, noops), "250 2.0.0 OK\r\n") << i;
  }
  EXPECT_EQ(Say(owner, noops), "421 4.7.0 too many commands without a message\r\n");
  EXPECT_EQ(owner.want, SmtpWant::kClose);
  EXPECT_EQ(Say(owner, noops), "");
}

// A relay that uses a session again and again, with a wrong recipient in each message.
TEST(SmtpSession, ErrorsWithoutAMessageAreLimited) {
  Owner owner;
  const std::string wrong = "RCPT TO:<nobody@firm.example>\r\n";
  for (int i = 0; i < 20; ++i) {
    owner.Bring(kEnvelope + wrong + wrong + "DATA\r\n");
    ASSERT_TRUE(Say(owner, ".\r\n").starts_with("250 2.6.0")) << i;
  }
  // A message that is not taken does not start the count again.
  owner.Bring(kEnvelope + wrong + wrong + wrong + "DATA\r\n");
  owner.refuse_with = ErrorKind::kUnavailable;
  EXPECT_EQ(Say(owner, ".\r\n"), "451 4.3.0 not taken\r\n");
  owner.Bring(kEnvelope + wrong + wrong);
  EXPECT_EQ(owner.want, SmtpWant::kInput);
  EXPECT_TRUE(Say(owner, wrong).ends_with("421 4.7.0 too many errors\r\n"));
}

// One recipient that is ours is a delivery.
TEST(LmtpSession, ErrorsWithoutAMessageAreLimited) {
  Owner owner(false, SmtpProtocol::kLmtp);
  for (int i = 0; i < 20; ++i) {
    owner.Bring(std::string(kLmtpEnvelope) + "RCPT TO:<nobody@firm.example>\r\nDATA\r\n");
    ASSERT_TRUE(Say(owner, ".\r\n").starts_with("250 2.6.0")) << i;
  }
}

// RFC 3030, 2: a message may come in as many chunks as it has bytes.
TEST(SmtpSession, TheChunksOfAMessageAreNotCounted) {
  Owner owner;
  owner.Bring(kEnvelope);
  for (int i = 0; i < 999; ++i) {
    ASSERT_EQ(Say(owner, "BDAT 1\r\nx"), "250 2.0.0 chunk received\r\n") << i;
  }
  EXPECT_TRUE(Say(owner, "BDAT 0 LAST\r\n").starts_with("250 2.6.0"));
  ASSERT_EQ(owner.messages.size(), 1u);
  EXPECT_EQ(owner.messages[0].body, std::string(999, 'x'));
}

// Nothing else would end them: they bring no bytes, and no error.
TEST(SmtpSession, ChunksThatBringNothingAreCounted) {
  Owner owner;
  owner.Bring(kEnvelope);
  for (int i = 3; i < 40; ++i) {
    ASSERT_EQ(Say(owner, "BDAT 1\r\nxBDAT 0\r\n"),
              "250 2.0.0 chunk received\r\n250 2.0.0 chunk received\r\n")
        << i;
  }
  EXPECT_EQ(Say(owner, "BDAT 0\r\n"),
            "421 4.7.0 too many commands without a message\r\n");
  EXPECT_EQ(owner.want, SmtpWant::kClose);
}

// Without a transaction a chunk is an error like any other.
TEST(SmtpSession, ChunksWithoutAMessageAreCounted) {
  Owner owner;
  owner.settings().limits.max_errors = 1000;
  owner.Bring("EHLO x\r\n");
  for (int i = 1; i < 40; ++i) {
    ASSERT_EQ(Say(owner, "BDAT 1\r\nx"), "503 5.5.1 say MAIL first\r\n") << i;
  }
  EXPECT_EQ(Say(owner, "BDAT 1\r\nx"),
            "421 4.7.0 too many commands without a message\r\n");
}

// A client that never ends its line costs the length of one line.
TEST(SmtpSession, AnEndlessLineEndsInOneReply) {
  Owner owner;
  const std::string megabyte(1 << 20, 'a');
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Say(owner, megabyte), "");
  EXPECT_EQ(Say(owner, "\r"), "");
  EXPECT_EQ(Say(owner, "\n"), "500 5.5.2 line too long\r\n");
  EXPECT_EQ(Say(owner, "NOOP\r\n"), "250 2.0.0 OK\r\n");
}

// --- STARTTLS
// ---------------------------------------------------------------------------

TEST(SmtpSession, StartTlsIsOfferedOnce) {
  Owner owner(true);
  EXPECT_NE(Say(owner, "EHLO x\r\n").find("250-STARTTLS\r\n"), std::string::npos);
  EXPECT_EQ(Say(owner, "STARTTLS\r\n"), "220 2.0.0 go ahead\r\n");
  ASSERT_EQ(owner.want, SmtpWant::kStartTls);
  owner.session().TlsStarted();
  EXPECT_EQ(Say(owner, "MAIL FROM:<a@b.example>\r\n"), "503 5.5.1 say EHLO first\r\n");
  EXPECT_EQ(Say(owner, "EHLO x\r\n").find("STARTTLS"), std::string::npos);
  EXPECT_EQ(Say(owner, "STARTTLS\r\n"), "503 5.5.1 no TLS, or TLS already\r\n");
}

// RFC 3207, 6; CVE-2011-0411: commands that came in plain text must not be carried out
// as if they had come under TLS.
TEST(SmtpSession, WhatIsPipelinedBehindStartTlsIsDropped) {
  const char* const injected[] = {
      "RSET\r\n",
      "EHLO evil\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<tlsrpt@firm.example>\r\n",
      "NO",  // half a command
  };
  for (const char* text : injected) {
    SCOPED_TRACE(text);
    Owner owner(true);
    EXPECT_EQ(Say(owner, std::string("STARTTLS\r\n") + text), "220 2.0.0 go ahead\r\n");
    EXPECT_EQ(Say(owner, text), "");  // still before the handshake
    owner.session().TlsStarted();
    EXPECT_EQ(owner.session().helo(), "");
    EXPECT_EQ(Say(owner, "NOOP\r\n"), "250 2.0.0 OK\r\n");
    EXPECT_EQ(Say(owner, "DATA\r\n"), "503 5.5.1 say MAIL first\r\n");
  }
}

// The owner must not be left with bytes that it would feed again under TLS.
TEST(SmtpSession, StartTlsTakesAllThatWasRead) {
  Owner owner(true);
  std::string out;
  const std::string input = "STARTTLS\r\nNOOP\r\n";
  const SmtpSession::Fed fed = owner.session().Feed(input, out);
  EXPECT_EQ(fed.taken, input.size());
  EXPECT_EQ(fed.want, SmtpWant::kStartTls);
}

TEST(SmtpSession, StartTlsForgetsTheTransaction) {
  Owner owner(true);
  owner.Bring(std::string(kEnvelope) + "STARTTLS\r\n");
  owner.session().TlsStarted();
  // Not even before EHLO, which begins anew anyhow: a recipient of plain text is none.
  EXPECT_EQ(Say(owner, "RCPT TO:<postmaster>\r\n"), "503 5.5.1 say MAIL first\r\n");
  EXPECT_EQ(Say(owner, "DATA\r\n"), "503 5.5.1 say MAIL first\r\n");
  EXPECT_EQ(Say(owner, "EHLO x\r\nDATA\r\n").substr(0, 4), "250-");
  EXPECT_TRUE(owner.replies.ends_with("503 5.5.1 say MAIL first\r\n"));
}

// --- last words, counts
// -----------------------------------------------------------------

TEST(SmtpSession, LastWordsClose) {
  Owner owner;
  std::string out;
  owner.session().SayTimeout(out);
  EXPECT_EQ(out, "421 4.4.2 timeout\r\n");
  EXPECT_EQ(Say(owner, "NOOP\r\n"), "");
  EXPECT_EQ(owner.want, SmtpWant::kClose);

  Owner other;
  out.clear();
  other.session().SayShutdown(out);
  EXPECT_EQ(out, "421 4.3.2 closing for a restart, try again\r\n");
  other.Bring("NOOP\r\n");
  EXPECT_EQ(other.want, SmtpWant::kClose);
}

TEST(SmtpSession, RefusalsAreCountedByReason) {
  struct Row {
    const char* input;
    SmtpRefusal reason;
  };
  const std::string bare = std::string(kEnvelope) + "DATA\r\n\n\r\n.\r\n";
  const std::string large =
      std::string(kEnvelope) + "BDAT 1001 LAST\r\n" + std::string(1001, 'x');
  const Row rows[] = {
      {"X\r\n", SmtpRefusal::kBadCommand},
      {"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<x@y.example>\r\n",
       SmtpRefusal::kUnknownRecipient},
      {"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nRCPT TO:<postmaster>\r\n"
       "RCPT TO:<postmaster>\r\nRCPT TO:<postmaster>\r\n",
       SmtpRefusal::kRecipientLimit},
      {"EHLO x\r\nMAIL FROM:<> SIZE=1001\r\n", SmtpRefusal::kMessageTooLarge},
      {large.c_str(), SmtpRefusal::kMessageTooLarge},
      {bare.c_str(), SmtpRefusal::kBareLineEnding},
      {"\nNOOP\r\n", SmtpRefusal::kBareLineEnding},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.input);
    Owner owner;
    owner.Bring(row.input);
    for (std::size_t i = 0; i < kSmtpRefusalCount; ++i) {
      const auto reason = static_cast<SmtpRefusal>(i);
      EXPECT_EQ(owner.counters.refused_count(reason), reason == row.reason ? 1u : 0u)
          << NameOf(reason);
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
