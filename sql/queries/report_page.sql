-- A page of reports about some names ($1: a domain and its MX hosts), the newest day
-- first, $2 to $3. $4: only vouched (or not); $5: only of this reporter; NULL: all.
-- $6 to $10: the last row of the page before; NULL: the first page. At most $11.
SELECT policy_domain, day, report_key, reporter, vouched, provenance, organisation,
       report_id, period_start, period_end, received_at, receipt_id, why_unvouched,
       from_known,
       cardinality(anomalies) AS anomaly_count,
       NOT vouched AND EXISTS (SELECT FROM report AS v
                               WHERE v.policy_domain = r.policy_domain AND v.day = r.day
                                 AND v.report_key = r.report_key
                                 AND v.vouched) AS repeats_vouched
FROM report AS r
WHERE policy_domain = ANY ($1::text[])
  AND day BETWEEN $2::date AND least($3::date, coalesce($6::date, $3::date))
  AND ($4::boolean IS NULL OR vouched = $4::boolean)
  AND ($5::text IS NULL OR reporter = $5::text)
  AND ($6::date IS NULL
       OR (day, report_key, reporter, vouched, policy_domain)
          < ($6::date, $7::uuid, $8::text, $9::boolean, $10::text))
ORDER BY day DESC, report_key DESC, reporter DESC, vouched DESC, policy_domain DESC
LIMIT $11::bigint
