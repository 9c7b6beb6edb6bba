#include "base/uuid.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace tlsrpt {
namespace {

using namespace std::chrono;

// RFC 9562, A.6: the example of a version 7 UUID, made at 1645557742000 ms.
constexpr std::string_view kExample = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";

TEST(Uuid, ReadsWhatItWrites) {
  const auto uuid = ParseUuid(kExample);
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->ToString(), kExample);
  EXPECT_EQ(uuid->bytes[0], 0x01);
  EXPECT_EQ(uuid->bytes[15], 0x8f);
  EXPECT_EQ(uuid->AsBytes().size(), 16u);
  EXPECT_EQ(UuidFromBytes(uuid->AsBytes()), *uuid);
}

TEST(Uuid, Parse) {
  struct Row {
    const char* why;
    std::string_view text;
    bool ok;
  };
  const Row rows[] = {
      {"lower case", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", true},
      {"RFC 9562, 4: upper case on input", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", true},
      {"nil", "00000000-0000-0000-0000-000000000000", true},
      {"empty", "", false},
      {"no dashes", "017f22e279b07cc398c4dc0c0c07398f", false},
      {"one digit short", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", false},
      {"one digit long", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", false},
      {"braces", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", false},
      {"a dash moved", "017f22e-279b0-7cc3-98c4-dc0c0c07398f", false},
      {"a dash for a digit", "017f22e2-79b0-7cc3-98c4-dc0c0c0739-f", false},
      {"a digit for a dash", "017f22e2079b0-7cc3-98c4-dc0c0c07398f", false},
      {"after f", "g17f22e2-79b0-7cc3-98c4-dc0c0c07398f", false},
      {"between 9 and a", ":17f22e2-79b0-7cc3-98c4-dc0c0c07398f", false},
      {"before 0", "/17f22e2-79b0-7cc3-98c4-dc0c0c07398f", false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ParseUuid(row.text).has_value(), row.ok);
  }
  EXPECT_EQ(ParseUuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), ParseUuid(kExample));
}

TEST(Uuid, FromBytesTakesTheFirst16) {
  const std::string digest = "0123456789abcdefghijklmnopqrstuv";
  EXPECT_EQ(UuidFromBytes(digest).value().AsBytes(), "0123456789abcdef");
  for (std::size_t length = 0; length < 16; ++length) {
    EXPECT_EQ(UuidFromBytes(digest.substr(0, length)), std::nullopt) << length;
  }
}

TEST(Uuid, TimeOfTheRfcExample) {
  EXPECT_EQ(TimeOf(*ParseUuid(kExample)), TimePoint(1645557742000ms));
}

TEST(Uuid, V7HoldsItsTimeVersionAndVariant) {
  const TimePoint now = sys_days{2026y / November / 23} + 21h + 123456us;
  for (int i = 0; i < 64; ++i) {
    const Uuid uuid = MakeUuidV7(now);
    EXPECT_EQ(TimeOf(uuid), floor<milliseconds>(now));
    EXPECT_EQ(uuid.bytes[6] >> 4, 7) << "RFC 9562, 4.2";
    EXPECT_EQ(uuid.bytes[8] >> 6, 2) << "RFC 9562, 4.1";
  }
}

TEST(Uuid, V7IsOrderedByTime) {
  const TimePoint now = sys_days{2026y / November / 23};
  for (int i = 0; i < 64; ++i) {
    EXPECT_LT(MakeUuidV7(now), MakeUuidV7(now + 1ms));
    // A carry over a byte: bytes compare as numbers, not as signed ones.
    EXPECT_LT(MakeUuidV7(TimePoint(0x7FFFms)), MakeUuidV7(TimePoint(0x8000ms)));
  }
}

// 74 bits: that two of 10,000 meet by chance happens once in 10^14 runs. Each random
// byte must vary too, or a mask has eaten it.
TEST(Uuid, V7OfOneMomentDiffer) {
  const TimePoint now = sys_days{2026y / November / 23};
  constexpr std::size_t kCount = 10'000;
  std::set<Uuid> seen;
  std::set<unsigned> values[16];
  for (std::size_t i = 0; i < kCount; ++i) {
    const Uuid uuid = MakeUuidV7(now);
    seen.insert(uuid);
    for (std::size_t at = 6; at < 16; ++at) values[at].insert(uuid.bytes[at]);
  }
  EXPECT_EQ(seen.size(), kCount);
  EXPECT_EQ(values[6].size(), 16u);
  EXPECT_EQ(values[8].size(), 64u);
  for (const std::size_t at : {7u, 9u, 10u, 11u, 12u, 13u, 14u, 15u}) {
    EXPECT_EQ(values[at].size(), 256u) << at;
  }
}

}  // namespace
}  // namespace tlsrpt
