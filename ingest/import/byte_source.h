// Bytes in order, from wherever: a file, a pipe, what comes out of gzip. So that an mbox
// of 10 GB costs a chunk of memory and not 10 GB, however it is packed.
//
// Units    bytes.
// Errors   of Read: kUnavailable (I/O), kMalformed and kTooLarge (what is unpacked);
//          nothing can be read after one.
// Threads  one at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "ingest/import/message_sink.h"

namespace tlsrpt::ingest {

// One read(2), and the most that is looked at to tell what a file is.
inline constexpr std::size_t kChunkBytes = 64u << 10;

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Up to `room` bytes, at least one; 0 at the end.
  virtual Result<std::size_t> Read(char* out, std::size_t room) = 0;
};

// A source whose beginning can be looked at before it is read.
class PeekableSource {
 public:
  explicit PeekableSource(ByteSource& source) : source_(source) {}

  // The first bytes, up to a chunk: all there are, if they are fewer. Before any Next().
  Result<std::string_view> Peek() {
    while (filled_ < kChunkBytes && !ended_) {
      if (const auto got = Fill(); !got) return got.error();
    }
    return std::string_view(chunk_.get(), filled_);
  }

  // The next bytes, empty at the end; good until the next call.
  Result<std::string_view> Next() {
    if (filled_ == 0 && !ended_) {
      if (const auto got = Fill(); !got) return got.error();
    }
    return std::string_view(chunk_.get(), std::exchange(filled_, 0));
  }

  // All of what is left, as one message; kTooLarge when it is more than one may have.
  Result<std::string> RestAsMessage() {
    std::string all;
    for (;;) {
      const auto chunk = Next();
      if (!chunk) return chunk.error();
      if (chunk->empty()) return all;
      if (chunk->size() > kMaxImportBytes - all.size()) {
        return Error{ErrorKind::kTooLarge, TooLargeToImport()};
      }
      all += *chunk;
    }
  }

 private:
  Result<void> Fill() {
    if (chunk_ == nullptr) chunk_ = std::make_unique_for_overwrite<char[]>(kChunkBytes);
    const auto got = source_.Read(chunk_.get() + filled_, kChunkBytes - filled_);
    if (!got) return got.error();
    filled_ += *got;
    ended_ = *got == 0;
    return {};
  }

  ByteSource& source_;
  std::unique_ptr<char[]> chunk_;
  std::size_t filled_ = 0;
  bool ended_ = false;  // so that a small file is read once, and its end once
};

}  // namespace tlsrpt::ingest
