#include "ingest/flow/dns_wait.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;  // NOLINT: literals

constexpr DnsWaitLimits kLimits{.max_bytes = 10'000,
                                .max_per_domain = 3,
                                .first_back_off = 250ms,
                                .last_back_off = 2s};

TEST(DnsWait, BackOffGrowsToItsEnd) {
  DnsWait wait(kLimits);
  const milliseconds want[] = {250ms, 500ms, 1s, 2s, 2s, 2s};
  int tries = 0;
  for (const milliseconds back_off : want) {
    const auto turn = wait.Wait(1, "a.example", 10, false);
    ASSERT_TRUE(turn.has_value());
    EXPECT_EQ(turn->back_off, back_off);
    EXPECT_EQ(turn->tries, ++tries);
  }
  wait.Forget(1);
  EXPECT_EQ(wait.Wait(1, "a.example", 10, false)->back_off, 250ms) << "begun anew";
}

TEST(DnsWait, ADomainMayHoldSoMany) {
  DnsWait wait(kLimits);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(wait.Wait(i, "a.example", 1, false));
  EXPECT_FALSE(wait.Wait(3, "a.example", 1, false)) << "one more";
  EXPECT_TRUE(wait.Wait(2, "a.example", 1, false)) << "who waits may go on";
  EXPECT_TRUE(wait.Wait(4, "b.example", 1, false)) << "another domain";
  wait.Forget(0);
  EXPECT_TRUE(wait.Wait(3, "a.example", 1, false)) << "there is room again";
  for (int i = 10; i < 200; ++i) {
    EXPECT_TRUE(wait.Wait(i, "google.com", 1, true))
        << "all of a counted reporter's wait while its DNS is away";
  }
}

TEST(DnsWait, BytesAreBoundedForEverybody) {
  DnsWait wait(kLimits);
  EXPECT_TRUE(wait.Wait(1, "google.com", 6'000, true));
  EXPECT_FALSE(wait.Wait(2, "google.com", 6'000, true));
  EXPECT_TRUE(wait.Wait(3, "google.com", 4'000, true)) << "up to the limit";
  EXPECT_TRUE(wait.Wait(1, "google.com", 6'000, true)) << "counted once";
  wait.Forget(1);
  EXPECT_TRUE(wait.Wait(2, "google.com", 6'000, true));
  EXPECT_EQ(wait.size(), 2u);
}

// Whoever answers no queries for his names can have mails wait for them, and every key of
// a counted reporter has to be looked up now and then.
TEST(DnsWait, StrangersLeaveRoomForCountedReporters) {
  DnsWait wait(kLimits);
  EXPECT_FALSE(wait.Wait(1, "a.example", 5'001, false)) << "half of the room";
  EXPECT_TRUE(wait.Wait(1, "a.example", 3'000, false));
  EXPECT_TRUE(wait.Wait(2, "b.example", 2'000, false));
  EXPECT_FALSE(wait.Wait(3, "c.example", 1, false));
  EXPECT_TRUE(wait.Wait(4, "google.com", 5'000, true)) << "the other half";
  EXPECT_FALSE(wait.Wait(5, "google.com", 1, true));
  wait.Forget(1);
  EXPECT_TRUE(wait.Wait(5, "google.com", 3'000, true)) << "and all, where it is free";
  EXPECT_FALSE(wait.Wait(3, "c.example", 1, false)) << "no room at all";
  wait.Forget(4);
  EXPECT_TRUE(wait.Wait(3, "c.example", 3'000, false));
  EXPECT_TRUE(wait.Wait(3, "google.com", 3'000, true)) << "who it waits for may change";
  EXPECT_TRUE(wait.Wait(6, "c.example", 2'000, false));
}

// A mail with two signatures waits for one domain at a time.
TEST(DnsWait, AnEntryMayWaitForAnother) {
  DnsWait wait(kLimits);
  EXPECT_EQ(wait.Wait(1, "a.example", 1, false)->tries, 1);
  EXPECT_EQ(wait.Wait(1, "b.example", 1, false)->tries, 2);
  for (int i = 2; i < 5; ++i) EXPECT_TRUE(wait.Wait(i, "a.example", 1, false));
  wait.Forget(1);
  wait.Forget(1);
  wait.Forget(99);
  EXPECT_EQ(wait.size(), 3u);
}

}  // namespace
}  // namespace tlsrpt::ingest
