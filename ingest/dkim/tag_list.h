// "tag=value; tag=value": the form of a DKIM-Signature field and of a key record
// (RFC 6376, 3.2).
//
// Bytes from 0x80 up are taken in values (RFC 8616, 4); other control characters than
// blanks and line breaks are not.
//
// Errors   kMalformed: not of that form, a tag twice ("the entire tag-list is invalid"),
//          or more than kMaxTags.
// Threads  pure functions.
// Lifetime views into the text given.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tlsrpt::ingest {

// Fourteen are defined for a signature.
inline constexpr std::size_t kMaxTags = 40;

struct Tag {
  std::string_view name;
  std::string_view value;  // without the blanks and line breaks around it
  std::string_view space;  // all that stands between "=" and ";"
};

struct TagList {
  std::vector<Tag> tags;

  // Case counts. nullptr if there is none.
  const Tag* Find(std::string_view name) const;
  // Its value; `otherwise` if there is none.
  std::string_view Value(std::string_view name, std::string_view otherwise = {}) const;
};

Result<TagList> ParseTagList(std::string_view text);

// The elements of a ":" list, each without the blanks around it.
std::vector<std::string_view> ColonList(std::string_view value);

}  // namespace tlsrpt::ingest
