#include "api/readiness/case.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "api/readiness/format.h"
#include "api/readiness/window.h"
#include "store/model/filing.h"
#include "store/model/report_ref.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using store::EvidenceRow;
using store::PolicyMode;

// Absence of evidence is never "ready", whatever somebody configures.
ReadinessSettings AtLeastOne(ReadinessSettings settings) {
  for (int* minimum :
       {&settings.window_days, &settings.min_days_covered, &settings.recent_days,
        &settings.min_reporters, &settings.min_reporter_days, &settings.usual_divisor,
        &settings.retrieval_days, &settings.risk_days, &settings.risk_silent_days,
        &settings.low_traffic_days, &settings.low_traffic_min_days,
        &settings.low_traffic_min_reporters, &settings.low_traffic_probe_days,
        &settings.low_traffic_min_probe_days, &settings.mx_forget_days}) {
    *minimum = std::max(*minimum, 1);
  }
  settings.settle_days = std::max(settings.settle_days, 0);
  for (std::int64_t* minimum : {&settings.min_reporter_sessions, &settings.min_sessions,
                                &settings.low_traffic_min_sessions}) {
    *minimum = std::max<std::int64_t>(*minimum, 1);
  }
  settings.counted_reporters.erase("");  // a nameless reporter is not a counted one
  return settings;
}

sys_days FirstDayOf(const EvidenceRow& row) { return std::min(row.first_day, row.day); }

// Today; and in a question about now a later day that a report is dated, since what it
// tells of has happened: its sender's clock runs ahead. So far is accepted.
sys_days LastDay(const store::Evidence& evidence, sys_days today, sys_days asked_on) {
  sys_days last = today;
  if (asked_on != today) return last;
  const sys_days furthest = today + std::chrono::ceil<days>(store::kMaxFuture);
  for (const EvidenceRow& row : evidence.rows) {
    if (row.vouched && row.day <= furthest) last = std::max(last, row.day);
  }
  return last;
}

// Any total order over what a row says; equal rows are interchangeable.
auto OrderOf(const EvidenceRow& row) {
  return std::tie(row.day, row.reporter, row.report_key, row.filed_under, row.policy_type,
                  row.policy_hash, row.first_day, row.last_day, row.received_at,
                  row.success_sessions, row.failure_sessions, row.unexplained_sessions,
                  row.from_known);
}

}  // namespace

Case::Case(const store::Evidence& e, const ReadinessSettings& s, TimePoint as_of,
           TimePoint asked, TimePoint known)
    : evidence(e),
      settings(AtLeastOne(s)),
      now(as_of),
      asked_at(asked),
      known_at(known),
      today(DayOf(as_of)),
      window(WindowAt(today, settings.window_days, settings.settle_days)),
      window_and_since{window.first_day, LastDay(e, today, DayOf(asked))},
      view(evidence, settings, now),
      mutes(MutesOf()),
      vouched(RowsThat(true)),
      unvouched(RowsThat(false)),
      policy(MakePolicy()),
      evidence_days(MakeEvidenceDays()) {
  JudgeFailures();
  references_ = ReferencesTo(EvidenceRowsIn(window), evidence.domain);
}

std::optional<PolicyMode> Case::mode() const {
  if (view.served()) return view.served()->mode;
  if (policy.clear()) return policy.mode();
  return std::nullopt;
}

std::vector<MuteUse> Case::MutesOf() const {
  std::vector<MuteUse> uses;
  for (const store::Mute& mute : evidence.mutes) uses.push_back(UseOf(mute, now));
  SortByTime(uses);
  return uses;
}

void Case::JudgeFailures() {
  for (const auto* rows : {&vouched, &unvouched}) {
    for (const EvidenceRow* row : *rows) {
      std::vector<Failure> failures = FailuresOf(*row, evidence.domain);
      for (Failure& failure : failures) {
        const bool settles =
            row->vouched && (failure.meaning == Meaning::kMxSuspect ||
                             (failure.meaning == Meaning::kRefused && !IsCounted(*row)));
        // Its last minute may be the last one of its period.
        const TimePoint since = EndOfPeriodsOn(std::max(row->last_day, row->day));
        const bool dane = row->policy_type == store::PolicyType::kTlsa;
        if (settles && view.PassedSince(failure.mx, since, dane)) {
          failure.standing = Standing::kSettled;
        }
      }
      if (!failures.empty()) failures_.emplace(row, std::move(failures));
    }
  }
  waivers_ = ApplyWaivers(evidence.waivers, now, vouched, failures_);
}

const std::vector<Failure>& Case::Failures(const EvidenceRow& row) const {
  static const std::vector<Failure> kNone;
  const auto at = failures_.find(&row);
  return at == failures_.end() ? kNone : at->second;
}

bool Case::IsCounted(const EvidenceRow& row) const {
  return row.vouched && row.from_known &&
         settings.counted_reporters.contains(row.reporter);
}

std::vector<const EvidenceRow*> Case::RowsThat(bool are_vouched) const {
  std::vector<const EvidenceRow*> rows;
  for (const EvidenceRow& row : evidence.rows) {
    if (row.vouched != are_vouched || FirstDayOf(row) > window_and_since.last_day) {
      continue;
    }
    if (are_vouched && IsMuted(mutes, row.reporter)) continue;
    rows.push_back(&row);
  }
  std::sort(rows.begin(), rows.end(), [](const EvidenceRow* a, const EvidenceRow* b) {
    return OrderOf(*a) < OrderOf(*b);
  });
  return rows;
}

PolicyHistory Case::MakePolicy() const {
  std::vector<const EvidenceRow*> rows;
  for (const EvidenceRow* row : vouched) {
    if (IsCounted(*row) && IsOwn(*row) && row->day <= today) rows.push_back(row);
  }
  return PolicyHistory(rows, evidence, window);
}

bool Case::IsEvidence(const EvidenceRow& row) const {
  if (!IsCounted(row) || !IsOwn(row) || row.day > today || row.success_sessions <= 0) {
    return false;
  }
  const auto key = PolicyKeyOf(row, evidence);
  if (!key || !policy.IsEvidence(*key, row.day)) return false;
  // A host that is new now was not spoken to before.
  if (view.mx_added_on() && row.day <= *view.mx_added_on()) return false;
  // Reports trail what is served: a text that goes beyond it is not the current one.
  if (!view.served()) return true;
  const std::vector<std::string>& mx = view.served()->mx;
  return key->mode == view.served()->mode &&
         std::all_of(key->mx.begin(), key->mx.end(), [&](const std::string& pattern) {
           return std::find(mx.begin(), mx.end(), pattern) != mx.end();
         });
}

EvidenceDays Case::MakeEvidenceDays() const {
  // One report under two signers is one report: the first name has it.
  std::map<Uuid, std::string> owner;
  for (const EvidenceRow* row : vouched) {
    if (!IsEvidence(*row)) continue;
    const auto [at, is_new] = owner.try_emplace(row->report_key, row->reporter);
    at->second = std::min(at->second, row->reporter);
  }
  EvidenceDays days_of;
  for (const EvidenceRow* row : vouched) {
    if (IsEvidence(*row) && owner.at(row->report_key) == row->reporter) {
      days_of[row->day][row->reporter] += row->success_sessions;
    }
  }
  return days_of;
}

std::set<sys_days> Case::ReportedDays(const std::string& reporter, Filed filed) const {
  std::set<sys_days> reported;
  for (const EvidenceRow* row : vouched) {
    if (row->reporter != reporter || !IsCounted(*row)) continue;
    if (filed == Filed::kOwn && !IsOwn(*row)) continue;
    reported.merge(DaysAgainst(*row, {sys_days{}, today}));
  }
  return reported;
}

std::vector<const EvidenceRow*> Case::EvidenceRowsIn(const Window& within) const {
  std::vector<const EvidenceRow*> rows;
  for (const EvidenceRow* row : vouched) {
    if (Contains(within, row->day) && IsEvidence(*row)) rows.push_back(row);
  }
  return rows;
}

EvidenceSum SumOf(const EvidenceDays& evidence, const Window& window) {
  EvidenceSum sum;
  for (auto at = evidence.lower_bound(window.first_day);
       at != evidence.end() && at->first <= window.last_day; ++at) {
    sum.days.insert(at->first);
    for (const auto& [reporter, sessions] : at->second) {
      sum.sessions += sessions;
      sum.reporters[reporter].days.insert(at->first);
      sum.reporters[reporter].sessions += sessions;
    }
  }
  return sum;
}

std::vector<std::string> SoundReporters(const EvidenceSum& sum,
                                        const ReadinessSettings& settings) {
  std::vector<std::string> sound;
  for (const auto& [name, reporter] : sum.reporters) {
    if (static_cast<int>(reporter.days.size()) >= settings.min_reporter_days &&
        reporter.sessions >= settings.min_reporter_sessions) {
      sound.push_back(name);
    }
  }
  return sound;
}

std::vector<std::string> MissingRequired(const EvidenceSum& sum,
                                         const ReadinessSettings& settings) {
  const auto sound = SoundReporters(sum, settings);
  std::vector<std::string> missing;
  for (const std::string& name : settings.required_reporters) {
    if (std::find(sound.begin(), sound.end(), name) == sound.end()) {
      missing.push_back(name);
    }
  }
  return missing;
}

std::string ReferenceTo(const EvidenceRow& row, const std::string& domain) {
  return store::ToText(store::ReportRef{
      .policy_domain = row.filed_under.empty() ? domain : row.filed_under,
      .day = row.day,
      .reporter = row.reporter,
      .report_key = row.report_key,
      .vouched = row.vouched});
}

std::vector<std::string> ReferencesTo(std::vector<const EvidenceRow*> rows,
                                      const std::string& domain) {
  const auto key = [](const EvidenceRow* row) {
    return std::tie(row->day, row->filed_under, row->reporter, row->report_key);
  };
  std::sort(rows.begin(), rows.end(),
            [&](const EvidenceRow* a, const EvidenceRow* b) { return key(a) > key(b); });
  std::vector<std::string> references;
  for (std::size_t i = 0; i < rows.size() && references.size() < kMaxReferences; ++i) {
    if (i > 0 && key(rows[i]) == key(rows[i - 1])) continue;
    references.push_back(ReferenceTo(*rows[i], domain));
  }
  return references;
}

std::vector<std::string> ReferencesTo(const std::set<const EvidenceRow*>& rows,
                                      const std::string& domain) {
  return ReferencesTo(std::vector<const EvidenceRow*>(rows.begin(), rows.end()), domain);
}

}  // namespace tlsrpt::api
