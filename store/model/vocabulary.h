// The closed word lists: policy types, result types, policy modes, provenances,
// transports, outcomes. One code, one spelling, from C++ to SQL to JSON.
//
// The numbers are what PostgreSQL stores (smallint). They are never reused.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tlsrpt::store {

// RFC 8460, 4.4 "policy-type".
enum class PolicyType : std::int16_t {
  kOther = 0,  // absent, unreadable or a name the RFC does not know
  kSts = 1,
  kTlsa = 2,
  kNoPolicyFound = 3,
};

// RFC 8460, 4.3 "result-type".
enum class ResultType : std::int16_t {
  kOther = 0,  // absent, unreadable or a name the RFC does not know
  kStarttlsNotSupported = 1,
  kCertificateHostMismatch = 2,
  kCertificateExpired = 3,
  kCertificateNotTrusted = 4,
  kValidationFailure = 5,
  kTlsaInvalid = 6,
  kDnssecInvalid = 7,
  kDaneRequired = 8,
  kStsPolicyFetchError = 9,
  kStsPolicyInvalid = 10,
  kStsWebpkiInvalid = 11,
  // Not of the RFC: failures in a summary that no failure detail explains.
  kUnexplained = 100,
};

// RFC 8461, 3.2 "mode".
enum class PolicyMode : std::int16_t {
  kUnknown = 0,  // no policy text, or no readable mode in it
  kNone = 1,
  kTesting = 2,
  kEnforce = 3,
};

// Who vouches for a report.
enum class Provenance : std::int16_t {
  kNone = 0,
  kDkim = 1,
  kAuthserv = 2,
  kOperator = 3,
};

enum class Transport : std::int16_t {
  kSmtp = 1,
  kLmtp = 2,
  kHttps = 3,
  kImport = 4,
};

// What became of a receipt.
enum class Outcome : std::int16_t {
  kStored = 1,       // at least one report of it added a row
  kDuplicate = 2,    // every report of it was known
  kQuarantined = 3,  // nothing of it could be stored; held with its reason
  kOrdinary = 4,     // ordinary mail: no sign of a report in it
};

// The RFC's spelling, or ours for kOther ("other") and kUnexplained ("unexplained").
std::string_view NameOf(PolicyType type);
std::string_view NameOf(ResultType type);
std::string_view NameOf(PolicyMode mode);
std::string_view NameOf(Provenance provenance);
std::string_view NameOf(Transport transport);
std::string_view NameOf(Outcome outcome);

// The code of a name, in any case (two parsers in the field met capitals); nothing
// for a name that is not the RFC's.
std::optional<PolicyType> PolicyTypeOf(std::string_view name);
std::optional<ResultType> ResultTypeOf(std::string_view name);
std::optional<PolicyMode> PolicyModeOf(std::string_view name);
std::optional<Transport> TransportOf(std::string_view name);

inline bool IsVouched(Provenance provenance) { return provenance != Provenance::kNone; }

// The three types that say a sender could not get a valid policy: such a sender does
// not refuse mail, it is merely not protected (RFC 8461, 5.1).
inline bool IsPolicyRetrieval(ResultType type) {
  return type == ResultType::kStsPolicyFetchError ||
         type == ResultType::kStsPolicyInvalid || type == ResultType::kStsWebpkiInvalid;
}

}  // namespace tlsrpt::store
