#include "store/model/observation_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tlsrpt::store {
namespace {

using ::testing::HasSubstr;

// Every member has a value that is not its default.
Observation Full() {
  Observation full;
  full.observed_at = TimePoint{std::chrono::microseconds{1'763'892'000'000'001}};
  full.complete = true;
  full.mta_sts = {
      LookupState::kFound, {"v=STSv1; id=1;"}, std::chrono::seconds{300}, true, "none"};
  full.smtp_tls = {LookupState::kBogus, {"a", "b"}, std::chrono::seconds{60}, true, "x"};
  Certificate certificate{true,
                          true,
                          {"mx.firm.example", "*.firm.example"},
                          "CN=Some CA",
                          full.observed_at - std::chrono::hours{24},
                          full.observed_at + std::chrono::hours{24},
                          "ok"};
  full.policy = {FetchOutcome::kAnswered,
                 301,
                 "https://elsewhere.example/",
                 "text/plain",
                 33,
                 "version: STSv1\r\n",
                 certificate,
                 "redirect"};
  full.mx = {LookupState::kFound,
             {{"mx1.firm.example", 10}, {"", 0}},
             true,
             std::chrono::seconds{3600},
             true,
             "none"};
  full.addresses = {
      {"mx1.firm.example", "192.0.2.1", ProbeOutcome::kTls, 220, TlsVersion::kTls13,
       certificate, TlsaMatch::kDaneEe, "none"},
      {"mx1.firm.example", "2001:db8::1", ProbeOutcome::kNoRoute, 0, TlsVersion::kUnknown,
       std::nullopt, TlsaMatch::kUnknown, "no route"}};
  return full;
}

TEST(ObservationJson, RoundTrip) {
  for (const Observation& observation : {Observation{}, Full()}) {
    const auto back = ObservationFromJson(ToJson(observation));
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(*back, observation);
    EXPECT_EQ(ToJson(*back), ToJson(observation));
  }
}

TEST(ObservationJson, EveryWordHasItsName) {
  Observation observation;
  observation.addresses.resize(1);
  for (int code = 0; code <= static_cast<int>(ProbeOutcome::kTls); ++code) {
    observation.addresses[0].outcome = static_cast<ProbeOutcome>(code);
    observation.policy.outcome = static_cast<FetchOutcome>(
        std::min(code, static_cast<int>(FetchOutcome::kAnswered)));
    observation.mx.state =
        static_cast<LookupState>(std::min(code, static_cast<int>(LookupState::kBogus)));
    observation.addresses[0].tls_version =
        static_cast<TlsVersion>(std::min(code, static_cast<int>(TlsVersion::kTls13)));
    observation.addresses[0].tlsa =
        static_cast<TlsaMatch>(std::min(code, static_cast<int>(TlsaMatch::kDaneEe)));
    EXPECT_EQ(*ObservationFromJson(ToJson(observation)), observation) << code;
  }
}

TEST(ObservationJson, WhatIsRead) {
  const struct {
    const char* why;
    const char* text;
    const char* error;  // empty: read
  } rows[] = {
      {"an older row, with less in it", "{}", ""},
      {"a newer row, with more in it", R"({"new": [1, {"x": 2}], "mx": {"new": 1}})", ""},
      {"no certificate", R"({"policy": {"certificate": null}})", ""},
      {"nothing", "", "no JSON"},
      {"cut", R"({"complete": true)", "no JSON"},
      {"text after it", "{} {}", "no JSON"},
      {"a list", "[]", "not an object"},
      {"the wrong type", R"({"complete": 1})", "complete: not true or false"},
      {"the wrong type inside", R"({"mx": {"hosts": [{"name": 5}]}})",
       "mx.hosts.name: not a text"},
      {"a list of the wrong things", R"({"mta_sts": {"records": [null]}})",
       "mta_sts.records: not a text"},
      {"no list", R"({"addresses": {}})", "addresses: not a list"},
      {"an unknown word: half an observation might hide a fault",
       R"({"addresses": [{"outcome": "fine"}]})", "addresses.outcome: not a word"},
      {"negative", R"({"mx": {"ttl": -1}})", "mx.ttl: not a whole number"},
      {"past 2^63", R"({"observed_at": 18446744073709551615})",
       "observed_at: not a whole"},
      {"a fraction", R"({"observed_at": 1.5})", "observed_at: not a whole number"},
      {"past year 9999", R"({"observed_at": 253402300800000000})", "observed_at: not a"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto read = ObservationFromJson(row.text);
    EXPECT_EQ(read.has_value(), std::string(row.error).empty());
    if (!read) {
      EXPECT_EQ(read.error().kind, ErrorKind::kMalformed);
      EXPECT_THAT(read.error().message, HasSubstr(row.error));
    }
  }
}

TEST(ObservationJson, Limits) {
  EXPECT_EQ(ObservationFromJson(std::string(kMaxObservationBytes + 1, ' ')).error().kind,
            ErrorKind::kTooLarge);
  Observation many;
  many.addresses.resize(kMaxObservedItems);
  EXPECT_TRUE(ObservationFromJson(ToJson(many)).has_value());
  many.addresses.resize(kMaxObservedItems + 1);
  EXPECT_THAT(ObservationFromJson(ToJson(many)).error().message,
              HasSubstr("addresses: more than"));
  // A parser that recurses dies of this one.
  const std::string deep = "{\"x\":" + std::string(1'000'000, '[');
  EXPECT_FALSE(ObservationFromJson(deep).has_value());
}

TEST(ObservationJson, BytesThatAreNoUtf8AreReplaced) {
  Observation odd;
  odd.policy.body = "version\xff";
  EXPECT_EQ(ObservationFromJson(ToJson(odd))->policy.body, "version\xEF\xBF\xBD");
}

TEST(ObservationJson, EveryPrefixIsAnswered) {
  const std::string whole = ToJson(Full());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string exact(whole.substr(0, n));  // its own allocation, for ASan
    EXPECT_FALSE(ObservationFromJson(exact).has_value()) << n;
  }
}

}  // namespace
}  // namespace tlsrpt::store
