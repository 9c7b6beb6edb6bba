// One Authentication-Results field (RFC 8601, 2.2): what some host says it verified.
// Anybody can write one; trusted_results.h says which to believe.
//
// Errors   kMalformed with the byte offset: a field that cannot be read whole says
//          nothing, since half of it could mean the opposite. kTooLarge: a limit below.
// Threads  pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tlsrpt::ingest {

// Ten signatures, SPF, DMARC, ARC and some; a longer list is nobody's.
inline constexpr std::size_t kMaxMethodResults = 50;
inline constexpr std::size_t kMaxProperties = 20;  // of one method
// RFC 5322, 3.2.2 lets comments nest; Exchange and Google use one level.
inline constexpr int kMaxCommentDepth = 10;

struct MethodResult {
  struct Property {
    std::string type;   // "header", lower case
    std::string name;   // "d", lower case
    std::string value;  // as sent, quotes taken off
  };
  std::string method;  // "dkim", lower case; a version other than 1 drops the result
  std::string result;  // "pass", lower case
  std::string reason;
  std::vector<Property> properties;

  // The value of the one property "type.name"; nullptr if there is none, or several.
  const std::string* OneProperty(std::string_view type, std::string_view name) const;
};

struct AuthenticationResults {
  std::string authserv_id;            // as sent; empty in the form without one
  std::vector<MethodResult> results;  // empty: "none"
};

enum class AuthservForm {
  kStandard,   // RFC 8601, 2.2
  kWithoutId,  // Exchange Online writes no authserv-id, but begins with the results
};

// `value`: what stands after the colon, folded or not.
Result<AuthenticationResults> ParseAuthenticationResults(
    std::string_view value, AuthservForm form = AuthservForm::kStandard);

}  // namespace tlsrpt::ingest
