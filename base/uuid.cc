#include "base/uuid.h"

#include <sys/random.h>

#include <cstring>
#include <stdexcept>

#include "base/text.h"

namespace tlsrpt {

std::string Uuid::ToString() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "00000000-0000-0000-0000-000000000000";
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    if (text[at] == '-') ++at;
    text[at++] = kDigits[byte >> 4];
    text[at++] = kDigits[byte & 15];
  }
  return text;
}

std::string_view Uuid::AsBytes() const {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<Uuid> ParseUuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = ToLowerAscii(text[i]);
    if (dash) {
      if (c != '-') return std::nullopt;
      continue;
    }
    unsigned value;
    if (c >= '0' && c <= '9') {
      value = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = static_cast<unsigned>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
    std::uint8_t& byte = uuid.bytes[digits / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
    ++digits;
  }
  return uuid;
}

std::optional<Uuid> UuidFromBytes(std::string_view digest) {
  Uuid uuid;
  if (digest.size() < uuid.bytes.size()) return std::nullopt;
  std::memcpy(uuid.bytes.data(), digest.data(), uuid.bytes.size());
  return uuid;
}

Uuid MakeUuidV7(TimePoint now) {
  Uuid uuid;
  // At most 256 bytes are never cut short by a signal (getrandom(2)).
  if (getrandom(uuid.bytes.data(), uuid.bytes.size(), 0) !=
      static_cast<ssize_t>(uuid.bytes.size())) {
    throw std::runtime_error("getrandom: no random bytes from the system");
  }
  const auto since_epoch = now.time_since_epoch();
  const auto millis = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
  for (unsigned i = 0; i < 6; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  }
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0F) | 0x70);  // version 7
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);  // variant
  return uuid;
}

TimePoint TimeOf(const Uuid& v7) {
  std::int64_t millis = 0;
  for (unsigned i = 0; i < 6; ++i) millis = (millis << 8) | v7.bytes[i];
  return TimePoint(std::chrono::milliseconds(millis));
}

}  // namespace tlsrpt
