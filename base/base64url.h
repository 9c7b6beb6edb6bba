// base64url without padding (RFC 4648, 5): bytes as text that needs no quoting in a URL,
// a header or a shell. For cursors and tokens; the base64 of mails is more tolerant and
// lives in ingest/unpack.
//
// Errors   nothing for text that no encoder writes: another alphabet, padding, a length
//          or last character that holds stray bits. So two texts never mean one value.
// Threads  pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tlsrpt {

std::string ToBase64Url(std::string_view bytes);
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace tlsrpt
