// Which policy the domain has now, as counted reporters tell it, and since when.
//
// A report carries the text of the policy its sender applied, without its id. A sender
// may have applied a cached text that is weeks old, so texts have to be put in order by
// when they were first seen. Two texts are the same policy here when mode and mx
// patterns agree; max_age, id, order and blanks do not matter.
//
//   The current policy  Each counted reporter's newest texts are its opinion. If all
//       agree, that is it. If they differ, the text first seen last is newer and the
//       others are caches, unless a reporter went back from it to an older one, or two
//       texts were first seen on one day: then nobody can say. If the modes differ the
//       mode is unclear, which blocks; if only the mx patterns differ, a session counts
//       only if it used patterns that all opinions share, so that the answer is right
//       whichever of them is true.
//   Evidence            A success under a text of the current mode whose patterns all
//       stand in the current policy: it would pass under the current policy too. So
//       adding a pattern costs nothing and removing one makes older texts useless.
//   The break           The last day on which another policy was in force, or none: a
//       reporter that had applied one found none, and nobody applied any. The clock
//       starts after it. A sender still on an older cached text is no break, except that
//       a reporter that goes back to another mode is one.
//   What comes back     A text that a reporter had moved on from, and reports again, was
//       served again where no cache explains it: when it was off the text for longer than
//       max_age (30 days where that is more, a week where it is less); when nobody
//       reports another on that day; when two reporters, each off it for a week, are on
//       it at once, and so are all others of the day. From the day it is back it counts
//       as newer than what was seen until then. That only restarts the clock or leaves a
//       doubt: nothing becomes clearer by it.
//   Unreadable texts    Without one plain mode, in testing without a pattern, or cut: any
//       policy may stand behind one. It is put in order as the others are, each text for
//       itself. One first seen on the same day as a readable one counts as the older, or
//       a sender that never writes it otherwise would block for good.
//
// Threads  a value after construction. Lifetime: points into the evidence's rows.
#pragma once

#include <chrono>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/readiness/verdict.h"
#include "base/uuid.h"
#include "store/model/evidence.h"

namespace tlsrpt::api {

struct PolicyKey {
  store::PolicyMode mode = store::PolicyMode::kUnknown;
  std::set<std::string> mx;

  auto operator<=>(const PolicyKey&) const = default;
};

// The policy of a row: empty without a usable text of an `sts` policy.
std::optional<PolicyKey> PolicyKeyOf(const store::EvidenceRow& row,
                                     const store::Evidence& evidence);

class PolicyHistory {
 public:
  // `rows`: vouched rows of counted reporters, filed under the domain, no later than the
  // day of the question. Texts seen in `window` or after it are the opinions; older ones
  // only where there are none.
  PolicyHistory(const std::vector<const store::EvidenceRow*>& rows,
                const store::Evidence& evidence, const Window& window);

  // False until a counted reporter sent a text.
  bool seen() const { return !opinions_.empty(); }
  // All opinions have one mode, or the newest is beyond doubt.
  bool clear() const { return seen() && clear_; }
  // The current mode; while it is unclear, testing if any opinion says so (else the
  // first), so that the evidence criteria can still say what is there.
  store::PolicyMode mode() const { return mode_; }
  const std::set<std::string>& mx() const { return mx_; }
  // The newest day on which anybody reported a text.
  std::chrono::sys_days newest_day() const { return newest_day_; }
  // What each reporter says, by name, with the rows that say it.
  struct Opinion {
    std::set<PolicyKey> keys;
    std::chrono::sys_days day;
    std::vector<const store::EvidenceRow*> rows;
  };
  const std::map<std::string, Opinion>& opinions() const { return opinions_; }
  // The reporters whose newest text cannot be read, where it may be newer than the
  // current policy. Without keys.
  const std::map<std::string, Opinion>& unreadable() const { return unreadable_; }
  // Days up to here do not count; empty: it was in force on all that are known.
  std::optional<std::chrono::sys_days> break_day() const { return break_day_; }

  // The texts that may be the current one: one, or all that nobody can rule out.
  const std::set<PolicyKey>& current() const { return current_; }

  // Whether the successes of a row with this policy on this day are evidence.
  bool IsEvidence(const PolicyKey& key, std::chrono::sys_days day) const;

 private:
  using Texts = std::map<std::chrono::sys_days, std::set<PolicyKey>>;  // of a reporter
  struct Seen {
    std::chrono::sys_days first;
    std::chrono::sys_days last;
    std::chrono::seconds max_age;  // the longest told
  };
  // A policy that was served again, and the days it is back for at one reporter.
  struct Return {
    std::string reporter;
    PolicyKey key;
    std::chrono::sys_days first;
    std::chrono::sys_days last;
  };

  // A text that cannot be read has no key; its hash names it.
  using Unreadable = std::map<std::chrono::sys_days, std::set<Uuid>>;  // of a reporter

  void FindReturns();
  void ChooseCurrent();
  void FindUnreadable(const std::vector<const store::EvidenceRow*>& rows,
                      const Window& window);
  void FindBreak();
  bool IsCompatible(const PolicyKey& key) const;
  bool WentBack(const Texts& texts, std::chrono::sys_days day, const PolicyKey& to,
                const PolicyKey& from) const;
  std::chrono::days Unseen(const PolicyKey& key, std::chrono::sys_days day) const;
  std::optional<std::chrono::days> AwayFrom(const Texts& texts, std::chrono::sys_days day,
                                            const PolicyKey& key) const;
  bool CameBack(const Texts& texts, std::chrono::sys_days day,
                const PolicyKey& key) const;
  const Return* ReturnOf(const std::string& reporter, std::chrono::sys_days day,
                         const PolicyKey& key) const;
  bool MayReplace(const std::string& reporter, std::chrono::sys_days day,
                  const Uuid& unreadable, const PolicyKey& key) const;

  std::map<std::string, Texts> texts_;
  std::set<std::chrono::sys_days> applied_on_;  // anybody, with or without its text
  std::vector<std::pair<std::chrono::sys_days, std::string>> found_none_;
  std::map<PolicyKey, Seen> seen_;
  std::vector<Return> returns_;
  std::map<std::string, Unreadable> unreadable_texts_;
  std::map<Uuid, std::chrono::sys_days> unreadable_first_;  // by anybody
  std::map<std::string, Opinion> opinions_;
  std::map<std::string, Opinion> unreadable_;
  std::set<PolicyKey> current_;  // one, or all that nobody can rule out
  bool clear_ = false;
  store::PolicyMode mode_ = store::PolicyMode::kUnknown;
  std::set<std::string> mx_;
  std::chrono::sys_days newest_day_;
  std::optional<std::chrono::sys_days> break_day_;
};

// "mode: testing, mx: a.example, b.example"
std::string PolicyText(const PolicyKey& key);

}  // namespace tlsrpt::api
