// A certificate and its key, ready for servers to use.
//
// Reports must be accepted without TLS (RFC 8460, 3), and those who send them over TLS
// to a mail server do not look at the certificate unless a policy asks them to. So a
// server that was given no certificate makes one at its first start and keeps it.
//
// Errors   kNotFound   no such file, or not readable by this user
//          kMalformed  not PEM, or the key does not belong to the certificate
//          kUnavailable  the folder cannot be written
//          Each message names the file and the remedy; all are for the administrator.
// Threads  const after construction; to renew a certificate, load another one.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace tlsrpt::net {

class TlsContext {
 public:
  // TLS 1.2 and newer, server side. `certificate_path` holds the certificate and then
  // the chain above it; both files may be the same one.
  static Result<std::shared_ptr<const TlsContext>> Load(
      const std::string& certificate_path, const std::string& key_path);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Belongs to this object; SSL_CTX_up_ref() to keep it longer.
  ssl_ctx_st* native() const { return ctx_; }

 private:
  explicit TlsContext(ssl_ctx_st* ctx) : ctx_(ctx) {}
  ssl_ctx_st* ctx_;
};

// The context of the self-signed certificate in `directory`; the first call makes it,
// for `host_name`, on P-256. Key and certificate are one file, mode 0600, that appears
// whole or not at all.
Result<std::shared_ptr<const TlsContext>> LoadOrMakeSelfSigned(
    const std::string& directory, const std::string& host_name, const Clock& clock);

// Where LoadOrMakeSelfSigned() keeps it.
std::string SelfSignedPath(const std::string& directory);

}  // namespace tlsrpt::net
