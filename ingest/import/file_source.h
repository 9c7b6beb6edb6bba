// A file, a pipe or standard input, opened once and read in order; a regular file also
// anywhere, for a zip, whose directory stands at its end.
//
// Links are followed. Devices, sockets and folders are refused, and a pipe is taken only
// where the caller says that it was asked for by name: one found in a folder would be
// waited for without end.
//
// Units    bytes.
// Errors   kNotFound     cannot be opened; the message says why
//          kMalformed    not a file
//          kUnavailable  an error of the disk
// Threads  one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ingest/import/byte_source.h"

namespace tlsrpt::ingest {

// Bytes at any place.
class RandomBytes {
 public:
  virtual ~RandomBytes() = default;
  virtual std::uint64_t Size() const = 0;
  // Up to `room` bytes from `offset`; 0 at or past the end.
  virtual Result<std::size_t> ReadAt(std::uint64_t offset, char* out,
                                     std::size_t room) = 0;
};

class FileSource final : public ByteSource, public RandomBytes {
 public:
  // While a pipe is silent, asks `go_on` now and then; what it refuses is the end.
  using GoOn = std::function<bool()>;

  static Result<std::unique_ptr<FileSource>> Open(const std::string& path, bool pipe_too,
                                                  GoOn go_on);
  static std::unique_ptr<FileSource> StandardInput(GoOn go_on);
  // What is left of `source`, in a file that has no name.
  static Result<std::unique_ptr<FileSource>> CopyOf(PeekableSource& source);

  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  Result<std::size_t> Read(char* out, std::size_t room) override;

  bool IsRegular() const { return regular_; }
  std::uint64_t Size() const override { return size_; }
  Result<std::size_t> ReadAt(std::uint64_t offset, char* out, std::size_t room) override;

 private:
  FileSource(int fd, bool owned, GoOn go_on);
  // False: stop waiting.
  bool WaitForInput() const;

  const int fd_;
  const bool owned_;
  const GoOn go_on_;
  bool regular_ = false;
  std::uint64_t size_ = 0;
};

}  // namespace tlsrpt::ingest
