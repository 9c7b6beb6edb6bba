#include "store/model/observation.h"

#include <array>
#include <utility>

namespace tlsrpt::store {
namespace {

template <class Code>
using Word = std::pair<Code, std::string_view>;

constexpr std::array kLookupStates = {
    Word<LookupState>{LookupState::kNotTried, "not_tried"},
    Word<LookupState>{LookupState::kFound, "found"},
    Word<LookupState>{LookupState::kAbsent, "absent"},
    Word<LookupState>{LookupState::kFailed, "failed"},
    Word<LookupState>{LookupState::kBogus, "bogus"},
};

constexpr std::array kFetchOutcomes = {
    Word<FetchOutcome>{FetchOutcome::kNotTried, "not_tried"},
    Word<FetchOutcome>{FetchOutcome::kNoAddress, "no_address"},
    Word<FetchOutcome>{FetchOutcome::kUnreachable, "unreachable"},
    Word<FetchOutcome>{FetchOutcome::kTlsFailed, "tls_failed"},
    Word<FetchOutcome>{FetchOutcome::kCut, "cut"},
    Word<FetchOutcome>{FetchOutcome::kAnswered, "answered"},
};

constexpr std::array kProbeOutcomes = {
    Word<ProbeOutcome>{ProbeOutcome::kNotTried, "not_tried"},
    Word<ProbeOutcome>{ProbeOutcome::kNoAddress, "no_address"},
    Word<ProbeOutcome>{ProbeOutcome::kNoRoute, "no_route"},
    Word<ProbeOutcome>{ProbeOutcome::kTimeout, "timeout"},
    Word<ProbeOutcome>{ProbeOutcome::kRefused, "refused"},
    Word<ProbeOutcome>{ProbeOutcome::kBannerRejected, "banner_rejected"},
    Word<ProbeOutcome>{ProbeOutcome::kEhloRejected, "ehlo_rejected"},
    Word<ProbeOutcome>{ProbeOutcome::kStarttlsMissing, "starttls_missing"},
    Word<ProbeOutcome>{ProbeOutcome::kStarttlsRejected, "starttls_rejected"},
    Word<ProbeOutcome>{ProbeOutcome::kHandshakeFailed, "handshake_failed"},
    Word<ProbeOutcome>{ProbeOutcome::kTls, "tls"},
};

constexpr std::array kTlsVersions = {
    Word<TlsVersion>{TlsVersion::kUnknown, "unknown"},
    Word<TlsVersion>{TlsVersion::kTls10, "1.0"},
    Word<TlsVersion>{TlsVersion::kTls11, "1.1"},
    Word<TlsVersion>{TlsVersion::kTls12, "1.2"},
    Word<TlsVersion>{TlsVersion::kTls13, "1.3"},
};

constexpr std::array kTlsaMatches = {
    Word<TlsaMatch>{TlsaMatch::kUnknown, "unknown"},
    Word<TlsaMatch>{TlsaMatch::kNone, "none"},
    Word<TlsaMatch>{TlsaMatch::kMismatch, "mismatch"},
    Word<TlsaMatch>{TlsaMatch::kDaneTa, "dane_ta"},
    Word<TlsaMatch>{TlsaMatch::kDaneEe, "dane_ee"},
};

template <class Words, class Code>
std::string_view NameIn(const Words& words, Code code) {
  for (const auto& [each, name] : words) {
    if (each == code) return name;
  }
  return words.front().second;
}

template <class Code, class Words>
std::optional<Code> CodeIn(const Words& words, std::string_view name) {
  for (const auto& [code, each] : words) {
    if (each == name) return code;
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(LookupState state) { return NameIn(kLookupStates, state); }
std::string_view NameOf(FetchOutcome outcome) { return NameIn(kFetchOutcomes, outcome); }
std::string_view NameOf(ProbeOutcome outcome) { return NameIn(kProbeOutcomes, outcome); }
std::string_view NameOf(TlsVersion version) { return NameIn(kTlsVersions, version); }
std::string_view NameOf(TlsaMatch match) { return NameIn(kTlsaMatches, match); }

std::optional<LookupState> LookupStateOf(std::string_view name) {
  return CodeIn<LookupState>(kLookupStates, name);
}
std::optional<FetchOutcome> FetchOutcomeOf(std::string_view name) {
  return CodeIn<FetchOutcome>(kFetchOutcomes, name);
}
std::optional<ProbeOutcome> ProbeOutcomeOf(std::string_view name) {
  return CodeIn<ProbeOutcome>(kProbeOutcomes, name);
}
std::optional<TlsVersion> TlsVersionOf(std::string_view name) {
  return CodeIn<TlsVersion>(kTlsVersions, name);
}
std::optional<TlsaMatch> TlsaMatchOf(std::string_view name) {
  return CodeIn<TlsaMatch>(kTlsaMatches, name);
}

}  // namespace tlsrpt::store
