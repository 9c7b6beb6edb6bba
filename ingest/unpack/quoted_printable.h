// Quoted-printable of a mail body (RFC 2045, 6.7). Never fails: an "=" that starts no
// escape stays as it is, which the RFC calls the reasonable approach; JSON and gzip
// have their own ways to notice.
//
// Threads  pure function.
#pragma once

#include <string>
#include <string_view>

namespace tlsrpt::ingest {

std::string DecodeQuotedPrintable(std::string_view text);

}  // namespace tlsrpt::ingest
