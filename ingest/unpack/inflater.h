// One zlib stream with a hard ceiling on what comes out: the loop that gunzip and unzip
// share.
//
// The ceiling is looked at after every step, never after the whole: a body of 1 MB that
// unpacks to 1 GiB must not take a gigabyte before it is refused.
//
// Errors   kMalformed   damaged or cut short
//          kTooLarge    the output would pass the ceiling
// Threads  one at a time.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::ingest {

class Inflater {
 public:
  enum class Form {
    kGzip,  // header, CRC and length are checked by zlib
    kRaw,   // as inside a zip; the caller checks the CRC
  };

  explicit Inflater(Form form);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends what the stream at the start of `in` unpacks to; `*out` never gets longer
  // than `max_output_bytes`. Gives the number of bytes of `in` the stream took. On an
  // error `*out` holds what had come out by then.
  Result<std::size_t> Run(std::string_view in, std::size_t max_output_bytes,
                          std::string* out);

 private:
  z_stream stream_{};
};

}  // namespace tlsrpt::ingest
