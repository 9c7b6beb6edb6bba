-- grafana_report: every report once, as the row that counts.
--
-- A report may be stored several times under one report_key: unvouched beside vouched,
-- or under several signers. What counts is what CountsBefore() of store/model/vouching.h
-- says: vouched before unvouched, then a reporter that its profile knows, an operator's
-- word, any other signer; among equals the first received.
--
-- NOT EXISTS rather than a window: a filter on policy_domain and day then reaches both
-- sides, and Citus can send all of it to the shard of the domain.
CREATE OR REPLACE VIEW grafana_report AS
SELECT policy_domain, day, report_key, reporter, vouched, organisation, report_id,
       period_start, period_end, received_at, receipt_id
FROM report AS r
WHERE NOT EXISTS (
    SELECT FROM report AS other
    WHERE other.policy_domain = r.policy_domain AND other.day = r.day
      AND other.report_key = r.report_key
      AND ROW (NOT other.vouched,
               CASE WHEN other.provenance = 3 THEN 1
                    WHEN other.from_known THEN 0 ELSE 2 END,
               other.received_at, other.reporter)
        < ROW (NOT r.vouched,
               CASE WHEN r.provenance = 3 THEN 1
                    WHEN r.from_known THEN 0 ELSE 2 END,
               r.received_at, r.reporter));
