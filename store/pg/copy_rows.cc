#include "store/pg/copy_rows.h"

#include <arpa/inet.h>

#include <array>
#include <boost/endian/conversion.hpp>
#include <limits>

namespace tlsrpt::store {
namespace {

using std::chrono::sys_days;

// The signature, no flags, no extension.
constexpr std::string_view kHeader("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19);

// Dates and times count from here.
constexpr sys_days kEpoch = std::chrono::year(2000) / std::chrono::January / 1;

// inet: family, bits of the mask, "is a network", length of the address.
constexpr std::string_view kInet4("\x02\x20\x00\x04", 4);
constexpr std::string_view kInet6("\x03\x80\x00\x10", 4);

}  // namespace

CopyRows::CopyRows(std::string_view target)
    : statement_("COPY " + std::string(target) + " FROM STDIN (FORMAT binary)") {}

template <class T>
void CopyRows::Append(T value) {
  const T big = boost::endian::native_to_big(value);  // network order
  data_.append(reinterpret_cast<const char*>(&big), sizeof big);
}

void CopyRows::SetCount() {
  if (rows_ == 0) return;
  data_[row_at_] = static_cast<char>(values_ >> 8);
  data_[row_at_ + 1] = static_cast<char>(values_ & 0xff);
}

CopyRows& CopyRows::Row() {
  if (rows_ == 0) {
    data_.assign(kHeader);
  } else {
    SetCount();
  }
  row_at_ = data_.size();
  Append(std::int16_t{0});
  values_ = 0;
  ++rows_;
  return *this;
}

const std::string& CopyRows::Finish() {
  SetCount();
  Append(std::int16_t{-1});
  rows_ = 0;
  return data_;
}

void CopyRows::BeginValue(std::size_t bytes) {
  ++values_;
  Append(static_cast<std::int32_t>(bytes));
}

CopyRows& CopyRows::Null() {
  ++values_;
  Append(std::int32_t{-1});
  return *this;
}

CopyRows& CopyRows::Bool(bool value) {
  BeginValue(1);
  data_.push_back(value ? 1 : 0);
  return *this;
}

// What does not fit goes at its full width, and is refused for that.
template <class T>
CopyRows& CopyRows::Narrow(std::int64_t value) {
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
    return Bigint(value);
  }
  BeginValue(sizeof(T));
  Append(static_cast<T>(value));
  return *this;
}

CopyRows& CopyRows::Smallint(std::int64_t value) { return Narrow<std::int16_t>(value); }

CopyRows& CopyRows::Integer(std::int64_t value) { return Narrow<std::int32_t>(value); }

CopyRows& CopyRows::Bigint(std::int64_t value) {
  BeginValue(sizeof value);
  Append(value);
  return *this;
}

CopyRows& CopyRows::Text(std::string_view text) { return Bytea(text); }

CopyRows& CopyRows::Bytea(std::string_view bytes) {
  BeginValue(bytes.size());
  data_.append(bytes);
  return *this;
}

CopyRows& CopyRows::Uuid(const tlsrpt::Uuid& value) { return Bytea(value.AsBytes()); }

CopyRows& CopyRows::Uuid(const std::optional<tlsrpt::Uuid>& value) {
  return value ? Uuid(*value) : Null();
}

CopyRows& CopyRows::Date(sys_days day) {
  BeginValue(sizeof(std::int32_t));
  Append(static_cast<std::int32_t>((day - kEpoch).count()));
  return *this;
}

CopyRows& CopyRows::Timestamptz(TimePoint time) {
  return Bigint((time - TimePoint(kEpoch)).count());
}

CopyRows& CopyRows::Inet(std::string_view address) {
  if (address.empty()) return Null();
  const std::string text(address);
  const bool v6 = text.find(':') != std::string::npos;
  std::array<char, sizeof(in6_addr)> bytes;
  if (text.find('\0') != std::string::npos ||
      inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1) {
    return Bytea({"\0", 1});  // of no address family: refused
  }
  const std::string_view head = v6 ? kInet6 : kInet4;
  const std::size_t size = v6 ? sizeof(in6_addr) : sizeof(in_addr);
  BeginValue(head.size() + size);
  data_.append(head);
  data_.append(bytes.data(), size);
  return *this;
}

// Dimensions, whether there are NULLs, type of the elements; size and first index of the
// one dimension; the elements. An empty array has no dimension.
template <class Values, class BytesOf>
CopyRows& CopyRows::Array(std::int32_t element_oid, const Values& values,
                          const BytesOf& bytes_of) {
  std::size_t bytes = 3 * sizeof(std::int32_t);
  if (!values.empty()) bytes += 2 * sizeof(std::int32_t);
  for (const auto& value : values) bytes += sizeof(std::int32_t) + bytes_of(value).size();

  BeginValue(bytes);
  Append(std::int32_t{values.empty() ? 0 : 1});
  Append(std::int32_t{0});
  Append(element_oid);
  if (values.empty()) return *this;
  Append(static_cast<std::int32_t>(values.size()));
  Append(std::int32_t{1});
  for (const auto& value : values) {
    Append(static_cast<std::int32_t>(bytes_of(value).size()));
    data_.append(bytes_of(value));
  }
  return *this;
}

CopyRows& CopyRows::TextArray(const std::vector<std::string>& values) {
  constexpr std::int32_t kTextOid = 25;
  return Array(kTextOid, values,
               [](const std::string& text) -> const std::string& { return text; });
}

CopyRows& CopyRows::UuidArray(const std::vector<tlsrpt::Uuid>& values) {
  constexpr std::int32_t kUuidOid = 2950;
  return Array(kUuidOid, values, [](const tlsrpt::Uuid& uuid) { return uuid.AsBytes(); });
}

}  // namespace tlsrpt::store
