// The files inside a small zip archive: some gateways and list servers pack a report
// that way, and parsers in the field accept application/tlsrpt+zip.
//
// Only what such an archive needs: stored and deflated entries. The central directory
// is read where it is whole; else the local headers are read in order.
//
// Units    sizes are bytes.
// Errors   kMalformed   not a zip, or zip64, encrypted, another method, bad CRC, cut
//          short, entries that lie over one another
//          kTooLarge    a ceiling below was reached
//          An error of one entry stays with that entry; the others are still given.
// Threads  pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/unpack/gunzip.h"

namespace tlsrpt::ingest {

// A report mail has one report; a week of them, zipped by hand, has seven per reporter.
inline constexpr std::size_t kMaxZipEntries = 100;

struct ZipEntry {
  std::string name;  // as in the archive, cut at 255 bytes; never used as a path
  Result<std::string> bytes;
};

// The entries of `zip` in order, folders left out. `max_output_bytes` bounds the sum
// of all entries. Past kMaxZipEntries a last entry says kTooLarge.
Result<std::vector<ZipEntry>> Unzip(std::string_view zip,
                                    std::size_t max_output_bytes = kMaxReportBytes);

// The same under an allowance that several archives share: at most `*room` bytes come
// out, and what did is taken off it, whether an entry or the archive could be read or
// not.
Result<std::vector<ZipEntry>> Unzip(std::string_view zip, std::size_t* room);

// True when `bytes` start with a local file header, or are an empty archive.
bool LooksLikeZip(std::string_view bytes);

}  // namespace tlsrpt::ingest
