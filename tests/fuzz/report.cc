// The JSON of a report, beside a plain reading of it by nlohmann's own tree: no failure
// that is written there may be lost, and no success may be made up.
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/text.h"
#include "ingest/report/report_parser.h"
#include "store/model/report.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/held_memory.h"

namespace {

using namespace tlsrpt;
using namespace tlsrpt::ingest;
using nlohmann::json;
using store::kMaxSessions;
using store::Report;

// A mail's worth of JSON; the trees of an input may be many times as large as that.
constexpr std::size_t kReportBytes = 1u << 20;

const json* Member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// The parser knows a name in any letters' case; Member() only as RFC 8460 writes it.
bool HasMemberInAnyCase(const json& object, const char* name) {
  if (!object.is_object()) return false;
  for (const auto& [key, value] : object.items()) {
    if (EqualsIgnoreCase(key, name)) return true;
  }
  return false;
}

// A count as nearly every sender writes it; nothing where it is anything else.
std::optional<std::int64_t> Count(const json* value) {
  if (value == nullptr || !value->is_number_unsigned()) return std::nullopt;
  return static_cast<std::int64_t>(
      std::min(value->get<std::uint64_t>(), static_cast<std::uint64_t>(kMaxSessions)));
}

// What one element of "policies" says in so many words. nlohmann keeps the last of two
// members of one name; the parser takes the worse one, so it may only look worse.
struct Said {
  std::int64_t failures = 0;
  std::int64_t in_details = 0;
  std::int64_t successes = kMaxSessions;  // as many as may be believed
};

Said Read(const json& element) {
  Said said;
  if (const json* summary = Member(element, "summary")) {
    said.failures = Count(Member(*summary, "total-failure-session-count")).value_or(0);
    const json* successes = Member(*summary, "total-successful-session-count");
    if (const auto count = Count(successes)) said.successes = *count;
  } else if (!HasMemberInAnyCase(element, "summary")) {
    said.successes = 0;
  }
  const json* details = Member(element, "failure-details");
  if (details != nullptr && details->is_array()) {
    for (const json& detail : *details) {
      const auto count = Count(Member(detail, "failed-session-count"));
      said.in_details += count.value_or(detail.is_object() ? 0 : 1);
    }
  }
  return said;
}

void CheckText(const std::string& text) {
  FUZZ_CHECK(text.size() <= kMaxTextBytes);
  bool changed = false;
  (void)CleanUtf8(text, kMaxTextBytes, &changed);
  FUZZ_CHECK(!changed);  // PostgreSQL would refuse it
}

void CheckForm(const Report& report) {
  FUZZ_CHECK(!report.results.empty() && report.results.size() <= kMaxPolicies);
  FUZZ_CHECK(report.anomalies.size() <= kMaxAnomalies);
  CheckText(report.organisation);
  CheckText(report.report_id);
  CheckText(report.contact);
  std::size_t details = 0;
  for (const store::PolicyResult& result : report.results) {
    CheckText(result.policy_type_text);
    FUZZ_CHECK(result.success_sessions >= 0 && result.success_sessions <= kMaxSessions);
    FUZZ_CHECK(result.failure_sessions >= 0 && result.failure_sessions <= kMaxSessions);
    FUZZ_CHECK(result.unexplained_sessions >= 0 &&
               result.unexplained_sessions <= result.failure_sessions);
    details += result.details.size();
    for (const store::FailureDetail& detail : result.details) {
      FUZZ_CHECK(detail.failed_sessions >= 0 && detail.failed_sessions <= kMaxSessions);
      for (const std::string& text :
           {detail.result_type_text, detail.sending_mta_ip, detail.receiving_ip,
            detail.receiving_mx, detail.helo, detail.reason, detail.information}) {
        CheckText(text);
      }
    }
    if (result.policy) FUZZ_CHECK(result.policy->lines.size() <= kMaxPolicyLines);
  }
  FUZZ_CHECK(details <= kMaxFailureDetails);
}

void CheckSessions(const Report& report, const json& policies) {
  // Of two members "policies" the tree keeps one, and which of the results are its is
  // not known here.
  const bool aligned = std::none_of(
      report.anomalies.begin(), report.anomalies.end(), [](const store::Anomaly& found) {
        return found.code == store::AnomalyCode::kDuplicateName ||
               found.code == store::AnomalyCode::kListCut;
      });
  std::int64_t failures = 0, failures_said = 0;
  FUZZ_CHECK(report.results.size() >= policies.size());
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const Said said = Read(policies[i]);
    failures_said += said.failures;
    if (!aligned) continue;
    const store::PolicyResult& result = report.results[i];
    FUZZ_CHECK(result.failure_sessions >= said.failures);
    FUZZ_CHECK(result.success_sessions <= said.successes);
    std::int64_t in_details = result.unexplained_sessions;
    for (const store::FailureDetail& detail : result.details) {
      in_details += detail.failed_sessions;
    }
    FUZZ_CHECK(in_details >= std::min(said.in_details, kMaxSessions));
    FUZZ_CHECK(in_details >= result.failure_sessions);
    FUZZ_CHECK(policies[i].is_object() || result.failure_sessions > 0);
  }
  for (const store::PolicyResult& result : report.results) {
    failures += result.failure_sessions;
  }
  FUZZ_CHECK(failures >= failures_said);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const fuzz::HeldMemory memory;
  const auto got = ParseReport(input, {.policy_domain = "firm.example"});
  FUZZ_CHECK(memory.PeakBytes() <= 4 * std::max(input.size(), kReportBytes));
  if (!got) {
    FUZZ_CHECK(got.error().kind == ErrorKind::kMalformed ||
               got.error().kind == ErrorKind::kTooLarge);
    FUZZ_CHECK(!got.error().message.empty());
    return 0;
  }
  CheckForm(*got);
  const json tree = json::parse(input, nullptr, /*allow_exceptions=*/false);
  if (tree.is_discarded()) return 0;  // mended
  const json* policies = Member(tree, "policies");
  if (policies != nullptr && policies->is_array()) CheckSessions(*got, *policies);
  return 0;
}
