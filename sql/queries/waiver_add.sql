-- Somebody accepts one group of failures.
INSERT INTO waiver (policy_domain, waiver_id, reporter, result_type, mx, reason, who, why,
                    made_at, until, max_sessions, withdrawn_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::date, $11::bigint, '')
