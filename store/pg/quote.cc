#include "store/pg/quote.h"

#include <array>
#include <charconv>

namespace tlsrpt::store {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// `value` with at least `width` digits. `value` is not negative.
void AppendPadded(std::string& out, std::int64_t value, std::size_t width) {
  std::array<char, 20> digits;
  std::size_t at = digits.size();
  for (; value > 0 || digits.size() - at < width; value /= 10) {
    digits[--at] = static_cast<char>('0' + value % 10);
  }
  out.append(&digits[at], digits.size() - at);
}

void AppendHex(std::string& out, std::string_view bytes) {
  std::size_t at = out.size();
  out.resize(at + 2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out[at++] = kHexDigits[byte >> 4];
    out[at++] = kHexDigits[byte & 0xf];
  }
}

// Appends `text`, and a backslash before each quote or backslash in it.
void AppendEscaped(std::string& out, std::string_view text) {
  std::size_t from = 0;
  while (true) {
    const std::size_t at = text.find_first_of("\"\\", from);
    if (at == std::string_view::npos) break;
    out.append(text, from, at - from);
    out.push_back('\\');
    out.push_back(text[at]);
    from = at + 1;
  }
  out.append(text, from);
}

}  // namespace

void AppendInt(std::string& out, std::int64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void AppendUuid(std::string& out, const Uuid& value) { out.append(value.ToString()); }

void AppendDate(std::string& out, std::chrono::sys_days day) {
  const std::chrono::year_month_day date{day};
  const int year = static_cast<int>(date.year());
  // PostgreSQL has no year 0: 1 BC is what chrono calls 0.
  AppendPadded(out, year > 0 ? year : 1 - year, 4);
  out.push_back('-');
  AppendPadded(out, static_cast<unsigned>(date.month()), 2);
  out.push_back('-');
  AppendPadded(out, static_cast<unsigned>(date.day()), 2);
  if (year <= 0) out.append(" BC");
}

void AppendTime(std::string& out, TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock{time - day};
  const bool before_christ =
      std::chrono::year_month_day{day}.year() <= std::chrono::year{0};
  AppendDate(out, day);
  if (before_christ) out.resize(out.size() - 3);  // " BC" belongs at the end
  out.push_back(' ');
  AppendPadded(out, clock.hours().count(), 2);
  out.push_back(':');
  AppendPadded(out, clock.minutes().count(), 2);
  out.push_back(':');
  AppendPadded(out, clock.seconds().count(), 2);
  out.push_back('.');
  AppendPadded(out, clock.subseconds().count(), 6);
  out.append("+00");
  if (before_christ) out.append(" BC");
}

void AppendTextArray(std::string& out, const std::vector<std::string>& values) {
  out.push_back('{');
  bool first = true;
  for (const std::string& value : values) {
    if (!first) out.push_back(',');
    first = false;
    out.push_back('"');
    AppendEscaped(out, value);
    out.push_back('"');
  }
  out.push_back('}');
}

void AppendBytes(std::string& out, std::string_view bytes) {
  out.append("\\x");
  AppendHex(out, bytes);
}

void QuoteText(std::string& out, std::string_view text) {
  out.push_back('\'');
  for (std::size_t at; (at = text.find('\'')) != std::string_view::npos;) {
    out.append(text, 0, at + 1);
    out.push_back('\'');
    text.remove_prefix(at + 1);
  }
  out.append(text);
  out.push_back('\'');
}

void QuoteInt(std::string& out, std::int64_t value) {
  std::array<char, 22> quoted;  // 20 with its sign
  quoted.front() = '\'';
  char* end = std::to_chars(&quoted[1], quoted.data() + quoted.size(), value).ptr;
  *end++ = '\'';
  out.append(quoted.data(), end);
}

void QuoteBool(std::string& out, bool value) { out.append(value ? "true" : "false"); }

void QuoteUuid(std::string& out, const Uuid& value) {
  out.push_back('\'');
  AppendUuid(out, value);
  out.push_back('\'');
}

void QuoteDate(std::string& out, std::chrono::sys_days day) {
  out.push_back('\'');
  AppendDate(out, day);
  out.push_back('\'');
}

void QuoteTime(std::string& out, TimePoint time) {
  out.push_back('\'');
  AppendTime(out, time);
  out.push_back('\'');
}

void QuoteTextArray(std::string& out, const std::vector<std::string>& values) {
  out.append("'{");
  bool first = true;
  for (const std::string& value : values) {
    if (!first) out.push_back(',');
    first = false;
    out.push_back('"');
    // Two readers, one after the other: the array's, which drops backslashes, and before
    // it the literal's, which drops one of two quotes.
    std::size_t from = 0;
    while (true) {
      const std::size_t at = value.find_first_of("\"\\'", from);
      if (at == std::string::npos) break;
      out.append(value, from, at - from);
      out.push_back(value[at] == '\'' ? '\'' : '\\');
      out.push_back(value[at]);
      from = at + 1;
    }
    out.append(value, from);
    out.push_back('"');
  }
  out.append("}'");
}

void QuoteBytes(std::string& out, std::string_view bytes) {
  out.push_back('\'');
  AppendBytes(out, bytes);
  out.push_back('\'');
}

ValuesBuilder::ValuesBuilder(std::string_view head)
    : head_bytes_(head.size()), sql_(head) {}

ValuesBuilder& ValuesBuilder::Row() {
  if (finished_) {
    sql_.resize(head_bytes_);
    rows_ = 0;
    finished_ = false;
  }
  sql_.append(rows_ == 0 ? "(" : "),\n(");
  first_in_row_ = true;
  ++rows_;
  return *this;
}

void ValuesBuilder::Comma() {
  if (!first_in_row_) sql_.push_back(',');
  first_in_row_ = false;
}

ValuesBuilder& ValuesBuilder::Null() {
  Comma();
  sql_.append("NULL");
  return *this;
}

ValuesBuilder& ValuesBuilder::Default() {
  Comma();
  sql_.append("DEFAULT");
  return *this;
}

ValuesBuilder& ValuesBuilder::Text(std::string_view text) {
  Comma();
  QuoteText(sql_, text);
  return *this;
}

ValuesBuilder& ValuesBuilder::TextOrNull(std::string_view text) {
  return text.empty() ? Null() : Text(text);
}

ValuesBuilder& ValuesBuilder::Int(std::int64_t value) {
  Comma();
  QuoteInt(sql_, value);
  return *this;
}

ValuesBuilder& ValuesBuilder::Int(const std::optional<std::int64_t>& value) {
  return value ? Int(*value) : Null();
}

ValuesBuilder& ValuesBuilder::Bool(bool value) {
  Comma();
  QuoteBool(sql_, value);
  return *this;
}

ValuesBuilder& ValuesBuilder::Uuid(const tlsrpt::Uuid& value) {
  Comma();
  QuoteUuid(sql_, value);
  return *this;
}

ValuesBuilder& ValuesBuilder::Uuid(const std::optional<tlsrpt::Uuid>& value) {
  return value ? Uuid(*value) : Null();
}

ValuesBuilder& ValuesBuilder::Date(std::chrono::sys_days day) {
  Comma();
  QuoteDate(sql_, day);
  return *this;
}

ValuesBuilder& ValuesBuilder::Time(TimePoint time) {
  Comma();
  QuoteTime(sql_, time);
  return *this;
}

ValuesBuilder& ValuesBuilder::Time(const std::optional<TimePoint>& time) {
  return time ? Time(*time) : Null();
}

ValuesBuilder& ValuesBuilder::TextArray(const std::vector<std::string>& values) {
  Comma();
  QuoteTextArray(sql_, values);
  return *this;
}

ValuesBuilder& ValuesBuilder::UuidArray(const std::vector<tlsrpt::Uuid>& values) {
  Comma();
  sql_.append("'{");
  bool first = true;
  for (const tlsrpt::Uuid& value : values) {
    if (!first) sql_.push_back(',');
    first = false;
    AppendUuid(sql_, value);
  }
  sql_.append("}'");
  return *this;
}

ValuesBuilder& ValuesBuilder::Bytes(std::string_view bytes) {
  Comma();
  QuoteBytes(sql_, bytes);
  return *this;
}

const std::string& ValuesBuilder::Finish(std::string_view tail) {
  if (!finished_) {
    if (rows_ > 0) sql_.push_back(')');
    sql_.append(tail);
    finished_ = true;
  }
  return sql_;
}

}  // namespace tlsrpt::store
