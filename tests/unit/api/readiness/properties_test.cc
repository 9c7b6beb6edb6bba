// What holds for every history, over 20,000 random ones: a domain with at most one change
// of policy, senders that pick it up some days later, gaps, strangers and failures.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "api/readiness/decide.h"
#include "api/readiness/json.h"
#include "tests/unit/api/readiness/history.h"

namespace tlsrpt::api {
namespace {

using std::chrono::sys_days;
using store::EvidenceRow;
using store::PolicyMode;
using store::PolicyType;
using store::ResultType;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kHistories = 2000;  // a sanitizer is ten times slower
#else
constexpr int kHistories = 20000;
#endif

// std::uniform_int_distribution differs between libraries; this does not.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}
  int Below(int n) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(n)); }
  int Between(int low, int high) { return low + Below(high - low + 1); }
  bool OneIn(int n) { return Below(n) == 0; }
  template <class T>
  const T& Of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(Below(static_cast<int>(list.size())))];
  }

 private:
  std::mt19937 engine_;
};

const std::vector<ResultType> kTypes = {
    ResultType::kOther,
    ResultType::kStarttlsNotSupported,
    ResultType::kCertificateHostMismatch,
    ResultType::kCertificateExpired,
    ResultType::kCertificateNotTrusted,
    ResultType::kValidationFailure,
    ResultType::kTlsaInvalid,
    ResultType::kDnssecInvalid,
    ResultType::kDaneRequired,
    ResultType::kStsPolicyFetchError,
    ResultType::kStsPolicyInvalid,
    ResultType::kStsWebpkiInvalid,
};
const std::vector<PolicyType> kPolicyTypes = {
    PolicyType::kSts, PolicyType::kSts, PolicyType::kTlsa, PolicyType::kNoPolicyFound,
    PolicyType::kOther};
const std::vector<std::string> kReporters = {kGoogle, kMicrosoft, kMailRu, kOther};

// The policies that were served, the second from `change_day` on.
struct Truth {
  PolicyMode old_mode = PolicyMode::kTesting;
  std::vector<std::string> old_mx = {"a.example", "b.example"};
  PolicyMode new_mode = PolicyMode::kTesting;
  std::vector<std::string> new_mx = {"a.example", "b.example"};
  int change_day = 1000;  // never
};

Truth RandomTruth(Dice& dice) {
  Truth truth;
  if (dice.OneIn(2)) return truth;
  truth.change_day = dice.Between(-25, 1);
  switch (dice.Below(4)) {
    case 0:
      truth.new_mx = {"a.example"};
      break;
    case 1:
      truth.old_mx = {"a.example"};
      break;
    case 2:
      truth.old_mode = dice.OneIn(2) ? PolicyMode::kEnforce : PolicyMode::kNone;
      if (truth.old_mode == PolicyMode::kNone) truth.old_mx = {};
      break;
    default:
      truth.new_mode = dice.OneIn(2) ? PolicyMode::kEnforce : PolicyMode::kNone;
      if (truth.new_mode == PolicyMode::kNone) truth.new_mx = {};
  }
  return truth;
}

void SetPolicy(const Truth& truth, bool changed, History& history) {
  if (changed) {
    history.Policy(truth.new_mode, truth.new_mx);
  } else {
    history.Policy(truth.old_mode, truth.old_mx);
  }
}

void AddNoise(Dice& dice, const Truth& truth, History& history) {
  const std::string& reporter = dice.Of(kReporters);
  history.Type(dice.Of(kPolicyTypes));
  const int day = dice.Between(-25, 4);
  SetPolicy(truth, day >= truth.change_day, history);
  if (dice.OneIn(3)) history.NoPolicyText();
  switch (dice.Below(4)) {
    case 0:
      history.Unexplained(reporter, day);
      break;
    case 1:
      history.Ok(reporter, day, day, dice.Between(0, 50));
      break;
    default:
      history.Fail(reporter, day, dice.Of(kTypes), dice.Between(1, 3));
  }
  if (dice.OneIn(3)) history.Period(day - 3, day + 3);
}

History RandomHistory(Dice& dice, const Truth& truth) {
  History history;
  const int reporters = dice.OneIn(8) ? 1 : dice.Between(2, 4);
  for (int r = 0; r < reporters; ++r) {
    const std::string& reporter = kReporters[static_cast<std::size_t>(r)];
    const int from = dice.OneIn(6) ? dice.Between(-13, -5) : dice.Between(-30, -14);
    const int to = dice.OneIn(6) ? dice.Between(-5, 2) : dice.Between(0, 2);
    const int lag = dice.Below(6);
    const int gap = dice.OneIn(2) ? 1000 : dice.Between(3, 12);  // one day in so many
    const int scale = dice.Between(1, 20);
    for (int day = from; day <= to; ++day) {
      if (day != 0 && dice.OneIn(gap)) continue;
      SetPolicy(truth, day >= truth.change_day + lag, history);
      history.Ok(reporter, day, day, dice.Below(scale + 1));
    }
  }
  if (dice.OneIn(3)) {
    for (int n = dice.Between(1, 3); n > 0; --n) AddNoise(dice, truth, history);
  }
  return history;
}

bool IsCounted(const EvidenceRow& row) {
  return row.vouched && ReportsOnly().counted_reporters.contains(row.reporter);
}

// Whether enforce (RFC 8461, 5) may refuse what one row tells of: written out again, and
// slowly, from the RFC rather than from the code.
bool TellsOfRefusal(const EvidenceRow& row) {
  std::int64_t explained = 0;
  for (const store::FailureGroup& group : row.failures) {
    explained += group.failed_sessions;
    switch (group.result_type) {
      case ResultType::kStsPolicyFetchError:
      case ResultType::kStsPolicyInvalid:
      case ResultType::kStsWebpkiInvalid:
        continue;  // no policy: mail is delivered as if there were none (RFC 8461, 5.1)
      case ResultType::kTlsaInvalid:
      case ResultType::kDnssecInvalid:
      case ResultType::kDaneRequired:
        if (row.policy_type == PolicyType::kTlsa ||
            row.policy_type == PolicyType::kNoPolicyFound) {
          continue;  // DANE alone
        }
        [[fallthrough]];
      default:
        if (group.failed_sessions > 0) return true;
    }
  }
  return row.unexplained_sessions > 0 || row.failure_sessions > explained;
}

// What must be true of a domain that is called ready on kNow. `truth` is what was really
// served; the second policy counts once a counted reporter has seen it.
std::string WhyNotReady(const store::Evidence& evidence, const Truth& truth) {
  const auto key_of = [&](const EvidenceRow& row) -> const store::PolicyText* {
    if (!row.policy_hash || row.policy_type != PolicyType::kSts) return nullptr;
    return &evidence.policy_texts.at(*row.policy_hash);
  };
  const auto is_new = [&](const EvidenceRow& row) {
    const auto* text = key_of(row);
    return text && text->mode == truth.new_mode && text->mx_patterns == truth.new_mx;
  };

  for (const EvidenceRow& row : evidence.rows) {
    if (!row.vouched || !TellsOfRefusal(row)) continue;
    for (int day = -13; day <= 2; ++day) {
      if ((row.first_day <= Day(day) && Day(day) <= row.last_day) ||
          row.day == Day(day)) {
        return "a vouched reporter tells of a refusal";
      }
    }
  }

  std::optional<sys_days> seen;
  for (const EvidenceRow& row : evidence.rows) {
    if (IsCounted(row) && is_new(row) && row.day <= Day(2) &&
        (!seen || row.day < *seen)) {
      seen = row.day;
    }
  }
  const bool changed = truth.change_day < 1000 && seen;
  const PolicyMode mode = changed ? truth.new_mode : truth.old_mode;
  if (mode != PolicyMode::kTesting) return "the policy is not in testing";
  const bool old_counts = truth.old_mode == PolicyMode::kTesting &&
                          (!changed || truth.new_mx.size() >= truth.old_mx.size());

  std::map<std::string, std::set<sys_days>> days_of;
  std::map<std::string, std::int64_t> sessions_of;
  std::map<std::string, std::set<sys_days>> reported;
  std::set<sys_days> days;
  std::int64_t sessions = 0;
  bool early = false;
  for (const EvidenceRow& row : evidence.rows) {
    if (!IsCounted(row)) continue;
    for (int day = -13; day <= 0; ++day) {
      if (row.first_day <= Day(day) && Day(day) <= row.last_day) {
        reported[row.reporter].insert(Day(day));
      }
    }
    const auto* text = key_of(row);
    if (!text || row.success_sessions == 0 || row.day > Day(0)) continue;
    const bool of_new = changed && is_new(row);
    const bool of_old = old_counts && !of_new && text->mode == truth.old_mode &&
                        text->mx_patterns == truth.old_mx &&
                        (!changed || row.day <= *seen);
    if (!of_new && !of_old) continue;
    if (row.day <= Day(-13)) early = true;
    if (row.day < Day(-13)) continue;
    days.insert(row.day);
    days_of[row.reporter].insert(row.day);
    sessions_of[row.reporter] += row.success_sessions;
    sessions += row.success_sessions;
  }
  if (!early) return "not in testing since the window began";
  if (days.size() < 10) return "fewer than 10 days";
  if (*days.rbegin() < Day(-2)) return "nothing in the last 3 days";
  if (sessions < 100) return "fewer than 100 sessions";
  int sound = 0;
  for (const auto& [reporter, covered] : days_of) {
    if (covered.size() >= 3 && sessions_of[reporter] >= 5) ++sound;
  }
  if (sound < 2) return "fewer than 2 reporters";
  for (const auto& [reporter, covered] : reported) {
    if (covered.size() >= 7 && !covered.contains(Day(0)))
      return "a usual reporter is late";
  }
  return "";
}

// Every word of an answer but the advisory criteria.
std::string Blocking(const Verdict& verdict) {
  nlohmann::ordered_json json = ToJson(verdict);
  nlohmann::ordered_json blocking = nlohmann::ordered_json::array();
  for (const auto& criterion : json["criteria"]) {
    if (criterion["severity"] == "blocking") blocking.push_back(criterion);
  }
  json["criteria"] = blocking;
  return json.dump();
}

class Properties : public ::testing::Test {
 protected:
  // Calls `check(dice, truth, history, verdict)` for each random history.
  template <class F>
  static void ForEach(F check) {
    for (int seed = 0; seed < kHistories && !HasFailure(); ++seed) {
      SCOPED_TRACE(seed);
      Dice dice(static_cast<std::uint32_t>(seed));
      const Truth truth = RandomTruth(dice);
      History history = RandomHistory(dice, truth);
      const Verdict verdict = Decide(history, ReportsOnly(), kNow);
      check(dice, truth, history, verdict);
    }
  }
};

TEST_F(Properties, HoldForRandomHistories) {
  int ready = 0;
  int spoilt = 0;
  std::map<VerdictKind, int> kinds;
  ForEach([&](Dice& dice, const Truth& truth, History& history, const Verdict& verdict) {
    const bool was_ready = verdict.kind == VerdictKind::kReady;
    ++kinds[verdict.kind];
    if (was_ready) {
      ++ready;
      EXPECT_EQ(WhyNotReady(history, truth), "");
    }

    // Without a look at the live domain nothing is ready.
    // (Same evidence, so the one difference is the basis.)
    if (dice.OneIn(10)) {
      EXPECT_NE(Decide(history, Live(), kNow).kind, VerdictKind::kReady);
    }

    // The order of rows never matters.
    if (dice.OneIn(2)) {
      History shuffled = history;
      auto& rows = shuffled.evidence().rows;
      for (std::size_t i = rows.size(); i > 1; --i) {
        std::swap(rows[i - 1],
                  rows[static_cast<std::size_t>(dice.Below(static_cast<int>(i)))]);
      }
      EXPECT_EQ(ToJson(Decide(shuffled, ReportsOnly(), kNow)), ToJson(verdict));
    }

    // Rows that nobody vouches for change nothing but an advisory criterion.
    {
      History more = history;
      more.Unvouched();
      for (int n = dice.Between(1, 3); n > 0; --n) {
        Truth lie = truth;
        if (dice.OneIn(2)) {
          lie.old_mode = lie.new_mode = PolicyMode::kEnforce;
          lie.old_mx = lie.new_mx = {"c.example"};
        }
        AddNoise(dice, lie, more);
        if (dice.OneIn(2)) more.Last().reporter = dice.Of(kReporters);
      }
      EXPECT_EQ(Blocking(Decide(more, ReportsOnly(), kNow)), Blocking(verdict));
    }

    // A refused session more never makes it ready, and always unmakes it.
    {
      History worse = history;
      const int day = dice.Between(-13, 2);
      bool always = true;
      if (dice.OneIn(2)) {
        auto& rows = worse.evidence().rows;
        EvidenceRow* row = nullptr;
        for (EvidenceRow& each : rows) {
          if (each.vouched && (row == nullptr || dice.OneIn(10))) row = &each;
        }
        if (row == nullptr) return;
        row->failure_sessions += 1;
        row->unexplained_sessions += 1;
        always = row->last_day >= Day(-13) && row->first_day <= Day(2);
      } else {
        worse.Type(dice.OneIn(2) ? PolicyType::kSts : PolicyType::kOther).NoPolicyText();
        worse.Fail(dice.Of(kReporters), day, ResultType::kCertificateExpired);
      }
      const Verdict then = Decide(worse, ReportsOnly(), kNow);
      EXPECT_TRUE(was_ready || then.kind != VerdictKind::kReady);
      if (was_ready && always) {
        ++spoilt;
        EXPECT_NE(then.kind, VerdictKind::kReady);
      }
    }

    // A success less never makes it ready.
    {
      History less = history;
      const int one_in = dice.Between(1, 6);
      for (EvidenceRow& row : less.evidence().rows) {
        if (dice.OneIn(one_in))
          row.success_sessions = dice.Below(2) * row.success_sessions / 2;
      }
      const Verdict then = Decide(less, ReportsOnly(), kNow);
      EXPECT_TRUE(was_ready || then.kind != VerdictKind::kReady);
    }
  });
  // The histories are worth something only if many are ready and many are not.
  EXPECT_GT(ready, kHistories / 20);
  EXPECT_GT(spoilt, kHistories / 40);
  EXPECT_GT(kinds[VerdictKind::kNotReady], kHistories / 20);
  EXPECT_GT(kinds[VerdictKind::kInsufficientEvidence], kHistories / 20);
  EXPECT_GT(kinds[VerdictKind::kEnforcing], kHistories / 200);
  std::printf("ready %d, not ready %d, insufficient %d, enforcing %d, n/a %d\n", ready,
              kinds[VerdictKind::kNotReady], kinds[VerdictKind::kInsufficientEvidence],
              kinds[VerdictKind::kEnforcing], kinds[VerdictKind::kNotApplicable]);
}

}  // namespace
}  // namespace tlsrpt::api
