// SHA-256, in pieces. OpenSSL's algorithm is looked up once for the process: each look-up
// takes locks and costs as much as hashing a header.
//
// Threads  one object, one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

struct evp_md_ctx_st;

namespace tlsrpt::ingest {

using Sha256Bytes = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Add(std::string_view bytes);
  // Ends it.
  Sha256Bytes Finish();

  static Sha256Bytes Of(std::string_view bytes);

 private:
  evp_md_ctx_st* context_;
};

}  // namespace tlsrpt::ingest
