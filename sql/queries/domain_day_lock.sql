-- Keeps the sums of a day as they are until the end of the transaction.
SELECT 1 FROM domain_day WHERE policy_domain = $1 AND day = $2::date ORDER BY kind FOR UPDATE
