// What a reported failure means for a domain that moves to enforce (RFC 8461, 5).
//
// Units    sessions.
// Threads  pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/readiness/verdict.h"
#include "store/model/evidence.h"

namespace tlsrpt::api {

enum class Meaning {
  kRefused,    // enforce would refuse the session
  kMxSuspect,  // the same MX would fail a sender that looks at the policy
  kRetrieval,  // the sender has no policy: it refuses nothing and is not protected
  kDane,       // between the sender and the TLSA records
};

// Whether a failure stands in the way.
enum class Standing {
  kOpen,
  kWaived,   // somebody accepted exactly that
  kSettled,  // a later look at the MX found nothing wrong
};

// One reason that one row gives, with nothing left out: failures of the summary that no
// detail explains are here as "unexplained".
struct Failure {
  store::ResultType type = store::ResultType::kOther;
  std::string type_name;  // RFC 8460's spelling, or as sent
  std::string mx;         // empty where the reporter does not say
  std::string reason;
  std::int64_t sessions = 0;
  Meaning meaning = Meaning::kRefused;
  Standing standing = Standing::kOpen;
};

// The failures of `row`, all with at least one session. `domain` is the one asked about:
// what is filed under one of its MX hosts says nothing of its MTA-STS policy.
std::vector<Failure> FailuresOf(const store::EvidenceRow& row, std::string_view domain);

// The sum of `failures` of one meaning.
std::int64_t SessionsOf(const std::vector<Failure>& failures, Meaning meaning);

// The days of `within` that the failures of `row` stand against: all that its period
// overlaps.
std::set<std::chrono::sys_days> DaysAgainst(const store::EvidenceRow& row,
                                            const Window& within);

// A sum over rows, for a criterion or for the replay.
struct FailureSum {
  std::int64_t sessions = 0;
  std::map<std::string, std::int64_t> by_reporter;
  std::map<std::string, std::int64_t> by_mx;
  std::map<std::string, std::int64_t> by_type;
  std::map<std::chrono::sys_days, std::int64_t> by_day;
  // One of each (type, MX), for remedies.
  std::map<std::pair<std::string, std::string>, Failure> kinds;
  std::set<const store::EvidenceRow*> rows;

  bool empty() const { return sessions == 0; }
  void Add(const store::EvidenceRow& row, const Failure& failure,
           const std::set<std::chrono::sys_days>& days);
  std::set<std::chrono::sys_days> Days() const;
  // "google.com 31, microsoft.com 6; certificate-expired at mx2.firm.example;
  // 2026-08-03 to 2026-08-05"
  std::string Describe() const;
};

// What to do about each kind of failure in `sum`, in an administrator's words.
std::string RemedyFor(const FailureSum& sum);

// A reporter's or an MX's name, or what to call one that has none.
std::string ReporterText(const std::string& reporter);
std::string MxText(const std::string& mx);

}  // namespace tlsrpt::api
