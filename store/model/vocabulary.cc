#include "store/model/vocabulary.h"

#include <array>

#include "base/text.h"

namespace tlsrpt::store {
namespace {

template <class Code>
struct Word {
  Code code;
  std::string_view name;
};

constexpr std::array kPolicyTypes = {
    Word<PolicyType>{PolicyType::kSts, "sts"},
    Word<PolicyType>{PolicyType::kTlsa, "tlsa"},
    Word<PolicyType>{PolicyType::kNoPolicyFound, "no-policy-found"},
};

constexpr std::array kResultTypes = {
    Word<ResultType>{ResultType::kStarttlsNotSupported, "starttls-not-supported"},
    Word<ResultType>{ResultType::kCertificateHostMismatch, "certificate-host-mismatch"},
    Word<ResultType>{ResultType::kCertificateExpired, "certificate-expired"},
    Word<ResultType>{ResultType::kCertificateNotTrusted, "certificate-not-trusted"},
    Word<ResultType>{ResultType::kValidationFailure, "validation-failure"},
    Word<ResultType>{ResultType::kTlsaInvalid, "tlsa-invalid"},
    Word<ResultType>{ResultType::kDnssecInvalid, "dnssec-invalid"},
    Word<ResultType>{ResultType::kDaneRequired, "dane-required"},
    Word<ResultType>{ResultType::kStsPolicyFetchError, "sts-policy-fetch-error"},
    Word<ResultType>{ResultType::kStsPolicyInvalid, "sts-policy-invalid"},
    Word<ResultType>{ResultType::kStsWebpkiInvalid, "sts-webpki-invalid"},
};

constexpr std::array kPolicyModes = {
    Word<PolicyMode>{PolicyMode::kNone, "none"},
    Word<PolicyMode>{PolicyMode::kTesting, "testing"},
    Word<PolicyMode>{PolicyMode::kEnforce, "enforce"},
};

constexpr std::array kProvenances = {
    Word<Provenance>{Provenance::kNone, "none"},
    Word<Provenance>{Provenance::kDkim, "dkim"},
    Word<Provenance>{Provenance::kAuthserv, "authserv"},
    Word<Provenance>{Provenance::kOperator, "operator"},
};

constexpr std::array kTransports = {
    Word<Transport>{Transport::kSmtp, "smtp"},
    Word<Transport>{Transport::kLmtp, "lmtp"},
    Word<Transport>{Transport::kHttps, "https"},
    Word<Transport>{Transport::kImport, "import"},
};

constexpr std::array kOutcomes = {
    Word<Outcome>{Outcome::kStored, "stored"},
    Word<Outcome>{Outcome::kDuplicate, "duplicate"},
    Word<Outcome>{Outcome::kQuarantined, "quarantined"},
    Word<Outcome>{Outcome::kOrdinary, "ordinary"},
};

template <class Words, class Code>
std::string_view NameIn(const Words& words, Code code, std::string_view otherwise) {
  for (const auto& word : words) {
    if (word.code == code) return word.name;
  }
  return otherwise;
}

template <class Code, class Words>
std::optional<Code> CodeIn(const Words& words, std::string_view name) {
  for (const auto& word : words) {
    // Most differ in length already.
    if (word.name.size() == name.size() && EqualsIgnoreCase(word.name, name)) {
      return word.code;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(PolicyType type) { return NameIn(kPolicyTypes, type, "other"); }
std::string_view NameOf(ResultType type) {
  if (type == ResultType::kUnexplained) return "unexplained";
  return NameIn(kResultTypes, type, "other");
}
std::string_view NameOf(PolicyMode mode) { return NameIn(kPolicyModes, mode, "unknown"); }
std::string_view NameOf(Provenance provenance) {
  return NameIn(kProvenances, provenance, "none");
}
std::string_view NameOf(Transport transport) {
  return NameIn(kTransports, transport, "import");
}
std::string_view NameOf(Outcome outcome) {
  return NameIn(kOutcomes, outcome, "quarantined");
}

std::optional<PolicyType> PolicyTypeOf(std::string_view name) {
  return CodeIn<PolicyType>(kPolicyTypes, name);
}
std::optional<ResultType> ResultTypeOf(std::string_view name) {
  return CodeIn<ResultType>(kResultTypes, name);
}
std::optional<PolicyMode> PolicyModeOf(std::string_view name) {
  return CodeIn<PolicyMode>(kPolicyModes, name);
}
std::optional<Transport> TransportOf(std::string_view name) {
  return CodeIn<Transport>(kTransports, name);
}

}  // namespace tlsrpt::store
