// One SMTP (RFC 5321) or LMTP (RFC 2033) session: bytes in, replies out. It knows no
// socket and no clock; its owner (server.h, or a test) brings bytes and does what the
// session wants.
//
//   Greet -> Feed ... -> want: kInput    write `out`, bring more bytes
//                              kStartTls write `out`, handshake, TlsStarted()
//                              kMessage  TakeMessage(), make it durable, then Accepted()
//                                        or Refused(), and Feed what was not taken
//                              kClose    write `out`, close
//
// Extensions: PIPELINING (RFC 2920), SIZE (1870), 8BITMIME (6152), SMTPUTF8 (6531),
// CHUNKING (3030, without BINARYMIME), ENHANCEDSTATUSCODES (2034), STARTTLS (3207).
//
// Line endings are strict. A bare CR or LF is where two servers can disagree about the
// end of a message and a second one be smuggled past the first, so a message with one is
// read to its real end and refused, and a command with one is no command. BDAT takes
// bytes by count and could carry them, but that is binary content, which RFC 3030, 3
// allows under BODY=BINARYMIME only, and that is not offered: refused as well.
//
// LMTP is another word of greeting, LHLO, and one answer to a message for each recipient
// that was accepted. They are all the same here: a message is durable for all or for
// none.
//
// Units    sizes are bytes.
// Errors   none escape: what is wrong becomes a reply.
// Threads  one at a time.
// Lifetime the settings outlive the session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "ingest/smtp/command.h"
#include "ingest/smtp/counters.h"
#include "ingest/smtp/message_reader.h"
#include "ingest/smtp/recipients.h"
#include "ingest/smtp/reply.h"

namespace tlsrpt::ingest {

struct SmtpLimits {
  // RFC 8460, 5.2 calls 10 MB a commonly observed limit; base64 makes 25 of 18.
  std::uint64_t max_message_bytes = 25u << 20;
  // What RFC 5321, 4.5.3.1.8 demands of everybody. A report has one.
  std::size_t max_recipients = 100;
  // Commands without a message in between; 100 recipients and some talk fit. The chunks
  // of a message are not counted.
  std::size_t max_commands = 300;
  // RFC 5321, 4.5.3.1.4 says at least 512; parameters and UTF-8 need more. Lines of a
  // message are not limited: DKIM forbids to mend them, and refusing loses a report.
  std::size_t max_line_bytes = 2048;
  // Errors without a message in between. Who makes more is guessing addresses, and a
  // relay that keeps a session for many messages is not. Postfix has the same.
  std::size_t max_errors = 20;
};

enum class SmtpProtocol { kSmtp, kLmtp };

struct SmtpSettings {
  SmtpProtocol protocol = SmtpProtocol::kSmtp;
  std::string host_name;  // in the greeting
  SmtpLimits limits;
  const RecipientList* recipients = nullptr;
  // Whether a message of so many bytes would be taken now; asked at MAIL. Empty: always.
  std::function<Result<void>(std::uint64_t)> has_room;
  SmtpCounters* counters = nullptr;
};

// A whole message with its envelope.
struct SmtpMessage {
  std::string from;             // empty for <>
  std::vector<std::string> to;  // at least one, as the client wrote them
  std::string body;             // dots removed, lines end in CRLF
};

enum class SmtpWant { kInput, kStartTls, kMessage, kClose };

class SmtpSession {
 public:
  SmtpSession(const SmtpSettings& settings, bool offer_starttls);

  void Greet(std::string& out);

  struct Fed {
    std::size_t taken;  // bytes used; the rest is to be fed again
    SmtpWant want;
  };
  // Goes on with `bytes`. All are taken unless the session wants a message dealt with or
  // closes. At STARTTLS all are taken: what came before the handshake was not protected
  // by it and is dropped (RFC 3207, 6).
  Fed Feed(std::string_view bytes, std::string& out);

  // After kStartTls. The client starts again at EHLO.
  void TlsStarted();

  // After kMessage, in this order.
  SmtpMessage TakeMessage();
  void Accepted(const Uuid& receipt_id, std::string& out);
  void Refused(ErrorKind kind, std::string_view text, std::string& out);

  // The message that is being received will be refused with 452; no more is kept of it.
  void DropForLackOfRoom();

  // Last words of an owner that closes.
  void SayTimeout(std::string& out);
  void SayShutdown(std::string& out);

  // From DATA or the first BDAT to the end of the message: a time limit of its own runs.
  bool InMessage() const { return reader_.has_value() || state_ == State::kChunk; }
  // Memory held for the message under way.
  std::size_t held_bytes() const { return reader_ ? reader_->body_bytes() : 0; }
  const std::string& helo() const { return helo_; }

 private:
  enum class State { kCommands, kData, kChunk, kAwaitTls, kMessageInHand, kClosed };

  std::size_t FeedLine(std::string_view bytes, std::string& out);
  std::size_t FeedData(std::string_view bytes, std::string& out);
  std::size_t FeedChunk(std::string_view bytes, std::string& out);
  void KeepLine(std::string_view part);

  void OnLine(std::string_view line, std::string& out);
  void OnCommand(const SmtpCommand& command, std::string& out);
  void OnHello(const SmtpCommand& command, std::string& out);
  void OnMail(std::string_view argument, std::string& out);
  void OnRecipient(std::string_view argument, std::string& out);
  void OnData(std::string_view argument, std::string& out);
  void OnChunk(std::string_view argument, std::string& out);
  void OnStartTls(std::string_view argument, std::string& out);

  std::optional<SmtpReply> WhyNoMessage() const;
  bool ParameterError(ParameterFault fault, std::string& out);
  void EndOfChunk(std::string& out);
  bool IsLmtp() const { return settings_.protocol == SmtpProtocol::kLmtp; }
  // "EHLO", or "LHLO".
  std::string_view HelloVerb() const { return IsLmtp() ? "LHLO" : "EHLO"; }
  // How many answers a whole message gets: in LMTP one for each recipient.
  std::size_t AnswersToMessage() const { return IsLmtp() ? to_.size() : 1; }

  void EndOfMessage(std::size_t answer_count, std::string& out);
  void AnswerMessage(const SmtpReply& reply, std::string& out);

  // Answers, counts the client's error, and closes when they were too many.
  void Refuse(SmtpRefusal reason, const SmtpReply& reply, std::string& out);
  void BadCommand(int code, std::string_view enhanced, std::string_view text,
                  std::string& out);
  void BadLine(std::string_view line, SmtpRefusal reason, std::string text,
               std::string& out);
  void CloseWith(const SmtpReply& reply, std::string& out);
  void Count(SmtpRefusal reason);
  void ResetTransaction();

  const SmtpSettings& settings_;
  bool offer_starttls_;
  State state_ = State::kCommands;

  // The command line under way, when it comes in pieces.
  std::string line_;
  bool line_too_long_ = false;

  std::string helo_;
  // Since the last accepted message.
  std::size_t error_count_ = 0;
  std::size_t command_count_ = 0;

  // The transaction.
  bool has_mail_ = false;
  bool smtputf8_ = false;             // of the last MAIL, as is the next
  std::uint64_t declared_bytes_ = 0;  // 0: not said
  std::string from_;
  std::vector<std::string> to_;
  // From DATA or the first BDAT on. Between two chunks state_ is kCommands.
  std::optional<MessageReader> reader_;

  std::size_t answer_count_ = 1;  // to the message in hand

  // The BDAT under way.
  ChunkSize chunk_{};
  std::uint64_t chunk_left_bytes_ = 0;
  // It came where none may: its bytes are dropped, then this is said.
  std::optional<SmtpReply> chunk_refusal_;
};

}  // namespace tlsrpt::ingest
