#include "store/pg/rows.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>

#include "store/pg/pqxx_compat.h"

namespace tlsrpt::store {
namespace {

const pqxx::result& AsPqxx(const void* result) {
  return *static_cast<const pqxx::result*>(result);
}

[[noreturn]] void WrongType(std::string_view text, const char* type) {
  throw std::logic_error("\"" + std::string(text.substr(0, 80)) + "\" is no " + type);
}

template <class Number>
Number ParseNumber(std::string_view text, const char* type) {
  Number number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) WrongType(text, type);
  return number;
}

// Takes the digits up to `until` (or all of them, for 0) off the front of `text`.
int TakeNumber(std::string_view& text, char until, std::string_view whole,
               const char* type) {
  const std::size_t end = until == 0 ? text.size() : text.find(until);
  if (end == std::string_view::npos) WrongType(whole, type);
  const int number = ParseNumber<int>(text.substr(0, end), type);
  text.remove_prefix(until == 0 ? end : end + 1);
  return number;
}

// Takes " BC" off the end.
bool TakeBeforeChrist(std::string_view& text) {
  if (!text.ends_with(" BC")) return false;
  text.remove_suffix(3);
  return true;
}

std::chrono::sys_days ParseDate(std::string_view text, bool before_christ,
                                std::string_view whole, const char* type) {
  const int year = TakeNumber(text, '-', whole, type);
  const int month = TakeNumber(text, '-', whole, type);
  const int day = TakeNumber(text, 0, whole, type);
  const std::chrono::year_month_day date{
      std::chrono::year(before_christ ? 1 - year : year),
      std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) WrongType(whole, type);
  return date;
}

// "2026-11-23 21:27:31.5+00": DateStyle is ISO and TimeZone is UTC in our sessions.
TimePoint ParseTimestamp(std::string_view whole) {
  constexpr const char* kType = "UTC timestamp";
  std::string_view text = whole;
  const bool before_christ = TakeBeforeChrist(text);
  if (!text.ends_with("+00")) WrongType(whole, kType);
  text.remove_suffix(3);
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) WrongType(whole, kType);
  const auto day = ParseDate(text.substr(0, blank), before_christ, whole, kType);
  text.remove_prefix(blank + 1);
  const int hours = TakeNumber(text, ':', whole, kType);
  const int minutes = TakeNumber(text, ':', whole, kType);
  const std::size_t point = text.find('.');
  std::string micros(point == std::string_view::npos ? "" : text.substr(point + 1));
  if (micros.size() > 6) WrongType(whole, kType);
  micros.resize(6, '0');
  const int seconds = ParseNumber<int>(text.substr(0, point), kType);
  return day + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds) +
         std::chrono::microseconds(ParseNumber<int>(micros, kType));
}

// PostgreSQL's text form: {plain,"with \"quotes\", commas and \\"}.
std::vector<std::string> ParseTextArray(std::string_view whole) {
  constexpr const char* kType = "text[] of one dimension without NULL";
  std::vector<std::string> values;
  if (whole.size() < 2 || whole.front() != '{' || whole.back() != '}') {
    WrongType(whole, kType);
  }
  const std::string_view text = whole.substr(1, whole.size() - 2);
  std::size_t at = 0;
  while (at < text.size()) {
    std::string value;
    if (text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
        if (at == text.size()) WrongType(whole, kType);
        value.push_back(text[at]);
      }
      if (at == text.size()) WrongType(whole, kType);
      ++at;  // the closing quote
    } else {
      const std::size_t end = std::min(text.find(',', at), text.size());
      value = text.substr(at, end - at);
      if (value == "NULL" || value.find('{') != std::string::npos)
        WrongType(whole, kType);
      at = end;
    }
    values.push_back(std::move(value));
    if (at < text.size() && text[at++] != ',') WrongType(whole, kType);
  }
  return values;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string ParseBytes(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) WrongType(text, "bytea");
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t at = 2; at < text.size(); at += 2) {
    const int high = HexDigit(text[at]);
    const int low = HexDigit(text[at + 1]);
    if (high < 0 || low < 0) WrongType(text, "bytea");
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

}  // namespace

int Row::IndexOf(Column column) const {
  const pqxx::result& result = AsPqxx(result_);
  const int index = column.name_ != nullptr
                        ? static_cast<int>(result.column_number(column.name_))
                        : column.index_;
  if (index < 0 || index >= static_cast<int>(result.columns())) {
    throw std::logic_error("no column " + std::to_string(index));
  }
  return index;
}

std::string_view Row::Cell(Column column, const char* type) const {
  const pqxx::result& result = AsPqxx(result_);
  const int index = IndexOf(column);
  const pqxx::field field = result[static_cast<pqxx::result::size_type>(index_)]
                                  [static_cast<pqxx::row::size_type>(index)];
  if (field.is_null()) {
    throw std::logic_error("column " + std::to_string(index) + " is NULL, not " + type);
  }
  return std::string_view(field.c_str(), field.size());
}

bool Row::IsNull(Column column) const {
  return AsPqxx(result_)[static_cast<pqxx::result::size_type>(index_)]
                        [static_cast<pqxx::row::size_type>(IndexOf(column))]
                            .is_null();
}

std::string_view Row::Text(Column column) const { return Cell(column, "text"); }

std::int64_t Row::Int64(Column column) const {
  return ParseNumber<std::int64_t>(Cell(column, "bigint"), "bigint");
}

std::int32_t Row::Int32(Column column) const {
  return ParseNumber<std::int32_t>(Cell(column, "integer"), "integer");
}

bool Row::Bool(Column column) const {
  const std::string_view text = Cell(column, "boolean");
  if (text != "t" && text != "f") WrongType(text, "boolean");
  return text == "t";
}

Uuid Row::Uuid(Column column) const {
  const std::string_view text = Cell(column, "uuid");
  const auto value = ParseUuid(text);
  if (!value) WrongType(text, "uuid");
  return *value;
}

std::chrono::sys_days Row::Date(Column column) const {
  const std::string_view whole = Cell(column, "date");
  std::string_view text = whole;
  const bool before_christ = TakeBeforeChrist(text);
  return ParseDate(text, before_christ, whole, "date");
}

TimePoint Row::Timestamp(Column column) const {
  return ParseTimestamp(Cell(column, "timestamp"));
}

std::vector<std::string> Row::TextArray(Column column) const {
  return ParseTextArray(Cell(column, "text[]"));
}

std::string Row::Bytes(Column column) const { return ParseBytes(Cell(column, "bytea")); }

std::optional<std::string> Row::OptionalText(Column column) const {
  if (IsNull(column)) return std::nullopt;
  return std::string(Text(column));
}

std::optional<std::int64_t> Row::OptionalInt64(Column column) const {
  if (IsNull(column)) return std::nullopt;
  return Int64(column);
}

std::optional<Uuid> Row::OptionalUuid(Column column) const {
  if (IsNull(column)) return std::nullopt;
  return Uuid(column);
}

std::optional<std::chrono::sys_days> Row::OptionalDate(Column column) const {
  if (IsNull(column)) return std::nullopt;
  return Date(column);
}

std::optional<TimePoint> Row::OptionalTimestamp(Column column) const {
  if (IsNull(column)) return std::nullopt;
  return Timestamp(column);
}

std::size_t ResultSet::size() const {
  return static_cast<std::size_t>(AsPqxx(result_.get()).size());
}

Row ResultSet::at(std::size_t index) const {
  if (index >= size()) {
    throw std::logic_error("row " + std::to_string(index) + " of " +
                           std::to_string(size()));
  }
  return Row(result_.get(), index);
}

std::size_t ResultSet::AffectedRows() const {
  return static_cast<std::size_t>(AsPqxx(result_.get()).affected_rows());
}

}  // namespace tlsrpt::store
