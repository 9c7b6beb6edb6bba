#include "ingest/report/policy_text.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/text.h"
#include "ingest/report/fields.h"
#include "ingest/report/report_parser.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

using store::AnomalyCode;
using store::PolicyMode;

// RFC 8461, 3.2: "a maximum value of 31557600".
constexpr std::uint64_t kMaxMaxAgeSeconds = 31'557'600;

// Collects the strings of an array, of one string, or of a JSON array inside a string.
class StringList {
 public:
  StringList(const Path& path, Notes& notes) : path_(path), notes_(notes) {}

  void Read(const JsonValue& value) {
    switch (value.kind()) {
      case JsonKind::kAbsent:
      case JsonKind::kNull:
        return;  // no policy text is no departure: so for no-policy-found
      case JsonKind::kString:
        ReadString(value.text());
        return;
      case JsonKind::kArray:
        if (lines.empty()) lines.reserve(std::min(value.size(), kMaxPolicyLines));
        for (const JsonValue element : value) {
          if (element.Is(JsonKind::kString)) {
            ReadString(element.text());
          } else {
            notes_.Add(AnomalyCode::kWrongType, path_);
          }
        }
        return;
      default:
        notes_.Add(AnomalyCode::kWrongType, path_);
    }
  }

  std::vector<std::string> lines;
  bool cut = false;

 private:
  void ReadString(std::string_view text) {
    if (text.starts_with('[')) {
      const std::vector<std::string> nested = ReadJsonStrings(text);
      if (!nested.empty()) {
        notes_.Add(AnomalyCode::kPolicyTextNested, path_);
        for (const std::string& line : nested) AddLines(line);
        return;
      }
    }
    AddLines(text);
  }

  void AddLines(std::string_view text) {
    while (!text.empty()) {
      const std::size_t newline = text.find('\n');
      const std::string_view line = Trim(text.substr(0, newline));
      text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
      if (line.empty()) continue;
      if (lines.size() == kMaxPolicyLines) {
        if (!cut) notes_.Add(AnomalyCode::kListCut, path_);
        cut = true;
        return;
      }
      lines.push_back(CleanText(line, path_, notes_));
    }
  }

  const Path& path_;
  Notes& notes_;
};

void AddPattern(std::string_view text, const Path& path, Notes& notes,
                std::vector<std::string>* patterns) {
  Result<std::string> pattern = store::NormaliseMxPattern(text);
  if (pattern) {
    patterns->push_back(std::move(*pattern));
  } else {
    notes.Add(AnomalyCode::kUnreadable, path, text);
  }
}

// One "key: value" line at a time (RFC 8461, 3.2).
class PolicyReader {
 public:
  PolicyReader(store::PolicyText* policy, const std::vector<std::string>& mx_hosts,
               const Path& path, Notes& notes)
      : policy_(policy), mx_hosts_(mx_hosts), path_(path), notes_(notes) {}

  void ReadLine(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view key = Trim(line.substr(0, colon));
    const std::string_view value = Trim(line.substr(colon + 1));
    if (EqualsIgnoreCase(key, "mode")) {
      ReadMode(value);
    } else if (EqualsIgnoreCase(key, "max_age")) {
      ReadMaxAge(value);
    } else if (EqualsIgnoreCase(key, "mx")) {
      ReadMx(value);
    }
  }

 private:
  // Two modes, or one that RFC 8461 does not know ("report", of the drafts), are no
  // mode: only `testing` that is said plainly is evidence.
  void ReadMode(std::string_view value) {
    const auto mode = store::PolicyModeOf(value);
    if (!mode) notes_.Add(AnomalyCode::kUnknownName, path_, value);
    const PolicyMode read = mode.value_or(PolicyMode::kUnknown);
    if (mode_seen_ && read != policy_->mode) {
      notes_.Add(AnomalyCode::kDuplicateName, path_, "mode");
      policy_->mode = PolicyMode::kUnknown;
      return;
    }
    policy_->mode = read;
    mode_seen_ = true;
  }

  void ReadMaxAge(std::string_view value) {
    const auto seconds = ParseUnsigned(value);
    if (!seconds) {
      notes_.Add(AnomalyCode::kUnreadable, path_, value);
      return;
    }
    if (*seconds > kMaxMaxAgeSeconds)
      notes_.Add(AnomalyCode::kCountClamped, path_, value);
    policy_->max_age = std::chrono::seconds(std::min(*seconds, kMaxMaxAgeSeconds));
  }

  void ReadMx(std::string_view value) {
    // In normal form already; it is that of most.
    if (std::find(mx_hosts_.begin(), mx_hosts_.end(), value) != mx_hosts_.end()) {
      policy_->mx_patterns.emplace_back(value);
    } else {
      AddPattern(value, path_, notes_, &policy_->mx_patterns);
    }
  }

  store::PolicyText* policy_;
  const std::vector<std::string>& mx_hosts_;
  const Path& path_;
  Notes& notes_;
  bool mode_seen_ = false;
};

}  // namespace

std::vector<std::string> ReadMxHosts(const Members& policy_members, std::size_t slot,
                                     const Path& path, Notes& notes) {
  StringList list(path, notes);
  policy_members.ForEach(slot, [&](const JsonValue& value) { list.Read(value); });
  std::vector<std::string> hosts;
  hosts.reserve(list.lines.size());
  for (const std::string& line : list.lines) {
    std::string_view host = line;
    if (StartsWithIgnoreCase(host, "mx:")) host = Trim(host.substr(3));
    AddPattern(host, path, notes, &hosts);
  }
  return hosts;
}

std::optional<store::PolicyText> ReadPolicyString(
    const JsonValue& value, store::PolicyType type,
    const std::vector<std::string>& mx_hosts, const Path& path, Notes& notes) {
  StringList list(path, notes);
  list.Read(value);
  if (list.lines.empty()) return std::nullopt;

  store::PolicyText policy;
  policy.type = type;
  policy.lines = std::move(list.lines);
  if (type == store::PolicyType::kTlsa) return policy;  // records, not "key: value"
  policy.mx_patterns.reserve(mx_hosts.size());
  PolicyReader reader(&policy, mx_hosts, path, notes);
  for (const std::string& line : policy.lines) reader.ReadLine(line);
  // What was cut may have held another mode.
  if (list.cut) policy.mode = PolicyMode::kUnknown;
  return policy;
}

}  // namespace tlsrpt::ingest
