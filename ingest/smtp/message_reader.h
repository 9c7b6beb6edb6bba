// Reads the bytes of one message, from DATA or from BDAT chunks, however they are cut.
//
// Only CRLF ends a line and only CRLF "." CRLF ends DATA (RFC 5321, 2.3.8 and 4.1.1.4).
// A message with any other CR or LF has a fault, and is still read to that end: a server
// that stops earlier takes what follows as commands.
//
// Units    bytes as in RFC 1870, 4: line endings count, the dots of DATA do not.
// Threads  one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tlsrpt::ingest {

// Why a message will not be taken. The first one found stays.
enum class MessageFault { kNone, kBareLineEnding, kTooLarge, kNoRoom };

class MessageReader {
 public:
  explicit MessageReader(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // DATA: takes bytes up to the end of the message and says how many they were; ended()
  // says whether it was there. Removes the dots (RFC 5321, 4.5.2).
  std::size_t TakeData(std::string_view bytes);
  bool ended() const { return ended_; }

  // BDAT: takes all.
  void TakeChunk(std::string_view bytes);
  // After the last chunk: a CR that is still alone stays so.
  void EndChunks();

  // Room for a body of so many bytes.
  void Reserve(std::uint64_t bytes) { body_.reserve(static_cast<std::size_t>(bytes)); }

  // From here on bytes are read but not kept.
  void Fail(MessageFault fault);
  MessageFault fault() const { return fault_; }

  std::size_t body_bytes() const { return body_.size(); }
  std::string TakeBody() { return std::move(body_); }

 private:
  enum class At { kLineStart, kDot, kDotCr, kText, kTextCr };

  std::size_t TakeText(std::string_view bytes);
  std::size_t TakeAfterCr(std::string_view bytes);
  void Keep(std::string_view bytes);

  const std::uint64_t max_bytes_;
  At at_ = At::kLineStart;
  bool ended_ = false;
  MessageFault fault_ = MessageFault::kNone;
  std::string body_;
};

}  // namespace tlsrpt::ingest
