#include "store/model/mute.h"

#include "base/text.h"

namespace tlsrpt::store {
namespace {

Error Malformed(const std::string& message) {
  return {ErrorKind::kMalformed, "mute: " + message};
}

}  // namespace

Result<void> CheckMute(const Mute& mute) {
  if (Trim(mute.who).empty()) return Malformed("say who mutes it");
  if (Trim(mute.why).empty()) return Malformed("say why (--why)");
  const auto made_on = std::chrono::floor<std::chrono::days>(mute.made_at);
  if (mute.until < made_on) return Malformed("--until lies in the past");
  if (mute.until - made_on > kMaxMuteDays) {
    return Malformed("--until lies more than " + std::to_string(kMaxMuteDays.count()) +
                     " days ahead");
  }
  return {};
}

}  // namespace tlsrpt::store
