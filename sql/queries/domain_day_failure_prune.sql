-- The same; here only the details can tell, for one of zero sessions has a row as well.
DELETE FROM domain_day_failure AS sum
WHERE policy_domain = $1 AND day = $2::date AND kind = $3::smallint
  AND result_type = $4::smallint
  AND vouched_failed_sessions = 0 AND unvouched_failed_sessions = 0
  AND NOT EXISTS (SELECT FROM failure_detail AS detail
                  WHERE detail.policy_domain = sum.policy_domain
                    AND detail.day = sum.day AND detail.policy_type = sum.kind
                    AND detail.result_type = sum.result_type)
