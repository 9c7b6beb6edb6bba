// How large the parts of a JSON text are, found before it is parsed: nlohmann gathers a
// string or a number whole, several times over, before it hands it on, and blanks with
// what follows.
//
// Threads  pure function.
#pragma once

#include <cstddef>
#include <string_view>

namespace tlsrpt::ingest {

struct JsonExtent {
  std::size_t values = 0;  // at most; names are none
  // Of a string, as it is written, a number, or blanks in a row.
  std::size_t longest_bytes = 0;
};

// Of the first value in `json`. Of what is no JSON it says something all the same: no
// less than what a parser reads before it finds out.
JsonExtent MeasureJson(std::string_view json);

}  // namespace tlsrpt::ingest
