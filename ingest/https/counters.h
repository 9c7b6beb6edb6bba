// What the HTTPS intake did with posts, for /metrics. What the HTTP server refuses before
// there is a post - connections, bad heads, bodies above the limit - it counts itself.
//
// Units    totals since the start.
// Threads  any.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tlsrpt::ingest {

enum class PostRefusal {
  kWrongPath,    // 404
  kWrongMethod,  // 405
  kEmpty,        // 400
  kUnknownForm,  // 415: neither gzip, zip nor JSON
  kTooLarge,     // 413: larger than the spool
  kNoRoom,       // 503: the spool is full
  kNotDurable,   // 503 or 500: the spool refused a whole post
};
inline constexpr std::size_t kPostRefusalCount = 7;

// The label in a metric: "wrong_path".
std::string_view NameOf(PostRefusal refusal);

struct PostCounters {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> bytes_accepted{0};
  std::atomic<std::uint64_t> trusted{0};  // of those accepted
  std::array<std::atomic<std::uint64_t>, kPostRefusalCount> refused{};

  void Refused(PostRefusal reason) {
    refused[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t refused_count(PostRefusal reason) const {
    return refused[static_cast<std::size_t>(reason)].load(std::memory_order_relaxed);
  }
};

}  // namespace tlsrpt::ingest
