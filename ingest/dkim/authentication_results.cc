#include "ingest/dkim/authentication_results.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

// What ends a word that is not quoted. Narrower than the token of RFC 2045, 5.1: "/",
// "=", ":", "[" and the like stand unquoted in values that everybody writes
// (header.b=a/b=, smtp.remote-ip=[2001:db8::1]).
bool EndsWord(char c) { return IsFws(c) || c == ';' || c == '(' || c == ')' || c == '"'; }

// Keyword is ldh-str (RFC 8601, 2.2); "_" is written by some.
bool IsKeyword(std::string_view word) {
  if (word.empty()) return false;
  for (const char c : ToLowerAscii(word)) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) {
      return false;
    }
  }
  return true;
}

class Parser {
 public:
  Parser(std::string_view text, AuthservForm form) : text_(text), form_(form) {}

  Result<AuthenticationResults> Run() {
    Read();
    if (error_) return *error_;
    return std::move(out_);
  }

 private:
  void Read() {
    if (!SkipBlanks()) return;
    bool first = true;
    if (form_ == AuthservForm::kStandard) {
      if (!ReadId()) return;
      first = false;
    }
    while (at_ < text_.size()) {
      if (!first) {
        if (text_[at_] != ';') return Fail("\";\" expected");
        ++at_;
        if (!SkipBlanks()) return;
        // A ";" at the end is not of the grammar, and is written all the same.
        if (at_ == text_.size()) break;
      }
      first = false;
      if (!ReadResult()) return;
    }
    if (out_.results.empty() && !none_) Fail("no result");
  }

  // authserv-id [ CFWS authres-version ]
  bool ReadId() {
    if (!Value(&out_.authserv_id) || !SkipBlanks()) return false;
    if (out_.authserv_id.empty() || out_.authserv_id.find('=') != std::string::npos) {
      return FailFalse("no authserv-id");
    }
    if (at_ == text_.size() || text_[at_] == ';') return true;
    if (Word() != "1") return FailFalse("a version other than 1");
    return SkipBlanks();
  }

  // One resinfo: method [ "/" version ] "=" result, reason, properties. Or "none".
  bool ReadResult() {
    MethodResult result;
    std::string_view version = "1";
    std::string_view name = Keyword();
    if (!SkipBlanks()) return false;
    if (Take('/')) {
      if (!SkipBlanks()) return false;
      version = Keyword();
      if (!SkipBlanks()) return false;
    }
    if (EqualsIgnoreCase(name, "none") && out_.results.empty() && !none_ &&
        at_ == text_.size()) {
      none_ = true;
      return true;
    }
    if (none_) return FailFalse("a result beside \"none\"");
    if (!IsKeyword(name) || !Take('=')) return FailFalse("method=result expected");
    if (!SkipBlanks()) return false;
    result.method = ToLowerAscii(name);
    const std::string_view word = Keyword();
    if (!IsKeyword(word)) return FailFalse("no result after \"=\"");
    result.result = ToLowerAscii(word);
    if (!SkipBlanks()) return false;
    while (at_ < text_.size() && text_[at_] != ';') {
      if (!ReadProperty(&result)) return false;
    }
    if (out_.results.size() == kMaxMethodResults) return TooMany("results");
    // RFC 8601, 2.6: a version that is not known is not read.
    if (version == "1") out_.results.push_back(std::move(result));
    return true;
  }

  // "reason" "=" value, or ptype "." property "=" value. Exchange writes properties
  // without a ptype ("action=none").
  bool ReadProperty(MethodResult* result) {
    MethodResult::Property property;
    std::string_view name = Keyword();
    if (!IsKeyword(name)) return FailFalse("a property expected");
    if (!SkipBlanks()) return false;
    if (Take('.')) {
      property.type = ToLowerAscii(name);
      if (!SkipBlanks()) return false;
      name = Keyword();
      if (!IsKeyword(name)) return FailFalse("a property expected after \".\"");
      if (!SkipBlanks()) return false;
    }
    property.name = ToLowerAscii(name);
    if (!Take('=')) return FailFalse("\"=\" expected");
    if (!SkipBlanks() || !Value(&property.value) || !SkipBlanks()) return false;
    if (property.type.empty() && property.name == "reason" && result->reason.empty()) {
      result->reason = std::move(property.value);
      return true;
    }
    if (result->properties.size() == kMaxProperties) return TooMany("properties");
    result->properties.push_back(std::move(property));
    return true;
  }

  // A word of letters, digits and hyphens; empty if there is none.
  std::string_view Keyword() {
    const std::size_t from = at_;
    while (at_ < text_.size() && IsKeyword(text_.substr(at_, 1))) ++at_;
    return text_.substr(from, at_ - from);
  }

  std::string_view Word() {
    const std::size_t from = at_;
    while (at_ < text_.size() && !EndsWord(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  // Quoted or not, or both in one: "a b"@mail.example.
  bool Value(std::string* value) {
    while (at_ < text_.size()) {
      if (text_[at_] != '"') {
        const std::string_view word = Word();
        if (word.empty()) break;
        *value += word;
        continue;
      }
      for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        // Folded within quotes: the line break is no part of it (RFC 5322, 3.2.4).
        if (text_[at_] != '\r' && text_[at_] != '\n') *value += text_[at_];
      }
      if (!Take('"')) return FailFalse("quotes that do not close");
    }
    return true;
  }

  bool Take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // CFWS. False where a comment does not close, or nests too deep.
  bool SkipBlanks() {
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '(') {
        if (++depth > kMaxCommentDepth) return TooMany("comments in each other");
      } else if (depth > 0) {
        if (c == '\\') ++at_;
        if (c == ')') --depth;
      } else if (!IsFws(c)) {
        return true;
      }
    }
    at_ = std::min(at_, text_.size());
    return depth == 0 || FailFalse("a comment that does not close");
  }

  void Fail(std::string_view what) {
    error_ = Error{ErrorKind::kMalformed, "Authentication-Results: " + std::string(what) +
                                              " at byte " + std::to_string(at_)};
  }
  bool FailFalse(std::string_view what) {
    Fail(what);
    return false;
  }
  bool TooMany(std::string_view what) {
    error_ = Error{ErrorKind::kTooLarge,
                   "Authentication-Results: too many " + std::string(what)};
    return false;
  }

  std::string_view text_;
  AuthservForm form_;
  std::size_t at_ = 0;
  bool none_ = false;
  AuthenticationResults out_;
  std::optional<Error> error_;
};

}  // namespace

const std::string* MethodResult::OneProperty(std::string_view type,
                                             std::string_view name) const {
  const std::string* found = nullptr;
  for (const Property& property : properties) {
    if (property.type != type || property.name != name) continue;
    if (found != nullptr) return nullptr;
    found = &property.value;
  }
  return found;
}

Result<AuthenticationResults> ParseAuthenticationResults(std::string_view value,
                                                         AuthservForm form) {
  return Parser(value, form).Run();
}

}  // namespace tlsrpt::ingest
