// Rows `policy_in_testing` and `testing_long_enough`.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/readiness/criteria.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

using std::chrono::sys_days;
using store::EvidenceRow;
using store::PolicyMode;
using store::PolicyType;

using Opinions = std::map<std::string, PolicyHistory::Opinion>;

// Every row that is some reporter's newest word on the policy.
std::vector<const EvidenceRow*> RowsOf(const Opinions& opinions) {
  std::vector<const EvidenceRow*> rows;
  for (const auto& [reporter, opinion] : opinions) {
    rows.insert(rows.end(), opinion.rows.begin(), opinion.rows.end());
  }
  return rows;
}

// "mode: testing, mx: a.example (google.com on 2026-11-20)"
std::string OpinionsText(const Case& c) {
  std::map<PolicyKey, std::vector<std::string>> who;
  for (const auto& [reporter, opinion] : c.policy.opinions()) {
    for (const PolicyKey& key : opinion.keys) {
      who[key].push_back(reporter + " on " + DayText(opinion.day));
    }
  }
  std::vector<std::string> said;
  for (const auto& [key, reporters] : who) {
    said.push_back(PolicyText(key) + " (" + ListText(reporters) + ")");
  }
  return ListText(said);
}

void AnswerUnreadable(Criterion& answer, const Case& c) {
  std::vector<std::string> who;
  for (const auto& [reporter, opinion] : c.policy.unreadable()) {
    who.push_back(reporter + " on " + DayText(opinion.day));
  }
  answer.evidence = ReferencesTo(RowsOf(c.policy.unreadable()), c.evidence.domain);
  answer.sentence =
      "The newest reported policy cannot be read (" + ListText(who) +
      "): its mode is missing, unknown or said twice, it has no mx pattern, or it "
      "was cut.";
  answer.remedy =
      "Compare the policy served with the text in the report: see that https://mta-sts." +
      c.evidence.domain +
      "/.well-known/mta-sts.txt has one mode: line, which says testing, and an mx: line "
      "for each MX. Give it a fresh id if it was mended, and wait until reports name "
      "mode: testing. Mute a reporter that writes such texts by itself (tlsrptd reporter "
      "mute).";
}

// Counted reporters that applied a policy in the window, and whose newest rows say that
// there is none any more.
std::vector<std::string> LostBy(const Case& c) {
  struct Newest {
    sys_days sts;
    sys_days none;
  };
  std::map<std::string, Newest> newest;
  for (const EvidenceRow* row : c.vouched) {
    if (!c.IsCounted(*row) || !c.IsOwn(*row) || row->day > c.today ||
        row->day < c.window.first_day) {
      continue;
    }
    Newest& of = newest[row->reporter];
    if (row->policy_type == PolicyType::kSts) of.sts = std::max(of.sts, row->day);
    if (row->policy_type == PolicyType::kNoPolicyFound)
      of.none = std::max(of.none, row->day);
  }
  std::vector<std::string> lost;
  for (const auto& [reporter, of] : newest) {
    if (of.sts != sys_days{} && of.none > of.sts) {
      lost.push_back(reporter + " since " + DayText(of.none));
    }
  }
  return lost;
}

}  // namespace

Criterion PolicyInTesting(const Case& c) {
  Criterion answer = NewCriterion("policy_in_testing");
  answer.evidence = ReferencesTo(RowsOf(c.policy.opinions()), c.evidence.domain);
  answer.numbers = {{"reporters", static_cast<std::int64_t>(c.policy.opinions().size())}};

  const auto& served = c.view.served();
  if (served && served->mode == PolicyMode::kEnforce) {
    answer.status = Status::kOff;
    answer.sentence = "The policy served is mode: enforce already.";
    return answer;
  }
  if (served && served->mode != PolicyMode::kTesting) {
    answer.status = Status::kFail;
    answer.sentence =
        "The policy served is mode: " + std::string(store::NameOf(served->mode)) + ".";
    answer.remedy =
        "Publish the policy with mode: testing and a fresh id in the "
        "_mta-sts record, then let two weeks pass.";
    return answer;
  }
  const bool unreadable = !c.policy.unreadable().empty();
  if (!c.policy.seen() && unreadable) {
    AnswerUnreadable(answer, c);
    return answer;
  }
  if (!c.policy.seen()) {
    answer.sentence = "No counted reporter has sent the text of an MTA-STS policy.";
    answer.remedy =
        "Publish a policy with mode: testing and a _smtp._tls record whose first rua "
        "points here, then wait for the reports of Google and Microsoft (one to two "
        "days).";
    return answer;
  }
  if (!c.policy.clear()) {
    answer.sentence =
        "Reporters disagree about the mode, and it is not clear which is "
        "newer: " +
        OpinionsText(c) + ".";
    answer.remedy =
        "Serve one policy, give it a fresh id, and wait until senders have "
        "dropped the older one (its max_age at most).";
    return answer;
  }
  const std::string mode(store::NameOf(c.policy.mode()));
  if (c.policy.mode() != PolicyMode::kTesting && served) {
    answer.sentence = "The policy served is mode: testing, but the newest reported one " +
                      std::string("is mode: ") + mode + " (" +
                      DayText(c.policy.newest_day()) + ").";
    answer.remedy =
        "Senders still use the policy they hold: see that the id in the _mta-sts record "
        "is fresh, and wait until reports name mode: testing.";
    return answer;
  }
  if (c.policy.mode() == PolicyMode::kEnforce) {
    answer.status = Status::kOff;
    answer.sentence = "The newest reported policy is mode: enforce already (" +
                      DayText(c.policy.newest_day()) + ").";
    return answer;
  }
  if (c.policy.mode() != PolicyMode::kTesting) {
    answer.status = Status::kFail;
    answer.sentence = "The newest reported policy is mode: " + mode + " (" +
                      DayText(c.policy.newest_day()) + ").";
    answer.remedy =
        "Publish the policy with mode: testing and a fresh id in the "
        "_mta-sts record, then let two weeks pass.";
    return answer;
  }
  if (unreadable) {
    AnswerUnreadable(answer, c);
    return answer;
  }
  if (c.policy.newest_day() < c.window.first_day) {
    answer.sentence = "The last policy text a counted reporter sent is of " +
                      DayText(c.policy.newest_day()) + ", before the window.";
    answer.remedy =
        "See that reports still arrive: the _smtp._tls record, its first rua, "
        "and the spool of this program.";
    return answer;
  }
  if (const auto lost = LostBy(c); !lost.empty()) {
    answer.sentence =
        "A reporter that applied the policy no longer finds one: " + ListText(lost) + ".";
    answer.remedy = "Check that _mta-sts." + c.evidence.domain +
                    " has exactly one valid TXT record and that every name server of the "
                    "zone gives it.";
    return answer;
  }
  answer.sentence = "The newest reported policy is " + OpinionsText(c) + ".";
  if (c.settings.live && !served) {
    answer.sentence += " What is served now is not known.";
    answer.remedy = c.view.policy() == nullptr
                        ? NoObservationRemedy(c)
                        : "Mend what keeps senders from the policy (policy_served).";
    return answer;
  }
  answer.status = Status::kPass;
  if (served) answer.sentence += " The policy served is mode: testing too.";
  return answer;
}

Criterion TestingLongEnough(const Case& c) {
  Criterion answer = NewCriterion("testing_long_enough");
  if (c.mode() == PolicyMode::kEnforce) {
    answer.status = Status::kOff;
    answer.sentence = "The policy is in enforce already.";
    return answer;
  }
  if (c.evidence_days.empty()) {
    answer.sentence =
        "No counted reporter has yet reported a successful session under "
        "the current policy in mode: testing.";
    if (c.view.mx_added_on()) {
      answer.sentence += " " + c.view.mx_added() + " is an MX only since " +
                         DayText(*c.view.mx_added_on()) + ".";
    }
    answer.remedy = "Leave the policy in testing until reports have come in for " +
                    Counted(c.settings.window_days, "day") + ".";
    return answer;
  }
  const sys_days since = c.evidence_days.begin()->first;
  const auto tested = (c.window.last_day - since).count() + 1;
  answer.numbers = {{"days_in_testing", std::max<std::int64_t>(tested, 0)},
                    {"days_needed", c.settings.window_days}};
  answer.evidence = ReferencesTo(c.EvidenceRowsIn({since, since}), c.evidence.domain);
  if (since <= c.window.first_day) {
    answer.status = Status::kPass;
    answer.sentence = "In testing with the current mx patterns since " + DayText(since) +
                      " at the latest.";
    return answer;
  }
  answer.sentence = "In testing with the current mx patterns only since " +
                    DayText(since) + "; the window began on " +
                    DayText(c.window.first_day) + ".";
  if (c.view.mx_added_on() && since > *c.view.mx_added_on()) {
    answer.sentence += " " + c.view.mx_added() + " is an MX only since " +
                       DayText(*c.view.mx_added_on()) + ".";
  }
  if (c.policy.break_day()) {
    answer.sentence +=
        " Another policy, none, or one that cannot be read was in force until " +
        DayText(*c.policy.break_day()) + ".";
  }
  answer.remedy =
      "Leave mode and mx lines as they are: removing a pattern, adding an MX "
      "host or changing the mode starts the two weeks again. Long enough on " +
      DayText(FirstDayClearOf(since - std::chrono::days{1}, c.settings.window_days,
                              c.settings.settle_days)) +
      ".";
  return answer;
}

}  // namespace tlsrpt::api
