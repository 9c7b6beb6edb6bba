-- Every vouched row of one report: from several reporters where somebody signs what is
-- another's, or guessed its report-id.
SELECT reporter, provenance, from_known, received_at
FROM report
WHERE policy_domain = $1 AND day = $2::date AND report_key = $3::uuid AND vouched
ORDER BY reporter
