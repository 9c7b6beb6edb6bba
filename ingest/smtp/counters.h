// What an SMTP server did, for metrics.
//
// Units    totals since the start.
// Threads  written by the server's thread, read by any.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tlsrpt::ingest {

// Why something was refused: a connection, a command, a recipient or a message.
enum class SmtpRefusal {
  kConnectionLimit,   // 421 4.7.0 at connect
  kBadCommand,        // 50x: unknown, out of order, bad syntax
  kUnknownRecipient,  // 550 5.1.1
  kRecipientLimit,    // 452 4.5.3
  kMessageTooLarge,   // 552 5.3.4
  kBareLineEnding,    // 554 5.6.0, 500 5.5.2: smuggling
  kNoRoom,            // 452 4.3.1: spool or memory
  kNotDurable,        // 451 4.3.0: the spool refused a whole message
  kErrorLimit,        // 421 4.7.0: too many errors or commands
  kTimeout,           // 421 4.4.2
};
inline constexpr std::size_t kSmtpRefusalCount = 10;

// The label in a metric: "unknown_recipient".
std::string_view NameOf(SmtpRefusal refusal);

struct SmtpCounters {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> open_connections{0};
  std::atomic<std::uint64_t> tls_sessions{0};
  std::atomic<std::uint64_t> tls_failures{0};  // handshakes that did not end well
  std::atomic<std::uint64_t> messages_accepted{0};
  std::atomic<std::uint64_t> message_bytes_accepted{0};
  std::array<std::atomic<std::uint64_t>, kSmtpRefusalCount> refused{};

  void Refused(SmtpRefusal reason) {
    refused[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t refused_count(SmtpRefusal reason) const {
    return refused[static_cast<std::size_t>(reason)].load(std::memory_order_relaxed);
  }
};

}  // namespace tlsrpt::ingest
