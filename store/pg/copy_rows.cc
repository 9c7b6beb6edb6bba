#include "store/pg/copy_rows.h"

#include <arpa/inet.h>

#include <array>
#include <boost/endian/conversion.hpp>
#include <cstring>
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

enum class CopyRows::Type : std::int32_t {
  kOfColumn = 0,  // for one that is not PostgreSQL's own: it does not insist on a match
  kBool = 16,
  kBytea = 17,
  kBigint = 20,
  kSmallint = 21,
  kInteger = 23,
  kText = 25,
  kInet = 869,
  kTextArray = 1009,
  kDate = 1082,
  kTimestamptz = 1184,
  kUuid = 2950,
  kUuidArray = 2951,
};

CopyRows::CopyRows(std::string_view target)
    : statement_("COPY " + std::string(target) + " FROM STDIN (FORMAT binary)") {}

// At once: a string looks for room each time.
template <class... T>
void CopyRows::Append(T... values) {
  std::array<char, (sizeof(T) + ...)> bytes;
  char* at = bytes.data();
  const auto put = [&at](auto value) {
    const auto big = boost::endian::native_to_big(value);  // network order
    std::memcpy(at, &big, sizeof big);
    at += sizeof big;
  };
  (put(values), ...);
  data_.append(bytes.data(), bytes.size());
}

// Over what was appended to hold the place of a number that is known only now.
template <class T>
void CopyRows::Put(std::size_t at, T value) {
  const T big = boost::endian::native_to_big(value);
  std::memcpy(data_.data() + at, &big, sizeof big);
}

void CopyRows::EndRow() {
  if (rows_ > 0) Put(row_at_, values_);
}

CopyRows& CopyRows::Row() {
  if (rows_ == 0) {
    data_.assign(kHeader);
  } else {
    EndRow();
  }
  row_at_ = data_.size();
  Append(std::int16_t{0});
  values_ = 0;
  ++rows_;
  return *this;
}

const std::string& CopyRows::Finish() {
  EndRow();
  Append(std::int16_t{-1});
  rows_ = 0;
  return data_;
}

// Before each value; in a record its type stands there too.
void CopyRows::CountValue(Type type) {
  if (in_record_) {
    ++fields_;
    Append(static_cast<std::int32_t>(type));
  } else {
    ++values_;
  }
}

void CopyRows::BeginValue(Type type, std::size_t bytes) {
  CountValue(type);
  Append(static_cast<std::int32_t>(bytes));
}

// A value that is as long as its type.
template <class T>
CopyRows& CopyRows::Fixed(Type type, T value) {
  CountValue(type);
  Append(static_cast<std::int32_t>(sizeof value), value);
  return *this;
}

CopyRows& CopyRows::Null(Type type) {
  BeginValue(type, static_cast<std::size_t>(-1));
  return *this;
}

CopyRows& CopyRows::Null() { return Null(Type::kOfColumn); }

CopyRows& CopyRows::Bool(bool value) {
  return Fixed(Type::kBool, static_cast<std::int8_t>(value));
}

// What does not fit goes at its full width, and is refused for that.
template <class T>
CopyRows& CopyRows::Narrow(Type type, std::int64_t value) {
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
    return Bigint(value);
  }
  return Fixed(type, static_cast<T>(value));
}

CopyRows& CopyRows::Smallint(std::int64_t value) {
  return Narrow<std::int16_t>(Type::kSmallint, value);
}

CopyRows& CopyRows::Integer(std::int64_t value) {
  return Narrow<std::int32_t>(Type::kInteger, value);
}

CopyRows& CopyRows::Bigint(std::int64_t value) { return Fixed(Type::kBigint, value); }

CopyRows& CopyRows::Bytes(Type type, std::string_view bytes) {
  BeginValue(type, bytes.size());
  data_.append(bytes);
  return *this;
}

CopyRows& CopyRows::Text(std::string_view text) { return Bytes(Type::kText, text); }

CopyRows& CopyRows::Bytea(std::string_view bytes) { return Bytes(Type::kBytea, bytes); }

CopyRows& CopyRows::Uuid(const tlsrpt::Uuid& value) {
  return Bytes(Type::kUuid, value.AsBytes());
}

CopyRows& CopyRows::Uuid(const std::optional<tlsrpt::Uuid>& value) {
  return value ? Uuid(*value) : Null(Type::kUuid);
}

CopyRows& CopyRows::Date(sys_days day) {
  return Fixed(Type::kDate, static_cast<std::int32_t>((day - kEpoch).count()));
}

CopyRows& CopyRows::Timestamptz(TimePoint time) {
  return Fixed(Type::kTimestamptz,
               static_cast<std::int64_t>((time - TimePoint(kEpoch)).count()));
}

CopyRows& CopyRows::Inet(std::string_view address) {
  if (address.empty()) return Null(Type::kInet);
  const std::string text(address);
  const bool v6 = text.find(':') != std::string::npos;
  std::array<char, sizeof(in6_addr)> bytes;
  if (text.find('\0') != std::string::npos ||
      inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1) {
    return Bytes(Type::kInet, {"\0", 1});  // of no address family: refused
  }
  const std::string_view head = v6 ? kInet6 : kInet4;
  const std::size_t size = v6 ? sizeof(in6_addr) : sizeof(in_addr);
  BeginValue(Type::kInet, head.size() + size);
  data_.append(head);
  data_.append(bytes.data(), size);
  return *this;
}

// Dimensions, whether there are NULLs, type of the elements; size and first index of the
// one dimension; the elements. An empty array has no dimension.
template <class Values, class BytesOf>
CopyRows& CopyRows::Array(Type type, Type element, const Values& values,
                          const BytesOf& bytes_of) {
  std::size_t bytes = 3 * sizeof(std::int32_t);
  if (!values.empty()) bytes += 2 * sizeof(std::int32_t);
  for (const auto& value : values) bytes += sizeof(std::int32_t) + bytes_of(value).size();

  BeginValue(type, bytes);
  AppendArrayHead(element, values.size());
  for (const auto& value : values) {
    Append(static_cast<std::int32_t>(bytes_of(value).size()));
    data_.append(bytes_of(value));
  }
  return *this;
}

void CopyRows::AppendArrayHead(Type element, std::size_t count) {
  Append(std::int32_t{count == 0 ? 0 : 1});
  Append(std::int32_t{0});
  Append(static_cast<std::int32_t>(element));
  if (count == 0) return;
  Append(static_cast<std::int32_t>(count));
  Append(std::int32_t{1});
}

CopyRows& CopyRows::TextArray(const std::vector<std::string>& values) {
  return Array(Type::kTextArray, Type::kText, values,
               [](const std::string& text) -> const std::string& { return text; });
}

CopyRows& CopyRows::UuidArray(const std::vector<tlsrpt::Uuid>& values) {
  return Array(Type::kUuidArray, Type::kUuid, values,
               [](const tlsrpt::Uuid& uuid) { return uuid.AsBytes(); });
}

// An array as above, whose length is known at its end: where that stands.
std::size_t CopyRows::BeginRecords(std::size_t count) {
  const std::size_t at = data_.size();
  BeginValue(Type::kOfColumn, 0);
  AppendArrayHead(Type::kOfColumn, count);
  return at;
}

// A record: its length, which stands where this says, the number of its fields, and of
// each its type and its value.
std::size_t CopyRows::BeginRecord() {
  const std::size_t at = data_.size();
  Append(std::int32_t{0});
  Append(std::int32_t{0});
  fields_ = 0;
  in_record_ = true;
  return at;
}

void CopyRows::EndRecord(std::size_t at) {
  in_record_ = false;
  PutLength(at);
  Put(at + sizeof(std::int32_t), fields_);
}

// Of all that stands behind it by now.
void CopyRows::PutLength(std::size_t at) {
  Put(at, static_cast<std::int32_t>(data_.size() - at - sizeof(std::int32_t)));
}

}  // namespace tlsrpt::store
