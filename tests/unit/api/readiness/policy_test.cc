// Scenarios: which policy is the current one, since when, and what counts under it.

#include "api/readiness/policy_history.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/unit/api/readiness/row.h"

namespace tlsrpt::api {
namespace {

using store::PolicyMode;
using store::PolicyType;
using store::ResultType;

constexpr auto kReady = VerdictKind::kReady;
constexpr auto kNotReady = VerdictKind::kNotReady;
constexpr auto kInsufficient = VerdictKind::kInsufficientEvidence;
constexpr auto kNotApplicable = VerdictKind::kNotApplicable;
constexpr auto kEnforcing = VerdictKind::kEnforcing;

const std::vector<std::string> kAB = {"mx1.firm.example", "mx2.firm.example"};
const std::vector<std::string> kA = {"mx1.firm.example"};

// Google and Microsoft on these days under whatever policy was set last.
History& Both(History& history, int from, int to) {
  return history.Ok(kGoogle, from, to).Ok(kMicrosoft, from, to);
}

History Changed(PolicyMode before, std::vector<std::string> mx_before, PolicyMode after,
                std::vector<std::string> mx_after, int change_day, int from = -30) {
  History history;
  history.Policy(before, std::move(mx_before));
  Both(history, from, change_day - 1);
  history.Policy(after, std::move(mx_after));
  Both(history, change_day, 0);
  return history;
}

TEST(Policy, WhatRestartsTheClock) {
  const auto testing = PolicyMode::kTesting;
  const Row rows[] = {
      {"removing a pattern on the first window day: exactly long enough",
       Changed(testing, kAB, testing, kA, -13), kReady},
      {"removing a pattern a day later",
       Changed(testing, kAB, testing, kA, -12),
       kInsufficient,
       {"testing_long_enough?"}},
      {"removing a pattern on day 5: its days before do not count either",
       Changed(testing, kAB, testing, kA, -8),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"replacing a pattern",
       Changed(testing, kA, testing, {"mx2.firm.example"}, -8),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"a wildcard for names is a removal of the names",
       Changed(testing, kA, testing, {"*.firm.example"}, -8),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"adding a pattern on day 5 does not: what passed before passes now",
       Changed(testing, kA, testing, kAB, -8), kReady},
      {"the order of patterns is no change",
       Changed(testing, kAB, testing, {"mx2.firm.example", "mx1.firm.example"}, -8),
       kReady},
      {"max_age is no change",
       [] {
         History history;
         Both(history, -13, -7);
         history.MaxAge(std::chrono::seconds{604800});
         Both(history, -6, 0);
         return history;
       }(),
       kReady},
      {"from none to testing",
       Changed(PolicyMode::kNone, {}, testing, kAB, -8),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"back from enforce to testing, on day 5",
       Changed(PolicyMode::kEnforce, kAB, testing, kAB, -8),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"back from enforce on the first window day",
       Changed(PolicyMode::kEnforce, kAB, testing, kAB, -13), kReady},
      {"testing, enforce for a while, testing again: the clock starts after it",
       [] {
         History history;
         Both(history, -40, -10);
         history.Enforce(kAB);
         Both(history, -9, -8);
         history.Testing(kAB);
         Both(history, -7, 0);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"enforce and testing by turns: the second time restarts it too",
       [] {
         History history;
         history.Enforce(kAB);
         Both(history, -60, -50);
         history.Testing(kAB);
         Both(history, -49, -8);
         history.Enforce(kAB);
         Both(history, -7, -6);
         history.Testing(kAB);
         Both(history, -5, 0);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"a pattern removed for a while and put back: the removal restarted the clock",
       [] {
         History history;
         Both(history, -40, -9);
         history.Testing(kA);
         Both(history, -8, -6);
         history.Testing(kAB);
         Both(history, -5, 0);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"another policy in between, then one that has the first one's patterns",
       [] {
         History history;
         history.Testing(kA);
         Both(history, -40, -10);
         history.Testing({"mx2.firm.example"});
         Both(history, -9, -7);
         history.Testing({"mx1.firm.example", "mx3.firm.example"});
         Both(history, -6, 0);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"an added pattern: the old text still counts on the day of the change",
       [] {
         History history;
         history.Testing(kA).Ok(kGoogle, -13, -6).Ok(kMicrosoft, -7, -5);
         history.Testing(kAB).Ok(kGoogle, -5, 0);
         return history;
       }(),
       kReady},
      {"withdrawn for ten days and put back",
       [] {
         History history;
         Both(history, -40, -20);
         Both(history.Type(PolicyType::kNoPolicyFound), -19, -10);
         Both(history.Type(PolicyType::kSts), -9, 0);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?"}},
      {"withdrawn until the window began",
       [] {
         History history;
         Both(history, -40, -20);
         Both(history.Type(PolicyType::kNoPolicyFound), -19, -14);
         Both(history.Type(PolicyType::kSts), -13, 0);
         return history;
       }(),
       kReady},
      {"one reporter found none for days, and the other went on to apply it",
       [] {
         History history;
         history.Ok(kMicrosoft, -40, 0).Ok(kGoogle, -40, -9).Ok(kGoogle, -6, 0);
         return history.Type(PolicyType::kNoPolicyFound).Ok(kGoogle, -8, -7);
       }(),
       kReady},
      {"a pattern added for a while and taken away again",
       [] {
         History history;
         history.Testing(kA);
         Both(history, -40, -9);
         history.Testing(kAB);
         Both(history, -8, -6);
         history.Testing(kA);
         Both(history, -5, 0);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
  };
  Check(rows);
}

TEST(Policy, CachedTexts) {
  const Row rows[] = {
      {"a sender on the policy before: it neither restarts the clock nor counts",
       [] {
         History history;
         Both(history.Ok(kMailRu, -30, -14), -30, -14);
         history.Ok(kMailRu, -13, 0);
         history.Testing(kA);
         Both(history, -13, 0);
         return history;
       }(),
       kReady},
      {"two senders on the policy before, one on the new: one reporter",
       [] {
         History history;
         Both(history, -30, -14);
         history.Ok(kMicrosoft, -13, 0).Testing(kA).Ok(kGoogle, -13, 0);
         return history;
       }(),
       kInsufficient,
       {"reporters_seen?"}},
      {"after an added pattern a sender on the text before does not count either",
       [] {
         History history;
         history.Testing(kA);
         Both(history, -30, -14);
         history.Ok(kMicrosoft, -13, 0).Testing(kAB).Ok(kGoogle, -14, 0);
         return history;
       }(),
       kInsufficient,
       {"reporters_seen?"}},
      {"one sender with two caches, old and new every day",
       [] {
         History history;
         Both(history, -30, -14);
         history.Ok(kGoogle, -13, 0, 1).Testing(kA);
         Both(history, -13, 0);
         return history;
       }(),
       kReady},
      {"the same with an added pattern",
       [] {
         History history;
         history.Testing(kA);
         Both(history, -30, -14).Ok(kGoogle, -13, 0, 1);
         history.Testing(kAB);
         Both(history, -13, 0);
         return history;
       }(),
       kReady},
      {"old texts do not begin to count when the sender of the new one falls silent",
       [] {
         History history;
         history.Testing(kA);
         Both(history, -30, -14).Ok(kMicrosoft, -13, 0);
         history.Testing(kAB).Ok(kGoogle, -14, -3);
         history.Type(PolicyType::kTlsa).Ok(kGoogle, -2, 0);
         return history;
       }(),
       kInsufficient,
       {"days_covered?", "reporters_seen?"}},
      {"a removed pattern was put back: texts of before the removal do not count while "
       "it "
       "lasted",
       [] {
         History history;
         Both(history, -40, -21).Ok(kMicrosoft, -13, -10).Ok(kMicrosoft, -1, 0);
         history.Ok(kGoogle, -9, 0);
         history.Testing(kA).Ok(kGoogle, -20, -10);
         return history;
       }(),
       kInsufficient,
       {"reporters_seen?"}},
      {"a reporter went back to a text that shares one pattern: only that one counts",
       [] {
         History history;
         history.Testing({"mx2.firm.example", "mx3.firm.example"});
         Both(history, -30, -14).Ok(kMicrosoft, 0, 0);
         history.Testing(kAB).Ok(kGoogle, -13, 0).Ok(kMicrosoft, -13, -1);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?", "reporters_seen?", "sessions_seen?"}},
      {"back in testing, one sender still on the cached enforce: older, so no matter",
       [] {
         History history;
         history.Enforce(kAB);
         Both(history.Ok(kMailRu, -30, 0), -30, -14);
         history.Testing(kAB);
         Both(history, -13, 0);
         return history;
       }(),
       kReady},
      {"testing, then enforce, then testing again, and one sender stays on enforce: who "
       "is behind cannot be told",
       [] {
         History history;
         Both(history.Ok(kMailRu, -60, -30), -60, -30);
         history.Enforce(kAB);
         Both(history.Ok(kMailRu, -29, 0), -29, -20);
         history.Testing(kAB);
         Both(history, -19, 0);
         return history;
       }(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"one reporter went back to the longer list: what both lists have counts",
       [] {
         History history;
         Both(history, -30, -14);
         history.Testing(kA);
         Both(history, -13, -1).Ok(kGoogle, 0, 0);
         history.Testing(kAB).Ok(kMicrosoft, 0, 0);
         return history;
       }(),
       kReady},
      {"a sender with two caches, the old text alone on some days: no restart",
       [] {
         History history;
         Both(history, -30, -14).Ok(kMicrosoft, -8, -8).Ok(kMicrosoft, -5, -5);
         history.Testing(kA).Ok(kGoogle, -13, 0);
         history.Ok(kMicrosoft, -13, -9).Ok(kMicrosoft, -7, -6).Ok(kMicrosoft, -4, 0);
         return history;
       }(),
       kReady},
      {"a reporter went back to the shorter list: whether the longer one holds is open",
       [] {
         History history;
         history.Testing(kA);
         Both(history, -30, -14).Ok(kMicrosoft, 0, 0);
         history.Testing(kAB).Ok(kGoogle, -13, 0).Ok(kMicrosoft, -13, -1);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?", "reporters_seen?", "sessions_seen?"}},
      {"two texts of one first day, two reporters: nobody can say which is older",
       [] {
         History history;
         history.Ok(kMicrosoft, -13, 0).Testing(kA).Ok(kGoogle, -13, 0);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?", "reporters_seen?", "sessions_seen?"}},
      {"the same, until both agree: the clock starts there",
       [] {
         History history;
         history.Ok(kMicrosoft, -20, -14)
             .Testing(kA)
             .Ok(kGoogle, -20, 0)
             .Ok(kMicrosoft, -13, 0);
         return history;
       }(),
       kReady},
      {"testing and enforce from one first day: nobody can say",
       [] {
         History history;
         history.Ok(kMicrosoft, -13, 0).Enforce(kAB).Ok(kGoogle, -13, 0);
         return history;
       }(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"a reporter's opinion from before the window is none, but it was a break",
       [] {
         History history = History::Clean(-30, 0);
         history.Enforce(kAB).Ok(kMailRu, -20, -14);
         return history;
       }(),
       kReady},
      {"the same, a day longer: it is the newest word on the policy",
       [] {
         History history = History::Clean(-30, 0);
         history.Enforce(kAB).Ok(kMailRu, -20, -13);
         return history;
       }(),
       kEnforcing,
       {"days_covered?", "reporters_seen?", "sessions_seen?"}},
  };
  Check(rows);
}

constexpr std::chrono::seconds kYear{31557600};

// `before` until day -20 and testing with mx1 from then on, by `max_age`, each day.
History ChangedLongAgo(PolicyMode before, const std::vector<std::string>& mx_before,
                       std::chrono::seconds max_age, int to = 0) {
  History history;
  Both(history.Policy(before, mx_before).MaxAge(max_age), -40, -21);
  Both(history.Testing(kA).MaxAge(max_age), -20, to);
  return history;
}

TEST(Policy, WhatComesBack) {
  const auto testing = PolicyMode::kTesting;
  const auto enforce = PolicyMode::kEnforce;
  const std::chrono::seconds day{86400};
  const auto removed_twice = [](std::chrono::seconds max_age) {
    History history;
    Both(history.Testing(kAB).MaxAge(max_age), -38, -34);
    Both(history.Testing(kA).MaxAge(max_age), -33, -29);
    Both(history.Testing(kAB).MaxAge(max_age), -28, -10);
    Both(history.Testing(kA).MaxAge(max_age), -9, -8);
    Both(history.Testing(kAB).MaxAge(max_age), -7, 0);
    return history;
  };
  const auto enforce_again = [&](std::chrono::seconds max_age, int first, int last) {
    History history = ChangedLongAgo(enforce, kA, max_age);
    Both(history.Enforce(kA).MaxAge(max_age), first, last);
    return history;
  };
  const Row rows[] = {
      {"a pattern is removed a second time",
       removed_twice(day),
       kInsufficient,
       {"testing_long_enough?"}},
      {"the same, where a text may be cached for a year: nobody had another",
       removed_twice(kYear),
       kInsufficient,
       {"testing_long_enough?"}},
      {"enforce a second time, both texts in each report of the days",
       enforce_again(day, -5, -4),
       kInsufficient,
       {"testing_long_enough?", "days_covered?", "sessions_seen?"}},
      {"the same, cached for a year: two senders at once",
       enforce_again(kYear, -5, -4),
       kInsufficient,
       {"testing_long_enough?", "days_covered?", "sessions_seen?"}},
      {"the same on the last day: the mode is not clear",
       enforce_again(kYear, 0, 0),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"two senders at once, away for a week: their machines do not share one cache",
       [&] {
         History history = ChangedLongAgo(enforce, kA, kYear);
         Both(history.Enforce(kA).MaxAge(kYear), -13, -13);
         return Both(history, -5, -5);
       }(),
       kReady},
      {"one of two shows enforce again, within its max_age: it is cached",
       ChangedLongAgo(enforce, kA, kYear).Enforce(kA).MaxAge(kYear).Ok(kGoogle, -5, -5),
       kReady},
      {"the same after its max_age: it was served again",
       ChangedLongAgo(enforce, kA, day).Enforce(kA).Ok(kGoogle, -5, -5),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"the same, its max_age not known: cached for a year at most",
       [&] {
         History history = ChangedLongAgo(enforce, kA, day).Enforce(kA);
         history.Ok(kGoogle, -5, -5);
         for (auto& [hash, text] : history.evidence().policy_texts) text.max_age.reset();
         return history;
       }(),
       kReady},
      {"of a sender that was off it for 30 days: that is too long for a cache of a few",
       [&] {
         History history;
         Both(history.Enforce(kA).MaxAge(kYear), -40, -36);
         history.Ok(kGoogle, -4, -4);
         Both(history.Testing(kA), -35, 0);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?", "sessions_seen?"}},
      {"a day less",
       [&] {
         History history;
         Both(history.Enforce(kA).MaxAge(kYear), -40, -36);
         history.Ok(kGoogle, -5, -5);
         Both(history.Testing(kA), -35, 0);
         return history;
       }(),
       kReady},
      {"who was on it all along is on its cache, however little it writes",
       [&] {
         History history = ChangedLongAgo(enforce, kA, day).Enforce(kA);
         return history.Ok(kMailRu, -30, -30).Ok(kMailRu, -3, -3);
       }(),
       kReady},
      {"who writes for the first time is on its cache while it may be",
       ChangedLongAgo(enforce, kA, kYear).Enforce(kA).MaxAge(kYear).Ok(kMailRu, -3, 0),
       kReady},
      {"and is not when it may not",
       ChangedLongAgo(enforce, kA, day).Enforce(kA).Ok(kMailRu, -3, 0),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"a day of nothing but a sender that never moved on",
       [&] {
         History history = ChangedLongAgo(testing, kAB, kYear, -6);
         Both(history, -4, 0).Testing(kAB).MaxAge(kYear);
         return history.Ok(kMailRu, -40, 0);
       }(),
       kReady},
      {"a day of nothing but a sender that had moved on",
       [&] {
         History history = ChangedLongAgo(testing, kAB, kYear, -6);
         Both(history, -4, 0).Testing(kAB).MaxAge(kYear);
         return history.Ok(kGoogle, -5, -5);
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"a sender that shows the old text every third day, for as long as it may",
       [&] {
         History history = ChangedLongAgo(testing, kAB, kYear).Testing(kAB).MaxAge(kYear);
         for (int on = -19; on <= 0; on += 3) history.Ok(kGoogle, on, on, 1);
         return history;
       }(),
       kReady},
      {"a pattern put back for a day: others report without it since",
       [&] {
         History history = ChangedLongAgo(testing, kAB, day).Ok(kMailRu, -20, -20);
         return history.Testing(kAB).Ok(kMailRu, -40, -21).Ok(kMailRu, -9, -9);
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"a sender that catches up with what others left: no removal",
       [&] {
         History history;
         Both(history.Enforce(kA).Ok(kMailRu, -40, -10), -40, -36);
         Both(history.Testing(kA).Ok(kMailRu, -9, -9), -35, -21);
         return Both(history.Testing(kAB).Ok(kMailRu, -8, 0), -20, 0);
       }(),
       kReady},
      {"enforce came back, and who took it up then stays on it: not clear",
       [&] {
         History history = enforce_again(day, -5, -4);
         return history.Testing(kA).Ok(kMailRu, -20, -5).Enforce(kA).Ok(kMailRu, -4, 0);
       }(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"what came back was left for a new policy: the cache of it is none the newer",
       [&] {
         History history;
         Both(history.Testing(kAB), -50, -46);
         Both(history.Testing(kA), -45, -31);
         Both(history.Testing(kAB).Ok(kMailRu, -30, 0), -30, -21);
         return Both(history.Testing({"mx3.firm.example"}), -20, 0);
       }(),
       kReady},
  };
  Check(rows);
}

TEST(Policy, ModeUnreadableOrGone) {
  const Row rows[] = {
      {"policy texts of reporters that are not counted decide nothing",
       History::Clean().Enforce(kA).Ok(kOther, -5, 0), kReady},
      {"a text without a readable mode is no text",
       History()
           .Ok(kGoogle, -13, 0)
           .Policy(PolicyMode::kUnknown, kAB)
           .Ok(kMicrosoft, -13, 0),
       kInsufficient,
       {"reporters_seen?"}},
      {"mode: testing without a pattern is no text",
       History().Ok(kGoogle, -13, 0).Testing({}).Ok(kMicrosoft, -13, 0),
       kInsufficient,
       {"reporters_seen?"}},
      {"a hash whose text is not there",
       [] {
         History history = History::Clean();
         history.evidence().policy_texts.clear();
         return history;
       }(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"mode: none is nothing to enforce",
       Changed(PolicyMode::kTesting, kAB, PolicyMode::kNone, {}, -3),
       kNotApplicable,
       {"policy_in_testing!", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"mode: none long ago, and silence",
       [] {
         History history;
         history.Policy(PolicyMode::kNone, {});
         Both(history, -40, -30);
         return history;
       }(),
       kNotReady,
       {"policy_in_testing!", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"nothing but no-policy-found",
       History()
           .Type(PolicyType::kNoPolicyFound)
           .Ok(kGoogle, -13, 0)
           .Ok(kMicrosoft, -13, 0),
       kNotApplicable,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"no-policy-found of nobody we know",
       History().Unvouched().Type(PolicyType::kNoPolicyFound).Ok(kGoogle, -13, 0),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"no-policy-found beside a fetch error: there is a record",
       History()
           .Type(PolicyType::kNoPolicyFound)
           .Ok(kGoogle, -13, 0)
           .Fail(kMicrosoft, -5, ResultType::kStsPolicyFetchError),
       kNotReady,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?", "policy_retrievable!"}},
      {"nothing but DANE says nothing about MTA-STS",
       History().Type(PolicyType::kTlsa).Ok(kGoogle, -13, 0),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"nothing but an unknown policy type",
       History().Type(PolicyType::kOther).Ok(kGoogle, -13, 0),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"a reporter that applied the policy finds none since",
       History::Clean(-13, -1)
           .Ok(kMicrosoft, 0, 0)
           .Type(PolicyType::kNoPolicyFound)
           .Ok(kGoogle, 0, 0),
       kInsufficient,
       {"policy_in_testing?"}},
      {"found none for a day, and applies it again",
       History::Clean().Type(PolicyType::kNoPolicyFound).Ok(kGoogle, -3, -3), kReady},
      {"found one and none on the same day",
       History::Clean().Type(PolicyType::kNoPolicyFound).Ok(kGoogle, 0, 0), kReady},
      {"enforce and none from one first day: nobody can say",
       History()
           .Enforce(kAB)
           .Ok(kGoogle, -13, 0)
           .Policy(PolicyMode::kNone, {})
           .Ok(kMicrosoft, -13, 0),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"no-policy-found beside an unknown policy type",
       History()
           .Type(PolicyType::kNoPolicyFound)
           .Ok(kGoogle, -13, 0)
           .Type(PolicyType::kOther)
           .Ok(kMicrosoft, -13, 0),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"a counted reporter that never looks at policies",
       History::Clean().Type(PolicyType::kNoPolicyFound).Ok(kMailRu, -13, 0), kReady},
  };
  Check(rows);
}

TEST(Policy, NewestTextUnreadable) {
  const std::vector<std::string> all = {"policy_in_testing?", "testing_long_enough?",
                                        "days_covered?", "reporters_seen?",
                                        "sessions_seen?"};
  const auto unreadable = [](History& history) -> History& {
    return history.Policy(PolicyMode::kUnknown, kA);
  };
  const Row rows[] = {
      {"both send one on the last days",
       [&] {
         History history = History::Clean(-18, -2);
         Both(unreadable(history), -1, 1);
         return history;
       }(),
       kInsufficient, all},
      {"the same, without an mx line in mode: testing",
       [&] {
         History history = History::Clean(-18, -2);
         Both(history.Testing({}), -1, 1);
         return history;
       }(),
       kInsufficient, all},
      {"one sends it, the other is on testing yet",
       [&] {
         History history = History::Clean(-18, -2);
         history.Ok(kGoogle, -1, 1);
         unreadable(history).Ok(kMicrosoft, -1, 1);
         return history;
       }(),
       kInsufficient, all},
      {"one sends it beside testing",
       [&] {
         History history = History::Clean(-18, 1);
         unreadable(history).Ok(kMicrosoft, 1, 1);
         return history;
       }(),
       kInsufficient, all},
      {"nobody sends another",
       [&] {
         History history;
         Both(unreadable(history), -18, 1);
         return history;
       }(),
       kInsufficient, all},
      {"for one day in the window, then testing again: it may have been a change",
       [&] {
         History history = History::Clean(-18, -6);
         unreadable(history).Ok(kMicrosoft, -5, -5);
         Both(history.Testing(kAB), -4, 0);
         return history;
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?"}},
      {"for one day before the window",
       [&] {
         History history = History::Clean(-30, 0);
         unreadable(history).Ok(kMicrosoft, -14, -14);
         return history;
       }(),
       kReady},
      {"of a reporter that fell silent before the window",
       [&] {
         History history = History::Clean(-30, 0);
         unreadable(history).Ok(kMailRu, -20, -14);
         return history;
       }(),
       kReady},
      {"the same, a day longer",
       [&] {
         History history = History::Clean(-30, 0);
         unreadable(history).Ok(kMailRu, -20, -13);
         return history;
       }(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?"}},
      {"it was there before testing, and one sender is on its cached copy",
       [&] {
         History history;
         Both(unreadable(history), -40, -21).Ok(kMailRu, -40, 0);
         Both(history.Testing(kAB), -20, 0);
         return history;
       }(),
       kReady},
      {"one sender went back to it",
       [&] {
         History history;
         Both(unreadable(history), -40, -21).Ok(kMicrosoft, 0, 0);
         history.Testing(kAB).Ok(kGoogle, -20, 0).Ok(kMicrosoft, -20, -1);
         return history;
       }(),
       kInsufficient, all},
      {"one sender writes it so from the first day on",
       [&] {
         History history = History::Clean(-20, 0);
         unreadable(history).Ok(kMailRu, -20, 0);
         return history;
       }(),
       kReady},
      {"one sender began to, and is muted",
       [&] {
         History history = History::Clean(-20, 0).Mute(kMailRu);
         unreadable(history).Ok(kMailRu, -10, 0);
         return history;
       }(),
       kReady},
      {"of a reporter that is not counted",
       [&] {
         History history = History::Clean(-20, 0);
         unreadable(history).Ok(kOther, -5, 0);
         return history;
       }(),
       kReady},
      {"enforce before it is enforce still: nobody is told to move on",
       [&] {
         History history;
         Both(history.Enforce(kAB), -18, -2);
         Both(unreadable(history), -1, 1);
         return history;
       }(),
       kEnforcing,
       {"days_covered?", "reporters_seen?", "sessions_seen?"}},
  };
  Check(rows);
}

TEST(Policy, NewestTextUnreadableIsSaid) {
  History history = History::Clean(-18, -1);
  history.Look(2).Ok(kGoogle, 0, 0);
  history.Policy(PolicyMode::kUnknown, kA).Ok(kMicrosoft, 0, 0);
  for (const auto& settings : {ReportsOnly(), Live()}) {
    const Verdict verdict = Decide(history, settings, kNow);
    const Criterion& criterion = *Find(verdict, "policy_in_testing");
    EXPECT_EQ(criterion.status, Status::kUnknown);
    EXPECT_EQ(
        criterion.sentence,
        "The newest reported policy cannot be read (microsoft.com on 2026-11-21): "
        "its mode is missing, unknown or said twice, it has no mx pattern, or it was "
        "cut.");
    EXPECT_THAT(criterion.remedy,
                ::testing::HasSubstr(
                    "https://mta-sts.firm.example/.well-known/mta-sts.txt has one mode"));
    ASSERT_EQ(criterion.evidence.size(), 1u) << "the report that says so";
  }
}

TEST(Policy, Enforcing) {
  const ResultType expired = ResultType::kCertificateExpired;
  const auto enforcing = [](int from, int to) {
    History history;
    history.Enforce(kAB);
    Both(history, from, to);
    return history;
  };
  struct {
    const char* why;
    History history;
    Health want;
  } const rows[] = {
      {"14 clean days in enforce", enforcing(-13, 0), Health::kOk},
      {"in enforce for a day",
       Changed(PolicyMode::kTesting, kAB, PolicyMode::kEnforce, kAB, 0), Health::kOk},
      {"one sender reports enforce, the other is on the cached testing",
       History::Clean().Ok(kMicrosoft, 1, 1).Enforce(kAB).Ok(kGoogle, 1, 1), Health::kOk},
      {"a refused session 7 days ago", enforcing(-13, 0).Fail(kGoogle, -6, expired),
       Health::kAtRisk},
      {"a refused session 8 days ago", enforcing(-13, 0).Fail(kGoogle, -7, expired),
       Health::kOk},
      {"a refused session today", enforcing(-13, 0).Fail(kGoogle, 2, expired),
       Health::kAtRisk},
      {"a refusal that an uncounted reporter tells of: its mail was refused",
       enforcing(-13, 0).Fail(kOther, -1, expired), Health::kAtRisk},
      {"a refusal that nobody vouches for",
       enforcing(-13, 0).Unvouched().Fail(kOther, -1, expired), Health::kOk},
      {"no evidence for 3 days", enforcing(-13, -3), Health::kAtRisk},
      {"evidence on the third last day", enforcing(-13, -2), Health::kOk},
      {"only strangers lately", enforcing(-13, -3).Unvouched().Ok(kGoogle, -2, 0),
       Health::kAtRisk},
      {"in enforce, and silent for months", enforcing(-90, -60), Health::kAtRisk},
      {"senders cannot get the policy",
       enforcing(-13, 0).Fail(kMailRu, 0, ResultType::kStsPolicyFetchError),
       Health::kAtRisk},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    for (const auto& settings : {ReportsOnly(), Live()}) {
      const Verdict verdict = Decide(row.history, settings, kNow);
      EXPECT_EQ(NameOf(verdict.kind), NameOf(kEnforcing)) << verdict.sentence;
      EXPECT_EQ(NameOf(verdict.health), NameOf(row.want)) << verdict.sentence;
      EXPECT_EQ(verdict.earliest_ready.day, std::nullopt);
      ExpectWellFormed(verdict);
    }
  }
}

}  // namespace
}  // namespace tlsrpt::api
