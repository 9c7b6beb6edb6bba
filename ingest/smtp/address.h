// The paths of MAIL and RCPT (RFC 5321, 4.1.2): "<tlsrpt@firm.example>".
//
// Wider than the RFC in what costs nothing: dots anywhere in a local part (some mobile
// carriers), underscores in a domain. A source route is read and dropped (RFC 5321,
// appendix C).
//
// Threads  pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tlsrpt::ingest {

struct MailPath {
  std::string address;     // as written, without brackets and route; empty for <>
  std::string local_part;  // quotes removed
  std::string domain;      // as written; empty for <> and a bare local part
  bool ascii = true;
};

// Reads a path from the front of `text` and takes it off, with the blanks around it.
// Nothing when there is none, or when it goes on without a blank.
std::optional<MailPath> TakePath(std::string_view& text);

}  // namespace tlsrpt::ingest
