#include "ingest/unpack/gunzip.h"

#include <algorithm>

#include "ingest/unpack/inflater.h"

namespace tlsrpt::ingest {

Result<std::string> Gunzip(std::string_view gz, std::size_t max_output_bytes) {
  return Gunzip(gz, &max_output_bytes);
}

Result<std::string> Gunzip(std::string_view gz, std::size_t* room) {
  if (!LooksLikeGzip(gz)) return Error{ErrorKind::kMalformed, "gzip: no gzip header"};
  Inflater inflater(Inflater::Form::kGzip);
  std::string out;
  while (LooksLikeGzip(gz)) {
    const auto taken = inflater.Run(gz, *room, &out);
    if (!taken) {
      *room -= out.size();
      return Wrap(taken.error(), "gzip");
    }
    gz.remove_prefix(*taken);
    gz.remove_prefix(std::min(gz.find_first_not_of(kGzipPadding), gz.size()));
  }
  const bool fits = gz.size() <= *room - out.size();
  if (fits) out += gz;
  *room -= out.size();
  if (!fits) return Error{ErrorKind::kTooLarge, "gzip: too much behind its end"};
  return out;
}

// RFC 1952, 2.3.1: ID1, ID2, and the only compression method there is.
bool LooksLikeGzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b\x08"); }

}  // namespace tlsrpt::ingest
