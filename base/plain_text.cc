#include "base/plain_text.h"

#include <algorithm>
#include <string>

namespace tlsrpt {

Result<void> CheckOneLine(std::string_view text) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!control) return {};
  return Error{ErrorKind::kMalformed,
               "expected one line without tabs and other control characters"};
}

Result<void> CheckName(std::string_view text) {
  if (text.empty()) {
    return Error{ErrorKind::kMalformed, "expected a name, and it is empty"};
  }
  if (text.size() > kMaxNameBytes) {
    return Error{ErrorKind::kMalformed, "expected a name of at most " +
                                            std::to_string(kMaxNameBytes) + " bytes"};
  }
  return CheckOneLine(text);
}

}  // namespace tlsrpt
