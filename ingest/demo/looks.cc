#include "ingest/demo/looks.h"

#include <utility>

#include "store/model/sts_policy.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono_literals;  // NOLINT: units

using std::chrono::days;
using store::Certificate;
using store::FetchOutcome;
using store::LookupState;
using store::MxAddressProbe;
using store::ProbeOutcome;

constexpr std::chrono::seconds kTtl{3600};
// Of 90 days, as most are, with a new one every 60 days.
constexpr days kCertificateLife{90};
constexpr days kCertificateRenewal{60};

Certificate GoodCertificate(TimePoint when, const std::string& host) {
  const days since_epoch = std::chrono::floor<days>(when).time_since_epoch();
  const std::chrono::sys_days issued{since_epoch - since_epoch % kCertificateRenewal};
  return {.trusted = true,
          .name_matches = true,
          .names = {host},
          .issuer = "CN=Demo CA, O=Nobody",
          .not_before = issued,
          .not_after = issued + kCertificateLife,
          .problem = {}};
}

store::TxtLookup Txt(std::string record) {
  store::TxtLookup lookup;
  lookup.state = LookupState::kFound;
  lookup.records = {std::move(record)};
  lookup.ttl = kTtl;
  lookup.dnssec = true;
  return lookup;
}

store::PolicyFetch Served(const DemoSite& site, TimePoint when) {
  store::StsPolicy policy;
  policy.mode = site.mode;
  policy.max_age = days{7};
  policy.mx = site.mx;
  store::PolicyFetch fetch;
  fetch.outcome = FetchOutcome::kAnswered;
  fetch.status = 200;
  fetch.content_type = "text/plain";
  fetch.body = store::ToText(policy);
  fetch.body_bytes = static_cast<std::int64_t>(fetch.body.size());
  fetch.certificate = GoodCertificate(when, "mta-sts." + site.domain);
  return fetch;
}

MxAddressProbe Probe(const DemoSite& site, TimePoint when, const std::string& mx,
                     std::string address) {
  MxAddressProbe probe;
  probe.mx = mx;
  probe.address = std::move(address);
  probe.outcome = ProbeOutcome::kTls;
  probe.reply_code = 220;
  probe.tls_version = store::TlsVersion::kTls13;
  probe.certificate = GoodCertificate(when, mx);
  probe.tlsa = site.dane ? store::TlsaMatch::kDaneEe : store::TlsaMatch::kNone;
  return probe;
}

void Spoil(const DemoSite& site, MxAddressProbe& probe) {
  switch (site.fault) {
    case LiveFault::kNone:
      return;
    case LiveFault::kCertificateExpired:
      probe.certificate->not_before = site.fault_since - kCertificateLife;
      probe.certificate->not_after = site.fault_since;
      return;
    case LiveFault::kStarttlsMissing:
      probe.outcome = ProbeOutcome::kStarttlsMissing;
      probe.reply_code = 250;
      probe.tls_version = store::TlsVersion::kUnknown;
      probe.certificate.reset();
      return;
  }
}

}  // namespace

store::Observation LookAt(const DemoSite& site, TimePoint when) {
  store::Observation look;
  look.observed_at = when;
  look.complete = true;
  look.mta_sts = Txt("v=STSv1; id=20260801T000000;");
  look.smtp_tls = Txt("v=TLSRPTv1; rua=mailto:tlsrpt@" + site.domain);
  look.policy = Served(site, when);
  look.mx.state = LookupState::kFound;
  look.mx.ttl = kTtl;
  look.mx.dnssec = true;
  int number = 0;
  for (const std::string& mx : site.mx) {
    ++number;
    look.mx.hosts.push_back({mx, number * 10});
    const bool spoiled = mx == site.mx.back() && when >= site.fault_since;
    // Documentation's addresses (RFC 5737, 3 and RFC 3849, 2).
    for (const std::string& address :
         {"192.0.2." + std::to_string(number), "2001:db8::" + std::to_string(number)}) {
      MxAddressProbe probe = Probe(site, when, mx, address);
      if (spoiled) Spoil(site, probe);
      look.addresses.push_back(std::move(probe));
    }
  }
  return look;
}

}  // namespace tlsrpt::ingest
