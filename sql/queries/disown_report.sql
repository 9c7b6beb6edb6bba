-- One row of `report`; its results and details go with it.
DELETE FROM report
WHERE policy_domain = $1 AND day = $2::date AND report_key = $3::uuid
  AND reporter = $4 AND vouched = $5::boolean
