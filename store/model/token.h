// A bearer token of the API (RFC 6750): what it is made of, what is stored of it, what it
// opens.
//
//   token = "tlsrptd_" token_id "_" secret
//   token_id = letter 7 base64url characters  ; no secret: it names the token in lists
//   secret   = 43 base64url characters      ; 32 random bytes
//
// The secret cannot be guessed, so its plain SHA-256 is stored; the prefix lets scanners
// of leaked secrets find one.
//
// Threads  values and pure functions; MakeToken() may be called from any thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace tlsrpt::store {

// The numbers are what PostgreSQL stores.
enum class TokenScope {
  kRead = 1,
  kAdmin = 2,  // reads, and changes the list of domains
};

std::string_view NameOf(TokenScope scope);
std::optional<TokenScope> TokenScopeOf(std::string_view name);

// What the database holds of a token.
struct Token {
  std::string token_id;
  std::string secret_hash;  // 32 bytes
  std::string name;         // what it is for
  TokenScope scope = TokenScope::kRead;
  // What it may see, normalised names; nothing: every domain.
  std::optional<std::set<std::string>> domains;
  TimePoint created_at;
};

struct TokenParts {
  std::string token_id;
  std::string secret;
};

struct NewToken {
  TokenParts parts;
  std::string text;         // shown once
  std::string secret_hash;  // 32 bytes
};

// kUnavailable: the system has no randomness to give.
Result<NewToken> MakeToken();

// Nothing for a text of any other form.
std::optional<TokenParts> ParseToken(std::string_view text);

// SHA-256, 32 bytes.
std::string HashOfSecret(std::string_view secret);

// Whether `parts` are those of `token`. Takes the same time wherever the two differ.
bool Matches(const Token& token, const TokenParts& parts);

}  // namespace tlsrpt::store
