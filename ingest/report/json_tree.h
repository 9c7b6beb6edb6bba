// JSON of a stranger as a tree that costs little and keeps what a map would lose.
//
// nlohmann's own tree takes a node of the heap per value, lets the last of two equal
// names win in silence, and nests as deep as the input says. Its SAX reader does the
// grammar here; the tree is two vectors, keeps members in order with all their
// duplicates, and ends at kMaxJsonDepth and kMaxJsonValues.
//
// A text is not lost for one bad byte in it: what JSON forbids inside a string and any
// reader can only read one way (raw line breaks, which the RFC's own Appendix B has;
// invalid UTF-8; half surrogates; unknown escapes) and numbers past a double's range
// are mended, once, and `mended` says so.
//
// Units    bytes.
// Errors   kMalformed   not JSON, naming the byte; two values in one text
//          kTooLarge    past a limit
// Threads  a tree is read-only once made.
// Lifetime JsonValue is a view into its tree.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tlsrpt::ingest {

// A report has seven levels, a nested policy-string nine.
inline constexpr int kMaxJsonDepth = 32;
// 20 MB of honest report have 700,000 values.
inline constexpr std::size_t kMaxJsonValues = std::size_t{1} << 20;
// One string, number or run of blanks, as it is written. Two thousand times the longest
// text that is kept, and thirty times the largest policy (RFC 8461, 3.3); nlohmann holds
// one up to ten times over while it reads it.
inline constexpr std::size_t kMaxJsonTokenBytes = std::size_t{2} << 20;

enum class JsonKind : std::uint8_t {
  kAbsent,
  kNull,
  kBool,
  kUnsigned,
  kNegative,  // an integer below zero
  kFloat,     // with fraction or exponent, or past 64 bits
  kString,
  kArray,
  kObject,
};

class JsonTree;

class JsonValue {
 public:
  JsonValue() = default;  // kAbsent

  JsonKind kind() const;
  bool Is(JsonKind other) const { return kind() == other; }
  std::string_view name() const;  // as a member of an object
  std::string_view text() const;  // kString
  std::uint64_t unsigned_value() const;
  double float_value() const;
  std::size_t size() const;  // kArray, kObject: how many begin() to end() gives

  // The members or elements, in order.
  class Iterator {
   public:
    Iterator(const JsonTree* tree, std::uint32_t at) : tree_(tree), at_(at) {}
    JsonValue operator*() const { return JsonValue(tree_, at_); }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const JsonTree* tree_;
    std::uint32_t at_;
  };
  Iterator begin() const;
  Iterator end() const { return Iterator(tree_, 0); }

 private:
  friend class JsonTree;
  JsonValue(const JsonTree* tree, std::uint32_t at) : tree_(tree), at_(at) {}

  const JsonTree* tree_ = nullptr;
  std::uint32_t at_ = 0;
};

class JsonTree {
 public:
  JsonValue root() const { return nodes_.empty() ? JsonValue() : JsonValue(this, 0); }
  bool mended = false;           // see above
  bool text_after_json = false;  // ignored: no second report in it

 private:
  friend class JsonValue;
  friend class JsonTreeBuilder;

  struct Node {
    JsonKind kind = JsonKind::kNull;
    std::uint32_t name_at = 0;
    std::uint32_t name_bytes = 0;
    std::uint32_t first_child = 0;  // 0: none, since the root is nobody's child
    std::uint32_t next = 0;         // 0: the last of its siblings
    // A number, or the bits of a double, or how many children; or where in the texts a
    // string is: its place in the upper half, its length in the lower. A million nodes
    // are most of the memory.
    std::uint64_t payload = 0;
  };

  std::vector<Node> nodes_;
  std::string text_;  // all names and strings
};

// Whether they say the same; members in another order are not.
bool IsSame(const JsonValue& a, const JsonValue& b);

// Here, since a reader asks for little else.
inline JsonKind JsonValue::kind() const {
  return tree_ != nullptr ? tree_->nodes_[at_].kind : JsonKind::kAbsent;
}
inline std::string_view JsonValue::name() const {
  const JsonTree::Node& node = tree_->nodes_[at_];
  return std::string_view(tree_->text_).substr(node.name_at, node.name_bytes);
}
inline std::string_view JsonValue::text() const {
  const std::uint64_t place = tree_->nodes_[at_].payload;
  return std::string_view(tree_->text_).substr(place >> 32, place & 0xFFFF'FFFF);
}
inline std::uint64_t JsonValue::unsigned_value() const {
  return tree_->nodes_[at_].payload;
}
inline double JsonValue::float_value() const {
  return std::bit_cast<double>(tree_->nodes_[at_].payload);
}
inline std::size_t JsonValue::size() const { return tree_->nodes_[at_].payload; }
inline JsonValue::Iterator JsonValue::begin() const {
  return Iterator(tree_, tree_ != nullptr ? tree_->nodes_[at_].first_child : 0);
}
inline JsonValue::Iterator& JsonValue::Iterator::operator++() {
  at_ = tree_->nodes_[at_].next;
  return *this;
}

Result<JsonTree> ReadJson(std::string_view json);

// The members of a small JSON array of strings, as Microsoft puts one inside a string;
// empty if `text` is anything else.
std::vector<std::string> ReadJsonStrings(std::string_view text);

}  // namespace tlsrpt::ingest
