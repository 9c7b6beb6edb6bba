#include "api/readiness/policy_history.h"

#include <algorithm>
#include <iterator>

#include "api/readiness/format.h"
#include "store/model/sts_policy.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using store::PolicyMode;

using Texts = std::map<sys_days, std::set<PolicyKey>>;

// A sender whose machines do not share one cache shows an older text on some days only,
// and some go on with it after its max_age.
constexpr days kMixedCaches{7};
// Of a sender that has moved on, though it may cache a text for a year (RFC 8461, 3.2).
// As for an MX host, and long enough for a window between two of them: an old text that
// shows now and then does not block for good.
constexpr days kForgotten{30};

bool IsSubset(const std::set<std::string>& part, const std::set<std::string>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

// Whether a reporter that knew `key` before `day` does not report it on that day.
bool HasLeft(const Texts& texts, sys_days day, const PolicyKey& key) {
  const auto today = texts.find(day);
  if (today != texts.end() && today->second.contains(key)) return false;
  return std::any_of(texts.begin(), texts.lower_bound(day),
                     [&](const auto& entry) { return entry.second.contains(key); });
}

// A text is there that PolicyKeyOf() makes nothing of.
bool IsUnreadable(const store::EvidenceRow& row, const store::Evidence& evidence) {
  return row.policy_type == store::PolicyType::kSts && row.policy_hash &&
         evidence.policy_texts.contains(*row.policy_hash) && !PolicyKeyOf(row, evidence);
}

}  // namespace

std::optional<PolicyKey> PolicyKeyOf(const store::EvidenceRow& row,
                                     const store::Evidence& evidence) {
  if (row.policy_type != store::PolicyType::kSts || !row.policy_hash) return std::nullopt;
  const auto text = evidence.policy_texts.find(*row.policy_hash);
  if (text == evidence.policy_texts.end()) return std::nullopt;
  PolicyKey key{text->second.mode,
                {text->second.mx_patterns.begin(), text->second.mx_patterns.end()}};
  if (key.mode == PolicyMode::kUnknown) return std::nullopt;
  // RFC 8461, 3.2 wants an mx line for this mode: the text was cut, and says nothing.
  if (key.mode == PolicyMode::kTesting && key.mx.empty()) return std::nullopt;
  return key;
}

PolicyHistory::PolicyHistory(const std::vector<const store::EvidenceRow*>& rows,
                             const store::Evidence& evidence, const Window& window) {
  struct Sighting {
    const store::EvidenceRow* row;
    PolicyKey key;
  };
  std::vector<Sighting> sightings;
  for (const store::EvidenceRow* row : rows) {
    if (row->success_sessions + row->failure_sessions > 0) {
      if (row->policy_type == store::PolicyType::kSts) applied_on_.insert(row->day);
      if (row->policy_type == store::PolicyType::kNoPolicyFound) {
        found_none_.emplace_back(row->day, row->reporter);
      }
    }
    if (IsUnreadable(*row, evidence)) {
      const auto first = unreadable_first_.try_emplace(*row->policy_hash, row->day).first;
      first->second = std::min(first->second, row->day);
      unreadable_texts_[row->reporter][row->day].insert(*row->policy_hash);
    }
    std::optional<PolicyKey> key = PolicyKeyOf(*row, evidence);
    if (!key) continue;
    const auto [at, is_new] = seen_.try_emplace(*key, Seen{row->day, row->day, {}});
    Seen& seen = at->second;
    seen.first = std::min(seen.first, row->day);
    seen.last = std::max(seen.last, row->day);
    seen.max_age = std::max(
        seen.max_age,
        evidence.policy_texts.at(*row->policy_hash).max_age.value_or(store::kMaxMaxAge));
    texts_[row->reporter][row->day].insert(*key);
    sightings.push_back({row, *std::move(key)});
  }
  if (sightings.empty()) {
    FindUnreadable(rows, window);
    return;
  }

  newest_day_ = sightings.front().row->day;
  for (const Sighting& s : sightings) newest_day_ = std::max(newest_day_, s.row->day);
  for (const auto& [reporter, texts] : texts_) {
    const auto& [day, keys] = *texts.rbegin();
    if (newest_day_ >= window.first_day && day < window.first_day) continue;
    opinions_[reporter] = {keys, day, {}};
  }
  for (const Sighting& s : sightings) {
    const auto opinion = opinions_.find(s.row->reporter);
    if (opinion != opinions_.end() && opinion->second.day == s.row->day) {
      opinion->second.rows.push_back(s.row);
    }
  }
  FindReturns();
  ChooseCurrent();
  FindUnreadable(rows, window);
  FindBreak();
}

// Whether a reporter that knew `from` before `day` reports `to` on it, and no longer
// `from`. A day with both is a sender whose machines do not share one cache.
bool PolicyHistory::WentBack(const Texts& texts, sys_days day, const PolicyKey& to,
                             const PolicyKey& from) const {
  const auto today = texts.find(day);
  return today != texts.end() && today->second.contains(to) && HasLeft(texts, day, from);
}

// The days before `day` on which nobody reports `key`, back to the last one that somebody
// did; it was seen before.
days PolicyHistory::Unseen(const PolicyKey& key, sys_days day) const {
  sys_days last = seen_.at(key).first;
  for (const auto& [reporter, texts] : texts_) {
    for (auto at = texts.begin(); at != texts.lower_bound(day); ++at) {
      if (at->second.contains(key)) last = std::max(last, at->first);
    }
  }
  return day - last - days{1};
}

// For how many days before `day` a reporter was off `key`, that it reports on it. Empty:
// it was not, or it comes to it for the first time from an older one.
std::optional<days> PolicyHistory::AwayFrom(const Texts& texts, sys_days day,
                                            const PolicyKey& key) const {
  const auto today = texts.find(day);
  if (today == texts.end() || today == texts.begin()) return std::nullopt;
  const std::set<PolicyKey>& before = std::prev(today)->second;
  if (!today->second.contains(key) || before.contains(key)) return std::nullopt;
  for (auto at = today; at != texts.begin();) {
    --at;
    if (at->second.contains(key)) return day - at->first - days{1};
  }
  const bool knew_newer =
      std::any_of(before.begin(), before.end(), [&](const PolicyKey& other) {
        return seen_.at(other).first > seen_.at(key).first;
      });
  if (!knew_newer) return std::nullopt;
  return Unseen(key, day);
}

// Whether `key`, an old text that this reporter begins to report on `day`, was served
// again rather than cached.
bool PolicyHistory::CameBack(const Texts& texts, sys_days day,
                             const PolicyKey& key) const {
  const Seen& seen = seen_.at(key);
  if (seen.first >= day) return false;
  const days cached = std::max(kMixedCaches, std::chrono::ceil<days>(seen.max_age));
  if (day == texts.begin()->first) return Unseen(key, day) > cached;
  const auto away = AwayFrom(texts, day, key);
  if (!away) return false;
  if (*away > std::min(cached, kForgotten)) return true;

  bool alone = true;
  int at_once = 0;
  for (const auto& [reporter, others] : texts_) {
    const auto today = others.find(day);
    if (today == others.end()) continue;
    if (!today->second.contains(key)) return false;
    if (today->second.size() > 1) alone = false;
    const auto others_away = AwayFrom(others, day, key);
    if (others_away && *others_away > kMixedCaches) ++at_once;
  }
  return alone || at_once > 1;
}

void PolicyHistory::FindReturns() {
  for (const auto& [reporter, texts] : texts_) {
    for (auto today = texts.begin(); today != texts.end(); ++today) {
      for (const PolicyKey& key : today->second) {
        const bool goes_on =
            today != texts.begin() && std::prev(today)->second.contains(key);
        if (goes_on || !CameBack(texts, today->first, key)) continue;
        auto last = today;
        for (auto at = today; at != texts.end() && at->second.contains(key); ++at) {
          last = at;
        }
        returns_.push_back({reporter, key, today->first, last->first});
      }
    }
  }
}

const PolicyHistory::Return* PolicyHistory::ReturnOf(const std::string& reporter,
                                                     sys_days day,
                                                     const PolicyKey& key) const {
  const auto at = std::find_if(returns_.begin(), returns_.end(), [&](const Return& back) {
    return back.reporter == reporter && back.key == key && back.first <= day &&
           day <= back.last;
  });
  return at == returns_.end() ? nullptr : &*at;
}

// Whether an unreadable text that `reporter` reports on `day` may be newer than `key`.
bool PolicyHistory::MayReplace(const std::string& reporter, sys_days day,
                               const Uuid& unreadable, const PolicyKey& key) const {
  if (unreadable_first_.at(unreadable) > seen_.at(key).first) return true;
  const auto own = texts_.find(reporter);
  return own != texts_.end() && HasLeft(own->second, day, key);
}

void PolicyHistory::ChooseCurrent() {
  for (const auto& [reporter, opinion] : opinions_) {
    current_.insert(opinion.keys.begin(), opinion.keys.end());
  }

  if (current_.size() > 1) {
    const PolicyKey newest = *std::max_element(
        current_.begin(), current_.end(), [&](const PolicyKey& a, const PolicyKey& b) {
          return seen_.at(a).first < seen_.at(b).first;
        });
    bool beyond_doubt = true;
    for (const PolicyKey& other : current_) {
      if (other == newest) continue;
      if (seen_.at(other).first == seen_.at(newest).first) beyond_doubt = false;
      for (const auto& [reporter, opinion] : opinions_) {
        const Return* back = ReturnOf(reporter, opinion.day, other);
        if (WentBack(texts_.at(reporter), opinion.day, other, newest) ||
            (back != nullptr && back->first > seen_.at(newest).first)) {
          beyond_doubt = false;
        }
      }
    }
    if (beyond_doubt) current_ = {newest};
  }

  mode_ = current_.begin()->mode;
  clear_ = true;
  for (const PolicyKey& key : current_) {
    if (key.mode != mode_) clear_ = false;
  }
  if (!clear_) {
    for (const PolicyKey& key : current_) {
      if (key.mode == PolicyMode::kTesting) mode_ = PolicyMode::kTesting;
    }
  }
  bool first = true;
  for (const PolicyKey& key : current_) {
    if (key.mode != mode_) continue;
    if (first) {
      mx_ = key.mx;
    } else {
      std::erase_if(mx_, [&](const std::string& mx) { return !key.mx.contains(mx); });
    }
    first = false;
  }
}

void PolicyHistory::FindUnreadable(const std::vector<const store::EvidenceRow*>& rows,
                                   const Window& window) {
  for (const auto& [reporter, texts] : unreadable_texts_) {
    const auto& [day, unreadable] = *texts.rbegin();
    if (newest_day_ >= window.first_day && day < window.first_day) continue;
    const auto own = texts_.find(reporter);
    if (own != texts_.end() && own->second.rbegin()->first > day) continue;
    bool may_be_newer = current_.empty();
    for (const Uuid& text : unreadable) {
      for (const PolicyKey& key : current_) {
        if (MayReplace(reporter, day, text, key)) may_be_newer = true;
      }
    }
    if (!may_be_newer) continue;
    Opinion& opinion = unreadable_[reporter];
    opinion.day = day;
    for (const store::EvidenceRow* row : rows) {
      if (row->reporter == reporter && row->day == day && row->policy_hash &&
          unreadable.contains(*row->policy_hash)) {
        opinion.rows.push_back(row);
      }
    }
  }
}

bool PolicyHistory::IsCompatible(const PolicyKey& key) const {
  return key.mode == mode_ && !key.mx.empty() && IsSubset(key.mx, mx_);
}

void PolicyHistory::FindBreak() {
  const auto break_at = [&](sys_days day) {
    if (!break_day_ || *break_day_ < day) break_day_ = day;
  };
  // Another policy in force: a text that cannot be an old cached one, since nothing
  // newer of the current policy had been seen by then. A sender whose machines do not
  // share one cache seems to go back to an old text now and then; that is no break,
  // unless it goes back to another mode, which may have been a change of the policy.
  for (const auto& [reporter, texts] : texts_) {
    for (const auto& [day, keys] : texts) {
      for (const PolicyKey& other : keys) {
        if (IsCompatible(other)) continue;
        const Return* back = ReturnOf(reporter, day, other);
        // It may be the current one, with a pattern that was added: nothing came after.
        if (back != nullptr && other.mode == mode_ && current_.contains(other) &&
            back->last == newest_day_) {
          continue;
        }
        const sys_days since = back != nullptr ? back->first : seen_.at(other).first;
        bool cached = false;
        bool went_back = false;
        for (const auto& [key, seen] : seen_) {
          if (!IsCompatible(key) || seen.first <= seen_.at(other).first) continue;
          if (seen.first > since && seen.first <= day) cached = true;
          if (other.mode != mode_ && WentBack(texts, day, other, key)) went_back = true;
        }
        if (!cached || went_back) break_at(day);
      }
    }
  }
  // What cannot be read may have been another policy as well.
  for (const auto& [reporter, texts] : unreadable_texts_) {
    for (const auto& [day, unreadable] : texts) {
      for (const Uuid& text : unreadable) {
        bool cached = false;
        for (const auto& [key, seen] : seen_) {
          if (IsCompatible(key) && seen.first <= day &&
              !MayReplace(reporter, day, text, key)) {
            cached = true;
          }
        }
        if (!cached) break_at(day);
      }
    }
  }
  // A policy with fewer patterns in between, then the old one again: the removal is a
  // break though all of its texts are subsets of the current one.
  for (const auto& [newer, newer_seen] : seen_) {
    if (!IsCompatible(newer)) continue;
    for (const auto& [older, older_seen] : seen_) {
      if (IsCompatible(older) && older_seen.first < newer_seen.first &&
          !IsSubset(older.mx, newer.mx)) {
        break_at(newer_seen.first - days{1});
      }
    }
  }
  for (const Return& newer : returns_) {
    if (!IsCompatible(newer.key)) continue;
    for (const auto& [older, older_seen] : seen_) {
      if (IsCompatible(older) && older_seen.first < newer.first &&
          !IsSubset(older.mx, newer.key.mx)) {
        break_at(newer.first - days{1});
      }
    }
  }
  // No policy at all, which is what senders make of `mode: none` too (RFC 8461, 5). One
  // that has lost it while others apply it has trouble with DNS.
  for (const auto& [day, reporter] : found_none_) {
    const auto texts = texts_.find(reporter);
    const bool knew_it = texts != texts_.end() && texts->second.begin()->first < day;
    if (knew_it && !applied_on_.contains(day)) break_at(day);
  }
}

bool PolicyHistory::IsEvidence(const PolicyKey& key, sys_days day) const {
  if (!IsCompatible(key)) return false;
  if (break_day_ && day <= *break_day_) return false;
  // A cached text counts no longer once a newer one was seen, while that one lasts.
  const auto own = seen_.find(key);
  if (own == seen_.end()) return false;
  for (const auto& [newer, seen] : seen_) {
    if (!IsCompatible(newer) || seen.first <= own->second.first) continue;
    if (day > seen.first && (current_.contains(newer) || day <= seen.last)) return false;
  }
  return true;
}

std::string PolicyText(const PolicyKey& key) {
  return "mode: " + std::string(store::NameOf(key.mode)) +
         (key.mx.empty() ? "" : ", mx: " + ListText({key.mx.begin(), key.mx.end()}));
}

}  // namespace tlsrpt::api
