#include "ingest/unpack/inflater.h"

#include <algorithm>
#include <limits>
#include <new>

namespace tlsrpt::ingest {
namespace {

// Larger than nine in ten reports once unpacked, so those need one allocation.
constexpr std::size_t kFirstChunkBytes = 4u << 10;

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

  const std::size_t begin = out->size();
  std::size_t used = begin;
  for (;;) {
    if (used == out->size()) {
      // One byte past the ceiling tells "exactly full" from "more to come".
      const std::size_t most = max_output_bytes + 1;
      if (used >= most) {
        out->resize(max_output_bytes);
        return Error{
            ErrorKind::kTooLarge,
            "unpacks to more than " + std::to_string(max_output_bytes) + " bytes"};
      }
      // As much again as this stream gave, not as there is: a million empty members
      // behind a large one would each clear as many bytes as the large one has.
      out->resize(std::min(most, used + std::max(used - begin, kFirstChunkBytes)));
    }
    const auto room = static_cast<uInt>(
        std::min<std::size_t>(out->size() - used, std::numeric_limits<uInt>::max()));
    stream_.next_out = reinterpret_cast<Bytef*>(out->data() + used);
    stream_.avail_out = room;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    used += room - stream_.avail_out;

    if (status == Z_STREAM_END) {
      if (used > max_output_bytes) {
        out->resize(max_output_bytes);
        return Error{
            ErrorKind::kTooLarge,
            "unpacks to more than " + std::to_string(max_output_bytes) + " bytes"};
      }
      out->resize(used);
      return in.size() - stream_.avail_in;
    }
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK && status != Z_BUF_ERROR) {
      out->resize(std::min(used, max_output_bytes));
      const std::string what = stream_.msg != nullptr ? stream_.msg : "damaged";
      return Error{ErrorKind::kMalformed,
                   what + " at byte " + std::to_string(in.size() - stream_.avail_in)};
    }
    if (stream_.avail_in == 0 && stream_.avail_out > 0) {
      out->resize(std::min(used, max_output_bytes));
      return Error{ErrorKind::kMalformed,
                   "cut short after " + std::to_string(in.size()) + " bytes"};
    }
  }
}

}  // namespace tlsrpt::ingest
