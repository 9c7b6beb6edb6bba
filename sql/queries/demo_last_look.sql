-- When the domain $1 was last looked at; NULL: never.
SELECT max(observed_at) FROM observation WHERE policy_domain = $1
