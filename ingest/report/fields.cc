#include "ingest/report/fields.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

#include "base/text.h"
#include "ingest/report/report_parser.h"
#include "store/model/domain_name.h"
#include "store/model/report.h"

namespace tlsrpt::ingest {
namespace {

using store::AnomalyCode;
using store::kMaxSessions;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool IsPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

// A number as text, as close to what was written as a double is.
std::string NumberText(const JsonValue& value) {
  if (value.Is(JsonKind::kUnsigned)) return std::to_string(value.unsigned_value());
  std::array<char, 32> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.float_value());
  return {buffer.data(), end.ptr};
}

// Runs of control characters (the line breaks of an EHLO answer, a tab) to one blank.
std::string FoldControls(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  bool folding = false;
  for (const char c : text) {
    const bool control =
        (static_cast<unsigned char>(c) < ' ' && c != '\0') || c == '\x7f';
    if (!control) {
      line += c;
    } else if (!folding) {
      line += ' ';
    }
    folding = control;
  }
  return line;
}

// More than anybody can have counted. Failures are then as many as a count may be.
// Successes are none: -5 in an unsigned variable is 2^64 - 5, which would prove whatever
// number of good sessions is asked for, and make every share of failures a small one.
Count TooMany(Rounding rounding, const Path& path, Notes& notes) {
  notes.Add(AnomalyCode::kCountClamped, path);
  return {Count::State::kRead, rounding == Rounding::kUp ? kMaxSessions : 0};
}

Count FromDouble(double number, Rounding rounding, const Path& path, Notes& notes) {
  if (std::isnan(number) || number < 0) {
    notes.Add(AnomalyCode::kCountClamped, path);
    return {Count::State::kUnreadable, 0};
  }
  const double whole = rounding == Rounding::kUp ? std::ceil(number) : std::floor(number);
  if (whole > static_cast<double>(kMaxSessions)) return TooMany(rounding, path, notes);
  if (whole != number) notes.Add(AnomalyCode::kCountClamped, path);
  return {Count::State::kRead, static_cast<std::int64_t>(whole)};
}

Count FromUnsigned(std::uint64_t number, Rounding rounding, const Path& path,
                   Notes& notes) {
  constexpr auto kMost = static_cast<std::uint64_t>(kMaxSessions);
  if (number > kMost) return TooMany(rounding, path, notes);
  return {Count::State::kRead, static_cast<std::int64_t>(number)};
}

Count FromText(std::string_view text, Rounding rounding, const Path& path, Notes& notes) {
  const std::string_view trimmed = Trim(text);
  if (const auto number = ParseUnsigned(trimmed)) {
    notes.Add(AnomalyCode::kWrongType, path);
    return FromUnsigned(*number, rounding, path, notes);
  }
  // "2.5", "1e3", "99999999999999999999". Only digits may lead: no "inf", no "nan".
  double number = 0;
  const char* end = trimmed.data() + trimmed.size();
  const bool digits_lead = !trimmed.empty() && trimmed[0] >= '0' && trimmed[0] <= '9';
  const auto read = std::from_chars(trimmed.data(), end, number);
  if (!digits_lead || read.ptr != end) {
    notes.Add(AnomalyCode::kUnreadable, path, text);
    return {Count::State::kUnreadable, 0};
  }
  notes.Add(AnomalyCode::kWrongType, path);
  // Out of range is "1e400" or "1e-400"; too many is the reading that hides nothing.
  if (read.ec == std::errc::result_out_of_range) {
    number = rounding == Rounding::kUp ? HUGE_VAL : 0;
  }
  return FromDouble(number, rounding, path, notes);
}

}  // namespace

std::string CleanText(std::string_view text, const Path& path, Notes& notes) {
  if (text.size() <= kMaxTextBytes && IsPrintableAscii(text)) return std::string(text);
  bool changed = false;
  const std::string clean = CleanUtf8(text, kMaxTextBytes, &changed);
  changed |= notes.mended && clean.find(kReplacement) != std::string::npos;
  if (changed) notes.Add(AnomalyCode::kTextChanged, path);
  return FoldControls(clean);
}

std::string ReadText(const JsonValue& value, Presence presence, const Path& path,
                     Notes& notes) {
  const bool required = presence == Presence::kRequired;
  switch (value.kind()) {
    case JsonKind::kString:
      if (required && value.text().empty()) notes.Add(AnomalyCode::kFieldMissing, path);
      return CleanText(value.text(), path, notes);
    case JsonKind::kAbsent:
      if (required) notes.Add(AnomalyCode::kFieldMissing, path);
      return {};
    case JsonKind::kNull:
      if (required) notes.Add(AnomalyCode::kFieldNull, path);
      return {};
    case JsonKind::kUnsigned:
    case JsonKind::kFloat:
      notes.Add(AnomalyCode::kWrongType, path);
      return NumberText(value);
    default:
      notes.Add(AnomalyCode::kWrongType, path);
      return {};
  }
}

Count ReadCount(const JsonValue& value, Rounding rounding, const Path& path,
                Notes& notes) {
  switch (value.kind()) {
    case JsonKind::kAbsent:
      return {};
    case JsonKind::kUnsigned:
      return FromUnsigned(value.unsigned_value(), rounding, path, notes);
    case JsonKind::kNegative:
      return FromDouble(-1, rounding, path, notes);
    case JsonKind::kFloat:
      return FromDouble(value.float_value(), rounding, path, notes);
    case JsonKind::kString:
      return FromText(value.text(), rounding, path, notes);
    case JsonKind::kNull:
      notes.Add(AnomalyCode::kFieldNull, path);
      break;
    default:
      notes.Add(AnomalyCode::kWrongType, path);
      break;
  }
  return {Count::State::kUnreadable, 0};
}

std::string ReadAddress(const JsonValue& value, const Path& path, Notes& notes) {
  const std::string sent = ReadText(value, Presence::kOptional, path, notes);
  std::string_view text = Trim(sent);
  if (text.empty()) return {};
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
    if (StartsWithIgnoreCase(text, "IPv6:")) text.remove_prefix(5);
  }
  std::string plain(text);  // no NUL in it: CleanText has been over it
  std::array<unsigned char, sizeof(in6_addr)> address;
  std::array<char, INET6_ADDRSTRLEN> canonical;
  const int family = text.find(':') == std::string_view::npos ? AF_INET : AF_INET6;
  const bool is_address = inet_pton(family, plain.c_str(), address.data()) == 1;
  // It takes one spelling of an IPv4 address, and many of an IPv6 one.
  if (is_address && family == AF_INET) return plain;
  if (!is_address ||
      inet_ntop(family, address.data(), canonical.data(), canonical.size()) == nullptr) {
    notes.Add(AnomalyCode::kNotAnAddress, path, sent);
    return {};
  }
  return canonical.data();
}

std::string ReadHost(const JsonValue& value, const Path& path, Notes& notes) {
  std::string text = ReadText(value, Presence::kOptional, path, notes);
  if (text.empty()) return text;
  Result<std::string> host = store::NormaliseDomain(Trim(text));
  return host ? std::move(*host) : text;
}

}  // namespace tlsrpt::ingest
