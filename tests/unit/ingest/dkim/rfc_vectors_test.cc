// The signed mails that the RFCs print.
#include <gtest/gtest.h>

#include "base/text.h"
#include "ingest/dkim/key_cache.h"
#include "ingest/dkim/verify.h"
#include "tests/support/dkim/keys.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;

constexpr TimePoint kNow = sys_days{2026y / November / 26};

DkimKeyLookup RfcKeys() {
  test::Records records;
  const std::string text = test::ReadCorpus("keys.tsv");
  for (const std::string_view line : Split(text, '\n')) {
    if (line.empty()) continue;
    const auto columns = Split(line, '\t');
    records[std::string(columns[0])] = {std::string(columns[1])};
  }
  return test::LookupOf(records);
}

TEST(RfcVectors, Rfc6376AppendixA) {
  const std::string mail = test::ReadCorpus("rfc6376_a.eml");
  EXPECT_EQ(DkimKeyNames(mail, kNow),
            std::vector<std::string>{"brisbane._domainkey.example.com"});
  const auto results = VerifyDkim(mail, RfcKeys(), kNow);
  ASSERT_EQ(results.size(), 1u);
  const DkimResult& result = results[0];
  EXPECT_EQ(result.outcome, DkimOutcome::kPass) << result.reason;
  EXPECT_EQ(result.domain, "example.com");
  EXPECT_EQ(result.selector, "brisbane");
  EXPECT_EQ(result.identity, "joe@football.example.com");
  EXPECT_EQ(result.algorithm, "rsa-sha256");
  EXPECT_EQ(result.key_bits, 1024);
  EXPECT_TRUE(result.key_weak);
  EXPECT_TRUE(result.signs_from);
}

TEST(RfcVectors, Rfc8463AppendixA) {
  const std::string mail = test::ReadCorpus("rfc8463_a.eml");
  DkimKeyCache cache;
  const auto results = VerifyDkim(mail, RfcKeys(), kNow, &cache);
  ASSERT_EQ(results.size(), 2u);
  for (const DkimResult& result : results) {
    EXPECT_EQ(result.outcome, DkimOutcome::kPass) << result.reason;
    EXPECT_EQ(result.domain, "football.example.com");
    EXPECT_EQ(result.identity, "@football.example.com");
  }
  EXPECT_EQ(results[0].algorithm, "ed25519-sha256");
  EXPECT_FALSE(results[0].key_weak);
  EXPECT_EQ(results[1].algorithm, "rsa-sha256");
  EXPECT_EQ(cache.size(), 2u);
}

// A mail that was saved with LF is the same mail.
TEST(RfcVectors, WithLineFeeds) {
  for (const char* name : {"rfc6376_a.eml", "rfc8463_a.eml"}) {
    std::string mail = test::ReadCorpus(name);
    std::erase(mail, '\r');
    for (const DkimResult& result : VerifyDkim(mail, RfcKeys(), kNow)) {
      EXPECT_EQ(result.outcome, DkimOutcome::kPass) << name << ": " << result.reason;
    }
  }
}

// Every prefix is answered, and none passes but the one without the last line break,
// which both forms add.
TEST(RfcVectors, EveryPrefixIsAnswered) {
  for (const char* name : {"rfc6376_a.eml", "rfc8463_a.eml"}) {
    const std::string mail = test::ReadCorpus(name);
    DkimKeyCache cache;
    for (std::size_t n = 0; n < mail.size(); ++n) {
      const std::string exact(mail.substr(0, n));  // its own allocation, for ASan
      for (const DkimResult& result : VerifyDkim(exact, RfcKeys(), kNow, &cache)) {
        EXPECT_EQ(result.outcome == DkimOutcome::kPass, n + 2 == mail.size()) << n;
      }
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
