// Makes a certificate that nobody vouches for, for opportunistic TLS (RFC 7435).
//
// Errors   kInternal      OpenSSL could not
//          kUnavailable   the file cannot be written; the message names it
// Threads  pure but for the file.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace tlsrpt::net {

// A new P-256 key and a certificate for `host_name`, both PEM in one text. Good for ten
// years: it is kept, nobody checks it, and an expired one would only raise questions.
Result<std::string> MakeSelfSigned(const std::string& host_name, TimePoint now);

// Writes a file that only its owner can read; it appears whole or not at all.
Result<void> WriteSecretFile(const std::string& path, std::string_view bytes);

}  // namespace tlsrpt::net
