#include "cmd/time_text.h"

#include "base/text.h"
#include "ingest/report/report_time.h"

namespace tlsrpt::cmd {

Result<TimePoint> ParseTime(const std::string& flag, const std::string& text) {
  const auto time =
      ingest::ParseReportTime(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (!time) {
    return Error{ErrorKind::kMalformed, flag + " " + text +
                                            ": expected 2026-11-23 or "
                                            "2026-11-23T10:00:00Z"};
  }
  return TimePoint(*time);
}

Result<std::chrono::seconds> ParseAge(const std::string& flag, const std::string& text) {
  constexpr std::uint64_t kMaxDays = 36'500;
  std::int64_t unit = 0;
  if (text.ends_with('d')) unit = 86'400;
  if (text.ends_with('h')) unit = 3600;
  if (text.ends_with('m')) unit = 60;
  const auto number = ParseUnsigned(text.substr(0, text.empty() ? 0 : text.size() - 1));
  if (unit == 0 || !number || *number > kMaxDays * 1440) {
    return Error{ErrorKind::kMalformed,
                 flag + " " + text + ": expected an age such as 90d, 12h or 30m"};
  }
  return std::chrono::seconds(static_cast<std::int64_t>(*number) * unit);
}

}  // namespace tlsrpt::cmd
