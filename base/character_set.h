// A set of characters, made at compile time from a rule and looked up in a table: for the
// loops that look at each character of a mail.
//
//   constexpr CharacterSet kDigits([](unsigned char c) { return c >= '0' && c <= '9'; });
//   if (kDigits.Has(text[at])) ...
//
// Threads  values.
#pragma once

#include <array>
#include <cstddef>

namespace tlsrpt {

class CharacterSet {
 public:
  template <class Rule>
  constexpr explicit CharacterSet(Rule rule) {
    for (std::size_t byte = 0; byte < has_.size(); ++byte) {
      has_[byte] = rule(static_cast<unsigned char>(byte));
    }
  }

  constexpr bool Has(char c) const { return has_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> has_{};
};

}  // namespace tlsrpt
