// What the tables themselves refuse, and how the evidence of a domain is read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/migrated_database.h"

namespace tlsrpt::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A row that every table takes; a test changes one column at a time.
using Values = std::map<std::string, std::string>;

const std::map<std::string, Values> kGood = {
    {"receipt",
     {{"received_at", "'2026-11-03 23:59:59+00'"},
      {"receipt_id", "'00000000-0000-7000-8000-000000000001'"},
      {"received_on", "'2026-11-03'"},
      {"report_count", "1"},
      {"stored_count", "1"},
      {"duplicate_count", "0"},
      {"quarantined_count", "0"},
      {"parser_version", "1"},
      {"transport", "1"},
      {"provenance", "1"},
      {"outcome", "1"},
      {"node", "'a'"},
      {"peer", "''"},
      {"envelope_from", "''"},
      {"envelope_to", "'{}'"},
      {"reason", "''"},
      {"reason_detail", "''"},
      {"foreign_domains", "'{}'"},
      {"quarantined_domains", "'{}'"},
      {"dkim_results", "'{}'"},
      {"same_bytes_as", "NULL"}}},
    {"report",
     {{"received_at", "'2026-11-03 10:00+00'"},
      {"period_start", "'2026-11-02 00:00+00'"},
      {"period_end", "'2026-11-02 23:59:59+00'"},
      {"report_key", "'00000000-0000-0000-0000-000000000001'"},
      {"receipt_id", "'00000000-0000-7000-8000-000000000001'"},
      {"receipt_on", "'2026-11-03'"},
      {"day", "'2026-11-02'"},
      {"first_day", "'2026-11-02'"},
      {"last_day", "'2026-11-02'"},
      {"report_ix", "0"},
      {"parser_version", "1"},
      {"provenance", "1"},
      {"vouched", "true"},
      {"policy_domain", "'firm.example'"},
      {"reporter", "'google.com'"},
      {"organisation", "''"},
      {"report_id", "''"},
      {"contact", "''"},
      {"anomalies", "'{}'"},
      {"from_address", "'a@google.com'"},
      {"from_known", "true"},
      {"signing_domain", "'google.com'"},
      {"selector", "'20230601'"},
      {"algorithm", "'rsa-sha256'"},
      {"key_bits", "2048"},
      {"dnssec", "false"},
      {"tlsrpt_key", "false"},
      {"why_unvouched", "''"}}},
    {"policy_result",
     {{"success_sessions", "10"},
      {"failure_sessions", "2"},
      {"unexplained_sessions", "1"},
      {"received_at", "'2026-11-03 10:00+00'"},
      {"report_key", "'00000000-0000-0000-0000-000000000001'"},
      {"policy_hash", "NULL"},
      {"day", "'2026-11-02'"},
      {"first_day", "'2026-11-02'"},
      {"last_day", "'2026-11-02'"},
      {"policy_ix", "0"},
      {"policy_type", "1"},
      {"provenance", "1"},
      {"vouched", "true"},
      {"policy_domain", "'firm.example'"},
      {"reporter", "'google.com'"},
      {"policy_type_text", "''"}}},
    {"report_failure",
     {{"report_key", "'00000000-0000-0000-0000-000000000001'"},
      {"day", "'2026-11-02'"},
      {"vouched", "true"},
      {"policy_domain", "'firm.example'"},
      {"reporter", "'google.com'"},
      {"details",
       "ARRAY[(1,0,1,3,'','2001:db8::1',NULL,'','','','')::reported_failure]"}}},
    {"policy_text",
     {{"max_age_seconds", "NULL"},
      {"policy_hash", "'00000000-0000-0000-0000-000000000001'"},
      {"policy_type", "1"},
      {"mode", "2"},
      {"policy_domain", "'firm.example'"},
      {"mx_patterns", "'{}'"},
      {"lines", "'{}'"}}},
    {"domain_day",
     {{"vouched_success_sessions", "1"},
      {"vouched_failure_sessions", "1"},
      {"vouched_unexplained_sessions", "1"},
      {"unvouched_success_sessions", "1"},
      {"unvouched_failure_sessions", "1"},
      {"unvouched_unexplained_sessions", "1"},
      {"vouched_reports", "1"},
      {"unvouched_reports", "1"},
      {"day", "'2026-11-02'"},
      {"kind", "9"},
      {"policy_domain", "'firm.example'"}}},
    {"domain_day_failure",
     {{"vouched_failed_sessions", "1"},
      {"unvouched_failed_sessions", "1"},
      {"day", "'2026-11-02'"},
      {"kind", "1"},
      {"result_type", "100"},
      {"policy_domain", "'firm.example'"}}},
    {"domain",
     {{"added_at", "'2026-11-02'"},
      {"domain", "'.firm.example'"},
      {"demo", "false"},
      {"source", "'settings'"}}},
    {"domain_status",
     {{"evaluated_at", "'2026-11-02'"},
      {"next_evaluation", "'2026-11-03'"},
      {"changed_at", "'2026-11-01'"},
      {"evidence_digest", "'00000000-0000-0000-0000-000000000001'"},
      {"evaluated_for", "'2026-10-31'"},
      {"earliest_ready", "NULL"},
      {"policy_domain", "'firm.example'"},
      {"verdict", "'ready'"},
      {"health", "''"},
      {"confidence", "'low'"},
      {"basis", "'live'"},
      {"ruleset", "'2026-11'"},
      {"sentence", "'May enforce.'"},
      {"blocking", "'{}'"},
      {"blocking_sentence", "''"}}},
    {"state_change",
     {{"changed_at", "'2026-11-02'"},
      {"change_no", "1"},
      {"evidence_digest", "'00000000-0000-0000-0000-000000000001'"},
      {"evaluated_for", "'2026-10-31'"},
      {"settings", "'{}'"},
      {"policy_domain", "'firm.example'"},
      {"old_verdict", "''"},
      {"old_health", "''"},
      {"old_confidence", "''"},
      {"new_verdict", "'not_ready'"},
      {"new_health", "''"},
      {"new_confidence", "''"},
      {"basis", "'live'"},
      {"ruleset", "'2026-11'"},
      {"sentence", "'Not yet.'"},
      {"blocking", "'{}'"}}},
    {"mx_host",
     {{"added_at", "'2026-11-02'"},
      {"policy_domain", "''"},
      {"mx_host", "'mx.firm.example'"},
      {"source", "'configured'"}}},
    {"imported_body",
     {{"digest", "'00000000-0000-0000-0000-000000000001'"},
      {"receipt_id", "'00000000-0000-7000-8000-000000000001'"},
      {"received_on", "'2026-11-03'"},
      {"oldest_day", "'2026-11-02'"}}},
    {"reporter",
     {{"added_at", "'2026-11-02'"},
      {"reporter", "'partner.example'"},
      {"name", "''"},
      {"signing_domains", "'{}'"},
      {"from_addresses", "'{}'"}}},
    {"quarantine_drop",
     {{"dropped_at", "'2026-11-02'"},
      {"withdrawn_at", "NULL"},
      {"receipt_id", "'00000000-0000-7000-8000-000000000001'"},
      {"received_on", "'2026-11-01'"},
      {"dropped_count", "1"},
      {"provenance", "1"},
      {"dropped_by", "'admin'"},
      {"why", "'unreadable for good'"},
      {"reporter", "''"},
      {"reason", "'parse'"},
      {"quarantined_domains", "'{}'"}}},
    {"mute",
     {{"made_at", "'2026-11-02'"},
      {"withdrawn_at", "NULL"},
      {"until", "'2026-11-30'"},
      {"reporter", "''"},
      {"who", "'root'"},
      {"why", "'noise'"}}},
    {"observation",
     {{"observed_at", "'2026-11-02 23:59:59+00'"},
      {"content_hash", "'00000000-0000-0000-0000-000000000001'"},
      {"observed_on", "'2026-11-02'"},
      {"complete", "true"},
      {"policy_domain", "'firm.example'"},
      {"node", "'a'"},
      {"document", "'{}'"}}},
    {"waiver",
     {{"made_at", "'2026-11-02 23:59:59+00'"},
      {"withdrawn_at", "NULL"},
      {"max_sessions", "1000"},
      {"until", "'2027-01-31'"},
      {"policy_domain", "'firm.example'"},
      {"waiver_id", "'a'"},
      {"reporter", "''"},
      {"result_type", "'unexplained'"},
      {"mx", "''"},
      {"reason", "''"},
      {"who", "'root'"},
      {"why", "'noise'"},
      {"withdrawn_by", "''"}}},
    {"domain_setting",
     {{"set_at", "'2026-11-02'"},
      {"policy_domain", "'firm.example'"},
      {"name", "'unsafe_min_sessions'"},
      {"plain_name", "'min_sessions'"},
      {"value", "NULL"},
      {"set_by", "'root'"}}},
    {"node",
     {{"heartbeat_at", "'2026-11-02'"},
      {"started_at", "'2026-11-02'"},
      {"spool_oldest_at", "NULL"},
      {"spool_depth", "0"},
      {"spool_waiting", "0"},
      {"node", "'a'"},
      {"spool_id", "'00000000-0000-7000-8000-000000000001'"},
      {"version", "'0.1.0'"}}},
    {"node_counter", {{"value", "0"}, {"node", "'a'"}, {"name", "'b'"}}},
    {"token",
     {{"created_at", "'2026-11-02'"},
      {"scope", "1"},
      {"token_id", "'abcdefgh'"},
      {"name", "''"},
      {"secret_hash", "decode(repeat('00', 32), 'hex')"},
      {"domains", "NULL"}}},
    {"work",
     {{"not_before", "'2026-11-02'"},
      {"lease_until", "NULL"},
      {"generation", "1"},
      {"attempts", "0"},
      {"domain", "''"},
      {"kind", "'evaluate'"},
      {"lease_node", "NULL"}}},
};

std::string Insert(const std::string& table, const Values& values) {
  std::string names;
  std::string texts;
  for (const auto& [name, value] : values) {
    names += (names.empty() ? "" : ", ") + name;
    texts += (texts.empty() ? "" : ", ") + value;
  }
  return "INSERT INTO " + table + " (" + names + ") VALUES (" + texts + ")";
}

struct BadRow {
  const char* table;
  const char* column;
  const char* value;
  const char* constraint;
};

const BadRow kBad[] = {
    {"receipt", "received_on", "'2026-11-04'", "receipt_received_on"},
    {"receipt", "report_count", "-1", "receipt_counts"},
    {"receipt", "stored_count", "-1", "receipt_counts"},
    {"receipt", "duplicate_count", "-1", "receipt_counts"},
    {"receipt", "quarantined_count", "-1", "receipt_counts"},
    {"receipt", "transport", "0", "receipt_transport"},
    {"receipt", "transport", "5", "receipt_transport"},
    {"receipt", "provenance", "4", "receipt_provenance"},
    {"receipt", "outcome", "0", "receipt_outcome"},
    {"receipt", "outcome", "5", "receipt_outcome"},
    {"report", "policy_domain", "'Firm.example'", "report_lower_case"},
    {"report", "vouched", "false", "report_reporter"},
    {"report", "provenance", "0", "report_vouched"},
    {"report", "provenance", "4", "report_provenance"},
    {"report", "period_end", "'2026-11-01'", "report_period"},
    {"report", "first_day", "'2026-11-03'", "report_days"},
    {"report", "last_day", "'2026-11-01'", "report_days"},
    {"policy_result", "policy_domain", "'Firm.example'", "policy_result_lower_case"},
    {"policy_result", "policy_type", "4", "policy_result_type"},
    {"policy_result", "vouched", "false", "policy_result_vouched"},
    {"policy_result", "first_day", "'2026-11-03'", "policy_result_days"},
    {"policy_result", "success_sessions", "-1", "policy_result_counts"},
    {"policy_result", "success_sessions", "1000000000001", "policy_result_counts"},
    {"policy_result", "failure_sessions", "1000000000001", "policy_result_counts"},
    {"policy_result", "unexplained_sessions", "-1", "policy_result_counts"},
    {"policy_result", "unexplained_sessions", "3", "policy_result_counts"},
    {"report_failure", "policy_domain", "'Firm.example'", "report_failure_lower_case"},
    {"report_failure", "details", "'{}'", "report_failure_details"},
    {"report_failure", "details",
     "ARRAY[(1,0,1,12,'',NULL,NULL,'','','','')::reported_failure]",
     "result_type_code_known"},
    {"report_failure", "details",
     "ARRAY[(1,0,-1,3,'',NULL,NULL,'','','','')::reported_failure]",
     "policy_type_code_known"},
    {"report_failure", "details",
     "ARRAY[(-1,0,1,3,'',NULL,NULL,'','','','')::reported_failure]",
     "session_count_range"},
    {"report_failure", "details",
     "ARRAY[(1000000000001,0,1,3,'',NULL,NULL,'','','','')::reported_failure]",
     "session_count_range"},
    {"report_failure", "details",
     "ARRAY[(1,0,1,3,'',NULL,NULL,'','',NULL,'')::reported_failure]",
     "said_text_not_null"},
    {"policy_text", "policy_domain", "'Firm.example'", "policy_text_lower_case"},
    {"policy_text", "policy_type", "4", "policy_text_type"},
    {"policy_text", "mode", "4", "policy_text_mode"},
    {"policy_text", "max_age_seconds", "-1", "policy_text_max_age"},
    {"domain_day", "policy_domain", "'Firm.example'", "domain_day_lower_case"},
    {"domain_day", "kind", "4", "domain_day_kind"},
    {"domain_day", "vouched_reports", "-1", "domain_day_counts"},
    {"domain_day", "unvouched_reports", "-1", "domain_day_counts"},
    {"domain_day", "vouched_success_sessions", "-1", "domain_day_counts"},
    {"domain_day", "unvouched_success_sessions", "-1", "domain_day_counts"},
    {"domain_day", "vouched_failure_sessions", "-1", "domain_day_counts"},
    {"domain_day", "unvouched_failure_sessions", "-1", "domain_day_counts"},
    {"domain_day", "vouched_unexplained_sessions", "-1", "domain_day_counts"},
    {"domain_day", "unvouched_unexplained_sessions", "-1", "domain_day_counts"},
    {"domain_day_failure", "policy_domain", "'A'", "domain_day_failure_lower_case"},
    {"domain_day_failure", "kind", "8", "domain_day_failure_kind"},
    {"domain_day_failure", "result_type", "99", "domain_day_failure_result_type"},
    {"domain_day_failure", "vouched_failed_sessions", "-1", "domain_day_failure_counts"},
    {"domain_day_failure", "unvouched_failed_sessions", "-1",
     "domain_day_failure_counts"},
    {"domain", "domain", "'Firm.example'", "domain_lower_case"},
    {"domain", "domain", "''", "domain_not_empty"},
    {"domain", "domain", "'.'", "domain_not_empty"},
    {"domain", "source", "'x'", "domain_source"},
    {"domain", "demo", "true", "domain_demo"},
    {"domain_status", "policy_domain", "'A'", "domain_status_lower_case"},
    {"domain_status", "verdict", "'perhaps'", "domain_status_verdict"},
    {"domain_status", "health", "'well'", "domain_status_health"},
    {"domain_status", "confidence", "'high'", "domain_status_confidence"},
    {"domain_status", "basis", "''", "domain_status_basis"},
    {"domain_status", "blocking", "'{intake_settled}'", "domain_status_ready"},
    {"state_change", "policy_domain", "'A'", "state_change_lower_case"},
    {"state_change", "change_no", "0", "state_change_no"},
    {"state_change", "new_verdict", "''", "state_change_is_one"},
    {"mx_host", "mx_host", "'MX.firm.example'", "mx_host_lower_case"},
    {"mx_host", "policy_domain", "'Firm.example'", "mx_host_lower_case"},
    {"mx_host", "mx_host", "''", "mx_host_not_empty"},
    {"mx_host", "source", "'x'", "mx_host_source"},
    {"report", "key_bits", "-1", "report_key_bits"},
    {"report", "why_unvouched", "'unsigned'", "report_why_unvouched"},
    {"reporter", "reporter", "'A'", "reporter_lower_case"},
    {"reporter", "reporter", "''", "reporter_not_empty"},
    {"quarantine_drop", "dropped_count", "0", "quarantine_drop_count"},
    {"quarantine_drop", "dropped_by", "''", "quarantine_drop_by"},
    {"quarantine_drop", "why", "''", "quarantine_drop_why"},
    {"mute", "reporter", "'A'", "mute_lower_case"},
    {"mute", "who", "''", "mute_not_empty"},
    {"mute", "why", "''", "mute_not_empty"},
    {"observation", "policy_domain", "'Firm.example'", "observation_lower_case"},
    {"observation", "policy_domain", "''", "observation_not_empty"},
    {"observation", "node", "''", "observation_not_empty"},
    {"observation", "observed_at", "'2026-11-03'", "observation_observed_on"},
    {"observation", "document", "'[]'", "observation_document"},
    {"waiver", "policy_domain", "'Firm.example'", "waiver_lower_case"},
    {"waiver", "policy_domain", "''", "waiver_not_empty"},
    {"waiver", "waiver_id", "''", "waiver_not_empty"},
    {"waiver", "result_type", "''", "waiver_not_empty"},
    {"waiver", "who", "''", "waiver_not_empty"},
    {"waiver", "why", "''", "waiver_not_empty"},
    {"waiver", "withdrawn_at", "'2026-11-03'", "waiver_withdrawn"},
    {"waiver", "withdrawn_by", "'root'", "waiver_withdrawn"},
    {"waiver", "until", "NULL", "waiver_future"},
    {"waiver", "max_sessions", "NULL", "waiver_future"},
    {"waiver", "until", "'2027-02-01'", "waiver_bounds"},
    {"waiver", "until", "'2026-11-01'", "waiver_bounds"},
    {"waiver", "max_sessions", "0", "waiver_bounds"},
    {"waiver", "max_sessions", "1001", "waiver_bounds"},
    {"domain_setting", "policy_domain", "'A'", "domain_setting_lower_case"},
    {"domain_setting", "policy_domain", "''", "domain_setting_not_empty"},
    {"domain_setting", "set_by", "''", "domain_setting_not_empty"},
    {"domain_setting", "name", "'min_days'", "domain_setting_name"},
    {"node", "spool_depth", "-1", "node_spool"},
    {"node", "spool_waiting", "-1", "node_spool"},
    {"node_counter", "value", "-1", "node_counter_value"},
    {"token", "scope", "0", "token_scope"},
    {"token", "scope", "3", "token_scope"},
    {"token", "secret_hash", "'\\x00'", "token_hash"},
    {"token", "domains", "'{}'", "token_domains"},
    {"work", "domain", "'A'", "work_lower_case"},
    {"work", "lease_until", "'2026-11-02'", "work_lease"},
    {"work", "lease_node", "'a'", "work_lease"},
    {"work", "generation", "0", "work_counts"},
    {"work", "attempts", "-1", "work_counts"},
};

class TablesTest : public ::testing::Test {
 protected:
  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> owner_ = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
};

TEST_F(TablesTest, GoodRowsAreTaken) {
  for (const auto& [table, values] : kGood) {
    SCOPED_TRACE(table);
    const auto error = test::Failure(*owner_, Insert(table, values));
    EXPECT_FALSE(error) << error->error.message;
    const auto twice = test::Failure(*owner_, Insert(table, values));
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->sqlstate, "23505") << twice->error.message;
  }
}

TEST_F(TablesTest, ConstraintsFireUnderTheirNames) {
  for (const BadRow& row : kBad) {
    SCOPED_TRACE(std::string(row.table) + "." + row.column + " = " + row.value);
    Values values = kGood.at(row.table);
    values.at(row.column) = row.value;
    const auto error = test::Failure(*owner_, Insert(row.table, values));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->sqlstate, "23514");
    EXPECT_EQ(error->what, PgFailure::kBadData);
    EXPECT_THAT(error->error.message,
                HasSubstr("\"" + std::string(row.constraint) + "\""));
  }
}

TEST_F(TablesTest, UnvouchedReportHasNoReporter) {
  Values values = kGood.at("report");
  values.at("vouched") = "false";
  values.at("provenance") = "0";
  const auto error = test::Failure(*owner_, Insert("report", values));
  ASSERT_TRUE(error);
  EXPECT_THAT(error->error.message, HasSubstr("\"report_reporter\""));
}

// All constraints have a row above, and no constraint has a name PostgreSQL made up.
TEST_F(TablesTest, EveryCheckIsTried) {
  std::string tried = "('schema_version_oldest')";
  for (const BadRow& row : kBad) tried += ",('" + std::string(row.constraint) + "')";
  EXPECT_EQ(test::Cell(*owner_,
                       "SELECT string_agg(DISTINCT conname, ' ') FROM pg_constraint "
                       "WHERE connamespace = 'tlsrptd'::regnamespace AND contype = 'c' "
                       "AND conname NOT IN (SELECT * FROM (VALUES " +
                           tried + ") AS t)"),
            "NULL");
}

// Citus and replicas cannot have these (DESIGN 5).
TEST_F(TablesTest, NoForeignKeysTriggersOrSequences) {
  EXPECT_EQ(test::Cell(*owner_,
                       "SELECT (SELECT count(*) FROM pg_constraint WHERE contype = 'f') "
                       "+ (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal) "
                       "+ (SELECT count(*) FROM pg_class WHERE relkind = 'S')"),
            "0");
}

// An operator's import without contact-info has no reporter, and neither has a
// stranger's copy of it: both must find a place, whichever comes first.
TEST_F(TablesTest, StrangersCopyDoesNotTakeTheOperatorsPlace) {
  Values stranger = kGood.at("report");
  stranger.at("reporter") = "''";
  stranger.at("vouched") = "false";
  stranger.at("provenance") = "0";
  ASSERT_FALSE(test::Failure(*owner_, Insert("report", stranger)));
  Values import = stranger;
  import.at("vouched") = "true";
  import.at("provenance") = "3";
  EXPECT_FALSE(test::Failure(*owner_, Insert("report", import)));
  EXPECT_EQ(test::Cell(*owner_, "SELECT count(*) FROM report"), "2");
}

TEST_F(TablesTest, RawBytesAreNotCompressedAgain) {
  EXPECT_EQ(test::Cell(*owner_,
                       "SELECT string_agg(DISTINCT attstorage::text, '') FROM "
                       "pg_attribute WHERE attname = 'body'"),
            "e");
}

// The evidence of a domain must not visit the table: 16 times slower when cold.
TEST_F(TablesTest, EvidenceIsAnIndexOnlyScan) {
  const auto plan = owner_->Transact([](Transaction& tx) {
    tx.Exec("SET LOCAL enable_seqscan = off");
    std::string text;
    for (const Row row :
         tx.Exec("EXPLAIN (COSTS off) SELECT report_key, policy_domain, day, first_day, "
                 "last_day, reporter, vouched, received_at, provenance, policy_ix, "
                 "policy_type, policy_hash, success_sessions, failure_sessions, "
                 "unexplained_sessions FROM policy_result WHERE policy_domain = "
                 "'firm.example' AND day BETWEEN '2026-10-10' AND '2026-11-03' "
                 "ORDER BY day, reporter, report_key, vouched, policy_ix")) {
      text += std::string(row.Text(0)) + "\n";
    }
    return text;
  });
  ASSERT_TRUE(plan) << plan.error().error.message;
  EXPECT_THAT(*plan, HasSubstr("Index Only Scan using policy_result_p202610_pkey"));
  EXPECT_THAT(*plan, HasSubstr("Index Only Scan using policy_result_p202611_pkey"));
  EXPECT_THAT(*plan, Not(HasSubstr("p202609")));
  EXPECT_THAT(*plan, Not(HasSubstr("Seq Scan")));
}

// Asked for every verdict.
TEST_F(TablesTest, VouchedQuarantineIsFoundByDomain) {
  const auto plan = owner_->Transact([](Transaction& tx) {
    tx.Exec("SET LOCAL enable_seqscan = off");
    std::string text;
    for (const Row row : tx.Exec(
             "EXPLAIN (COSTS off) SELECT count(*) FROM receipt WHERE quarantined_count > "
             "0 AND provenance <> 0 AND quarantined_domains @> '{firm.example}'")) {
      text += std::string(row.Text(0)) + "\n";
    }
    return text;
  });
  ASSERT_TRUE(plan) << plan.error().error.message;
  EXPECT_THAT(*plan, HasSubstr("quarantined_domains_idx"));
}

}  // namespace
}  // namespace tlsrpt::store
