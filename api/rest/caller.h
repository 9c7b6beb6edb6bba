// Who asks, and what that opens: scopes, and the domains of a token.
//
//   kOpen   anybody: health, the description of the API, the page's own files
//   kRead   a token; or, on the loopback and while no token exists, anybody there
//   kAdmin  always a token of scope admin: removing a domain turns its reports away, and
//           any user, or any browser, of this machine reaches the loopback
//
// Threads  values and pure functions.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/rest/refusal.h"
#include "store/model/token.h"

namespace tlsrpt::api {

enum class Access { kOpen, kRead, kAdmin };

struct Caller {
  std::string token_id;                          // empty: no token
  std::optional<std::set<std::string>> domains;  // nothing: every domain
  std::string token_name = {};                   // what the administrator calls it

  bool SeesAll() const { return !domains.has_value(); }
  bool Sees(const std::string& domain) const {
    return SeesAll() || domains->contains(domain);
  }
};

struct Doorkeeper {
  // As last read; nothing: never yet, the database was away since the start.
  std::optional<std::vector<store::Token>> tokens;
  bool on_loopback = false;
  // The route answers something useful without the database (/v1/status): then it does
  // so on the loopback while the tokens are not known.
  bool works_without_database = false;
};

// 401 with WWW-Authenticate (RFC 6750, 3), 403 for a scope that is too small, 503 while
// the tokens are not known.
Rest<Caller> Admit(const Doorkeeper& door, std::string_view authorization, Access needed);

}  // namespace tlsrpt::api
