// Signs a test mail with whatever tags a test wants, sensible or not. Written apart from
// the verifier, character by character, so that both would have to be wrong alike.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/dkim/keys.h"

namespace tlsrpt::test {

struct SignOptions {
  KeyPtr key = {};  // decides about a=, unless `algorithm` does
  std::string domain = "firm.example";
  std::string selector = "sel";
  std::string algorithm = {};
  std::string form = "relaxed/relaxed";  // c=; "" leaves it out
  std::string signed_fields = "From:To:Subject";
  std::string more = {};  // further tags: "t=1; x=2; "
  std::string version = "1";
  std::string body_hash = {};  // in place of the right one
  std::string signature = {};  // in place of the right one
};

// `mail` with a DKIM-Signature field on top. CRLF ends its lines.
std::string Sign(const std::string& mail, const SignOptions& options);

std::string CanonicalHeaderField(std::string_view raw, bool relaxed);
std::string CanonicalBody(std::string_view body, bool relaxed);

}  // namespace tlsrpt::test
