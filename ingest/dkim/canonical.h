// Header fields and bodies in the one form that is signed (RFC 6376, 3.4).
//
// A line ends with LF or CRLF, and with CRLF in the result. A CR anywhere else is a
// character like any other.
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>

#include "ingest/dkim/sha256.h"

namespace tlsrpt::ingest {

enum class Canonicalization { kSimple, kRelaxed };

// Adds a field as sent ("Name: value", with its line breaks) to `out`, without the line
// break at its end: what is signed last has none.
void AppendCanonicalField(std::string_view raw, Canonicalization kind, std::string* out);

// Of the whole body. Lines that need no change are hashed where they lie.
Sha256Bytes CanonicalBodyHash(std::string_view body, Canonicalization kind);

}  // namespace tlsrpt::ingest
