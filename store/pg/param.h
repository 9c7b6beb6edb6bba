// Values for $1, $2, ... of a query. PostgreSQL gets them as text and gives each the type
// the query asks for, so a day given for a text column is the day's text.
//
//   tx.Query("evidence_results", {names, first_day, last_day, std::nullopt, 100});
//
// Threads  values.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"

namespace tlsrpt::store {

// bytea; a plain string is text.
struct Bytes {
  std::string_view bytes;
};

class Param {
 public:
  Param(std::nullopt_t) {}  // NULL
  Param(std::string_view text) : text_(text) {}
  Param(const std::string& text) : text_(text) {}
  Param(const char* text) : text_(text) {}
  Param(bool value) : text_(value ? "t" : "f") {}
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) Param(T number)
      : text_(std::to_string(number)) {}
  Param(const Uuid& value) : text_(value.ToString()) {}
  Param(std::chrono::sys_days day);
  Param(TimePoint time);
  Param(std::chrono::sys_seconds time) : Param(TimePoint(time)) {}
  Param(Bytes value);
  Param(const std::vector<std::string>& array);            // text[]
  Param(const std::vector<std::int64_t>& array);           // bigint[]
  Param(const std::vector<Uuid>& array);                   // uuid[]
  Param(const std::vector<std::chrono::sys_days>& array);  // date[]
  template <class T>
  Param(const std::optional<T>& value) {
    if (value) *this = Param(*value);
  }

  // Nothing stands for NULL.
  const std::optional<std::string>& text() const { return text_; }

 private:
  std::optional<std::string> text_;
};

class Params {
 public:
  Params() = default;
  Params(std::initializer_list<Param> values) : values_(values) {}
  void Add(Param value) { values_.push_back(std::move(value)); }
  const std::vector<Param>& values() const { return values_; }

 private:
  std::vector<Param> values_;
};

}  // namespace tlsrpt::store
