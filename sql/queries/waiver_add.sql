-- Somebody accepts one group of failures, as reported until now: by the clock of whoever
-- asks, but no later than by the database's, or one that is ahead would accept the future.
INSERT INTO waiver (policy_domain, waiver_id, reporter, result_type, mx, reason, who, why,
                    made_at, until, max_sessions, withdrawn_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, least($9::timestamptz, now()), $10::date,
        $11::bigint, '')
