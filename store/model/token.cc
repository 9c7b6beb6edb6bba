#include "store/model/token.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>

#include "base/base64url.h"

namespace tlsrpt::store {
namespace {

constexpr std::string_view kPrefix = "tlsrptd_";
constexpr std::size_t kIdBytes = 6;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kIdChars = 8;
constexpr unsigned char kLetterInFront = 0x7f;  // base64url's dash and digits: from 0xd0
constexpr std::size_t kSecretChars = 43;

}  // namespace

std::string_view NameOf(TokenScope scope) {
  return scope == TokenScope::kAdmin ? "admin" : "read";
}

std::optional<TokenScope> TokenScopeOf(std::string_view name) {
  if (name == "read") return TokenScope::kRead;
  if (name == "admin") return TokenScope::kAdmin;
  return std::nullopt;
}

Result<NewToken> MakeToken() {
  std::array<unsigned char, kIdBytes + kSecretBytes> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return Error{ErrorKind::kUnavailable, "the system gives no random bytes"};
  }
  const std::string_view bytes(reinterpret_cast<const char*>(random.data()),
                               random.size());
  // Its id is an argument of `token revoke`, and one with a dash in front is an option.
  random[0] &= kLetterInFront;
  NewToken made;
  made.parts = {ToBase64Url(bytes.substr(0, kIdBytes)),
                ToBase64Url(bytes.substr(kIdBytes))};
  made.text = std::string(kPrefix) + made.parts.token_id + "_" + made.parts.secret;
  made.secret_hash = HashOfSecret(made.parts.secret);
  return made;
}

std::optional<TokenParts> ParseToken(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.size() != kIdChars + 1 + kSecretChars || text[kIdChars] != '_') {
    return std::nullopt;
  }
  const std::string_view id = text.substr(0, kIdChars);
  const std::string_view secret = text.substr(kIdChars + 1);
  if (!FromBase64Url(id) || !FromBase64Url(secret)) return std::nullopt;
  return TokenParts{std::string(id), std::string(secret)};
}

std::string HashOfSecret(std::string_view secret) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
         hash.data());
  return std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
}

bool Matches(const Token& token, const TokenParts& parts) {
  const std::string hash = HashOfSecret(parts.secret);
  return token.token_id == parts.token_id && token.secret_hash.size() == hash.size() &&
         CRYPTO_memcmp(token.secret_hash.data(), hash.data(), hash.size()) == 0;
}

}  // namespace tlsrpt::store
