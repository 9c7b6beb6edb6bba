-- grafana_domain: our domains, and how each stands. A wildcard entry (".example.net") is
-- not one: no report is about it. `data` is 'demo' for what `tlsrptd demo` made up, and
-- 'real': never add up both.
--
-- `state` is the verdict as the worker last found it, or 'unknown' where there is none -
-- and in place of a 'ready' that something speaks against, as in the API's list: work on
-- the domain that waits, a status that is overdue or from a wrong clock, an intake that
-- is behind. The times are those of store/queries/fleet.h, api/fleet/moment.h and
-- api/readiness/settings.h.
CREATE OR REPLACE VIEW grafana_domain AS
SELECT domain.domain, CASE WHEN demo THEN 'demo' ELSE 'real' END AS data, source, added_at,
       CASE
           WHEN verdict IS NULL THEN 'unknown'
           WHEN verdict = 'ready'
                AND (next_evaluation < now() - interval '1 hour'
                     OR evaluated_at > now() + interval '5 minutes'
                     OR EXISTS (SELECT FROM work
                                WHERE kind = 'evaluate'
                                  AND work.domain IN ('', domain.domain))
                     OR EXISTS (SELECT FROM node
                                WHERE heartbeat_at < now() - interval '10 minutes'
                                   OR spool_oldest_at < now() - interval '1 minute'
                                   OR (spool_oldest_at IS NULL AND spool_depth > 0)))
               THEN 'unknown'
           ELSE verdict END AS state,
       coalesce(health, '') AS health,  -- 'ok' or 'at_risk' where the state is enforcing
       coalesce(sentence, 'Not evaluated yet.') AS sentence,
       evaluated_at
FROM domain
LEFT JOIN domain_status ON policy_domain = domain.domain
WHERE NOT starts_with(domain.domain, '.');
