// The public half of a signer's key, ready to verify with.
//
// Threads  Verify() may be called from any number of threads at once.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "ingest/dkim/sha256.h"

struct evp_pkey_st;
struct evp_pkey_ctx_st;

namespace tlsrpt::ingest {

// RFC 8301, 3.2: keys below it prove nothing; from 2048 up they are to be used.
inline constexpr int kMinRsaBits = 1024;
inline constexpr int kStrongRsaBits = 2048;
// RFC 8301, 3.2 asks for 4096. Twice that still verifies in a millisecond; past it a
// stranger would choose how long we compute.
inline constexpr int kMaxRsaBits = 8192;
// For the same reason: everybody uses 65537.
inline constexpr int kMaxRsaExponentBits = 64;

class PublicKey {
 public:
  // An RSA key in DER: SubjectPublicKeyInfo, as everybody publishes it, or the bare
  // RSAPublicKey that RFC 6376, 3.6.1 names. kMalformed if it is neither; kTooLarge past
  // a limit above; keys below kMinRsaBits are given all the same.
  static Result<PublicKey> Rsa(std::string_view der);
  // The 32 bytes of an Ed25519 key (RFC 8463, 4).
  static Result<PublicKey> Ed25519(std::string_view bytes);

  int bits() const { return bits_; }
  bool is_rsa() const { return rsa_; }

  // Whether `signature` is of that hash: PKCS #1 1.5 (RFC 6376, 3.3.2), or Ed25519 over
  // the hash as its message (RFC 8463, 3).
  bool Verify(const Sha256Bytes& hash, std::string_view signature) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
    void operator()(evp_pkey_ctx_st* context) const;
  };

  explicit PublicKey(evp_pkey_st* key);

  bool VerifyRsa(const Sha256Bytes& hash, std::string_view signature) const;
  bool VerifyEd25519(const Sha256Bytes& hash, std::string_view signature) const;

  std::unique_ptr<evp_pkey_st, Free> key_;
  int bits_ = 0;
  bool rsa_ = false;
};

}  // namespace tlsrpt::ingest
