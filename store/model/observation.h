// What one look at the live domain found: DNS records, the policy file, every MX.
//
// Facts only: what was answered, offered and presented. Whether that is good enough is
// for api/readiness to say, so that a better rule can judge an old look again. Each part
// says for itself whether it was tried; a look that ran out of time is incomplete, and
// what it did not reach is unknown, never bad.
//
// Units    times are UTC; TTLs are seconds.
// Threads  values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tlsrpt::store {

// A policy file is larger than this only by mistake; RFC 8461, 3.3 suggests it.
inline constexpr std::size_t kMaxPolicyBytes = 64 * 1024;

enum class LookupState {
  kNotTried,
  kFound,
  kAbsent,  // the name server says that there is none
  kFailed,  // no answer, or an error: nobody knows
  kBogus,   // signed, and the signature is wrong
};

struct TxtLookup {
  LookupState state = LookupState::kNotTried;
  std::vector<std::string> records;  // the strings of one record joined
  std::chrono::seconds ttl{0};       // the smallest
  bool dnssec = false;               // validated
  std::string problem;               // in words, where state is not kFound

  bool operator==(const TxtLookup&) const = default;
};

struct MxHost {
  std::string name;  // A-labels, lower case; "" for a null MX (RFC 7505, 3)
  std::int32_t preference = 0;

  bool operator==(const MxHost&) const = default;
};

struct MxLookup {
  LookupState state = LookupState::kNotTried;
  std::vector<MxHost> hosts;
  bool implicit = false;  // no MX record, so the domain itself (RFC 5321, 5.1)
  std::chrono::seconds ttl{0};
  bool dnssec = false;
  std::string problem;

  bool operator==(const MxLookup&) const = default;
};

// A certificate as presented. Trust, name and time are apart: they are mended apart.
struct Certificate {
  bool trusted = false;       // a chain to a public root, whatever the time
  bool name_matches = false;  // names the host that was asked (RFC 8461, 4.1)
  std::vector<std::string> names;
  std::string issuer;
  TimePoint not_before;
  TimePoint not_after;
  std::string problem;  // what the TLS library says of the chain

  bool operator==(const Certificate&) const = default;
};

enum class FetchOutcome {
  kNotTried,
  kNoAddress,    // the policy host does not resolve
  kUnreachable,  // no route, timeout, refused
  kTlsFailed,    // no handshake
  kCut,          // the connection ended before the body did
  kAnswered,
};

// https://mta-sts.DOMAIN/.well-known/mta-sts.txt, redirects not followed, the body read
// whatever the certificate is worth.
struct PolicyFetch {
  FetchOutcome outcome = FetchOutcome::kNotTried;
  std::int32_t status = 0;
  std::string location;  // of a redirect
  std::string content_type;
  std::int64_t body_bytes = 0;  // read; kMaxPolicyBytes + 1 means "and more"
  std::string body;             // empty past kMaxPolicyBytes
  std::optional<Certificate> certificate;
  std::string problem;

  bool operator==(const PolicyFetch&) const = default;
};

// How far an SMTP session with one address got.
enum class ProbeOutcome {
  kNotTried,
  kNoAddress,  // the MX host has no address; then `address` is empty
  kNoRoute,
  kTimeout,
  kRefused,         // nobody listens
  kBannerRejected,  // 4xx, 5xx or no SMTP at all instead of a banner
  kEhloRejected,
  kStarttlsMissing,  // EHLO worked, and does not offer it
  kStarttlsRejected,
  kHandshakeFailed,
  kTls,
};

enum class TlsVersion { kUnknown, kTls10, kTls11, kTls12, kTls13 };

// The certificate against the DNSSEC-validated TLSA records (RFC 7672, 3.1).
enum class TlsaMatch {
  kUnknown,  // not looked up, or the lookup failed
  kNone,     // no usable record
  kMismatch,
  kDaneTa,
  kDaneEe,
};

struct MxAddressProbe {
  std::string mx;
  std::string address;
  ProbeOutcome outcome = ProbeOutcome::kNotTried;
  std::int32_t reply_code = 0;  // the last SMTP reply
  TlsVersion tls_version = TlsVersion::kUnknown;
  std::optional<Certificate> certificate;
  TlsaMatch tlsa = TlsaMatch::kUnknown;
  std::string problem;

  bool operator==(const MxAddressProbe&) const = default;
};

struct Observation {
  TimePoint observed_at;  // when the look began
  bool complete = false;  // every part and every address of every MX was tried
  TxtLookup mta_sts;      // _mta-sts.DOMAIN
  TxtLookup smtp_tls;     // _smtp._tls.DOMAIN
  PolicyFetch policy;
  MxLookup mx;
  std::vector<MxAddressProbe> addresses;

  bool operator==(const Observation&) const = default;
};

// The spelling in JSON and SQL: "not_tried", "starttls_missing", "1.2", "dane_ee", ...
std::string_view NameOf(LookupState state);
std::string_view NameOf(FetchOutcome outcome);
std::string_view NameOf(ProbeOutcome outcome);
std::string_view NameOf(TlsVersion version);
std::string_view NameOf(TlsaMatch match);

std::optional<LookupState> LookupStateOf(std::string_view name);
std::optional<FetchOutcome> FetchOutcomeOf(std::string_view name);
std::optional<ProbeOutcome> ProbeOutcomeOf(std::string_view name);
std::optional<TlsVersion> TlsVersionOf(std::string_view name);
std::optional<TlsaMatch> TlsaMatchOf(std::string_view name);

}  // namespace tlsrpt::store
