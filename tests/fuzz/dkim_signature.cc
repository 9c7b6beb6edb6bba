// The DKIM-Signature field of a mail, and a whole mail.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/dkim/key_cache.h"
#include "ingest/dkim/verify.h"
#include "tests/fuzz/check.h"

namespace {

using namespace tlsrpt;
using namespace tlsrpt::ingest;

// The keys of RFC 8463, app. A.2.
constexpr char kRsa[] =
    "v=DKIM1; k=rsa; "
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk0"
    "8a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"
    "8uBsCR+yz1Lxj+PL6lHvqMK"
    "rM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
constexpr char kEd25519[] =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

const TimePoint kNow{std::chrono::seconds(1795694400)};

void Check(const std::string& mail) {
  static DkimKeyCache cache;
  const auto names = DkimKeyNames(mail, kNow);
  FUZZ_CHECK(names.size() <= kMaxSignatures);
  const auto results = VerifyDkim(
      mail,
      [&names](const std::string& name) {
        FUZZ_CHECK(std::find(names.begin(), names.end(), name) != names.end());
        DkimKeyAnswer answer;
        answer.status = DkimKeyAnswer::Status::kFound;
        answer.records = {kRsa, kEd25519};
        return answer;
      },
      kNow, &cache);
  FUZZ_CHECK(results.size() <= kMaxSignatures);
  for (const DkimResult& result : results) {
    const bool pass = result.outcome == DkimOutcome::kPass;
    FUZZ_CHECK(result.reason.empty() == pass);
    FUZZ_CHECK(!pass || (result.signs_from && !result.body_length_limited &&
                         !result.domain.empty() && !result.selector.empty() &&
                         result.key_bits > 0));
  }
  (void)VerifyDkim(
      mail, [](const std::string&) { return DkimKeyAnswer{}; }, std::nullopt);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  Check(input);
  // With the body of the mail in RFC 8463, app. A.3, so that its bh= verifies.
  Check("From: Joe SixPack <joe@football.example.com>\r\nDKIM-Signature:" + input +
        "\r\n\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n");
  return 0;
}
