// Base64 of a mail body (RFC 2045, 6.8), read strictly: RFC 2045 lets a decoder skip
// what is outside the alphabet, but a report in which something was skipped is not the
// report that was sent. Line breaks and blanks are skipped; gateways add them.
//
// Errors   kMalformed, naming the byte offset: a byte outside the alphabet, text after
//          the padding, or a lone character at the end.
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::ingest {

struct Base64Bytes {
  std::string bytes;
  bool padding_missing = false;  // the final "=" are absent; the bytes are whole
};

Result<Base64Bytes> DecodeBase64(std::string_view text);

}  // namespace tlsrpt::ingest
