-- The same for the failures of a day.
UPDATE domain_day_failure SET
    vouched_failed_sessions   = vouched_failed_sessions + $5::bigint,
    unvouched_failed_sessions = unvouched_failed_sessions + $6::bigint
WHERE policy_domain = $1 AND day = $2::date AND kind = $3::smallint
  AND result_type = $4::smallint
