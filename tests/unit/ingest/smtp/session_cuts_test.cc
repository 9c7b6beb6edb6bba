// TCP cuts a stream where it likes. Whatever the cut, the same bytes must give the same
// replies and the same messages, or a sender could choose the outcome by its packets.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "dialogues.h"

namespace tlsrpt::ingest {
namespace {

// What came of `owner`, in one text.
std::string Summary(const Owner& owner) {
  std::string summary = owner.replies;
  for (const SmtpMessage& message : owner.messages) {
    summary += "\n--- " + message.from + " ->";
    for (const std::string& to : message.to) summary += " " + to;
    summary += "\n" + message.body;
  }
  for (std::size_t i = 0; i < kSmtpRefusalCount; ++i) {
    const auto reason = static_cast<SmtpRefusal>(i);
    summary += "\n" + std::to_string(owner.counters.refused_count(reason));
  }
  return summary + (owner.want == SmtpWant::kClose ? "\nclosed" : "");
}

// An own allocation for each piece, so that ASan sees a read past its end.
void Bring(Owner& owner, std::string_view piece) { owner.Bring(std::string(piece)); }

// Both protocols.
class SmtpSessionCuts : public testing::TestWithParam<SmtpProtocol> {
 protected:
  static bool IsLmtp() { return GetParam() == SmtpProtocol::kLmtp; }
  static const std::vector<Dialogue>& Played() {
    return IsLmtp() ? LmtpDialogues() : Dialogues();
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, SmtpSessionCuts,
                         testing::Values(SmtpProtocol::kSmtp, SmtpProtocol::kLmtp),
                         [](const auto& protocol) {
                           return protocol.param == SmtpProtocol::kLmtp ? "Lmtp" : "Smtp";
                         });

TEST_P(SmtpSessionCuts, EveryTwoPartCut) {
  for (const Dialogue& dialogue : Played()) {
    SCOPED_TRACE(dialogue.why);
    const std::string input = WholeInput(dialogue);
    Owner whole(false, GetParam());
    whole.Bring(input);
    EXPECT_EQ(whole.replies, WholeReplies(dialogue));
    const std::string want = Summary(whole);
    for (std::size_t cut = 0; cut <= input.size(); ++cut) {
      Owner owner(false, GetParam());
      Bring(owner, std::string_view(input).substr(0, cut));
      Bring(owner, std::string_view(input).substr(cut));
      ASSERT_EQ(Summary(owner), want) << "cut at " << cut;
    }
  }
}

TEST_P(SmtpSessionCuts, ByteByByte) {
  for (const Dialogue& dialogue : Played()) {
    SCOPED_TRACE(dialogue.why);
    const std::string input = WholeInput(dialogue);
    Owner whole(false, GetParam());
    whole.Bring(input);
    Owner owner(false, GetParam());
    for (const char c : input) Bring(owner, std::string_view(&c, 1));
    EXPECT_EQ(Summary(owner), Summary(whole));
  }
}

// Pieces of SMTP in a random order, cut at random: the session survives, every cut of it
// gives the same, and no message comes out with a line ending that is not CRLF.
TEST_P(SmtpSessionCuts, RandomTalk) {
  const std::string pieces[] = {
      IsLmtp() ? "LHLO x\r\n" : "EHLO x\r\n",
      "MAIL FROM:<a@b.example>\r\n",
      "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\n",
      "RCPT TO:<tlsrpt@firm.example>\r\n",
      "RCPT TO:<nobody@firm.example>\r\n",
      "DATA\r\n",
      "BDAT 5\r\n",
      "BDAT 3 LAST\r\n",
      "BDAT 0 LAST\r\n",
      "RSET\r\n",
      "NOOP\r\n",
      "\r\n.\r\n",
      ".\r\n",
      ".",
      "\r",
      "\n",
      "\r\n",
      "text\r\n",
      "..",
      std::string("\0\xFF", 2),
      std::string(300, 'z'),
  };
  constexpr int kTalks = 20000;
  std::mt19937 random(8460);  // the same talks every time
  const auto below = [&](std::size_t n) { return random() % n; };
  std::size_t messages = 0;
  for (int talk = 0; talk < kTalks; ++talk) {
    SCOPED_TRACE(talk);
    // Most talks start well, or few would get as far as a message.
    std::string input;
    if (below(4) != 0) input = pieces[0] + pieces[1] + pieces[3];
    for (std::size_t n = below(20); n > 0; --n) input += pieces[below(std::size(pieces))];

    Owner whole(false, GetParam());
    whole.Bring(input);
    Owner owner(false, GetParam());
    for (std::string_view rest = input; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(rest.size(), 1 + below(12));
      Bring(owner, rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_EQ(Summary(owner), Summary(whole));

    messages += whole.messages.size();
    for (const SmtpMessage& message : whole.messages) {
      for (std::size_t i = 0; i < message.body.size(); ++i) {
        if (message.body[i] == '\n') {
          ASSERT_TRUE(i > 0 && message.body[i - 1] == '\r');
        }
        if (message.body[i] == '\r') {
          ASSERT_TRUE(i + 1 < message.body.size() && message.body[i + 1] == '\n');
        }
      }
    }
  }
  EXPECT_GT(messages, 1000u);  // or the talks prove nothing
}

}  // namespace
}  // namespace tlsrpt::ingest
