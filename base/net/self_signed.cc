#include "base/net/self_signed.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace tlsrpt::net {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

constexpr std::chrono::days kValidFor(3650);
// Clocks of peers that do look are not all right.
constexpr std::chrono::hours kBackdate(24);

// RFC 5280, upper bound of a common name. A longer host name stands in the subject
// alternative name only.
constexpr std::size_t kMaxCommonNameBytes = 64;

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool SetNames(X509* certificate, const std::string& host_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const std::string common =
      host_name.size() <= kMaxCommonNameBytes ? host_name : "tlsrptd";
  if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, Bytes(common),
                                 static_cast<int>(common.size()), -1, 0) != 1 ||
      X509_set_issuer_name(certificate, name) != 1) {
    return false;
  }
  const std::string alternative = "DNS:" + host_name;
  const ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetSerial(X509* certificate) {
  std::int64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) {
    return false;
  }
  return ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate),
                                (serial & INT64_MAX) | 1) == 1;
}

bool SetTimes(X509* certificate, TimePoint now) {
  const std::time_t from = std::chrono::system_clock::to_time_t(now - kBackdate);
  const std::time_t to = std::chrono::system_clock::to_time_t(now + kValidFor);
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), to) != nullptr;
}

Error SystemError(const std::string& path, const std::string& what) {
  const std::string reason = std::error_code(errno, std::generic_category()).message();
  return {ErrorKind::kUnavailable,
          what + " " + path + ": " + reason +
              "; the folder must exist and be writable by the user that runs tlsrptd"};
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::string> MakeSelfSigned(const std::string& host_name, TimePoint now) {
  const Error failed{ErrorKind::kInternal,
                     "OpenSSL: cannot make a certificate for \"" + host_name + "\""};
  // It goes into OpenSSL's configuration syntax, where "," starts another name.
  constexpr std::string_view kNameBytes =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  if (host_name.empty() || host_name.find_first_not_of(kNameBytes) != host_name.npos) {
    return Error{ErrorKind::kMalformed,
                 "host name \"" + host_name + "\": write mx.firm.example"};
  }

  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate(X509_new());
  constexpr long kVersion3 = 2;
  if (!key || !certificate || X509_set_version(certificate.get(), kVersion3) != 1 ||
      !SetSerial(certificate.get()) || !SetTimes(certificate.get(), now) ||
      !SetNames(certificate.get(), host_name) ||
      X509_set_pubkey(certificate.get(), key.get()) != 1 ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) {
    return failed;
  }

  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out ||
      PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                               nullptr) != 1 ||
      PEM_write_bio_X509(out.get(), certificate.get()) != 1) {
    return failed;
  }
  char* pem = nullptr;
  const long length = BIO_get_mem_data(out.get(), &pem);
  return std::string(pem, static_cast<std::size_t>(length));
}

Result<void> WriteSecretFile(const std::string& path, std::string_view bytes) {
  // A process that died left it; nobody else writes here.
  const std::string temporary = path + ".new";
  unlink(temporary.c_str());
  constexpr mode_t kOwnerOnly = 0600;
  const int fd =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) return SystemError(path, "writing");
  const bool written = WriteAll(fd, bytes) && fsync(fd) == 0;
  if (!written) {
    const Error error = SystemError(path, "writing");
    close(fd);
    unlink(temporary.c_str());
    return error;
  }
  close(fd);
  if (rename(temporary.c_str(), path.c_str()) != 0) return SystemError(path, "writing");
  return {};
}

}  // namespace tlsrpt::net
