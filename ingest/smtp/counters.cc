#include "ingest/smtp/counters.h"

namespace tlsrpt::ingest {

std::string_view NameOf(SmtpRefusal refusal) {
  switch (refusal) {
    case SmtpRefusal::kConnectionLimit:
      return "connection_limit";
    case SmtpRefusal::kBadCommand:
      return "bad_command";
    case SmtpRefusal::kUnknownRecipient:
      return "unknown_recipient";
    case SmtpRefusal::kRecipientLimit:
      return "recipient_limit";
    case SmtpRefusal::kMessageTooLarge:
      return "message_too_large";
    case SmtpRefusal::kBareLineEnding:
      return "bare_line_ending";
    case SmtpRefusal::kNoRoom:
      return "no_room";
    case SmtpRefusal::kNotDurable:
      return "not_durable";
    case SmtpRefusal::kErrorLimit:
      return "error_limit";
    case SmtpRefusal::kTimeout:
      return "timeout";
  }
  return "unknown";
}

}  // namespace tlsrpt::ingest
