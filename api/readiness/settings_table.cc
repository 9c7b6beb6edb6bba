#include "api/readiness/settings_table.h"

#include <array>
#include <set>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kUnsafe = "unsafe_";
constexpr std::string_view kRequired = "required_reporters";
constexpr std::string_view kOurRua = "our_rua";

template <auto Member>
std::int64_t Get(const ReadinessSettings& settings) {
  const auto& value = settings.*Member;
  if constexpr (requires { value.count(); }) {
    return value.count();
  } else {
    return value;
  }
}

template <auto Member>
void Set(ReadinessSettings& settings, std::int64_t number) {
  auto& value = settings.*Member;
  using Value = std::remove_reference_t<decltype(value)>;
  value = static_cast<Value>(number);
}

template <auto Member>
constexpr SettingRow Row(std::string_view name, std::string_view unit,
                         std::string_view what, std::int64_t min, std::int64_t max,
                         bool less_is_weaker) {
  return {name, unit, what, min, max, less_is_weaker, Get<Member>, Set<Member>};
}

using S = ReadinessSettings;
constexpr bool kLess = true;  // less of it is weaker
constexpr bool kMore = false;

// The evidence that is read reaches back about two months, so no span is longer.
constexpr std::array kTable = {
    Row<&S::window_days>("window_days", "days", "length of the window", 1, 62, kLess),
    Row<&S::settle_days>("settle_days", "days",
                         "days before today at which the window ends", 0, 14, kLess),
    Row<&S::min_days_covered>("min_days_covered", "days",
                              "days of the window with evidence", 1, 62, kLess),
    Row<&S::recent_days>("recent_days", "days",
                         "last days of the window, one of them with evidence", 1, 14,
                         kMore),
    Row<&S::min_reporters>("min_reporters", "reporters",
                           "counted reporters with evidence", 1, 20, kLess),
    Row<&S::min_reporter_days>("min_reporter_days", "days", "days of each of them", 1, 62,
                               kLess),
    Row<&S::min_reporter_sessions>("min_reporter_sessions", "sessions",
                                   "sessions of each of them", 1, 1000000, kLess),
    Row<&S::min_sessions>("min_sessions", "sessions", "successful sessions in the window",
                          1, 1000000, kLess),
    Row<&S::usual_divisor>("usual_divisor", "parts",
                           "a reporter on 1 of so many days is awaited", 1, 62, kLess),
    Row<&S::late_report>("late_report", "hours", "how long a report is awaited", 0, 336,
                         kLess),
    Row<&S::max_heartbeat_age>("max_heartbeat_age", "minutes",
                               "silence of a node that makes intake doubtful; lists and "
                               "views of all domains always go by 10 minutes",
                               1, 1440, kMore),
    Row<&S::max_retrieval_failures_percent>("max_retrieval_failures_percent", "percent",
                                            "share of sessions without a policy", 0, 100,
                                            kMore),
    Row<&S::retrieval_days>("retrieval_days", "days", "days of that share", 1, 62, kLess),
    Row<&S::risk_days>("risk_days", "days", "enforcing: days after a refusal at risk", 1,
                       62, kLess),
    Row<&S::risk_silent_days>("risk_silent_days", "days",
                              "enforcing: days of silence that are a risk", 1, 62, kMore),
    Row<&S::max_observation_age>("max_observation_age", "hours",
                                 "age up to which a look speaks for now", 1, 336, kMore),
    Row<&S::id_slack>("id_slack", "hours", "time beyond the TTL for a fresh id", 0, 336,
                      kMore),
    Row<&S::min_certificate_left>("min_certificate_left", "days",
                                  "life that a certificate must have left", 0, 90, kLess),
    Row<&S::mx_forget_days>("mx_forget_days", "days",
                            "absence that makes an MX host a new one", 1, 62, kMore),
    Row<&S::low_traffic_days>("low_traffic_days", "days",
                              "little mail: length of the window", 1, 62, kLess),
    Row<&S::low_traffic_min_days>("low_traffic_min_days", "days",
                                  "little mail: days with evidence", 1, 62, kLess),
    Row<&S::low_traffic_min_reporters>("low_traffic_min_reporters", "reporters",
                                       "little mail: counted reporters", 1, 20, kLess),
    Row<&S::low_traffic_min_sessions>("low_traffic_min_sessions", "sessions",
                                      "little mail: successful sessions", 1, 1000000,
                                      kLess),
    Row<&S::low_traffic_probe_days>("low_traffic_probe_days", "days",
                                    "little mail: last days of looking", 1, 62, kMore),
    Row<&S::low_traffic_min_probe_days>("low_traffic_min_probe_days", "days",
                                        "little mail: days on which looks passed", 1, 62,
                                        kLess),
};

Error Malformed(std::string_view name, const std::string& what) {
  return {ErrorKind::kMalformed, std::string(name) + ": " + what};
}

Result<void> SetRequired(ReadinessSettings& settings, std::string_view value) {
  std::set<std::string> reporters;
  for (const std::string_view part : Split(value, ',')) {
    if (Trim(part).empty()) continue;
    const auto name = store::NormaliseDomain(Trim(part));
    if (!name) return Malformed(kRequired, name.error().message);
    reporters.insert(*name);
  }
  settings.required_reporters = std::move(reporters);
  return {};
}

Result<void> SetOurRua(ReadinessSettings& settings, std::string_view value) {
  std::set<std::string> uris;
  for (const std::string_view part : Split(value, ',')) {
    const std::string_view uri = Trim(part);
    if (uri.empty()) continue;
    // RFC 8460, 3: the two schemes that a rua may have.
    if (!StartsWithIgnoreCase(uri, "mailto:") && !StartsWithIgnoreCase(uri, "https:")) {
      return Malformed(kOurRua, "\"" + CleanUtf8(uri, 80) +
                                    "\" is neither mailto:... nor https://...");
    }
    uris.emplace(uri);
  }
  settings.our_rua = std::move(uris);
  return {};
}

const SettingRow* FindRow(std::string_view plain_name) {
  for (const SettingRow& row : kTable) {
    if (row.name == plain_name) return &row;
  }
  return nullptr;
}

}  // namespace

std::span<const SettingRow> SettingsTable() { return kTable; }

bool IsWeaker(const SettingRow& row, std::int64_t value) {
  const std::int64_t standard = row.get(ReadinessSettings{});
  return row.less_is_weaker ? value < standard : value > standard;
}

std::string_view PlainName(std::string_view name) {
  return name.starts_with(kUnsafe) ? name.substr(kUnsafe.size()) : name;
}

bool IsList(std::string_view plain_name) {
  return plain_name == kRequired || plain_name == kOurRua;
}

bool IsSetting(std::string_view plain_name) {
  return IsList(plain_name) || FindRow(plain_name) != nullptr;
}

std::string ValueOf(const ReadinessSettings& settings, std::string_view plain_name) {
  if (const SettingRow* row = FindRow(plain_name)) {
    return std::to_string(row->get(settings));
  }
  const auto& list =
      plain_name == kOurRua ? settings.our_rua : settings.required_reporters;
  return Join({list.begin(), list.end()}, ",");
}

Result<void> ApplySetting(ReadinessSettings& settings, std::string_view name,
                          std::string_view value) {
  if (name == kRequired) return SetRequired(settings, value);
  if (name == kOurRua) return SetOurRua(settings, value);
  const std::string_view plain = PlainName(name);
  const bool unsafe = plain != name;
  const SettingRow* row = FindRow(plain);
  if (row == nullptr) {
    return Error{ErrorKind::kNotFound,
                 "no such readiness setting: " + CleanUtf8(name, 80)};
  }
  const auto number = ParseUnsigned(Trim(value));
  if (!number || *number > static_cast<std::uint64_t>(row->max) ||
      static_cast<std::int64_t>(*number) < row->min) {
    return Malformed(name, "\"" + CleanUtf8(value, 40) + "\" is not a number of " +
                               std::string(row->unit) + " from " +
                               std::to_string(row->min) + " to " +
                               std::to_string(row->max));
  }
  const auto wanted = static_cast<std::int64_t>(*number);
  if (IsWeaker(*row, wanted) != unsafe) {
    const std::string standard = std::to_string(row->get(ReadinessSettings{}));
    return Malformed(
        name,
        std::to_string(wanted) +
            (unsafe ? " is not weaker than the default of " + standard +
                          "; use the plain name " + std::string(plain)
                    : " is weaker than the default of " + standard +
                          ", and may call a domain ready that is not; if you mean it, "
                          "the name is " +
                          std::string(kUnsafe) + std::string(plain)));
  }
  row->set(settings, wanted);
  return {};
}

std::vector<std::string> UnsafeSettings(const ReadinessSettings& settings) {
  std::vector<std::string> weaker;
  for (const SettingRow& row : kTable) {
    const std::int64_t value = row.get(settings);
    if (!IsWeaker(row, value)) continue;
    weaker.push_back(std::string(kUnsafe) + std::string(row.name) + " = " +
                     std::to_string(value) + " (default " +
                     std::to_string(row.get(ReadinessSettings{})) + ")");
  }
  return weaker;
}

}  // namespace tlsrpt::api
