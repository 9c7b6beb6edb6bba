// What a statement gave back, cell by cell.
//
//   for (Row row : rows) Use(row.Text("reporter"), row.Date("day"));
//
// Errors   A cell that is NULL or not of the type asked for, and a column that is not
//          there, are our bugs: std::logic_error, which Transact turns into kOther.
// Threads  Const after construction.
// Lifetime A ResultSet shares what it shows with its copies. A Row, and a Text() view,
//          live as long as some copy of their ResultSet does.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"

namespace tlsrpt::store {

// A column by its place, from 0, or by its name. The place is faster.
class Column {
 public:
  Column(int index) : index_(index) {}
  Column(const char* name) : name_(name) {}

 private:
  friend class Row;
  int index_ = -1;
  const char* name_ = nullptr;
};

class Row {
 public:
  bool IsNull(Column column) const;
  std::string_view Text(Column column) const;
  std::int64_t Int64(Column column) const;
  std::int32_t Int32(Column column) const;
  bool Bool(Column column) const;
  tlsrpt::Uuid Uuid(Column column) const;
  std::chrono::sys_days Date(Column column) const;
  TimePoint Timestamp(Column column) const;
  std::vector<std::string> TextArray(Column column) const;
  std::string Bytes(Column column) const;

  // The same, and nothing for NULL.
  std::optional<std::string> OptionalText(Column column) const;
  std::optional<std::int64_t> OptionalInt64(Column column) const;
  std::optional<tlsrpt::Uuid> OptionalUuid(Column column) const;
  std::optional<std::chrono::sys_days> OptionalDate(Column column) const;
  std::optional<TimePoint> OptionalTimestamp(Column column) const;

 private:
  friend class ResultSet;
  Row(const void* result, std::size_t index) : result_(result), index_(index) {}

  int IndexOf(Column column) const;
  std::string_view Cell(Column column, const char* type) const;

  const void* result_;  // const pqxx::result
  std::size_t index_;
};

class ResultSet {
 public:
  class Iterator {
   public:
    Row operator*() const { return set_->at(index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    friend class ResultSet;
    Iterator(const ResultSet* set, std::size_t index) : set_(set), index_(index) {}
    const ResultSet* set_;
    std::size_t index_;
  };

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  // std::logic_error past the end.
  Row at(std::size_t index) const;
  Row operator[](std::size_t index) const { return at(index); }
  Iterator begin() const { return Iterator(this, 0); }
  Iterator end() const { return Iterator(this, size()); }

  // Rows that INSERT, UPDATE or DELETE touched.
  std::size_t AffectedRows() const;

 private:
  friend class Transaction;
  explicit ResultSet(std::shared_ptr<const void> result) : result_(std::move(result)) {}
  std::shared_ptr<const void> result_;  // const pqxx::result
};

}  // namespace tlsrpt::store
