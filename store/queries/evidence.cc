#include "store/queries/evidence.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/day.h"
#include "store/model/evidence_filter.h"
#include "store/model/own_domains.h"
#include "store/model/receipt.h"
#include "store/model/vouching.h"
#include "store/pg/one_snapshot.h"
#include "store/queries/exceptions.h"
#include "store/queries/observations.h"
#include "store/queries/reporters.h"

namespace tlsrpt::store {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

// A row lies on the middle day of its period, and a period is at most 8 days long
// (kMaxPeriod), so what overlaps a day lies at most so far from it.
constexpr days kHalfLongestPeriod{4};

// What the results and the failure details of one policy entry have in common.
using ResultKey =
    std::tuple<std::string, sys_days, Uuid, std::string, bool, std::int64_t>;

ResultKey KeyOf(const Row& row) {
  return {std::string(row.Text("policy_domain")),
          row.Date("day"),
          row.Uuid("report_key"),
          std::string(row.Text("reporter")),
          row.Bool("vouched"),
          row.Int64("policy_ix")};
}

// What evidence about the domain is filed under: `tlsa` results under the MX host.
struct Names {
  std::vector<std::string> all;
  // A pattern that tells of a host only what was received until then.
  std::map<std::string, TimePoint> until;

  bool Covers(const EvidenceRow& row) const {
    const auto at = until.find(row.filed_under);
    return at == until.end() || row.received_at <= at->second;
  }
};

// Which hosts a pattern stands for, and which pattern for a host, is not the same at all
// times: domains learn their MX hosts one after another.
Names NamesOf(Transaction& tx, const EvidenceQuestion& question) {
  Names names;
  const std::vector<std::string> hosts(question.mx_hosts.begin(),
                                       question.mx_hosts.end());
  names.all.push_back(question.domain);
  names.all.insert(names.all.end(), hosts.begin(), hosts.end());
  if (hosts.empty()) return names;
  for (const Row row : tx.Query("evidence_names", {hosts})) {
    const std::string name(row.Text("name"));
    names.all.push_back(name);
    if (const auto until = row.OptionalTimestamp("until")) {
      names.until.emplace(name, *until);
    }
  }
  return names;
}

// What was left out could be what speaks against the domain, so nothing is decided.
Error TooMuch(const EvidenceQuestion& question) {
  return {
      ErrorKind::kTooLarge,
      "more than " + std::to_string(question.limits.vouched) +
          " policy results or kinds of failure, or " +
          std::to_string(question.limits.policy_texts) +
          " policies, that somebody vouches for, about " + question.domain + " from " +
          DateText(question.first_day) + " to " + DateText(question.last_day) +
          ", and no verdict is made of a part of them. /v1/domains/" + question.domain +
          "/summary says who sent them; refuse such mail before it gets here"};
}

// The statements that read rows, and what they are asked. Most domains have few rows, and
// what holds many down costs more to plan than few cost to read.
class Asked {
 public:
  Asked(Transaction& tx, const EvidenceQuestion& question,
        const std::vector<std::string>& names)
      : tx_(tx),
        limits_(question.limits),
        names_(names),
        first_day_(question.first_day - kHalfLongestPeriod),
        last_day_(question.last_day + kHalfLongestPeriod),
        known_at_(question.known_at) {}

  struct Found {
    ResultSet results;
    ResultSet failures;
  };
  // One more than there may be: then it is known that there are more. Where the results
  // are many, nearly all failures would be grouped and sorted to find that they are, too.
  Found ResultsAndFailures() const {
    ResultSet results = tx_.Query("evidence_results", {names_, first_day_, last_day_,
                                                       known_at_, limits_.unvouched + 1});
    if (!IsFew(results)) {
      return {.results = tx_.Query("evidence_results_of_many", OfMany()),
              .failures = tx_.Query("evidence_failures_of_many", OfMany())};
    }
    ResultSet failures = tx_.Query(
        "evidence_failures", {names_, first_day_, last_day_, limits_.unvouched + 1});
    if (!IsFew(failures)) failures = tx_.Query("evidence_failures_of_many", OfMany());
    return {.results = std::move(results), .failures = std::move(failures)};
  }
  ResultSet FromUnknown() const {
    return tx_.Query("evidence_from_unknown",
                     {names_, first_day_, last_day_, limits_.vouched + 1});
  }

  ResultSet WrittenSince(TimePoint time) const {
    return tx_.Query("evidence_written",
                     {names_, first_day_, last_day_, time, limits_.vouched + 1});
  }

 private:
  bool IsFew(const ResultSet& rows) const {
    return std::ssize(rows) <= limits_.unvouched;
  }
  Params OfMany() const {
    return {names_,    first_day_,          last_day_,
            known_at_, limits_.vouched + 1, limits_.unvouched};
  }

  Transaction& tx_;
  const EvidenceLimits limits_;
  const std::vector<std::string>& names_;
  const sys_days first_day_;
  const sys_days last_day_;
  const std::optional<TimePoint> known_at_;
};

// The failures of each result.
using Failures = std::map<ResultKey, std::vector<FailureGroup>>;

Result<Failures> ReadFailures(const ResultSet& rows, const EvidenceQuestion& question) {
  Failures failures;
  std::int64_t vouched = 0;
  for (const Row row : rows) {
    if (row.Bool("vouched") && ++vouched > question.limits.vouched) {
      return TooMuch(question);
    }
    failures[KeyOf(row)].push_back(
        {static_cast<ResultType>(row.Int32("result_type")),
         std::string(row.Text("result_type_text")), std::string(row.Text("receiving_mx")),
         std::string(row.Text("reason")), row.Int64("failed_sessions")});
  }
  return failures;
}

EvidenceRow RowOf(const Row& row, Failures& failures) {
  EvidenceRow found;
  found.report_key = row.Uuid("report_key");
  found.filed_under = row.Text("policy_domain");
  found.day = row.Date("day");
  found.first_day = row.Date("first_day");
  found.last_day = row.Date("last_day");
  found.reporter = row.Text("reporter");
  found.vouched = row.Bool("vouched");
  found.received_at = row.Timestamp("received_at");
  found.policy_type = static_cast<PolicyType>(row.Int32("policy_type"));
  found.policy_hash = row.OptionalUuid("policy_hash");
  found.success_sessions = row.Int64("success_sessions");
  found.failure_sessions = row.Int64("failure_sessions");
  found.unexplained_sessions = row.Int64("unexplained_sessions");
  if (const auto details = failures.find(KeyOf(row)); details != failures.end()) {
    found.failures = std::move(details->second);
  }
  return found;
}

// A vouched copy of a report, by its reporter.
using CopyName = std::pair<Uuid, std::string>;

// When those were written that some waiver is older than: it accepts none of them.
Result<std::map<CopyName, TimePoint>> ReadWritten(const Asked& asked,
                                                  const EvidenceQuestion& question,
                                                  const std::vector<Waiver>& waivers) {
  std::map<CopyName, TimePoint> written;
  if (waivers.empty()) return written;
  const Waiver& oldest = std::ranges::min(waivers, {}, &Waiver::made_at);
  for (const Row row : asked.WrittenSince(oldest.made_at)) {
    written.emplace(CopyName{row.Uuid("report_key"), row.Text("reporter")},
                    row.Timestamp("written_at"));
  }
  if (std::ssize(written) > question.limits.vouched) return TooMuch(question);
  return written;
}

bool TellsOfFailure(const EvidenceRow& row) {
  return row.failure_sessions > 0 || row.unexplained_sessions > 0 ||
         !row.failures.empty();
}

// What a row tells of failure.
using FailureTold = std::tuple<Uuid, std::string, PolicyType, std::int64_t, std::int64_t,
                               std::vector<FailureGroup>>;
FailureTold FailureToldBy(const EvidenceRow& row) {
  return {row.report_key,       row.filed_under,          row.policy_type,
          row.failure_sessions, row.unexplained_sessions, row.failures};
}

// Of each report the copy that counts is left, and of the other vouched ones the failures
// that it does not tell: some reporters give neither a name nor an id of their own, so
// that two of them look like one, and whoever guesses a report-id may sign a copy that
// tells of none. Nothing of theirs counts for a domain. What a muted reporter tells
// nobody is told, so the copies tell it.
void LeaveOutCopies(const std::map<Uuid, VouchedCopy>& counts,
                    const std::vector<Mute>& mutes, std::vector<EvidenceRow>& rows) {
  const auto is_copy = [&](const EvidenceRow& row) {
    const auto found = counts.find(row.report_key);
    if (found == counts.end()) return false;
    return !row.vouched || row.reporter != found->second.reporter;
  };
  const auto fails_in_a_copy = [&](const EvidenceRow& row) {
    return row.vouched && TellsOfFailure(row) && is_copy(row);
  };
  const auto may_be_muted = [&](const EvidenceRow& row) {
    return std::any_of(mutes.begin(), mutes.end(),
                       [&](const Mute& mute) { return mute.reporter == row.reporter; });
  };
  // By those that count, of the reports that have such a copy: of nearly none.
  std::set<Uuid> doubted;
  for (const EvidenceRow& row : rows) {
    if (fails_in_a_copy(row)) doubted.insert(row.report_key);
  }
  std::set<FailureTold> told;
  for (const EvidenceRow& row : rows) {
    if (doubted.contains(row.report_key) && !is_copy(row) && !may_be_muted(row)) {
      told.insert(FailureToldBy(row));
    }
  }
  std::erase_if(rows, [&](const EvidenceRow& row) {
    return is_copy(row) && (!fails_in_a_copy(row) || told.contains(FailureToldBy(row)));
  });
  for (EvidenceRow& row : rows) {
    if (is_copy(row)) row.success_sessions = 0;
  }
}

// Of one result that is filed under several names (store/model/own_domains.h) one row is
// left: that of the domain, else that of an MX host, else that of the pattern that stands
// for the host.
void LeaveOutTwice(const std::string& domain, std::vector<EvidenceRow>& rows) {
  const auto by_pattern = [](const EvidenceRow& row) {
    return row.filed_under.starts_with('*');
  };
  const auto by_domain = [&](const EvidenceRow& row) {
    return row.filed_under == domain;
  };
  if (std::all_of(rows.begin(), rows.end(), by_domain)) return;
  const auto said = [](const EvidenceRow& row, const std::string& name) {
    return std::tuple(name, row.received_at, row.reporter, row.vouched, row.day,
                      row.first_day, row.last_day, row.policy_type, row.policy_hash,
                      row.success_sessions, row.failure_sessions,
                      row.unexplained_sessions, row.failures);
  };
  using Counts = std::map<decltype(said(rows.front(), "")), int>;
  const auto leave_out = [&](Counts& counts, const auto& those) {
    std::erase_if(rows, [&](const EvidenceRow& row) {
      if (!those(row)) return false;
      const auto found = counts.find(said(row, row.filed_under));
      return found != counts.end() && found->second-- > 0;
    });
  };
  Counts by_name;
  for (const EvidenceRow& row : rows) {
    if (by_pattern(row) || by_domain(row)) continue;
    ++by_name[said(row, MxPatternFor(row.filed_under))];
  }
  leave_out(by_name, by_pattern);

  std::set<std::string> elsewhere;
  for (const EvidenceRow& row : rows) {
    if (!by_domain(row)) elsewhere.insert(row.filed_under);
  }
  Counts of_domain;
  for (const EvidenceRow& row : rows) {
    if (!by_domain(row) || !IsAboutMxHosts(row.policy_type)) continue;
    for (const std::string& name : elsewhere) ++of_domain[said(row, name)];
  }
  leave_out(of_domain, std::not_fn(by_domain));
}

Result<void> ReadRows(Transaction& tx, const EvidenceQuestion& question,
                      const Names& names, Evidence& evidence) {
  const EvidenceLimits& limits = question.limits;
  const Asked asked(tx, question, names.all);
  const Asked::Found rows = asked.ResultsAndFailures();
  auto failures = ReadFailures(rows.failures, question);
  if (!failures) return std::move(failures).error();

  std::set<std::pair<Uuid, std::string>> from_unknown;
  for (const Row row : asked.FromUnknown()) {
    from_unknown.emplace(row.Uuid("report_key"), row.Text("reporter"));
  }
  if (std::ssize(from_unknown) > limits.vouched) return TooMuch(question);

  auto written = ReadWritten(asked, question, evidence.waivers);
  if (!written) return std::move(written).error();

  std::int64_t vouched = 0;
  std::int64_t unvouched = 0;
  std::map<Uuid, VouchedCopy> counts;  // of each report, the vouched copy that does
  for (const Row row : rows.results) {
    EvidenceRow found = RowOf(row, *failures);
    if (!names.Covers(found)) continue;
    if (found.vouched) {
      if (++vouched > limits.vouched) return TooMuch(question);
      const CopyName name{found.report_key, found.reporter};
      found.from_known = !from_unknown.contains(name);
      if (const auto at = written->find(name); at != written->end()) {
        found.written_at = at->second;
      }
      const VouchedCopy copy{static_cast<Provenance>(row.Int32("provenance")),
                             found.from_known, found.received_at, found.reporter};
      const auto [at, is_first] = counts.try_emplace(found.report_key, copy);
      if (!is_first && CountsBefore(copy, at->second)) at->second = copy;
    } else {
      ++unvouched;
    }
    evidence.rows.push_back(std::move(found));
  }
  evidence.unvouched_left_out = unvouched >= limits.unvouched;
  LeaveOutTwice(question.domain, evidence.rows);
  LeaveOutCopies(counts, evidence.mutes, evidence.rows);
  return {};
}

// The texts that vouched rows name: no other decides anything, and a stranger may send
// one of 100 KB in each report.
Result<void> ReadPolicyTexts(Transaction& tx, const EvidenceQuestion& question,
                             Evidence& evidence) {
  std::set<Uuid> hashes;
  for (const EvidenceRow& row : evidence.rows) {
    if (row.vouched && row.policy_hash) hashes.insert(*row.policy_hash);
  }
  if (std::ssize(hashes) > question.limits.policy_texts) return TooMuch(question);
  const std::vector<Uuid> wanted(hashes.begin(), hashes.end());
  for (const Row row : tx.Query("evidence_policy_texts", {question.domain, wanted})) {
    PolicyText text;
    text.type = static_cast<PolicyType>(row.Int32("policy_type"));
    text.mode = static_cast<PolicyMode>(row.Int32("mode"));
    if (const auto max_age = row.OptionalInt64("max_age_seconds")) {
      text.max_age = std::chrono::seconds(*max_age);
    }
    text.mx_patterns = row.TextArray("mx_patterns");
    text.lines = row.TextArray("lines");
    evidence.policy_texts.emplace(row.Uuid("policy_hash"), std::move(text));
  }
  return {};
}

// The first day whose rows are needed: that of the question, or of the oldest waiver that
// reaches into the time since. What was received after it was made is on days from about
// then on, and must be there to be counted. At most kMaxWaiverDays further back.
sys_days FirstDayNeeded(const EvidenceQuestion& question,
                        const std::vector<Waiver>& waivers) {
  sys_days first = question.first_day;
  for (const Waiver& waiver : waivers) {
    if (!CheckWaiver(waiver) || !waiver.until || *waiver.until < question.first_day) {
      continue;
    }
    const auto made_on = std::chrono::floor<days>(waiver.made_at);
    first = std::min(first, made_on - 2 * kHalfLongestPeriod);
  }
  return first;
}

IntakeState ReadIntake(Transaction& tx, const EvidenceQuestion& question,
                       std::vector<std::string> names) {
  IntakeState intake;
  intake.nodes = ReadIntakeNodes(tx);
  intake.vouched_foreign =
      tx.Query("vouched_foreign", {names, question.first_day})[0].Int64("receipts");
  names.emplace_back(kEveryDomain);
  intake.vouched_quarantined =
      tx.Query("vouched_quarantined", {names})[0].Int64("receipts");
  return intake;
}

}  // namespace

std::vector<IntakeState::Node> ReadIntakeNodes(Transaction& tx) {
  std::vector<IntakeState::Node> nodes;
  for (const Row row : tx.Query("nodes")) {
    nodes.push_back({std::string(row.Text("node")), row.Timestamp("heartbeat_at"),
                     row.Int64("spool_depth"), row.OptionalTimestamp("spool_oldest_at"),
                     row.Int64("spool_waiting"), row.Uuid("spool_id")});
  }
  return nodes;
}

Result<Evidence> ReadEvidence(Transaction& tx, const EvidenceQuestion& question) {
  Evidence evidence;
  evidence.domain = question.domain;
  evidence.waivers = ReadWaivers(tx, question.domain);
  evidence.mutes = ReadMutes(tx);
  EvidenceQuestion wider = question;
  wider.first_day = FirstDayNeeded(question, evidence.waivers);
  Names names = NamesOf(tx, question);
  if (auto read = ReadRows(tx, wider, names, evidence); !read) {
    return std::move(read).error();
  }
  if (auto read = ReadPolicyTexts(tx, question, evidence); !read) {
    return std::move(read).error();
  }
  TimePoint until = question.as_of.value_or(question.last_day + days{1});
  if (question.known_at) until = std::min(until, *question.known_at);
  auto looks = ReadLooks(tx, question.domain, question.first_day, until);
  if (!looks) return std::move(looks).error();
  evidence.observations = *std::move(looks);
  evidence.intake = ReadIntake(tx, question, std::move(names.all));
  if (question.known_at) return KnownAt(std::move(evidence), *question.known_at);
  return evidence;
}

PgResult<Evidence> ReadEvidence(Connection& connection,
                                const EvidenceQuestion& question) {
  return connection.Transact([&](Transaction& tx) {
    OneSnapshot(tx);
    return ReadEvidence(tx, question);
  });
}

}  // namespace tlsrpt::store
