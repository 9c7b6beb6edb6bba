// SMTP replies as text (RFC 5321, 4.2; RFC 2034).
//
// What an ErrorKind is in SMTP stands in base/error_table.h and nowhere else.
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/smtp/counters.h"
#include "ingest/smtp/message_reader.h"

namespace tlsrpt::ingest {

// "550 5.1.1 text"; `enhanced` may be empty where RFC 2034, 3 wants none.
struct SmtpReply {
  int code;
  std::string_view enhanced;
  std::string_view text;
};

// The reply of `kind`. Kinds that a session cannot have become our bug: 451.
SmtpReply ReplyFor(ErrorKind kind, std::string_view text);

// The reply to a message with `fault`, and what it counts as. Not for kNone.
SmtpReply ReplyFor(MessageFault fault);
SmtpRefusal RefusalFor(MessageFault fault);

// Adds the line. Bytes that could end it become "?": a text may come from elsewhere.
void AppendReply(const SmtpReply& reply, std::string& out);

}  // namespace tlsrpt::ingest
