#include "ingest/dkim/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <string>

namespace tlsrpt::ingest {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// What fails in here must not stay in OpenSSL's list of errors: a TLS connection of the
// same thread would find it there and take it for its own.
class ErrorsUndone {
 public:
  ErrorsUndone() { ERR_set_mark(); }
  ~ErrorsUndone() { ERR_pop_to_mark(); }
  ErrorsUndone(const ErrorsUndone&) = delete;
  ErrorsUndone& operator=(const ErrorsUndone&) = delete;
};

int ExponentBits(const EVP_PKEY* key) {
  BIGNUM* exponent = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) return 0;
  const int bits = BN_num_bits(exponent);
  BN_free(exponent);
  return bits;
}

}  // namespace

void PublicKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void PublicKey::Free::operator()(evp_pkey_ctx_st* context) const {
  EVP_PKEY_CTX_free(context);
}

PublicKey::PublicKey(evp_pkey_st* key)
    : key_(key),
      bits_(EVP_PKEY_get_bits(key)),
      rsa_(EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {}

Result<PublicKey> PublicKey::Rsa(std::string_view der) {
  const ErrorsUndone undone;
  const auto size = static_cast<long>(der.size());
  const unsigned char* at = Bytes(der);
  std::unique_ptr<evp_pkey_st, Free> key(d2i_PUBKEY(nullptr, &at, size));
  if (key == nullptr) {
    at = Bytes(der);
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
  }
  if (key == nullptr || at != Bytes(der) + size ||
      EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return Error{ErrorKind::kMalformed, "no RSA key"};
  }
  if (EVP_PKEY_get_bits(key.get()) > kMaxRsaBits) {
    return Error{ErrorKind::kTooLarge,
                 "an RSA key of more than " + std::to_string(kMaxRsaBits) + " bits"};
  }
  if (ExponentBits(key.get()) > kMaxRsaExponentBits) {
    return Error{ErrorKind::kTooLarge, "an RSA exponent of more than " +
                                           std::to_string(kMaxRsaExponentBits) + " bits"};
  }
  return PublicKey(key.release());
}

Result<PublicKey> PublicKey::Ed25519(std::string_view bytes) {
  const ErrorsUndone undone;
  EVP_PKEY* key =
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(bytes), bytes.size());
  if (key == nullptr) {
    return Error{ErrorKind::kMalformed, "no Ed25519 key of 32 bytes"};
  }
  return PublicKey(key);
}

bool PublicKey::Verify(const Sha256Bytes& hash, std::string_view signature) const {
  const ErrorsUndone undone;
  return rsa_ ? VerifyRsa(hash, signature) : VerifyEd25519(hash, signature);
}

bool PublicKey::VerifyRsa(const Sha256Bytes& hash, std::string_view signature) const {
  const std::unique_ptr<evp_pkey_ctx_st, Free> context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  if (context == nullptr || EVP_PKEY_verify_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1) {
    throw std::runtime_error("RSA with SHA-256 is not available in this OpenSSL");
  }
  return EVP_PKEY_verify(context.get(), Bytes(signature), signature.size(), hash.data(),
                         hash.size()) == 1;
}

bool PublicKey::VerifyEd25519(const Sha256Bytes& hash, std::string_view signature) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool good =
      context != nullptr &&
      EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context, Bytes(signature), signature.size(), hash.data(),
                       hash.size()) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

}  // namespace tlsrpt::ingest
