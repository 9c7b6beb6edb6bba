#include "ingest/smtp/session.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "ingest/smtp/address.h"

namespace tlsrpt::ingest {
namespace {

// A declared size is a stranger's word: reserve at most this much for it.
constexpr std::uint64_t kMaxReserveBytes = 64u << 10;

// RFC 1035, 2.3.4 allows 255; an address literal is shorter.
constexpr std::size_t kMaxHeloBytes = 255;

constexpr std::string_view kChunkVerb = "BDAT";

}  // namespace

SmtpSession::SmtpSession(const SmtpSettings& settings, bool offer_starttls)
    : settings_(settings), offer_starttls_(offer_starttls) {}

void SmtpSession::Greet(std::string& out) {
  AppendReply(
      {220, "", settings_.host_name + (IsLmtp() ? " LMTP" : " ESMTP") + " tlsrptd"}, out);
}

// --- bytes
// ------------------------------------------------------------------------------

SmtpSession::Fed SmtpSession::Feed(std::string_view bytes, std::string& out) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const std::string_view rest = bytes.substr(taken);
    switch (state_) {
      case State::kCommands:
        taken += FeedLine(rest, out);
        break;
      case State::kData:
        taken += FeedData(rest, out);
        break;
      case State::kChunk:
        taken += FeedChunk(rest, out);
        break;
      case State::kAwaitTls:
        return {bytes.size(), SmtpWant::kStartTls};
      case State::kMessageInHand:
        return {taken, SmtpWant::kMessage};
      case State::kClosed:
        return {taken, SmtpWant::kClose};
    }
  }
  if (state_ == State::kAwaitTls) return {taken, SmtpWant::kStartTls};
  if (state_ == State::kMessageInHand) return {taken, SmtpWant::kMessage};
  if (state_ == State::kClosed) return {taken, SmtpWant::kClose};
  return {taken, SmtpWant::kInput};
}

// Up to and with the first CRLF. A bare LF is part of the line, and gets it refused.
std::size_t SmtpSession::FeedLine(std::string_view bytes, std::string& out) {
  std::size_t lf = bytes.find('\n');
  for (; lf != bytes.npos; lf = bytes.find('\n', lf + 1)) {
    if (lf > 0 ? bytes[lf - 1] == '\r' : line_.ends_with('\r')) break;
  }
  if (lf == bytes.npos) {
    KeepLine(bytes);
    return bytes.size();
  }
  const std::size_t taken = lf + 1;
  std::string_view line = bytes.substr(0, taken);
  if (!line_.empty()) {
    KeepLine(line);
    line = line_;
  }
  if (line_too_long_ || line.size() > settings_.limits.max_line_bytes + 2) {
    BadLine(line, SmtpRefusal::kBadCommand, "line too long", out);
  } else {
    OnLine(line.substr(0, line.size() - 2), out);
  }
  line_.clear();
  line_too_long_ = false;
  return taken;
}

// Of a line that is too long only its start is kept, which may be a BDAT, and the last
// byte, which may be the CR of its end.
void SmtpSession::KeepLine(std::string_view part) {
  line_too_long_ |= line_.size() + part.size() > settings_.limits.max_line_bytes + 2;
  if (!line_too_long_) {
    line_ += part;
    return;
  }
  line_.append(part, 0, kChunkVerb.size() - std::min(kChunkVerb.size(), line_.size()));
  line_.resize(kChunkVerb.size());
  line_ += part.back();
}

std::size_t SmtpSession::FeedData(std::string_view bytes, std::string& out) {
  const std::size_t taken = reader_->TakeData(bytes);
  if (reader_->ended()) EndOfMessage(AnswersToMessage(), out);
  return taken;
}

std::size_t SmtpSession::FeedChunk(std::string_view bytes, std::string& out) {
  const auto taken =
      static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), chunk_left_bytes_));
  if (reader_) reader_->TakeChunk(bytes.substr(0, taken));
  chunk_left_bytes_ -= taken;
  if (chunk_left_bytes_ == 0) EndOfChunk(out);
  return taken;
}

// --- commands
// ---------------------------------------------------------------------------

void SmtpSession::OnLine(std::string_view line, std::string& out) {
  if (++command_count_ > settings_.limits.max_commands) {
    Count(SmtpRefusal::kErrorLimit);
    return CloseWith({421, "4.7.0", "too many commands without a message"}, out);
  }
  if (IsPlainText(line)) return OnCommand(ParseCommand(line), out);
  if (line.find_first_of("\r\n") != line.npos) {
    return BadLine(line, SmtpRefusal::kBareLineEnding,
                   "a CR or LF that is not part of a CRLF", out);
  }
  BadLine(line, SmtpRefusal::kBadCommand, "control characters or broken UTF-8", out);
}

void SmtpSession::OnCommand(const SmtpCommand& command, std::string& out) {
  switch (command.verb) {
    case SmtpVerb::kHelo:
    case SmtpVerb::kEhlo:
      // RFC 2033, 4.1: so that neither side takes the other for what it is not.
      if (IsLmtp()) return BadCommand(500, "5.5.1", "this is LMTP, say LHLO", out);
      return OnHello(command, out);
    case SmtpVerb::kLhlo:
      if (!IsLmtp()) return BadCommand(500, "5.5.1", "unknown command", out);
      return OnHello(command, out);
    case SmtpVerb::kMail:
      return OnMail(command.argument, out);
    case SmtpVerb::kRcpt:
      return OnRecipient(command.argument, out);
    case SmtpVerb::kData:
      return OnData(command.argument, out);
    case SmtpVerb::kBdat:
      return OnChunk(command.argument, out);
    case SmtpVerb::kStartTls:
      return OnStartTls(command.argument, out);
    case SmtpVerb::kRset:
      if (!command.argument.empty()) break;
      ResetTransaction();
      return AppendReply({250, "2.0.0", "OK"}, out);
    case SmtpVerb::kNoop:
      return AppendReply({250, "2.0.0", "OK"}, out);
    case SmtpVerb::kQuit:
      if (!command.argument.empty()) break;
      return CloseWith({221, "2.0.0", "bye"}, out);
    case SmtpVerb::kVrfy:
      if (command.argument.empty()) break;
      // RFC 5321, 3.5.3: neither confirmed nor denied.
      return AppendReply({252, "2.5.2", "send some mail and see"}, out);
    case SmtpVerb::kExpn:
      return BadCommand(502, "5.5.1", "no lists here", out);
    case SmtpVerb::kHelp:
      return AppendReply(
          {214, "2.0.0", "takes SMTP TLS reports (RFC 8460), no other mail"}, out);
    case SmtpVerb::kHttp:
      // A browser was talked into speaking to us: what follows is not for a mail server.
      Count(SmtpRefusal::kBadCommand);
      return CloseWith({421, "4.7.0", "this is a mail server"}, out);
    case SmtpVerb::kUnknown:
      return BadCommand(500, "5.5.1", "unknown command", out);
  }
  BadCommand(501, "5.5.4", "wrong argument", out);
}

void SmtpSession::OnHello(const SmtpCommand& command, std::string& out) {
  const std::string_view name = command.argument;
  if (name.empty() || name.size() > kMaxHeloBytes || name.find(' ') != name.npos) {
    return BadCommand(501, "5.5.4",
                      "say who you are: " + std::string(HelloVerb()) + " host.example",
                      out);
  }
  ResetTransaction();  // RFC 5321, 4.1.4
  helo_ = name;
  if (command.verb == SmtpVerb::kHelo) {
    return AppendReply({250, "", settings_.host_name}, out);
  }
  const std::string size = std::to_string(settings_.limits.max_message_bytes);
  out += "250-" + settings_.host_name + "\r\n250-PIPELINING\r\n250-SIZE " + size +
         "\r\n250-8BITMIME\r\n";
  if (offer_starttls_) out += "250-STARTTLS\r\n";
  out += "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n";
}

bool SmtpSession::ParameterError(ParameterFault fault, std::string& out) {
  if (fault == ParameterFault::kNone) return false;
  if (fault == ParameterFault::kSyntax) {
    BadCommand(501, "5.5.4", "wrong parameter", out);
  } else {
    BadCommand(555, "5.5.4", "parameter not offered", out);
  }
  return true;
}

void SmtpSession::OnMail(std::string_view argument, std::string& out) {
  if (helo_.empty()) {
    return BadCommand(503, "5.5.1", "say " + std::string(HelloVerb()) + " first", out);
  }
  if (has_mail_) return BadCommand(503, "5.5.1", "a message is under way", out);
  if (!StartsWithIgnoreCase(argument, "FROM:")) {
    return BadCommand(501, "5.5.4", "expected MAIL FROM:<address>", out);
  }
  argument.remove_prefix(5);
  auto path = TakePath(argument);
  if (!path || (path->domain.empty() && !path->address.empty())) {
    return BadCommand(501, "5.1.7", "expected MAIL FROM:<address>", out);
  }
  const MailParameters parameters = ParseMailParameters(argument);
  if (ParameterError(parameters.fault, out)) return;
  if (!path->ascii && !parameters.smtputf8) {
    return BadCommand(550, "5.6.7", "not ASCII, and SMTPUTF8 was not asked for", out);
  }
  const std::uint64_t size = parameters.size_bytes.value_or(0);
  const auto room = settings_.has_room ? settings_.has_room(size) : Result<void>();
  if (size > settings_.limits.max_message_bytes ||
      (!room && room.error().kind == ErrorKind::kTooLarge)) {
    return Refuse(SmtpRefusal::kMessageTooLarge, ReplyFor(MessageFault::kTooLarge), out);
  }
  if (!room) {
    Count(SmtpRefusal::kNoRoom);
    return AppendReply(ReplyFor(MessageFault::kNoRoom), out);
  }
  has_mail_ = true;
  smtputf8_ = parameters.smtputf8;
  declared_bytes_ = size;
  from_ = std::move(path->address);
  AppendReply({250, "2.1.0", "OK"}, out);
}

void SmtpSession::OnRecipient(std::string_view argument, std::string& out) {
  if (!has_mail_ || reader_) return BadCommand(503, "5.5.1", "say MAIL first", out);
  if (!StartsWithIgnoreCase(argument, "TO:")) {
    return BadCommand(501, "5.5.4", "expected RCPT TO:<address>", out);
  }
  argument.remove_prefix(3);
  auto path = TakePath(argument);
  if (!path || path->address.empty()) {
    return BadCommand(501, "5.1.3", "expected RCPT TO:<address>", out);
  }
  if (!argument.empty()) return BadCommand(555, "5.5.4", "parameter not offered", out);
  if (!path->ascii && !smtputf8_) {
    return BadCommand(550, "5.6.7", "not ASCII, and SMTPUTF8 was not asked for", out);
  }
  if (!settings_.recipients->Get()->Accepts(path->local_part, path->domain)) {
    return Refuse(SmtpRefusal::kUnknownRecipient,
                  ReplyFor(ErrorKind::kNotFound, "no such recipient here"), out);
  }
  if (to_.size() >= settings_.limits.max_recipients) {
    Count(SmtpRefusal::kRecipientLimit);
    return AppendReply({452, "4.5.3", "too many recipients"}, out);
  }
  to_.push_back(std::move(path->address));
  AppendReply({250, "2.1.5", "OK"}, out);
}

// What DATA and BDAT need.
std::optional<SmtpReply> SmtpSession::WhyNoMessage() const {
  if (!has_mail_) return SmtpReply{503, "5.5.1", "say MAIL first"};
  // A pipelining client comes here after all its recipients were refused (RFC 2920, 3.1);
  // in LMTP the code is another (RFC 2033, 4.2).
  if (to_.empty()) {
    return SmtpReply{IsLmtp() ? 503 : 554, "5.5.1", "no valid recipients"};
  }
  return std::nullopt;
}

void SmtpSession::OnData(std::string_view argument, std::string& out) {
  if (!argument.empty()) return BadCommand(501, "5.5.4", "DATA has no argument", out);
  if (reader_) return BadCommand(503, "5.5.1", "BDAT has begun", out);  // RFC 3030, 2
  if (const auto why = WhyNoMessage()) {
    return Refuse(SmtpRefusal::kBadCommand, *why, out);
  }
  reader_.emplace(settings_.limits.max_message_bytes);
  reader_->Reserve(std::min(declared_bytes_, kMaxReserveBytes));
  state_ = State::kData;
  AppendReply({354, "", "end with <CRLF>.<CRLF>"}, out);
}

void SmtpSession::OnChunk(std::string_view argument, std::string& out) {
  const auto chunk = ParseChunkSize(argument);
  if (!chunk) {
    // Where its bytes end is unknown, so what comes next cannot be read as commands.
    Count(SmtpRefusal::kBadCommand);
    return CloseWith({501, "5.5.4", "expected BDAT size [LAST]; closing"}, out);
  }
  chunk_ = *chunk;
  chunk_left_bytes_ = chunk->bytes;
  chunk_refusal_ = WhyNoMessage();
  if (!chunk_refusal_) {
    // A message may come in a thousand chunks (RFC 3030, 2), and its size limits them.
    // What limits those that bring nothing is the count of commands.
    if (chunk->bytes > 0) --command_count_;
    if (!reader_) reader_.emplace(settings_.limits.max_message_bytes);
    if (chunk->bytes > settings_.limits.max_message_bytes - reader_->body_bytes()) {
      reader_->Fail(MessageFault::kTooLarge);
    }
  }
  state_ = State::kChunk;
  if (chunk_left_bytes_ == 0) EndOfChunk(out);
}

// A chunk that failed ends the transaction; those that a pipelining client has sent after
// it find none and are dropped one by one (RFC 3030, 2).
void SmtpSession::EndOfChunk(std::string& out) {
  state_ = State::kCommands;
  if (chunk_refusal_) {
    const SmtpReply reply = *std::exchange(chunk_refusal_, std::nullopt);
    return Refuse(SmtpRefusal::kBadCommand, reply, out);
  }
  if (chunk_.is_last) reader_->EndChunks();
  // RFC 2033, 4.3: a chunk that is not the last has one answer, whatever it says.
  if (chunk_.is_last) return EndOfMessage(AnswersToMessage(), out);
  if (reader_->fault() != MessageFault::kNone) return EndOfMessage(1, out);
  AppendReply({250, "2.0.0", "chunk received"}, out);
}

void SmtpSession::OnStartTls(std::string_view argument, std::string& out) {
  if (!argument.empty()) return BadCommand(501, "5.5.4", "STARTTLS has no argument", out);
  if (!offer_starttls_) return BadCommand(503, "5.5.1", "no TLS, or TLS already", out);
  state_ = State::kAwaitTls;
  AppendReply({220, "2.0.0", "go ahead"}, out);
}

void SmtpSession::TlsStarted() {
  ResetTransaction();
  helo_.clear();  // RFC 3207, 4.2: what was said before is forgotten
  offer_starttls_ = false;
  state_ = State::kCommands;
}

// --- messages
// ---------------------------------------------------------------------------

void SmtpSession::EndOfMessage(std::size_t answer_count, std::string& out) {
  const MessageFault fault = reader_->fault();
  if (fault == MessageFault::kNone) {
    answer_count_ = answer_count;
    state_ = State::kMessageInHand;
    return;
  }
  state_ = State::kCommands;
  ResetTransaction();
  for (std::size_t i = 1; i < answer_count; ++i) AppendReply(ReplyFor(fault), out);
  if (fault != MessageFault::kNoRoom)
    return Refuse(RefusalFor(fault), ReplyFor(fault), out);
  Count(SmtpRefusal::kNoRoom);
  AppendReply(ReplyFor(fault), out);
}

SmtpMessage SmtpSession::TakeMessage() {
  return {std::move(from_), std::move(to_), reader_->TakeBody()};
}

void SmtpSession::Accepted(const Uuid& receipt_id, std::string& out) {
  command_count_ = 0;
  error_count_ = 0;
  const std::string text = receipt_id.ToString() + " received";
  AnswerMessage({250, "2.6.0", text}, out);
}

void SmtpSession::Refused(ErrorKind kind, std::string_view text, std::string& out) {
  Count(kind == ErrorKind::kTooLarge ? SmtpRefusal::kMessageTooLarge
                                     : SmtpRefusal::kNotDurable);
  AnswerMessage(ReplyFor(kind, text), out);
}

void SmtpSession::AnswerMessage(const SmtpReply& reply, std::string& out) {
  state_ = State::kCommands;
  ResetTransaction();
  for (std::size_t i = 0; i < answer_count_; ++i) AppendReply(reply, out);
}

void SmtpSession::DropForLackOfRoom() {
  // A whole message was read to its end before memory ran short: it is not to be spoilt.
  if (state_ == State::kMessageInHand) return;
  if (reader_) reader_->Fail(MessageFault::kNoRoom);
}

void SmtpSession::ResetTransaction() {
  has_mail_ = false;
  from_.clear();
  to_.clear();
  reader_.reset();
}

// --- refusals
// ---------------------------------------------------------------------------

void SmtpSession::SayTimeout(std::string& out) {
  Count(SmtpRefusal::kTimeout);
  CloseWith({421, "4.4.2", "timeout"}, out);
}

void SmtpSession::SayShutdown(std::string& out) {
  CloseWith({421, "4.3.2", "closing for a restart, try again"}, out);
}

void SmtpSession::Refuse(SmtpRefusal reason, const SmtpReply& reply, std::string& out) {
  Count(reason);
  AppendReply(reply, out);
  if (++error_count_ <= settings_.limits.max_errors) return;
  Count(SmtpRefusal::kErrorLimit);
  CloseWith({421, "4.7.0", "too many errors"}, out);
}

void SmtpSession::BadCommand(int code, std::string_view enhanced, std::string_view text,
                             std::string& out) {
  Refuse(SmtpRefusal::kBadCommand, {code, enhanced, text}, out);
}

// A line that is not read as a command. Behind one that would have been BDAT comes its
// chunk, which must not be read as commands either.
void SmtpSession::BadLine(std::string_view line, SmtpRefusal reason, std::string text,
                          std::string& out) {
  if (!StartsWithIgnoreCase(line, kChunkVerb)) {
    return Refuse(reason, {500, "5.5.2", text}, out);
  }
  Count(reason);
  text += "; closing";
  CloseWith({500, "5.5.2", text}, out);
}

void SmtpSession::CloseWith(const SmtpReply& reply, std::string& out) {
  AppendReply(reply, out);
  state_ = State::kClosed;
}

void SmtpSession::Count(SmtpRefusal reason) {
  if (settings_.counters != nullptr) settings_.counters->Refused(reason);
}

}  // namespace tlsrpt::ingest
