// The shapes a verdict is shown in: exit status, JSON, text.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/readiness/decide.h"
#include "api/readiness/exit_code.h"
#include "api/readiness/json.h"
#include "api/readiness/text.h"
#include "tests/unit/api/readiness/history.h"

namespace tlsrpt::api {
namespace {

using store::PolicyMode;
using store::PolicyType;
using store::ResultType;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using Json = nlohmann::ordered_json;

std::vector<std::string> KeysOf(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

TEST(ExitCode, ZeroIsReadyAndNothingElse) {
  const struct {
    const char* why;
    History history;
    ReadinessSettings settings;
    int want;
  } rows[] = {
      {"ready", History::Clean(), ReportsOnly(), 0},
      {"not ready", History::Clean().Fail(kGoogle, 0, ResultType::kOther), ReportsOnly(),
       1},
      {"insufficient", History::Clean(), Live(), 2},
      {"no reports at all", History(), ReportsOnly(), 2},
      {"no policy", History().Type(PolicyType::kNoPolicyFound).Ok(kGoogle, 0, 0),
       ReportsOnly(), 3},
      {"enforcing", History().Enforce({"a.example"}).Ok(kGoogle, 0, 0), ReportsOnly(), 4},
      {"enforcing at risk", History().Enforce({"a.example"}).Ok(kGoogle, -9, -9),
       ReportsOnly(), 5},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ExitCodeOf(Decide(row.history, row.settings, kNow)), row.want);
  }
  Verdict odd;
  odd.kind = VerdictKind::kEnforcing;
  EXPECT_EQ(ExitCodeOf(odd), 5) << "no health is no health";
  EXPECT_EQ(ExitCodeOf(Verdict{}), 2);
}

TEST(JsonOutput, HasTheShapeOfTheDesign) {
  History history = History::Clean();
  history.Fail(kGoogle, -3, ResultType::kCertificateExpired, 2, "mx2.firm.example");
  const Json json = ToJson(Decide(history, ReportsOnly(), kNow));
  EXPECT_EQ(KeysOf(json), (std::vector<std::string>{"domain",
                                                    "demo",
                                                    "verdict",
                                                    "health",
                                                    "confidence",
                                                    "basis",
                                                    "as_of",
                                                    "window",
                                                    "ruleset",
                                                    "sentence",
                                                    "criteria",
                                                    "replay",
                                                    "coverage",
                                                    "waivers",
                                                    "mutes",
                                                    "earliest_ready",
                                                    "earliest_ready_sentence",
                                                    "plan",
                                                    "timeline",
                                                    "unsafe_settings"}));
  EXPECT_EQ(json["domain"], "firm.example");
  EXPECT_EQ(json["demo"], false);
  EXPECT_EQ(json["verdict"], "not_ready");
  EXPECT_EQ(json["health"], nullptr);
  EXPECT_EQ(json["confidence"], nullptr);
  EXPECT_EQ(json["basis"], "reports");
  EXPECT_EQ(json["as_of"], "2026-11-23T10:00:00Z");
  EXPECT_EQ(json["window"].dump(),
            R"({"first_day":"2026-11-08","last_day":"2026-11-21"})");
  EXPECT_EQ(json["ruleset"], kRuleset);
  EXPECT_EQ(json["waivers"], Json::array());
  EXPECT_EQ(json["mutes"], Json::array());
  EXPECT_EQ(json["plan"], nullptr);
  EXPECT_EQ(json["earliest_ready"], "2026-12-04");

  std::vector<std::string> ids;
  for (const Json& criterion : json["criteria"]) {
    EXPECT_EQ(KeysOf(criterion),
              (std::vector<std::string>{"id", "status", "severity", "sentence", "numbers",
                                        "evidence", "remedy"}));
    ids.push_back(criterion["id"]);
  }
  EXPECT_EQ(ids,
            (std::vector<std::string>{
                "policy_in_testing", "testing_long_enough", "days_covered",
                "reporters_seen", "sessions_seen", "usual_reporters_in", "intake_settled",
                "no_refused_sessions", "uncorroborated_failures", "failures_at_mx",
                "policy_retrievable", "dns_records_valid", "policy_served",
                "mx_hosts_ready", "id_in_step", "unvouched_failures", "dane_health"}));
  const Json& refused = json["criteria"][7];
  EXPECT_EQ(refused["status"], "fail");
  EXPECT_EQ(refused["severity"], "blocking");
  EXPECT_EQ(refused["numbers"].dump(), R"({"sessions":2,"reports":1,"days":1})");
  EXPECT_EQ(json["criteria"][11]["status"], "off");
  EXPECT_EQ(json["criteria"][11]["remedy"], nullptr);
  EXPECT_EQ(json["criteria"][15]["severity"], "advisory");

  const Json& replay = json["replay"];
  EXPECT_EQ(replay["refusals"], 2);
  EXPECT_EQ(replay["by_mx"].dump(), R"([{"mx":"mx2.firm.example","refusals":2}])");
  EXPECT_EQ(replay["by_day"].dump(), R"([{"day":"2026-11-18","refusals":2}])");
  EXPECT_EQ(replay["last_refusal"], "2026-11-18");
  EXPECT_GT(replay["upper_bound_95"]["share"].get<double>(), 2.0 / 282);
  EXPECT_EQ(json["coverage"]["reporters"][0]["reporter"], "google.com");
  EXPECT_EQ(json["coverage"]["reporters"][0]["days"].size(), 14u);
}

TEST(JsonOutput, OfTheOtherVerdicts) {
  const Json ready = ToJson(Decide(History::Clean(), ReportsOnly(), kNow));
  EXPECT_EQ(ready["verdict"], "ready");
  EXPECT_EQ(ready["confidence"], "normal");
  EXPECT_EQ(ready["earliest_ready"], "2026-11-23");
  EXPECT_EQ(ready["replay"]["last_refusal"], nullptr);
  const Json live = ToJson(Decide(History::Clean(), Live(), kNow));
  EXPECT_EQ(live["verdict"], "insufficient_evidence");
  EXPECT_EQ(live["basis"], "live");
  EXPECT_EQ(live["earliest_ready"], nullptr);
  const Json enforcing = ToJson(
      Decide(History().Enforce({"a.example"}).Ok(kGoogle, -9, -9), ReportsOnly(), kNow));
  EXPECT_EQ(enforcing["verdict"], "enforcing");
  EXPECT_EQ(enforcing["health"], "at_risk");
}

TEST(JsonOutput, BytesThatAreNoUtf8AreReplaced) {
  History history = History::Clean();
  history.Fail(kGoogle, -3, ResultType::kCertificateExpired, 1, "mx\xff.example");
  const std::string text = ToJsonText(Decide(history, ReportsOnly(), kNow));
  EXPECT_THAT(text, HasSubstr("mx\xEF\xBF\xBD.example"));
  EXPECT_FALSE(Json::parse(text, nullptr, false).is_discarded());
  EXPECT_EQ(text.back(), '\n');
}

TEST(TextOutput, VerdictFirstThenWhatStandsInTheWay) {
  History history = History::Clean();
  history.Fail(kGoogle, -3, ResultType::kCertificateExpired, 2, "mx2.firm.example");
  const std::string text = ToText(Decide(history, Live(), kNow));
  EXPECT_THAT(text, StartsWith("firm.example is not ready to enforce."));
  const auto at = [&](const char* what) {
    const std::size_t found = text.find(what);
    EXPECT_NE(found, std::string::npos) << what;
    return found;
  };
  EXPECT_LT(at("What stands in the way"), at("  fail      no_refused_sessions"));
  EXPECT_LT(at("  fail      no_refused_sessions"), at("  unknown   policy_in_testing"));
  EXPECT_LT(at("  unknown   id_in_step"), at("The rest"));
  EXPECT_LT(at("The rest"), at("  pass      days_covered"));
  EXPECT_LT(at("  pass      dane_health (advisory)"), at("What enforce would have done"));
  EXPECT_LT(at("Who reported"), at("Earliest ready"));
  at("-> Renew the certificate of mx2.firm.example");
  // The live criteria all wait for one thing, which is said once in a row.
  EXPECT_LT(at("-> Nobody has looked"), at("-> The same."));
  EXPECT_EQ(text.find("-> Nobody has looked"), text.rfind("-> Nobody has looked"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(ToText(Decide(history, Live(), kNow), true), HasSubstr("\x1b[31mfail"));

  const std::string ready = ToText(Decide(History::Clean(), ReportsOnly(), kNow));
  EXPECT_THAT(ready,
              StartsWith("firm.example is ready to enforce, by its reports alone:"));
  EXPECT_THAT(ready, Not(HasSubstr("What stands in the way")));
}

TEST(TextOutput, NoReportWritesToTheTerminal) {
  History history = History::Clean();
  history.Fail(kGoogle, -3, ResultType::kOther, 1, "mx\x1b[2J\r\n\x7f\xc2\x9b.example");
  history.Last().failures.front().result_type_text = "a\tb\x1b]0;x\x07";
  const std::string text = ToText(Decide(history, ReportsOnly(), kNow));
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    EXPECT_TRUE(c == '\n' || (byte >= 0x20 && byte != 0x7F)) << int{byte};
  }
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
  EXPECT_THAT(text, HasSubstr("mx?[2J????.example"));
}

}  // namespace
}  // namespace tlsrpt::api
