#include "ingest/import/inflating_source.h"

#include <algorithm>
#include <limits>
#include <new>
#include <string_view>

#include "ingest/unpack/gunzip.h"

namespace tlsrpt::ingest {
namespace {

constexpr char kGzipFirstByte = '\x1f';

}  // namespace

Error UnpacksToTooMuch(const std::string& name) {
  return Error{ErrorKind::kTooLarge, name + "unpacks to more than " +
                                         std::to_string(kMaxImportRatio) +
                                         " times its size"};
}

InflatingSource::InflatingSource(PeekableSource& packed, Inflater::Form form,
                                 UnpackAllowance& allowance)
    : packed_(packed),
      form_(form),
      allowance_(allowance),
      name_(form == Inflater::Form::kGzip ? "gzip: " : "zip: ") {
  // As in ingest/unpack/inflater.cc.
  if (inflateInit2(&stream_, form == Inflater::Form::kGzip ? 15 + 16 : -15) != Z_OK) {
    throw std::bad_alloc();
  }
}

InflatingSource::~InflatingSource() { inflateEnd(&stream_); }

Result<bool> InflatingSource::Refill() {
  if (stream_.avail_in > 0) return true;
  const auto chunk = packed_.Next();
  if (!chunk) return chunk.error();
  // zlib's interface predates const; it does not write there.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(chunk->data()));
  stream_.avail_in = static_cast<uInt>(chunk->size());
  return !chunk->empty();
}

Result<std::size_t> InflatingSource::Read(char* out, std::size_t room) {
  room = std::min<std::size_t>(room, std::numeric_limits<uInt>::max());
  stream_.next_out = reinterpret_cast<Bytef*>(out);
  stream_.avail_out = static_cast<uInt>(room);
  while (!ended_ && stream_.avail_out == room) {
    const auto more = Refill();
    if (!more) return more.error();
    if (between_) {
      const std::string_view rest(reinterpret_cast<const char*>(stream_.next_in),
                                  stream_.avail_in);
      const auto padding =
          static_cast<uInt>(std::min(rest.find_first_not_of(kGzipPadding), rest.size()));
      stream_.next_in += padding;
      stream_.avail_in -= padding;
      if (*more && stream_.avail_in == 0) continue;
      if (!*more || static_cast<char>(*stream_.next_in) != kGzipFirstByte) {
        ended_ = true;
        break;
      }
      between_ = false;
      inflateReset(&stream_);
    }
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_STREAM_END) {
      earlier_member_ = true;
      between_ = form_ == Inflater::Form::kGzip;
      ended_ = !between_;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      if (earlier_member_ && stream_.total_out == 0) {
        ended_ = true;  // padding that began like another member
        break;
      }
      return Error{ErrorKind::kMalformed,
                   name_ + (stream_.msg != nullptr ? stream_.msg : "damaged")};
    } else if (!*more && stream_.avail_out == room) {
      return Error{ErrorKind::kMalformed, name_ + "cut short"};
    }
  }
  const std::size_t got = room - stream_.avail_out;
  if (!allowance_.Spend(got)) return UnpacksToTooMuch(name_);
  return got;
}

}  // namespace tlsrpt::ingest
