// What Content-Type and Content-Disposition of one part say (RFC 2045, 5; RFC 2183).
//
// The values are split by mimetic's field classes. They take a quoted ";" for the end
// of a parameter, keep comments, and know nothing of RFC 2231 (tlsrpt-reporter before
// 0.6 sends file names in it), so the value is made plain before and put together
// after. Nothing longer than kMaxFieldBytes reaches mimetic.
//
// Never fails: what cannot be read is empty, which is what RFC 2045, 5.2 asks of an
// unreadable Content-Type.
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>

namespace tlsrpt::ingest {

struct ContentType {
  std::string type;         // "application/tlsrpt+gzip", lower case; empty if unreadable
  std::string boundary;     // as sent
  std::string report_type;  // lower case
  std::string name;         // UTF-8, for people to read; never used as a path
};

// `value` is unfolded.
ContentType ParseContentType(std::string_view value);

struct ContentDisposition {
  std::string type;  // "attachment", lower case
  std::string file_name;
};

ContentDisposition ParseContentDisposition(std::string_view value);

// The word of a Content-Transfer-Encoding in lower case ("base64"), without the quotes,
// the comment or the parameter that some write and RFC 2045, 6.1 does not know.
std::string ParseTransferEncoding(std::string_view value);

}  // namespace tlsrpt::ingest
