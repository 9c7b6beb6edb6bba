#include "base/net/dns_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/fake_resolver.h"

namespace tlsrpt::net {
namespace {

using namespace std::chrono;  // NOLINT: literals

using test::FakeResolver;
using test::TxtAnswer;
using Status = DnsAnswer::Status;

class DnsCacheTest : public testing::Test {
 protected:
  explicit DnsCacheTest(DnsCacheOptions options = {}) {
    auto fake = std::make_unique<FakeResolver>();
    fake_ = fake.get();
    cache_ =
        std::make_unique<DnsCache>(std::move(fake), options, [this] { return now_; });
  }

  std::shared_ptr<const DnsAnswer> Find(const std::string& name = "a.example") {
    return cache_->Find(name, DnsType::kTxt);
  }
  static DnsAnswer None(seconds ttl) {
    DnsAnswer answer;
    answer.status = Status::kNone;
    answer.ttl = ttl;
    return answer;
  }

  DnsCache::Time now_{};
  FakeResolver* fake_;
  std::unique_ptr<DnsCache> cache_;
};

TEST_F(DnsCacheTest, WhatIsNotKnownIsAskedForOnce) {
  EXPECT_EQ(Find(), nullptr);
  EXPECT_EQ(Find(), nullptr);
  EXPECT_EQ(fake_->Asked("a.example"), 1u);
  fake_->Answer("a.example", TxtAnswer({"v=", "DKIM1"}));
  const auto answer = Find();
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->status, Status::kFound);
  EXPECT_EQ(TxtOf(answer->records.at(0)), "v=DKIM1");
  EXPECT_EQ(fake_->Asked("a.example"), 1u);
}

TEST_F(DnsCacheTest, AResolverMayKnowAtOnce) {
  fake_->Set("a.example", TxtAnswer({"x"}));
  EXPECT_NE(Find(), nullptr);
}

TEST_F(DnsCacheTest, AnAnswerIsKeptForItsTime) {
  struct Row {
    const char* why;
    DnsAnswer answer;
    milliseconds kept;
  };
  DnsAnswer bogus;
  bogus.status = Status::kBogus;
  bogus.ttl = 1h;
  const Row rows[] = {
      {"its TTL", TxtAnswer({"x"}, 300s), 300s},
      {"no TTL: somebody who waits for it must find it", TxtAnswer({"x"}, 0s), 30s},
      {"a TTL of a week: a key may be rotated", TxtAnswer({"x"}, 7 * 24h), 24h},
      {"no such name, for the time of the SOA", None(300s), 300s},
      {"no such name, for days: it may be just about to be published", None(48h), 15min},
      {"a failure, for a moment", DnsAnswer(), 500ms},
      {"bogus, for a moment: its TTL is bogus too", bogus, 500ms},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const std::string name = std::string(row.why);
    fake_->Set(name, row.answer);
    EXPECT_NE(Find(name), nullptr);
    now_ += row.kept - 1ms;
    EXPECT_NE(Find(name), nullptr);
    EXPECT_EQ(fake_->Asked(name), 1u);
    now_ += 1ms;
    fake_->Hold(name);
    EXPECT_EQ(Find(name), nullptr) << "asked again";
    EXPECT_EQ(fake_->Asked(name), 2u);
  }
}

class SmallCacheTest : public DnsCacheTest {
 protected:
  SmallCacheTest() : DnsCacheTest({.max_names = 10, .max_bytes = 64 << 10}) {}
};

TEST_F(SmallCacheTest, NamesAreBounded) {
  for (int i = 0; i < 1000; ++i) {
    const std::string name = std::to_string(i);
    fake_->Set(name, TxtAnswer({"x"}));
    Find(name);
    ASSERT_LE(cache_->size(), 10u);
  }
  EXPECT_NE(Find("999"), nullptr);
  EXPECT_EQ(fake_->Asked("999"), 1u) << "the newest is there";
  Find("0");
  EXPECT_EQ(fake_->Asked("0"), 2u) << "the oldest is not";
}

TEST_F(SmallCacheTest, BytesAreBounded) {
  for (int i = 0; i < 10; ++i) {
    DnsAnswer large = TxtAnswer({"x"});
    large.records.assign(50, std::string(255, 'x'));
    fake_->Set(std::to_string(i), large);
    Find(std::to_string(i));
  }
  EXPECT_LT(cache_->size(), 6u);
  EXPECT_GT(cache_->size(), 2u);
}

// An answer on its way to a name that was dropped meanwhile, or to a cache that ends.
TEST_F(SmallCacheTest, ALateAnswerHarmsNobody) {
  for (int i = 0; i < 20; ++i) Find(std::to_string(i));
  for (int i = 0; i < 20; ++i) fake_->Answer(std::to_string(i), TxtAnswer({"x"}));
  EXPECT_LE(cache_->size(), 10u);
  Find("waits");
  cache_.reset();
}

TEST(TxtOf, Table) {
  struct Row {
    const char* why;
    std::string rdata;
    std::optional<std::string> text;
  };
  const Row rows[] = {
      {"one string", std::string("\3abc"), "abc"},
      {"joined with nothing between (RFC 6376, 3.6.2.2)", std::string("\1a\2bc"), "abc"},
      {"an empty string", std::string("\0", 1), ""},
      {"one among others", std::string("\1a\0\1b", 5), "ab"},
      {"nothing at all", "", {}},
      {"cut short", std::string("\5abc"), {}},
      {"a length alone", std::string("\1"), {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(TxtOf(row.rdata), row.text);
  }
}

}  // namespace
}  // namespace tlsrpt::net
