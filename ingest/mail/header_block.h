// The header of a mail or of a part of it: fields as sent, found by name.
//
// Limits, so that no header costs more than its size (RFC 8460, 7):
//   kMaxHeaderBytes   real report mails stay under 20 KB with all their Received lines
//   kMaxFieldBytes    one field with its folded lines; a longer one costs itself alone
// What lies past a limit is left out, and `cut` says so.
//
// Units    bytes.
// Threads  pure.
// Lifetime views into the text given; it must outlive the block.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::ingest {

inline constexpr std::size_t kMaxHeaderBytes = 64u << 10;
inline constexpr std::size_t kMaxFieldBytes = 8u << 10;

struct HeaderField {
  std::string_view name;   // without ":" and the blanks before it
  std::string_view value;  // after ":", with its line breaks
  std::string_view raw;    // all of it, with its line breaks
};

struct HeaderBlock {
  std::vector<HeaderField> fields;
  bool cut = false;
  // A line is no field: not of RFC 5322. The "From " of an mbox that comes first is none
  // of the mail's.
  bool stray = false;

  // The first field of that name, in any case; nullptr if there is none.
  const HeaderField* Find(std::string_view name) const;
  std::size_t Count(std::string_view name) const;
  // The unfolded value of the first field of that name; empty if there is none.
  std::string Value(std::string_view name) const;
};

// Reads `text`, the lines of a header without the empty line that ends it. Lines that
// are no field ("From " of an mbox, stray text) are skipped.
HeaderBlock ReadHeaderBlock(std::string_view text);

// RFC 5322, 2.2.3: line breaks go, the blank after them stays. Blanks at the ends go.
std::string Unfold(std::string_view value);

}  // namespace tlsrpt::ingest
