// Where the header of a mail ends: one answer for all who read it, so that what DKIM
// verified is what unpacking reads.
//
// Threads  pure function.
// Lifetime views into the message given.
#pragma once

#include <string_view>

namespace tlsrpt::ingest {

struct SplitMail {
  std::string_view header;  // lines of the header, without the empty line after it
  std::string_view body;    // empty if there is no empty line
};

// Lines end with LF or CRLF; the first empty one ends the header (RFC 5322, 2.1). Line
// breaks before the header, which files saved by hand have, are no header.
SplitMail SplitMessage(std::string_view message);

}  // namespace tlsrpt::ingest
