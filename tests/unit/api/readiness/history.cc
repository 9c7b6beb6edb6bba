#include "tests/unit/api/readiness/history.h"

#include "store/model/sts_policy.h"

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

namespace {

store::Certificate GoodCertificate(TimePoint now) {
  store::Certificate certificate;
  certificate.trusted = certificate.name_matches = true;
  certificate.not_before = now - days{30};
  certificate.not_after = now + days{60};
  return certificate;
}

}  // namespace

History& History::Look(int day, const std::function<void(store::Observation&)>& change) {
  store::Observation look;
  look.observed_at = Day(day) + hours{8};
  look.complete = true;
  look.mta_sts = {store::LookupState::kFound,
                  {"v=STSv1; id=" + std::to_string(text_.max_age->count()) +
                   std::string(store::NameOf(text_.mode)) +
                   std::to_string(text_.mx_patterns.size()) + ";"},
                  std::chrono::seconds{300},
                  false,
                  ""};
  look.smtp_tls = {store::LookupState::kFound,
                   {"v=TLSRPTv1; rua=mailto:tlsrpt@firm.example"},
                   std::chrono::seconds{300},
                   false,
                   ""};
  look.policy.outcome = store::FetchOutcome::kAnswered;
  look.policy.status = 200;
  look.policy.content_type = "text/plain; charset=utf-8";
  look.policy.body =
      store::ToText(store::StsPolicy{text_.mode, *text_.max_age, text_.mx_patterns});
  look.policy.body_bytes = static_cast<std::int64_t>(look.policy.body.size());
  look.policy.certificate = GoodCertificate(look.observed_at);
  look.mx.state = store::LookupState::kFound;
  look.mx.ttl = std::chrono::seconds{3600};
  for (const std::string& name : mx_hosts_) {
    look.mx.hosts.push_back({name, 10});
    for (const char* address : {"192.0.2.1", "2001:db8::1"}) {
      store::MxAddressProbe probe;
      probe.mx = name;
      probe.address = address;
      probe.outcome = store::ProbeOutcome::kTls;
      probe.reply_code = 220;
      probe.tls_version = store::TlsVersion::kTls13;
      probe.certificate = GoodCertificate(look.observed_at);
      probe.tlsa = store::TlsaMatch::kNone;
      look.addresses.push_back(std::move(probe));
    }
  }
  if (change) change(look);
  evidence_.observations.push_back(std::move(look));
  return *this;
}

History& History::Looks(int from, int to) {
  for (int day = from; day <= to; ++day) Look(day);
  return *this;
}

History& History::MxHosts(std::vector<std::string> names) {
  mx_hosts_ = std::move(names);
  return *this;
}

History& History::Waive(const std::function<void(store::Waiver&)>& change) {
  store::Waiver waiver;
  waiver.id = "w" + std::to_string(evidence_.waivers.size() + 1);
  waiver.reporter = kGoogle;
  waiver.result_type = "certificate-expired";
  waiver.mx = "mx1.firm.example";
  waiver.who = "root";
  waiver.why = "renewed since";
  waiver.made_at = kNow;
  if (change) change(waiver);
  evidence_.waivers.push_back(std::move(waiver));
  return *this;
}

History& History::Mute(const std::string& reporter,
                       const std::function<void(store::Mute&)>& change) {
  store::Mute mute;
  mute.id = "m" + std::to_string(evidence_.mutes.size() + 1);
  mute.reporter = reporter;
  mute.who = "root";
  mute.why = "it reports nonsense";
  mute.made_at = kNow;
  mute.until = Day(9);
  if (change) change(mute);
  evidence_.mutes.push_back(std::move(mute));
  return *this;
}

History History::Clean(int from, int to) {
  History history;
  history.Ok(kGoogle, from, to).Ok(kMicrosoft, from, to);
  return history;
}

}  // namespace tlsrpt::api
