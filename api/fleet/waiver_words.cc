#include "api/fleet/waiver_words.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "base/day.h"
#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::api {
namespace {

// Criteria that a look answers. Somebody may take one for what can be waived; a waiver of
// that "type" would be made, and accept nothing.
constexpr std::string_view kLookedAt[] = {"dns_records_valid", "policy_served",
                                          "mx_hosts_ready", "id_in_step"};

}  // namespace

Result<store::Waiver> WaiverOf(const WaiverWords& words, const std::string& who,
                               TimePoint now) {
  for (const std::string_view id : kLookedAt) {
    if (words.result_type != id) continue;
    return Error{ErrorKind::kMalformed,
                 std::string(id) +
                     " is looked at live and cannot be waived: mend what it names. A "
                     "waiver accepts a result type that reports name"};
  }
  store::Waiver waiver;
  if (!words.reporter.empty()) {
    auto reporter = store::NormaliseDomain(words.reporter);
    if (!reporter) return Wrap(reporter.error(), "reporter");
    const std::string organisation = store::OrganisationalDomain(*reporter);
    if (organisation != *reporter) {
      return Error{ErrorKind::kMalformed,
                   "reporter: " + *reporter + " is no reporter here" +
                       (organisation.empty() ? ""
                                             : "; its reports are " + organisation +
                                                   "'s, the organisational domain")};
    }
    waiver.reporter = *std::move(reporter);
  }
  waiver.result_type = words.result_type;
  waiver.mx = words.mx;
  waiver.reason = words.reason;
  waiver.who = who;
  waiver.why = CleanUtf8(Trim(words.why), kMaxWhyBytes);
  waiver.made_at = now;
  if (words.until) {
    const auto until = ParseDate(*words.until);
    if (!until) {
      return Error{ErrorKind::kMalformed, "until " + CleanUtf8(*words.until, 40) +
                                              ": expected a day, as in 2026-12-31"};
    }
    waiver.until = *until;
  }
  waiver.max_sessions = words.max_sessions;
  if (auto sound = store::CheckWaiver(waiver); !sound) return std::move(sound).error();
  return waiver;
}

Result<void> AllIsSeen(const Verdict& verdict) {
  for (const Criterion& criterion : verdict.criteria) {
    const bool open =
        criterion.id == "intake_settled" && criterion.status == Status::kUnknown;
    if (!open) continue;
    return Error{ErrorKind::kUnavailable,
                 "a waiver accepts all that was received until now, and not all of it "
                 "can be seen. " +
                     criterion.sentence + " " + criterion.remedy};
  }
  return {};
}

Result<void> SomethingIsLeft(const Verdict& verdict) {
  const auto group = [](const store::Waiver& waiver) {
    return std::tie(waiver.reporter, waiver.result_type, waiver.mx, waiver.reason);
  };
  const auto asked =
      std::ranges::find_if(verdict.waivers, &std::string::empty,
                           [](const WaiverUse& use) { return use.waiver.id; });
  if (asked == verdict.waivers.end() || asked->accepted_sessions > 0 ||
      asked->waiver.until) {
    return {};
  }
  for (const WaiverUse& use : verdict.waivers) {
    if (use.accepted_sessions == 0 || group(use.waiver) != group(asked->waiver)) continue;
    return Error{
        ErrorKind::kMalformed,
        "nothing is left to waive: all that is reported of this group is accepted "
        "by waiver " +
            use.waiver.id + ". " + use.sentence +
            " What is still to come is accepted only with an end day and a "
            "number of sessions"};
  }
  return {};
}

}  // namespace tlsrpt::api
