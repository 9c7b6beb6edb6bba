// How large the parts of a JSON text are, found before it is parsed: nlohmann gathers a
// string or a number whole, several times over, before it hands it on.
//
// Threads  pure function.
#pragma once

#include <cstddef>
#include <string_view>

namespace tlsrpt::ingest {

struct JsonExtent {
  std::size_t values = 0;         // at most; names are none
  std::size_t longest_bytes = 0;  // of a string, as it is written, or of a number
};

// Of the first value in `json`. Of what is no JSON it says something all the same: no
// less than what a parser reads before it finds out.
JsonExtent MeasureJson(std::string_view json);

}  // namespace tlsrpt::ingest
