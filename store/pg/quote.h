// SQL literals, and the multi-row VALUES lists made of them.
//
// One statement of 100 to 500 rows is the fastest way in that Citus can also split by
// shard; everything is appended to one string, nothing is allocated per value.
//
// Literals are right only on our own connections: standard_conforming_strings is on, so
// a quote is doubled and a backslash is itself; client and database are UTF8, so no other
// character contains the byte of a quote, and PostgreSQL refuses bytes that are not UTF-8
// (kBadData) before it reads the statement.
//
// They carry no type: INSERT ... VALUES gives each the type of its column. Anywhere else
// write the cast yourself. Numbers too are in quotes: one without has a type, and is cast
// from it to the column's, which is most of what reading a row of them costs PostgreSQL.
//
// Errors   NUL cannot be in text: the statement that holds one is refused (kBadData).
// Threads  pure functions; a builder is for one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"

namespace tlsrpt::store {

// Each appends one literal to `out`.
void QuoteText(std::string& out, std::string_view text);
void QuoteInt(std::string& out, std::int64_t value);
void QuoteBool(std::string& out, bool value);
void QuoteUuid(std::string& out, const Uuid& value);
void QuoteDate(std::string& out, std::chrono::sys_days day);
void QuoteTime(std::string& out, TimePoint time);
void QuoteTextArray(std::string& out, const std::vector<std::string>& values);
void QuoteBytes(std::string& out, std::string_view bytes);

// The same without quotes around: what PostgreSQL reads as a value of the type.
void AppendInt(std::string& out, std::int64_t value);
void AppendUuid(std::string& out, const Uuid& value);
void AppendDate(std::string& out, std::chrono::sys_days day);
void AppendTime(std::string& out, TimePoint time);
void AppendTextArray(std::string& out, const std::vector<std::string>& values);
void AppendBytes(std::string& out, std::string_view bytes);

// "head (v, v), (v, v) tail"
//
//   ValuesBuilder insert("INSERT INTO node_counter (node, name, value) VALUES ");
//   for (...) insert.Row().Text(node).Text(name).Int(value);
//   tx.Exec(insert.Finish(" ON CONFLICT DO NOTHING"));
class ValuesBuilder {
 public:
  explicit ValuesBuilder(std::string_view head);

  ValuesBuilder& Row();  // ends the row before, begins the next
  ValuesBuilder& Null();
  ValuesBuilder& Default();  // that of the column
  ValuesBuilder& Text(std::string_view text);
  ValuesBuilder& TextOrNull(std::string_view text);  // NULL for ''; for inet
  ValuesBuilder& Int(std::int64_t value);
  ValuesBuilder& Int(const std::optional<std::int64_t>& value);
  // The names that CopyRows has for these, so that a row can be written either way.
  ValuesBuilder& Smallint(std::int64_t value) { return Int(value); }
  ValuesBuilder& Integer(std::int64_t value) { return Int(value); }
  ValuesBuilder& Timestamptz(TimePoint time) { return Time(time); }
  ValuesBuilder& Bool(bool value);
  ValuesBuilder& Uuid(const tlsrpt::Uuid& value);
  ValuesBuilder& Uuid(const std::optional<tlsrpt::Uuid>& value);
  ValuesBuilder& Date(std::chrono::sys_days day);
  ValuesBuilder& Time(TimePoint time);
  ValuesBuilder& Time(std::chrono::sys_seconds time) { return Time(TimePoint(time)); }
  ValuesBuilder& Time(const std::optional<TimePoint>& time);
  ValuesBuilder& TextArray(const std::vector<std::string>& values);
  ValuesBuilder& UuidArray(const std::vector<tlsrpt::Uuid>& values);
  ValuesBuilder& Bytes(std::string_view bytes);

  // Rows that no Finish() has given out yet.
  std::size_t rows() const { return finished_ ? 0 : rows_; }
  std::size_t bytes() const { return sql_.size(); }

  // The statement, which stands until the next Row(); that starts over with the same
  // head and memory. Without a row it is no statement: ask rows() first.
  const std::string& Finish(std::string_view tail = {});

 private:
  void Comma();

  std::size_t head_bytes_;
  std::string sql_;
  std::size_t rows_ = 0;
  bool first_in_row_ = true;
  bool finished_ = false;
};

}  // namespace tlsrpt::store
