#include "store/model/waiver.h"

#include "base/text.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::store {
namespace {

Error Malformed(const std::string& message) {
  return {ErrorKind::kMalformed, "waiver: " + message};
}

}  // namespace

Result<void> CheckWaiver(const Waiver& waiver) {
  if (Trim(waiver.who).empty()) return Malformed("say who accepts it");
  if (Trim(waiver.why).empty()) return Malformed("say why (--why)");
  if (waiver.result_type.empty())
    return Malformed("say which result type (--result-type)");
  const auto type = ResultTypeOf(waiver.result_type);
  if (type && IsPolicyRetrieval(*type)) {
    return Malformed(waiver.result_type +
                     " refuses no mail, so there is nothing to accept: mend the policy "
                     "host, or mute the reporter");
  }
  if (waiver.until.has_value() != waiver.max_sessions.has_value()) {
    return Malformed("the future is accepted only with both --until and --max-sessions");
  }
  if (waiver.until) {
    const auto made_on = std::chrono::floor<std::chrono::days>(waiver.made_at);
    if (*waiver.until < made_on) return Malformed("--until lies in the past");
    if (*waiver.until - made_on > kMaxWaiverDays) {
      return Malformed("--until lies more than " +
                       std::to_string(kMaxWaiverDays.count()) + " days ahead");
    }
    if (*waiver.max_sessions < 1 || *waiver.max_sessions > kMaxWaivedSessions) {
      return Malformed("--max-sessions is not from 1 to " +
                       std::to_string(kMaxWaivedSessions));
    }
  }
  return {};
}

}  // namespace tlsrpt::store
