// The members of a zip archive one after the other, each as a stream: an archive of a
// hundred thousand mails, or of one large mbox. What a zip inside a mail needs is
// ingest/unpack/unzip.h; this is for an archive that does not fit into memory.
//
// The central directory says what there is; zip64 is read. Stored and deflated members.
//
// Units    bytes.
// Errors   kMalformed of Open and Next: there is no directory, or it ends here
//          of a member: kMalformed (encrypted, another method, bad CRC, cut short),
//          kTooLarge (the allowance); the next one can still be read
// Threads  one at a time.
// Lifetime the archive's bytes, and for a member the reader, outlive what reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ingest/import/byte_source.h"
#include "ingest/import/file_source.h"
#include "ingest/import/inflating_source.h"

namespace tlsrpt::ingest {

struct ZipMember {
  std::string name;  // as in the archive; never used as a path
  unsigned flags = 0;
  unsigned method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t local_at = 0;  // of its local header
};

class ZipReader {
 public:
  static Result<ZipReader> Open(RandomBytes& archive);

  // Nothing after the last. Folders are left out.
  Result<std::optional<ZipMember>> Next();

  Result<std::unique_ptr<ByteSource>> Read(const ZipMember& member,
                                           UnpackAllowance& allowance);

 private:
  ZipReader(RandomBytes& archive, std::uint64_t directory_at, std::uint64_t members)
      : archive_(&archive), at_(directory_at), left_(members) {}

  RandomBytes* archive_;
  std::uint64_t at_;    // of the next directory entry
  std::uint64_t left_;  // entries to come
};

}  // namespace tlsrpt::ingest
