// gzip, and the deflate stream inside it, under a ceiling.
#include "ingest/unpack/gunzip.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "ingest/unpack/inflater.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/held_memory.h"
#include "tests/unit/ingest/unpack/mail_builder.h"

namespace {

using namespace tlsrpt;
using namespace tlsrpt::ingest;

constexpr std::size_t kCeiling = 64u << 10;
// zlib's state and window, and the texts of an error.
constexpr std::size_t kFixedBytes = 64u << 10;

void CheckError(const Error& error) {
  FUZZ_CHECK(error.kind == ErrorKind::kMalformed || error.kind == ErrorKind::kTooLarge);
  FUZZ_CHECK(!error.message.empty());
}

// A stream without a check sum, which a made-up input has a chance to get right.
void CheckRaw(const std::string& input) {
  Inflater inflater(Inflater::Form::kRaw);
  std::string out;
  const auto taken = inflater.Run(input, kCeiling, &out);
  FUZZ_CHECK(out.size() <= kCeiling);
  if (!taken) return CheckError(taken.error());
  FUZZ_CHECK(*taken <= input.size());
  // The stream ends where it says: what was not taken makes no difference.
  std::string again;
  const auto exactly = inflater.Run(input.substr(0, *taken), kCeiling, &again);
  FUZZ_CHECK(exactly.has_value() && *exactly == *taken && again == out);
}

void CheckGzip(const std::string& input) {
  const fuzz::HeldMemory memory;
  const auto got = Gunzip(input, kCeiling);
  FUZZ_CHECK(memory.PeakBytes() <= 4 * std::max(input.size(), kCeiling) + kFixedBytes);
  if (!got) return CheckError(got.error());
  FUZZ_CHECK(got->size() <= kCeiling);
  const auto exactly = Gunzip(input, got->size());
  FUZZ_CHECK(exactly.has_value() && *exactly == *got);
  if (got->empty()) return;
  const auto one_less = Gunzip(input, got->size() - 1);
  FUZZ_CHECK(!one_less && one_less.error().kind == ErrorKind::kTooLarge);
}

// The input as what was packed: it comes back, and not from less than the whole.
void CheckRoundTrip(const std::string& input) {
  const std::string gz = ingest::testing::Gzip(input);
  const auto whole = Gunzip(gz, input.size());
  FUZZ_CHECK(whole.has_value() && *whole == input);
  FUZZ_CHECK(!Gunzip(gz.substr(0, gz.size() - 1)));
  const auto twice = Gunzip(gz + gz);  // RFC 1952, 2.2
  FUZZ_CHECK(twice.has_value() && *twice == input + input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  CheckRaw(input);
  CheckGzip(input);
  CheckRoundTrip(input);
  return 0;
}
