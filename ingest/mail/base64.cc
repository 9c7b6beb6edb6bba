#include "ingest/mail/base64.h"

#include <array>
#include <boost/endian/conversion.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tlsrpt::ingest {
namespace {

// Above the 24 bits of a group.
constexpr std::uint32_t kBlank = 1u << 24;
constexpr std::uint32_t kPadding = 2u << 24;
constexpr std::uint32_t kBad = 3u << 24;

using Table = std::array<std::uint32_t, 256>;

// What each character stands for, where its six bits begin at bit `shift`.
constexpr Table MakeTable(int shift) {
  Table table{};
  for (auto& entry : table) entry = kBad;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint32_t>(i)
                                                      << shift;
  }
  for (const char c : std::string_view(" \t\r\n")) {
    table[static_cast<unsigned char>(c)] = kBlank;
  }
  table['='] = kPadding;
  return table;
}

// By the place in a group of four.
constexpr std::array<Table, 4> kTables = {MakeTable(18), MakeTable(12), MakeTable(6),
                                          MakeTable(0)};

Error Malformed(const char* what, std::size_t at) {
  return Error{ErrorKind::kMalformed,
               std::string("base64: ") + what + " at byte " + std::to_string(at)};
}

}  // namespace

Result<Base64Bytes> DecodeBase64(std::string_view text) {
  Base64Bytes result;
  result.bytes.resize(text.size() / 4 * 3 + 3);
  char* out = result.bytes.data();
  const auto code = [&](std::size_t i, std::size_t place) {
    return kTables[place][static_cast<unsigned char>(text[i])];
  };

  std::uint32_t group = 0;  // the characters of the group so far, 6 bits each
  int in_group = 0;
  int padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // The usual case: four characters of one line.
    while (in_group == 0 && text.size() - i >= 4) {
      const std::uint32_t bits =
          code(i, 0) | code(i + 1, 1) | code(i + 2, 2) | code(i + 3, 3);
      if (bits >= kBlank) break;
      // Three bytes, and one more that is overwritten: there is room for it.
      const std::uint32_t bytes = boost::endian::native_to_big(bits << 8);
      std::memcpy(out, &bytes, sizeof bytes);
      out += 3;
      i += 4;
    }
    if (i == text.size()) break;

    const std::uint32_t value = code(i, 3);
    if (value == kBlank) continue;
    if (value == kBad) return Malformed("not of the alphabet", i);
    if (value == kPadding) {
      ++padding;
      if (in_group + padding > 4 || in_group < 2) return Malformed("\"=\" too many", i);
      continue;
    }
    if (padding > 0) return Malformed("text after the padding", i);
    group = group << 6 | value;
    if (++in_group == 4) {
      *out++ = static_cast<char>(group >> 16);
      *out++ = static_cast<char>(group >> 8);
      *out++ = static_cast<char>(group);
      group = 0;
      in_group = 0;
    }
  }

  if (in_group == 1) return Malformed("a character alone", text.size());
  if (in_group >= 2) {
    group <<= 6 * (4 - in_group);
    *out++ = static_cast<char>(group >> 16);
    if (in_group == 3) *out++ = static_cast<char>(group >> 8);
    result.padding_missing = in_group + padding < 4;
  }
  result.bytes.resize(static_cast<std::size_t>(out - result.bytes.data()));
  return result;
}

}  // namespace tlsrpt::ingest
