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

inline void ExpectSumsEqualRecount(store::Connection& connection) {
  EXPECT_EQ(Cell(connection,
                 "SELECT count(*) FROM ("
                 " SELECT policy_domain, day, policy_type, vouched,"
                 "  sum(success_sessions) s, sum(failure_sessions) f,"
                 "  sum(unexplained_sessions) u, count(DISTINCT report_key) r"
                 " FROM tlsrptd.policy_result GROUP BY 1, 2, 3, 4) AS recount"
                 " FULL JOIN (SELECT policy_domain, day, kind AS policy_type, vouched,"
                 "  s, f, u, r FROM tlsrptd.domain_day, LATERAL (VALUES"
                 "   (true, vouched_success_sessions, vouched_failure_sessions,"
                 "    vouched_unexplained_sessions, vouched_reports),"
                 "   (false, unvouched_success_sessions, unvouched_failure_sessions,"
                 "    unvouched_unexplained_sessions, unvouched_reports))"
                 "  AS side (vouched, s, f, u, r) WHERE kind <> 9 AND r > 0) AS sums"
                 " USING (policy_domain, day, policy_type, vouched)"
                 " WHERE (recount.s, recount.f, recount.u, recount.r)"
                 "  IS DISTINCT FROM (sums.s, sums.f, sums.u, sums.r)"),
            "0");
  EXPECT_EQ(Cell(connection,
                 "SELECT count(*) FROM (SELECT policy_domain, day, policy_type,"
                 "  result_type, sum(failed_sessions) n FROM tlsrptd.failure_detail"
                 "  GROUP BY 1, 2, 3, 4"
                 "  UNION ALL SELECT policy_domain, day, policy_type, 100,"
                 "  sum(unexplained_sessions) FROM tlsrptd.policy_result"
                 "  WHERE unexplained_sessions > 0 GROUP BY 1, 2, 3) AS recount"
                 " FULL JOIN (SELECT policy_domain, day, kind AS policy_type,"
                 "  result_type, vouched_failed_sessions + unvouched_failed_sessions AS n"
                 "  FROM tlsrptd.domain_day_failure) AS sums"
                 " USING (policy_domain, day, policy_type, result_type)"
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

  // A sum of nothing is no row.
  EXPECT_EQ(Cell(connection,
                 "SELECT count(*) FROM tlsrptd.domain_day"
                 " WHERE vouched_reports + unvouched_reports = 0"),
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
