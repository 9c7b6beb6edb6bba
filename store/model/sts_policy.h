// The policy file as a sender reads it (RFC 8461, 3.2), and as it is written.
//
// Strict: a policy that some sender refuses protects nothing there. Messages name the
// line.
//
// Errors   kMalformed.
// Threads  pure functions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::store {

// RFC 8461, 3.2: a year.
inline constexpr std::chrono::seconds kMaxMaxAge{31557600};

struct StsPolicy {
  PolicyMode mode = PolicyMode::kUnknown;
  std::chrono::seconds max_age{0};
  std::vector<std::string> mx;  // normalised, in the order of the file

  bool operator==(const StsPolicy&) const = default;
};

Result<StsPolicy> ParseStsPolicy(std::string_view body);

// The file, each line ended by CRLF.
std::string ToText(const StsPolicy& policy);

}  // namespace tlsrpt::store
