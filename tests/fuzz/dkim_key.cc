// The TXT record of a key.
#include <cstdint>
#include <string>

#include "ingest/dkim/key_record.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tlsrpt::ingest;
  const std::string record(reinterpret_cast<const char*>(data), size);
  const DkimKey key = ParseDkimKey(record);
  FUZZ_CHECK(key.fault.has_value() != key.key.has_value());
  if (key.fault) {
    FUZZ_CHECK(!key.fault->reason.empty() && key.fault->outcome != DkimOutcome::kPass);
    return 0;
  }
  FUZZ_CHECK(!key.key->is_rsa() ||
             (key.key->bits() >= kMinRsaBits && key.key->bits() <= kMaxRsaBits));
  // Made up here, so of no key.
  const Sha256Bytes hash = Sha256::Of("message");
  const std::string signature(static_cast<std::size_t>((key.key->bits() + 7) / 8),
                              '\x41');
  FUZZ_CHECK(!key.key->Verify(hash, signature) || key.key->is_rsa());
  FUZZ_CHECK(!key.key->Verify(hash, ""));
  return 0;
}
