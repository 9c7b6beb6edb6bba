// What holds for every history, over 100,000 random ones: a domain with at most one
// change of policy, senders that pick it up some days later, gaps, strangers and
// failures; by reports alone, and with looks at the live domain, some of them bad.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "api/readiness/baseline.h"
#include "api/readiness/decide.h"
#include "api/readiness/settings_table.h"
#include "tests/unit/api/readiness/history.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using store::EvidenceRow;
using store::LookupState;
using store::MxAddressProbe;
using store::Observation;
using store::PolicyMode;
using store::PolicyType;
using store::ProbeOutcome;
using store::ResultType;
using store::TlsVersion;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kHistories = 5000;  // a sanitizer is ten times slower
#else
constexpr int kHistories = 100000;
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

// One reporter, a session or two now and then, for long.
History TinyHistory(Dice& dice, const Truth& truth) {
  History history;
  const int gap = dice.Between(1, 4);
  for (int day = dice.Between(-40, -26); day <= 1; ++day) {
    if (dice.Below(gap) > 0) continue;
    SetPolicy(truth, day >= truth.change_day, history);
    history.Ok(kGoogle, day, day, dice.Between(0, 4));
  }
  if (dice.OneIn(8)) AddNoise(dice, truth, history);
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

// The days on which a row's failures may have happened, to the end of the last one.
sys_days LastDayOf(const EvidenceRow& row) { return std::max(row.last_day, row.day); }

bool Touches(const EvidenceRow& row, int first, int last) {
  for (int day = first; day <= last; ++day) {
    if ((row.first_day <= Day(day) && Day(day) <= row.last_day) || row.day == Day(day)) {
      return true;
    }
  }
  return false;
}

// RFC 8461, 5: an address that a sender under enforce delivers to at `when`.
bool WouldDeliver(const MxAddressProbe& probe, TimePoint when) {
  if (probe.outcome != ProbeOutcome::kTls) return false;
  if (probe.tls_version < TlsVersion::kTls12) return false;
  if (!probe.certificate || !probe.certificate->trusted) return false;
  if (!probe.certificate->name_matches) return false;
  return probe.certificate->not_before <= when && when < probe.certificate->not_after;
}

// Every address of every MX of the look.
bool AllDeliver(const Observation& look) {
  if (!look.complete || look.mx.state != LookupState::kFound) return false;
  for (const auto& host : look.mx.hosts) {
    int tried = 0;
    for (const MxAddressProbe& probe : look.addresses) {
      if (probe.mx != host.name) continue;
      ++tried;
      if (!WouldDeliver(probe, look.observed_at)) return false;
    }
    if (tried == 0) return false;
  }
  return !look.mx.hosts.empty();
}

// What is wrong with the newest look; empty: nothing.
std::string WhyLookIsBad(const store::Evidence& evidence, const Truth& truth) {
  const Observation* newest = nullptr;
  for (const Observation& look : evidence.observations) {
    if (look.observed_at > kNow) continue;
    if (newest == nullptr || newest->observed_at < look.observed_at) newest = &look;
  }
  if (newest == nullptr) return "nobody looked";
  if (kNow - newest->observed_at > std::chrono::hours{26}) return "the last look is old";
  if (newest->mta_sts.state != LookupState::kFound) return "no _mta-sts record";
  if (newest->smtp_tls.state != LookupState::kFound) return "no _smtp._tls record";
  if (newest->policy.status != 200) return "no policy";
  if (!newest->policy.certificate || !newest->policy.certificate->trusted) {
    return "a policy host nobody trusts";
  }
  const auto& served = truth.change_day <= 2 ? truth.new_mx : truth.old_mx;
  for (const auto& host : newest->mx.hosts) {
    if (std::find(served.begin(), served.end(), host.name) == served.end()) {
      return "an MX that the policy does not cover";
    }
    int good = 0;
    for (const MxAddressProbe& probe : newest->addresses) {
      if (probe.mx != host.name) continue;
      if (WouldDeliver(probe, kNow)) {
        ++good;
      } else if (probe.outcome > ProbeOutcome::kEhloRejected) {
        return "an address that fails";
      }
    }
    if (good == 0) return "an MX that nobody reached";
  }
  return newest->mx.hosts.empty() ? "no MX" : "";
}

// The MX hosts that the failures of `row` name, all in order in this look.
bool EachReportedMxDelivers(const Observation& look, const EvidenceRow& row) {
  if (!look.complete || row.failures.empty() || row.unexplained_sessions > 0)
    return false;
  for (const store::FailureGroup& group : row.failures) {
    int tried = 0;
    for (const MxAddressProbe& probe : look.addresses) {
      if (probe.mx != group.receiving_mx) continue;
      ++tried;
      if (!WouldDeliver(probe, look.observed_at)) return false;
    }
    if (tried == 0) return false;
  }
  return true;
}

// Whether a look after the failures of `row` found every MX in order.
bool IsSettled(const store::Evidence& evidence, const EvidenceRow& row) {
  return std::any_of(evidence.observations.begin(), evidence.observations.end(),
                     [&](const Observation& look) {
                       return look.observed_at <= kNow &&
                              look.observed_at >= LastDayOf(row) + days{1} &&
                              (AllDeliver(look) || EachReportedMxDelivers(look, row));
                     });
}

// What must be true of a domain that is called ready on kNow. `truth` is what was really
// served; the second policy counts once a counted reporter has seen it.
std::string WhyNotReady(const store::Evidence& evidence, const Truth& truth,
                        const Verdict& verdict) {
  const bool low = verdict.confidence == Confidence::kLow;
  const int first_day = low ? -27 : -13;
  if (verdict.live) {
    const std::string bad = WhyLookIsBad(evidence, truth);
    if (!bad.empty()) return bad;
  } else if (low) {
    return "low confidence needs looks";
  }
  const auto key_of = [&](const EvidenceRow& row) -> const store::PolicyText* {
    if (!row.policy_hash || row.policy_type != PolicyType::kSts) return nullptr;
    return &evidence.policy_texts.at(*row.policy_hash);
  };
  const auto is_new = [&](const EvidenceRow& row) {
    const auto* text = key_of(row);
    return text && text->mode == truth.new_mode && text->mx_patterns == truth.new_mx;
  };

  for (const EvidenceRow& row : evidence.rows) {
    if (!row.vouched || !TellsOfRefusal(row) || !Touches(row, first_day, 2)) continue;
    const bool judged =
        row.policy_type == PolicyType::kSts || row.policy_type == PolicyType::kOther;
    if (judged && IsCounted(row)) return "a counted reporter tells of a refusal";
    if (judged && low) return "a refusal, and little mail";
    if (!Touches(row, -13, 2)) continue;
    if (!verdict.live) return "a vouched reporter tells of a failure";
    if (!IsSettled(evidence, row)) return "a failure that no look settled";
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
  const bool served_new = verdict.live && truth.change_day <= 2;
  if (served_new && truth.new_mode != PolicyMode::kTesting)
    return "testing is not served";
  const bool old_counts =
      truth.old_mode == PolicyMode::kTesting &&
      (!(changed || served_new) || truth.new_mx.size() >= truth.old_mx.size());

  std::map<std::string, std::set<sys_days>> days_of;
  std::map<std::string, std::int64_t> sessions_of;
  std::map<std::string, std::set<sys_days>> reported;
  std::set<sys_days> covered_days;
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
    if (row.day <= Day(first_day)) early = true;
    if (row.day < Day(first_day)) continue;
    covered_days.insert(row.day);
    days_of[row.reporter].insert(row.day);
    sessions_of[row.reporter] += row.success_sessions;
    sessions += row.success_sessions;
  }
  if (!early) return "not in testing since the window began";
  if (covered_days.size() < 10) return "fewer than 10 days";
  if (low) {
    std::set<sys_days> passed;
    for (const Observation& look : evidence.observations) {
      if (look.observed_at <= kNow && look.observed_at >= Day(-11) && AllDeliver(look)) {
        passed.insert(std::chrono::floor<std::chrono::days>(look.observed_at));
      }
    }
    if (passed.size() < 10) return "looks passed on fewer than 10 days";
    if (sessions < 20) return "fewer than 20 sessions";
  } else {
    if (*covered_days.rbegin() < Day(-2)) return "nothing in the last 3 days";
    if (sessions < 100) return "fewer than 100 sessions";
    int sound = 0;
    for (const auto& [reporter, covered] : days_of) {
      if (covered.size() >= 3 && sessions_of[reporter] >= 5) ++sound;
    }
    if (sound < 2) return "fewer than 2 reporters";
  }
  for (const auto& [reporter, covered] : reported) {
    if (covered.size() >= 7 && !covered.contains(Day(0)))
      return "a usual reporter is late";
  }
  return "";
}

// A look a day, of what was served; some are spoilt.
void AddLooks(Dice& dice, const Truth& truth, History& history) {
  history.MxHosts({"a.example", "b.example"});
  const auto spoil = [&](Observation& look) {
    MxAddressProbe& probe = look.addresses[static_cast<std::size_t>(dice.Below(4))];
    switch (dice.Below(9)) {
      case 0:
        probe.outcome = ProbeOutcome::kTimeout;
        break;
      case 1:
        probe.outcome = ProbeOutcome::kStarttlsMissing;
        break;
      case 2:
        probe.tls_version = TlsVersion::kTls11;
        break;
      case 3:
        probe.certificate->name_matches = false;
        break;
      case 4:
        probe.certificate->not_after = look.observed_at;
        break;
      case 5:
        look.policy.status = 404;
        break;
      case 6:
        look.mta_sts.state = LookupState::kAbsent;
        break;
      case 7:
        look.complete = false;
        break;
      default:
        look.policy.certificate->trusted = false;
    }
  };
  const int to = dice.OneIn(12) ? 0 : 2;
  for (int day = dice.OneIn(4) ? -3 : -12; day <= to; ++day) {
    SetPolicy(truth, day >= truth.change_day, history);
    if (dice.OneIn(day == to ? 12 : 30)) {
      history.Look(day, spoil);
    } else {
      history.Look(day);
    }
  }
}

// `verdict` without what nobody has to act on.
Verdict Blocking(Verdict verdict) {
  std::erase_if(verdict.criteria, [](const Criterion& criterion) {
    return criterion.severity == Severity::kAdvisory;
  });
  return verdict;
}

bool IsOpen(const Criterion& criterion) {
  return criterion.severity == Severity::kBlocking &&
         (criterion.status == Status::kFail || criterion.status == Status::kUnknown);
}

class Properties : public ::testing::Test {
 protected:
  Verdict Ask(const History& history) const { return Decide(history, settings_, kNow); }

  // The order in which rows and looks come never matters, nor which came together.
  void OrderNeverMatters(Dice& dice, const History& history, const Verdict& verdict) {
    History shuffled = history;
    auto& rows = shuffled.evidence().rows;
    for (std::size_t i = rows.size(); i > 1; --i) {
      std::swap(rows[i - 1],
                rows[static_cast<std::size_t>(dice.Below(static_cast<int>(i)))]);
    }
    auto& looks = shuffled.evidence().observations;
    std::reverse(looks.begin(), looks.end());
    EXPECT_EQ(Ask(shuffled), verdict);
  }

  // The same content under another signer adds no session.
  void CopiesAddNothing(Dice& dice, const History& history, const Verdict& verdict) {
    History more = history;
    auto& rows = more.evidence().rows;
    if (rows.empty()) return;
    const std::size_t count = rows.size();
    for (int n = dice.Between(1, 5); n > 0; --n) {
      EvidenceRow copy =
          rows[static_cast<std::size_t>(dice.Below(static_cast<int>(count)))];
      if (!copy.vouched) continue;
      copy.reporter = "copier.example";
      copy.failure_sessions = copy.unexplained_sessions = 0;
      copy.failures.clear();
      rows.push_back(std::move(copy));
    }
    const Verdict then = Ask(more);
    EXPECT_EQ(Find(then, "sessions_seen")->numbers,
              Find(verdict, "sessions_seen")->numbers);
    EXPECT_TRUE(was_ready_ || then.kind != VerdictKind::kReady);
  }

  // Rows that nobody vouches for change nothing but an advisory criterion.
  void UnvouchedChangeNothing(Dice& dice, const Truth& truth, const History& history,
                              const Verdict& verdict) {
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
    EXPECT_EQ(Blocking(Ask(more)), Blocking(verdict));
  }

  // Successes that a stranger signs never move anything towards ready.
  void StrangersNeverHelp(Dice& dice, const Truth& truth, const History& history,
                          const Verdict& verdict) {
    History more = history;
    for (int n = dice.Between(1, 3); n > 0; --n) {
      SetPolicy(truth, dice.OneIn(2), more);
      more.Type(dice.Of(kPolicyTypes));
      const int from = dice.Between(-30, 0);
      more.Ok("stranger" + std::to_string(n) + ".example", from, dice.Between(from, 2),
              1000);
    }
    const Verdict then = Ask(more);
    for (const Criterion& criterion : verdict.criteria) {
      if (!IsOpen(criterion)) continue;
      EXPECT_TRUE(IsOpen(*Find(then, criterion.id))) << criterion.id;
    }
    EXPECT_TRUE(was_ready_ || then.kind != VerdictKind::kReady);
  }

  // A refused session more never makes it ready, and of a counted reporter it always
  // unmakes it.
  void RefusalsNeverHelp(Dice& dice, const History& history) {
    History worse = history;
    const int day = dice.Between(-13, 2);
    bool always = true;
    if (dice.OneIn(2)) {
      EvidenceRow* row = nullptr;
      for (EvidenceRow& each : worse.evidence().rows) {
        if (each.vouched && (row == nullptr || dice.OneIn(10))) row = &each;
      }
      if (row == nullptr) return;
      row->failure_sessions += 1;
      row->unexplained_sessions += 1;
      always = Touches(*row, -13, 2) && IsCounted(*row) &&
               (row->policy_type == PolicyType::kSts ||
                row->policy_type == PolicyType::kOther);
    } else {
      const std::string& reporter = dice.Of(kReporters);
      worse.Type(dice.OneIn(2) ? PolicyType::kSts : PolicyType::kOther).NoPolicyText();
      worse.Fail(reporter, day, ResultType::kCertificateExpired);
      always = reporter != kOther;
    }
    const Verdict then = Ask(worse);
    EXPECT_TRUE(was_ready_ || then.kind != VerdictKind::kReady);
    if (was_ready_ && always) {
      ++spoilt_;
      EXPECT_NE(then.kind, VerdictKind::kReady);
    }
  }

  // A success less never makes it ready.
  void LessNeverHelps(Dice& dice, const History& history) {
    History less = history;
    const int one_in = dice.Between(1, 6);
    for (EvidenceRow& row : less.evidence().rows) {
      if (dice.OneIn(one_in))
        row.success_sessions = dice.Below(2) * row.success_sessions / 2;
    }
    EXPECT_TRUE(was_ready_ || Ask(less).kind != VerdictKind::kReady);
  }

  // Nor does a reporter that vanishes whole, where its text is not news, save that a
  // silent one is no longer missed.
  void VanishingNeverHelps(Dice& dice, const Truth& truth, const History& history,
                           const Verdict& verdict) {
    if (truth.change_day < 1000) return;
    const std::string& gone = dice.Of(kReporters);
    for (const EvidenceRow& row : history.evidence().rows) {
      if (row.reporter == gone && row.failure_sessions > 0) return;
    }
    History less = history;
    std::erase_if(less.evidence().rows,
                  [&](const EvidenceRow& row) { return row.reporter == gone; });
    const bool was_missed = IsOpen(*Find(verdict, "usual_reporters_in"));
    const bool lost = IsOpen(*Find(verdict, "policy_in_testing"));  // it finds no policy
    EXPECT_TRUE(was_ready_ || was_missed || lost ||
                Ask(less).kind != VerdictKind::kReady);
  }

  // A bad look now is never ready, whatever came before.
  void BadLookNeverReady(const History& history) {
    History worse = history;
    worse.Look(2, [](Observation& look) {
      look.observed_at = kNow;
      look.addresses.back().outcome = ProbeOutcome::kStarttlsMissing;
    });
    EXPECT_NE(Decide(worse, Live(), kNow).kind, VerdictKind::kReady);
  }

  // What is accepted never touches what was looked at; what is withdrawn never helps.
  void WaiversKeepOffTheLiveDomain(Dice& dice, const History& history,
                                   const Verdict& verdict) {
    History more = history;
    more.Waive([&](store::Waiver& waiver) {
      waiver.reporter = dice.Of(kReporters);
      waiver.result_type = store::NameOf(dice.Of(kTypes));
    });
    const Verdict then = Ask(more);
    for (const char* id : {"dns_records_valid", "policy_served", "mx_hosts_ready",
                           "id_in_step", "policy_retrievable", "days_covered"}) {
      EXPECT_EQ(Find(then, id)->status, Find(verdict, id)->status) << id;
    }
    more.evidence().waivers[0].withdrawn_at = kNow;
    EXPECT_EQ(Ask(more).kind, verdict.kind);
  }

  // What is set under its plain name, or asked for, only adds conditions.
  void StricterNeverHelps(Dice& dice, const History& history, const Verdict& verdict) {
    ReadinessSettings stricter = settings_;
    for (int n = dice.Between(1, 3); n > 0; --n) {
      const auto table = SettingsTable();
      const SettingRow& row =
          table[static_cast<std::size_t>(dice.Below(static_cast<int>(table.size())))];
      const std::int64_t standard = row.get(settings_);
      const std::int64_t by = dice.OneIn(2) ? dice.Between(1, 3) : dice.Between(1, 60);
      row.set(stricter,
              std::clamp(standard + (row.less_is_weaker ? by : -by), row.min, row.max));
    }
    if (dice.OneIn(3)) stricter.min_window_days = dice.Between(15, 28);
    EXPECT_FALSE(IsWorse(verdict, Decide(history, stricter, kNow)));
  }

  ReadinessSettings settings_;
  bool was_ready_ = false;
  int spoilt_ = 0;
};

// Each history is asked about once more in two of these ways: all in turn.
TEST_F(Properties, HoldForRandomHistories) {
  int ready = 0;
  int ready_live = 0;
  int ready_low = 0;
  std::map<VerdictKind, int> kinds;
  for (int seed = 0; seed < kHistories && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(static_cast<std::uint32_t>(seed));
    const Truth truth = RandomTruth(dice);
    History history =
        dice.OneIn(6) ? TinyHistory(dice, truth) : RandomHistory(dice, truth);
    settings_ = dice.OneIn(2) ? ReportsOnly() : Live();
    if (settings_.live) AddLooks(dice, truth, history);
    history.Type(PolicyType::kSts);
    const Verdict verdict = Ask(history);

    was_ready_ = verdict.kind == VerdictKind::kReady;
    ++kinds[verdict.kind];
    if (was_ready_) {
      ++ready;
      if (settings_.live) ++ready_live;
      if (verdict.confidence == Confidence::kLow) ++ready_low;
      EXPECT_EQ(WhyNotReady(history, truth, verdict), "");
    }
    for (int way = seed; way < seed + 2; ++way) {
      switch (way % 10) {
        case 0:
          OrderNeverMatters(dice, history, verdict);
          break;
        case 1:
          CopiesAddNothing(dice, history, verdict);
          break;
        case 2:
          UnvouchedChangeNothing(dice, truth, history, verdict);
          break;
        case 3:
          StrangersNeverHelp(dice, truth, history, verdict);
          break;
        case 4:
          RefusalsNeverHelp(dice, history);
          break;
        case 5:
          LessNeverHelps(dice, history);
          break;
        case 6:
          VanishingNeverHelps(dice, truth, history, verdict);
          break;
        case 7:
          BadLookNeverReady(history);
          break;
        case 8:
          StricterNeverHelps(dice, history, verdict);
          break;
        default:
          WaiversKeepOffTheLiveDomain(dice, history, verdict);
      }
    }
  }
  // The histories are worth something only if many are ready and many are not.
  EXPECT_GT(ready, kHistories / 20);
  EXPECT_GT(ready_live, kHistories / 50);
  EXPECT_GT(ready_low, kHistories / 500);
  EXPECT_GT(spoilt_, kHistories / 200);
  EXPECT_GT(kinds[VerdictKind::kNotReady], kHistories / 20);
  EXPECT_GT(kinds[VerdictKind::kInsufficientEvidence], kHistories / 20);
  EXPECT_GT(kinds[VerdictKind::kEnforcing], kHistories / 200);
  std::printf(
      "ready %d (live %d, low %d), not ready %d, insufficient %d, enforcing %d, n/a %d\n",
      ready, ready_live, ready_low, kinds[VerdictKind::kNotReady],
      kinds[VerdictKind::kInsufficientEvidence], kinds[VerdictKind::kEnforcing],
      kinds[VerdictKind::kNotApplicable]);
}

}  // namespace
}  // namespace tlsrpt::api
