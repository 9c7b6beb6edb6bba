#include "store/model/sts_record.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace tlsrpt::store {
namespace {

constexpr std::size_t kMaxIdBytes = 32;      // RFC 8461, 3.1
constexpr std::size_t kMaxShownBytes = 120;  // of a record, in a message

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string Quoted(std::string_view text) {
  return "\"" + CleanUtf8(text, kMaxShownBytes) + "\"";
}

Error Malformed(std::string message) {
  return {ErrorKind::kMalformed, std::move(message)};
}

// "v=STSv1" and what may stand between it and the ";".
bool HasVersion(std::string_view record, std::string_view version) {
  if (!record.starts_with(version)) return false;
  const std::string_view rest = TrimBlanks(record.substr(version.size()));
  return rest.starts_with(';');
}

// The one record of this version.
Result<std::string> OneRecord(const std::vector<std::string>& records,
                              std::string_view version) {
  std::vector<std::string> found;
  for (const std::string& record : records) {
    if (HasVersion(record, version)) found.push_back(record);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return Malformed(std::to_string(found.size()) + " records begin with \"" +
                     std::string(version) +
                     ";\"; senders take none of them, so leave one");
  }
  if (records.empty()) return Malformed("there is no TXT record");
  return Malformed("no TXT record begins with \"" + std::string(version) + ";\" (found " +
                   Quoted(records.front()) + ")");
}

// A name and a value; blanks around "=" belong to the grammar of _smtp._tls alone.
struct Field {
  std::string_view name;
  std::string_view value;
};

Result<std::vector<Field>> FieldsOf(std::string_view record, std::string_view version) {
  std::vector<Field> fields;
  const std::string_view rest = TrimBlanks(record.substr(version.size())).substr(1);
  const auto parts = Split(rest, ';');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = TrimBlanks(parts[i]);
    if (part.empty()) {
      if (i + 1 == parts.size()) continue;  // a last ";" is allowed
      return Malformed("an empty field between two \";\"");
    }
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return Malformed("the field " + Quoted(part) + " is no name=value");
    }
    fields.push_back({part.substr(0, equals), part.substr(equals + 1)});
  }
  return fields;
}

bool IsUri(std::string_view uri) {
  // RFC 8460, 3: "!", "," and ";" are percent-encoded in it.
  const bool clean = std::all_of(uri.begin(), uri.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != '!' && c != ',' && c != ';';
  });
  const auto after = [&](std::string_view scheme) {
    return StartsWithIgnoreCase(uri, scheme) && uri.size() > scheme.size();
  };
  const bool address =
      after("mailto:") && uri.find('@') != std::string_view::npos && uri.back() != '@';
  return clean && (address || after("https://"));
}

}  // namespace

Result<StsRecord> StsRecordOf(const std::vector<std::string>& records) {
  constexpr std::string_view kVersion = "v=STSv1";
  const auto record = OneRecord(records, kVersion);
  if (!record) return record.error();
  const auto fields = FieldsOf(*record, kVersion);
  if (!fields) return fields.error();
  std::optional<std::string> id;
  for (const Field& field : *fields) {
    if (field.name != "id") continue;
    if (id) return Malformed("it has two ids");
    id = std::string(field.value);
  }
  if (!id) return Malformed("it has no id, as in \"v=STSv1; id=20260101T000000;\"");
  if (id->empty() || id->size() > kMaxIdBytes ||
      !std::all_of(id->begin(), id->end(), IsAlnum)) {
    return Malformed("its id " + Quoted(*id) + " is not 1 to 32 letters and digits");
  }
  return StsRecord{*std::move(id)};
}

Result<TlsRptRecord> TlsRptRecordOf(const std::vector<std::string>& records) {
  constexpr std::string_view kVersion = "v=TLSRPTv1";
  const auto record = OneRecord(records, kVersion);
  if (!record) return record.error();
  const auto fields = FieldsOf(*record, kVersion);
  if (!fields) return fields.error();
  TlsRptRecord found;
  for (const Field& field : *fields) {
    if (TrimBlanks(field.name) != "rua") continue;
    if (!found.rua.empty()) return Malformed("it has two rua fields");
    for (const std::string_view part : Split(field.value, ',')) {
      const std::string_view uri = TrimBlanks(part);
      if (!IsUri(uri)) {
        return Malformed("the rua " + Quoted(uri) +
                         " is neither mailto: with an address nor https://");
      }
      found.rua.emplace_back(uri);
    }
  }
  if (found.rua.empty()) {
    return Malformed(
        "it has no rua, as in \"v=TLSRPTv1; rua=mailto:tlsrpt@firm.example\"");
  }
  return found;
}

}  // namespace tlsrpt::store
