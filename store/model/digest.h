// SHA-256 over length-prefixed fields, so that ("ab", "c") and ("a", "bc") differ.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace tlsrpt::store {

class Digest {
 public:
  Digest();

  // Adds the length of `field` (8 bytes, big-endian) and its bytes.
  Digest& Add(std::string_view field);
  Digest& Add(std::int64_t number);

  // The first 16 bytes.
  Uuid First16() const;

 private:
  std::string fields_;  // at once: each call to OpenSSL costs more than to copy a field
};

}  // namespace tlsrpt::store
