// What every sum in the database must equal, whatever was written in which order.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/support/test_server.h"

namespace tlsrpt::test {

inline std::string Counter(store::Connection& connection, const std::string& name) {
  return Cell(connection,
              "SELECT coalesce(sum(value), 0) FROM tlsrptd.node_counter WHERE name = '" +
                  name + "'");
}

// The rows of `report` that the sums hold: every one that nobody vouches for, and of the
// vouched ones with one report_key the one that counts (store::CountsBefore, written here
// a second time).
inline const std::string kCounting =
    " counting AS (SELECT policy_domain, day, report_key, reporter, vouched"
    "  FROM (SELECT *, row_number() OVER ("
    "   PARTITION BY policy_domain, day, report_key, vouched"
    "   ORDER BY CASE WHEN provenance = 3 THEN 1 WHEN from_known THEN 0 ELSE 2 END,"
    "    received_at, reporter) AS place FROM tlsrptd.report) AS ranked"
    "  WHERE place = 1)";

inline void ExpectSumsEqualRecount(store::Connection& connection) {
  // By policy type, and - kind 9 - the distinct sessions of each report (DESIGN 4,
  // Counting).
  EXPECT_EQ(
      Cell(connection,
           "WITH" + kCounting +
               ", per_type AS ("
               "  SELECT policy_domain, day, report_key, reporter, vouched, policy_type,"
               "   sum(success_sessions) s, sum(failure_sessions) f,"
               "   sum(unexplained_sessions) u"
               "  FROM tlsrptd.policy_result JOIN counting"
               "   USING (policy_domain, day, report_key, reporter, vouched)"
               "  GROUP BY 1, 2, 3, 4, 5, 6),"
               " per_report AS (SELECT policy_domain, day, vouched,"
               "   sum(s + f) FILTER (WHERE policy_type IN (0, 3)) AS other,"
               "   sum(f) FILTER (WHERE policy_type IN (0, 3)) AS other_f,"
               "   sum(u) FILTER (WHERE policy_type IN (0, 3)) AS other_u,"
               "   max(s + f) FILTER (WHERE policy_type IN (1, 2)) AS policies,"
               "   max(f) FILTER (WHERE policy_type IN (1, 2)) AS policies_f,"
               "   max(u) FILTER (WHERE policy_type IN (1, 2)) AS policies_u"
               "  FROM per_type GROUP BY policy_domain, day, report_key, reporter,"
               "   vouched),"
               " counts AS ("
               "  SELECT policy_domain, day, policy_type AS kind, vouched, s, f, u"
               "   FROM per_type"
               "  UNION ALL SELECT policy_domain, day, 9, vouched,"
               "   coalesce(other, 0) + coalesce(policies, 0) - coalesce(other_f, 0)"
               "    - coalesce(policies_f, 0),"
               "   coalesce(other_f, 0) + coalesce(policies_f, 0),"
               "   coalesce(other_u, 0) + coalesce(policies_u, 0) FROM per_report),"
               " recount AS (SELECT policy_domain, day, kind, vouched, sum(s) s,"
               "   sum(f) f, sum(u) u, count(*) r FROM counts GROUP BY 1, 2, 3, 4)"
               " SELECT count(*) FROM recount"
               " FULL JOIN (SELECT policy_domain, day, kind, vouched, s, f, u, r"
               "  FROM tlsrptd.domain_day, LATERAL (VALUES"
               "   (true, vouched_success_sessions, vouched_failure_sessions,"
               "    vouched_unexplained_sessions, vouched_reports),"
               "   (false, unvouched_success_sessions, unvouched_failure_sessions,"
               "    unvouched_unexplained_sessions, unvouched_reports))"
               "  AS side (vouched, s, f, u, r) WHERE (s, f, u, r) <> (0, 0, 0, 0)) AS"
               "  sums USING (policy_domain, day, kind, vouched)"
               " WHERE (recount.s, recount.f, recount.u, recount.r)"
               "  IS DISTINCT FROM (sums.s, sums.f, sums.u, sums.r)"),
      "0");
  EXPECT_EQ(
      Cell(connection,
           "WITH" + kCounting +
               ", counts AS ("
               "  SELECT policy_domain, day, policy_type AS kind, result_type, vouched,"
               "   failed_sessions AS n FROM tlsrptd.failure_detail JOIN counting"
               "   USING (policy_domain, day, report_key, reporter, vouched)"
               "  UNION ALL SELECT policy_domain, day, policy_type, 100, vouched,"
               "   unexplained_sessions FROM tlsrptd.policy_result JOIN counting"
               "   USING (policy_domain, day, report_key, reporter, vouched)),"
               " recount AS (SELECT policy_domain, day, kind, result_type, vouched,"
               "   sum(n) n FROM counts GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) > 0)"
               " SELECT count(*) FROM recount"
               " FULL JOIN (SELECT policy_domain, day, kind, result_type, vouched, n"
               "  FROM tlsrptd.domain_day_failure, LATERAL (VALUES"
               "   (true, vouched_failed_sessions), (false, unvouched_failed_sessions))"
               "  AS side (vouched, n) WHERE n <> 0) AS sums"
               " USING (policy_domain, day, kind, result_type, vouched)"
               " WHERE recount.n IS DISTINCT FROM sums.n"),
      "0");
  EXPECT_EQ(
      Cell(connection, "SELECT coalesce(sum(stored_count), 0) FROM tlsrptd.receipt"),
      Counter(connection, "reports_stored"));
  EXPECT_EQ(
      Cell(connection, "SELECT coalesce(sum(duplicate_count), 0) FROM tlsrptd.receipt"),
      Counter(connection, "reports_duplicate"));
  EXPECT_EQ(Cell(connection, "SELECT count(*) FROM tlsrptd.receipt"),
            Counter(connection, "receipts"));
  // Sessions as reports come, copies too (base/ops/metrics.h). The names are by code.
  EXPECT_EQ(
      Cell(connection,
           "WITH results AS (SELECT *, (ARRAY['other', 'sts', 'tlsa', 'no-policy-found'])"
           "   [policy_type + 1] AS type,"
           "   CASE WHEN vouched THEN '/vouched' ELSE '/unvouched' END AS side"
           "  FROM tlsrptd.policy_result),"
           " recount AS (SELECT name, sum(n) AS value FROM ("
           "  SELECT 'sessions/' || type || '/success' || side AS name,"
           "   success_sessions AS n FROM results"
           "  UNION ALL SELECT 'sessions/' || type || '/failure' || side,"
           "   failure_sessions FROM results) AS each GROUP BY name),"
           " kept AS (SELECT name, sum(value) AS value FROM tlsrptd.node_counter"
           "  WHERE name LIKE 'sessions/%' GROUP BY name)"
           " SELECT coalesce(string_agg(concat_ws(' ', name, 'counted', recount.value,"
           "  'kept', kept.value), ', '), '') FROM recount FULL JOIN kept USING (name)"
           " WHERE coalesce(recount.value, 0) <> coalesce(kept.value, 0)"),
      "");
  EXPECT_EQ(
      Cell(connection,
           "SELECT coalesce(sum(value), 0) FROM tlsrptd.node_counter"
           " WHERE name LIKE 'failed_sessions/%'"),
      Cell(connection,
           "SELECT (SELECT coalesce(sum(failed_sessions), 0) FROM tlsrptd.failure_detail)"
           " + (SELECT coalesce(sum(unexplained_sessions), 0)"
           "  FROM tlsrptd.policy_result)"));

  // A sum of nothing is no row; one of copies that do not count may be.
  EXPECT_EQ(Cell(connection,
                 "SELECT count(*) FROM tlsrptd.domain_day d"
                 " WHERE vouched_reports + unvouched_reports = 0"
                 "  AND NOT EXISTS (SELECT FROM tlsrptd.policy_result p"
                 "   WHERE p.policy_domain = d.policy_domain AND p.day = d.day"
                 "    AND d.kind IN (p.policy_type, 9))"),
            "0");
  EXPECT_EQ(Cell(connection,
                 "SELECT count(*) FROM tlsrptd.domain_day_failure d"
                 " WHERE vouched_failed_sessions + unvouched_failed_sessions = 0"
                 "  AND NOT EXISTS (SELECT FROM tlsrptd.policy_result p"
                 "   WHERE p.policy_domain = d.policy_domain AND p.day = d.day"
                 "    AND p.policy_type = d.kind)"),
            "0");
  // What a receipt calls a duplicate is stored by another.
  EXPECT_EQ(Cell(connection,
                 "SELECT count(*) FROM tlsrptd.receipt r, unnest(duplicate_keys) AS key"
                 " WHERE NOT EXISTS (SELECT FROM tlsrptd.report"
                 "  WHERE report_key = key AND report.receipt_id <> r.receipt_id)"),
            "0");
  EXPECT_EQ(
      Cell(connection,
           "SELECT count(*) FROM tlsrptd.receipt r WHERE stored_count <>"
           " (SELECT count(DISTINCT report_ix) FROM tlsrptd.report"
           "  WHERE report.receipt_id = r.receipt_id)"
           " OR report_count <> stored_count + duplicate_count + quarantined_count"),
      "0");
}

}  // namespace tlsrpt::test
