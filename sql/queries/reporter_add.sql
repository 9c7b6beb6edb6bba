-- A reporter is counted from now on. Adding it again adds addresses to it.
INSERT INTO reporter (reporter, name, signing_domains, from_addresses, added_at)
VALUES ($1, $2, $3::text[], $4::text[], $5)
ON CONFLICT (reporter) DO UPDATE SET
    name            = CASE WHEN EXCLUDED.name = '' THEN reporter.name
                           ELSE EXCLUDED.name END,
    signing_domains = ARRAY(SELECT DISTINCT unnest(reporter.signing_domains
                                                   || EXCLUDED.signing_domains) ORDER BY 1),
    from_addresses  = ARRAY(SELECT DISTINCT unnest(reporter.from_addresses
                                                   || EXCLUDED.from_addresses) ORDER BY 1)
