// The views that Grafana reads: what of them no other query has. That every panel shows
// the API's numbers is in tests/system/test_dashboards.py.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/day.h"
#include "store/model/vouching.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

using test::Cell;
using test::Detail;
using test::MakeRecord;
using test::MakeReport;
using test::Sts;

class ViewsTest : public testing::Test {
 protected:
  void Write(const std::vector<ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    ASSERT_TRUE(written->refused.empty()) << written->refused[0].message;
  }
  std::string Ask(const std::string& sql) { return Cell(*grafana_, sql); }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> grafana_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_grafana");
  Writer writer_{{.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test"};
};

// The words in the views are typed by hand: each code is held against vocabulary.h.
TEST_F(ViewsTest, EveryCodeHasTheWordOfTheVocabulary) {
  for (const PolicyType policy_type : {PolicyType::kOther, PolicyType::kSts,
                                       PolicyType::kTlsa, PolicyType::kNoPolicyFound}) {
    for (int code = 0; code <= 11; ++code) {
      const auto result_type = static_cast<ResultType>(code);
      const std::string id = std::string(NameOf(policy_type)) + std::to_string(code);
      SCOPED_TRACE(id);
      PolicyResult failing = Sts(0, 2);
      failing.policy_type = policy_type;
      failing.policy.reset();
      failing.details = {Detail(result_type, 1)};
      failing.unexplained_sessions = 1;
      const auto day = test::kDay - days{code};
      Write({MakeRecord({MakeReport(id, {failing}, day)})});
      const std::string wanted = std::string(NameOf(result_type)) + " unexplained";
      const std::string where = " WHERE policy_type = '" +
                                std::string(NameOf(policy_type)) + "' AND day = '" +
                                DateText(day) + "'";
      for (const std::string view : {"grafana_failure", "grafana_day_failure"}) {
        EXPECT_EQ(Ask("SELECT string_agg(result_type, ' ' ORDER BY result_type = "
                      "'unexplained') FROM " +
                      view + where),
                  wanted)
            << view;
      }
      for (const std::string view : {"grafana_result", "grafana_day"}) {
        EXPECT_EQ(Ask("SELECT failure_sessions FROM " + view + where), "2") << view;
      }
    }
  }
}

struct CopyRow {
  const char* why;
  Provenance provenance;
  const char* reporter;
  bool from_known;
  minutes later;  // received
};

// In the order in which they count (CountsBefore).
const CopyRow kCopies[] = {
    {"a reporter that its profile knows", Provenance::kDkim, "google.com", true, 50min},
    {"the same, received later", Provenance::kAuthserv, "mail.ru", true, 60min},
    {"an operator's word", Provenance::kOperator, "microsoft.com", true, 40min},
    {"another signer", Provenance::kDkim, "forwarder.example", false, 20min},
    {"received at the same time, later by name", Provenance::kDkim, "relay.example",
     false, 20min},
    {"nobody", Provenance::kNone, "", true, 0min},
};

// Each pair, the one that counts last and first.
TEST_F(ViewsTest, AReportCountsOnceAsTheCopyThatCounts) {
  int number = 0;
  for (std::size_t first = 0; first < std::size(kCopies); ++first) {
    for (std::size_t second = first + 1; second < std::size(kCopies); ++second) {
      for (const bool first_comes_last : {false, true}) {
        const std::string id = "copied-" + std::to_string(++number);
        std::vector<ReceiptRecord> records;
        for (const CopyRow& copy : {kCopies[first], kCopies[second]}) {
          PolicyResult failing = Sts(10, 3);
          failing.details = {Detail(ResultType::kCertificateExpired, 2)};
          failing.unexplained_sessions = 1;
          ReceiptRecord record =
              MakeRecord({MakeReport(id, {failing})}, copy.provenance, copy.reporter);
          record.receipt.received_at += copy.later;
          record.reports[0].vouching.from_known = copy.from_known;
          records.push_back(std::move(record));
        }
        if (first_comes_last) std::swap(records[0], records[1]);
        SCOPED_TRACE(std::string(kCopies[first].why) + ", " + kCopies[second].why);
        Write({std::move(records[0])});
        Write({std::move(records[1])});
        EXPECT_EQ(Ask("SELECT string_agg(reporter, ' ') FROM grafana_report "
                      "WHERE report_id = '" +
                      id + "'"),
                  kCopies[first].reporter);
      }
    }
  }
  // The sums that are kept say the same as the rows.
  const std::string of_rows = " FROM grafana_result WHERE vouched";
  const std::string total = std::to_string(number);
  EXPECT_EQ(Ask("SELECT sum(reports)" + of_rows), total);
  EXPECT_EQ(Ask("SELECT sum(reports) FROM grafana_day"), total);
  EXPECT_EQ(Ask("SELECT sum(success_sessions)" + of_rows),
            Ask("SELECT sum(success_sessions) FROM grafana_day_distinct"));
  EXPECT_EQ(Ask("SELECT sum(failed_sessions) FROM grafana_failure WHERE vouched"),
            Ask("SELECT sum(failed_sessions) FROM grafana_day_failure"));
  EXPECT_EQ(Ask("SELECT count(*) FROM grafana_result WHERE NOT vouched"), "0");
}

struct HeldRow {
  const char* why;
  const char* sql;
  const char* back;
  const char* stale;     // as in store/model/domain_status.h
  const char* sentence;  // as in api/rest/standing_json.cc
};

constexpr char kDue[] =
    "Something came in since it was last evaluated, and is being looked at.";
constexpr char kOverdue[] = "Its evaluation is overdue; look whether a worker runs.";
constexpr char kBehind[] =
    "Reports that nobody has looked at may be waiting; look at the nodes and their "
    "spools.";

const HeldRow kHeld[] = {
    {"a report came in",
     "INSERT INTO work (domain, kind, not_before, generation, attempts) "
     "VALUES ('firm.example', 'evaluate', now(), 1, 0)",
     "DELETE FROM work", "evaluation_due", kDue},
    {"every domain is to be evaluated",
     "INSERT INTO work (domain, kind, not_before, generation, attempts) "
     "VALUES ('', 'evaluate', now(), 1, 0)",
     "DELETE FROM work", "evaluation_due", kDue},
    {"it is overdue",
     "UPDATE domain_status SET next_evaluation = now() - interval '61 minutes'",
     "UPDATE domain_status SET next_evaluation = now() + interval '1 day'", "overdue",
     kOverdue},
    {"a clock is wrong",
     "UPDATE domain_status SET evaluated_at = now() + interval '6 minutes'",
     "UPDATE domain_status SET evaluated_at = now()", "overdue", kOverdue},
    {"a node is silent",
     "INSERT INTO node (heartbeat_at, started_at, spool_depth, spool_waiting, node, "
     "version) VALUES (now() - interval '11 minutes', now(), 0, 0, 'a', '1')",
     "DELETE FROM node", "intake_behind", kBehind},
    {"the clock of a node is ahead: it may be silent, and look alive",
     "INSERT INTO node (heartbeat_at, started_at, spool_depth, spool_waiting, node, "
     "version) VALUES (now() + interval '11 minutes', now(), 0, 0, 'a', '1')",
     "DELETE FROM node", "intake_behind", kBehind},
    {"reports wait for too long",
     "INSERT INTO node (heartbeat_at, started_at, spool_oldest_at, spool_depth, "
     "spool_waiting, node, version) VALUES (now(), now(), now() - interval '2 "
     "minutes', "
     "1, 0, 'a', '1')",
     "DELETE FROM node", "intake_behind", kBehind},
    {"a clock was set back since the report came",
     "INSERT INTO node (heartbeat_at, started_at, spool_oldest_at, spool_depth, "
     "spool_waiting, node, version) VALUES (now(), now(), now() + interval '1 second', "
     "1, 0, 'a', '1')",
     "DELETE FROM node", "intake_behind", kBehind},
    {"nobody knows since when reports wait",
     "INSERT INTO node (heartbeat_at, started_at, spool_depth, spool_waiting, node, "
     "version) VALUES (now(), now(), 1, 0, 'a', '1')",
     "DELETE FROM node", "intake_behind", kBehind},
};

class ViewOfStatesTest : public ViewsTest {
 protected:
  void Set(const std::string& sql) {
    const auto failed = test::Failure(*admin_, "SET search_path = tlsrptd; " + sql);
    ASSERT_FALSE(failed.has_value()) << failed->error.message;
  }
  void AddDomain() {
    Set("INSERT INTO domain (domain, added_at, source) "
        "VALUES ('firm.example', now(), 'command'), "
        "('.wild.example', now(), 'command')");
  }
  void AddStatus(const std::string& verdict, const std::string& health) {
    Set("INSERT INTO domain_status (evaluated_at, next_evaluation, changed_at, "
        "evidence_digest, evaluated_for, policy_domain, verdict, health, confidence, "
        "basis, ruleset, sentence, blocking, blocking_sentence) VALUES (now(), now() + "
        "'1 day', now(), gen_random_uuid(), '2026-11-24', 'firm.example', '" +
        verdict + "', '" + health + "', '" + (verdict == "ready" ? "normal" : "") +
        "', 'live', '2026-11', 'As found.', '{}', '')");
  }
  // "state|health|stale|sentence"
  std::string Shown() {
    return Ask(
        "SELECT concat_ws('|', state, health, stale, sentence) FROM grafana_domain "
        "WHERE domain = 'firm.example'");
  }

  std::unique_ptr<Connection> admin_ = test::OpenOrDie(database_.dsn());
};

// A `ready` that something speaks against is never shown as ready, in no column.
TEST_F(ViewOfStatesTest, AReadyThatIsHeldIsUnknown) {
  AddDomain();
  EXPECT_EQ(Shown(), "unknown||never_evaluated|It was not evaluated yet.");
  EXPECT_EQ(Ask("SELECT count(*) FROM grafana_domain"), "1") << "no wildcard";
  AddStatus("ready", "");
  EXPECT_EQ(Shown(), "ready|||As found.");
  for (const HeldRow& held : kHeld) {
    SCOPED_TRACE(held.why);
    Set(held.sql);
    EXPECT_EQ(Shown(), std::string("unknown||") + held.stale + "|" + held.sentence);
    Set(held.back);
    EXPECT_EQ(Shown(), "ready|||As found.");
  }
}

// Just inside the limits nothing is held: else a clock that is off by a second would hold
// every domain.
TEST_F(ViewOfStatesTest, AReadyThatNothingSpeaksAgainstIsReady) {
  AddDomain();
  AddStatus("ready", "");
  Set("UPDATE domain_status SET next_evaluation = now() - interval '59 minutes', "
      "evaluated_at = now() + interval '4 minutes'; "
      "INSERT INTO node (heartbeat_at, started_at, spool_oldest_at, spool_depth, "
      "spool_waiting, node, version) VALUES "
      "(now() - interval '9 minutes', now(), NULL, 0, 0, 'a', '1'), "
      "(now() + interval '9 minutes', now(), NULL, 0, 0, 'b', '1'), "
      "(now(), now(), now() - interval '30 seconds', 1, 0, 'c', '1')");
  EXPECT_EQ(Shown(), "ready|||As found.");
}

// What is not a `ready` is told as it was found, with what speaks against it: nobody
// enforces because of it, and an `enforcing` that no worker looked at for weeks is seen.
TEST_F(ViewOfStatesTest, AnotherVerdictIsToldWithWhatSpeaksAgainstIt) {
  AddDomain();
  for (const auto& [verdict, health] :
       {std::pair("enforcing", "ok"), std::pair("enforcing", "at_risk"),
        std::pair("not_ready", ""), std::pair("insufficient_evidence", ""),
        std::pair("not_applicable", "")}) {
    Set("DELETE FROM domain_status");
    AddStatus(verdict, health);
    const std::string as_found = std::string(verdict) + "|" + health + "|";
    EXPECT_EQ(Shown(), as_found + "|As found.");
    for (const HeldRow& held : kHeld) {
      SCOPED_TRACE(held.why);
      Set(held.sql);
      EXPECT_EQ(Shown(), as_found + held.stale + "|As found.");
      Set(held.back);
    }
  }
}

// Days begin at midnight UTC, wherever the connection believes to be.
TEST_F(ViewsTest, ADayStartsAtMidnightUtc) {
  Write({MakeRecord({MakeReport("one", {Sts(10)})})});
  EXPECT_EQ(Ask("SET timezone = 'America/New_York'; "
                "SELECT day_start = '2026-11-10T00:00:00Z' FROM grafana_day"),
            "t");
}

}  // namespace
}  // namespace tlsrpt::store
