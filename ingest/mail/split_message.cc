#include "ingest/mail/split_message.h"

#include <algorithm>

namespace tlsrpt::ingest {

SplitMail SplitMessage(std::string_view message) {
  message.remove_prefix(std::min(message.find_first_not_of("\r\n"), message.size()));
  for (std::size_t line = 0; line < message.size();) {
    if (message.substr(line, 1) == "\n") {
      return {message.substr(0, line), message.substr(line + 1)};
    }
    if (message.substr(line, 2) == "\r\n") {
      return {message.substr(0, line), message.substr(line + 2)};
    }
    line = std::min(message.find('\n', line), message.size() - 1) + 1;
  }
  return {message, {}};
}

}  // namespace tlsrpt::ingest
