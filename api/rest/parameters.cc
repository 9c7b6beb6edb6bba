#include "api/rest/parameters.h"

#include "base/day.h"
#include "base/text.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;

Refusal Expected(const std::string& name, const std::string& value,
                 const std::string& what) {
  return Refusal(400, "parameter " + name + "=" + value + ": expected " + what);
}

// hh:mm:ssZ
std::optional<std::chrono::seconds> ParseClock(std::string_view text) {
  if (text.size() != 9 || text[2] != ':' || text[5] != ':' || text[8] != 'Z') {
    return std::nullopt;
  }
  const auto hour = ParseUnsigned(text.substr(0, 2));
  const auto minute = ParseUnsigned(text.substr(3, 2));
  const auto second = ParseUnsigned(text.substr(6, 2));
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

Rest<std::optional<sys_days>> DayParameter(const Call& call, const std::string& name) {
  const auto text = TextParameter(call, name);
  if (!text) return std::optional<sys_days>();
  const auto day = ParseDate(*text);
  if (!day) return Expected(name, *text, "a UTC date such as 2026-11-23");
  return day;
}

}  // namespace

std::optional<std::string> TextParameter(const Call& call, const std::string& name) {
  const auto found = call.parameters.find(name);
  if (found == call.parameters.end()) return std::nullopt;
  return found->second;
}

Rest<std::optional<bool>> BoolParameter(const Call& call, const std::string& name) {
  const auto text = TextParameter(call, name);
  if (!text) return std::optional<bool>();
  if (*text != "true" && *text != "false") {
    return Expected(name, *text, "true or false");
  }
  return std::optional<bool>(*text == "true");
}

Rest<std::int64_t> NumberParameter(const Call& call, const std::string& name,
                                   std::int64_t otherwise, std::int64_t min,
                                   std::int64_t max) {
  const auto text = TextParameter(call, name);
  if (!text) return otherwise;
  const auto number = ParseUnsigned(*text);
  if (!number || *number < static_cast<std::uint64_t>(min) ||
      *number > static_cast<std::uint64_t>(max)) {
    return Expected(
        name, *text,
        "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return static_cast<std::int64_t>(*number);
}

Rest<std::optional<TimePoint>> TimeParameter(const Call& call, const std::string& name) {
  const auto text = TextParameter(call, name);
  if (!text) return std::optional<TimePoint>();
  const std::string_view view = *text;
  const auto day = ParseDate(view.substr(0, 10));
  std::optional<std::chrono::seconds> clock;
  if (view.size() == 10) clock = std::chrono::seconds(0);
  if (view.size() > 11 && view[10] == 'T') clock = ParseClock(view.substr(11));
  if (!day || !clock) {
    return Expected(name, *text, "2026-11-23 or 2026-11-23T10:00:00Z");
  }
  return std::optional<TimePoint>(TimePoint(*day + *clock));
}

Rest<DayRange> DaysParameter(const Call& call) {
  const auto from = DayParameter(call, "from");
  if (!from) return from.error();
  const auto to = DayParameter(call, "to");
  if (!to) return to.error();
  const sys_days today = floor<days>(call.around.clock->Now());
  DayRange range;
  range.last = to->value_or(*from ? std::max(today, **from) : today);
  range.first = from->value_or(range.last - (kDefaultDays - days{1}));
  if (range.first > range.last) {
    return Refusal(400, "parameter from=" + DateText(range.first) +
                            " lies after to=" + DateText(range.last));
  }
  if (range.last - range.first >= kMaxDays) {
    return Refusal(400, "from " + DateText(range.first) + " to " + DateText(range.last) +
                            " are more than " + std::to_string(kMaxDays.count()) +
                            " days; ask for fewer at a time");
  }
  return range;
}

}  // namespace tlsrpt::api
