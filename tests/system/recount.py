"""Counts again from the rows what the daemon keeps as sums, and says what differs."""

# Sums per report and policy type first: the distinct sessions of a report are
# no-policy-found + other + max(sts, tlsa) (DESIGN 4, Counting).
#
# Of the vouched rows with one report_key only the one that counts is in the sums: a
# reporter that its profile knows, then an operator's word, then any other signer, then
# whoever came first (DESIGN 4, Identity).
_COUNTS = """
    SELECT policy_domain, day, report_key, reporter, vouched FROM (
        SELECT *, row_number() OVER (
            PARTITION BY policy_domain, day, report_key, vouched
            ORDER BY CASE WHEN provenance = 3 THEN 1 WHEN from_known THEN 0 ELSE 2 END,
                     received_at, reporter) AS place
        FROM report) ranked
    WHERE place = 1
"""

_DOMAIN_DAY = f"""
WITH per_type AS (
    SELECT policy_domain, day, report_key, reporter, vouched, policy_type,
           sum(success_sessions) AS s, sum(failure_sessions) AS f,
           sum(unexplained_sessions) AS u
    FROM policy_result
    JOIN ({_COUNTS}) c USING (policy_domain, day, report_key, reporter, vouched)
    GROUP BY 1, 2, 3, 4, 5, 6
), per_report AS (
    SELECT policy_domain, day, report_key, reporter, vouched,
           coalesce(sum(s + f) FILTER (WHERE policy_type IN (0, 3)), 0)
           + greatest(coalesce(sum(s + f) FILTER (WHERE policy_type = 1), 0),
                      coalesce(sum(s + f) FILTER (WHERE policy_type = 2), 0)) AS all_s,
           coalesce(sum(f) FILTER (WHERE policy_type IN (0, 3)), 0)
           + greatest(coalesce(sum(f) FILTER (WHERE policy_type = 1), 0),
                      coalesce(sum(f) FILTER (WHERE policy_type = 2), 0)) AS f,
           coalesce(sum(u) FILTER (WHERE policy_type IN (0, 3)), 0)
           + greatest(coalesce(sum(u) FILTER (WHERE policy_type = 1), 0),
                      coalesce(sum(u) FILTER (WHERE policy_type = 2), 0)) AS u
    FROM per_type GROUP BY 1, 2, 3, 4, 5
), rows AS (
    SELECT policy_domain, day, policy_type AS kind, vouched, s, f, u FROM per_type
    UNION ALL
    SELECT policy_domain, day, 9, vouched, all_s - f, f, u FROM per_report
), counted AS (
    SELECT policy_domain, day, kind,
           coalesce(sum(s) FILTER (WHERE vouched), 0) AS vs,
           coalesce(sum(f) FILTER (WHERE vouched), 0) AS vf,
           coalesce(sum(u) FILTER (WHERE vouched), 0) AS vu,
           coalesce(sum(s) FILTER (WHERE NOT vouched), 0) AS us,
           coalesce(sum(f) FILTER (WHERE NOT vouched), 0) AS uf,
           coalesce(sum(u) FILTER (WHERE NOT vouched), 0) AS uu,
           count(*) FILTER (WHERE vouched) AS vr,
           count(*) FILTER (WHERE NOT vouched) AS ur
    FROM rows GROUP BY 1, 2, 3
), kept AS (
    SELECT policy_domain, day, kind, vouched_success_sessions AS vs,
           vouched_failure_sessions AS vf, vouched_unexplained_sessions AS vu,
           unvouched_success_sessions AS us, unvouched_failure_sessions AS uf,
           unvouched_unexplained_sessions AS uu, vouched_reports AS vr,
           unvouched_reports AS ur
    FROM domain_day
    -- What was all of a copy that does not count any more.
    WHERE vouched_reports + unvouched_reports > 0
)
(SELECT 'domain_day is not', * FROM (TABLE counted EXCEPT TABLE kept) a)
UNION ALL
(SELECT 'domain_day says', * FROM (TABLE kept EXCEPT TABLE counted) b)
"""

_DOMAIN_DAY_FAILURE = f"""
WITH c AS ({_COUNTS}), rows AS (
    SELECT policy_domain, day, policy_type AS kind, result_type, vouched,
           failed_sessions AS n
    FROM failure_detail JOIN c USING (policy_domain, day, report_key, reporter, vouched)
    UNION ALL
    SELECT policy_domain, day, policy_type, 100, vouched, unexplained_sessions
    FROM policy_result JOIN c USING (policy_domain, day, report_key, reporter, vouched)
    WHERE unexplained_sessions > 0
), counted AS (
    SELECT policy_domain, day, kind, result_type,
           coalesce(sum(n) FILTER (WHERE vouched), 0) AS v,
           coalesce(sum(n) FILTER (WHERE NOT vouched), 0) AS u
    FROM rows GROUP BY 1, 2, 3, 4 HAVING sum(n) > 0
), kept AS (
    SELECT policy_domain, day, kind, result_type, vouched_failed_sessions::numeric AS v,
           unvouched_failed_sessions::numeric AS u
    FROM domain_day_failure
    WHERE vouched_failed_sessions + unvouched_failed_sessions > 0
)
(SELECT 'domain_day_failure is not', * FROM (TABLE counted EXCEPT TABLE kept) a)
UNION ALL
(SELECT 'domain_day_failure says', * FROM (TABLE kept EXCEPT TABLE counted) b)
"""

_COUNTERS = """
WITH counted(name, value) AS (
    SELECT 'receipts', (SELECT count(*) FROM receipt)
    UNION ALL SELECT 'reports_stored',
        (SELECT count(*) FROM (SELECT DISTINCT receipt_id, report_ix FROM report) r)
    UNION ALL SELECT 'reports_duplicate',
        (SELECT coalesce(sum(duplicate_count), 0) FROM receipt)
), kept AS (SELECT name, sum(value) AS value FROM node_counter GROUP BY 1)
SELECT name, counted.value AS counted, coalesce(kept.value, 0) AS kept
FROM counted LEFT JOIN kept USING (name)
WHERE counted.value <> coalesce(kept.value, 0)
"""

_RECEIPTS = """
SELECT receipt_id, report_count, stored_count, duplicate_count, quarantined_count
FROM receipt r
WHERE report_count <> stored_count + duplicate_count + quarantined_count
   OR stored_count <> (SELECT count(DISTINCT report_ix) FROM report
                       WHERE report.receipt_id = r.receipt_id)
"""

# Every receipt has its bytes, under itself or, an import's duplicate of an import, under
# the one that it names: one that the operator vouched for and that stored as many reports
# as this one found known, or that held all of it then, for the reason that this one has.
_RAW = """
SELECT receipt_id, r.receipt_id IS NULL, w.receipt_id IS NULL, r.same_bytes_as
FROM receipt r FULL JOIN receipt_raw w USING (received_on, receipt_id)
WHERE r.receipt_id IS NULL
   OR (w.receipt_id IS NULL) <> (r.same_bytes_as IS NOT NULL)
   OR r.same_bytes_as IS NOT NULL AND NOT (
        r.transport = 4 AND r.outcome = 2 AND r.provenance = 3
        AND r.report_count > 0 AND r.duplicate_count = r.report_count
        AND EXISTS (SELECT FROM receipt o JOIN receipt_raw USING (received_on, receipt_id)
                    LEFT JOIN imported_body i USING (received_on, receipt_id)
                    WHERE o.receipt_id = r.same_bytes_as AND o.transport = 4
                    AND o.provenance = 3 AND o.same_bytes_as IS NULL
                    AND (i.digest IS NOT NULL AND o.stored_count = r.report_count
                         OR r.reason <> '')))
"""

# A receipt that names a report as a duplicate is the only copy of it if nobody stores it.
_LOST = """
SELECT receipt_id, key FROM receipt, unnest(duplicate_keys) AS key
WHERE NOT EXISTS (SELECT FROM report WHERE report_key = key)
"""

# Every report of these tests has a result, and no result stands without its report.
_ORPHANS = """
SELECT report_key FROM (SELECT DISTINCT policy_domain, day, report_key, reporter, vouched
                        FROM policy_result) p
FULL JOIN report r USING (policy_domain, day, report_key, reporter, vouched)
WHERE r.receipt_id IS NULL OR p.day IS NULL
"""


def differences(daemon):
    """Empty when every sum is what its rows add up to."""
    found = {}
    for name, sql in (("domain_day", _DOMAIN_DAY), ("failures", _DOMAIN_DAY_FAILURE),
                      ("node_counter", _COUNTERS), ("receipt", _RECEIPTS),
                      ("receipt_raw", _RAW), ("orphans", _ORPHANS),
                      ("lost", _LOST)):
        rows = daemon.rows(sql)
        if rows:
            found[name] = rows[:10]
    return found
