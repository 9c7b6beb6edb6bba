#include "base/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <filesystem>

#include "base/net/self_signed.h"

namespace tlsrpt::net {
namespace {

// The newest reason OpenSSL gives, and forgets.
std::string OpenSslReason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

Result<void> CheckReadable(const std::string& what, const std::string& path) {
  if (access(path.c_str(), R_OK) == 0) return {};
  const std::string reason = std::error_code(errno, std::generic_category()).message();
  return Error{ErrorKind::kNotFound,
               what + " " + path + ": " + reason +
                   "; the file must exist and be readable by the user that runs tlsrptd"};
}

}  // namespace

TlsContext::~TlsContext() { SSL_CTX_free(ctx_); }

Result<std::shared_ptr<const TlsContext>> TlsContext::Load(
    const std::string& certificate_path, const std::string& key_path) {
  if (auto readable = CheckReadable("certificate", certificate_path); !readable) {
    return readable.error();
  }
  if (auto readable = CheckReadable("key", key_path); !readable) return readable.error();

  SSL_CTX* ctx = SSL_CTX_new(TLS_server_method());
  if (ctx == nullptr) return Error{ErrorKind::kInternal, "OpenSSL: " + OpenSslReason()};
  std::shared_ptr<const TlsContext> made(new TlsContext(ctx));  // frees it

  // RFC 8996: nothing older. RFC 7435 would rather have bad TLS than none, but whoever
  // reports about TLS has TLS 1.2.
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  // Renegotiation only costs; a resumed session would save a reporter that comes once a
  // day nothing.
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  // A session at rest keeps no record buffers.
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);

  if (SSL_CTX_use_certificate_chain_file(ctx, certificate_path.c_str()) != 1) {
    return Error{ErrorKind::kMalformed, "certificate " + certificate_path + ": " +
                                            OpenSslReason() +
                                            "; expected PEM, own certificate first"};
  }
  if (SSL_CTX_use_PrivateKey_file(ctx, key_path.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(ctx) != 1) {
    return Error{ErrorKind::kMalformed, "key " + key_path + ": " + OpenSslReason() +
                                            "; expected the PEM key of certificate " +
                                            certificate_path};
  }
  return made;
}

std::string SelfSignedPath(const std::string& directory) {
  return (std::filesystem::path(directory) / "tls-self-signed.pem").string();
}

Result<std::shared_ptr<const TlsContext>> LoadOrMakeSelfSigned(
    const std::string& directory, const std::string& host_name, const Clock& clock) {
  const std::string path = SelfSignedPath(directory);
  if (access(path.c_str(), F_OK) != 0) {
    const auto pem = MakeSelfSigned(host_name, clock.Now());
    if (!pem) return pem.error();
    if (auto written = WriteSecretFile(path, *pem); !written) return written.error();
  }
  return TlsContext::Load(path, path);
}

}  // namespace tlsrpt::net
