// A domain's history in a few lines, for the tables of this folder.
//
// Day 0 is the last day of the window of kNow; day -13 its first. kNow is the morning of
// day 2. google.com, microsoft.com and mail.ru are counted reporters.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/readiness/settings.h"
#include "base/clock.h"
#include "store/model/evidence.h"

namespace tlsrpt::api {

inline constexpr std::chrono::sys_days kDay0 =
    std::chrono::year{2026} / std::chrono::November / 21;
inline constexpr TimePoint kNow =
    kDay0 + std::chrono::days{2} + std::chrono::hours{10};  // 2026-11-23T10:00Z
inline constexpr const char* kGoogle = "google.com";
inline constexpr const char* kMicrosoft = "microsoft.com";
inline constexpr const char* kMailRu = "mail.ru";
inline constexpr const char* kOther = "postfix-site.example";  // vouched, not counted

ReadinessSettings ReportsOnly();
ReadinessSettings Live();

inline std::chrono::sys_days Day(int offset) { return kDay0 + std::chrono::days{offset}; }

class History {
 public:
  History();

  // The policy that rows added from here on were made under.
  History& Policy(store::PolicyMode mode, std::vector<std::string> mx);
  History& Testing(std::vector<std::string> mx) {
    return Policy(store::PolicyMode::kTesting, std::move(mx));
  }
  History& Enforce(std::vector<std::string> mx) {
    return Policy(store::PolicyMode::kEnforce, std::move(mx));
  }
  History& MaxAge(std::chrono::seconds max_age);
  History& NoPolicyText();
  // The policy type of rows from here on; `sts` at first. `tlsa` and no-policy-found
  // carry no `sts` text.
  History& Type(store::PolicyType type);
  // Where rows from here on are filed; the domain at first.
  History& FiledUnder(std::string name);
  History& Unvouched(bool unvouched = true);

  // A row a day: successes.
  History& Ok(const std::string& reporter, int from, int to, std::int64_t sessions = 10);
  // One row with failures that a detail explains.
  History& Fail(const std::string& reporter, int day, store::ResultType type,
                std::int64_t sessions = 1, const std::string& mx = "mx1.firm.example");
  // Only in the summary.
  History& Unexplained(const std::string& reporter, int day, std::int64_t sessions = 1);
  // The row added last has a period of these days; its `day` stays.
  History& Period(int first, int last);
  // The row added last, for what no word above says.
  store::EvidenceRow& Last() { return evidence_.rows.back(); }
  store::IntakeState& Intake() { return evidence_.intake; }
  History& Node(TimePoint heartbeat, std::int64_t depth = 0,
                std::optional<TimePoint> oldest = std::nullopt);

  // A look at 08:00 of that day that finds everything in order under the policy set last;
  // `change` spoils it.
  History& Look(int day, const std::function<void(store::Observation&)>& change = {});
  History& Looks(int from, int to);
  // The MX hosts of looks from here on; mx1 and mx2 at first.
  History& MxHosts(std::vector<std::string> names);
  // Made at kNow by "root", of google.com's certificate-expired at mx1; `change` alters
  // it.
  History& Waive(const std::function<void(store::Waiver&)>& change = {});
  // Until a week after kNow.
  History& Mute(const std::string& reporter,
                const std::function<void(store::Mute&)>& change = {});

  const store::Evidence& evidence() const { return evidence_; }
  store::Evidence& evidence() { return evidence_; }
  operator const store::Evidence&() const { return evidence_; }  // NOLINT

  // Microsoft and Google, 10 sessions each on each of the days.
  static History Clean(int from = -13, int to = 0);

 private:
  store::EvidenceRow& Add(const std::string& reporter, int day);

  store::Evidence evidence_;
  store::PolicyText text_;
  bool has_text_ = true;
  store::PolicyType type_ = store::PolicyType::kSts;
  std::string filed_under_ = "firm.example";
  bool vouched_ = true;
  std::vector<std::string> mx_hosts_ = {"mx1.firm.example", "mx2.firm.example"};
  std::uint32_t next_key_ = 1;
};

}  // namespace tlsrpt::api
