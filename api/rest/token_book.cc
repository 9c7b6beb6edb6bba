#include "api/rest/token_book.h"

#include <utility>

namespace tlsrpt::api {

std::optional<std::vector<store::Token>> TokenBook::Tokens(
    store::Connection* connection) {
  using std::chrono::steady_clock;
  {
    const std::lock_guard lock(mutex_);
    if (connection == nullptr || (tokens_ && steady_clock::now() - read_at_ < kMaxAge)) {
      return tokens_;
    }
  }
  // Not under the lock: others answer from what is known meanwhile.
  const auto asked_at = steady_clock::now();
  auto read = store::ReadTokens(*connection);
  const std::lock_guard lock(mutex_);
  if (read && (!tokens_ || asked_at >= read_at_)) {
    tokens_ = *std::move(read);
    read_at_ = asked_at;
  }
  return tokens_;
}

}  // namespace tlsrpt::api
