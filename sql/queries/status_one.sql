-- How a domain stood when it was last evaluated.
SELECT verdict, health, confidence, changed_at FROM domain_status WHERE policy_domain = $1
