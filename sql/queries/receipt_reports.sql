-- The reports that some receipts ($1) left, by the domain each is filed under. On Citus
-- this asks every shard, so it is for a page of receipts at most.
SELECT receipt_id, policy_domain, day, report_key, reporter, vouched
FROM report
WHERE receipt_id = ANY ($1::uuid[])
ORDER BY receipt_id, report_ix, policy_domain
