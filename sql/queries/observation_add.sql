-- A look at a live domain; one that is there stays.
INSERT INTO observation (policy_domain, observed_at, observed_on, complete, node,
                         content_hash, document)
VALUES ($1, $2, $3::date, $4::boolean, $5, $6::uuid, $7::json)
ON CONFLICT ON CONSTRAINT observation_pk DO NOTHING
