-- Adds what may be negative to the sums of a day that are there.
UPDATE domain_day SET
    vouched_reports                = vouched_reports + $4::integer,
    vouched_success_sessions       = vouched_success_sessions + $5::bigint,
    vouched_failure_sessions       = vouched_failure_sessions + $6::bigint,
    vouched_unexplained_sessions   = vouched_unexplained_sessions + $7::bigint,
    unvouched_reports              = unvouched_reports + $8::integer,
    unvouched_success_sessions     = unvouched_success_sessions + $9::bigint,
    unvouched_failure_sessions     = unvouched_failure_sessions + $10::bigint,
    unvouched_unexplained_sessions = unvouched_unexplained_sessions + $11::bigint
WHERE policy_domain = $1 AND day = $2::date AND kind = $3::smallint
