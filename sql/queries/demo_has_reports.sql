-- Whether anything is stored about $1.
SELECT EXISTS (SELECT FROM report WHERE policy_domain = $1)
