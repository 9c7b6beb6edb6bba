#include "ingest/unpack/inflater.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

namespace tlsrpt::ingest {
namespace {

// Larger than nine in ten reports once unpacked, so those come out in one step.
constexpr std::size_t kChunkBytes = 16u << 10;

}  // namespace

Inflater::Inflater(Form form) {
  // 15 is the largest window; 16 more asks for a gzip header, a minus for none.
  const int window_bits = form == Form::kGzip ? 15 + 16 : -15;
  if (inflateInit2(&stream_, window_bits) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() { inflateEnd(&stream_); }

Result<std::size_t> Inflater::Run(std::string_view in, std::size_t max_output_bytes,
                                  std::string* out) {
  if (in.size() > std::numeric_limits<uInt>::max()) {
    return Error{ErrorKind::kTooLarge, "compressed data of 4 GiB or more"};
  }
  inflateReset(&stream_);
  // zlib's interface predates const; it does not write there.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream_.avail_in = static_cast<uInt>(in.size());

  for (;;) {
    std::array<char, kChunkBytes> chunk;
    const std::size_t left = max_output_bytes - out->size();
    // One byte past the ceiling tells "exactly full" from "more to come".
    const auto room = static_cast<uInt>(std::min(left + 1, chunk.size()));
    stream_.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream_.avail_out = room;
    // All of the input is there: a stream that ends in its first step needs no window.
    const int status = inflate(&stream_, Z_FINISH);
    const std::size_t given = room - stream_.avail_out;
    out->append(chunk.data(), std::min(given, left));

    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK && status != Z_BUF_ERROR && status != Z_STREAM_END) {
      const std::string what = stream_.msg != nullptr ? stream_.msg : "damaged";
      return Error{ErrorKind::kMalformed,
                   what + " at byte " + std::to_string(in.size() - stream_.avail_in)};
    }
    if (given > left) {
      return Error{ErrorKind::kTooLarge,
                   "unpacks to more than " + std::to_string(max_output_bytes) + " bytes"};
    }
    if (status == Z_STREAM_END) return in.size() - stream_.avail_in;
    if (stream_.avail_in == 0 && stream_.avail_out > 0) {
      return Error{ErrorKind::kMalformed,
                   "cut short after " + std::to_string(in.size()) + " bytes"};
    }
  }
}

}  // namespace tlsrpt::ingest
