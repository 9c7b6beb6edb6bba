#include "api/rest/caller.h"

#include "base/text.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kScheme = "Bearer ";

Refusal Unauthorized(std::string detail, std::string_view error) {
  Refusal refusal(401, std::move(detail));
  std::string challenge = "Bearer realm=\"tlsrptd\"";
  // RFC 6750, 3.1: no error code for a request that brought no token.
  if (!error.empty()) challenge += ", error=\"" + std::string(error) + "\"";
  refusal.headers.emplace_back("WWW-Authenticate", std::move(challenge));
  return refusal;
}

Refusal NotKnownYet() {
  Refusal refusal(503, "the database is away and has not told the tokens yet");
  refusal.headers.emplace_back("Retry-After", "5");
  return refusal;
}

Rest<Caller> WithoutToken(const Doorkeeper& door, Access needed) {
  if (needed == Access::kOpen) return Caller{};
  if (needed == Access::kRead && door.on_loopback) {
    if (door.tokens ? door.tokens->empty() : door.works_without_database) return Caller{};
  }
  if (!door.tokens) return NotKnownYet();
  return needed == Access::kAdmin
             ? Unauthorized(
                   "changes need a token of scope admin; `tlsrptd token create "
                   "--scope admin` makes one",
                   "")
             : Unauthorized("a token is needed; `tlsrptd token create` makes one", "");
}

}  // namespace

Rest<Caller> Admit(const Doorkeeper& door, std::string_view authorization,
                   Access needed) {
  authorization = Trim(authorization);
  if (authorization.empty() || needed == Access::kOpen) return WithoutToken(door, needed);
  if (!StartsWithIgnoreCase(authorization, kScheme)) {
    return Unauthorized("Authorization must be Bearer and a token", "invalid_request");
  }
  if (!door.tokens) return NotKnownYet();
  const auto parts = store::ParseToken(Trim(authorization.substr(kScheme.size())));
  if (parts) {
    for (const store::Token& token : *door.tokens) {
      if (!store::Matches(token, *parts)) continue;
      if (needed == Access::kAdmin && token.scope != store::TokenScope::kAdmin) {
        Refusal refusal(403, "this token may read only; changes need scope admin");
        refusal.headers.emplace_back(
            "WWW-Authenticate",
            "Bearer realm=\"tlsrptd\", error=\"insufficient_scope\", scope=\"admin\"");
        return refusal;
      }
      return Caller{token.token_id, token.domains, token.name};
    }
  }
  return Unauthorized("no such token; it may have been revoked", "invalid_token");
}

}  // namespace tlsrpt::api
