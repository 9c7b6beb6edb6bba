// Finds the leaf parts of a mail (RFC 2046, 5.1), in one pass and without recursion.
//
// Every library parser looked at has an input that overflows its stack or takes a
// minute; a mail here costs time in proportion to its size whatever it holds. A
// delimiter is a whole line, blanks at its end allowed; CRLF and LF both end lines; a
// missing close delimiter is accepted (Mail.ru). message/rfc822 is walked as one more
// level, since list servers and forwarders wrap.
//
// Limits: kMaxMimeDepth levels, kMaxMimeParts entities. What lies past one is left
// out, and `left_out` says which limit it was.
//
// Units    bytes.
// Threads  pure.
// Lifetime views into the message given; it must outlive the walk.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/mail/header_block.h"
#include "ingest/unpack/content_field.h"

namespace tlsrpt::ingest {

// A forwarded bounce of a report has four levels.
inline constexpr int kMaxMimeDepth = 8;
// A report mail has two parts; a digest of a list may have dozens.
inline constexpr std::size_t kMaxMimeParts = 50;

// A mail: the one given, or one found inside it as message/rfc822.
struct MimeMessage {
  HeaderBlock header;
  ContentType type;
  // Its Content-Type, or that of a multipart in it, speaks of tlsrpt, as in
  // report-type=tlsrpt.
  bool claims_tlsrpt = false;
};

struct MimePart {
  std::size_t message = 0;  // index of the innermost message around it
  HeaderBlock header;
  ContentType type;
  std::string_view body;  // as sent: before Content-Transfer-Encoding
  // Where it is, for people: "2", "1.3"; "" for the whole body of the mail.
  std::string position;
  // A direct part of a top-level multipart/report; report-type=tlsrpt, or the body of
  // a mail that is no multipart at all.
  bool direct = false;
};

struct MimeWalk {
  std::vector<MimeMessage> messages;  // [0] is the mail itself
  std::vector<MimePart> parts;        // leaves, in order
  std::vector<Error> left_out;        // kTooLarge
};

MimeWalk WalkMime(std::string_view mail);

}  // namespace tlsrpt::ingest
