#include "tests/unit/api/readiness/history.h"

namespace tlsrpt::api {

using std::chrono::days;
using std::chrono::hours;

ReadinessSettings ReportsOnly() {
  ReadinessSettings settings;
  settings.counted_reporters = {kGoogle, kMicrosoft, kMailRu};
  settings.live = false;
  return settings;
}

ReadinessSettings Live() {
  ReadinessSettings settings = ReportsOnly();
  settings.live = true;
  return settings;
}

History::History() {
  evidence_.domain = "firm.example";
  Testing({"mx1.firm.example", "mx2.firm.example"});
}

History& History::Policy(store::PolicyMode mode, std::vector<std::string> mx) {
  text_ = {};
  text_.type = store::PolicyType::kSts;
  text_.mode = mode;
  text_.mx_patterns = std::move(mx);
  text_.max_age = std::chrono::seconds{86400};
  // The hash of a text is made of its lines.
  text_.lines = {"mode: " + std::string(store::NameOf(mode)), "max_age: 86400"};
  has_text_ = true;
  return *this;
}

History& History::MaxAge(std::chrono::seconds max_age) {
  text_.max_age = max_age;
  text_.lines.back() = "max_age: " + std::to_string(max_age.count());
  return *this;
}

History& History::NoPolicyText() {
  has_text_ = false;
  return *this;
}

History& History::Type(store::PolicyType type) {
  type_ = type;
  return *this;
}

History& History::FiledUnder(std::string name) {
  filed_under_ = std::move(name);
  return *this;
}

History& History::Unvouched(bool unvouched) {
  vouched_ = !unvouched;
  return *this;
}

store::EvidenceRow& History::Add(const std::string& reporter, int day) {
  store::EvidenceRow row;
  for (std::uint32_t key = next_key_++, i = 0; i < 4; ++i, key >>= 8) {
    row.report_key.bytes[i] = static_cast<std::uint8_t>(key & 0xFF);
  }
  row.filed_under = filed_under_;
  row.day = row.first_day = row.last_day = Day(day);
  row.reporter = vouched_ ? reporter : "";
  row.vouched = vouched_;
  row.received_at = Day(day) + days{1} + hours{6};
  row.policy_type = type_;
  if (has_text_ && type_ == store::PolicyType::kSts) {
    row.policy_hash = store::PolicyHash(text_);
    evidence_.policy_texts[*row.policy_hash] = text_;
  }
  evidence_.rows.push_back(std::move(row));
  return evidence_.rows.back();
}

History& History::Ok(const std::string& reporter, int from, int to,
                     std::int64_t sessions) {
  for (int day = from; day <= to; ++day) Add(reporter, day).success_sessions = sessions;
  return *this;
}

History& History::Fail(const std::string& reporter, int day, store::ResultType type,
                       std::int64_t sessions, const std::string& mx) {
  store::EvidenceRow& row = Add(reporter, day);
  row.failure_sessions = sessions;
  store::FailureGroup group;
  group.result_type = type;
  if (type == store::ResultType::kOther) group.result_type_text = "Testing";
  group.receiving_mx = mx;
  group.failed_sessions = sessions;
  row.failures.push_back(std::move(group));
  return *this;
}

History& History::Unexplained(const std::string& reporter, int day,
                              std::int64_t sessions) {
  store::EvidenceRow& row = Add(reporter, day);
  row.failure_sessions = sessions;
  row.unexplained_sessions = sessions;
  return *this;
}

History& History::Period(int first, int last) {
  Last().first_day = Day(first);
  Last().last_day = Day(last);
  return *this;
}

History& History::Node(TimePoint heartbeat, std::int64_t depth,
                       std::optional<TimePoint> oldest) {
  evidence_.intake.nodes.push_back({"node-1", heartbeat, depth, oldest});
  return *this;
}

History History::Clean(int from, int to) {
  History history;
  history.Ok(kGoogle, from, to).Ok(kMicrosoft, from, to);
  return history;
}

}  // namespace tlsrpt::api
