#include "ingest/report/members.h"

#include <algorithm>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

const MemberName* Find(std::span<const MemberName> names, std::string_view name) {
  for (const MemberName& known : names) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

const MemberName* FindInAnyCase(std::span<const MemberName> names,
                                std::string_view name) {
  for (const MemberName& known : names) {
    if (EqualsIgnoreCase(known.name, name)) return &known;
  }
  return nullptr;
}

}  // namespace

void Members::Read(const JsonValue& object, const Path& path, Notes& notes) {
  for (const JsonValue value : object) {
    const std::string_view name = value.name();
    const MemberName* known = Find(names_, name);
    const bool as_in_rfc = known != nullptr && !known->alternative;
    if (known == nullptr) known = FindInAnyCase(names_, name);
    if (known == nullptr) {  // they are allowed everywhere
      unknown_.push_back(value);
      continue;
    }
    if (!as_in_rfc) notes.Add(store::AnomalyCode::kAlternativeName, path.Member(name));
    if (IsAbsent(known->slot)) {
      first_[known->slot] = value;
    } else {
      notes.Add(store::AnomalyCode::kDuplicateName, path.Member(name));
      more_.emplace_back(known->slot, value);
    }
  }
}

bool Members::IsRepeated(std::size_t slot) const {
  return std::any_of(more_.begin(), more_.end(),
                     [slot](const auto& entry) { return entry.first == slot; });
}

}  // namespace tlsrpt::ingest
