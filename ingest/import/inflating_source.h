// What comes out of gzip or out of a zip's member, as a stream.
//
// A bomb is stopped by an allowance: so many bytes may come out for those that went in.
// A limit on the sum alone would refuse an honest archive of years; one on the ratio
// alone would refuse one honest report that repeats itself.
//
// Units    bytes.
// Errors   kMalformed   damaged or cut short
//          kTooLarge    the allowance is used up
//          and those of the source below
// Threads  one at a time.
// Lifetime the source below and the allowance outlive it.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/import/byte_source.h"
#include "ingest/unpack/inflater.h"
#include "ingest/unpack/unpack.h"

namespace tlsrpt::ingest {

// Mail packs to a third; a folder of JSON reports, which repeat themselves, to a
// thirtieth. Deflate itself could do 1:1032.
inline constexpr std::uint64_t kMaxImportRatio = 100;

// How much may still come out of one file, however deeply it is packed.
class UnpackAllowance {
 public:
  // For bytes of the file itself.
  void Earn(std::uint64_t packed_bytes) { left_ += packed_bytes * kMaxImportRatio; }
  bool Spend(std::uint64_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

 private:
  std::uint64_t left_ = kMaxUnpackedBytes;
};

// Of what the allowance was too small for; `name` is the form: "gzip: ".
Error UnpacksToTooMuch(const std::string& name);

class InflatingSource final : public ByteSource {
 public:
  // kGzip: members are joined (RFC 1952, 2.2), what follows the last is ignored, as in
  // ingest/unpack/gunzip.h.
  InflatingSource(PeekableSource& packed, Inflater::Form form,
                  UnpackAllowance& allowance);
  ~InflatingSource() override;
  InflatingSource(const InflatingSource&) = delete;
  InflatingSource& operator=(const InflatingSource&) = delete;

  Result<std::size_t> Read(char* out, std::size_t room) override;

 private:
  // More input, if there is any.
  Result<bool> Refill();

  PeekableSource& packed_;
  const Inflater::Form form_;
  UnpackAllowance& allowance_;
  z_stream stream_{};
  std::string name_;
  bool ended_ = false;           // the last stream has
  bool between_ = false;         // a member ended, and another may begin
  bool earlier_member_ = false;  // one was whole
};

}  // namespace tlsrpt::ingest
