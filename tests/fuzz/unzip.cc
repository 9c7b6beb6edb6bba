// zip archives, with and without a directory, under a ceiling.
#include "ingest/unpack/unzip.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/text.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/held_memory.h"
#include "tests/unit/ingest/unpack/mail_builder.h"

namespace {

using namespace tlsrpt;
using namespace tlsrpt::ingest;

constexpr std::size_t kCeiling = 64u << 10;
// zlib's state, a hundred entries with their names and errors.
constexpr std::size_t kFixedBytes = 256u << 10;

void CheckArchive(const std::string& input) {
  const fuzz::HeldMemory memory;
  const auto got = Unzip(input, kCeiling);
  FUZZ_CHECK(memory.PeakBytes() <= 4 * std::max(input.size(), kCeiling) + kFixedBytes);
  if (!got) {
    FUZZ_CHECK(got.error().kind == ErrorKind::kMalformed && !got.error().message.empty());
    return;
  }
  FUZZ_CHECK(got->size() <= kMaxZipEntries + 1);
  std::size_t unpacked = 0;
  for (const ZipEntry& entry : *got) {
    bool changed = false;
    (void)CleanUtf8(entry.name, 255, &changed);
    FUZZ_CHECK(!changed);
    if (entry.bytes) {
      unpacked += entry.bytes->size();
    } else {
      FUZZ_CHECK(entry.bytes.error().kind == ErrorKind::kMalformed ||
                 entry.bytes.error().kind == ErrorKind::kTooLarge);
    }
  }
  FUZZ_CHECK(unpacked <= kCeiling);
}

// The input as a file of an archive: it comes back, and its neighbour with it.
void CheckRoundTrip(const std::string& input) {
  for (const bool directory : {true, false}) {
    const std::string zip = ingest::testing::Zip(
        {{.name = "a", .bytes = input}, {.name = "b", .bytes = input, .stored = true}},
        directory);
    // What lies in a file that is stored may be taken for the directory that is missing.
    if (!directory && zip.find("PK\x05\x06") != zip.npos) continue;
    const auto got = Unzip(zip, 2 * input.size());
    FUZZ_CHECK(got.has_value() && got->size() == 2);
    for (const ZipEntry& entry : *got) {
      FUZZ_CHECK(entry.bytes.has_value() && *entry.bytes == input);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  CheckArchive(input);
  CheckArchive("PK\x03\x04" + input);
  CheckRoundTrip(input);
  return 0;
}
