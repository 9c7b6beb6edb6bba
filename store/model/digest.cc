#include "store/model/digest.h"

#include <openssl/evp.h>

#include <boost/endian/conversion.hpp>
#include <cstddef>
#include <stdexcept>

namespace tlsrpt::store {
namespace {

// A report's key is of less.
constexpr std::size_t kUsualBytes = 256;

// Asked for once: looking it up costs as much as a digest of a report's key.
const EVP_MD* Sha256() {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return sha256;
}

}  // namespace

Digest::Digest() { fields_.reserve(kUsualBytes); }

Digest& Digest::Add(std::string_view field) {
  const auto size =
      boost::endian::native_to_big(static_cast<std::uint64_t>(field.size()));
  fields_.append(reinterpret_cast<const char*>(&size), sizeof size);
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
