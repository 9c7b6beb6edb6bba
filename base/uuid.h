// UUIDs: RFC 9562, 5.7 (version 7, time-ordered) for receipts, and any 16 bytes for
// keys made of a digest.
//
// Threads  MakeUuidV7 may be called from any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tlsrpt {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;

  // "0190a5d2-7b1c-7def-8a2b-0123456789ab"
  std::string ToString() const;
  // The 16 bytes as they are.
  std::string_view AsBytes() const;
};

// Reads the form ToString() writes, in either case; nothing else.
std::optional<Uuid> ParseUuid(std::string_view text);

// The first 16 bytes of `digest`; nothing where it has fewer.
std::optional<Uuid> UuidFromBytes(std::string_view digest);

// A new identifier: 48 bits of milliseconds of `now`, 74 bits of the system's random
// source. Time first, so that rows written together lie together.
Uuid MakeUuidV7(TimePoint now);

// The time inside a version 7 UUID, to the millisecond.
TimePoint TimeOf(const Uuid& v7);

}  // namespace tlsrpt
