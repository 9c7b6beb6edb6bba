#include "tests/support/dkim/keys.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace tlsrpt::test {
namespace {

KeyPtr Own(EVP_PKEY* key) {
  if (key == nullptr) throw std::runtime_error("no key");
  return {key, EVP_PKEY_free};
}

KeyPtr FromPem(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return Own(key);
}

std::string Base64(const unsigned char* der, int size) {
  std::string text(static_cast<std::size_t>(size + 2) / 3 * 4 + 1, '\0');
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), der, size)));
  return text;
}

bool IsEd25519(const KeyPtr& key) {
  return EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519;
}

}  // namespace

std::string ReadCorpus(std::string_view name) {
  const char* root = std::getenv("TLSRPTD_SOURCE_DIR");
  const std::string path = std::string(root != nullptr ? root : ".") +
                           "/tests/corpus/dkim/" + std::string(name);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const KeyPtr& Ed25519Key() {
  static const KeyPtr key = FromPem(ReadCorpus("rfc8463_ed25519.pem"));
  return key;
}

const KeyPtr& RsaKey(int bits) {
  static std::map<int, KeyPtr> keys;
  KeyPtr& key = keys[bits];
  if (key == nullptr) {
    key = bits == 1024 ? FromPem(ReadCorpus("rfc8463_rsa.pem"))
                       : Own(EVP_RSA_gen(static_cast<unsigned>(bits)));
  }
  return key;
}

std::string PrivatePem(const KeyPtr& key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

std::string PublicBase64(const KeyPtr& key) {
  if (IsEd25519(key)) {
    unsigned char raw[32];
    std::size_t size = sizeof raw;
    EVP_PKEY_get_raw_public_key(key.get(), raw, &size);
    return Base64(raw, static_cast<int>(size));
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  std::string text = Base64(der, size);
  OPENSSL_free(der);
  return text;
}

std::string PublicPkcs1Base64(const KeyPtr& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PublicKey(key.get(), &der);
  std::string text = Base64(der, size);
  OPENSSL_free(der);
  return text;
}

std::string RecordOf(const KeyPtr& key, const std::string& tags) {
  return std::string("v=DKIM1; k=") + (IsEd25519(key) ? "ed25519" : "rsa") + "; " +
         (tags.empty() ? "" : tags + "; ") + "p=" + PublicBase64(key);
}

ingest::DkimKeyLookup LookupOf(Records records) {
  return [records = std::move(records)](const std::string& name) {
    ingest::DkimKeyAnswer answer;
    const auto found = records.find(name);
    answer.status = found == records.end() ? ingest::DkimKeyAnswer::Status::kNone
                                           : ingest::DkimKeyAnswer::Status::kFound;
    if (found != records.end()) answer.records = found->second;
    return answer;
  };
}

}  // namespace tlsrpt::test
