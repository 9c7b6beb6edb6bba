#include "ingest/dkim/key_record.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "ingest/dkim/key_cache.h"
#include "tests/support/dkim/keys.h"

namespace tlsrpt::ingest {
namespace {

using test::Ed25519Key;
using test::PublicBase64;
using test::PublicPkcs1Base64;
using test::RsaKey;

struct Row {
  const char* why;
  std::string record;
  int bits;          // 0: not usable
  const char* word;  // then: how the reason begins
};

std::vector<Row> Rows() {
  const std::string rsa = PublicBase64(RsaKey());
  const std::string ed = PublicBase64(Ed25519Key());
  std::string folded = rsa;
  for (std::size_t at = 60; at < folded.size(); at += 62) folded.insert(at, "\r\n ");
  return {
      {"SubjectPublicKeyInfo", "v=DKIM1; k=rsa; p=" + rsa, 1024, ""},
      {"RFC 6376, 3.6.1: a bare RSAPublicKey", "p=" + PublicPkcs1Base64(RsaKey()), 1024,
       ""},
      {"k= is rsa if absent", "v=DKIM1; p=" + rsa, 1024, ""},
      {"p= alone", "p=" + rsa, 1024, ""},
      {"blanks inside p=", "p=" + folded + " ;", 1024, ""},
      {"2048 bits", "p=" + PublicBase64(RsaKey(2048)), 2048, ""},
      {"RFC 8463, 4", "v=DKIM1; k=ed25519; p=" + ed, 256, ""},
      {"notes, RFC 4871's g=, unknown tags", "n=a note; g=*; zz=1; p=" + rsa, 1024, ""},
      {"h= that holds sha256", "h=sha1:sha256; p=" + rsa, 1024, ""},
      {"s=email", "s=email; p=" + rsa, 1024, ""},
      {"s=*", "s=*; p=" + rsa, 1024, ""},
      {"RFC 8460, 3: s=tlsrpt", "s=tlsrpt; p=" + rsa, 1024, ""},
      {"s= with several", "s=other : tlsrpt; p=" + rsa, 1024, ""},

      {"revoked", "v=DKIM1; p=", 0, "key revoked"},
      {"revoked, with blanks", "v=DKIM1; p= ;", 0, "key revoked"},
      {"no p=", "v=DKIM1; k=rsa", 0, "key syntax error: no p="},
      {"another version", "v=DKIM2; p=" + rsa, 0, "key syntax error: v="},
      {"v= in lower case", "v=dkim1; p=" + rsa, 0, "key syntax error: v="},
      {"v= not first", "k=rsa; v=DKIM1; p=" + rsa, 0, "key syntax error: v="},
      {"an SPF record", "v=spf1 -all", 0, "key syntax error: v="},
      {"p= twice", "p=" + rsa + "; p=" + rsa, 0, "key syntax error: the tag"},
      {"no tag list", "hello", 0, "key syntax error: a tag"},
      {"nothing", "", 0, "key syntax error: a tag"},
      {"p= is no base64", "p=!!!!", 0, "key syntax error: p=: base64"},
      {"p= is no key", "p=AAAA", 0, "key syntax error: p=: no RSA key"},
      {"bytes after the key", "p=" + rsa + "AAAA", 0, "key syntax error: p="},
      {"Ed25519 without k=", "p=" + ed, 0, "key syntax error: p=: no RSA key"},
      {"RSA as Ed25519", "k=ed25519; p=" + rsa, 0,
       "key syntax error: p=: no Ed25519 key"},
      {"Ed25519, a byte short", "k=ed25519; p=" + ed.substr(0, 40), 0,
       "key syntax error: p=: no Ed25519 key"},
      {"an unknown k=", "k=dsa; p=" + rsa, 0, "inappropriate key algorithm"},
      {"k= in capitals", "k=RSA; p=" + rsa, 0, "inappropriate key algorithm"},
      {"h= without sha256", "h=sha1; p=" + rsa, 0, "inappropriate hash algorithm"},
      {"s= for something else", "s=other; p=" + rsa, 0, "inapplicable key"},
      {"an empty s=", "s=; p=" + rsa, 0, "inapplicable key"},
      {"RFC 8301, 3.2: 768 bits", "p=" + PublicBase64(RsaKey(768)), 0,
       "key not acceptable: an RSA key of 768 bits"},
      {"a record too long", "n=" + std::string(kMaxKeyRecordBytes, 'x') + "; p=" + rsa, 0,
       "key syntax error: a record of more"},
  };
}

TEST(KeyRecord, Table) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.why);
    const DkimKey key = ParseDkimKey(row.record);
    EXPECT_EQ(key.key.has_value(), row.bits != 0);
    EXPECT_EQ(key.fault.has_value(), row.bits == 0);
    if (key.key) {
      EXPECT_EQ(key.key->bits(), row.bits);
    } else if (key.fault) {
      EXPECT_TRUE(key.fault->reason.starts_with(row.word)) << key.fault->reason;
      EXPECT_NE(key.fault->outcome, DkimOutcome::kPass);
    }
  }
}

TEST(KeyRecord, WhatIsRecorded) {
  const std::string p = "p=" + PublicBase64(RsaKey());
  EXPECT_EQ(ParseDkimKey("s=tlsrpt; " + p).service, "tlsrpt");
  EXPECT_EQ(ParseDkimKey(p).service, "");
  EXPECT_TRUE(ParseDkimKey("t=y; " + p).testing);
  EXPECT_TRUE(ParseDkimKey("t= s : y ; " + p).testing);
  EXPECT_FALSE(ParseDkimKey("t=Y; " + p).testing);
  EXPECT_TRUE(ParseDkimKey("t=y:s; " + p).same_domain_only);
  EXPECT_FALSE(ParseDkimKey(p).same_domain_only);
  EXPECT_TRUE(ParseDkimKey(p).weak());
  EXPECT_FALSE(ParseDkimKey("p=" + PublicBase64(RsaKey(2048))).weak());
  EXPECT_FALSE(ParseDkimKey("k=ed25519; p=" + PublicBase64(Ed25519Key())).weak());
}

// Longer keys and odd exponents would let a stranger choose how long we compute. Public
// keys made by hand: the modulus is of ones, nobody signs with it.
TEST(KeyRecord, LimitsOfRsa) {
  const auto der = [](std::size_t modulus_bytes, std::size_t exponent_bytes) {
    const auto with_length = [](char tag, std::string bytes) {
      const std::size_t n = bytes.size();
      return std::string{tag, '\x82', static_cast<char>(n >> 8), static_cast<char>(n)} +
             bytes;
    };
    return with_length(
        '\x30', with_length('\x02', '\0' + std::string(modulus_bytes, '\xff')) +
                    with_length('\x02', '\0' + std::string(exponent_bytes, '\xff')));
  };
  const auto longest = PublicKey::Rsa(der(1024, 3));
  ASSERT_TRUE(longest) << longest.error().message;
  EXPECT_EQ(longest->bits(), kMaxRsaBits);
  EXPECT_EQ(PublicKey::Rsa(der(1025, 3)).error().kind, ErrorKind::kTooLarge);
  EXPECT_TRUE(PublicKey::Rsa(der(256, 8)));
  EXPECT_EQ(PublicKey::Rsa(der(256, 9)).error().kind, ErrorKind::kTooLarge);
}

TEST(KeyRecord, EveryPrefixIsAnswered) {
  const std::string whole = "v=DKIM1; k=rsa; t=y:s; p=" + PublicBase64(RsaKey());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string exact(whole.substr(0, n));
    EXPECT_TRUE(ParseDkimKey(exact).fault) << exact;
  }
}

TEST(KeyCache, KeepsKeysByTheirText) {
  DkimKeyCache cache;
  const std::string record = "p=" + PublicBase64(RsaKey());
  const auto first = cache.Get(record);
  EXPECT_EQ(first, cache.Get(record));
  EXPECT_NE(first, cache.Get(record + ";"));
  EXPECT_EQ(cache.size(), 2u);
}

TEST(KeyCache, HoldsNoMoreThanItsLimit) {
  DkimKeyCache cache;
  const auto kept = cache.Get("p=0");
  for (std::size_t i = 0; i < 3 * kMaxCachedKeys; ++i)
    cache.Get("p=" + std::to_string(i));
  EXPECT_LE(cache.size(), kMaxCachedKeys);
  EXPECT_GT(cache.size(), 0u);
  EXPECT_TRUE(kept->fault);  // whoever holds one keeps it
  const std::size_t before = cache.size();
  EXPECT_TRUE(cache.Get(std::string(kMaxKeyRecordBytes + 1, 'x'))->fault);
  EXPECT_EQ(cache.size(), before);  // a stranger's megabytes are not kept
}

TEST(KeyCache, MayBeShared) {
  DkimKeyCache cache;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache] {
      for (int i = 0; i < 500; ++i) {
        EXPECT_TRUE(cache.Get("p=" + std::to_string(i % 300))->fault);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace tlsrpt::ingest
