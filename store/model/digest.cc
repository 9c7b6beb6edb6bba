#include "store/model/digest.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace tlsrpt::store {
namespace {

// Asked for once: looking it up costs as much as a digest of a report's key.
const EVP_MD* Sha256() {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return sha256;
}

}  // namespace

Digest& Digest::Add(std::string_view field) {
  const auto size = static_cast<std::uint64_t>(field.size());
  for (int shift = 56; shift >= 0; shift -= 8) {
    fields_.push_back(static_cast<char>(size >> shift));
  }
  fields_.append(field);
  return *this;
}

Digest& Digest::Add(std::int64_t number) { return Add(std::to_string(number)); }

Uuid Digest::First16() const {
  unsigned char digest[EVP_MAX_MD_SIZE];
  if (EVP_Digest(fields_.data(), fields_.size(), digest, nullptr, Sha256(), nullptr) !=
      1) {
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  }
  return *UuidFromBytes({reinterpret_cast<const char*>(digest), 16});
}

}  // namespace tlsrpt::store
