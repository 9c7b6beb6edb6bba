// The tokens, as the database last told them: a few rows, asked for anew when they are
// two seconds old, so that a revoked token opens nothing for longer than that, and a
// request costs no look-up. While the database is away the last known ones stand.
//
// Threads  any; the connection is the caller's own.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "store/pg/connection.h"
#include "store/queries/tokens.h"

namespace tlsrpt::api {

class TokenBook {
 public:
  static constexpr std::chrono::seconds kMaxAge{2};

  // `connection` may be null. Nothing: never read yet.
  std::optional<std::vector<store::Token>> Tokens(store::Connection* connection);

 private:
  std::mutex mutex_;
  std::optional<std::vector<store::Token>> tokens_;
  std::chrono::steady_clock::time_point read_at_;
};

}  // namespace tlsrpt::api
