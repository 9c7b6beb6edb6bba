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

struct Digest::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Digest::Digest() : context_(std::make_unique<Context>()) {
  if (EVP_DigestInit_ex(context_->evp, Sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  }
}

Digest::~Digest() = default;

Digest& Digest::Add(std::string_view field) {
  unsigned char length[8];
  for (unsigned i = 0; i < 8; ++i) {
    length[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(field.size()) >>
                                           (56 - 8 * i));
  }
  EVP_DigestUpdate(context_->evp, length, sizeof length);
  EVP_DigestUpdate(context_->evp, field.data(), field.size());
  return *this;
}

Digest& Digest::Add(std::int64_t number) { return Add(std::to_string(number)); }

Uuid Digest::First16() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_DigestFinal_ex(context_->evp, digest, nullptr);
  return *UuidFromBytes({reinterpret_cast<const char*>(digest), 16});
}

}  // namespace tlsrpt::store
