#include "ingest/dkim/tag_list.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/character_set.h"
#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

Error Malformed(std::string what) { return {ErrorKind::kMalformed, std::move(what)}; }

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// tag-name = ALPHA *ALNUMPUNC
bool IsTagName(std::string_view name) {
  return !name.empty() && IsAlpha(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return IsAlpha(c) || (c >= '0' && c <= '9') || c == '_';
         });
}

// A signature has more than five hundred to be looked at.
constexpr CharacterSet kValueCharacters([](unsigned char c) {
  return c > 0x20 ? c != 0x7f : IsFws(static_cast<char>(c));
});

}  // namespace

const Tag* TagList::Find(std::string_view name) const {
  for (const Tag& tag : tags) {
    // Of one or two letters, and most differ in the first.
    if (tag.name.front() == name.front() && tag.name == name) return &tag;
  }
  return nullptr;
}

std::string_view TagList::Value(std::string_view name, std::string_view otherwise) const {
  const Tag* tag = Find(name);
  return tag != nullptr ? tag->value : otherwise;
}

Result<TagList> ParseTagList(std::string_view text) {
  TagList list;
  list.tags.reserve(16);
  while (true) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view spec = text.substr(0, end);
    const bool last = end == text.size();
    // One ";" may end the list.
    if (last && !list.tags.empty() && Trim(spec).empty()) return list;

    const std::size_t equals = spec.find('=');
    if (equals == std::string_view::npos) return Malformed("a tag without \"=\"");
    Tag tag;
    tag.name = Trim(spec.substr(0, equals));
    tag.space = spec.substr(equals + 1);
    tag.value = Trim(tag.space);
    if (!IsTagName(tag.name)) return Malformed("what stands before \"=\" is no tag");
    if (!std::all_of(tag.value.begin(), tag.value.end(),
                     [](char c) { return kValueCharacters.Has(c); })) {
      return Malformed("a control character in a value");
    }
    if (list.Find(tag.name) != nullptr) {
      return Malformed("the tag \"" + std::string(tag.name.substr(0, 8)) + "\" twice");
    }
    if (list.tags.size() == kMaxTags) {
      return Malformed("more than " + std::to_string(kMaxTags) + " tags");
    }
    list.tags.push_back(tag);
    if (last) return list;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> ColonList(std::string_view value) {
  std::vector<std::string_view> elements = Split(value, ':');
  for (std::string_view& element : elements) element = Trim(element);
  return elements;
}

}  // namespace tlsrpt::ingest
