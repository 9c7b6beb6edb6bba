#include "ingest/smtp/reply.h"

#include <algorithm>
#include <iterator>

#include "base/error_table.h"

namespace tlsrpt::ingest {

SmtpReply ReplyFor(ErrorKind kind, std::string_view text) {
  const ErrorRow& row = RowOf(kind);
  if (row.smtp_code == 0) return ReplyFor(ErrorKind::kInternal, text);
  return {row.smtp_code, row.smtp_enhanced, text};
}

SmtpReply ReplyFor(MessageFault fault) {
  switch (fault) {
    case MessageFault::kTooLarge:
      return ReplyFor(ErrorKind::kTooLarge, "message too large");
    case MessageFault::kNoRoom:
      return {452, "4.3.1", "no room now, try again later"};
    case MessageFault::kBareLineEnding:
    case MessageFault::kNone:
      break;
  }
  return {554, "5.6.0", "message refused: a CR or LF that is not part of a CRLF"};
}

SmtpRefusal RefusalFor(MessageFault fault) {
  switch (fault) {
    case MessageFault::kTooLarge:
      return SmtpRefusal::kMessageTooLarge;
    case MessageFault::kNoRoom:
      return SmtpRefusal::kNoRoom;
    case MessageFault::kBareLineEnding:
    case MessageFault::kNone:
      break;
  }
  return SmtpRefusal::kBareLineEnding;
}

void AppendReply(const SmtpReply& reply, std::string& out) {
  out += std::to_string(reply.code);
  out += ' ';
  if (!reply.enhanced.empty()) {
    out += reply.enhanced;
    out += ' ';
  }
  out += reply.text;
  std::replace_if(
      std::prev(out.end(), std::ssize(reply.text)), out.end(),
      [](char c) { return c < ' ' || c > '~'; }, '?');
  out += "\r\n";
}

}  // namespace tlsrpt::ingest
