#include "ingest/report/json_tree.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "ingest/report/json_extent.h"
#include "ingest/report/json_mend.h"

namespace tlsrpt::ingest {

// The events of nlohmann's reader, turned into nodes. Returning false ends the reading.
class JsonTreeBuilder {
 public:
  using Json = nlohmann::json;

  JsonTreeBuilder(std::size_t json_bytes, std::size_t values) {
    tree_.nodes_.reserve(std::min(values, kMaxJsonValues));
    tree_.text_.reserve(json_bytes);
  }

  bool null() { return Add(JsonKind::kNull) != nullptr; }
  bool boolean(bool) { return Add(JsonKind::kBool) != nullptr; }
  bool number_integer(Json::number_integer_t value) {
    // "-0" arrives here too.
    return AddNumber(value < 0 ? JsonKind::kNegative : JsonKind::kUnsigned,
                     value < 0 ? 0 : static_cast<std::uint64_t>(value));
  }
  bool number_unsigned(Json::number_unsigned_t value) {
    return AddNumber(JsonKind::kUnsigned, value);
  }
  bool number_float(Json::number_float_t value, const Json::string_t&) {
    return AddNumber(JsonKind::kFloat, std::bit_cast<std::uint64_t>(value));
  }
  bool string(Json::string_t& value) {
    JsonTree::Node* node = Add(JsonKind::kString);
    if (node == nullptr) return false;
    node->payload = std::uint64_t{tree_.text_.size()} << 32 | value.size();
    tree_.text_ += value;
    return true;
  }
  bool binary(Json::binary_t&) { return false; }  // not in JSON
  bool start_object(std::size_t) { return Open(JsonKind::kObject); }
  bool start_array(std::size_t) { return Open(JsonKind::kArray); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }
  bool key(Json::string_t& name) {
    name_at_ = static_cast<std::uint32_t>(tree_.text_.size());
    name_bytes_ = static_cast<std::uint32_t>(name.size());
    tree_.text_ += name;
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const Json::exception& error) {
    if (!complete()) {
      error_ = Error{ErrorKind::kMalformed, Sentence(at, error.what())};
    }
    return false;
  }

  // The root value has been read to its end, whatever came after.
  bool complete() const { return !tree_.nodes_.empty() && depth_ == 0; }
  const Error& error() const { return error_; }
  JsonTree Take() { return std::move(tree_); }

 private:
  struct Container {
    std::uint32_t node = 0;
    std::uint32_t last_child = 0;
  };

  // "JSON: invalid literal; last read: '{x' at byte 2", without nlohmann's preamble.
  static std::string Sentence(std::size_t at, std::string_view what) {
    const std::size_t bracket = what.find("] ");
    if (bracket != std::string_view::npos) what.remove_prefix(bracket + 2);
    const std::size_t colon = what.find(": ");
    if (what.starts_with("parse error") && colon != std::string_view::npos) {
      what.remove_prefix(colon + 2);
    }
    constexpr std::size_t kMaxBytes = 200;
    return "JSON: byte " + std::to_string(at) + ": " + CleanUtf8(what, kMaxBytes);
  }

  JsonTree::Node* Add(JsonKind kind) {
    if (tree_.nodes_.size() == kMaxJsonValues) {
      error_ = {ErrorKind::kTooLarge,
                "JSON: more than " + std::to_string(kMaxJsonValues) + " values"};
      return nullptr;
    }
    const auto index = static_cast<std::uint32_t>(tree_.nodes_.size());
    if (depth_ > 0) {
      Container& container = open_[depth_ - 1];
      if (container.last_child == 0) {
        tree_.nodes_[container.node].first_child = index;
      } else {
        tree_.nodes_[container.last_child].next = index;
      }
      container.last_child = index;
      ++tree_.nodes_[container.node].payload;
    }
    JsonTree::Node& node = tree_.nodes_.emplace_back();
    node.kind = kind;
    node.name_at = name_at_;
    node.name_bytes = name_bytes_;
    name_bytes_ = 0;
    return &node;
  }

  bool AddNumber(JsonKind kind, std::uint64_t number) {
    JsonTree::Node* node = Add(kind);
    if (node == nullptr) return false;
    node->payload = number;
    return true;
  }

  bool Open(JsonKind kind) {
    if (depth_ == kMaxJsonDepth) {
      error_ = {ErrorKind::kTooLarge,
                "JSON: nested deeper than " + std::to_string(kMaxJsonDepth) + " levels"};
      return false;
    }
    if (Add(kind) == nullptr) return false;
    open_[depth_++] = {static_cast<std::uint32_t>(tree_.nodes_.size() - 1), 0};
    return true;
  }

  bool Close() {
    --depth_;
    return true;
  }

  JsonTree tree_;
  std::array<Container, kMaxJsonDepth> open_{};
  std::size_t depth_ = 0;
  std::uint32_t name_at_ = 0;
  std::uint32_t name_bytes_ = 0;
  Error error_{ErrorKind::kMalformed, "JSON: empty"};
};

namespace {

// Positions are 32 bits wide; unpacking stops far below.
constexpr std::size_t kMaxJsonBytes = std::size_t{1} << 30;

// A place in the text. A type of this file's own, so that nlohmann's reader of it is,
// too: of a template that several files make, the linker keeps any one, however it was
// compiled.
struct Place {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  reference operator*() const { return *at; }
  Place& operator++() { return ++at, *this; }
  bool operator==(const Place&) const = default;

  const char* at;
};

// Below this neither a token nor the growth of a vector is worth a look beforehand.
constexpr std::size_t kLargeJsonBytes = kMaxJsonTokenBytes;

// What lies behind the value must not be a second report: it would be lost.
Result<void> CheckTail(std::string_view json, JsonTree* tree) {
  const std::size_t end = EndOfFirstValue(json);
  const std::size_t next = json.find_first_not_of(std::string_view(" \t\r\n\0", 5), end);
  if (next == std::string_view::npos) return {};
  if (json.find('{', next) != std::string_view::npos) {
    return Error{ErrorKind::kMalformed, "JSON: a second value may follow at byte " +
                                            std::to_string(next) +
                                            "; one report at a time can be read"};
  }
  tree->text_after_json = true;
  return {};
}

Result<JsonTree> ReadOnce(std::string_view json) {
  // A report of 1.7 KB has some 60 values; guessed low, grown if need be.
  std::size_t values = std::min<std::size_t>(json.size() / 32 + 8, 4096);
  if (json.size() > kLargeJsonBytes) {
    const JsonExtent extent = MeasureJson(json);
    if (extent.longest_bytes > kMaxJsonTokenBytes) {
      return Error{ErrorKind::kTooLarge,
                   "JSON: a text, number or run of blanks longer than " +
                       std::to_string(kMaxJsonTokenBytes) + " bytes"};
    }
    values = extent.values;
  }
  JsonTreeBuilder builder(json.size(), values);
  const bool to_the_end = nlohmann::json::sax_parse(
      Place{json.data()}, Place{json.data() + json.size()}, &builder);
  if (!builder.complete()) return builder.error();
  JsonTree tree = builder.Take();
  // nlohmann takes a NUL for the end of the text.
  if (!to_the_end || json.find('\0') != std::string_view::npos) {
    const auto checked = CheckTail(json, &tree);
    if (!checked) return checked.error();
  }
  return tree;
}

}  // namespace

Result<JsonTree> ReadJson(std::string_view json) {
  if (json.size() > kMaxJsonBytes) {
    return Error{ErrorKind::kTooLarge, "JSON: longer than 1 GiB"};
  }
  Result<JsonTree> tree = ReadOnce(json);
  if (tree || tree.error().kind != ErrorKind::kMalformed) return tree;
  const std::string mended = MendJson(json);
  if (mended == json) return tree;
  Result<JsonTree> second = ReadOnce(mended);
  // The first complaint is about the bytes that were sent.
  if (!second) return second.error().kind == ErrorKind::kTooLarge ? second : tree;
  second->mended = true;
  return second;
}

std::vector<std::string> ReadJsonStrings(std::string_view text) {
  if (!Trim(text).starts_with('[')) return {};
  const Result<JsonTree> tree = ReadJson(text);
  if (!tree) return {};
  std::vector<std::string> strings;
  for (const JsonValue element : tree->root()) {
    if (!element.Is(JsonKind::kString)) return {};
    strings.emplace_back(element.text());
  }
  return strings;
}

bool IsSame(const JsonValue& a, const JsonValue& b) {
  if (a.kind() != b.kind()) return false;
  if (a.Is(JsonKind::kString)) return a.text() == b.text();
  if (!a.Is(JsonKind::kArray) && !a.Is(JsonKind::kObject)) {
    return a.unsigned_value() == b.unsigned_value();  // or its bits
  }
  if (a.size() != b.size()) return false;
  auto other = b.begin();
  for (const JsonValue inner : a) {  // at most kMaxJsonDepth deep
    const JsonValue twin = *other;
    if (inner.name() != twin.name() || !IsSame(inner, twin)) return false;
    ++other;
  }
  return true;
}

}  // namespace tlsrpt::ingest
