#include "store/model/own_domains.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tlsrpt::store {
namespace {

TEST(OwnDomains, WithMoreNothingIsLost) {
  const OwnDomains own({"a.example", ".wild.example"}, {"mx1.example"});
  const OwnDomains more = own.With({"b.example"}, {"mx2.example"});
  for (const char* domain : {"a.example", "b.example"}) {
    EXPECT_TRUE(more.IsConfigured(domain)) << domain;
  }
  EXPECT_TRUE(more.IsBelowWildcard("x.wild.example"));
  EXPECT_TRUE(more.IsMxHost("mx1.example") && more.IsMxHost("mx2.example"));
  EXPECT_FALSE(own.IsConfigured("b.example") || own.IsMxHost("mx2.example"));
}

OwnDomains Ours() {
  return OwnDomains({"firm.example", ".example.net", "shop.example.net"},
                    {"mx1.firm.example", "mx2.firm.example", "mx.example.net"});
}

PolicyResult ResultFor(PolicyType type, std::string domain,
                       std::vector<std::string> mx_hosts = {}) {
  PolicyResult result;
  result.policy_type = type;
  result.policy_domain = std::move(domain);
  result.mx_hosts = std::move(mx_hosts);
  return result;
}

TEST(OwnDomains, Membership) {
  struct Row {
    const char* why;
    std::string_view name;
    bool configured, below, mx;
  };
  const Row rows[] = {
      {"by name", "firm.example", true, false, false},
      {"below a name is not ours", "a.firm.example", false, false, false},
      {"above a name is not ours", "example", false, false, false},
      {"below the wildcard", "a.example.net", false, true, false},
      {"at any depth", "a.b.c.example.net", false, true, false},
      {"the wildcard itself is not below it", "example.net", false, false, false},
      {"merely ends so", "aexample.net", false, false, false},
      {"by name, and below the wildcard: by name", "shop.example.net", true, false,
       false},
      {"below such a name it is the wildcard again", "a.shop.example.net", false, true,
       false},
      {"an MX host", "mx1.firm.example", false, false, true},
      {"an MX host below the wildcard", "mx.example.net", false, true, true},
      {"empty", "", false, false, false},
  };
  const OwnDomains own = Ours();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(own.IsConfigured(row.name), row.configured);
    EXPECT_EQ(own.IsBelowWildcard(row.name), row.below);
    EXPECT_EQ(own.IsMxHost(row.name), row.mx);
  }
}

TEST(OwnDomains, EmptyMeansNothingConfigured) {
  EXPECT_TRUE(OwnDomains().empty());
  EXPECT_TRUE(OwnDomains({}, {"mx1.firm.example"}).empty());
  EXPECT_FALSE(OwnDomains({"firm.example"}, {}).empty());
  EXPECT_FALSE(OwnDomains({".example.net"}, {}).empty()) << "a wildcard is something";
}

TEST(OwnDomains, FilingNames) {
  constexpr auto kSts = PolicyType::kSts;
  constexpr auto kTlsa = PolicyType::kTlsa;
  struct Row {
    const char* why;
    PolicyResult result;
    std::vector<std::string> want;
  };
  const Row rows[] = {
      {"sts, ours", ResultFor(kSts, "firm.example"), {"firm.example"}},
      {"sts, below the wildcard",
       ResultFor(kSts, "a.b.example.net"),
       {"a.b.example.net"}},
      {"sts, foreign", ResultFor(kSts, "else.example"), {}},
      {"no-policy-found, ours",
       ResultFor(PolicyType::kNoPolicyFound, "firm.example"),
       {"firm.example"}},
      {"unknown type, ours",
       ResultFor(PolicyType::kOther, "firm.example"),
       {"firm.example"}},
      {"Microsoft: tlsa with the recipient domain",
       ResultFor(kTlsa, "firm.example"),
       {"firm.example"}},
      {"and with the MX host, which other domains may have",
       ResultFor(kTlsa, "firm.example", {"mx1.firm.example", "mx.else.example"}),
       {"firm.example", "mx1.firm.example"}},
      {"sts with our MX is the domain's own",
       ResultFor(kSts, "firm.example", {"mx1.firm.example"}),
       {"firm.example"}},
      {"Postfix, mox: tlsa with the MX host",
       ResultFor(kTlsa, "mx1.firm.example"),
       {"mx1.firm.example"}},
      {"an MX host below the wildcard",
       ResultFor(kTlsa, "mx.example.net"),
       {"mx.example.net"}},
      {"mox to an MX operator: foreign recipient domain, our MX",
       ResultFor(kTlsa, "else.example", {"mx2.firm.example"}),
       {"mx2.firm.example"}},
      {"each MX that is ours: not every domain has all of them",
       ResultFor(kTlsa, "else.example",
                 {"mx.else.example", "mx2.firm.example", "mx1.firm.example"}),
       {"mx1.firm.example", "mx2.firm.example"}},
      {"the MX in policy-domain, and the one in mx-host",
       ResultFor(kTlsa, "mx1.firm.example", {"mx2.firm.example"}),
       {"mx1.firm.example", "mx2.firm.example"}},
      {"tlsa, foreign MX", ResultFor(kTlsa, "else.example", {"mx.else.example"}), {}},
      {"tlsa, foreign, mx-host absent", ResultFor(kTlsa, "else.example"), {}},
      {"a wildcard pattern is no host of ours",
       ResultFor(kTlsa, "else.example", {"*.firm.example"}),
       {}},
      // Anybody may write our MX into an sts policy of theirs: that is their policy.
      {"sts with our MX in mx-host is foreign",
       ResultFor(kSts, "else.example", {"mx1.firm.example"}),
       {}},
      {"sts for our MX host is foreign", ResultFor(kSts, "mx1.firm.example"), {}},
      {"no-policy-found at our MX",
       ResultFor(PolicyType::kNoPolicyFound, "else.example", {"mx1.firm.example"}),
       {"mx1.firm.example"}},
      {"an unknown type may be tlsa",
       ResultFor(PolicyType::kOther, "mx1.firm.example"),
       {"mx1.firm.example"}},
      {"tlsa, below the wildcard", ResultFor(kTlsa, "b.example.net"), {"b.example.net"}},
      {"tlsa at our MX, below the wildcard: the domain may never come into being",
       ResultFor(kTlsa, "b.example.net", {"mx1.firm.example"}),
       {"mx1.firm.example"}},
      {"sts at our MX, below the wildcard",
       ResultFor(kSts, "b.example.net", {"mx1.firm.example"}),
       {"b.example.net"}},
      {"a pattern stands for one label",
       ResultFor(kTlsa, "a.pool.example"),
       {"*.pool.example"}},
      {"and not for two", ResultFor(kTlsa, "b.a.pool.example"), {}},
      {"nor for none", ResultFor(kTlsa, "pool.example"), {}},
      {"in mx-host",
       ResultFor(kTlsa, "else.example", {"a.pool.example"}),
       {"*.pool.example"}},
      {"two hosts of one pattern: once",
       ResultFor(kTlsa, "a.pool.example", {"b.pool.example"}),
       {"*.pool.example"}},
      {"not every domain with the one has the other",
       ResultFor(kTlsa, "mx.pool.example"),
       {"*.pool.example", "mx.pool.example"}},
      {"sts at such a host is foreign", ResultFor(kSts, "a.pool.example"), {}},
      {"a domain of ours may be an MX host of another, whose pattern stands for it",
       ResultFor(kTlsa, "shop.pool.example"),
       {"*.pool.example", "shop.pool.example"}},
      {"but not by its own policy",
       ResultFor(kSts, "shop.pool.example"),
       {"shop.pool.example"}},
      {"below a wildcard it may be a domain, or a host",
       ResultFor(kTlsa, "a.wild.example"),
       {"*.wild.example", "a.wild.example"}},
      {"a pattern names no host of anybody's", ResultFor(kTlsa, "firm.com"), {}},
      {"no domain", ResultFor(kSts, ""), {}},
  };
  const OwnDomains own =
      Ours().With({"shop.pool.example", ".wild.example"},
                  {"*.pool.example", "mx.pool.example", "*.wild.example", "*.com"});
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(own.FilingNames(row.result), row.want);
  }
}

TEST(OwnDomains, NothingConfiguredIsAllForeign) {
  EXPECT_TRUE(
      OwnDomains().FilingNames(ResultFor(PolicyType::kSts, "firm.example")).empty());
}

}  // namespace
}  // namespace tlsrpt::store
