#include "store/model/observation_content.h"

#include <gtest/gtest.h>

#include <functional>
#include <utility>

namespace tlsrpt::store {
namespace {

Observation Look() {
  Observation look;
  look.observed_at = TimePoint{std::chrono::microseconds{1'763'892'000'000'001}};
  look.complete = true;
  look.mta_sts = {
      LookupState::kFound, {"v=STSv1; id=1;", "x"}, std::chrono::seconds{300}, true, ""};
  Certificate certificate;
  certificate.trusted = true;
  certificate.name_matches = true;
  certificate.names = {"mx1.firm.example", "mx2.firm.example"};
  certificate.not_after = look.observed_at + std::chrono::hours{24};
  look.policy.outcome = FetchOutcome::kAnswered;
  look.policy.status = 200;
  look.policy.body = "version: STSv1\r\n";
  look.policy.certificate = certificate;
  look.mx = {LookupState::kFound,
             {{"mx1.firm.example", 10}, {"mx2.firm.example", 10}},
             false,
             std::chrono::seconds{60},
             true,
             ""};
  look.addresses = {{"mx1.firm.example", "192.0.2.1", ProbeOutcome::kTls, 220,
                     TlsVersion::kTls13, certificate, TlsaMatch::kDaneEe, ""},
                    {"mx2.firm.example", "192.0.2.2", ProbeOutcome::kTimeout, 0,
                     TlsVersion::kUnknown, std::nullopt, TlsaMatch::kUnknown, ""}};
  return look;
}

struct Row {
  const char* why;
  std::function<void(Observation&)> change;
  bool same;
};

const Row kRows[] = {
    {"another time", [](auto& look) { look.observed_at += std::chrono::hours{1}; }, true},
    {"a cache counts down", [](auto& look) { look.mta_sts.ttl /= 2; }, true},
    {"and that of the MX", [](auto& look) { look.mx.ttl /= 2; }, true},
    {"records in rotation",
     [](auto& look) { std::swap(look.mta_sts.records[0], look.mta_sts.records[1]); },
     true},
    {"MX hosts in rotation",
     [](auto& look) { std::swap(look.mx.hosts[0], look.mx.hosts[1]); }, true},
    {"and their addresses",
     [](auto& look) { std::swap(look.addresses[0], look.addresses[1]); }, true},
    {"other words for it", [](auto& look) { look.addresses[1].problem = "after 30 s"; },
     true},
    {"another id", [](auto& look) { look.mta_sts.records[0] = "v=STSv1; id=2;"; }, false},
    {"another body", [](auto& look) { look.policy.body += "mode: none\r\n"; }, false},
    {"another MX", [](auto& look) { look.mx.hosts[0].name = "mx3.firm.example"; }, false},
    {"another address", [](auto& look) { look.addresses[0].address = "192.0.2.3"; },
     false},
    {"an address that fails now",
     [](auto& look) { look.addresses[0].outcome = ProbeOutcome::kStarttlsMissing; },
     false},
    {"a renewed certificate",
     [](auto& look) {
       look.addresses[0].certificate->not_after += std::chrono::hours{1};
     },
     false},
    {"an older TLS",
     [](auto& look) { look.addresses[0].tls_version = TlsVersion::kTls10; }, false},
    {"not tried to the end", [](auto& look) { look.complete = false; }, false},
    {"the lookup failed", [](auto& look) { look.smtp_tls.state = LookupState::kFailed; },
     false},
};

TEST(ObservationContent, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    Observation other = Look();
    row.change(other);
    ASSERT_NE(other, Look()) << "the row changes nothing";
    EXPECT_EQ(ContentOf(other) == ContentOf(Look()), row.same);
  }
}

}  // namespace
}  // namespace tlsrpt::store
