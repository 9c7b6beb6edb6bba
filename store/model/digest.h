// SHA-256 over length-prefixed fields, so that ("ab", "c") and ("a", "bc") differ.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace tlsrpt::store {

class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  // Adds the length of `field` (8 bytes, big-endian) and its bytes.
  Digest& Add(std::string_view field);
  Digest& Add(std::int64_t number);

  // The first 16 bytes. Ends the digest.
  Uuid First16();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace tlsrpt::store
