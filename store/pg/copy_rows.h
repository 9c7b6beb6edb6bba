// Rows for COPY ... FROM STDIN in PostgreSQL's binary format: what an insert costs least
// that needs no ON CONFLICT. PostgreSQL parses no text, plans nothing, and writes a page
// at a time; by multi-row VALUES the same rows cost it twice as much.
//
//   CopyRows rows("policy_text (policy_domain, policy_hash)");
//   for (...) rows.Row().Text(domain).Uuid(hash);
//   tx.Copy(rows);
//
//   data  = "PGCOPY" 0A FF 0D 0A 00, flags, extension bytes; *row; int16 -1
//   row   = int16 number of values; *value
//   value = int32 length, -1 for NULL; bytes          ; all integers in network order
//
// The values of a row carry no type, those of a record do: each must be of the type of
// its column, for which the calls are named. Nothing is escaped, since everything has a
// length.
//
// Errors   A value that cannot be of its column's type is sent so that PostgreSQL
//          refuses it (22P03, kBadData), as it does text with NUL or not of UTF-8.
// Threads  a value for one thread.
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

class CopyRows {
 public:
  // `target`: "table (column, column)".
  explicit CopyRows(std::string_view target);

  // Room for so many bytes of rows at once; there may be more.
  void Reserve(std::size_t bytes) { data_.reserve(bytes); }

  CopyRows& Row();  // ends the row before, begins the next
  CopyRows& Null();
  CopyRows& Bool(bool value);
  CopyRows& Smallint(std::int64_t value);
  CopyRows& Integer(std::int64_t value);
  CopyRows& Bigint(std::int64_t value);
  CopyRows& Text(std::string_view text);
  CopyRows& Bytea(std::string_view bytes);
  CopyRows& Uuid(const tlsrpt::Uuid& value);
  CopyRows& Uuid(const std::optional<tlsrpt::Uuid>& value);
  CopyRows& Date(std::chrono::sys_days day);
  CopyRows& Timestamptz(TimePoint time);
  // The text of an IP address; NULL for ''.
  CopyRows& Inet(std::string_view address);
  CopyRows& TextArray(const std::vector<std::string>& values);
  CopyRows& UuidArray(const std::vector<tlsrpt::Uuid>& values);
  // An array of a composite type, an element for each of `items`: `add(*this, item)`
  // appends all its fields, in their order, by the calls above. Of a domain: the call for
  // the type under it. Not one in another; NULL only by Inet.
  template <class Items, class Add>
  CopyRows& Records(const Items& items, const Add& add) {
    const std::size_t records_at = BeginRecords(items.size());
    for (const auto& item : items) {
      const std::size_t record_at = BeginRecord();
      add(*this, item);
      EndRecord(record_at);
    }
    PutLength(records_at);
    return *this;
  }

  std::size_t rows() const { return rows_; }
  std::size_t bytes() const { return data_.size(); }

  const std::string& Statement() const { return statement_; }
  // The rows as COPY reads them; they end with it. The next Row() starts over.
  const std::string& Finish();

 private:
  enum class Type : std::int32_t;  // by PostgreSQL's object ids

  void CountValue(Type type);
  void BeginValue(Type type, std::size_t bytes);
  template <class T>
  CopyRows& Fixed(Type type, T value);
  CopyRows& Null(Type type);
  CopyRows& Bytes(Type type, std::string_view bytes);
  template <class Values, class BytesOf>
  CopyRows& Array(Type type, Type element, const Values& values, const BytesOf& bytes_of);
  void AppendArrayHead(Type element, std::size_t count);
  std::size_t BeginRecords(std::size_t count);
  std::size_t BeginRecord();
  void EndRecord(std::size_t at);
  template <class... T>
  void Append(T... values);
  template <class T>
  void Put(std::size_t at, T value);
  template <class T>
  CopyRows& Narrow(Type type, std::int64_t value);
  void PutLength(std::size_t at);
  void EndRow();

  std::string statement_;
  std::string data_;
  std::size_t row_at_ = 0;   // where the row's number of values stands
  std::int16_t values_ = 0;  // in this row
  std::size_t rows_ = 0;

  bool in_record_ = false;
  std::int32_t fields_ = 0;  // in this record
};

}  // namespace tlsrpt::store
