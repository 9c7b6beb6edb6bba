// The list of envelope recipients in one column.
//
//   recipients = *( length ":" bytes "," )     ; netstrings; length is decimal
//
// Threads  pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::ingest {

std::string EncodeRecipients(const std::vector<std::string>& recipients);

// Nothing if `text` is not what EncodeRecipients() writes.
std::optional<std::vector<std::string>> DecodeRecipients(std::string_view text);

}  // namespace tlsrpt::ingest
