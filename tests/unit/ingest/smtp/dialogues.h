// Whole SMTP and LMTP dialogues with the exact replies, and a driver that plays the owner
// of a session. session_test.cc plays them turn by turn; session_cuts_test.cc plays the
// same ones cut at every place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/smtp/session.h"

namespace tlsrpt::ingest {

struct Turn {
  std::string client;
  std::string replies;
};

struct Dialogue {
  const char* why;
  std::vector<Turn> turns;
  std::vector<std::string> bodies = {};  // of the messages that came out
  bool closed = false;
  // Recipients of its message; LMTP answers for each.
  std::size_t recipients = 1;
  // What it says of greetings is not so in LMTP.
  bool smtp_only = false;
};

// The owner: a host mx.firm.example that takes mail for firm.example, with small limits,
// and finds every message durable.
class Owner {
 public:
  explicit Owner(bool offer_starttls = false,
                 SmtpProtocol protocol = SmtpProtocol::kSmtp);

  SmtpSettings& settings() { return settings_; }
  SmtpSession& session() { return session_; }

  // Feeds `bytes` as one piece.
  void Bring(std::string_view bytes);

  std::string replies;
  std::vector<SmtpMessage> messages;
  SmtpWant want = SmtpWant::kInput;
  // The answer to the next messages, where it is not 250.
  std::optional<ErrorKind> refuse_with;

  SmtpCounters counters;

 private:
  RecipientList recipients_;
  SmtpSettings settings_;
  SmtpSession session_;
};

// "00000000-0000-0000-0000-000000000001" for the first message.
std::string ReceiptText(std::size_t number);

// The ones in which an owner has nothing to do but to bring bytes.
const std::vector<Dialogue>& Dialogues();

// The same ones as LMTP, and those that only LMTP has.
const std::vector<Dialogue>& LmtpDialogues();

std::string WholeInput(const Dialogue& dialogue);
std::string WholeReplies(const Dialogue& dialogue);

}  // namespace tlsrpt::ingest
