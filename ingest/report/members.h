// The members of one JSON object, sorted into numbered slots by name.
//
// A table of names belongs to each kind of object in a report. RFC 8460 spells several
// of them in two ways (schema against field list), and drafts in more; all are read,
// and any but the RFC's own is noted. A name that comes twice is noted too and keeps
// all its values, so that the reader can take the one that hides nothing.
//
// Lifetime the table outlives the Members; values are views into the JsonTree.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/report/json_tree.h"
#include "ingest/report/notes.h"

namespace tlsrpt::ingest {

struct MemberName {
  std::string_view name;
  std::size_t slot;
  bool alternative = false;  // not the spelling of RFC 8460, 4.4
};

inline constexpr std::size_t kMaxSlots = 8;

class Members {
 public:
  explicit Members(std::span<const MemberName> names) : names_(names) {}

  // Adds the members of `object`. Called again for an object that came twice.
  void Read(const JsonValue& object, const Path& path, Notes& notes);

  const JsonValue& First(std::size_t slot) const { return first_[slot]; }
  bool IsAbsent(std::size_t slot) const { return first_[slot].Is(JsonKind::kAbsent); }
  bool IsRepeated(std::size_t slot) const;

  // Members whose names are in no slot, in order.
  const std::vector<JsonValue>& Unknown() const { return unknown_; }

  // Calls `use` with each value of the slot, in order.
  template <class Use>
  void ForEach(std::size_t slot, Use use) const {
    if (!IsAbsent(slot)) use(first_[slot]);
    for (const auto& [other, value] : more_) {
      if (other == slot) use(value);
    }
  }

 private:
  std::span<const MemberName> names_;
  std::array<JsonValue, kMaxSlots> first_;
  std::vector<std::pair<std::size_t, JsonValue>> more_;  // seldom any
  std::vector<JsonValue> unknown_;                       // seldom any
};

}  // namespace tlsrpt::ingest
