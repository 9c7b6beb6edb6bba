// Authentication-Results fields, and the place in a header where they are believed.
#include <cstdint>
#include <string>

#include "ingest/dkim/authentication_results.h"
#include "ingest/dkim/received_by.h"
#include "ingest/dkim/trusted_results.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tlsrpt::ingest;
  const std::string input(reinterpret_cast<const char*>(data), size);
  for (const auto form : {AuthservForm::kStandard, AuthservForm::kWithoutId}) {
    if (const auto parsed = ParseAuthenticationResults(input, form)) {
      FUZZ_CHECK(parsed->results.size() <= kMaxMethodResults);
      for (const MethodResult& result : parsed->results) {
        FUZZ_CHECK(!result.method.empty() && !result.result.empty());
        FUZZ_CHECK(result.properties.size() <= kMaxProperties);
      }
      FUZZ_CHECK(parsed->authserv_id.empty() == (form == AuthservForm::kWithoutId));
    }
  }
  (void)ReceivedBy(input);

  const AuthservTrust relay{.authserv_ids = {"mx.example.com"},
                            .inner_hosts = {"inner.example.com"}};
  const AuthservTrust exchange{.exchange_online = true};
  (void)TrustedResults(input, relay);
  (void)TrustedResults(input, exchange);
  // What the relay was given stands below its line, whatever it is.
  FUZZ_CHECK(TrustedResults("Received: from x by mx.example.com; date\r\n" + input, relay)
                 .empty());
  FUZZ_CHECK(
      TrustedResults(
          "Received: from x by A.mail.protection.outlook.com; date\r\n" + input, exchange)
          .empty());
  return 0;
}
