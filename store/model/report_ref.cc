#include "store/model/report_ref.h"

#include "base/day.h"
#include "base/text.h"

namespace tlsrpt::store {

std::string ToText(const ReportRef& ref) {
  return ref.policy_domain + "~" + DateText(ref.day) + "~" +
         (ref.reporter.empty() ? "-" : ref.reporter) + "~" + ref.report_key.ToString() +
         (ref.vouched ? "" : "~u");
}

std::optional<ReportRef> ParseReportRef(std::string_view text) {
  const auto parts = Split(text, '~');
  if (parts.size() != 4 && !(parts.size() == 5 && parts[4] == "u")) return std::nullopt;
  const auto day = ParseDate(parts[1]);
  const auto key = ParseUuid(parts[3]);
  if (parts[0].empty() || parts[2].empty() || !day || !key) return std::nullopt;
  ReportRef ref{std::string(parts[0]), *day,
                parts[2] == "-" ? std::string() : std::string(parts[2]), *key,
                parts.size() == 4};
  // One name for one report: upper case in the key would be a second.
  if (ToText(ref) != text) return std::nullopt;
  return ref;
}

}  // namespace tlsrpt::store
