// Base64, beside OpenSSL's decoder.
#include "ingest/mail/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/fuzz/check.h"

namespace {

// What the header of base64.h promises, in the slow way. OpenSSL is given nothing but
// whole groups of the alphabet: it is not as strict.
std::optional<std::string> Oracle(std::string_view text) {
  std::string core;
  for (const char c : text) {
    if (std::string_view(" \t\r\n").find(c) == std::string_view::npos) core += c;
  }
  const std::size_t end = core.find_last_not_of('=');
  const std::size_t padding = core.size() - (end + 1);  // npos + 1 is 0
  core.resize(core.size() - padding);
  const bool alphabet = std::all_of(core.begin(), core.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '+' || c == '/';
  });
  const std::size_t in_group = core.size() % 4;
  if (!alphabet || in_group == 1) return std::nullopt;
  if (padding > 0 && (in_group == 0 || in_group + padding > 4)) return std::nullopt;

  const std::size_t added = in_group == 0 ? 0 : 4 - in_group;
  core.append(added, '=');
  std::string bytes(core.size() / 4 * 3, '\0');
  const int decoded = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(core.data()),
                                      static_cast<int>(core.size()));
  FUZZ_CHECK(decoded == static_cast<int>(bytes.size()));
  bytes.resize(bytes.size() - added);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tlsrpt;
  const std::string input(reinterpret_cast<const char*>(data), size);
  const auto got = ingest::DecodeBase64(input);
  const auto want = Oracle(input);
  FUZZ_CHECK(got.has_value() == want.has_value());
  if (got) {
    FUZZ_CHECK(got->bytes == *want);
  } else {
    FUZZ_CHECK(got.error().kind == ErrorKind::kMalformed && !got.error().message.empty());
  }

  // What OpenSSL encodes comes back, whatever it was.
  std::string encoded(4 * ((size + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     data, static_cast<int>(size));
  encoded.resize(static_cast<std::size_t>(length));
  const auto back = ingest::DecodeBase64(encoded);
  FUZZ_CHECK(back.has_value() && back->bytes == input && !back->padding_missing);
  return 0;
}
