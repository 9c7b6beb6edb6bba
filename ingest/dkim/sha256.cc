#include "ingest/dkim/sha256.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace tlsrpt::ingest {
namespace {

const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr || EVP_DigestInit_ex2(context_, Algorithm(), nullptr) != 1) {
    EVP_MD_CTX_free(context_);
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  }
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::Add(std::string_view bytes) {
  EVP_DigestUpdate(context_, bytes.data(), bytes.size());
}

Sha256Bytes Sha256::Finish() {
  Sha256Bytes digest;
  EVP_DigestFinal_ex(context_, digest.data(), nullptr);
  return digest;
}

Sha256Bytes Sha256::Of(std::string_view bytes) {
  Sha256 hash;
  hash.Add(bytes);
  return hash.Finish();
}

}  // namespace tlsrpt::ingest
