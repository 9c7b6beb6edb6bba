-- Whether a domain has this waiver.
SELECT waiver_id FROM waiver WHERE policy_domain = $1 AND waiver_id = $2
