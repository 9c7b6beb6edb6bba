#include "tests/oracle/ingest/dkim/opendkim.h"

#include <openssl/evp.h>
// dkim.h uses bool without including what makes it one.
#include <stdbool.h>
#include <sys/types.h>

#include <dkim.h>

#include <cstring>
#include <ctime>
#include <stdexcept>

#include "base/text.h"
#include "ingest/dkim/verify.h"

namespace {
std::time_t g_now = 0;
}  // namespace

// libopendkim asks the C library for the time when it verifies, whatever its option for a
// fixed time says: it is to have ours, or signatures would expire as the years go by.
extern "C" std::time_t time(std::time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::time_t seconds = g_now != 0 ? g_now : now.tv_sec;
  if (out != nullptr) *out = seconds;
  return seconds;
}

namespace tlsrpt::test {
namespace {

const ingest::DkimKeyLookup* g_keys = nullptr;

DKIM_CBSTAT LookUp(DKIM*, DKIM_SIGINFO* sig, u_char* buffer, size_t size) {
  const auto name = [](const u_char* text) {
    return ToLowerAscii(reinterpret_cast<const char*>(text));
  };
  const auto answer = (*g_keys)(name(dkim_sig_getselector(sig)) + "._domainkey." +
                                name(dkim_sig_getdomain(sig)));
  using Status = ingest::DkimKeyAnswer::Status;
  if (answer.status == Status::kNone || answer.records.empty()) {
    return DKIM_CBSTAT_NOTFOUND;
  }
  if (answer.status != Status::kFound) return DKIM_CBSTAT_TRYAGAIN;
  const std::string& record = answer.records.front();
  if (record.size() + 1 > size) return DKIM_CBSTAT_ERROR;
  std::memcpy(buffer, record.c_str(), record.size() + 1);
  return DKIM_CBSTAT_CONTINUE;
}

void Set(DKIM_LIB* lib, dkim_opts_t option, std::uint64_t value) {
  if (dkim_options(lib, DKIM_OP_SETOPT, option, &value, sizeof value) != DKIM_STAT_OK) {
    throw std::runtime_error("libopendkim does not take an option");
  }
}

DKIM_LIB* Library() {
  static DKIM_LIB* const lib = [] {
    DKIM_LIB* made = dkim_init(nullptr, nullptr);
    if (made == nullptr) throw std::runtime_error("libopendkim does not start");
    dkim_set_key_lookup(made, LookUp);
    Set(made, DKIM_OPTS_CLOCKDRIFT,
        static_cast<std::uint64_t>(std::chrono::seconds(ingest::kClockSkew).count()));
    return made;
  }();
  return lib;
}

const u_char* Text(const std::string& text) {
  return reinterpret_cast<const u_char*>(text.c_str());
}

// It wants CRLF, and does half of it by itself: a line that ends with LF is one to us.
void Feed(DKIM* dkim, const std::string& mail) {
  std::string bytes;
  for (const char c : mail) {
    if (c == '\n' && !bytes.ends_with('\r')) bytes += '\r';
    bytes += c;
  }
  // A signer that found nothing to object to may still refuse here; so may a verifier.
  (void)dkim_chunk(dkim, reinterpret_cast<u_char*>(bytes.data()), bytes.size());
  (void)dkim_chunk(dkim, nullptr, 0);
}

}  // namespace

std::vector<OpenDkimResult> OpenDkimVerify(const std::string& mail,
                                           const ingest::DkimKeyLookup& keys,
                                           std::chrono::sys_seconds now) {
  g_keys = &keys;
  DKIM_LIB* lib = Library();
  g_now = now.time_since_epoch().count();
  DKIM_STAT status;
  DKIM* dkim = dkim_verify(lib, Text("test"), nullptr, &status);
  if (dkim == nullptr) throw std::runtime_error("dkim_verify");
  Feed(dkim, mail);
  (void)dkim_eom(dkim, nullptr);
  std::vector<OpenDkimResult> results;
  DKIM_SIGINFO** signatures = nullptr;
  int count = 0;
  if (dkim_getsiglist(dkim, &signatures, &count) == DKIM_STAT_OK) {
    for (int i = 0; i < count; ++i) {
      (void)dkim_sig_process(dkim, signatures[i]);
      OpenDkimResult result;
      result.pass = DKIM_SIG_CHECK(signatures[i]) &&
                    dkim_sig_geterror(signatures[i]) == DKIM_SIGERROR_OK;
      const char* error = dkim_sig_geterrorstr(dkim_sig_geterror(signatures[i]));
      result.error = error != nullptr ? error : "";
      results.push_back(std::move(result));
    }
  }
  dkim_free(dkim);
  return results;
}

std::string SignWithOpenDkim(const std::string& mail, const OpenDkimSign& options) {
  DKIM_LIB* lib = Library();
  Set(lib, DKIM_OPTS_FIXEDTIME,
      static_cast<std::uint64_t>(options.now.time_since_epoch().count()));
  const std::string pem = PrivatePem(options.key);
  const bool ed25519 = EVP_PKEY_get_base_id(options.key.get()) == EVP_PKEY_ED25519;
  DKIM_STAT status;
  DKIM* dkim =
      dkim_sign(lib, Text("test"), nullptr, const_cast<u_char*>(Text(pem)),
                Text(options.selector), Text(options.domain),
                options.relaxed_header ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE,
                options.relaxed_body ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE,
                ed25519 ? DKIM_SIGN_ED25519SHA256 : DKIM_SIGN_RSASHA256, -1, &status);
  if (dkim == nullptr) throw std::runtime_error("dkim_sign");
  // Folding is left out: it folds otherwise for Ed25519 than what it signed, and then
  // does not verify its own signature with a simple header.
  if (dkim_set_margin(dkim, 0) != DKIM_STAT_OK) throw std::runtime_error("set_margin");
  Feed(dkim, mail);
  u_char* value = nullptr;
  size_t size = 0;
  const bool good = dkim_eom(dkim, nullptr) == DKIM_STAT_OK &&
                    dkim_getsighdr_d(dkim, std::strlen("DKIM-Signature: "), &value,
                                     &size) == DKIM_STAT_OK;
  std::string field;
  if (good) {
    // It folds with LF and leaves CRLF to the mail server.
    for (const char c : std::string(reinterpret_cast<char*>(value), size)) {
      if (c == '\n') field += '\r';
      if (c != '\r') field += c;
    }
  }
  dkim_free(dkim);
  if (!good) throw std::runtime_error("libopendkim does not sign");
  return "DKIM-Signature: " + field + "\r\n" + mail;
}

}  // namespace tlsrpt::test
